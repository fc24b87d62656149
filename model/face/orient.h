/* Turning and mirroring pictures. The numbers are EXIF's: how the stored picture becomes upright.
 *   1 as it is           2 mirrored left-right      3 turned by half     4 mirrored top-bottom
 *   5 transposed         6 a quarter clockwise      7 the other diagonal 8 a quarter back
 * Stateless, thread-safe. */
#ifndef WT_MODEL_ORIENT_H
#define WT_MODEL_ORIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Does it exchange width and height? */
bool wt_orient_swaps(int orientation);

/* Writes the upright picture of width x height stored pixels of three bytes each into `to`, which
 * has the turned size and shares no memory with `from`. Strides in bytes. */
void wt_orient(int orientation, const uint8_t *from, ptrdiff_t from_stride, int width, int height,
               uint8_t *to, ptrdiff_t to_stride);

#ifdef __cplusplus
}
#endif
#endif
