/* What is neither a convolution nor its gradient: sums, pooling, statistics, BatchNorm's gradient.
 */
#include <math.h>
#include <string.h>

#include "tape/tape_internal.h"

enum { CHANNELS_A_TASK = 64 };

static struct wt_mix_term term_of(const struct wt_tape *t, const struct wt_tape_addend *a, int x,
                                  int image, int row)
{
    const struct wt_tape_value *v = &t->value[a->ref.value];
    const int from = a->from == WT_MIX_DOWN ? 2 * row : a->from == WT_MIX_UP ? row / 2 : row;
    struct wt_mix_term m = {.from = a->from, .factor = a->factor};
    m.x = (struct wt_row_in){wt_tape_at(v, image, from, 0, a->ref.channel), v->type, v->px};
    if (a->from == WT_MIX_DOWN)
        m.below = wt_tape_at(v, image, from + 1, 0, a->ref.channel);
    if (a->norm >= 0)
        m.scale = t->norm[a->norm].back;
    if (x >= 0) {
        const struct wt_tape_value *y = &t->value[x];
        m.y = (struct wt_row_in){wt_tape_at(y, image, row, 0, 0), y->type, y->px};
        m.slope = t->norm[a->norm].slope;
        m.shift = t->norm[a->norm].bias;
    }
    return m;
}

void wt_tape_gather_stats(struct wt_tape *t, int tensor, int task)
{
    const struct wt_tape_tensor *x = &t->tensor[tensor];
    const struct wt_tape_value *v = &t->value[x->value];
    const struct wt_tape_rows b = wt_tape_rows_of(v->h, x->band, task);
    if (!x->stats)
        return;
    float *sum = x->partial + (size_t)task * 2 * v->c;
    memset(sum, 0, 2 * (size_t)v->c * sizeof *sum);
    for (int i = b.first; i < b.end; i++)
        t->train->sums(wt_tape_row(v, b.image, i, 0), v->w, v->c, sum);
}

void wt_tape_run_mix(struct wt_tape *t, struct wt_tape_step *s, int task)
{
    const struct wt_tape_mix *m = &t->mix[s->index];
    const struct wt_tape_value *out = &t->value[m->out];
    const struct wt_tape_rows b = wt_tape_rows_of(out->h, m->band, task);
    for (int i = b.first; i < b.end; i++)
        for (int k = 0; k < m->segments; k++) {
            struct wt_mix_term term[WT_MIX_TERMS];
            for (int j = 0; j < m->segment[k].terms; j++)
                term[j] = term_of(t, &m->segment[k].term[j], m->segment[k].x[j], b.image, i);
            t->train->mix(term, m->segment[k].terms, out->w, m->segment[k].channels,
                          wt_tape_at(out, b.image, i, 0, m->segment[k].at), out->type, out->px);
        }
    if (m->tensor >= 0)
        wt_tape_gather_stats(t, m->tensor, task);
}

void wt_tape_run_store(struct wt_tape *t, struct wt_tape_step *s, int task)
{
    const struct wt_tape_tensor *x = &t->tensor[s->index];
    const struct wt_tape_value *to = &t->value[x->value];
    const struct wt_tape_value *from = &t->value[t->tensor[x->part.tensor].value];
    const struct wt_tape_rows b = wt_tape_rows_of(to->h, x->band, task);
    const struct wt_norm_row norm = wt_tape_norm_row(t, &x->part, 0);
    for (int i = b.first; i < b.end; i++)
        t->train->load(wt_tape_row(from, b.image, i, 0), to->w, to->c, &norm,
                       wt_tape_at(to, b.image, i, 0, 0), to->type, to->px);
    wt_tape_gather_stats(t, s->index, task);
}

void wt_tape_run_store_grad(struct wt_tape *t, struct wt_tape_step *s, int task)
{
    const struct wt_tape_tensor *x = &t->tensor[s->index];
    const struct wt_tape_value *g = &t->value[s->grad.value], *to = &t->value[s->out];
    const struct wt_tape_value *from = &t->value[t->tensor[x->part.tensor].value];
    const struct wt_tape_rows b = wt_tape_rows_of(to->h, s->band, task);
    const struct wt_norm_row none = {0}, norm = wt_tape_norm_row(t, &x->part, 0);
    float *sum = s->partial[0] ? s->partial[0] + (size_t)task * 2 * to->c : NULL;
    if (sum)
        memset(sum, 0, 2 * (size_t)to->c * sizeof *sum);
    for (int i = b.first; i < b.end; i++) {
        void *d = wt_tape_at(to, b.image, i, 0, 0);
        t->train->load(wt_tape_row(g, b.image, i, s->grad.channel), to->w, to->c, &none, d,
                       to->type, to->px);
        t->train->mask(d, to->type, to->px, wt_tape_row(from, b.image, i, 0), to->w, to->c, &norm,
                       sum);
    }
}

/* ---- BatchNorm ---- */

/* Sums over several ranks are made by one task, so that a step needs one call. */
int wt_tape_norm_tasks(const struct wt_tape *t, const struct wt_tape_tensor *x)
{
    const int c = t->value[x->value].c;
    return t->options.ranks ? 1 : (c + CHANNELS_A_TASK - 1) / CHANNELS_A_TASK;
}

static void channel_range(const struct wt_tape *t, int task, int c, int *first, int *end)
{
    const int channels = t->options.ranks ? c : CHANNELS_A_TASK;
    *first = task * channels;
    *end = *first + channels < c ? *first + channels : c;
}

