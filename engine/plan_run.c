/* Running a plan: every thread walks all steps, takes row blocks of the current one until none is
 * left, and meets the others at a barrier before the next. */
#include "plan_internal.h"

#include <time.h>

static float *row_at(const struct wt_plan *p, struct wt_view_ref v, int image, int y)
{
    return v.act < 0 ? NULL : wt_act_data(p, v, image) + y * wt_act_row(p, v);
}

static ptrdiff_t px(const struct wt_plan *p, struct wt_view_ref v)
{
    return v.act < 0 ? 0 : p->act[v.act].cs;
}

static float *from(float *row, int channel)
{
    return row ? row + channel : NULL;
}

static const float *cfrom(const float *row, int channel)
{
    return row ? row + channel : NULL;
}

/* One row block of one panel. */
static void conv(const struct wt_plan *p, const struct wt_step *s, int image, int panel, int y0,
                 int y1)
{
    const struct wt_panel_ref *ref = &s->panel[panel];
    const struct wt_act *in = &p->act[s->in.act];
    int c = ref->from;
    struct wt_conv_panel shared = {
        .weight = ref->weight,
        .bias = s->bias + c,
        .kh = s->kernel_size,
        .kc = s->kernel_size > 1 ? s->kernel_size * in->cs : s->cin,
        .in_row = wt_act_row(p, s->in),
        .in_px = (ptrdiff_t)s->stride * in->cs,
        .channels = s->c - c < ref->nr ? s->c - c : ref->nr,
        .pre_scale = cfrom(s->pre_bn.scale, c),
        .pre_shift = cfrom(s->pre_bn.shift, c),
        .post_scale = cfrom(s->post_bn.scale, c),
        .post_shift = cfrom(s->post_bn.shift, c),
    };
    wt_conv_fn *kernel = ref->wide ? p->kernels->conv_wide : p->kernels->conv_narrow;
    for (int y = y0; y < y1; y++) {
        struct wt_conv_row row = {
            .in = row_at(p, s->in, image, y * s->stride - s->conv_pad) -
                  (ptrdiff_t)s->conv_pad * in->cs,
            .pre = from(row_at(p, s->pre, image, y), c),
            .out = from(row_at(p, s->out, image, y), c),
            .post = from(row_at(p, s->post, image, y), c),
            .residual = s->map ? s->map + (size_t)y * s->w * s->c + c
                               : cfrom(row_at(p, s->in2, image, y), c),
            .pre_px = px(p, s->pre),
            .out_px = px(p, s->out),
            .post_px = px(p, s->post),
            .residual_px = s->map ? s->c : px(p, s->in2),
        };
        kernel(&shared, &row, s->w);
    }
}

static void elementwise(const struct wt_plan *p, const struct wt_step *s, int image, int y)
{
    const struct wt_kernels *k = p->kernels;
    struct wt_row_out o = {row_at(p, s->out, image, y), row_at(p, s->post, image, y),
                           px(p, s->out),               px(p, s->post),
                           s->post_bn.scale,            s->post_bn.shift};
    ptrdiff_t ipx = px(p, s->in);
    switch (s->kind) {
    case WT_STEP_COPY:
        k->copy_f32(row_at(p, s->in, image, y), ipx, s->w, s->c, &o);
        break;
    case WT_STEP_ADD:
        k->add_f32(row_at(p, s->in, image, y), ipx, row_at(p, s->in2, image, y), px(p, s->in2),
                   s->w, s->c, &o);
        break;
    case WT_STEP_UPADD:
        k->upadd_f32(row_at(p, s->in, image, y), ipx, row_at(p, s->in2, image, y / 2),
                     px(p, s->in2), s->w, s->c, &o);
        break;
    case WT_STEP_POOL:
        k->pool2_f32(row_at(p, s->in, image, 2 * y), row_at(p, s->in, image, 2 * y + 1), ipx, s->w,
                     s->c, &o);
        break;
    case WT_STEP_COORD_MAP:
        k->coord_map_f32(s->map + (size_t)y * s->w * s->c, row_at(p, s->in, image, y), ipx,
                         s->threshold, s->row[y], s->col, s->wr, s->wc, s->w, s->c, o.out);
        break;
    default:
        break;
    }
}

/* Work item of a step: (image, row block, panel), panels fastest, so that the threads work on the
 * same rows of the input at about the same time. */
static void work(const struct wt_plan *p, const struct wt_step *s, int item)
{
    int panels = s->kind == WT_STEP_CONV ? s->panels : 1;
    int panel = item % panels, chunk = item / panels % s->chunks, image = item / panels / s->chunks;
    int y0 = chunk * s->rows, y1 = y0 + s->rows < s->h ? y0 + s->rows : s->h;
    if (s->kind == WT_STEP_CONV)
        conv(p, s, image, panel, y0, y1);
    else
        for (int y = y0; y < y1; y++)
            elementwise(p, s, image, y);
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

struct job {
    struct wt_plan *plan;
    int images, steps;
};

static void step_through(void *arg, int thread)
{
    const struct job *job = arg;
    struct wt_plan *p = job->plan;
    bool timed = p->profile && thread == 0;
    double start = timed ? now_ms() : 0;
    for (int i = 0; i < job->steps; i++) {
        struct wt_step *s = &p->step[i];
        int items = job->images * s->chunks * (s->kind == WT_STEP_CONV ? s->panels : 1), item;
        while ((item = __atomic_fetch_add(&p->next[i], 1, __ATOMIC_RELAXED)) < items)
            work(p, s, item);
        wt_pool_barrier(p->pool);
        if (timed) {
            double end = now_ms();
            s->ms += end - start;
            s->runs++;
            start = end;
        }
    }
}

void wt_plan_run(struct wt_plan *p, int n, int last_output)
{
    struct job job = {p, n, p->output_step[last_output]};
    for (int i = 0; i < job.steps; i++)
        p->next[i] = 0;
    wt_pool_run(p->pool, step_through, &job);
}
