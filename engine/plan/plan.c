/* Plans: creation, buffers, destruction, and what callers read off them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/align.h"
#include "graph/simplify.h"
#include "kernels/store.h"
#include "plan/plan_internal.h"

float *wt_plan_constant(struct wt_plan *p, size_t count)
{
    return wt_arena_take(&p->constants, count * sizeof(float));
}

/* ---- phases ---------------------------------------------------------------------------------- */

/* The activation that a step may turn into its result in place: one it reads at the very elements
 * that it writes. -1: none. */
static int same_place(const struct wt_step *s)
{
    struct wt_view_ref from = s->kind == WT_STEP_CONV ? s->in2 : s->in;
    bool adds = s->kind == WT_STEP_CONV || s->kind == WT_STEP_ADD || s->kind == WT_STEP_UPADD;
    return adds && s->out.act >= 0 && from.channel == s->out.channel ? from.act : -1;
}

/* Whether step s reads activation a, other than to turn it into `into`. */
static bool reads(const struct wt_step *s, int a, int into)
{
    int uses = (s->in.act == a) + (s->in2.act == a) + (s->coord_act.act == a);
    return uses > (s->out.act == into && same_place(s) == a);
}

/* The last phase in which something else reads what step s may turn into its result. */
static int other_readers(const struct wt_plan *p, const struct wt_step *s)
{
    int phase = -1, from = same_place(s);
    for (int i = 0; from >= 0 && i < p->steps; i++)
        if (reads(&p->step[i], from, s->out.act) && p->step[i].phase > phase)
            phase = p->step[i].phase;
    return phase;
}

/* Everything that a step reads comes from earlier phases: the branches of the hourglass run side by
 * side, and threads synchronise less often. written: for each activation the last phase that writes
 * it. wait: what a step may do in place it does after the others who read it. */
static void find_phases(struct wt_plan *p, int *written, bool wait)
{
    for (int i = 0; i < p->acts; i++)
        written[i] = -1;
    for (int i = 0; i < p->steps; i++) {
        struct wt_step *s = &p->step[i];
        const struct wt_view_ref in[] = {s->in, s->in2, s->coord_act},
                                 out[] = {s->pre, s->out, s->post};
        int phase = wait ? other_readers(p, s) + 1 : 0;
        for (int k = 0; k < 3; k++)
            if (in[k].act >= 0 && written[in[k].act] >= phase)
                phase = written[in[k].act] + 1;
        for (int k = 0; k < 3; k++)
            if (out[k].act >= 0 && written[out[k].act] < phase)
                written[out[k].act] = phase;
        s->phase = phase;
    }
}

static int by_phase(const void *a, const void *b)
{
    const struct wt_step *s = a, *t = b;
    return s->phase != t->phase ? (s->phase > t->phase) - (s->phase < t->phase)
                                : (s->order > t->order) - (s->order < t->order);
}

static enum wt_status order_steps(struct wt_plan *p)
{
    int *written = malloc(((size_t)p->acts + 1) * sizeof *written);
    if (!written)
        return wt_fail(WT_ERR_MEMORY, "out of memory for the inference plan");
    find_phases(p, written, false);
    find_phases(p, written, true);
    free(written);
    for (int i = 0; i < p->steps; i++)
        p->step[i].order = i;
    qsort(p->step, (size_t)p->steps, sizeof *p->step, by_phase);
    return WT_OK;
}

/* ---- buffers --------------------------------------------------------------------------------- */

static void use(struct wt_plan *p, struct wt_view_ref v, int phase)
{
    if (v.act < 0)
        return;
    struct wt_act *a = &p->act[v.act];
    if (a->first < 0)
        a->first = phase;
    if (phase > a->last)
        a->last = phase;
}

static int phases(const struct wt_plan *p)
{
    return p->steps ? p->step[p->steps - 1].phase + 1 : 0;
}

static void find_lifetimes(struct wt_plan *p)
{
    for (int i = 0; i < p->steps; i++) {
        const struct wt_step *s = &p->step[i];
        const struct wt_view_ref v[] = {s->in, s->in2, s->coord_act, s->pre, s->out, s->post};
        for (size_t k = 0; k < sizeof v / sizeof *v; k++)
            use(p, v[k], s->phase);
    }
    /* the input is written before the first phase; outputs are read after the last */
    p->act[p->input].first = 0;
    for (int k = 0; k < p->outputs; k++)
        p->act[p->output[k]].last = phases(p);
}

/* Only the same geometry may share a buffer: then the zero border and the zeros beyond the last
 * channel stay where they are, and no step ever has to clear them. */