/* Adds what a task of some step has summed up, [2][c], to the totals of channels first..end. */
static void add_to_total(struct wt_tape *t, const float *partial, int c, int first, int end)
{
    double *total = t->total;
    for (int k = first; k < end; k++) {
        total[k] += (double)partial[k];
        total[c + k] += (double)partial[c + k];
    }
}

static void clear_total(struct wt_tape *t, int c, int first, int end)
{
    for (int k = first; k < end; k++)
        t->total[k] = t->total[c + k] = 0;
}

/* The totals of all ranks; returns how many numbers of a channel have then been added up. */
static double total_of_ranks(struct wt_tape *t, const struct wt_tape_value *v)
{
    const struct wt_ranks *r = t->options.ranks;
    if (r)
        r->sum(r->user, t->total, 2 * (size_t)v->c);
    return (double)t->n * wt_ranks_count(r) * v->h * v->w;
}

/* y = x * scale + shift of a channel of a BatchNorm. */
static void set_norm(struct wt_tape *t, struct wt_tape_norm *b, int k, double mean, double var)
{
    const float gamma = t->param[b->gamma].value[k], beta = t->param[b->beta].value[k];
    b->middle[k] = (float)mean;
    b->inverse[k] = (float)(1 / sqrt(var + (double)b->eps));
    b->scale[k] = gamma * b->inverse[k];
    b->shift[k] = beta - (float)mean * b->scale[k];
}

void wt_tape_fix_norms(struct wt_tape *t)
{
    for (int i = 0; i < t->norms; i++) {
        struct wt_tape_norm *b = &t->norm[i];
        for (size_t k = 0; b->fixed && k < t->param[b->mean].count; k++)
            set_norm(t, b, (int)k, (double)t->param[b->mean].value[k],
                     (double)t->param[b->var].value[k]);
    }
}

/* The batch's statistics to a BatchNorm, and to its running ones. */
static void refresh_norm(struct wt_tape *t, struct wt_tape_norm *b, int k, double mean, double var,
                         double count)
{
    float *running = &t->param[b->mean].value[k], *spread = &t->param[b->var].value[k];
    const float m = t->options.momentum;
    const double unbiased = count > 1 ? var * count / (count - 1) : var;
    set_norm(t, b, k, mean, var);
    *running += m * ((float)mean - *running);
    *spread += m * ((float)unbiased - *spread);
}

static void note_bad(struct wt_tape *t, unsigned norm)
{
    unsigned old = __atomic_load_n(&t->bad, __ATOMIC_RELAXED);
    while (norm < old && !__atomic_compare_exchange_n(&t->bad, &old, norm, true, __ATOMIC_RELAXED,
                                                      __ATOMIC_RELAXED))
        ;
}

void wt_tape_run_stats(struct wt_tape *t, struct wt_tape_step *s, int task)
{
    const struct wt_tape_tensor *x = &t->tensor[s->index];
    const struct wt_tape_value *v = &t->value[x->value];
    const int tasks = t->n * ((v->h + x->band - 1) / x->band);
    int first, end;
    channel_range(t, task, v->c, &first, &end);
    clear_total(t, v->c, first, end);
    for (int i = 0; i < tasks; i++)
        add_to_total(t, x->partial + (size_t)i * 2 * v->c, v->c, first, end);
    const double count = total_of_ranks(t, v);
    for (int b = 0; b < t->norms; b++) {
        if (t->norm[b].tensor != s->index || t->norm[b].fixed)
            continue;
        for (int k = first; k < end; k++) {
            const double mean = t->total[k] / count;
            const double var = t->total[v->c + k] / count - mean * mean;
            if (!isfinite(var))
                note_bad(t, (unsigned)b);
            refresh_norm(t, &t->norm[b], k, mean, var < 0 ? 0 : var, count);
        }
    }
}

void wt_tape_run_norm_grad(struct wt_tape *t, struct wt_tape_step *s, int task)
{
    struct wt_tape_norm *b = &t->norm[s->index];
    const struct wt_tape_value *v = &t->value[t->tensor[b->tensor].value];
    const double *dy = t->total, *dyx = t->total + v->c;
    int first, end;
    channel_range(t, task, v->c, &first, &end);
    clear_total(t, v->c, first, end);
    for (int i = 0; i < t->sums; i++)
        for (int k = 0; t->sum[i].norm == s->index && k < t->n * t->sum[i].tasks; k++)
            add_to_total(t, t->sum[i].partial + (size_t)k * 2 * v->c, v->c, first, end);
    /* The parameters' gradients are added up over the ranks with all others. */
    for (int c = first; b->trained && c < end; c++) {
        t->param[b->beta].grad[c] = (float)dy[c];
        t->param[b->gamma].grad[c] = (float)(dyx[c] * (double)b->inverse[c]);
    }
    const double count = total_of_ranks(t, v);
    for (int c = first; c < end; c++) {
        const double inverse = (double)b->inverse[c];
        const double sum_hat = dyx[c] * inverse; /* of dy times the normalised x */
        const double back = (double)t->param[b->gamma].value[c] * inverse;
        const double slope = -back * inverse * sum_hat / count;
        b->back[c] = (float)back; /* all there is to a fixed one */
        b->slope[c] = (float)slope;
        b->bias[c] = (float)(-back * dy[c] / count - slope * (double)b->middle[c]);
    }
}
