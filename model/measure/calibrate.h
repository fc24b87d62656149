/* Calibration: a network runs on faces, and the ranges that int8 needs for the inputs of its
 * convolutions go into its weights, as tensors "NAME.input_range" [2,channels], lowest and highest.
 *
 * Every convolution but the first, which reads bytes, gets them; convolutions that read the same
 * tensor get the same. Also turns weights into the int8 form of weights files. One thread at a
 * time; inside, each of several threads runs crops of its own. The ranges do not depend on how
 * many there are. */
#ifndef WT_MODEL_CALIBRATE_H
#define WT_MODEL_CALIBRATE_H

#include "base/cpu.h"
#include "weights/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_calibrate_options {
    size_t crops; /* how many to run, 1.. */
    /* Fills crop i: rgb [input][input][3], the network's own size, or of a face detector a frame of
     * WT_TRAINING_FRAME_SIDE (detector_loss.h), from several threads at once.
     * Its error ends the calibration; the crop is requested once more, so that the error is logged.
     */
    enum wt_status (*crop)(void *user, size_t i, uint8_t *rgb);
    void (*progress)(void *user, size_t done); /* crops so far; may be NULL */
    void *user;
    int threads;             /* 0: one per physical core */
    enum wt_cpu_level level; /* kernels to use, in float32 */
};

/* Errors: those of crop(), FORMAT (no network of ours; numbers that are not finite), MEMORY; the
 * weights' other tensors stay as they are. */
enum wt_status wt_calibrate(struct wt_weights *w, const struct wt_calibrate_options *options);

/* The same with a few crops of noise: for networks of random weights, whose accuracy means nothing.
 */
enum wt_status wt_calibrate_noise(struct wt_weights *w, int threads, enum wt_cpu_level level);

/* Gives every convolution that int8 computes with its own weights the int8 form (weights.h). The
 * first one, those with coordinate channels and those that plans merge stay as they are. Errors:
 * FORMAT (not calibrated), MEMORY. */
enum wt_status wt_quantise_weights(struct wt_weights *w);

#ifdef __cplusplus
}
#endif
#endif
