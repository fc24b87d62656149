/* Status codes and log callback: the part of the public interface that the engine shares.
 * Include wingtip.h instead; see there for the rules. */
#ifndef WT_STATUS_H
#define WT_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

enum wt_status {
    WT_OK = 0,
    WT_END,             /* no more input; not an error, nothing is logged */
    WT_ERR_ARGUMENT,    /* the caller's argument is out of range */
    WT_ERR_MEMORY,      /* out of memory */
    WT_ERR_IO,          /* the operating system refused: missing file, full disk, ... */
    WT_ERR_FORMAT,      /* the bytes are not what they claim to be */
    WT_ERR_UNSUPPORTED, /* well-formed, but beyond what this build can do */
    WT_ERR_LOST,        /* a device that was there has gone */
};

/* A few words for a status; never NULL. */
const char *wt_status_text(enum wt_status status);

enum wt_log_level { WT_LOG_ERROR, WT_LOG_WARN, WT_LOG_INFO, WT_LOG_DEBUG };

/* line: one message without newline, valid during the call. May be called from any thread. */
typedef void wt_log_fn(void *user, enum wt_log_level level, const char *line);

/* Routes messages up to `level` to fn; fn NULL: back to standard error. Not thread-safe against
 * running calls: set it first. */
void wt_set_log(wt_log_fn *fn, void *user, enum wt_log_level level);

#ifdef __cplusplus
}
#endif
#endif
