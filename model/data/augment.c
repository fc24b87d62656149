#include "data/augment.h"
#include "data/augment_cv.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "net/hourglass.h"

enum { RECT_MIN = 20, LOW_MAX = 128, JPEG_MAX = 70 };

struct wt_augment wt_augment_defaults(void)
{
    return (struct wt_augment){.input = WT_INPUT_DEFAULT,
                               .crop_factor = WT_CROP_FACTOR,
                               .rotation = 50,
                               .rotation_share = 0.3,
                               .rotation_sigma = 12,
                               .shift = 25,
                               .scale = 0.15,
                               .flip = 0.5,
                               .border_constant = 0.2,
                               .border_replicate = 0.1,
                               .light = 0.6,
                               .light_gain = 0.45,
                               .light_bias = 35,
                               .tint = 0.4,
                               .gamma = 0.3,
                               .gamma_range = 0.9,
                               .grey = 0.15,
                               .blur = 0.2,
                               .blur_sigma = 3,
                               .low = 0.15,
                               .low_side = 40,
                               .noise = 0.3,
                               .noise_sigma = 15,
                               .occlusion = 0.4,
                               .occlusion_side = 110,
                               .jpeg = 0.2,
                               .jpeg_quality = 20,
                               .pair_rotation = 1,
                               .pair_scale = 0.012,
                               .pair_shift = 1.5,
                               .pair_light = 0.05};
}

struct wt_augment wt_augment_none(void)
{
    return (struct wt_augment){.input = WT_INPUT_DEFAULT, .crop_factor = WT_CROP_FACTOR};
}

/* ---- drawing ----------------------------------------------------------------------------------
 */

/* Box of the points that are known. */
static struct wt_box known_box(const struct wt_point *p, int n)
{
    struct wt_point known[WT_POINTS_MAX];
    int count = 0;
    for (int i = 0; i < n && i < WT_POINTS_MAX; i++)
        if (!isnan(p[i].x))
            known[count++] = p[i];
    return wt_points_box(known, count);
}

double wt_augment_rotation(const struct wt_augment *a, struct wt_random *r)
{
    const bool wide = wt_random_chance(r, a->rotation_share);
    const double angle = wt_random_within(r, -a->rotation, a->rotation);
    const double normal = a->rotation_sigma * wt_random_normal(r);
    return wide ? angle : fmax(-a->rotation, fmin(a->rotation, normal));
}

/* Pixels of the crop for one of 256. */
static double per_pixel(const struct wt_augment *a)
{
    return (double)a->input / WT_INPUT_DEFAULT;
}

static void draw_map(const struct wt_augment *a, const struct wt_point *point, int n,
                     struct wt_random *r, struct wt_augment_params *params)
{
    const struct wt_box box = known_box(point, n);
    const double angle = wt_augment_rotation(a, r);
    const double scale = 1 + wt_random_within(r, -a->scale, a->scale);
    const double shift = a->shift * per_pixel(a);
    const double dx = wt_random_within(r, -shift, shift);
    const double dy = wt_random_within(r, -shift, shift);
    const double side = fmax((double)a->crop_factor * 0.5 * (double)(box.w + box.h) * scale, 1);
    params->map = wt_crop_square(box.x + box.w * 0.5f, box.y + box.h * 0.5f, (float)side,
                                 (float)(angle * 3.141592653589793 / 180), a->input);
    params->map.m[2] += (float)dx;
    params->map.m[5] += (float)dy;
    params->flip = wt_random_chance(r, a->flip);
    if (params->flip) {
        for (int i = 0; i < 3; i++)
            params->map.m[i] = -params->map.m[i];
        params->map.m[2] += (float)(a->input - 1);
    }
    const double border = wt_random_unit(r);
    params->border = border < a->border_constant                         ? WT_BORDER_CONSTANT
                     : border < a->border_constant + a->border_replicate ? WT_BORDER_REPLICATE
                                                                         : WT_BORDER_MIRROR;
    for (int c = 0; c < 3; c++)
        params->fill[c] = (uint8_t)wt_random_below(r, 256);
}

static uint8_t to_level(double v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v + 0.5);
}

