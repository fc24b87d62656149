/* Running a plan: the threads of its pool do row blocks of a phase's steps, then of the next. */
#include "base/clock.h"
#include "kernels/winograd.h"
#include "plan/plan_internal.h"

#include <string.h>

/* Row y of a view, from channel c on; NULL for nothing. */
static void *row_at(const struct wt_plan *p, struct wt_view_ref v, int image, int y, int c)
{
    if (v.act < 0)
        return NULL;
    return wt_act_data(p, v, image) +
           (y * wt_act_row(p, v) + c) * (ptrdiff_t)wt_type_size(p->act[v.act].type);
}

static ptrdiff_t px(const struct wt_plan *p, struct wt_view_ref v)
{
    return v.act < 0 ? 0 : p->act[v.act].cs;
}

static enum wt_type type_of(const struct wt_plan *p, struct wt_view_ref v)
{
    return v.act < 0 ? WT_F32 : p->act[v.act].type;
}

/* Channels a tap as kernels step through them. */
static int tap_channels(const struct wt_plan *p, const struct wt_step *s)
{
    return s->kernel_size > 1 || s->type != WT_F32 ? p->act[s->in.act].cs : s->cin;
}

static const float *from(const float *x, int channel)
{
    return x ? x + channel : NULL;
}

/* What all rows of a panel share. */
static struct wt_conv_panel panel_of(const struct wt_plan *p, const struct wt_step *s,
                                     const struct wt_panel_ref *ref)
{
    const struct wt_act *in = &p->act[s->in.act];
    int c = ref->from;
    return (struct wt_conv_panel){
        .weight = ref->weight,
        .bias = s->bias + c,
        .dequant = from(s->dequant, c),
        .kh = s->kernel_size,
        .kc = wt_round_up(s->kernel_size * tap_channels(p, s), s->kernels->k_block),
        .in_row = wt_act_row(p, s->in),
        .in_px = (ptrdiff_t)s->stride * in->cs,
        .nr = ref->nr,
        .channels = s->c - c < ref->nr ? s->c - c : ref->nr,
        .coords = s->coords,
        .coord_weight = from(s->coord_weight, c * s->coords),
        .inner_scale = from(s->inner_bn.scale, c),
        .inner_shift = from(s->inner_bn.shift, c),
        .pre_scale = from(s->pre_bn.scale, c),
        .pre_shift = from(s->pre_bn.shift, c),
        .post_scale = from(s->post_bn.scale, c),
        .post_shift = from(s->post_bn.shift, c),
        .post_floor = s->post_bn.floor,
        .act_type = type_of(p, s->pre.act >= 0 ? s->pre : s->post),
        .out_type = type_of(p, s->out),
        .residual_type = s->map ? WT_F32 : type_of(p, s->in2),
    };
}

/* First input, of the padded image, of output row y. */
static const void *input_of(const struct wt_plan *p, const struct wt_step *s, int image, int y)
{
    return row_at(p, s->in, image, y * s->stride - s->conv_pad,
                  -s->conv_pad * p->act[s->in.act].cs);
}

/* Where output row y of a panel that starts at channel c goes. */
static struct wt_conv_row row_of(const struct wt_plan *p, const struct wt_step *s, int c, int image,
                                 int y)
{
    return (struct wt_conv_row){
        .pre = row_at(p, s->pre, image, y, c),
        .out = row_at(p, s->out, image, y, c),
        .post = row_at(p, s->post, image, y, c),
        .residual = s->map ? s->map + (size_t)y * s->w * s->c + c : row_at(p, s->in2, image, y, c),
        .pre_px = px(p, s->pre),
        .out_px = px(p, s->out),
        .post_px = px(p, s->post),
        .residual_px = s->map ? s->c : px(p, s->in2),
        .coord = s->coord_act.act >= 0 ? row_at(p, s->coord_act, image, y, 0)
                                       : from(s->coord, y * s->w * s->coords),
    };
}

/* Elements from a row of a view to the next. */
static ptrdiff_t pitch_of(const struct wt_plan *p, struct wt_view_ref v)
{
    return v.act < 0 ? 0 : wt_act_row(p, v);
}

/* Part `part` of `parts` of the inputs that rows y1..y2 read beyond those of the rows before. */
static void set_ahead(const struct wt_plan *p, const struct wt_step *s, int image, int y1, int y2,
                      int part, int parts, struct wt_conv_panel *panel)
{
    ptrdiff_t row = wt_act_row(p, s->in) * (ptrdiff_t)wt_type_size(s->type);
    const char *next = (const char *)input_of(p, s, image, y1) + (s->kernel_size - s->stride) * row;
    ptrdiff_t bytes = ((y2 < s->h ? y2 : s->h) - y1) * s->stride * row;
    panel->ahead = next + bytes * part / parts;
    panel->ahead_end = next + bytes * (part + 1) / parts;
}

