/* OpenCV's part of augmentation; see augment.h. rgb [size][size][3], changed in place. Stateless,
 * thread-safe. Errors: MEMORY. */
#ifndef WT_MODEL_AUGMENT_CV_H
#define WT_MODEL_AUGMENT_CV_H

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_status wt_augment_blur(uint8_t *rgb, int size, float sigma);
/* Down to side x side by area, and back bilinearly. */
enum wt_status wt_augment_low(uint8_t *rgb, int size, int side);
/* Coded as JPEG of this quality, and decoded. */
enum wt_status wt_augment_jpeg(uint8_t *rgb, int size, int quality);

/* OpenCV runs its own threads inside a call; beside several threads of ours that costs more than it
 * gains. Turns it off for the whole process. */
void wt_opencv_single_thread(void);

#ifdef __cplusplus
}
#endif
#endif
