#include <stdio.h>
#include <string.h>

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
     "wingtip-98-fast or fast, wingtip-98-free or free, wingtip-98-fast-free or fast-free; "
     "default: wingtip-98",
     .kept = true},
    {WT_OPTION_CHOICE, "--points", 0, AT(points), NULL,
     "scheme of the points that are shown and written; auto: the model's own", 0, 0, points_choice,
     .kept = true},
    {WT_OPTION_CHOICE, "--precision", 0, AT(precision), NULL,
     "arithmetic of the network; auto: the fastest that keeps the accuracy", 0, 0, precision_choice,
     .kept = true},
    {WT_OPTION_INT, "--threads", 0, AT(threads), "N", WT_THREADS_HELP, 0, 64, .kept = true},
    {WT_OPTION_STRING, "--cpu-mask", 0, AT(cpu_mask), "LEVEL",
     "highest instruction set to use: c, blas, sse2, avx2, avxvnni, avx512, avx512vnni, "
     "avx512bf16, amx or auto; on arm64 c, blas, neon, dotprod, i8mm or auto"},
    {WT_OPTION_STRING, "--detector", 0, AT(detector), "NAME",
     "face detector: haar (OpenCV's cascades), weights (safetensors), or the name of bundled ones: "
     "wingtip-detector, which is the default, or wingtip-detector-free",
     .kept = true},
    {WT_OPTION_INT, "--seed", 0, AT(seed), "N", WT_SEED_HELP, 0, 2147483647},
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

/* The weights of that name, or without one the bundled file; "" where that is missing. */
static void resolve(const char *name, const char *bundled, struct wt_path *path)
{
    if (name)
        wt_weights_path(name, path->text, sizeof path->text);
    else if (!wt_asset_path(bundled, path->text, sizeof path->text))
        path->text[0] = '\0';
}

void wt_common_resolve(struct wt_common *common)
{
    resolve(common->model, WT_ASSET_MODEL, &common->model_path);
    if (common->detector && strcmp(common->detector, "haar") == 0)
        snprintf(common->detector_path.text, sizeof common->detector_path.text, "haar");
    else
        resolve(common->detector, WT_ASSET_DETECTOR, &common->detector_path);
}

const char *wt_common_model_path(const struct wt_common *common)
{
    if (common->model_path.text[0])
        return common->model_path.text;
    wt_fail(WT_ERR_IO,
            "%s: not found; give the weights with --model, or the folder that has them in "
            "WINGTIP_ASSETS",
            WT_ASSET_MODEL);
    return NULL;
}

const char *wt_common_detector(const struct wt_common *common)
{
    return common->detector_path.text[0] ? common->detector_path.text : NULL;
}

int wt_exit_status(enum wt_status status)
{
    if (status == WT_OK)
        return 0;
    return status == WT_ERR_ARGUMENT ? 2 : 1;
}
