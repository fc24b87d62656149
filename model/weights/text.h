/* Strings from untrusted files. Pure functions. */
#ifndef WT_MODEL_TEXT_H
#define WT_MODEL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Well-formed UTF-8 (RFC 3629: shortest forms only, no surrogates) without a NUL? */
bool wt_utf8_valid(const void *bytes, size_t size);

/* A name made short and printable for an error line: at most 63 bytes, unprintable ones as '?'. */
struct wt_printable_text {
    char text[68];
};
struct wt_printable_text wt_printable(const void *bytes, size_t size);

#ifdef __cplusplus
}
#endif
#endif
