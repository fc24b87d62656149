#include "draw/annotate_map.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "draw/view.h"
#include "face/crop.h"
#include "net/hourglass.h"

/* The map is interpolated to crop pixels once; the frame then samples it bilinearly. */
#define FINE_MAX WT_INPUT_MAX
#define MAP_MAX (FINE_MAX / WT_CELL)

/* Colours by value, made once. */
static uint8_t colors[WT_PALETTES][256][3]; /* BGR */

static void make_colors(void)
{
    for (int palette = 0; palette < WT_PALETTES; palette++)
        for (int i = 0; i < 256; i++) {
            uint8_t rgb[3];
            wt_colormap((enum wt_palette)palette, (float)i / 255.0f, rgb);
            for (int k = 0; k < 3; k++)
                colors[palette][i][k] = rgb[2 - k];
        }
}

/* How a map is drawn: colour and weight by value. */
struct look {
    const uint8_t (*bgr)[3];
    uint8_t alpha[256];
};

/* full: from which value on it is as opaque as it gets. */
static struct look make_look(enum wt_palette palette, float opacity, float full)
{
    struct look look = {.bgr = (const uint8_t(*)[3])colors[palette]};
    opacity = fminf(opacity, 1.0f);
    for (int i = 0; i < 256; i++) {
        float v = (float)i / 255.0f, s = fminf(fmaxf((v - 0.06f) / (full - 0.06f), 0.0f), 1.0f);
        /* Values near zero stay invisible, the others are translucent. */
        look.alpha[i] = (uint8_t)lrintf(255.0f * opacity * s * s * (3.0f - 2.0f * s));
    }
    return look;
}

static void maximum(const float *maps, int cells, int points, float *out)
{
    memcpy(out, maps, (size_t)cells * sizeof *out);
    for (int c = 1; c < points; c++) {
        const float *m = maps + (size_t)c * (size_t)cells;
        for (int i = 0; i < cells; i++)
            out[i] = m[i] > out[i] ? m[i] : out[i];
    }
}

/* Catmull-Rom weights of the 4 cells around each crop pixel: interpolates the values exactly, so a
 * peak keeps its colour. Cell j has its centre at crop pixel 4 j + 1.5. */
static void cubic_weights(float weight[4][4], int first[4])
{
    for (int phase = 0; phase < 4; phase++) {
        float at = ((float)phase - 1.5f) / 4.0f, base = floorf(at), t = at - base;
        first[phase] = (int)base - 1;
        weight[phase][0] = 0.5f * t * (-1.0f + t * (2.0f - t));
        weight[phase][1] = 0.5f * (2.0f + t * t * (-5.0f + 3.0f * t));
        weight[phase][2] = 0.5f * t * (1.0f + t * (4.0f - 3.0f * t));
        weight[phase][3] = 0.5f * t * t * (t - 1.0f);
    }
}

static int clamp_cell(int i, int size)
{
    return i < 0 ? 0 : i >= size ? size - 1 : i;
}

static void enlarge(const float *coarse, int size, uint8_t fine[FINE_MAX][FINE_MAX])
{
    const int side = size * WT_CELL;
    float weight[4][4], row[FINE_MAX];
    int first[4];
    cubic_weights(weight, first);
    for (int y = 0; y < side; y++) {
        float column[MAP_MAX] = {0};
        for (int k = 0; k < 4; k++) {
            const float *from = coarse + size * clamp_cell(y / 4 + first[y % 4] + k, size);
            for (int j = 0; j < size; j++)
                column[j] += weight[y % 4][k] * from[j];
        }
        for (int x = 0; x < side; x++) {
            float v = 0;
            for (int k = 0; k < 4; k++)
                v += weight[x % 4][k] * column[clamp_cell(x / 4 + first[x % 4] + k, size)];
            row[x] = v;
        }
        for (int x = 0; x < side; x++) /* NaN compares false and becomes 0 */
            fine[y][x] = row[x] > 0.0f ? (uint8_t)(255.0f * fminf(row[x], 1.0f) + 0.5f) : 0;
    }
}

