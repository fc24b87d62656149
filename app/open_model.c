/* Apart from common.c, so that what only parses options needs no network. */
#include "options.h"
#include "paths.h"
#include "status.h"

enum wt_status wt_common_open_model(const struct wt_common *common, int batch,
                                    struct wt_model **out)
{
    char shipped[4096];
    const char *path = common->model;
    struct wt_model_options options = {
        .threads = common->threads,
        .batch = batch,
        .precision = (enum wt_precision)common->precision,
        .cpu_mask = common->cpu_mask,
    };
    if (!path) {
        if (!wt_asset_path(WT_ASSET_MODEL, shipped, sizeof shipped))
            return wt_fail(WT_ERR_IO,
                           "%s: not found; give the weights with --model, or the folder that has "
                           "them in WINGTIP_ASSETS",
                           WT_ASSET_MODEL);
        path = shipped;
    }
    return wt_model_open(out, path, &options);
}
