/* Weight gradients: for each tap a product over all pixels of all images,
 *   dW[tap][o][i] = sum over k of g[o][k] * x[k + shift of the tap][i],
 * k running over the padded grid of all images, where g is zero in the padding.
 *
 * A task has some rows of that grid (a share) and, where there are more threads than shares, some
 * of the channels of x. It takes a stretch of rows at a time, lays g out by output channels and x
 * by panels of channels in scratch memory, and multiplies. A second step adds up the shares. How
 * many there are depends on the number of pixels only, so that every element is summed up in one
 * order whatever the threads. */
#include <string.h>

#include "base/align.h"
#include "tape/tape_internal.h"

enum {
    SHARE_PIXELS = 2048,       /* at least, where there are more than 2 */
    STRETCH_PIXELS = 512,      /* of a stretch: at least about, */
    STRETCH_BYTES = 640 << 10, /* or as many as take so many bytes */
    CHUNK = 512,
    BLOCK = 32, /* pixels: products take whole blocks */
};

struct grid {
    int w, h;  /* padded; an even width, as pixels go by pairs in BF16 */
    int rows;  /* of all images */
    int share; /* shares */
};

static struct grid grid_of(const struct wt_tape_conv *c, const struct wt_tape_value *out, int n)
{
    struct grid g = {.w = (out->w + c->taps) / 2 * 2, .h = out->h + c->taps - 1};
    g.rows = n * g.h;
    const size_t shares = (size_t)g.rows * g.w / SHARE_PIXELS;
    g.share = shares < 2 ? 2 : shares > WT_TAPE_SHARES ? WT_TAPE_SHARES : (int)shares;
    return g;
}

static const struct wt_tape_value *out_of(const struct wt_tape *t, const struct wt_tape_conv *c)
{
    return &t->value[t->tensor[c->tensor].value];
}

static int panels_of(const struct wt_tape *t, const struct wt_tape_conv *c)
{
    return (c->in.channels + t->train->width[t->type] - 1) / t->train->width[t->type];
}

/* Tasks that share's panels are divided among. */
static int parts_of(const struct wt_tape *t, const struct wt_tape_conv *c, int shares)
{
    const int parts = (t->options.threads + shares - 1) / shares, panels = panels_of(t, c);
    return parts < panels ? parts : panels;
}

/* Sums of one panel. */
static size_t panel_sums(const struct wt_tape *t, const struct wt_tape_conv *c)
{
    return (size_t)c->taps * c->taps * c->outputs * t->train->width[t->type];
}

size_t wt_tape_weight_sums(const struct wt_tape *t, const struct wt_tape_conv *c)
{
    return grid_of(c, out_of(t, c), t->options.batch).share * panels_of(t, c) * panel_sums(t, c);
}

int wt_tape_weight_grad_tasks(const struct wt_tape *t, const struct wt_tape_conv *c)
{
    const int shares = grid_of(c, out_of(t, c), t->n).share;
    return shares * parts_of(t, c, shares);
}

int wt_tape_weight_sum_tasks(const struct wt_tape *t, const struct wt_tape_conv *c)
{
    return panels_of(t, c) * c->taps * c->taps + (c->bias >= 0);
}

/* ---- a stretch ---- */

/* How a task uses its scratch memory. */
struct layout {
    int rows;             /* of g in a stretch */
    int pixels, g_pixels; /* of x, of g: in whole blocks */
    int row_channels;     /* of x in whole panels */
    size_t g, transposed, row, x, bias, bytes;
    ptrdiff_t pitch; /* elements from one channel's transposed gradient to the next */
};

static struct layout layout_of(const struct wt_tape *t, const struct wt_tape_conv *c, int panels)
{
    const struct grid g = grid_of(c, out_of(t, c), t->options.batch);
    const size_t size = wt_type_size(t->type);
    const int width = t->train->width[t->type], most = (g.rows + g.share - 1) / g.share;
    /* By all panels, however many a task has: for fewer a stretch would be longer, which the
     * scratch memory has no room for, and sums would have another order. */
    const size_t channels = (size_t)panels_of(t, c) * width;
    int pixels = (int)(STRETCH_BYTES / (size * (channels + 2 * c->outputs)));
    pixels = pixels < STRETCH_PIXELS ? STRETCH_PIXELS : pixels;
    struct layout l = {.rows = (pixels + g.w - 1) / g.w, .row_channels = panels * width};
    l.rows = l.rows < most ? l.rows : most;
    l.g_pixels = (l.rows * g.w + BLOCK - 1) / BLOCK * BLOCK;
    l.pixels = (l.g_pixels + (c->taps - 1) * (g.w + 1) + g.w) / g.w * g.w;
    /* an odd number of cache lines, so that a tile's rows do not share places in L1 */
    const size_t lines = (BLOCK + (size_t)l.g_pixels) * size / 64 | 1;
    l.pitch = (ptrdiff_t)(lines * 64 / size);
    l.transposed = wt_align((size_t)l.rows * g.w * c->outputs * size);
    l.row = l.transposed + c->outputs * lines * 64;
    l.x = l.row + wt_align((size_t)g.w * l.row_channels * size);
    l.bias = l.x + wt_align((size_t)l.pixels * l.row_channels * size);
    l.bytes = l.bias + 2 * (size_t)c->outputs * sizeof(float);
    return l;
}