/* One row block of one panel. */
static void conv(const struct wt_plan *p, const struct wt_step *s, int image, int panel, int y0,
                 int y1)
{
    const struct wt_panel_ref *ref = &s->panel[panel];
    struct wt_conv_panel shared = panel_of(p, s, ref);
    const struct wt_conv_kernels *k = s->kernels;
    wt_conv_fn *kernel = ref->wide ? k->wide : k->narrow;
    wt_conv_rows_fn *rows = ref->wide ? k->wide_rows : k->narrow_rows;
    if (s->whole && y1 < s->h)
        set_ahead(p, s, image, y1, y1 + y1 - y0, panel, s->panels, &shared);
    const struct wt_conv_pitch pitch = {
        .in = s->stride * wt_act_row(p, s->in),
        .pre = pitch_of(p, s->pre),
        .out = pitch_of(p, s->out),
        .post = pitch_of(p, s->post),
        .residual = s->map ? (ptrdiff_t)s->w * s->c : pitch_of(p, s->in2),
        .coord = (ptrdiff_t)s->w * s->coords,
    };
    for (int y = y0; y < y1; y = rows ? y1 : y + 1) {
        struct wt_conv_row row = row_of(p, s, ref->from, image, y);
        row.in = input_of(p, s, image, y);
        if (rows)
            rows(&shared, &row, &pitch, y1 - y0, s->w);
        else
            kernel(&shared, &row, s->w);
    }
}

/* Rows of tiles y0..y1, one part of the panels: inputs transformed once, then panel by panel a
 * matrix product of [tiles, cin] x [cin, nr] for each position, and the output transform. */
static void winograd(const struct wt_plan *p, const struct wt_step *s, int thread, int image,
                     int y0, int y1, int part)
{
    const struct wt_winograd_kernels *k = s->winograd;
    int across = s->w / k->out, tiles = (y1 - y0) * across, cin = s->cin, positions = k->in * k->in;
    size_t size = (size_t)k->v_size, v_pos = wt_winograd_pos((size_t)tiles * cin, k->v_size);
    char *v = p->scratch + thread * p->scratch_bytes;
    float *m = (float *)(v + positions * v_pos * size);
    for (int y = y0; y < y1; y++)
        k->transform(input_of(p, s, image, k->out * y), wt_act_row(p, s->in), px(p, s->in), across,
                     cin, v + (size_t)(y - y0) * across * cin * size, (ptrdiff_t)v_pos);
    int end = s->panels * (part + 1) / s->across;
    for (int i = s->panels * part / s->across; i < end; i++) {
        const struct wt_panel_ref *ref = &s->panel[i];
        struct wt_conv_panel shared = panel_of(p, s, ref);
        size_t m_pos = wt_winograd_pos((size_t)tiles * ref->nr, sizeof *m);
        for (int pos = 0; pos < positions; pos++)
            (ref->wide ? k->matmul_wide : k->matmul_narrow)(v + pos * v_pos * size, cin,
                                                            (const char *)ref->weight +
                                                                (size_t)pos * cin * ref->nr * size,
                                                            cin, m + pos * m_pos, tiles);
        for (int y = y0; y < y1; y++) {
            struct wt_conv_row rows[WT_WINOGRAD_OUT];
            for (int r = 0; r < k->out; r++)
                rows[r] = row_of(p, s, ref->from, image, k->out * y + r);
            (ref->wide ? k->back_wide : k->back_narrow)(m + (size_t)(y - y0) * across * ref->nr,
                                                        (ptrdiff_t)m_pos, across, &shared, rows);
        }
    }
}

static struct wt_row_in operand(const struct wt_plan *p, struct wt_view_ref v, int image, int y)
{
    return (struct wt_row_in){row_at(p, v, image, y, 0), type_of(p, v), px(p, v)};
}

/* Coordinates of a row, [w,5]: the last two only where the mask is above the threshold. */
static void coords(const struct wt_step *s, const float *mask, ptrdiff_t mask_px, int y, float *to)
{
    const float *at = s->coord + (size_t)y * s->w * 3;
    for (int x = 0; x < s->w; x++, at += 3, to += WT_COORDS) {
        bool on = mask[x * mask_px] > s->threshold;
        memcpy(to, at, 3 * sizeof *to);
        to[3] = on ? at[0] : 0;
        to[4] = on ? at[1] : 0;
    }
}

