#include "train/cmd_train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/detector_loss.h"
#include "draw/sheet.h"
#include "input/frame.h"

enum { GAP = WT_SHEET_GAP, COLUMNS_MAX = 5 };

static const uint8_t LEFT[3] = {255, 70, 60}, RIGHT[3] = {70, 230, 90}, MIDDLE[3] = {255, 235, 90};

static int sheet_columns(int samples)
{
    int n = (int)ceil(sqrt((double)samples / 2));
    return n < 1 ? 1 : n > COLUMNS_MAX ? COLUMNS_MAX : n;
}

static uint8_t *pixel(struct wt_frame *f, int x, int y)
{
    return f->pixels + y * f->image.stride + x * 3;
}

static const uint8_t *crop_of(const struct wt_batch *b, size_t sample)
{
    return b->rgb + sample * WT_CROP_BYTES(b->input);
}

static void draw_picture(struct wt_frame *f, int x0, int y0, const struct wt_batch *b,
                         size_t sample)
{
    const uint8_t *rgb = crop_of(b, sample);
    for (int y = 0; y < b->input; y++)
        for (int x = 0; x < b->input; x++) {
            const uint8_t *from = rgb + (y * b->input + x) * 3;
            uint8_t *to = pixel(f, x0 + x, y0 + y);
            for (int c = 0; c < 3; c++)
                to[c] = from[2 - c];
        }
}

/* Of one map cell: highest landmark, boundary, and whether any landmark's mask is set. */
struct cell {
    float landmark, boundary;
    bool masked;
};

/* Pixels of a cell along an edge; points 0: of a detector's. */
static int cell_side(int points)
{
    return points ? WT_CELL : WT_FACE_CELL;
}

/* points 0: targets of a detector; its map of centres is drawn in place of the landmarks. */
static struct cell cell_at(const struct wt_batch *b, size_t sample, int i, int points, int stride)
{
    const int side = b->input / cell_side(points);
    const size_t at = (sample * (size_t)(side * side) + (size_t)i) * (size_t)stride;
    if (points == 0)
        return (struct cell){.landmark = b->value[at], .masked = b->mask[at] != 0};
    struct cell c = {.boundary = b->value[at + (size_t)points]};
    for (int p = 0; p < points; p++) {
        c.landmark = fmaxf(c.landmark, b->value[at + (size_t)p]);
        c.masked |= b->mask[at + (size_t)p] != 0;
    }
    return c;
}

/* Landmarks orange, boundary blue over the darkened picture; cells in a mask are lifted a little.
 */
static void draw_targets(struct wt_frame *f, int x0, int y0, const struct wt_batch *b,
                         size_t sample, int points, int stride)
{
    const uint8_t *rgb = crop_of(b, sample);
    const int cell = cell_side(points), size = b->input / cell;
    for (int i = 0; i < size * size; i++) {
        const struct cell c = cell_at(b, sample, i, points, stride);
        const int cx = i % size * cell, cy = i / size * cell;
        for (int k = 0; k < cell * cell; k++) {
            const int x = cx + k % cell, y = cy + k / cell;
            const uint8_t *from = rgb + (y * b->input + x) * 3;
            const float grey = 0.2f * (float)(from[0] + from[1] + from[2]) / 3 + 25 * c.masked;
            const float add[3] = {255 * c.boundary, 90 * c.boundary + 150 * c.landmark,
                                  255 * c.landmark}; /* B G R */
            uint8_t *to = pixel(f, x0 + x, y0 + y);
            for (int n = 0; n < 3; n++)
                to[n] = (uint8_t)fminf(grey + add[n], 255);
        }
    }
}

/* Marks points, coloured by side of the face, which shows whether mirroring is right. */
static void draw_points(struct wt_canvas *canvas, int x0, int y0, int tile,
                        const struct wt_scheme *scheme, const struct wt_point *point,
                        bool right_side, bool middle, const uint8_t colour[3])
{
    const float end = (float)tile;
    for (int i = 0; i < scheme->points; i++) {
        const bool in_middle = scheme->flip[i] == i;
        /* The scheme's partners: the one that a face looking ahead has further left. */
        const bool left = strstr(scheme->point_name[i], "left") != NULL ||
                          (!strstr(scheme->point_name[i], "right") && i < scheme->flip[i]);
        if (in_middle != middle || (!middle && left == right_side) || isnan(point[i].x))
            continue;
        const struct wt_point p = {(float)x0 + point[i].x, (float)y0 + point[i].y};
        if (point[i].x >= -1 && point[i].y >= -1 && point[i].x <= end && point[i].y <= end)
            wt_canvas_stroke(canvas, p, p, 1.6f, 1);
    }
    wt_canvas_paint(canvas, colour, 1);
}

static void draw_number(struct wt_canvas *canvas, int x0, int y0, uint32_t number)
{
    char text[16];
    snprintf(text, sizeof text, "#%u", number);
    wt_canvas_text(canvas, text, (float)x0 + 5, (float)y0 + 16, 10);
}