size_t wt_tape_weight_grad_scratch(const struct wt_tape *t, const struct wt_tape_conv *c)
{
    return layout_of(t, c, panels_of(t, c)).bytes;
}

/* State of a task. */
struct work {
    const struct wt_tape_conv *c;
    struct wt_tape_ref grad;
    struct grid grid;
    struct layout at;
    int first, channels, panels, width; /* of x */
    float *sum;                         /* [panels][taps][taps][outputs][width] */
    double *bias;                       /* [outputs]; NULL: another task sums it up */
    char *scratch;
};

static void zero_columns(const struct work *w, int at, int count, size_t size)
{
    char *transposed = w->scratch + w->at.transposed + (BLOCK + at) * size;
    for (int k = 0; count && k < w->c->outputs; k++)
        memset(transposed + k * w->at.pitch * size, 0, count * size);
}

/* g from row `row` of the grid on, transposed; beyond its pixels zeros, before them as well. Rows
 * of whole blocks go straight to where they belong, others by way of a padded copy. */
static void lay_gradient(struct wt_tape *t, const struct work *w, int row, int rows)
{
    const struct wt_tape_conv *c = w->c;
    const struct wt_tape_value *g = &t->value[w->grad.value];
    const struct wt_norm_row none = {0};
    const size_t size = wt_type_size(t->type), px = c->outputs * size;
    const int all = rows * w->grid.w;
    const bool straight = g->w % BLOCK == 0;
    char *transposed = w->scratch + w->at.transposed + BLOCK * size, *padded = w->scratch + w->at.g;
    float *sum = (float *)(w->scratch + w->at.bias);
    memset(sum, 0, 2 * (size_t)c->outputs * sizeof *sum);
    for (int i = 0; i < rows; i++) {
        const int image = (row + i) / w->grid.h, at = (row + i) % w->grid.h, begin = i * w->grid.w;
        const int n = at < g->h ? g->w : 0;
        const struct wt_row_in x = wt_tape_row(g, image, n ? at : 0, w->grad.channel);
        if (straight) {
            t->train->transpose(x, n, c->outputs, transposed + begin * size, t->type, w->at.pitch);
            zero_columns(w, begin + n, w->grid.w - n, size);
        } else {
            t->train->load(x, n, c->outputs, &none, padded + begin * px, t->type, c->outputs);
            memset(padded + (begin + n) * px, 0, (w->grid.w - n) * px);
        }
        if (w->bias)
            t->train->sums(x, n, c->outputs, sum);
    }
    for (int k = 0; w->bias && k < c->outputs; k++)
        w->bias[k] += (double)sum[k];
    const struct wt_row_in from = {padded, t->type, c->outputs};
    if (!straight)
        t->train->transpose(from, all, c->outputs, transposed, t->type, w->at.pitch);
    zero_columns(w, all, (all + BLOCK - 1) / BLOCK * BLOCK - all, size);
}

/* x from row `row` of the grid on: [panel][pixel][width], in BF16 by pairs of pixels. */
static void lay_input(struct wt_tape *t, const struct work *w, int row)
{
    const size_t size = wt_type_size(t->type), panel = (size_t)w->at.pixels * w->width * size;
    const int blocks = w->at.row_channels / 16;
    char *x = w->scratch + w->at.x, *one = w->scratch + w->at.row;
    for (int i = 0; i < w->at.pixels / w->grid.w; i++) {
        const int image = (row + i) / w->grid.h, begin = i * w->grid.w;
        const int at = image < t->n ? (row + i) % w->grid.h - w->c->pad_before : -1;
        if (t->type == WT_BF16) {
            wt_tape_view_row(t, w->c, image, at, w->first, w->channels, one, w->at.row_channels);
            t->train->pair((const uint16_t *)one, w->at.row_channels, w->grid.w, blocks,
                           (uint16_t *)x + begin * 16, (ptrdiff_t)w->at.pixels * 16);
            continue;
        }
        for (int p = 0; p < w->panels; p++) {
            const int left = w->channels - p * w->width;
            wt_tape_view_row(t, w->c, image, at, w->first + p * w->width,
                             left < w->width ? left : w->width,
                             x + p * panel + (size_t)begin * w->width * size, w->width);
        }
    }
}

