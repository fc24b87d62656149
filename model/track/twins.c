#include "track/twins.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "face/crop.h"
#include "track/model_internal.h"

/* Strings stay the other model's. */
static enum wt_status make_twin(struct wt_model **out, const struct wt_model *of)
{
    struct wt_model *model = malloc(sizeof *model);
    if (!model)
        return wt_fail(WT_ERR_MEMORY, "out of memory for a model");
    *model = *of;
    memset(model->text, 0, sizeof model->text);
    model->net = NULL;
    model->crops = malloc((size_t)of->batch * WT_CROP_BYTES(of->info.input_size));
    enum wt_status status = model->crops ? wt_net_twin(&model->net, of->net, of->batch)
                                         : wt_fail(WT_ERR_MEMORY, "out of memory for a model");
    if (status)
        wt_model_close(&model);
    *out = model;
    return status;
}

enum wt_status wt_twins_init(struct wt_twins *twins, const struct wt_model *model,
                             const struct wt_tracker_options *options)
{
    enum wt_status status = WT_OK;
    *twins = (struct wt_twins){.count = 0};
    while (twins->count < model->info.threads && twins->count < WT_TWINS_MAX && !status) {
        const int i = twins->count++;
        status = make_twin(&twins->model[i], model);
        if (!status)
            status = wt_tracker_create(&twins->tracker[i], twins->model[i], options);
    }
    return status;
}

void wt_twins_fini(struct wt_twins *twins)
{
    for (int i = 0; i < twins->count; i++) {
        wt_tracker_destroy(&twins->tracker[i]);
        wt_model_close(&twins->model[i]);
    }
    twins->count = 0;
}
