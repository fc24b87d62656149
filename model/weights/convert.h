/* Numbers as files hold them (little endian, any alignment) to float. Pure functions. */
#ifndef WT_MODEL_CONVERT_H
#define WT_MODEL_CONVERT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void wt_convert_fn(float *to, const uint8_t *from, size_t count);

wt_convert_fn wt_convert_f64, wt_convert_f32, wt_convert_f16, wt_convert_bf16, wt_convert_i8;

#ifdef __cplusplus
}
#endif
#endif
