/* Convolutions of both directions: a task is a band of rows of one image, laid out with its padding
 * in scratch memory and convolved panel by panel. */
#include <string.h>

#include "tape/tape_internal.h"

enum { SLACK = 128 }; /* bytes that kernels may read beyond the last pixel */

size_t wt_tape_conv_scratch(const struct wt_tape *t, const struct wt_tape_conv *c, int band,
                            bool backward)
{
    const struct wt_tape_value *out = &t->value[t->tensor[c->tensor].value];
    const size_t size = wt_type_size(t->type);
    const size_t pixels = (size_t)(band + c->taps - 1) * (out->w + c->taps - 1);
    size_t bytes = pixels * (backward ? c->outputs : c->in.channels) * size + SLACK + 64;
    if (backward && c->stride > 1)
        bytes += (size_t)band * out->w * c->in.channels * size;
    return bytes;
}

/* Panel k of one direction: `rows` rows of n pixels from scratch memory. */
static void run_panel(const struct wt_tape *t, const struct wt_tape_side *s, int k,
                      enum wt_type out_type, struct wt_conv_row row, ptrdiff_t out_pitch, int rows,
                      int n)
{
    const struct wt_conv_kernels *kernels = &t->kernels->conv[t->type];
    wt_conv_rows_fn *all = s->wide[k] ? kernels->wide_rows : kernels->narrow_rows;
    struct wt_conv_panel p = s->panel[k];
    p.out_type = out_type;
    if (all) {
        all(&p, &row, &(struct wt_conv_pitch){.in = p.in_row, .out = out_pitch}, rows, n);
        return;
    }
    for (int i = 0; i < rows; i++) {
        (s->wide[k] ? kernels->wide : kernels->narrow)(&p, &row, n);
        row.in = (const char *)row.in + (size_t)p.in_row * wt_type_size(t->type);
        row.out = (char *)row.out + (size_t)out_pitch * wt_type_size(out_type);
    }
}

void wt_tape_run_conv(struct wt_tape *t, struct wt_tape_step *s, int task, char *scratch)
{
    struct wt_tape_conv *c = &t->conv[s->index];
    struct wt_tape_tensor *x = &t->tensor[c->tensor];
    const struct wt_tape_value *out = &t->value[x->value];
    const struct wt_tape_rows b = wt_tape_rows_of(out->h, x->band, task);
    const size_t row = (size_t)(out->w + c->taps - 1) * c->in.channels * wt_type_size(t->type);
    const int rows = b.end - b.first + c->taps - 1;
    for (int i = 0; i < rows; i++)
        wt_tape_view_row(t, c, b.image, b.first + i - c->pad_before, 0, c->in.channels,
                         scratch + i * row, c->in.channels);
    memset(scratch + rows * row, 0, SLACK);
    for (int k = 0; k < c->forward.panels; k++) {
        const struct wt_conv_row r = {.in = scratch,
                                      .out =
                                          wt_tape_at(out, b.image, b.first, 0, c->forward.first[k]),
                                      .out_px = out->px};
        run_panel(t, &c->forward, k, out->type, r, (ptrdiff_t)out->w * out->px, b.end - b.first,
                  out->w);
    }
    wt_tape_gather_stats(t, c->tensor, task);
}

/* ---- data gradient ---- */

static void grad_row(struct wt_tape *t, const struct wt_tape_conv *c, struct wt_tape_ref grad,
                     int image, int row, char *to)
{
    const struct wt_tape_value *g = &t->value[grad.value];
    const struct wt_norm_row none = {0};
    const int before = c->taps - 1 - c->pad_before;
    const size_t px = (size_t)c->outputs * wt_type_size(t->type);
    if (row < 0 || row >= g->h) {
        memset(to, 0, (size_t)(g->w + c->taps - 1) * px);
        return;
    }
    memset(to, 0, before * px);
    t->train->load(wt_tape_row(g, image, row, grad.channel), g->w, c->outputs, &none,
                   to + before * px, t->type, c->outputs);
    memset(to + (before + g->w) * px, 0, c->pad_before * px);
}

