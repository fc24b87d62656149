/* A line of text that keeps its beginning and its end where there is not the room for all of it: of
 * a file's name both say what it is. Pure. */
#ifndef WT_APP_SHORTEN_H
#define WT_APP_SHORTEN_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How wide the text from `from` to `to` is, in the unit of `room`. */
typedef float wt_text_width(const char *from, const char *to, void *user);

/* Writes `text`, UTF-8, or its beginning, three dots and its end, each about half of the rest of
 * the room; characters stay whole. Cut at `size`, NUL included. Returns `out`. */
char *wt_shorten(char *out, size_t size, const char *text, float room, wt_text_width *width,
                 void *user);

#ifdef __cplusplus
}
#endif
#endif
