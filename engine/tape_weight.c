/* Weight gradients: for each tap a product over all pixels of all images,
 *   dW[tap][o][i] = sum over k of g[o][k] * x[k + shift of the tap][i],
 * k running over the padded grid of all images, where g is zero in the padding. STEP_TURN lays g
 * out by rows of one output channel each; a task then takes some channels of x, a stretch of k at a
 * time, so that every element is summed up by one thread in one order. */
#include <string.h>

#include "tape_internal.h"

enum { STRETCH = 4096, CHUNK = 512 };

struct grid {
    int w, h;    /* padded */
    size_t all;  /* pixels of all images in whole blocks of 32 */
    size_t used; /* pixels of all images */
};

static struct grid grid_of(const struct wt_tape_conv *c, const struct wt_tape_value *out, int n)
{
    struct grid g = {.w = out->w + c->taps - 1, .h = out->h + c->taps - 1};
    g.used = (size_t)n * g.w * g.h;
    g.all = (g.used + 31) / 32 * 32;
    return g;
}

size_t wt_tape_turned_row(const struct wt_tape_conv *c, const struct wt_tape_value *out, int n)
{
    return grid_of(c, out, n).all;
}

static void zero_columns(struct wt_tape *t, char *to, size_t row, int channels, size_t count)
{
    const size_t size = wt_type_size(t->type);
    for (int k = 0; count && k < channels; k++)
        memset(to + k * row * size, 0, count * size);
}

void wt_tape_run_turn(struct wt_tape *t, struct wt_tape_step *s, int task)
{
    const struct wt_tape_conv *c = &t->conv[s->index];
    const struct wt_tape_value *g = &t->value[s->grad.value];
    const struct wt_tape_value *out = &t->value[t->tensor[c->tensor].value];
    const struct grid grid = grid_of(c, out, t->n);
    const struct wt_tape_rows b = wt_tape_rows_of(out->h, s->band, task);
    const size_t size = wt_type_size(t->type), begin = (size_t)b.image * grid.w * grid.h;
    float *sum = c->bias >= 0 ? c->bias_grad_partial + (size_t)task * 2 * c->outputs : NULL;
    if (sum)
        memset(sum, 0, 2 * (size_t)c->outputs * sizeof *sum);
    char *base = t->value[s->turned].data;
    for (int i = b.first; i < b.end; i++) {
        const struct wt_row_in x = wt_tape_row(g, b.image, i, s->grad.channel);
        char *to = base + (begin + (size_t)i * grid.w) * size;
        t->train->turn(x, g->w, c->outputs, to, t->type, (ptrdiff_t)grid.all);
        zero_columns(t, to + g->w * size, grid.all, c->outputs, (size_t)(grid.w - g->w));
        if (sum)
            t->train->sums(x, g->w, c->outputs, sum);
    }
    if (b.end == out->h)
        zero_columns(t, base + (begin + (size_t)b.end * grid.w) * size, grid.all, c->outputs,
                     (size_t)(grid.h - out->h) * grid.w +
                         (b.image == t->n - 1 ? grid.all - grid.used : 0));
}

/* ---- products ---- */

/* Pixels of x that a stretch needs: from the beginning of a row of the grid, and with the shifts.
 */
static size_t stretch_pixels(const struct grid *g, int taps)
{
    return (STRETCH + (size_t)(taps + 2) * g->w + (size_t)taps + 63) / 32 * 32;
}

size_t wt_tape_weight_grad_scratch(const struct wt_tape *t, const struct wt_tape_conv *c)
{
    const struct wt_tape_value *out = &t->value[t->tensor[c->tensor].value];
    const struct grid g = grid_of(c, out, 1);
    const size_t width = (size_t)t->train->width[t->type], pixels = stretch_pixels(&g, c->taps);
    const size_t sums =
        (size_t)c->taps * c->taps * ((size_t)c->outputs + 32) * width * sizeof(float);
    return sums + pixels * width * (t->type == WT_F32 ? sizeof(float) : 3 * sizeof(uint16_t)) + 512;
}

static int panels_of(const struct wt_tape *t, const struct wt_tape_conv *c)
{
    return (c->in.channels + t->train->width[t->type] - 1) / t->train->width[t->type];
}

/* Few panels for many threads are divided by rows of taps. */
static int splits_of(const struct wt_tape *t, const struct wt_tape_conv *c)
{
    return panels_of(t, c) < 2 * t->options.threads ? c->taps : 1;
}

int wt_tape_weight_grad_tasks(const struct wt_tape *t, const struct wt_tape_conv *c)
{
    return panels_of(t, c) * splits_of(t, c) + (c->bias >= 0);
}

static void bias_grad(struct wt_tape *t, const struct wt_tape_conv *c,
                      const struct wt_tape_step *turn)
{
    const struct wt_tape_value *out = &t->value[t->tensor[c->tensor].value];
    const int tasks = t->n * ((out->h + turn->band - 1) / turn->band);
    float *grad = t->param[c->bias].grad;
    for (int k = 0; k < c->outputs; k++) {
        double sum = 0;
        for (int i = 0; i < tasks; i++)
            sum += (double)c->bias_grad_partial[(size_t)i * 2 * c->outputs + k];
        grad[k] = (float)sum;
    }
}

