/* Plans: creation, buffers, destruction, and what callers read off them. */
#include "plan_internal.h"

#include <stdlib.h>
#include <string.h>

float *wt_plan_constant(struct wt_plan *p, size_t count)
{
    if (p->constant_count == p->constant_capacity) {
        int capacity = p->constant_capacity ? 2 * p->constant_capacity : 256;
        float **c = realloc(p->constants, (size_t)capacity * sizeof *c);
        if (!c)
            return NULL;
        p->constants = c;
        p->constant_capacity = capacity;
    }
    size_t bytes = (count * sizeof(float) + 63) / 64 * 64;
    float *f = aligned_alloc(64, bytes ? bytes : 64);
    if (!f)
        return NULL;
    memset(f, 0, bytes);
    p->constants[p->constant_count++] = f;
    p->constant_floats += count;
    return f;
}

/* ---- buffers --------------------------------------------------------------------------------- */

static void use(struct wt_plan *p, struct wt_view_ref v, int step)
{
    if (v.act < 0)
        return;
    struct wt_act *a = &p->act[v.act];
    if (a->first < 0)
        a->first = step;
    if (step > a->last)
        a->last = step;
}

static void find_lifetimes(struct wt_plan *p)
{
    for (int i = 0; i < p->steps; i++) {
        const struct wt_step *s = &p->step[i];
        const struct wt_view_ref v[] = {s->in, s->in2, s->pre, s->out, s->post};
        for (size_t k = 0; k < sizeof v / sizeof *v; k++)
            use(p, v[k], i);
    }
    /* the input is written before the first step; outputs are read after the last */
    p->act[p->input].first = 0;
    for (int k = 0; k < p->outputs; k++)
        p->act[p->output[k]].last = p->steps;
}

/* A free buffer of the activation's geometry, or a new one. Only the same geometry may share a
 * buffer: then the zero border stays where it is, and no step ever has to clear it. */
static int take_slot(struct wt_plan *p, const struct wt_act *a)
{
    for (int i = 0; i < p->slots; i++) {
        struct wt_slot *s = &p->slot[i];
        if (!s->busy && s->h == a->h && s->w == a->w && s->cs == a->cs && s->pad == a->pad) {
            s->busy = true;
            return i;
        }
    }
    struct wt_slot *s = &p->slot[p->slots];
    size_t pixels = (size_t)(a->h + 2 * a->pad) * (a->w + 2 * a->pad);
    *s = (struct wt_slot){.h = a->h, .w = a->w, .cs = a->cs, .pad = a->pad, .busy = true};
    s->floats = (pixels * a->cs + 15) / 16 * 16;
    return p->slots++;
}

static enum wt_status place_buffers(struct wt_plan *p)
{
    p->slot = calloc((size_t)p->acts, sizeof *p->slot);
    if (!p->slot)
        return wt_fail(WT_ERR_MEMORY, "out of memory for the inference plan");
    for (int step = 0; step <= p->steps; step++) {
        /* take before giving back: a step must not write what it still reads */
        for (int i = 0; i < p->acts; i++)
            if (p->act[i].first == step && p->act[i].slot < 0)
                p->act[i].slot = take_slot(p, &p->act[i]);
        for (int i = 0; i < p->acts; i++)
            if (p->act[i].first >= 0 && p->act[i].last == step)
                p->slot[p->act[i].slot].busy = false;
    }
    for (int i = 0; i < p->slots; i++) {
        struct wt_slot *s = &p->slot[i];
        size_t bytes = s->floats * p->options.batch * sizeof(float);
        s->data = aligned_alloc(64, (bytes + 63) / 64 * 64);
        if (!s->data)
            return wt_fail(WT_ERR_MEMORY, "out of memory for %zu MB of activations", bytes >> 20);
        memset(s->data, 0, bytes);
    }
    return WT_OK;
}

/* Cuts steps into row blocks: big enough that a panel of weights is used on many pixels, small
 * enough that every thread gets several. */
static void cut(struct wt_plan *p)
{
    for (int i = 0; i < p->steps; i++) {
        struct wt_step *s = &p->step[i];
        int pixels = s->kind == WT_STEP_CONV ? 512 : 256;
        int rows = (pixels + s->w - 1) / s->w;
        int across = s->kind == WT_STEP_CONV ? s->panels : 1;
        while (rows > 1 && (s->h + rows - 1) / rows * across < 3 * p->options.threads)
            rows = (rows + 1) / 2;
        s->rows = rows < s->h ? rows : s->h;
        s->chunks = (s->h + s->rows - 1) / s->rows;
    }
}

enum wt_status wt_plan_create(struct wt_plan **out, const struct wt_graph *g,
                              const struct wt_plan_options *options)
{
    struct wt_plan *p = calloc(1, sizeof *p);
    if (!p)
        return wt_fail(WT_ERR_MEMORY, "out of memory for the inference plan");
    p->options = *options;
    p->kernels = wt_kernels_get(options->level);
    enum wt_status s = wt_pool_create(&p->pool, options->threads);
    if (s == WT_OK)
        s = wt_plan_lower(p, g);
    if (s == WT_OK) {
        find_lifetimes(p);
        s = place_buffers(p);
    }
    if (s == WT_OK) {
        cut(p);
        p->next = calloc((size_t)p->steps, sizeof *p->next);
        if (!p->next)
            s = wt_fail(WT_ERR_MEMORY, "out of memory for the inference plan");
    }
    if (s == WT_OK)
        *out = p;
    else
        wt_plan_destroy(&p);
    return s;
}

void wt_plan_destroy(struct wt_plan **plan)
{
    struct wt_plan *p = *plan;
    if (!p)
        return;
    for (int i = 0; i < p->constant_count; i++)
        free(p->constants[i]);
    for (int i = 0; i < p->slots; i++)
        free(p->slot[i].data);
    for (int i = 0; i < p->steps; i++)
        free(p->step[i].panel);
    free(p->constants);
    free(p->slot);
    free(p->step);
    free(p->act);
    free(p->next);
    wt_pool_destroy(&p->pool);
    free(p);
    *plan = NULL;
}

/* ---- input, output, measuring ---------------------------------------------------------------- */

float *wt_plan_input(struct wt_plan *p, int image, ptrdiff_t *row)
{
    struct wt_view_ref v = {p->input, 0};
    *row = wt_act_row(p, v);
    return wt_act_data(p, v, image);
}

const float *wt_plan_output(const struct wt_plan *p, int output, int image, int *stride)
{
    struct wt_view_ref v = {p->output[output], 0};
    *stride = p->act[v.act].cs;
    return wt_act_data(p, v, image);
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
    return p->constant_floats * sizeof(float);
}

size_t wt_plan_buffer_bytes(const struct wt_plan *p)
{
    size_t floats = 0;
    for (int i = 0; i < p->slots; i++)
        floats += p->slot[i].floats;
    return floats * p->options.batch * sizeof(float);
}
