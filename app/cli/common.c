#include "base/paths.h"
#include "base/status.h"
#include "cli/options_table.h"

static const char *const points_choice[] = {"auto", "98", "68", "29", NULL};
static const char *const precision_choice[] = {"auto", "f32", "bf16", "int8",
                                               NULL}; /* enum wt_precision */
static const char *const level_choice[] = {"error", "warn", "info", "debug", NULL};

#define AT(field) offsetof(struct wt_common, field)
const struct wt_option wt_common_table[] = {
    {WT_OPTION_STRING, "--model", 0, AT(model), "FILE",
     "weights to use (safetensors), or the name of bundled ones: wingtip-98 or accurate, "
     "wingtip-98-fast or fast, wingtip-98-free; without it wingtip-98"},
    {WT_OPTION_CHOICE, "--points", 0, AT(points), NULL,
     "scheme of the points that are shown and written; auto: the model's own", 0, 0, points_choice},
    {WT_OPTION_CHOICE, "--precision", 0, AT(precision), NULL,
     "arithmetic of the network; auto: the fastest whose accuracy holds", 0, 0, precision_choice},
    {WT_OPTION_INT, "--threads", 0, AT(threads), "N",
     "threads for the network, 1 to 64; 0: one per physical core", 0, 64},
    {WT_OPTION_STRING, "--cpu-mask", 0, AT(cpu_mask), "LEVEL",
     "highest instruction set to use: c, blas, sse2, avx2, avxvnni, avx512, avx512vnni, "
     "avx512bf16, amx or auto; on arm64 c, blas, neon, dotprod, i8mm or auto"},
    {WT_OPTION_STRING, "--detector", 0, AT(detector), "NAME",
     "face detector: haar (OpenCV's cascades), or the weights of our network; without it the "
     "weights that come along"},
    {WT_OPTION_INT, "--seed", 0, AT(seed), "N", "start of every random sequence", 0, 2147483647},
    {WT_OPTION_CHOICE, "--log-level", 0, AT(log_level), NULL, "how much to report", 0, 0,
     level_choice},
    {.name = NULL},
};
#undef AT

void wt_common_defaults(struct wt_common *common)
{
    common->log_level = WT_LOG_INFO;
}

int wt_common_points(const struct wt_common *common)
{
    static const int points[] = {0, 98, 68, 29};
    return points[common->points];
}

const char *wt_common_model_path(const struct wt_common *common, char *buffer, size_t size)
{
    if (common->model)
        return wt_weights_path(common->model, buffer, size) ? buffer : common->model;
    if (wt_asset_path(WT_ASSET_MODEL, buffer, size))
        return buffer;
    wt_fail(WT_ERR_IO,
            "%s: not found; give the weights with --model, or the folder that has them in "
            "WINGTIP_ASSETS",
            WT_ASSET_MODEL);
    return NULL;
}

const char *wt_common_detector(const struct wt_common *common, char *buffer, size_t size)
{
    if (common->detector)
        return common->detector;
    return wt_asset_path(WT_ASSET_DETECTOR, buffer, size) ? buffer : NULL;
}

int wt_exit_status(enum wt_status status)
{
    if (status == WT_OK)
        return 0;
    return status == WT_ERR_ARGUMENT ? 2 : 1;
}