static bool same_geometry(const struct wt_act *a, const struct wt_act *b)
{
    return b->h == a->h && b->w == a->w && b->c == a->c && b->cs == a->cs && b->pad == a->pad &&
           b->type == a->type;
}

/* The activation in whose place activation `to` may be written, as all steps that write it turn
 * that one into it and nothing else needs it any more: less memory traffic. -1: none. */
static int in_place_of(const struct wt_plan *p, int to)
{
    int from = -1;
    for (int i = 0; i < p->steps; i++) {
        const struct wt_step *s = &p->step[i];
        if (s->pre.act == to || s->post.act == to || (s->out.act == to && same_place(s) < 0))
            return -1;
        if (s->out.act != to)
            continue;
        if (from >= 0 && same_place(s) != from)
            return -1;
        from = same_place(s);
    }
    if (from < 0 || !same_geometry(&p->act[from], &p->act[to]) || (p->act[from].last >= phases(p)))
        return -1;
    for (int i = 0; i < p->steps; i++) {
        const struct wt_step *s = &p->step[i];
        bool writes = s->pre.act == from || s->out.act == from || s->post.act == from;
        if ((writes || reads(s, from, to)) && s->phase >= p->act[to].first)
            return -1;
    }
    return from;
}

/* A free buffer of the activation's geometry, the one used last, or a new one. */
static int take_slot(struct wt_plan *p, const struct wt_act *a)
{
    int best = -1;
    for (int i = 0; i < p->slots; i++) {
        const struct wt_slot *s = &p->slot[i];
        if (!s->busy && same_geometry(&s->like, a) &&
            (best < 0 || s->released > p->slot[best].released))
            best = i;
    }
    if (best >= 0) {
        p->slot[best].busy = true;
        return best;
    }
    struct wt_slot *s = &p->slot[p->slots];
    size_t pixels = (size_t)(a->h + 2 * a->pad) * (a->w + 2 * a->pad);
    *s = (struct wt_slot){.like = *a, .busy = true};
    s->bytes = wt_align(pixels * a->cs * wt_type_size(a->type));
    return p->slots++;
}

/* Slots for what is written first in a phase, and back from what is read last in it; take before
 * giving back: a phase must not write what it still reads. */
static void place_phase(struct wt_plan *p, int phase)
{
    for (int i = 0; i < p->acts; i++) {
        struct wt_act *a = &p->act[i];
        if (a->first != phase || a->slot >= 0)
            continue;
        int from = in_place_of(p, i);
        a->slot = from >= 0 ? p->act[from].slot : take_slot(p, a);
        if (from >= 0)
            p->act[from].last = -1; /* the slot goes on to the new one */
    }
    for (int i = 0; i < p->acts; i++)
        if (p->act[i].first >= 0 && p->act[i].last == phase) {
            p->slot[p->act[i].slot].busy = false;
            p->slot[p->act[i].slot].released = phase;
        }
}

static enum wt_status take_buffers(struct wt_plan *p)
{
    for (int i = 0; i < p->slots; i++) {
        struct wt_slot *s = &p->slot[i];
        size_t bytes = s->bytes * p->options.batch + WT_OVERREAD;
        s->data = wt_arena_take(&p->buffers, bytes);
        if (!s->data)
            return wt_fail(WT_ERR_MEMORY, "out of memory for %zu MB of activations", bytes >> 20);
    }
    return WT_OK;
}

static enum wt_status place_buffers(struct wt_plan *p)
{
    p->slot = calloc((size_t)p->acts, sizeof *p->slot);
    if (!p->slot)
        return wt_fail(WT_ERR_MEMORY, "out of memory for the inference plan");
    for (int phase = 0; phase <= phases(p); phase++)
        place_phase(p, phase);
    return take_buffers(p);
}

/* Pixels (tiles for Winograd) of a work item: enough that a panel of weights is used often, few
 * enough that the item's inputs stay in L2. */
enum { CONV_PIXELS = 512, ROW_PIXELS = 256, WINOGRAD_TILES = 32 };

/* Weights up to this size stay in L2 while a row passes all panels; then inputs and outputs need to
 * pass the cache only once. Larger ones are used panel by panel over many rows. */
enum { WHOLE_BYTES = 700 << 10 };

static size_t weight_bytes(const struct wt_step *s)
{
    return (size_t)s->kernel_size * s->kernel_size * s->cin * s->c * wt_type_size(s->type);
}

