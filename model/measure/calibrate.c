#include "measure/calibrate.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/detector_loss.h"
#include "face/crop.h"
#include "graph/simplify.h"
#include "net/detector_net.h"
#include "net/hourglass.h"
#include "net/range.h"
#include "plan/plan.h"

struct calibration {
    struct wt_weights *weights;
    struct wt_graph graph, simple; /* as described; as plans compute it */
    struct wt_arena merged;
    struct wt_range_stats *stats; /* [nodes]: of the values that convolutions read */
    struct wt_plan *plan;
    struct worker *worker; /* [workers]: one a thread */
    int workers;
};

/* State of one thread. */
struct worker {
    const struct calibration *all;
    struct wt_plan *plan; /* a twin */
    struct wt_range_stats *stats;
    uint8_t *rgb;
};

/* The value in memory that a convolution reads: coordinate channels are none. */
static int input_of(const struct wt_graph *g, int conv)
{
    int x = g->node[conv].in[0];
    return g->node[x].op == WT_OP_CONCAT ? g->node[x].in[0] : x;
}

/* Does int8 need a range for this node's input? */
static bool needs_range(const struct wt_graph *g, int i)
{
    const struct wt_node *n = &g->node[i];
    return n->op == WT_OP_CONV && n->inputs > 0 && g->node[input_of(g, i)].op != WT_OP_INPUT;
}

static void look(void *user, const char *name, const struct wt_plan_view *input)
{
    const struct worker *k = user;
    const struct wt_graph *g = &k->all->simple;
    int i = 0, first;
    while (i < g->count && !(needs_range(g, i) && strcmp(g->node[i].name, name) == 0))
        i++;
    if (i == g->count)
        return; /* the first convolution: it reads bytes */
    for (first = 0; !needs_range(g, first) || input_of(g, first) != input_of(g, i);)
        first++;
    if (first == i) /* others read the same */
        for (int y = 0; y < input->h; y++)
            wt_range_stats_add(&k->stats[input_of(g, i)], input->data + y * input->row, input->px,
                               input->w);
}

/* A detector's frame has the size of those that it learned from. */
static enum wt_status make_graph(const struct wt_weights *w, struct wt_graph *g)
{
    return wt_detector_net_is(w)
               ? wt_detector_net_graph(w, WT_TRAINING_FRAME_SIDE, WT_TRAINING_FRAME_SIDE, g)
               : wt_hourglass_graph(w, g);
}

/* Of the network's input image. */
static size_t input_bytes(const struct wt_graph *g)
{
    const struct wt_node *image = g->node;
    while (image->op != WT_OP_INPUT)
        image++;
    return WT_CROP_BYTES(image->h);
}

static void free_stats(struct wt_range_stats *stats, int count)
{
    for (int i = 0; stats && i < count; i++)
        wt_range_stats_fini(&stats[i]);
    free(stats);
}

static enum wt_status out_of_memory(void)
{
    return wt_fail(WT_ERR_MEMORY, "out of memory for the calibration");
}

/* What there is of it after a failure is the caller's to free, too. */
static enum wt_status make_stats(struct wt_range_stats **out, const struct wt_graph *g)
{
    struct wt_range_stats *stats = *out = calloc((size_t)g->count, sizeof *stats);
    enum wt_status status = stats ? WT_OK : out_of_memory();
    for (int i = 0; !status && i < g->count; i++) {
        int x = needs_range(g, i) ? input_of(g, i) : -1;
        if (x >= 0 && !stats[x].channels)
            status = wt_range_stats_init(&stats[x], g->node[x].c);
    }
    return status;
}

static enum wt_status make_workers(struct calibration *k, int threads)
{
    k->worker = calloc((size_t)threads, sizeof *k->worker);
    enum wt_status status = k->worker ? WT_OK : out_of_memory();
    for (int i = 0; i < threads && !status; i++) {
        struct worker *l = &k->worker[k->workers++];
        l->all = k;
        l->rgb = malloc(input_bytes(&k->graph));
        status = l->rgb ? make_stats(&l->stats, &k->simple) : out_of_memory();
        if (!status)
            status = wt_plan_twin(&l->plan, k->plan, 1, 1);
        if (!status)
            wt_plan_observe(l->plan, look, l);
    }
    return status;
}

