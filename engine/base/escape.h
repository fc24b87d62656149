/* Text of others (names of files, metadata) made fit to be shown: no line of ours becomes two, and
 * nothing in it commands the terminal. Pure functions. */
#ifndef WT_ENGINE_ESCAPE_H
#define WT_ENGINE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One character of a text, and how it is shown: itself, or `\n`, `\x1b`, `\u202e`. */
struct wt_escaped {
    char text[12];
    size_t length; /* of text, which a NUL ends */
    size_t taken;  /* bytes of the source, at least 1 */
    bool valid;    /* well-formed UTF-8 */
};

/* At the first of a text's bytes, which a NUL ends. Escaped are control characters (C0, DEL, C1),
 * those that turn the direction of text, line separators, and bytes that are no UTF-8. */
struct wt_escaped wt_escape_next(const char *text);

/* All of it into a buffer of `size` bytes, NUL included; cut after a whole character where it is
 * too small. Returns `out`. */
char *wt_escape(const char *text, char *out, size_t size);

/* The same as a value, for the arguments of printf; cut at its size. */
struct wt_escaped_line {
    char text[1024];
};
struct wt_escaped_line wt_escaped_line(const char *text);
#define WT_SHOWN(string) (wt_escaped_line(string).text)

#ifdef __cplusplus
}
#endif
#endif
