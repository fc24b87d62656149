/* SHA-256 as sha256sum prints it. Stateless, thread-safe. */
#ifndef WT_APP_CHECKSUM_H
#define WT_APP_CHECKSUM_H

#include <stddef.h>

#define WT_SHA256_SIZE 65

/* Hexadecimal digits and a NUL; an empty string when memory ran out. */
void wt_sha256(const void *bytes, size_t size, char text[WT_SHA256_SIZE]);

#endif