static enum wt_status prepare(struct calibration *k, const struct wt_calibrate_options *o)
{
    const struct wt_plan_options options = {
        .threads = 1, .batch = 1, .level = o->level, .type = WT_F32};
    const int threads = wt_cpu_threads(o->threads);
    enum wt_status status = make_graph(k->weights, &k->graph);
    if (!status)
        status = wt_simplify(&k->graph, &k->simple, &k->merged);
    if (!status)
        status = wt_plan_create(&k->plan, &k->graph, &options);
    if (!status)
        status = make_stats(&k->stats, &k->simple);
    if (status)
        return status;
    return make_workers(k, (size_t)threads < o->crops ? threads : (int)o->crops);
}

/* The tensor NAME.input_range, made where it is not there yet; NULL when memory ran out. */
static float *range_tensor(struct wt_weights *w, const char *name, int channels)
{
    char full[96];
    snprintf(full, sizeof full, "%s.input_range", name);
    const struct wt_tensor *t = wt_weights_find(w, full);
    if (!t)
        t = wt_weights_add(w, full, 2, (const int64_t[]){2, channels});
    return t ? t->data : NULL;
}

/* Ranges for value x, into the weights of all that read it. */
static enum wt_status write_ranges(struct calibration *k, int x)
{
    const struct wt_graph *g = &k->simple;
    int channels = g->node[x].c, convs = 0;
    struct wt_range_weights conv[8];
    float *low = calloc(2 * (size_t)channels, sizeof *low);
    enum wt_status status = low ? WT_OK : out_of_memory();
    for (int i = 0; i < g->count && convs < 8; i++)
        if (needs_range(g, i) && input_of(g, i) == x) {
            const struct wt_node *n = &g->node[i];
            conv[convs++] = (struct wt_range_weights){n->weight, n->c, g->node[n->in[0]].c,
                                                      n->kernel * n->kernel};
        }
    if (!status)
        status = wt_range_choose(&k->stats[x], conv, convs, low, low + channels);
    for (int i = 0; i < g->count && !status; i++)
        if (needs_range(g, i) && input_of(g, i) == x) {
            float *to = range_tensor(k->weights, g->node[i].name, channels);
            if (to)
                memcpy(to, low, 2 * (size_t)channels * sizeof *to);
            else
                status = wt_fail(WT_ERR_MEMORY, "out of memory for the ranges");
        }
    free(low);
    return status;
}

static void finish(struct calibration *k)
{
    for (int i = 0; i < k->workers; i++) {
        wt_plan_destroy(&k->worker[i].plan);
        free_stats(k->worker[i].stats, k->simple.count);
        free(k->worker[i].rgb);
    }
    free(k->worker);
    free_stats(k->stats, k->simple.count);
    wt_plan_destroy(&k->plan);
    wt_graph_fini(&k->simple);
    wt_graph_fini(&k->graph);
    wt_arena_fini(&k->merged);
}

/* A face on one thread: the statistics take longer than the network. */
static enum wt_status look_at(const struct worker *l, const struct wt_calibrate_options *o,
                              size_t i)
{
    enum wt_status status = o->crop(o->user, i, l->rgb);
    if (status)
        return status;
    wt_plan_input_u8(l->plan, 0, l->rgb);
    wt_plan_run(l->plan, 1, l->all->simple.outputs - 1);
    return WT_OK;
}

/* In order of the crops: the first one that fails ends the calibration, and is read again to log
 * what was wrong; errors of others are not logged. */
