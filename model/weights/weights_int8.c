/* The int8 form of weights: NAME.weight in integers, beside NAME.weight_scale and NAME.input_range.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/quant.h"
#include "weights/text.h"
#include "weights/weights_internal.h"

/* A weight and what its integers mean. */
struct folded {
    const struct wt_tensor *weight, *scale, *range;
    size_t outputs, inputs, taps;
};

static const struct wt_tensor *companion(const struct wt_weights *w, const struct wt_tensor *t,
                                         const char *suffix)
{
    char name[256];
    size_t n = strlen(t->name);
    if (n < 7 || strcmp(t->name + n - 7, ".weight") != 0 || n + 8 > sizeof name)
        return NULL;
    snprintf(name, sizeof name, "%.*s.%s", (int)(n - 7), t->name, suffix);
    return wt_weights_find(w, name);
}

static enum wt_status refuse(const char *what, const struct wt_tensor *t, const char *reason)
{
    return wt_fail(WT_ERR_FORMAT, "%s: tensor \"%s\" is stored as I8, but %s", what,
                   wt_printable(t->name, strlen(t->name)).text, reason);
}

/* Finds what belongs to a weight and checks it. */
static enum wt_status find(struct folded *f, const struct wt_weights *w, const struct wt_tensor *t,
                           const char *what)
{
    *f = (struct folded){t, companion(w, t, "weight_scale"), companion(w, t, "input_range")};
    if (!f->scale || !f->range)
        return refuse(what, t, "there is no weight_scale or no input_range of that name");
    if (t->dims < 2 || f->scale->dims != 1 || f->scale->shape[0] != t->shape[0] ||
        f->range->dims != 2 || f->range->shape[0] != 2 || f->range->shape[1] != t->shape[1])
        return refuse(what, t, "weight_scale or input_range has another shape than it needs");
    f->outputs = (size_t)t->shape[0];
    f->inputs = (size_t)t->shape[1];
    f->taps = f->outputs && f->inputs ? t->count / f->outputs / f->inputs : 0;
    for (size_t i = 0; i < f->inputs; i++)
        if (!wt_quant_range_valid(f->range->data[i], f->range->data[f->inputs + i]))
            return refuse(what, t, "input_range holds what is no range");
    for (size_t o = 0; o < f->outputs; o++)
        if (!isnormal(f->scale->data[o]) || f->scale->data[o] < 0)
            return refuse(what, t, "weight_scale holds what is no scale");
    return WT_OK;
}

static float input_scale(const struct folded *f, size_t i)
{
    return wt_quant_range(f->range->data[i], f->range->data[f->inputs + i]).scale;
}

/* Integers, already float, to the weights they stand for. */
static enum wt_status unfold(const struct folded *f, const char *what)
{
    float *p = f->weight->data;
    for (size_t o = 0; o < f->outputs; o++)
        for (size_t i = 0; i < f->inputs; i++) {
            float step = f->scale->data[o] / input_scale(f, i);
            for (size_t t = 0; t < f->taps; t++, p++) {
                if (*p < -127)
                    return refuse(what, f->weight, "it holds -128");
                *p *= step;
                if (!isfinite(*p))
                    return refuse(what, f->weight, "its weights would not be finite");
            }
        }
    return WT_OK;
}

enum wt_status wt_weights_unfold(struct wt_weights *w, const char *what)
{
    enum wt_status status = WT_OK;
    for (size_t i = 0; i < w->count && !status; i++) {
        struct folded f;
        if (w->tensor[i].storage != WT_STORE_I8)
            continue;
        status = find(&f, w, &w->tensor[i], what);
        if (!status)
            status = unfold(&f, what);
    }
    return status;
}

enum wt_status wt_weights_fold(const struct wt_weights *w, const struct wt_tensor *t, int8_t *to)
{
    struct folded f;
    enum wt_status status = find(&f, w, t, w->path ? w->path : "weights");
    const float *p = t->data;
    for (size_t o = 0; !status && o < f.outputs; o++)
        for (size_t i = 0; i < f.inputs; i++) {
            float s = input_scale(&f, i);
            for (size_t k = 0; k < f.taps; k++)
                *to++ = (int8_t)wt_quant_weight(*p++ * s, f.scale->data[o]);
        }
    return status;
}

/* Scales of the outputs, as plans choose them. */
static enum wt_status choose_scales(const struct folded *f, const char *what)
{
    const float *p = f->weight->data;
    float *s = malloc((f->inputs + 1) * sizeof *s);
    if (!s)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory for the scales of inputs", what);
    for (size_t i = 0; i < f->inputs; i++)
        s[i] = input_scale(f, i);
    for (size_t o = 0; o < f->outputs; o++, p += f->inputs * f->taps)
        f->scale->data[o] = wt_quant_weights_scale(p, s, (int)f->inputs, (int)f->taps);
    free(s);
    return WT_OK;
}

enum wt_status wt_weights_to_int8(struct wt_weights *w, const char *name)
{
    char full[256];
    struct folded f;
    const char *what = w->path ? w->path : "weights";
    snprintf(full, sizeof full, "%s.weight", name);
    const struct wt_tensor *t = wt_weights_find(w, full);
    if (!t || t->dims < 2)
        return wt_fail(WT_ERR_FORMAT, "%s: there is no convolution %s", what, name);
    if (!companion(w, t, "weight_scale")) {
        int64_t outputs = t->shape[0];
        snprintf(full, sizeof full, "%s.weight_scale", name);
        struct wt_tensor *scale = wt_weights_add(w, full, 1, &outputs);
        if (!scale)
            return wt_fail(WT_ERR_MEMORY, "%s: out of memory for the scales of %s", what, name);
        for (int64_t o = 0; o < outputs; o++)
            scale->data[o] = 1;
        snprintf(full, sizeof full, "%s.weight", name);
        t = wt_weights_find(w, full); /* the add moved it */
    }
    enum wt_status status = find(&f, w, t, what);
    if (!status)
        status = choose_scales(&f, what);
    if (status)
        return status;
    float *p = t->data;
    for (size_t o = 0; o < f.outputs; o++)
        for (size_t i = 0; i < f.inputs; i++) {
            float s = input_scale(&f, i);
            for (size_t k = 0; k < f.taps; k++, p++)
                *p = (float)wt_quant_weight(*p * s, f.scale->data[o]);
        }
    w->tensor[t - w->tensor].storage = WT_STORE_I8;
    return unfold(&f, what);
}
