#include "train/learn.h"

#include <assert.h>
#include <string.h>

#include "base/pool.h"
#include "data/detector_loss.h"
#include "net/hourglass.h"
#include "train/pair_loss.h"

/* Work by image on the tape's threads: bytes to floats, or the loss of one stack and image. */
struct by_image {
    const struct wt_learn *l;
    const struct wt_batch *batch;
    int n; /* images in all */
    enum { INPUT, LOSS, PAIRS } what;
};

static void input_of(const struct wt_learn *l, int image, const uint8_t *rgb)
{
    const size_t n = WT_CROP_BYTES(l->input);
    float *to = wt_tape_input(l->tape) + (size_t)image * n;
    for (size_t i = 0; i < n; i++)
        to[i] = (float)rgb[i] * (1.0f / 255);
}

/* The batch that an image is in, and where. */
static const struct wt_batch *batch_of(const struct by_image *w, int image, size_t *at)
{
    const struct wt_batch *b = w->batch;
    while (image >= b->n)
        image -= b++->n;
    *at = (size_t)image;
    return b;
}

/* Of a map. */
static int cells_of(const struct wt_learn *l)
{
    return l->detector ? WT_TRAINING_FRAME_MAP : wt_map_cells(l->input);
}

static void loss_of(const struct by_image *w, int stack, int image)
{
    const struct wt_learn *l = w->l;
    const int cells = cells_of(l);
    int stride;
    size_t at;
    const struct wt_batch *b = batch_of(w, image, &at);
    const float *pred = wt_tape_output(l->tape, stack, &stride);
    const size_t map = (size_t)cells * (size_t)stride, to = (size_t)image * map;
    const struct wt_loss_maps maps = {pred + to, b->value + at * map, b->mask + at * map,
                                      b->channel + at * (size_t)stride,
                                      wt_tape_output_grad(l->tape, stack) + to};
    if (l->detector) { /* a frame's loss; the mean over cells is not asked for */
        l->losses[image] = cells * wt_detector_loss(maps.pred, maps.target, maps.mask, stride,
                                                    1.0f / (float)l->mean_over, maps.grad);
        return;
    }
    const float scale = 1.0f / ((float)l->mean_over * (float)cells * (float)l->maps);
    l->losses[stack * w->n + image] = wt_loss_run(l->loss, l->level, &maps, cells, stride, scale);
}

static void pair_of(const struct by_image *w, int pair)
{
    const struct wt_learn *l = w->l;
    const struct wt_batch *b = w->batch;
    const size_t second = (size_t)wt_batch_second(b->n, b->pairs, pair);
    const int stack = l->stacks - 1;
    int stride;
    const float *maps = wt_tape_output(l->tape, stack, &stride);
    float *grad = wt_tape_output_grad(l->tape, stack);
    struct wt_pair_view view[2];
    for (int k = 0; k < 2; k++) {
        const size_t at = second - 1 + (size_t)k;
        const size_t map = at * (size_t)wt_map_cells(l->input) * (size_t)stride;
        view[k] = (struct wt_pair_view){.maps = maps + map,
                                        .grad = grad + map,
                                        .point = b->point + at * (size_t)l->scheme->points,
                                        .map = &b->params[at].map};
    }
    l->losses[pair] = wt_pair_loss(view, l->scheme->points, stride, wt_map_size(l->input),
                                   l->pair_weight / (float)l->pairs_over);
}

static void work(void *job, int step, int item, int thread)
{
    const struct by_image *w = job;
    size_t at;
    if (w->what == PAIRS) {
        pair_of(w, item);
    } else if (w->what == LOSS) {
        loss_of(w, item / w->n, item % w->n);
    } else {
        const struct wt_batch *b = batch_of(w, item, &at);
        input_of(w->l, item, b->rgb + at * WT_CROP_BYTES(w->l->input));
    }
}

double wt_learn_forward(struct wt_learn *l, const struct wt_batch *batch, int batches)
{
    struct by_image w = {.l = l, .batch = batch};
    double sum = 0;
    for (int i = 0; i < batches; i++)
        w.n += batch[i].n;
    if (batch[0].rgb)
        wt_pool_share(wt_tape_pool(l->tape), w.n, work, &w);
    wt_tape_forward(l->tape, w.n);
    w.what = LOSS;
    wt_pool_share(wt_tape_pool(l->tape), w.n * l->stacks, work, &w);
    for (int i = 0; i < l->stacks * w.n; i++)
        sum += l->losses[i];
    sum /= (double)l->mean_over * cells_of(l) * l->maps;
    const int pairs = batch->pairs;
    if (pairs && l->pair_weight > 0) {
        w.what = PAIRS;
        wt_pool_share(wt_tape_pool(l->tape), pairs, work, &w);
        for (int i = 0; i < pairs; i++)
            sum += l->losses[i];
    }
    return sum;
}

void wt_learn_infer(struct wt_learn *l, const uint8_t *rgb, int n)
{
    const struct wt_batch all = {.n = n, .rgb = rgb};
    struct by_image w = {.l = l, .batch = &all, .n = n};
    wt_pool_share(wt_tape_pool(l->tape), w.n, work, &w);
    wt_tape_forward(l->tape, n);
}

void wt_learn_zero_coords(struct wt_tape *tape)
{
    for (int i = 0; i < wt_tape_params(tape); i++) {
        const struct wt_tape_param *p = wt_tape_param(tape, i);
        const int coords = p->grad ? wt_hourglass_coords(p->name) : 0;
        for (size_t end = (size_t)p->shape[1]; coords && end <= p->count;
             end += (size_t)p->shape[1])
            memset(p->grad + end - coords, 0, (size_t)coords * sizeof *p->grad);
    }
}

void wt_learn_export(struct wt_tape *tape, struct wt_optimiser *average, struct wt_weights *to)
{
    for (int i = 0; i < wt_tape_params(tape); i++) {
        const struct wt_tape_param *p = wt_tape_param(tape, i);
        const float *from = average ? wt_optimiser_average(average, i) : NULL;
        const struct wt_tensor *t = wt_weights_find(to, p->name);
        assert(t && t->count == p->count);
        wt_tape_param_export(p, from ? from : p->value, t->data);
    }
}