/* Gain, bias and gamma of each colour make one table. */
static void draw_light(const struct wt_augment *a, struct wt_random *r,
                       struct wt_augment_params *params)
{
    const bool light = wt_random_chance(r, a->light), tint = wt_random_chance(r, a->tint);
    const bool gamma = wt_random_chance(r, a->gamma);
    double gain[3];
    for (int c = 0; c < 3; c++)
        gain[c] = 1 + wt_random_within(r, -a->light_gain, a->light_gain);
    const double bias = wt_random_within(r, -a->light_bias, a->light_bias);
    const double top = log1p(a->gamma_range);
    const double exponent = exp(wt_random_within(r, -top, top));
    params->light = light || gamma;
    for (int c = 0; c < 3 && params->light; c++)
        for (int i = 0; i < 256; i++) {
            double v = i;
            if (light)
                v = v * gain[tint ? c : 0] + bias;
            if (gamma)
                v = 255 * pow(fmin(fmax(v, 0), 255) / 255, exponent);
            params->lut[c][i] = to_level(v);
        }
}

static void draw_occlusion(const struct wt_augment *a, struct wt_random *r,
                           struct wt_augment_params *params)
{
    const bool there = wt_random_chance(r, a->occlusion);
    const double side = fmax(a->occlusion_side, RECT_MIN), f = per_pixel(a);
    const int w = (int)(f * floor(wt_random_within(r, RECT_MIN, side)));
    const int h = (int)(f * floor(wt_random_within(r, RECT_MIN, side)));
    params->x = (int)(f * (double)wt_random_below(r, WT_INPUT_DEFAULT - RECT_MIN));
    params->y = (int)(f * (double)wt_random_below(r, WT_INPUT_DEFAULT - RECT_MIN));
    params->confetti = wt_random_chance(r, 0.5);
    for (int c = 0; c < 3; c++)
        params->colour[c] = (uint8_t)wt_random_below(r, 256);
    if (there) {
        params->w = w < a->input - params->x ? w : a->input - params->x;
        params->h = h < a->input - params->y ? h : a->input - params->y;
    }
}

static void draw_noise(const struct wt_augment *a, struct wt_random *r,
                       struct wt_augment_params *params)
{
    params->noise = wt_random_chance(r, a->noise)
                        ? (float)wt_random_within(r, fmin(2, a->noise_sigma), a->noise_sigma)
                        : 0;
}

/* JPEG, and what is random in each pixel. */
static void draw_coding(const struct wt_augment *a, struct wt_random *r,
                        struct wt_augment_params *params)
{
    params->jpeg = wt_random_chance(r, a->jpeg)
                       ? (int)wt_random_within(r, fmin(a->jpeg_quality, JPEG_MAX), JPEG_MAX)
                       : 0;
    params->pixels = wt_random_make(wt_random_bits(r), 0, 0);
}

struct wt_augment_params wt_augment_draw(const struct wt_augment *a, const struct wt_point *point,
                                         int n, struct wt_random *r)
{
    struct wt_augment_params params = {.size = a->input};
    draw_map(a, point, n, r, &params);
    draw_light(a, r, &params);
    params.grey = wt_random_chance(r, a->grey);
    if (wt_random_chance(r, a->blur))
        params.blur =
            (float)(per_pixel(a) * wt_random_within(r, fmin(0.5, a->blur_sigma), a->blur_sigma));
    if (wt_random_chance(r, a->low))
        params.low = (int)(per_pixel(a) * wt_random_within(r, fmin(a->low_side, LOW_MAX), LOW_MAX));
    draw_noise(a, r, &params);
    draw_occlusion(a, r, &params);
    draw_coding(a, r, &params);
    return params;
}

/* The crop turned by `angle`, scaled and shifted around its middle. */
static struct wt_affine moved(const struct wt_affine *map, int size, double angle, double scale,
                              double dx, double dy)
{
    const double c = scale * cos(angle), s = scale * sin(angle), middle = (size - 1) * 0.5;
    const float *m = map->m;
    struct wt_affine to;
    for (int i = 0; i < 3; i++) {
        const double x = m[i] - (i == 2 ? middle : 0), y = m[3 + i] - (i == 2 ? middle : 0);
        to.m[i] = (float)(c * x - s * y + (i == 2 ? middle + dx : 0));
        to.m[3 + i] = (float)(s * x + c * y + (i == 2 ? middle + dy : 0));
    }
    return to;
}

struct wt_augment_params wt_augment_again(const struct wt_augment *a,
                                          const struct wt_augment_params *first,
                                          struct wt_random *r)
{
    struct wt_augment_params params = *first;
    const double angle = a->pair_rotation * 3.141592653589793 / 180 * wt_random_normal(r);
    const double scale = exp(a->pair_scale * wt_random_normal(r));
    const double dx = a->pair_shift * per_pixel(a) * wt_random_normal(r);
    const double dy = a->pair_shift * per_pixel(a) * wt_random_normal(r);
    const double gain = 1 + wt_random_within(r, -a->pair_light, a->pair_light);
    params.map = moved(&first->map, first->size, angle, scale, dx, dy);
    params.light = true;
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < 256; i++)
            params.lut[c][i] = to_level(gain * (first->light ? first->lut[c][i] : i));
    draw_noise(a, r, &params);
    draw_coding(a, r, &params);
    return params;
}

