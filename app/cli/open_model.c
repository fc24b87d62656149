/* Separate from common.c, so that code which only parses options does not link the network. */
#include <stdio.h>
#include <unistd.h>

#include "base/status.h"
#include "cli/options.h"
#include "track/model_internal.h"

#define BATCH_MAX 16 /* of wingtip.h; more faces take more passes */

enum wt_status wt_common_open_model(const struct wt_common *common, int batch,
                                    struct wt_model **out)
{
    const char *path = wt_common_model_path(common);
    struct wt_model_options options = {
        .threads = common->threads,
        .batch = batch < BATCH_MAX ? batch : BATCH_MAX,
        .precision = (enum wt_precision)common->precision,
        .cpu_mask = common->cpu_mask,
    };
    return path ? wt_model_open(out, path, &options) : WT_ERR_IO;
}

/* A frame has 33 ms; a face that is new, or a second one, takes another pass. */
#define LIVE_PASS_MS 12.0

enum wt_status wt_common_open_live_model(const struct wt_common *common, struct wt_model **out,
                                         char *why, size_t size)
{
    struct wt_common fast = *common;
    double ms = 0;
    why[0] = '\0';
    enum wt_status status = wt_common_open_model(common, 1, out);
    if (status || common->model)
        return status;
    status = wt_model_time(*out, 4 * LIVE_PASS_MS, &ms);
    fast.model = "fast";
    wt_common_resolve(&fast);
    const bool there = access(fast.model_path.text, R_OK) == 0;
    if (!status && (ms <= LIVE_PASS_MS || !there)) {
        snprintf(why, size, "model: accurate (%.1f ms a pass)%s", ms,
                 there ? "; --model fast takes less" : "; the fast one is not there");
        return WT_OK;
    }
    wt_model_close(out);
    if (status)
        return status;
    snprintf(
        why, size,
        "model: fast, as a pass of the accurate one takes %.0f ms here; --model accurate takes "
        "it nevertheless",
        ms);
    return wt_common_open_model(&fast, 1, out);
}
