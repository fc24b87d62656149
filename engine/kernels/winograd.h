/* Winograd F(4x4, 3x3): what the transforms of the inputs and outputs (winograd_f32.inc) and of the
 * filters (plan_pack.c) share. Not the products: those are plain matrix products. */
#ifndef WT_ENGINE_WINOGRAD_H
#define WT_ENGINE_WINOGRAD_H

/* A tile: OUT x OUT outputs from IN x IN inputs, by one product at each of IN x IN positions. */
enum { WT_WINOGRAD_OUT = 4, WT_WINOGRAD_IN = 6, WT_WINOGRAD_POSITIONS = 36 };

/* Most input channels of a convolution in whole numbers (winograd_u8.inc): the results, four times
 * its sums, fit 32 bits. */
enum { WT_WINOGRAD_CHANNELS = 1840 };

/* F(4x4) in whole numbers (winograd4_u8.inc): its sums are within +- this. */
enum { WT_WINOGRAD_SUM = 1 << 25 };

/* Points of interpolation: 0, +-A, +-B, infinity. Their products that occur are exact in float32.
 */
#define WT_WINOGRAD_A 0.6875f
#define WT_WINOGRAD_B 1.375f

#endif
