/* Bad lines of a text file, or other bad things of which there may be many: the first ten are
 * reported, then a count. Plain data; one thread. */
#ifndef WT_MODEL_BAD_LINES_H
#define WT_MODEL_BAD_LINES_H

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_bad_lines {
    const char *path; /* not owned */
    size_t count;     /* so far */
};

/* Reports path:line: reason. Always WT_ERR_FORMAT, so that it can be returned. */
enum wt_status wt_bad_line(struct wt_bad_lines *bad, int line, const char *format, ...)
    WT_PRINTF(3, 4);
/* Reports where: reason, where something else than a line of `path` is bad. */
enum wt_status wt_bad_thing(struct wt_bad_lines *bad, const char *where, const char *reason);

/* Whether some have not been reported, so that a count is due. */
bool wt_bad_lines_cut(const struct wt_bad_lines *bad);
/* At the end of the file: WT_ERR_FORMAT if there was one, after a line about those not reported. */
enum wt_status wt_bad_lines_end(const struct wt_bad_lines *bad);

#ifdef __cplusplus
}
#endif
#endif