static void multiply(struct wt_tape *t, const struct work *w, int pixels)
{
    const size_t size = wt_type_size(t->type), panel = (size_t)w->at.pixels * w->width * size;
    const int taps = w->c->taps, outputs = w->c->outputs;
    for (int k = 0; k < pixels; k += CHUNK)
        for (int p = 0; p < w->panels; p++) {
            const struct wt_product x = {
                .a = w->scratch + w->at.transposed + (BLOCK + k) * size,
                .a_row = w->at.pitch,
                .b = w->scratch + w->at.x + p * panel +
                     (size_t)k * (t->type == WT_BF16 ? 16 : w->width) * size,
                .b_block = (ptrdiff_t)w->at.pixels * 16,
                .m = outputs,
                .k = pixels - k < CHUNK ? pixels - k : CHUNK,
                .taps = taps,
                .tap_row = w->grid.w,
                .sum = w->sum + p * panel_sums(t, w->c),
            };
            t->train->products[t->type](&x);
        }
}

void wt_tape_run_weight_grad(struct wt_tape *t, struct wt_tape_step *s, int task, char *scratch)
{
    const struct wt_tape_conv *c = &t->conv[s->index];
    struct work w = {.c = c, .grad = s->grad, .grid = grid_of(c, out_of(t, c), t->n)};
    const int parts = parts_of(t, c, w.grid.share), all = panels_of(t, c);
    const int share = task / parts, part = task % parts;
    const int begin = all * part / parts;
    w.panels = all * (part + 1) / parts - begin;
    w.width = t->train->width[t->type];
    w.first = begin * w.width;
    w.channels = c->in.channels - w.first;
    w.channels = w.channels < w.panels * w.width ? w.channels : w.panels * w.width;
    w.at = layout_of(t, c, w.panels);
    w.scratch = scratch;
    w.sum = (float *)t->value[s->sums].data + (size_t)(share * all + begin) * panel_sums(t, c);
    memset(w.sum, 0, w.panels * panel_sums(t, c) * sizeof *w.sum);
    if (c->bias >= 0 && part == 0) {
        w.bias = c->bias_sums + (size_t)share * c->outputs;
        memset(w.bias, 0, c->outputs * sizeof *w.bias);
    }
    memset(scratch, 0, w.at.bytes);
    const int end = (int)((int64_t)w.grid.rows * (share + 1) / w.grid.share);
    for (int row = (int)((int64_t)w.grid.rows * share / w.grid.share); row < end;
         row += w.at.rows) {
        const int rows = end - row < w.at.rows ? end - row : w.at.rows;
        lay_gradient(t, &w, row, rows);
        lay_input(t, &w, row);
        multiply(t, &w, (rows * w.grid.w + BLOCK - 1) / BLOCK * BLOCK);
    }
}

/* ---- adding up ---- */

static void bias_grad(struct wt_tape *t, const struct wt_tape_conv *c, int shares)
{
    float *grad = t->param[c->bias].grad;
    for (int k = 0; k < c->outputs; k++) {
        double sum = 0;
        for (int i = 0; i < shares; i++)
            sum += c->bias_sums[(size_t)i * c->outputs + k];
        grad[k] = (float)sum;
    }
}

/* A tap of a panel. */
void wt_tape_run_weight_sum(struct wt_tape *t, struct wt_tape_step *s, int task)
{
    const struct wt_tape_conv *c = &t->conv[s->index];
    const int shares = grid_of(c, out_of(t, c), t->n).share, width = t->train->width[t->type];
    const int taps = c->taps * c->taps, panel = task / taps, tap = task % taps;
    const int panels = panels_of(t, c), first = panel * width;
    const int channels = c->in.channels - first < width ? c->in.channels - first : width;
    if (panel == panels) {
        bias_grad(t, c, shares);
        return;
    }
    const float *from = (const float *)t->value[s->sums].data + panel * panel_sums(t, c) +
                        (size_t)tap * c->outputs * width;
    float *grad = c->wide_grad ? c->wide_grad : t->param[c->weight].grad;
    for (int o = 0; o < c->outputs; o++, from += width) {
        float *to = grad + ((size_t)tap * c->outputs + o) * c->in.channels + first;
        memcpy(to, from, (size_t)channels * sizeof *to);
        for (int i = 1; i < shares; i++) {
            const float *more = from + i * panels * panel_sums(t, c);
            for (int k = 0; k < channels; k++)
                to[k] += more[k];
        }
    }
}
