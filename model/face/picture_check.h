/* Is a picture file whole? The decoders behind OpenCV fill a truncated JPEG up with grey without an
 * error, and print lines of their own about a damaged PNG; a user is to get one line from us
 * instead. Stateless, thread-safe. */
#ifndef WT_MODEL_PICTURE_CHECK_H
#define WT_MODEL_PICTURE_CHECK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NULL, or what is wrong in a few words. PNG: every chunk is there and its CRC holds (W3C
 * PNG, 5.3); JPEG: the last scan has its end marker (ITU T.81, B.1.1.3). Other formats are not
 * looked into. */
const char *wt_picture_damage(const uint8_t *bytes, size_t size);

#ifdef __cplusplus
}
#endif
#endif
