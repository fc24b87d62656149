#include "support.h"

#include <string.h>

#include "bench/peak.h"

/* What a core can do in a cycle at most, by instruction set (Intel's optimisation manual: two units
 * for vectors, one for tiles). A loop that the compiler threw away would seem to do far more. */
static const struct {
    enum wt_precision precision;
    enum wt_cpu_level level;
    double per_cycle;
    const char *instruction;
} known[] = {
    {WT_PRECISION_BF16, WT_CPU_AMX, 1024, "TDPBF16PS"},
    {WT_PRECISION_BF16, WT_CPU_AVX512BF16, 128, "VDPBF16PS"},
    {WT_PRECISION_INT8, WT_CPU_AMX, 2048, "TDPBUSD"},
    {WT_PRECISION_INT8, WT_CPU_AVX512VNNI, 256, "VPDPBUSD, 512"},
    {WT_PRECISION_INT8, WT_CPU_AVXVNNI, 128, "VPDPBUSD, 256"},
    {WT_PRECISION_INT8, WT_CPU_AVX2, 64, "VPMADDUBSW"},
};

static void test_loops(void **state)
{
    const double ghz = 8; /* more than any, so that a wider core passes too */
    int tried = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!wt_cpu_level_includes(wt_cpu_get()->level, known[i].level))
            continue;
        struct wt_peak peak = wt_peak_measure(known[i].precision, known[i].level, 1);
        if (!strstr(peak.how, known[i].instruction))
            fail_msg("\"%s\", not %s", peak.how, known[i].instruction);
        if (!(peak.gflops > 0.1 && peak.gflops < ghz * known[i].per_cycle))
            fail_msg("%s: %g GFLOP/s", peak.how, peak.gflops);
        tried++;
    }
    if (!tried)
        skip();
}

/* Without an instruction of its own, the yardstick is that of f32. */
static void test_fallback(void **state)
{
    struct wt_peak f32 = wt_peak_measure(WT_PRECISION_F32, WT_CPU_C, 1);
    struct wt_peak int8 = wt_peak_measure(WT_PRECISION_INT8, WT_CPU_C, 2);
    assert_string_equal(f32.how, int8.how);
    assert_non_null(strstr(f32.how, "OpenBLAS"));
    if (f32.gflops > 0)
        assert_true(f32.gflops < 100000 && int8.gflops > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_fallback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
