/* From heatmaps to points. Stateless, thread-safe. */
#ifndef WT_MODEL_DECODE_H
#define WT_MODEL_DECODE_H

#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Measured, NME by the outer eye corners in %, truth crops, shipped weights (wingtip eval --data
 * LIST --decoder NAME; faces98/val also in tests/faces/test_decoders.c):
 *              faces98/val (150)  faces68/test_helen (330)  faces98/test (103)
 *   centroid         3.91                 3.24                    9.07
 *   published        3.96                 3.43                    9.18
 *   dark             3.84                 3.18                    8.97
 * and on perfect Gaussian targets the mean error is 0.33, 1.02 and 0.003 crop pixels. Of a network
 * of 32 x 32 maps, whose targets had a deviation of 1.4 cells, on faces98/val: 3.96, 4.26 and 3.96.
 */
enum wt_decoder {
    WT_DECODE_CENTROID,  /* 5x5 centroid of the squared, clipped map around the peak: what the
                            reference scores with, so the default for comparing figures */
    WT_DECODE_PUBLISHED, /* argmax, a quarter cell towards the higher neighbour, minus a half */
    WT_DECODE_DARK,      /* Taylor step on the log of the smoothed map (Zhang et al., CVPR 2020) */
    WT_DECODE_TRACKER = WT_DECODE_DARK, /* what the tracker uses: the best measured */
};

const char *wt_decoder_name(enum wt_decoder decoder);
/* Returns false for an unknown name. */
bool wt_decoder_parse(const char *name, enum wt_decoder *decoder);

/* maps [size][size][stride]: cell (i,j) of channel c is maps[(i * size + j) * stride + c], its
 * centre at crop pixel (4 j + 1.5, 4 i + 1.5) whatever the size. points: channels to decode. out
 * [points]: crop pixels. confidence [points], may be NULL: 0..1 from height and sharpness of the
 * peak. Finite for any input, NaN included. */
void wt_decode(const float *maps, int size, int stride, int points, enum wt_decoder decoder,
               struct wt_point *out, float *confidence);

/* The same, and how wide each peak is. ellipse [points], may be NULL: crop pixels, of the squared
 * map's second moments within 13 x 13 cells around the peak, doubled, which are those of the map
 * where it is a Gaussian. A map without a peak counts as spread evenly. Finite for any input. */
void wt_decode_with_ellipse(const float *maps, int size, int stride, int points,
                            enum wt_decoder decoder, struct wt_point *out, float *confidence,
                            struct wt_ellipse *ellipse);

#ifdef __cplusplus
}
#endif
#endif