/* Tiles whose transformed inputs stay in L2 beside what else a step reads there. */
static int winograd_tiles(const struct wt_step *s)
{
    long l2 = (long)wt_cpu_get()->l2;
    if (!l2) /* not known */
        l2 = 512 << 10;
    const struct wt_winograd_kernels *k = s->winograd;
    long tiles = l2 / 16 * 9 / ((long)k->in * k->in * s->cin * k->v_size);
    return tiles < WINOGRAD_TILES / 2 ? WINOGRAD_TILES / 2
           : tiles < WINOGRAD_TILES   ? (int)tiles
                                      : WINOGRAD_TILES;
}

/* Cuts a Winograd step. A block's weights come from beyond L2, so blocks of few tiles cost more
 * than transforming the inputs once more for each part of the panels. */
static void cut_winograd(struct wt_plan *p, struct wt_step *s)
{
    const struct wt_winograd_kernels *k = s->winograd;
    int h = s->h / k->out, w = s->w / k->out;
    s->rows = winograd_tiles(s) / w;
    s->rows = s->rows > 1 ? s->rows : 1;
    s->rows = s->rows < h ? s->rows : h;
    for (s->across = 1;; s->rows = (s->rows + 1) / 2) {
        s->chunks = (h + s->rows - 1) / s->rows;
        if (s->rows * w <= WINOGRAD_TILES / 2)
            while (s->across < s->panels && s->chunks * s->across < p->options.threads)
                s->across++;
        if (s->rows == 1 || s->chunks * s->across >= p->options.threads)
            break;
    }
    size_t tiles = (size_t)wt_winograd_tiles(s), nr = (size_t)s->kernels->nr_wide;
    size_t bytes = k->v_size * wt_winograd_pos(tiles * s->cin, k->v_size) +
                   sizeof(float) * wt_winograd_pos(tiles * nr, sizeof(float));
    bytes *= (size_t)k->in * k->in;
    p->scratch_bytes = bytes > p->scratch_bytes ? bytes : p->scratch_bytes;
}

/* Cuts steps into row blocks, smaller ones where threads would go without. */
static void cut(struct wt_plan *p)
{
    for (int i = 0; i < p->steps; i++) {
        struct wt_step *s = &p->step[i];
        bool conv = s->kind == WT_STEP_CONV;
        if (s->winograd) {
            cut_winograd(p, s);
            continue;
        }
        s->whole = conv && s->h >= 4 * p->options.threads && weight_bytes(s) <= WHOLE_BYTES;
        int pixels = conv ? CONV_PIXELS : ROW_PIXELS;
        int rows = (pixels + s->w - 1) / s->w;
        s->across = conv && !s->whole ? s->panels : 1;
        while (rows > 1 && (s->h + rows - 1) / rows * s->across < 3 * p->options.threads)
            rows = (rows + 1) / 2;
        s->rows = rows < s->h ? rows : s->h;
        s->chunks = (s->h + s->rows - 1) / s->rows;
    }
}

static enum wt_status allocate_work(struct wt_plan *p)
{
    p->share = calloc((size_t)p->steps, sizeof *p->share);
    p->scratch_bytes =
        wt_round_bytes(p->scratch_bytes, WT_PAGE); /* threads on pages of their own */
    p->scratch = wt_arena_take(&p->buffers, p->scratch_bytes * p->options.threads);
    if (p->share && p->scratch)
        return wt_pool_create(&p->pool, p->options.threads, p->steps);
    return wt_fail(WT_ERR_MEMORY, "out of memory for the inference plan");
}

enum wt_status wt_plan_create(struct wt_plan **out, const struct wt_graph *g,
                              const struct wt_plan_options *options)
{
    struct wt_plan *p = calloc(1, sizeof *p);
    if (!p)
        return wt_fail(WT_ERR_MEMORY, "out of memory for the inference plan");
    p->options = *options;
    p->kernels = wt_kernels_get(options->level);
    struct wt_graph simple = {0};
    struct wt_arena merged = {0}; /* parameters are packed from here */
    enum wt_status s = wt_simplify(g, &simple, &merged);
    if (s == WT_OK)
        s = wt_plan_lower(p, &simple);
    wt_graph_fini(&simple);
    wt_arena_fini(&merged);
    if (s == WT_OK)
        s = order_steps(p);
    if (s == WT_OK) {
        find_lifetimes(p);
        s = place_buffers(p);
    }
    if (s == WT_OK) {
        cut(p);
        s = allocate_work(p);
    }
    if (s == WT_OK)
        *out = p;
    else
        wt_plan_destroy(&p);
    return s;
}