static void draw_sample(struct wt_frame *f, struct wt_canvas *canvas, int x0, int y0,
                        const struct wt_scheme *scheme, const struct wt_batch *b, size_t sample,
                        int stride)
{
    const struct wt_point *point = b->point + sample * (size_t)scheme->points;
    draw_picture(f, x0, y0, b, sample);
    draw_points(canvas, x0, y0, b->input, scheme, point, false, false, LEFT);
    draw_points(canvas, x0, y0, b->input, scheme, point, true, false, RIGHT);
    draw_points(canvas, x0, y0, b->input, scheme, point, false, true, MIDDLE);
    draw_number(canvas, x0, y0, b->face[sample]);
    draw_targets(f, x0 + b->input + GAP / 2, y0, b, sample, scheme->points, stride);
}

/* The square of every face of a frame; its upper edge in another colour. */
static void draw_squares(struct wt_canvas *canvas, int x0, int y0, const struct wt_batch *b,
                         size_t sample, int upper)
{
    static const int corner[4][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
    const int size = WT_TRAINING_FRAME_CELLS, cells = WT_TRAINING_FRAME_MAP;
    const float last = (float)(b->input - 1);
    for (int i = 0; i < cells; i++) {
        const float *v = b->value + (sample * (size_t)cells + (size_t)i) * WT_FACE_TARGETS;
        const float half = 0.5f * WT_FACE_UNIT * expf(v[WT_FACE_SIDE]);
        const float x =
            WT_FACE_CELL * ((float)(i % size) + v[WT_FACE_X]) + WT_FACE_CENTRE(WT_FACE_CELL);
        const float y =
            WT_FACE_CELL * ((float)(i / size) + v[WT_FACE_Y]) + WT_FACE_CENTRE(WT_FACE_CELL);
        struct wt_point p[5];
        if (v[WT_FACE_HEAT] < 1)
            continue;
        for (int k = 0; k < 5; k++) {
            const float u = half * (float)corner[k % 4][0], w = half * (float)corner[k % 4][1];
            p[k].x = fminf(fmaxf(x + u * v[WT_FACE_COS] - w * v[WT_FACE_SIN], 0), last);
            p[k].y = fminf(fmaxf(y + u * v[WT_FACE_SIN] + w * v[WT_FACE_COS], 0), last);
            p[k].x += (float)x0;
            p[k].y += (float)y0;
        }
        for (int k = upper ? 0 : 1; k < (upper ? 1 : 4); k++)
            wt_canvas_stroke(canvas, p[k], p[k + 1], 0.8f, 1);
    }
    wt_canvas_paint(canvas, upper ? LEFT : RIGHT, 1);
}

static void draw_frame(struct wt_frame *f, struct wt_canvas *canvas, int x0, int y0,
                       const struct wt_batch *b, size_t sample)
{
    draw_picture(f, x0, y0, b, sample);
    draw_squares(canvas, x0, y0, b, sample, 0);
    draw_squares(canvas, x0, y0, b, sample, 1);
    draw_number(canvas, x0, y0, b->face[sample]);
    draw_targets(f, x0 + b->input + GAP / 2, y0, b, sample, 0, WT_FACE_TARGETS);
}

/* scheme NULL: frames for a detector. */
static enum wt_status draw_all(struct wt_loader *loader, const struct wt_scheme *scheme, int stride,
                               int show, struct wt_sheet *sheet)
{
    enum wt_status status = WT_OK;
    for (int i = 0; i < show && !status; i++) {
        struct wt_batch batch;
        int x, y;
        status = wt_loader_next(loader, &batch);
        wt_sheet_place(sheet, i, &x, &y);
        if (!status && scheme)
            draw_sample(sheet->frame, &sheet->canvas, x, y, scheme, &batch, 0, stride);
        else if (!status)
            draw_frame(sheet->frame, &sheet->canvas, x, y, &batch, 0);
        wt_loader_release(loader);
    }
    return status;
}

enum wt_status wt_train_sheet(const struct wt_recipe *recipe, const struct wt_faces *faces,
                              int show, int threads, uint64_t seed, const char *path)
{
    const bool detector = recipe->task == WT_TASK_DETECTOR;
    const int tile = detector ? WT_TRAINING_FRAME_SIDE : recipe->augment.input;
    const struct wt_scheme *scheme = detector ? NULL : wt_faces_scheme(faces);
    struct wt_loader_options options = wt_train_loader_options(recipe, threads, seed);
    struct wt_loader *loader = NULL;
    struct wt_sheet sheet;
    options.batch = 1;
    options.stride = scheme ? scheme->points + 1 : WT_FACE_TARGETS;
    /* A tile is a pair: picture, targets. */
    enum wt_status status = wt_sheet_init(&sheet, show, sheet_columns(show), 2 * tile + GAP, tile);
    if (status)
        return status;
    status = wt_loader_create(&loader, faces, &options);
    if (!status)
        status = draw_all(loader, scheme, options.stride, show, &sheet);
    wt_loader_destroy(&loader);
    if (!status)
        status = wt_sheet_write(&sheet, show, path);
    wt_sheet_fini(&sheet);
    return status;
}
