#include "measure/perturb.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/hourglass.h"
#include "weights/text.h"

const struct wt_perturb_info wt_perturb_info[WT_PERTURB_KINDS] = {
    [WT_PERTURB_DARK] = {"dark", "x", 0.01, 1, {0.5, 0.25, 0.1}},
    [WT_PERTURB_GAMMA] = {"gamma", "", 0.1, 10, {1.5, 2.5, 4}},
    [WT_PERTURB_BLUR] = {"blur", "px", 0.1, 40, {2, 4, 8}},
    [WT_PERTURB_LOW] = {"low", "px", 4, 256, {64, 32, 16}},
    [WT_PERTURB_NOISE] = {"noise", "levels", 0.1, 128, {10, 20, 40}},
    [WT_PERTURB_OCCLUSION] = {"occlusion", "px", 1, 256, {48, 80, 112}},
    [WT_PERTURB_JPEG] = {"jpeg", "", 1, 100, {30, 15, 5}},
    [WT_PERTURB_ROTATION] = {"rotation", "deg", 0.1, 180, {15, 30, 45}},
};

/* ---- words --------------------------------------------------------------------------------- */

static int find_kind(const char *name, size_t length)
{
    for (int k = 0; k < WT_PERTURB_KINDS; k++)
        if (strlen(wt_perturb_info[k].name) == length &&
            memcmp(wt_perturb_info[k].name, name, length) == 0)
            return k;
    return -1;
}

/* Takes the values behind a kind's "="; moves *text behind them. */
static enum wt_status take_values(const char *option, int kind, const char **text,
                                  struct wt_perturb_step *out, int max, int *count)
{
    const struct wt_perturb_info *info = &wt_perturb_info[kind];
    do {
        const char *word = *text + 1; /* behind "=" or ":" */
        char *end;
        const double value = strtod(word, &end);
        if (end == word || (*end && *end != ':' && *end != ','))
            return wt_fail(WT_ERR_ARGUMENT, "%s: %s=%s: not a number", option, info->name,
                           wt_show(word, strcspn(word, ":,")).text);
        if (!(value >= info->min && value <= info->max))
            return wt_fail(WT_ERR_ARGUMENT, "%s: %s=%g is out of range (%g to %g)", option,
                           info->name, value, info->min, info->max);
        if (*count == max)
            return wt_fail(WT_ERR_ARGUMENT, "%s: more than %d values", option, max);
        out[(*count)++] = (struct wt_perturb_step){(enum wt_perturb_kind)kind, value};
        *text = end;
    } while (**text == ':');
    return WT_OK;
}

enum wt_status wt_perturb_parse(const char *option, const char *text, struct wt_perturb_step *out,
                                int max, int *count)
{
    *count = 0;
    for (;; text++) {
        const size_t length = strcspn(text, "=:,");
        const int kind = find_kind(text, length);
        if (kind < 0 || text[length] != '=')
            return wt_fail(WT_ERR_ARGUMENT,
                           "%s: \"%s\" is not KIND=VALUE; kinds are dark, gamma, blur, low, noise, "
                           "occlusion, jpeg, rotation",
                           option, wt_show(text, strcspn(text, ",")).text);
        text += length;
        enum wt_status status = take_values(option, kind, &text, out, max, count);
        if (status || !*text)
            return status;
    }
}

void wt_perturb_describe(const struct wt_perturb *p, char *text, size_t size)
{
    size_t used = 0;
    *text = '\0';
    for (int k = 0; k < WT_PERTURB_KINDS && used < size; k++)
        if (p->value[k] > 0)
            used += (size_t)snprintf(text + used, size - used, "%s%s=%g", used ? ", " : "",
                                     wt_perturb_info[k].name, p->value[k]);
    if (used < size)
        snprintf(text + used, size - used, " (seed %llu)", (unsigned long long)p->seed);
}

/* ---- pixels -------------------------------------------------------------------------------- */

/* FNV-1a (Fowler, Noll, Vo), 64 bits. */
static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return h;
}

/* A length of 256 pixels in those of a crop. */
static double pixels(const struct wt_perturb *p, enum wt_perturb_kind kind, int size)
{
    return p->value[kind] * size / WT_INPUT_DEFAULT;
}

/* Turns what the crop shows around its middle. */
static void turn(struct wt_affine *map, int size, double degrees)
{
    const double a = degrees * 3.141592653589793 / 180, c = cos(a), s = sin(a);
    const double middle = (size - 1) / 2.0;
    float *m = map->m;
    for (int i = 0; i < 3; i++) {
        const double shift = i == 2 ? middle : 0;
        const double x = (double)m[i] - shift, y = (double)m[i + 3] - shift;
        m[i] = (float)(c * x - s * y + shift);
        m[i + 3] = (float)(s * x + c * y + shift);
    }
}

static void darken(const struct wt_perturb *p, struct wt_augment_lot *lot)
{
    const double gain = p->value[WT_PERTURB_DARK], gamma = p->value[WT_PERTURB_GAMMA];
    lot->light = gain > 0 || gamma > 0;
    for (int i = 0; lot->light && i < 256; i++) {
        double v = i / 255.0;
        if (gamma > 0)
            v = pow(v, gamma);
        if (gain > 0)
            v *= gain;
        lot->lut[0][i] = lot->lut[1][i] = lot->lut[2][i] = (uint8_t)(v * 255 + 0.5);
    }
}

/* Side of the square and one of the known points in its middle, as far as the crop goes. */
static void occlude(const struct wt_perturb *p, const struct wt_sample *s,
                    const struct wt_affine *map, struct wt_random *r, struct wt_augment_lot *lot)
{
    const int side = (int)pixels(p, WT_PERTURB_OCCLUSION, lot->size), most = lot->size - side;
    const int first = (int)wt_random_below(r, (uint64_t)s->points);
    for (int c = 0; c < 3; c++)
        lot->colour[c] = (uint8_t)wt_random_below(r, 256);
    if (!side)
        return;
    struct wt_point at = {NAN, NAN};
    for (int i = 0; i < s->points && isnan(at.x); i++)
        at = wt_affine_apply(map, s->point[(first + i) % s->points]);
    const float half = (float)side / 2;
    lot->x = (int)fminf(fmaxf(at.x - half, 0), (float)most);
    lot->y = (int)fminf(fmaxf(at.y - half, 0), (float)most);
    lot->w = lot->h = side;
}

struct wt_augment_lot wt_perturb_draw(const struct wt_perturb *p, const struct wt_sample *s,
                                      int size, struct wt_affine *map)
{
    struct wt_augment_lot lot = {.size = size};
    struct wt_random r = wt_random_make(p->seed, hash(s->name), (uint64_t)s->line);
    const double sign = wt_random_chance(&r, 0.5) ? 1 : -1;
    if (p->value[WT_PERTURB_ROTATION] > 0)
        turn(map, size, sign * p->value[WT_PERTURB_ROTATION]);
    darken(p, &lot);
    lot.blur = (float)pixels(p, WT_PERTURB_BLUR, size);
    lot.low = (int)pixels(p, WT_PERTURB_LOW, size);
    lot.noise = (float)p->value[WT_PERTURB_NOISE];
    lot.jpeg = (int)p->value[WT_PERTURB_JPEG];
    occlude(p, s, map, &r, &lot);
    lot.pixels = wt_random_make(wt_random_bits(&r), 0, 0);
    lot.map = *map;
    return lot;
}