enum wt_status wt_plan_twin(struct wt_plan **out, const struct wt_plan *of, int threads, int batch)
{
    struct wt_plan *p = malloc(sizeof *p);
    if (!p)
        return wt_fail(WT_ERR_MEMORY, "out of memory for the inference plan");
    *p = *of;
    p->twin = true;
    p->options.threads = threads;
    p->options.batch = batch;
    p->constants = p->buffers = (struct wt_arena){.chunks = 0};
    p->pool = NULL;
    p->share = NULL;
    p->profile = false;
    p->observe = NULL;
    p->slot = malloc((size_t)p->slots * sizeof *p->slot);
    enum wt_status s = WT_OK;
    if (p->slot)
        memcpy(p->slot, of->slot, (size_t)p->slots * sizeof *p->slot);
    else
        s = wt_fail(WT_ERR_MEMORY, "out of memory for the inference plan");
    if (s == WT_OK)
        s = take_buffers(p);
    if (s == WT_OK)
        s = allocate_work(p);
    if (s == WT_OK)
        *out = p;
    else
        wt_plan_destroy(&p);
    return s;
}

static void free_shared(struct wt_plan *p)
{
    for (int i = 0; i < p->steps; i++)
        free(p->step[i].panel);
    wt_arena_fini(&p->constants);
    free(p->step);
    free(p->act);
}

void wt_plan_limit_threads(struct wt_plan *plan, int threads)
{
    wt_pool_limit(plan->pool, threads);
}

void wt_plan_destroy(struct wt_plan **plan)
{
    struct wt_plan *p = *plan;
    if (!p)
        return;
    if (!p->twin)
        free_shared(p);
    wt_arena_fini(&p->buffers);
    free(p->slot);
    free(p->share);
    wt_pool_destroy(&p->pool);
    free(p);
    *plan = NULL;
}

/* ---- input, output, measuring ---------------------------------------------------------------- */

/* A row of n numbers, bytes or floats, in the form that the first convolution reads: 0..1 as
 * float32, else 0..255. */
static void put_row(void *to, enum wt_type type, const uint8_t *bytes, const float *floats, int n)
{
    float *f = to;
    uint16_t *h = to;
    uint8_t *q = to;
    if (floats && type == WT_F32)
        memcpy(f, floats, (size_t)n * sizeof *f);
    else if (type == WT_F32)
        for (int x = 0; x < n; x++)
            f[x] = (float)bytes[x] * (1.0f / 255.0f);
    else if (type == WT_BF16)
        for (int x = 0; x < n; x++)
            h[x] = wt_bf16_store(floats ? floats[x] * 255.0f : (float)bytes[x]);
    else if (floats)
        for (int x = 0; x < n; x++)
            q[x] = wt_u8_store(floats[x] * 255.0f);
    else
        memcpy(q, bytes, (size_t)n);
}

static void put_image(struct wt_plan *p, int image, const uint8_t *bytes, const float *floats)
{
    struct wt_view_ref v = {p->input, 0};
    const struct wt_act *a = &p->act[p->input];
    ptrdiff_t row = wt_act_row(p, v) * (ptrdiff_t)wt_type_size(a->type);
    char *to = wt_act_data(p, v, image);
    int n = a->w * a->c;
    for (int y = 0; y < a->h; y++, to += row)
        put_row(to, a->type, bytes ? bytes + (size_t)y * n : NULL,
                floats ? floats + (size_t)y * n : NULL, n);
}

void wt_plan_input_u8(struct wt_plan *p, int image, const uint8_t *pixels)
{
    put_image(p, image, pixels, NULL);
}

void wt_plan_input_f32(struct wt_plan *p, int image, const float *pixels)
{
    put_image(p, image, NULL, pixels);
}

const float *wt_plan_output(const struct wt_plan *p, int output, int image, int *stride)
{
    struct wt_view_ref v = {p->output[output], 0};
    *stride = p->act[v.act].cs;
    return (const float *)wt_act_data(p, v, image);
}

void wt_plan_observe(struct wt_plan *p, wt_plan_observe_fn *fn, void *user)
{
    assert(p->options.type == WT_F32);
    p->observe = fn;
    p->observer = user;
}

void wt_plan_profile(struct wt_plan *p, bool on)
{
    p->profile = on;
    for (int i = 0; i < p->steps && on; i++) {
        p->step[i].ms = 0;
        p->step[i].runs = 0;
    }
}

int wt_plan_steps(const struct wt_plan *p)
{
    return p->steps;
}

struct wt_plan_step_info wt_plan_step(const struct wt_plan *p, int i)
{
    const struct wt_step *s = &p->step[i];
    return (struct wt_plan_step_info){s->name, s->kernel, s->macs, s->ms, s->runs};
}

size_t wt_plan_weight_bytes(const struct wt_plan *p)
{
    return p->constants.used;
}

size_t wt_plan_buffer_bytes(const struct wt_plan *p)
{
    return p->buffers.used;
}