/* Bilinear, in units of 1/256; (x,y) in 16.16 fixed point, inside the map. */
static int sample(uint8_t fine[FINE_MAX][FINE_MAX], int side, int x, int y)
{
    int ix = x >> 16, iy = y >> 16, fx = x >> 8 & 255, fy = y >> 8 & 255;
    int x1 = ix + 1 < side ? ix + 1 : ix, y1 = iy + 1 < side ? iy + 1 : iy;
    int top = fine[iy][ix] * (256 - fx) + fine[iy][x1] * fx;
    int bottom = fine[y1][ix] * (256 - fx) + fine[y1][x1] * fx;
    return (top * (256 - fy) + bottom * fy + (1 << 15)) >> 16;
}

struct span {
    int x0, y0, x1, y1;
};

static struct span square_in_frame(const struct wt_canvas *c, const struct wt_affine *to_crop,
                                   int side)
{
    const float last = (float)(side - 1);
    struct wt_affine back = wt_affine_invert(to_crop);
    float x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (int i = 0; i < 4; i++) {
        struct wt_point p = {i & 1 ? last : 0.0f, i & 2 ? last : 0.0f};
        p = wt_affine_apply(&back, p);
        x0 = fminf(x0, p.x);
        y0 = fminf(y0, p.y);
        x1 = fmaxf(x1, p.x);
        y1 = fmaxf(y1, p.y);
    }
    float right = (float)(c->width - 1), bottom = (float)(c->height - 1);
    return (struct span){(int)fminf(fmaxf(x0, 0), right + 1), (int)fminf(fmaxf(y0, 0), bottom + 1),
                         (int)fmaxf(fminf(x1 + 1, right), -1),
                         (int)fmaxf(fminf(y1 + 1, bottom), -1)};
}

static void blend(struct wt_canvas *c, const struct wt_affine *to_crop, int side,
                  uint8_t fine[FINE_MAX][FINE_MAX], const struct look *look)
{
    const unsigned end = (unsigned)side << 16;
    struct span span = square_in_frame(c, to_crop, side);
    const float *m = to_crop->m;
    int step_x = (int)lrintf(m[0] * 65536.0f), step_y = (int)lrintf(m[3] * 65536.0f);
    for (int y = span.y0; y <= span.y1; y++) {
        struct wt_point start =
            wt_affine_apply(to_crop, (struct wt_point){(float)span.x0, (float)y});
        int x16 = (int)(start.x * 65536.0f), y16 = (int)(start.y * 65536.0f);
        uint8_t *p = c->pixels + y * c->stride + span.x0 * 3;
        for (int x = span.x0; x <= span.x1; x++, p += 3, x16 += step_x, y16 += step_y) {
            if ((unsigned)x16 >= end || (unsigned)y16 >= end)
                continue;
            int v = sample(fine, side, x16, y16), a = look->alpha[v];
            for (int k = 0; a && k < 3; k++)
                p[k] = (uint8_t)(p[k] + ((look->bgr[v][k] - p[k]) * a + 127) / 255);
        }
    }
}

static float usual(float wanted, float otherwise)
{
    return wanted > 0.0f ? wanted : otherwise;
}

void wt_annotate_map(struct wt_canvas *canvas, const struct wt_face *face,
                     const struct wt_view *view, bool boundary)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    const int size = face->map_size, cells = size * size;
    float coarse[MAP_MAX * MAP_MAX];
    uint8_t fine[FINE_MAX][FINE_MAX];
    float scale = 0;
    for (int i = 0; i < 6; i++)
        scale = fmaxf(scale, fabsf(face->frame_to_crop.m[i]));
    if (!(scale < 30000.0f)) /* not a crop; would overflow the fixed point below */
        return;
    pthread_once(&once, make_colors);
    /* as in heat.frag */
    const struct look look =
        boundary
            ? make_look(view->boundary_palette, usual(view->boundary_opacity, WT_OPACITY), 0.5f)
            : make_look(view->heatmap_palette, usual(view->heatmap_opacity, WT_HEAT_OPACITY), 0.9f);
    if (boundary)
        memcpy(coarse, face->maps + (size_t)face->points * (size_t)cells,
               (size_t)cells * sizeof *coarse);
    else
        maximum(face->maps, cells, face->points, coarse);
    enlarge(coarse, size, fine);
    blend(canvas, &face->frame_to_crop, face->input_size, fine, &look);
}
