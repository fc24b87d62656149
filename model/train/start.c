#include "train/start.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/random.h"

/* ---- random ---- */

/* Is it a convolution's bias? Its weight is then [O,I,K,K]. */
static const struct wt_tensor *weight_of(const struct wt_weights *w, const struct wt_tensor *t)
{
    char name[96];
    const size_t length = strlen(t->name);
    if (length < 5 || strcmp(t->name + length - 5, ".bias") != 0)
        return NULL;
    snprintf(name, sizeof name, "%.*s.weight", (int)length - 5, t->name);
    const struct wt_tensor *weight = wt_weights_find(w, name);
    return weight && weight->dims == 4 ? weight : NULL;
}

static void draw(const struct wt_weights *w, struct wt_tensor *t, struct wt_random *r)
{
    const struct wt_tensor *weight = t->dims == 4 ? t : weight_of(w, t);
    if (!weight) {
        const bool one = strstr(t->name, "running_var") || strstr(t->name, ".weight");
        for (size_t i = 0; i < t->count; i++)
            t->data[i] = one ? 1 : 0;
        return;
    }
    const double bound = 1 / sqrt((double)(weight->shape[1] * weight->shape[2] * weight->shape[3]));
    for (size_t i = 0; i < t->count; i++)
        t->data[i] = (float)wt_random_within(r, -bound, bound);
}

void wt_start_randomise(struct wt_weights *w, uint64_t seed)
{
    struct wt_random r = wt_random_make(seed, 0, 0);
    for (size_t i = 0; i < w->count; i++)
        draw(w, &w->tensor[i], &r);
}

enum wt_status wt_start_random(struct wt_weights *w, const struct wt_arch *arch, uint64_t seed)
{
    const enum wt_status status = wt_hourglass_random(w, arch, seed);
    if (!status)
        wt_start_randomise(w, seed);
    return status;
}

void wt_start_zero_coords(struct wt_weights *w)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct wt_tensor *t = &w->tensor[i];
        const int coords = wt_hourglass_coords(t->name);
        if (!coords)
            continue;
        const int64_t area = t->shape[2] * t->shape[3], inputs = t->shape[1] * area;
        for (int64_t o = 1; o <= t->shape[0]; o++)
            memset(t->data + o * inputs - coords * area, 0,
                   (size_t)(coords * area) * sizeof *t->data);
    }
}

/* ---- from other weights ---- */

static bool same_shape(const struct wt_tensor *a, const struct wt_tensor *b)
{
    bool same = a && b && a->dims == b->dims;
    for (int k = 0; same && k < a->dims; k++)
        same = a->shape[k] == b->shape[k];
    return same;
}

static int stacks_of(const struct wt_weights *w)
{
    char name[32];
    int stacks = 0;
    do
        snprintf(name, sizeof name, "conv_last%d.weight", stacks);
    while (wt_weights_find(w, name) && ++stacks < WT_STACKS_MAX);
    return stacks;
}

/* A tensor's stack, and its name without it; -1: it is of the stem. */
struct place {
    char before[16];
    int stack;
    const char *after;
};

static struct place place_of(const char *name)
{
    static const char *const part[] = {"m", "top_m_", "conv_last", "bn_end", "l", "bl", "al"};
    struct place p = {.stack = -1};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        const size_t length = strlen(part[i]);
        char *end;
        if (strncmp(name, part[i], length) != 0 || name[length] < '0' || name[length] > '9')
            continue;
        p.stack = (int)strtol(name + length, &end, 10);
        p.after = end;
        snprintf(p.before, sizeof p.before, "%s", part[i]);
    }
    return p;
}

/* Is it a convolution from one stack to the next? */
static bool joins(const struct place *p)
{
    return strcmp(p->before, "bl") == 0 || strcmp(p->before, "al") == 0;
}

/* [O,I,1,1] of fewer inputs, the others 0. */
static bool widen(struct wt_tensor *t, const struct wt_tensor *f)
{
    if (!f || t->dims != 4 || f->dims != 4 || t->shape[0] != f->shape[0] ||
        t->shape[1] < f->shape[1] || t->shape[2] != 1 || f->shape[2] != 1)
        return false;
    memset(t->data, 0, t->count * sizeof *t->data);
    for (int64_t o = 0; o < t->shape[0]; o++)
        memcpy(t->data + o * t->shape[1], f->data + o * f->shape[1],
               (size_t)f->shape[1] * sizeof *t->data);
    return true;
}

/* A tensor of a stack that `from`, of `stacks`, does not have. */
static bool grow(struct wt_tensor *t, const struct wt_weights *from, int stacks)
{
    char name[96];
    const struct place p = place_of(t->name);
    if (joins(&p) && p.stack >= stacks - 1) {
        memset(t->data, 0, t->count * sizeof *t->data);
        return true;
    }
    if (p.stack < stacks)
        return false;
    snprintf(name, sizeof name, "%s%d%s", p.before, stacks - 1, p.after);
    const struct wt_tensor *f = wt_weights_find(from, name);
    if (!same_shape(t, f))
        return strstr(t->name, ".coordconv.") && widen(t, f);
    memcpy(t->data, f->data, t->count * sizeof *t->data);
    return true;
}

void wt_start_from(struct wt_weights *w, const struct wt_weights *from)
{
    const char *path = from->path ? from->path : "weights";
    const int stacks = stacks_of(w), given = stacks_of(from);
    const bool grows =
        given > 0 && given < stacks &&
        same_shape(wt_weights_find(w, "conv_last0.weight"),
                   wt_weights_find(from, "conv_last0.weight")) &&
        same_shape(wt_weights_find(w, "l0.weight"), wt_weights_find(from, "l0.weight"));
    size_t fresh = 0;
    for (size_t i = 0; i < w->count; i++) {
        struct wt_tensor *t = &w->tensor[i];
        const struct wt_tensor *f = wt_weights_find(from, t->name);
        if (same_shape(t, f))
            memcpy(t->data, f->data, t->count * sizeof *t->data);
        else if (!grows || !grow(t, from, given))
            fresh++;
    }
    if (grows)
        wt_log(WT_LOG_INFO, "%s: has %d of the network's %d stacks; the others begin as its last",
               path, given, stacks);
    if (fresh)
        wt_log(WT_LOG_WARN, "%s: %zu of the network's %zu tensors are not in it and start random",
               path, fresh, w->count);
}
