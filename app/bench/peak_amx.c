#include "bench/peak_loops.h"

#include <immintrin.h>
#include <stdint.h>

/* Shapes of the tile registers, as LDTILECFG wants them (Intel's Software Developer's Manual). */
struct tile_config {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

/* Eight full tiles: 16 rows of 64 bytes. */
static const struct tile_config full = {
    .palette = 1,
    .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {16, 16, 16, 16, 16, 16, 16, 16},
};

/* The factors, 4 to 7, are zero; the time does not depend on them. */
static void take_tiles(void)
{
    _tile_loadconfig(&full);
    _tile_zero(4);
    _tile_zero(5);
    _tile_zero(6);
    _tile_zero(7);
}

/* Four sums, 0 to 3, hide the latency of the one unit. */
#define LOOP(name, instruction, operations)                                                        \
    static double name##_loop(long steps)                                                          \
    {                                                                                              \
        take_tiles();                                                                              \
        _tile_zero(0);                                                                             \
        _tile_zero(1);                                                                             \
        _tile_zero(2);                                                                             \
        _tile_zero(3);                                                                             \
        for (long i = 0; i < steps; i++) {                                                         \
            instruction(0, 4, 6);                                                                  \
            instruction(1, 4, 7);                                                                  \
            instruction(2, 5, 6);                                                                  \
            instruction(3, 5, 7);                                                                  \
        }                                                                                          \
        _tile_release();                                                                           \
        return (double)steps * 4 * (operations);                                                   \
    }                                                                                              \
    wt_peak_loop *const name = name##_loop;

LOOP(wt_peak_int8__amx, _tile_dpbusd, 2.0 * 16 * 16 * 64)
LOOP(wt_peak_bf16__amx, _tile_dpbf16ps, 2.0 * 16 * 16 * 32)
