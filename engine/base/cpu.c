#include "base/cpu.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/blas.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

static const char *const level_names[WT_CPU_LEVELS] = {
    "c",    "blas",    "sse2",   "neon",       "dotprod",    "i8mm",
    "avx2", "avxvnni", "avx512", "avx512vnni", "avx512bf16", "amx"};

/* What a level consists of, itself included. */
#define BIT(level) (1u << WT_CPU_##level)
static const unsigned level_parts[WT_CPU_LEVELS] = {
    [WT_CPU_C] = BIT(C),
    [WT_CPU_BLAS] = BIT(C) | BIT(BLAS),
    [WT_CPU_SSE2] = BIT(C) | BIT(SSE2),
    [WT_CPU_NEON] = BIT(C) | BIT(NEON),
    [WT_CPU_DOTPROD] = BIT(C) | BIT(NEON) | BIT(DOTPROD),
    [WT_CPU_I8MM] = BIT(C) | BIT(NEON) | BIT(DOTPROD) | BIT(I8MM),
    [WT_CPU_AVX2] = BIT(C) | BIT(SSE2) | BIT(AVX2),
    [WT_CPU_AVXVNNI] = BIT(C) | BIT(SSE2) | BIT(AVX2) | BIT(AVXVNNI),
    [WT_CPU_AVX512] = BIT(C) | BIT(SSE2) | BIT(AVX2) | BIT(AVX512),
    [WT_CPU_AVX512VNNI] = BIT(C) | BIT(SSE2) | BIT(AVX2) | BIT(AVX512) | BIT(AVX512VNNI),
    [WT_CPU_AVX512BF16] =
        BIT(C) | BIT(SSE2) | BIT(AVX2) | BIT(AVX512) | BIT(AVX512VNNI) | BIT(AVX512BF16),
    [WT_CPU_AMX] =
        BIT(C) | BIT(SSE2) | BIT(AVX2) | BIT(AVX512) | BIT(AVX512VNNI) | BIT(AVX512BF16) | BIT(AMX),
};

/* Without a name from the processor itself, the architecture's. */
static void read_machine(struct wt_cpu *cpu)
{
    struct utsname name;
    if (uname(&name) == 0)
        snprintf(cpu->brand, sizeof cpu->brand, "%.50s processor", name.machine);
    else
        snprintf(cpu->brand, sizeof cpu->brand, "unknown CPU");
}

#if defined(__x86_64__)
static unsigned long long xcr0(void)
{
    unsigned lo, hi;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return (unsigned long long)hi << 32 | lo;
}

static void read_brand(struct wt_cpu *cpu)
{
    unsigned r[12] = {0};
    if (__get_cpuid_max(0x80000000u, NULL) < 0x80000004u)
        return;
    for (unsigned i = 0; i < 3; i++)
        __get_cpuid(0x80000002u + i, &r[4 * i], &r[4 * i + 1], &r[4 * i + 2], &r[4 * i + 3]);
    memcpy(cpu->brand, r, 48);
    cpu->brand[48] = 0;
    size_t lead = strspn(cpu->brand, " ");
    memmove(cpu->brand, cpu->brand + lead, strlen(cpu->brand + lead) + 1);
}

/* Linux lets a process use tile registers only after it has asked (arch_prctl, since 5.16). */
static bool may_use_tiles(void)
{
    enum { REQ_XCOMP_PERM = 0x1023, XTILEDATA = 18 };
    return syscall(SYS_arch_prctl, REQ_XCOMP_PERM, XTILEDATA) == 0;
}

static void read_features(struct wt_cpu *cpu)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
        return;
    unsigned long long state = xcr0();
    int ymm = (state & 0x6) == 0x6, zmm = (state & 0xe6) == 0xe6;
    bool tiles = (state & 0x60000) == 0x60000 && may_use_tiles();
    int f16c = (c & bit_F16C) != 0;
    cpu->fma = ymm && (c & bit_FMA) && f16c;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return;
    unsigned subleaves = a;
    cpu->avx2 = ymm && (b & bit_AVX2);
    cpu->avx512 =
        zmm && (b & bit_AVX512F) && (b & bit_AVX512BW) && (b & bit_AVX512DQ) && (b & bit_AVX512VL);
    cpu->avx512_vnni = zmm && (c & (1u << 11));
    cpu->amx_bf16 = tiles && (d & (1u << 22)) && (d & (1u << 24));
    cpu->amx_int8 = tiles && (d & (1u << 25)) && (d & (1u << 24));
    if (subleaves >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d)) {
        cpu->avx_vnni = ymm && (a & (1u << 4));
        cpu->avx512_bf16 = zmm && (a & (1u << 5));
    }
}
#elif defined(__aarch64__)
static void read_features(struct wt_cpu *cpu)
{
    enum { DOTPROD = 20, I8MM = 13 }; /* HWCAP_ASIMDDP, HWCAP2_I8MM: bits of Linux's interface */
    cpu->neon = true;
    cpu->dotprod = getauxval(AT_HWCAP) >> DOTPROD & 1;
    cpu->i8mm = getauxval(AT_HWCAP2) >> I8MM & 1;
}
#endif

