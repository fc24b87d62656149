#include "draw/scope.h"

#include <math.h>
#include <string.h>

#include "data/target.h"

static void make_colors(struct wt_scope *s, int which, enum wt_palette palette)
{
    if (s->palette[which] == (int)palette + 1)
        return;
    s->palette[which] = (int)palette + 1;
    for (int i = 0; i < 256; i++)
        wt_colormap(palette, (float)i / 255.0f, s->color[which][i]);
}

/* 0..255; NaN becomes 0. */
static int level(float value)
{
    return value > 0.0f ? (int)(255.0f * fminf(value, 1.0f) + 0.5f) : 0;
}

static void draw_map(struct wt_scope *s, const float *map, int size, int row, int column,
                     const uint8_t (*color)[3])
{
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++)
            memcpy(s->maps[row * WT_SCOPE_TILE + i][column * WT_SCOPE_TILE + j],
                   color[level(map[i * size + j])], 3);
}

/* Two shades: cells that count alone, and those that the loss's map weights more. */
static void draw_mask(struct wt_scope *s, const float *map, int size, int channel,
                      const uint8_t (*color)[3])
{
    uint8_t mask[WT_MAP_CELLS_DEFAULT];
    wt_target_mask(map, size, mask);
    s->weighted[channel] = 0;
    for (int i = 0; i < size * size; i++) {
        s->weighted[channel] += mask[i];
        memcpy(s->maps[WT_PROBE_CHANNELS * WT_SCOPE_TILE + i / size]
                      [channel * WT_SCOPE_TILE + i % size],
               color[mask[i] ? 224 : 24], 3);
    }
}

/* How strongly a map covers the crop. */
static float cover(float value)
{
    const float s = fminf(fmaxf((value - 0.06f) / 0.44f, 0.0f), 1.0f);
    return 0.7f * s * s * (3.0f - 2.0f * s);
}

static void draw_cell(struct wt_scope *s, const struct wt_probe *p, float value, int row,
                      int column)
{
    const uint8_t *heat = s->color[0][level(value)];
    const float alpha = cover(value);
    const int side = WT_SCOPE_CELL / WT_CELL; /* of a pixel of the crop */
    for (int i = 0; i < WT_SCOPE_CELL; i++)
        for (int j = 0; j < WT_SCOPE_CELL; j++) {
            const int y = (s->top + row) * WT_CELL + i / side,
                      x = (s->left + column) * WT_CELL + j / side;
            const uint8_t *from = p->crop + 3 * ((size_t)y * (size_t)p->input_size + (size_t)x);
            uint8_t *to = s->close[row * WT_SCOPE_CELL + i][column * WT_SCOPE_CELL + j];
            for (int k = 0; k < 3; k++)
                to[k] = (uint8_t)((float)from[k] + alpha * (float)(heat[k] - from[k]) + 0.5f);
        }
}

static void draw_close(struct wt_scope *s, const struct wt_probe *p, int points)
{
    const int size = p->map_size, last = p->stacks_run - 1;
    int row = 0, column = 0;
    for (int k = 0; k < points; k++) {
        row += s->peak[last][k].row;
        column += s->peak[last][k].column;
    }
    s->top = row / points - WT_SCOPE_CELLS / 2;
    s->left = column / points - WT_SCOPE_CELLS / 2;
    memset(s->close, 0, sizeof s->close);
    for (int i = 0; i < WT_SCOPE_CELLS; i++)
        for (int j = 0; j < WT_SCOPE_CELLS; j++) {
            const int y = s->top + i, x = s->left + j;
            float value = 0.0f;
            if (y < 0 || x < 0 || y >= size || x >= size)
                continue;
            for (int k = 0; k < points; k++) /* a comparison with NaN is false */
                value =
                    p->map[last][k][y * size + x] > value ? p->map[last][k][y * size + x] : value;
            draw_cell(s, p, value, i, j);
        }
}

void wt_scope_make(struct wt_scope *s, const struct wt_probe *p, int points, enum wt_palette heat,
                   enum wt_palette boundary)
{
    const int size = p->map_size;
    make_colors(s, 0, heat);
    make_colors(s, 1, boundary);
    memset(s->maps, 0, sizeof s->maps);
    for (int k = 0; k < p->channels; k++) {
        const uint8_t(*color)[3] = (const uint8_t(*)[3])s->color[k >= points];
        for (int stack = 0; stack < p->stacks_run; stack++) {
            struct wt_scope_peak *peak = &s->peak[stack][k];
            peak->value = wt_probe_peak(p->map[stack][k], size, &peak->row, &peak->column);
            draw_map(s, p->map[stack][k], size, k, stack, color);
        }
        draw_mask(s, p->map[p->stacks_run - 1][k], size, k, color);
    }
    draw_close(s, p, points);
}

struct wt_point wt_scope_in_close(const struct wt_scope *s, struct wt_point crop)
{
    return (struct wt_point){((crop.x + 0.5f) / WT_CELL - (float)s->left) / WT_SCOPE_CELLS,
                             ((crop.y + 0.5f) / WT_CELL - (float)s->top) / WT_SCOPE_CELLS};
}

struct wt_point wt_scope_in_crop(const struct wt_probe *p, struct wt_point crop)
{
    const float side = (float)p->input_size;
    return (struct wt_point){(crop.x + 0.5f) / side, (crop.y + 0.5f) / side};
}
