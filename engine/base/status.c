#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/escape.h"

static struct {
    wt_log_fn *fn;
    void *user;
    enum wt_log_level level;
} sink = {NULL, NULL, WT_LOG_INFO};

static _Thread_local enum wt_log_level fail_level = WT_LOG_ERROR;

const char *wt_status_text(enum wt_status status)
{
    static const char *const text[] = {
        [WT_OK] = "ok",
        [WT_END] = "end of input",
        [WT_ERR_ARGUMENT] = "wrong argument",
        [WT_ERR_MEMORY] = "out of memory",
        [WT_ERR_IO] = "input/output error",
        [WT_ERR_FORMAT] = "malformed data",
        [WT_ERR_UNSUPPORTED] = "not supported",
        [WT_ERR_LOST] = "device lost",
    };
    size_t i = (size_t)status;
    return i < sizeof text / sizeof *text ? text[i] : "unknown status";
}

void wt_set_log(wt_log_fn *fn, void *user, enum wt_log_level level)
{
    sink.fn = fn;
    sink.user = user;
    sink.level = level;
}

enum wt_log_level wt_fail_level(enum wt_log_level level)
{
    const enum wt_log_level before = fail_level;
    fail_level = level;
    return before;
}

bool wt_log_enabled(enum wt_log_level level)
{
    return level <= sink.level;
}

static void log_va(enum wt_log_level level, const char *format, va_list args)
{
    static const char *const prefix[] = {"error: ", "warning: ", "", "debug: "};
    char raw[1024], line[1536];
    if (!wt_log_enabled(level))
        return;
    vsnprintf(raw, sizeof raw, format, args);
    wt_escape(raw, line, sizeof line); /* names and metadata in it are anybody's */
    if (sink.fn)
        sink.fn(sink.user, level, line);
    else
        fprintf(stderr, "wingtip: %s%s\n", prefix[level], line);
}

void wt_log(enum wt_log_level level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_va(level, format, args);
    va_end(args);
}

enum wt_status wt_fail(enum wt_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_va(fail_level, format, args);
    va_end(args);
    return status;
}
