/* Separate from common.c, so that code which only parses options does not link the network. */
#include "base/status.h"
#include "cli/options.h"
#include "track/model_internal.h"

enum wt_status wt_common_open_model(const struct wt_common *common, int batch,
                                    struct wt_model **out)
{
    const char *path = wt_common_model_path(common);
    struct wt_model_options options = {
        .threads = common->threads,
        .batch = batch,
        .precision = (enum wt_precision)common->precision,
        .cpu_mask = common->cpu_mask,
    };
    return path ? wt_model_open(out, path, &options) : WT_ERR_IO;
}

/* A frame has 33 ms; a face that is new, or a second one, takes another pass. */
#define LIVE_PASS_MS 12.0

enum wt_status wt_common_open_live_model(const struct wt_common *common, struct wt_model **out)
{
    struct wt_common fast = *common;
    struct wt_model *model = NULL;
    double ms = 0;
    enum wt_status status = wt_common_open_model(common, 1, &model);
    if (!status && !common->model)
        status = wt_model_time(model, 4 * LIVE_PASS_MS, &ms);
    if (!status && ms > LIVE_PASS_MS) {
        fast.model = "fast";
        wt_common_resolve(&fast);
        wt_model_close(&model);
        status = wt_common_open_model(&fast, 1, &model);
        if (!status)
            wt_log(
                WT_LOG_INFO,
                "model: fast, as a pass of the accurate one takes %.0f ms here; --model accurate "
                "takes it nevertheless",
                ms);
    } else if (!status && !common->model) {
        wt_log(WT_LOG_INFO, "model: accurate (%.1f ms a pass); --model fast takes less", ms);
    }
    if (status)
        wt_model_close(&model);
    else
        *out = model;
    return status;
}
