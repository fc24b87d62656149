#include "base/checksum.h"

#include <stdio.h>

#include <libavutil/mem.h>
#include <libavutil/sha.h>

void wt_sha256(const void *bytes, size_t size, char text[WT_SHA256_SIZE])
{
    unsigned char digest[32];
    struct AVSHA *sha = av_sha_alloc();
    text[0] = '\0';
    if (!sha)
        return;
    av_sha_init(sha, 256);
    av_sha_update(sha, bytes, size);
    av_sha_final(sha, digest);
    av_free(sha);
    for (int i = 0; i < 32; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
}
