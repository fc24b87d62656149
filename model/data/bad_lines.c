#include "data/bad_lines.h"

#include <stdarg.h>
#include <stdio.h>

enum { REPORTED = 10 };

enum wt_status wt_bad_thing(struct wt_bad_lines *bad, const char *where, const char *reason)
{
    if (++bad->count <= REPORTED)
        wt_fail(WT_ERR_FORMAT, "%s: %s", where, reason);
    return WT_ERR_FORMAT;
}

enum wt_status wt_bad_line(struct wt_bad_lines *bad, int line, const char *format, ...)
{
    char where[4096 + 16], reason[512];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    snprintf(where, sizeof where, "%s:%d", bad->path, line);
    return wt_bad_thing(bad, where, reason);
}

bool wt_bad_lines_cut(const struct wt_bad_lines *bad)
{
    return bad->count > REPORTED;
}

enum wt_status wt_bad_lines_end(const struct wt_bad_lines *bad)
{
    if (wt_bad_lines_cut(bad))
        wt_fail(WT_ERR_FORMAT, "%s: %zu bad lines in all", bad->path, bad->count);
    return bad->count ? WT_ERR_FORMAT : WT_OK;
}