static enum wt_status take_over(struct calibration *k, struct worker *l,
                                const struct wt_calibrate_options *o, size_t i,
                                enum wt_status status)
{
    if (status) {
        enum wt_log_level level = wt_fail_level(WT_LOG_ERROR);
        status = look_at(l, o, i);
        wt_fail_level(level);
    }
    for (int n = 0; n < k->simple.count && !status; n++)
        if (k->stats[n].channels)
            wt_range_stats_move_squares(&k->stats[n], &l->stats[n]);
    if (!status && o->progress)
        o->progress(o->user, i + 1);
    return status;
}

static enum wt_status look_at_all(struct calibration *k, const struct wt_calibrate_options *o)
{
    enum wt_status status = WT_OK;
#pragma omp parallel num_threads(k->workers)
    {
        struct worker *l = &k->worker[omp_get_thread_num()];
        const enum wt_log_level level = wt_fail_level(WT_LOG_DEBUG);
#pragma omp for ordered schedule(monotonic : dynamic)
        for (size_t i = 0; i < o->crops; i++) {
            enum wt_status known, own = WT_OK;
#pragma omp atomic read
            known = status;
            if (!known)
                own = look_at(l, o, i);
#pragma omp ordered
            if (!status) {
                own = take_over(k, l, o, i, own);
#pragma omp atomic write
                status = own;
            }
        }
        wt_fail_level(level);
    }
    return status;
}

enum wt_status wt_calibrate(struct wt_weights *w, const struct wt_calibrate_options *options)
{
    struct calibration k = {.weights = w};
    wt_graph_init(&k.graph);
    enum wt_status status = prepare(&k, options);
    if (!status)
        status = look_at_all(&k, options);
    for (int i = 0; i < k.simple.count && !status; i++)
        if (k.stats[i].channels) {
            for (int t = 0; t < k.workers; t++)
                wt_range_stats_merge(&k.stats[i], &k.worker[t].stats[i]);
            status = write_ranges(&k, i);
        }
    finish(&k);
    return status;
}

static enum wt_status noise(void *user, size_t i, uint8_t *rgb)
{
    const struct wt_arch *arch = user;
    uint32_t x = (uint32_t)i + 1;
    for (size_t k = 0; k < WT_CROP_BYTES(arch->input); k++)
        rgb[k] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
    return WT_OK;
}

enum wt_status wt_calibrate_noise(struct wt_weights *w, int threads, enum wt_cpu_level level)
{
    struct wt_arch arch;
    const struct wt_calibrate_options options = {
        .crops = 2, .crop = noise, .user = &arch, .threads = threads, .level = level};
    const enum wt_status status = wt_arch_from_weights(w, &arch);
    return status ? status : wt_calibrate(w, &options);
}

/* Does int8 compute convolution i with its own weights, all of them integers, and does nothing else
 * use them? */
static bool stands_alone(const struct wt_graph *g, const struct wt_graph *simple, int i,
                         const struct wt_tensor *weight)
{
    const struct wt_node *n = &simple->node[i];
    for (int k = 0; k < g->count; k++)
        if (g->node[k].op == WT_OP_CONV && g->node[k].in[0] == i && !simple->node[k].inputs)
            return false; /* k was merged with it into another */
    return needs_range(simple, i) && simple->node[n->in[0]].op != WT_OP_CONCAT && weight &&
           weight->data == n->weight;
}

enum wt_status wt_quantise_weights(struct wt_weights *w)
{
    struct wt_graph g, simple = {0};
    struct wt_arena merged = {0};
    char name[96];
    wt_graph_init(&g);
    enum wt_status status = make_graph(w, &g);
    if (!status)
        status = wt_simplify(&g, &simple, &merged);
    for (int i = 0; i < simple.count && !status; i++) {
        const struct wt_node *n = &simple.node[i];
        snprintf(name, sizeof name, "%s.weight", n->name);
        if (stands_alone(&g, &simple, i, wt_weights_find(w, name)))
            status = wt_weights_to_int8(w, n->name);
    }
    wt_graph_fini(&simple);
    wt_graph_fini(&g);
    wt_arena_fini(&merged);
    return status;
}
