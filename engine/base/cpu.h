/* What this CPU can do, and how much of it we may use.
 *
 * A level names a set of features, for tests and for --cpu-mask: not a ladder, as some CPUs have
 * AVX-VNNI without AVX-512 and others AVX-512 without it.
 * Thread-safe: detection runs once. Environment WINGTIP_CPU_MASK lowers the default level. OpenBLAS
 * is looked for only where no better level is usable, or when asked for. */
#ifndef WT_ENGINE_CPU_H
#define WT_ENGINE_CPU_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_cpu_level {
    WT_CPU_C,       /* portable C for the baseline of the architecture */
    WT_CPU_BLAS,    /* the same with OpenBLAS's matrix products, where it is installed */
    WT_CPU_SSE2,    /* 128-bit vectors: x86-64's baseline */
    WT_CPU_NEON,    /* 128-bit vectors: arm64's baseline */
    WT_CPU_DOTPROD, /* NEON level and the dot product of signed bytes */
    WT_CPU_I8MM,    /* that and the dot product of unsigned with signed bytes */
    WT_CPU_AVX2, /* SSE2 level and AVX2 + FMA + F16C, YMM state enabled by the operating system */
    WT_CPU_AVXVNNI,    /* AVX2 level and the 256-bit dot product of bytes */
    WT_CPU_AVX512,     /* AVX2 level and AVX-512 F, BW, DQ, VL, ZMM state enabled */
    WT_CPU_AVX512VNNI, /* AVX-512 level and its dot product of bytes */
    WT_CPU_AVX512BF16, /* that and the dot product of bfloat16 */
    WT_CPU_AMX,        /* that and AMX tiles for bfloat16 and bytes, with the kernel's permission */
    WT_CPU_LEVELS
};

struct wt_cpu {
    char brand[64];
    int cores;               /* physical cores this process may use */
    int threads;             /* logical ones */
    enum wt_cpu_level level; /* best level, after WINGTIP_CPU_MASK */
    /* features by themselves; for doctor */
    int neon, dotprod, i8mm;
    int avx2, fma, avx512, avx_vnni, avx512_vnni, avx512_bf16, amx_bf16, amx_int8;
    size_t l1d, l2, l3; /* bytes; 0 unknown */
};

const struct wt_cpu *wt_cpu_get(void);
const char *wt_cpu_level_name(enum wt_cpu_level level);

/* Whether this CPU can run a level and WINGTIP_CPU_MASK leaves it. */
bool wt_cpu_usable(enum wt_cpu_level level);

/* Whether kernels written for `part` may run at a level: `part`'s features are among the level's.
 */
bool wt_cpu_level_includes(enum wt_cpu_level level, enum wt_cpu_level part);

/* Parses a level's name, or "auto" / NULL (best). A level that the CPU lacks or that
 * WINGTIP_CPU_MASK excludes: UNSUPPORTED; another word: ARGUMENT. */
enum wt_status wt_cpu_parse_level(const char *text, enum wt_cpu_level *level);

/* Threads to use for a request: 0 means one per physical core; clamped to 1..64. */
int wt_cpu_threads(int requested);

#ifdef __cplusplus
}
#endif
#endif