/* Row i of the view's gradient, [w][channels], to the rows of the pixels it came from. */
static void spread_row(struct wt_tape *t, const struct wt_tape_conv *c,
                       const struct wt_tape_value *out, int image, int row, const char *from)
{
    const struct wt_norm_row none = {0};
    const int channels = c->in.channels / 4;
    for (int place = 0; place < 4; place++) {
        const struct wt_row_in x = {from + (size_t)place * channels * wt_type_size(t->type),
                                    t->type, c->in.channels};
        t->train->load(x, out->w / 2, out->c, &none,
                       wt_tape_at(out, image, 2 * row + place / 2, place % 2, 0), out->type,
                       2 * out->px);
    }
}

/* Back through ReLU, and the sums that BatchNorm's gradient needs. */
static void mask_rows(struct wt_tape *t, struct wt_tape_step *s, const struct wt_tape_conv *c,
                      int task, struct wt_tape_rows b)
{
    const struct wt_tape_value *out = &t->value[s->out];
    const int parts = c->in.parts / (c->stride * c->stride);
    for (int i = 0; i < parts; i++) {
        const struct wt_tape_part *p = &c->in.part[i];
        const struct wt_tape_tensor *x = &t->tensor[p->tensor];
        const struct wt_norm_row norm = wt_tape_norm_row(t, p, 0);
        float *sum = s->partial[i];
        if (!wt_tape_part_wanted(t, p) || (!p->relu && p->norm < 0))
            continue;
        if (p->norm >= 0) {
            sum += (size_t)task * 2 * p->channels;
            memset(sum, 0, 2 * (size_t)p->channels * sizeof *sum);
        }
        const struct wt_tape_value *v = &t->value[x->value];
        for (int row = b.first * c->stride; row < b.end * c->stride; row++)
            t->train->mask(wt_tape_at(out, b.image, row, 0, p->at), out->type, out->px,
                           wt_tape_row(v, b.image, row, 0), v->w, p->channels, &norm, sum);
    }
}

void wt_tape_run_data_grad(struct wt_tape *t, struct wt_tape_step *s, int task, char *scratch)
{
    const struct wt_tape_conv *c = &t->conv[s->index];
    const struct wt_tape_value *g = &t->value[t->tensor[c->tensor].value], *d = &t->value[s->out];
    const struct wt_tape_rows b = wt_tape_rows_of(g->h, s->band, task);
    const size_t size = wt_type_size(t->type);
    const size_t row = (size_t)(g->w + c->taps - 1) * c->outputs * size;
    const int rows = b.end - b.first + c->taps - 1, before = c->taps - 1 - c->pad_before;
    for (int i = 0; i < rows; i++)
        grad_row(t, c, s->grad, b.image, b.first + i - before, scratch + i * row);
    memset(scratch + rows * row, 0, SLACK);
    char *square = scratch + ((rows * row + SLACK + 63) & ~(size_t)63);
    const size_t square_row = (size_t)g->w * c->in.channels * size;
    for (int k = 0; k < c->backward.panels; k++) {
        const int first = c->backward.first[k];
        struct wt_conv_row r = {.in = scratch, .out_px = c->in.channels};
        ptrdiff_t pitch = (ptrdiff_t)g->w * c->in.channels;
        if (c->stride == 1) {
            r.out = wt_tape_at(d, b.image, b.first, 0, first);
            r.out_px = d->px;
            pitch = (ptrdiff_t)d->w * d->px;
        } else {
            r.out = square + first * size;
        }
        run_panel(t, &c->backward, k, t->type, r, pitch, b.end - b.first, g->w);
    }
    for (int i = 0; c->stride > 1 && i < b.end - b.first; i++)
        spread_row(t, c, d, b.image, b.first + i, square + i * square_row);
    mask_rows(t, s, c, task, b);
}