static void elementwise(const struct wt_plan *p, const struct wt_step *s, int image, int y)
{
    const struct wt_kernels *k = p->kernels;
    struct wt_row_out o = {row_at(p, s->out, image, y, 0),
                           row_at(p, s->post, image, y, 0),
                           type_of(p, s->out),
                           type_of(p, s->post),
                           px(p, s->out),
                           px(p, s->post),
                           s->post_bn.scale,
                           s->post_bn.shift,
                           s->post_bn.floor};
    switch (s->kind) {
    case WT_STEP_COPY:
        k->copy(operand(p, s->in, image, y), s->w, s->c, &o);
        break;
    case WT_STEP_ADD:
        k->add(operand(p, s->in, image, y), operand(p, s->in2, image, y), s->w, s->c, &o);
        break;
    case WT_STEP_UPADD:
        k->upadd(operand(p, s->in, image, y), operand(p, s->in2, image, y / 2), s->w, s->c, &o);
        break;
    case WT_STEP_POOL:
        k->pool2(operand(p, s->in, image, 2 * y), operand(p, s->in, image, 2 * y + 1), s->w, s->c,
                 &o);
        break;
    case WT_STEP_COORDS:
        coords(s, row_at(p, s->in, image, y, 0), px(p, s->in), y, o.out);
        break;
    default:
        break;
    }
}

/* Rows that pass a panel before the next panel's turn. */
static int at_once(const struct wt_plan *p, const struct wt_step *s, int rows)
{
    return s->kernels->wide_rows ? rows : 1;
}

/* Work item of a step: (image, row block, part of the panels), parts fastest, so that the threads
 * work on the same rows of the input at about the same time. */
static void work(const struct wt_plan *p, const struct wt_step *s, int thread, int item)
{
    int part = item % s->across, chunk = item / s->across % s->chunks;
    int image = item / s->across / s->chunks, h = s->winograd ? s->h / s->winograd->out : s->h;
    int y0 = chunk * s->rows, y1 = y0 + s->rows < h ? y0 + s->rows : h;
    if (s->winograd)
        winograd(p, s, thread, image, y0, y1, part);
    else if (s->kind == WT_STEP_CONV && s->whole)
        for (int y = y0, n = at_once(p, s, y1 - y0); y < y1; y += n)
            for (int i = 0; i < s->panels; i++)
                conv(p, s, image, i, y, y + n);
    else if (s->kind == WT_STEP_CONV)
        conv(p, s, image, part, y0, y1);
    else
        for (int y = y0; y < y1; y++)
            elementwise(p, s, image, y);
}

static void report_input(const struct wt_plan *p, const struct wt_step *s, int images)
{
    for (int i = 0; i < images; i++) {
        const struct wt_plan_view view = {
            .data = (const float *)wt_act_data(p, s->in, i),
            .row = wt_act_row(p, s->in),
            .px = px(p, s->in),
            .h = p->act[s->in.act].h,
            .w = p->act[s->in.act].w,
            .c = s->cin,
        };
        p->observe(p->observer, s->name, &view);
    }
}

static void do_item(void *plan, int step, int item, int thread)
{
    const struct wt_plan *p = plan;
    work(p, &p->step[step], thread, item);
}

/* Profiling and observing: every step is a phase of its own then. */
static void between(void *plan, int done, int next)
{
    struct wt_plan *p = plan;
    if (p->profile) {
        const double now = wt_now_ms();
        if (done >= 0) {
            p->step[done].ms += now - p->began;
            p->step[done].runs++;
        }
        p->began = now;
    }
    if (p->observe && next >= 0 && p->step[next].kind == WT_STEP_CONV)
        report_input(p, &p->step[next], p->images);
}

void wt_plan_run(struct wt_plan *p, int n, int last_output)
{
    const bool apart = p->profile || p->observe;
    p->images = n;
    for (int i = 0; i < p->steps; i++) {
        const struct wt_step *s = &p->step[i];
        const int items = s->output <= last_output ? n * s->chunks * s->across : 0;
        p->share[i] = (struct wt_pool_step){items, apart ? i : s->phase};
    }
    wt_pool_run(p->pool, &(struct wt_pool_job){.step = p->share,
                                               .steps = p->steps,
                                               .item = do_item,
                                               .between = apart ? between : NULL,
                                               .user = p});
}