/* What a task has at hand. */
struct work {
    const struct wt_tape_conv *c;
    struct grid grid;
    int first, channels, width; /* of x */
    int tap_begin, tap_end;     /* rows of taps */
    size_t pixels;
    float *sum;           /* [taps][outputs][width] */
    char *x;              /* [pixels][width] */
    uint16_t *even, *odd; /* BF16: x by pairs from an even and from an odd pixel on */
};

/* Rows of the grid from `row` on, as many as there is room for. */
static void fill(struct wt_tape *t, const struct work *w, size_t row, size_t pixels)
{
    const size_t size = wt_type_size(t->type), pitch = (size_t)w->grid.w * w->width * size;
    const size_t rows = (pixels + (size_t)w->grid.w - 1) / (size_t)w->grid.w;
    for (size_t i = 0; i < rows; i++) {
        const int image = (int)((row + i) / (size_t)w->grid.h);
        const int at = (int)((row + i) % (size_t)w->grid.h) - w->c->pad_before;
        if (image < t->n)
            wt_tape_view_row(t, w->c, image, at, w->first, w->channels, w->x + i * pitch, w->width);
        else
            memset(w->x + i * pitch, 0, pitch);
    }
    if (t->type == WT_F32)
        return;
    const int n = (int)(rows * (size_t)w->grid.w) & ~1, blocks = w->width / 16;
    const uint16_t *x = (const uint16_t *)w->x;
    t->train->pair(x, w->width, n, blocks, w->even, (ptrdiff_t)w->pixels * 16);
    t->train->pair(x + w->width, w->width, n - 2, blocks, w->odd, (ptrdiff_t)w->pixels * 16);
}

static void stretch(struct wt_tape *t, const struct work *w, const char *turned, size_t from,
                    size_t count)
{
    const size_t size = wt_type_size(t->type), row = from / (size_t)w->grid.w;
    const size_t skip = from - row * (size_t)w->grid.w;
    const struct wt_tape_conv *c = w->c;
    const size_t shift_most = (size_t)(c->taps - 1) * w->grid.w + c->taps - 1;
    fill(t, w, row, skip + count + shift_most + 2);
    for (size_t k = 0; k < count; k += CHUNK)
        for (int ty = w->tap_begin; ty < w->tap_end; ty++)
            for (int tx = 0; tx < c->taps; tx++) {
                const size_t at = skip + k + (size_t)ty * w->grid.w + tx;
                const size_t tap = (size_t)(ty - w->tap_begin) * c->taps + tx;
                const void *b = w->x + at * w->width * size;
                if (t->type == WT_BF16)
                    b = (at % 2 ? w->odd : w->even) + at / 2 * 32;
                t->train->product[t->type](turned + (from + k) * size, (ptrdiff_t)w->grid.all, b,
                                           (ptrdiff_t)w->pixels * 16, c->outputs,
                                           (int)(count - k < CHUNK ? count - k : CHUNK),
                                           w->sum + tap * c->outputs * w->width);
            }
}

static struct work work_of(struct wt_tape *t, const struct wt_tape_conv *c, int task, char *scratch)
{
    const struct wt_tape_value *out = &t->value[t->tensor[c->tensor].value];
    const int panel = task / splits_of(t, c), split = task % splits_of(t, c);
    struct work w = {.c = c, .grid = grid_of(c, out, t->n), .width = t->train->width[t->type]};
    w.first = panel * w.width;
    w.channels = c->in.channels - w.first < w.width ? c->in.channels - w.first : w.width;
    w.tap_begin = splits_of(t, c) > 1 ? split : 0;
    w.tap_end = splits_of(t, c) > 1 ? split + 1 : c->taps;
    w.pixels = stretch_pixels(&w.grid, c->taps);
    const size_t sums = (size_t)(w.tap_end - w.tap_begin) * c->taps * c->outputs * w.width;
    w.sum = (float *)scratch;
    w.x = scratch + (sums * sizeof *w.sum + 63) / 64 * 64;
    w.even = (uint16_t *)w.x + w.pixels * w.width;
    w.odd = w.even + w.pixels * w.width;
    memset(w.sum, 0, sums * sizeof *w.sum);
    if (w.channels < w.width)
        memset(w.x, 0, w.pixels * w.width * wt_type_size(t->type));
    return w;
}

void wt_tape_run_weight_grad(struct wt_tape *t, struct wt_tape_step *s, int task, char *scratch)
{
    const struct wt_tape_conv *c = &t->conv[s->index];
    const char *turned = t->value[s->turned].data;
    if (task == panels_of(t, c) * splits_of(t, c)) {
        bias_grad(t, c, s - 1);
        return;
    }
    const struct work w = work_of(t, c, task, scratch);
    for (size_t k = 0; k < w.grid.all; k += STRETCH)
        stretch(t, &w, turned, k, w.grid.all - k < STRETCH ? w.grid.all - k : STRETCH);
    float *grad = c->wide_grad ? c->wide_grad : t->param[c->weight].grad;
    const int rows = (w.tap_end - w.tap_begin) * c->taps * c->outputs;
    float *to = grad + (size_t)w.tap_begin * c->taps * c->outputs * c->in.channels + w.first;
    for (int i = 0; i < rows; i++)
        memcpy(to + (size_t)i * c->in.channels, w.sum + (size_t)i * w.width,
               (size_t)w.channels * sizeof *to);
}
