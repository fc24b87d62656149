/* What this CPU can do, and how much of it we may use.
 *
 * Levels are cumulative names for tests and for --cpu-mask; the kernel table asks for features.
 * Thread-safe: detection runs once. Environment WINGTIP_CPU_MASK lowers the default level. */
#ifndef WT_ENGINE_CPU_H
#define WT_ENGINE_CPU_H

#include <stddef.h>

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_cpu_level {
    WT_CPU_C,          /* portable C for the baseline of the architecture */
    WT_CPU_AVX2,       /* AVX2 + FMA + F16C, YMM state enabled by the operating system */
    WT_CPU_AVX512,     /* AVX-512 F, BW, DQ, VL, ZMM state enabled */
    WT_CPU_AVX512BF16, /* and its bfloat16 dot product */
    WT_CPU_AMX,        /* AMX tiles for bfloat16, with the kernel's permission to use them */
    WT_CPU_LEVELS
};

struct wt_cpu {
    char brand[64];
    int cores;               /* physical cores this process may use */
    int threads;             /* logical ones */
    enum wt_cpu_level level; /* best level, after WINGTIP_CPU_MASK */
    /* features, whether or not a kernel uses them yet; for doctor */
    int avx2, fma, avx512, avx_vnni, avx512_vnni, avx512_bf16, amx_bf16, amx_int8;
    size_t l1d, l2, l3; /* bytes; 0 unknown */
};

const struct wt_cpu *wt_cpu_get(void);
const char *wt_cpu_level_name(enum wt_cpu_level level);

/* Parses a level's name, or "auto" / NULL (best). A level the CPU lacks: UNSUPPORTED;
 * another word: ARGUMENT. */
enum wt_status wt_cpu_parse_level(const char *text, enum wt_cpu_level *level);

/* Threads to use for a request: 0 means one per physical core; clamped to 1..64. */
int wt_cpu_threads(int requested);

#ifdef __cplusplus
}
#endif
#endif
