/* Separate from common.c, so that code which only parses options does not link the network. */
#include "cli/options.h"

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
