#include "data/bad_lines.h"

#include <stdarg.h>
#include <stdio.h>

enum { REPORTED = 10 };

enum wt_status wt_bad_line(struct wt_bad_lines *bad, int line, const char *format, ...)
{
    char reason[512];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    if (++bad->count <= REPORTED)
        wt_fail(WT_ERR_FORMAT, "%s:%d: %s", bad->path, line, reason);
    return WT_ERR_FORMAT;
}

enum wt_status wt_bad_lines_end(const struct wt_bad_lines *bad)
{
    if (bad->count > REPORTED)
        wt_fail(WT_ERR_FORMAT, "%s: %zu bad lines in all", bad->path, bad->count);
    return bad->count ? WT_ERR_FORMAT : WT_OK;
}
