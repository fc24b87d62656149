/* How a convolution sees what is stored: rows through BatchNorm and ReLU, beside each other, with
 * coordinates and zeros around. */
#include <string.h>

#include "tape/tape_internal.h"

static struct wt_row_in row_in(const struct wt_tape_value *v, int image, int row, int pixel,
                               int channel, int step)
{
    return (struct wt_row_in){wt_tape_at(v, image, row, pixel, channel), v->type,
                              (ptrdiff_t)v->px * step};
}

/* Row and column coordinate where the map of the stack before is above the threshold. */
static void masked_row(const struct wt_tape *t, const struct wt_tape_part *p, int image, int row,
                       int n, int from, int m, char *to, ptrdiff_t to_px)
{
    const struct wt_tape_value *v = &t->value[t->tensor[p->tensor].value];
    const struct wt_norm_row none = {0};
    const int i = p->step * row + p->oy;
    for (int k = 0; k < n; k++) {
        const int j = p->step * k + p->ox;
        const char *map = wt_tape_at(v, image, i, j, p->mask_channel);
        float heat, c[2] = {0};
        t->train->load((struct wt_row_in){map, v->type, 1}, 1, 1, &none, &heat, WT_F32, 1);
        if (heat > p->threshold) {
            c[0] = v->h > 1 ? (float)(2.0 * i / (v->h - 1) - 1) : -1;
            c[1] = v->w > 1 ? (float)(2.0 * j / (v->w - 1) - 1) : -1;
        }
        t->train->load((struct wt_row_in){c + from, WT_F32, 2}, 1, m, &none,
                       to + (size_t)k * to_px * wt_type_size(t->type), t->type, to_px);
    }
}

struct wt_norm_row wt_tape_norm_row(const struct wt_tape *t, const struct wt_tape_part *p, int from)
{
    struct wt_norm_row norm = {.relu = p->relu};
    if (p->norm >= 0) {
        norm.scale = t->norm[p->norm].scale + from;
        norm.shift = t->norm[p->norm].shift + from;
        norm.mean = t->norm[p->norm].middle + from;
    }
    return norm;
}

static void part_row(const struct wt_tape *t, const struct wt_tape_part *p, int image, int row,
                     int n, int from, int m, char *to, ptrdiff_t to_px)
{
    if (p->masked) {
        masked_row(t, p, image, row, n, from, m, to, to_px);
        return;
    }
    const struct wt_norm_row norm = wt_tape_norm_row(t, p, from);
    const struct wt_tape_value *v = &t->value[t->tensor[p->tensor].value];
    t->train->load(row_in(v, image, p->step * row + p->oy, p->ox, from, p->step), n, m, &norm, to,
                   t->type, to_px);
}

static void zero_pixels(const struct wt_tape *t, int n, int m, char *to, ptrdiff_t to_px)
{
    const size_t size = wt_type_size(t->type);
    if (m == to_px)
        memset(to, 0, (size_t)n * m * size);
    else
        for (int i = 0; i < n; i++)
            memset(to + (size_t)i * to_px * size, 0, (size_t)m * size);
}

void wt_tape_view_row(const struct wt_tape *t, const struct wt_tape_conv *c, int image, int row,
                      int from, int m, void *to, ptrdiff_t to_px)
{
    const struct wt_tape_value *out = &t->value[t->tensor[c->tensor].value];
    const size_t size = wt_type_size(t->type);
    char *at = to;
    if (row < 0 || row >= out->h) {
        zero_pixels(t, out->w + c->taps - 1, m, at, to_px);
        return;
    }
    zero_pixels(t, c->pad_before, m, at, to_px);
    at += (size_t)c->pad_before * to_px * size;
    for (int i = 0; i < c->in.parts; i++) {
        const struct wt_tape_part *p = &c->in.part[i];
        const int begin = from > p->at ? from : p->at;
        const int end = from + m < p->at + p->channels ? from + m : p->at + p->channels;
        if (begin < end)
            part_row(t, p, image, row, out->w, begin - p->at, end - begin,
                     at + (size_t)(begin - from) * size, to_px);
    }
    zero_pixels(t, c->taps - 1 - c->pad_before, m, at + (size_t)out->w * to_px * size, to_px);
}
