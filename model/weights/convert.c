#include "weights/convert.h"

#include "weights/half.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "weights files are little endian; so must be the machine"
#endif

void wt_convert_f64(float *to, const uint8_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double d;
        memcpy(&d, from + 8 * i, sizeof d);
        to[i] = (float)d;
    }
}

void wt_convert_f32(float *to, const uint8_t *from, size_t count)
{
    if (count)
        memcpy(to, from, count * sizeof *to);
}

void wt_convert_f16(float *to, const uint8_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = wt_float_from_f16((uint16_t)(from[2 * i] | from[2 * i + 1] << 8));
}

void wt_convert_bf16(float *to, const uint8_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = wt_float_from_bf16((uint16_t)(from[2 * i] | from[2 * i + 1] << 8));
}

void wt_convert_i8(float *to, const uint8_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (float)(int8_t)from[i];
}
