/* The weights that fine-tuning gives. */
#include <stdio.h>
#include <string.h>

#include "train/tune_internal.h"
#include "weights/card.h"

/* Does it say how a convolution's input or weight goes into bytes? */
static bool for_int8(const struct wt_tensor *t)
{
    return strstr(t->name, ".input_range") || strstr(t->name, ".weight_scale");
}

enum wt_status wt_tune_copy_weights(struct wt_weights **out, const struct wt_weights *from)
{
    struct wt_weights *w = NULL;
    enum wt_status status = wt_weights_create(&w);
    for (size_t i = 0; i < from->count && !status; i++) {
        const struct wt_tensor *f = &from->tensor[i];
        if (for_int8(f))
            continue;
        struct wt_tensor *t = wt_weights_add(w, f->name, f->dims, f->shape);
        if (t)
            memcpy(t->data, f->data, f->count * sizeof *f->data);
        else
            status = wt_fail(WT_ERR_MEMORY, "out of memory for weights");
    }
    for (size_t i = 0; i < from->metas && !status; i++)
        status = wt_weights_set_meta(w, from->meta[i].key, from->meta[i].value);
    if (status)
        wt_weights_destroy(&w);
    *out = w;
    return status;
}

/* Removes metadata that no longer hold; adds what was done. */
static enum wt_status describe(struct wt_weights *w, const struct wt_tune *t, int steps)
{
    static const char *const stale[] = {WT_META_NME, WT_META_VAL_NME, WT_META_QUANTISED};
    char text[160];
    enum wt_status status = WT_OK;
    for (size_t i = 0; i < sizeof stale / sizeof *stale && !status; i++)
        status = wt_weights_set_meta(w, stale[i], NULL);
    snprintf(text, sizeof text, "%d steps on %zu faces, %s, rate %g%s", steps,
             wt_faces_count(t->options.faces), wt_tune_layers_name(t->options.layers),
             t->options.rate, t->options.replay ? ", with replay" : "");
    return status ? status : wt_weights_set_meta(w, WT_META_TUNED, text);
}

enum wt_status wt_tune_snapshot(struct wt_tune *t, enum wt_tune_which which,
                                struct wt_weights **out)
{
    pthread_mutex_lock(&t->lock);
    const int steps =
        which == WT_TUNE_NOW ? (int)wt_optimiser_steps(t->optimiser) : t->result.best_step;
    enum wt_status status = wt_tune_copy_weights(out, t->best);
    if (!status && which == WT_TUNE_NOW)
        wt_learn_export(t->tape, NULL, *out);
    pthread_mutex_unlock(&t->lock);
    if (!status && steps > 0)
        status = describe(*out, t, steps);
    if (status)
        wt_weights_destroy(out);
    return status;
}