void wt_augment_points(const struct wt_augment_params *params, const struct wt_scheme *scheme,
                       const struct wt_point *from, struct wt_point *to)
{
    for (int i = 0; i < scheme->points; i++)
        to[params->flip ? scheme->flip[i] : i] = wt_affine_apply(&params->map, from[i]);
}

/* ---- pixels -----------------------------------------------------------------------------------
 */

static void change_light(const uint8_t lut[3][256], size_t bytes, uint8_t *rgb)
{
    for (size_t i = 0; i < bytes; i += 3)
        for (int c = 0; c < 3; c++)
            rgb[i + (size_t)c] = lut[c][rgb[i + (size_t)c]];
}

/* ITU-R BT.601, in 1/256. */
static void make_grey(size_t bytes, uint8_t *rgb)
{
    for (size_t i = 0; i < bytes; i += 3) {
        const int v = (77 * rgb[i] + 150 * rgb[i + 1] + 29 * rgb[i + 2] + 128) >> 8;
        rgb[i] = rgb[i + 1] = rgb[i + 2] = (uint8_t)v;
    }
}

/* Normal numbers by table: their value at the middles of 4096 equal shares, in 1/4096. A table in
 * the first-level cache gives a number a nanosecond. */
enum { QUANTILES = 4096 };
static int16_t quantile[QUANTILES];
static pthread_once_t quantiles_made = PTHREAD_ONCE_INIT;

static void make_quantiles(void)
{
    for (int i = 0; i < QUANTILES / 2; i++) {
        const double share = (i + 0.5) / QUANTILES;
        double low = -6, high = 0;
        for (int step = 0; step < 40; step++) { /* bisection of the distribution function */
            const double middle = (low + high) / 2;
            *(0.5 * erfc(-middle / sqrt(2)) < share ? &low : &high) = middle;
        }
        quantile[i] = (int16_t)lrint(low * 4096);
        quantile[QUANTILES - 1 - i] = (int16_t)-quantile[i];
    }
}

static void add_noise(float sigma, struct wt_random *r, size_t bytes, uint8_t *rgb)
{
    const int strength = (int)lrintf(sigma * 256); /* 1/256 levels */
    pthread_once(&quantiles_made, make_quantiles);
    for (size_t i = 0; i < bytes; i += 4) {
        uint64_t bits = wt_random_bits(r);
        for (size_t k = 0; k < 4; k++, bits >>= 16) {
            const int v = rgb[i + k] + ((quantile[bits % QUANTILES] * strength + (1 << 19)) >> 20);
            rgb[i + k] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
    }
}

static void occlude(const struct wt_augment_params *params, struct wt_random *r, uint8_t *rgb)
{
    for (int y = params->y; y < params->y + params->h; y++)
        for (int x = params->x; x < params->x + params->w; x++) {
            uint64_t bits = params->confetti ? wt_random_bits(r) : 0;
            for (int c = 0; c < 3; c++, bits >>= 8)
                rgb[(y * params->size + x) * 3 + c] =
                    params->confetti ? (uint8_t)bits : params->colour[c];
        }
}

enum wt_status wt_augment_pixels(const struct wt_augment_params *params, uint8_t *rgb)
{
    const size_t bytes = WT_CROP_BYTES(params->size);
    struct wt_random pixels = params->pixels;
    enum wt_status status = WT_OK;
    if (params->light)
        change_light(params->lut, bytes, rgb);
    if (params->grey)
        make_grey(bytes, rgb);
    if (params->blur > 0)
        status = wt_augment_blur(rgb, params->size, params->blur);
    if (!status && params->low)
        status = wt_augment_low(rgb, params->size, params->low);
    if (status)
        return status;
    if (params->noise > 0)
        add_noise(params->noise, &pixels, bytes, rgb);
    if (params->w)
        occlude(params, &pixels, rgb);
    return params->jpeg ? wt_augment_jpeg(rgb, params->size, params->jpeg) : WT_OK;
}

enum wt_status wt_augment_apply(const struct wt_augment_params *params,
                                const struct wt_image *image, uint8_t *rgb)
{
    enum wt_status status = wt_crop_extract_border(image, &params->map, params->border,
                                                   params->fill, params->size, rgb);
    return status ? status : wt_augment_pixels(params, rgb);
}