/* Physical cores among the CPUs this process may run on: distinct (package, core) pairs. */
static int count_cores(const cpu_set_t *allowed)
{
    long seen[CPU_SETSIZE];
    int n = 0;
    for (int i = 0; i < CPU_SETSIZE; i++) {
        long pair[2] = {0, i};
        static const char *const file[2] = {"physical_package_id", "core_id"};
        if (!CPU_ISSET(i, allowed))
            continue;
        for (int k = 0; k < 2; k++) {
            char path[96];
            snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/%s", i, file[k]);
            FILE *f = fopen(path, "r");
            if (f) {
                if (fscanf(f, "%ld", &pair[k]) != 1)
                    pair[k] = k ? i : 0;
                fclose(f);
            }
        }
        long key = pair[0] * 65536 + pair[1];
        int j = 0;
        while (j < n && seen[j] != key)
            j++;
        if (j == n)
            seen[n++] = key;
    }
    return n;
}

static struct wt_cpu detected;
static bool usable_levels[WT_CPU_LEVELS]; /* BLAS: if it is installed */

/* Fills in the usable levels; the last of them is the best. An unknown mask limits nothing. */
static void find_level(struct wt_cpu *cpu)
{
    const bool part[WT_CPU_LEVELS] = {
        [WT_CPU_C] = true,
        [WT_CPU_BLAS] = true,
#if defined(__x86_64__)
        [WT_CPU_SSE2] = true,
#endif
        [WT_CPU_NEON] = cpu->neon,
        [WT_CPU_DOTPROD] = cpu->dotprod,
        [WT_CPU_I8MM] = cpu->i8mm,
        [WT_CPU_AVX2] = cpu->avx2 && cpu->fma,
        [WT_CPU_AVXVNNI] = cpu->avx_vnni,
        [WT_CPU_AVX512] = cpu->avx512,
        [WT_CPU_AVX512VNNI] = cpu->avx512_vnni,
        [WT_CPU_AVX512BF16] = cpu->avx512_bf16,
        [WT_CPU_AMX] = cpu->amx_bf16 && cpu->amx_int8,
    };
    const char *mask = getenv("WINGTIP_CPU_MASK");
    int limit = 0;
    while (mask && limit < WT_CPU_LEVELS && strcmp(mask, level_names[limit]) != 0)
        limit++;
    for (int i = 0; i < WT_CPU_LEVELS; i++) {
        enum wt_cpu_level level = (enum wt_cpu_level)i;
        bool usable = !mask || limit == WT_CPU_LEVELS ||
                      wt_cpu_level_includes((enum wt_cpu_level)limit, level);
        for (int k = 0; k < WT_CPU_LEVELS; k++)
            usable = usable && (part[k] || !wt_cpu_level_includes(level, (enum wt_cpu_level)k));
        usable_levels[i] = usable;
        if (usable)
            cpu->level = level;
    }
    if (cpu->level == WT_CPU_BLAS && !wt_blas_get())
        cpu->level = WT_CPU_C;
}

static void detect(void)
{
    struct wt_cpu *cpu = &detected;
    read_machine(cpu);
#if defined(__x86_64__)
    read_brand(cpu);
#endif
#if defined(__x86_64__) || defined(__aarch64__)
    read_features(cpu);
#endif
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
        cpu->threads = CPU_COUNT(&allowed);
        cpu->cores = count_cores(&allowed);
    }
    if (cpu->threads < 1)
        cpu->threads = 1;
    if (cpu->cores < 1)
        cpu->cores = cpu->threads;
    long size;
    cpu->l1d = (size = sysconf(_SC_LEVEL1_DCACHE_SIZE)) > 0 ? (size_t)size : 0;
    cpu->l2 = (size = sysconf(_SC_LEVEL2_CACHE_SIZE)) > 0 ? (size_t)size : 0;
    cpu->l3 = (size = sysconf(_SC_LEVEL3_CACHE_SIZE)) > 0 ? (size_t)size : 0;
    find_level(cpu);
}

const struct wt_cpu *wt_cpu_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, detect);
    return &detected;
}

const char *wt_cpu_level_name(enum wt_cpu_level level)
{
    return (unsigned)level < WT_CPU_LEVELS ? level_names[level] : "?";
}

bool wt_cpu_usable(enum wt_cpu_level level)
{
    wt_cpu_get();
    return usable_levels[level] && (level != WT_CPU_BLAS || wt_blas_get());
}

bool wt_cpu_level_includes(enum wt_cpu_level level, enum wt_cpu_level part)
{
    return level_parts[level] >> part & 1;
}

enum wt_status wt_cpu_parse_level(const char *text, enum wt_cpu_level *level)
{
    const struct wt_cpu *cpu = wt_cpu_get();
    char known[160] = "auto";
    *level = cpu->level;
    if (!text || strcmp(text, "auto") == 0)
        return WT_OK;
    for (int i = 0; i < WT_CPU_LEVELS; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, ", %s", level_names[i]);
        if (strcmp(text, level_names[i]) != 0)
            continue;
        if (i == WT_CPU_BLAS && usable_levels[i] && !wt_blas_get())
            return wt_fail(WT_ERR_UNSUPPORTED, "CPU mask %s: OpenBLAS is not installed", text);
        if (!wt_cpu_usable((enum wt_cpu_level)i))
            return wt_fail(WT_ERR_UNSUPPORTED, "CPU mask %s: this CPU has %s at most", text,
                           level_names[cpu->level]);
        *level = (enum wt_cpu_level)i;
        return WT_OK;
    }
    return wt_fail(WT_ERR_ARGUMENT, "CPU mask %s: known are %s", text, known);
}

int wt_cpu_threads(int requested)
{
    int n = requested > 0 ? requested : wt_cpu_get()->cores;
    return n > 64 ? 64 : n;
}
