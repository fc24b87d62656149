/* Bytes as text, for pictures inside HTML and SVG. Stateless, thread-safe. */
#ifndef WT_APP_BASE64_H
#define WT_APP_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* To be freed; NULL, after a line: memory ran out. */
char *wt_base64(const uint8_t *bytes, size_t size);

#endif
