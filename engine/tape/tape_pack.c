/* Weights laid out for the convolutions of both directions, once a step. */
#include <string.h>

#include "tape/tape_internal.h"

enum { BAND_BYTES = 512 << 10 };

int wt_tape_band(int rows, int halo, size_t row_bytes)
{
    int band = (int)(BAND_BYTES / (row_bytes ? row_bytes : 1)) - halo;
    band = band < 1 ? 1 : band > rows ? rows : band;
    const int bands = (rows + band - 1) / band;
    return (rows + bands - 1) / bands;
}

static bool make_side(struct wt_tape *t, struct wt_tape_conv *c, struct wt_tape_side *s, int inputs,
                      int outputs)
{
    const struct wt_conv_kernels *k = &t->kernels->conv[t->type];
    const struct wt_tape_value *out = &t->value[t->tensor[c->tensor].value];
    const int pitch = out->w + c->taps - 1;
    s->channels = outputs;
    s->kc = (c->taps * inputs + k->k_block - 1) / k->k_block * k->k_block;
    const int most = (outputs + k->nr_narrow - 1) / k->nr_narrow;
    s->panel = wt_arena_take(&t->arena, (size_t)most * sizeof *s->panel);
    s->wide = wt_arena_take(&t->arena, (size_t)most * sizeof *s->wide);
    s->first = wt_arena_take(&t->arena, (size_t)most * sizeof *s->first);
    if (!s->panel || !s->wide || !s->first)
        return false;
    for (int at = 0; at < outputs; s->panels++) {
        const bool wide = outputs - at > k->nr_narrow;
        const int nr = wide ? k->nr_wide : k->nr_narrow;
        const size_t terms = (size_t)c->taps * s->kc;
        struct wt_conv_panel *p = &s->panel[s->panels];
        p->weight = wt_arena_take(&t->arena, terms * nr * wt_type_size(t->type));
        p->bias = wt_arena_take(&t->arena, (size_t)nr * sizeof *p->bias);
        if (!p->weight || !p->bias)
            return false;
        p->kh = c->taps;
        p->kc = s->kc;
        p->in_px = inputs;
        p->in_row = (ptrdiff_t)pitch * inputs;
        p->nr = nr;
        p->channels = outputs - at < nr ? outputs - at : nr;
        p->act_type = p->residual_type = t->type;
        s->wide[s->panels] = wide;
        s->first[s->panels] = at;
        at += p->channels;
        const size_t scratch = (size_t)s->kc * nr * wt_type_size(t->type) + 64;
        if (scratch > t->scratch_bytes)
            t->scratch_bytes = scratch;
    }
    return true;
}

enum wt_status wt_tape_make_panels(struct wt_tape *t, struct wt_tape_conv *c)
{
    bool ok = make_side(t, c, &c->forward, c->in.channels, c->outputs);
    if (ok && c->grad_channels)
        ok = make_side(t, c, &c->backward, c->outputs,
                       c->stride == 1 ? c->grad_channels : c->in.channels);
    if (ok && c->stride > 1) {
        const size_t count = (size_t)c->taps * c->taps * c->outputs * c->in.channels;
        c->wide = wt_arena_take(&t->arena, count * sizeof *c->wide);
        c->wide_grad = wt_arena_take(&t->arena, count * sizeof *c->wide_grad);
        ok = c->wide && c->wide_grad;
    }
    return ok ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory for training");
}

int wt_tape_pack_tasks(const struct wt_tape *t)
{
    int tasks = 0;
    for (int i = 0; i < t->convs; i++)
        tasks += t->conv[i].forward.panels + t->conv[i].backward.panels;
    return tasks;
}

/* Terms [kc][nr] of row ky of a panel. Forward: the outputs of the panel turned to columns. */
static void forward_row(struct wt_tape *t, const struct wt_tape_conv *c, const float *w, int first,
                        const struct wt_conv_panel *p, int ky, void *to)
{
    const size_t inputs = (size_t)c->in.channels, outputs = (size_t)c->outputs;
    for (int kx = 0; kx < c->taps; kx++) {
        const float *from = w + ((size_t)(ky * c->taps + kx) * outputs + first) * inputs;
        const struct wt_row_in x = {from, WT_F32, (ptrdiff_t)inputs};
        t->train->transpose(x, p->channels, (int)inputs,
                            (char *)to + kx * inputs * p->nr * wt_type_size(t->type), t->type,
                            p->nr);
    }
}

/* Backward: the kernel flipped, outputs and inputs exchanged. */
static void backward_row(struct wt_tape *t, const struct wt_tape_conv *c, const float *w, int first,
                         const struct wt_conv_panel *p, int ky, void *to)
{
    const struct wt_norm_row none = {0};
    const size_t inputs = (size_t)c->in.channels, outputs = (size_t)c->outputs;
    for (int kx = 0; kx < c->taps; kx++) {
        const int tap = (c->taps - 1 - ky) * c->taps + c->taps - 1 - kx;
        const struct wt_row_in x = {w + tap * outputs * inputs + first, WT_F32, (ptrdiff_t)inputs};
        t->train->load(x, (int)outputs, p->channels, &none,
                       (char *)to + kx * outputs * p->nr * wt_type_size(t->type), t->type, p->nr);
    }
}

static void pack_panel(struct wt_tape *t, const struct wt_tape_conv *c, bool backward, int i,
                       char *scratch)
{
    const struct wt_tape_side *s = backward ? &c->backward : &c->forward;
    struct wt_conv_panel *p = &s->panel[i];
    const float *w = c->wide ? c->wide : t->param[c->weight].value;
    char *weight = (char *)p->weight;
    const size_t row = (size_t)p->kc * p->nr;
    for (int ky = 0; ky < p->kh; ky++) {
        char *to = t->type == WT_F32 ? weight + ky * row * sizeof(float) : scratch;
        memset(to, 0, row * wt_type_size(t->type));
        (backward ? backward_row : forward_row)(t, c, w, s->first[i], p, ky, to);
        if (t->type == WT_BF16)
            t->train->pair((const uint16_t *)to, p->nr, p->kc, p->nr / 16,
                           (uint16_t *)weight + (size_t)ky * p->kc * 16,
                           (ptrdiff_t)p->kh * p->kc * 16);
    }
    if (!backward && c->bias >= 0)
        memcpy((float *)p->bias, t->param[c->bias].value + s->first[i],
               (size_t)p->channels * sizeof(float));
}

void wt_tape_pack(struct wt_tape *t, int task, char *scratch)
{
    for (int i = 0; i < t->convs; i++) {
        const struct wt_tape_conv *c = &t->conv[i];
        if (task < c->forward.panels)
            return pack_panel(t, c, false, task, scratch);
        task -= c->forward.panels;
        if (task < c->backward.panels)
            return pack_panel(t, c, true, task, scratch);
        task -= c->backward.panels;
    }
}
