#include "track/frame_detector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "face/picture.h"
#include "net/detector_net.h"
#include "net/net.h"
#include "plan/plan.h"

enum { PEAKS_MAX = 256 };

struct wt_frame_detector {
    const struct wt_weights *weights;
    struct wt_detector_options options;
    enum wt_precision precision;
    struct wt_plan *plan; /* for inputs of width x height */
    int width, height;
    double macs, ms;
    struct wt_picture small;
    uint8_t *rgb; /* [height][width][3] */
};

/* ---- reading maps ---- */

static int by_score(const void *a, const void *b)
{
    const float x = ((const struct wt_detection *)a)->score;
    const float y = ((const struct wt_detection *)b)->score;
    return (x < y) - (x > y);
}

/* Two squares on one face: they overlap, or the centre of one lies well inside the other (a small
 * box on the mouth of a large face overlaps little). */
static bool same_face(const struct wt_box *a, const struct wt_box *b)
{
    const float reach = 0.35f * fmaxf(a->w, b->w);
    const float dx = a->x + a->w / 2 - b->x - b->w / 2, dy = a->y + a->h / 2 - b->y - b->h / 2;
    return wt_box_iou(a, b) >= 0.3f || (fabsf(dx) < reach && fabsf(dy) < reach);
}

int wt_detections_merge(struct wt_detection *detection, int count)
{
    int left = 0;
    qsort(detection, (size_t)count, sizeof *detection, by_score);
    for (int i = 0; i < count; i++) {
        bool taken = false;
        for (int j = 0; j < left && !taken; j++)
            taken = same_face(&detection[i].box, &detection[j].box);
        if (!taken)
            detection[left++] = detection[i];
    }
    return left;
}

/* Is no neighbour higher? Of equal ones the first in reading order is the peak. */
static bool is_peak(const float *maps, int rows, int columns, int stride, int i, int j)
{
    const float here = maps[(i * columns + j) * stride + WT_FACE_HEAT];
    for (int y = i - 1; y <= i + 1; y++)
        for (int x = j - 1; x <= j + 1; x++) {
            if (y < 0 || x < 0 || y >= rows || x >= columns || (y == i && x == j))
                continue;
            const float other = maps[(y * columns + x) * stride + WT_FACE_HEAT];
            if (other > here || (other == here && (y < i || (y == i && x < j))))
                return false;
        }
    return true;
}

/* What cell (i,j) says of its face. Sizes and offsets beyond reason are cut, NaN among them. */
static struct wt_detection read_cell(const float *m, int cell, int i, int j)
{
    const float side = WT_FACE_UNIT * expf(fmaxf(-3, fminf(3, m[WT_FACE_SIDE])));
    const float dx = fmaxf(-4, fminf(4, m[WT_FACE_X])), dy = fmaxf(-4, fminf(4, m[WT_FACE_Y]));
    const float x = (float)cell * ((float)j + dx) + WT_FACE_CENTRE(cell);
    const float y = (float)cell * ((float)i + dy) + WT_FACE_CENTRE(cell);
    const float roll = atan2f(m[WT_FACE_SIN], m[WT_FACE_COS]);
    return (struct wt_detection){
        .box = {x - side / 2, y - side / 2, side, side},
        .roll = isnan(roll) ? 0 : roll,
        .score = 1 / (1 + expf(-(m[WT_FACE_HEAT] + WT_FACE_PRIOR))),
    };
}

int wt_frame_detector_decode(const float *maps, int rows, int columns, int stride, int cell,
                             float least, struct wt_detection *out, int max)
{
    struct wt_detection peak[PEAKS_MAX];
    const float lowest = logf(least / (1 - least)) - WT_FACE_PRIOR;
    int count = 0;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            const float *m = maps + (i * columns + j) * stride;
            if (m[WT_FACE_HEAT] >= lowest && count < PEAKS_MAX &&
                is_peak(maps, rows, columns, stride, i, j))
                peak[count++] = read_cell(m, cell, i, j);
        }
    count = wt_detections_merge(peak, count);
    count = count < max ? count : max;
    memcpy(out, peak, (size_t)count * sizeof *out);
    return count;
}

/* ---- running ---- */

/* Prepares the network for inputs of this size. */
static enum wt_status prepare(struct wt_frame_detector *d, int width, int height)
{
    static const enum wt_type type[] = {
        [WT_PRECISION_F32] = WT_F32, [WT_PRECISION_BF16] = WT_BF16, [WT_PRECISION_INT8] = WT_U8};
    struct wt_graph g;
    if (d->plan && d->width == width && d->height == height)
        return WT_OK;
    wt_plan_destroy(&d->plan);
    free(d->rgb);
    d->rgb = malloc((size_t)width * (size_t)height * 3);
    wt_graph_init(&g);
    enum wt_status status = d->rgb ? WT_OK : wt_fail(WT_ERR_MEMORY, "face detector: out of memory");
    if (!status)
        status = wt_detector_net_graph(d->weights, width, height, &g);
    if (!status) {
        enum wt_precision wanted = d->options.precision;
        const bool calibrated = wt_graph_calibrated(&g);
        /* Ours is; weights that are not still find faces while the landmarks run in int8. */
        if (wanted == WT_PRECISION_INT8 && !calibrated)
            wanted = WT_PRECISION_AUTO;
        d->precision = wt_precision_choose(wanted, d->options.level, calibrated, NULL);
        const struct wt_plan_options o = {.threads = wt_cpu_threads(d->options.threads),
                                          .batch = 1,
                                          .level = d->options.level,
                                          .type = type[d->precision]};
        status = wt_plan_create(&d->plan, &g, &o);
    }
    d->macs = wt_graph_macs(&g);
    d->width = width;
    d->height = height;
    wt_graph_fini(&g);
    return status;
}

static int round_up(int n)
{
    return (n + WT_FACE_STEP - 1) / WT_FACE_STEP * WT_FACE_STEP;
}

/* The shrunken frame, BGR, into the corner of the network's input, RGB. */
static void copy_to_input(struct wt_frame_detector *d)
{
    const struct wt_image *small = &d->small.image;
    memset(d->rgb, WT_DETECTOR_GREY, (size_t)d->width * (size_t)d->height * 3);
    for (int y = 0; y < small->height; y++) {
        const uint8_t *from = small->data + y * small->stride;
        uint8_t *to = d->rgb + (size_t)y * (size_t)d->width * 3;
        for (int x = 0; x < 3 * small->width; x += 3) {
            to[x] = from[x + 2];
            to[x + 1] = from[x + 1];
            to[x + 2] = from[x];
        }
    }
}

enum wt_status wt_frame_detector_find(struct wt_frame_detector *d, const struct wt_image *image,
                                      int min_side, float least, struct wt_detection *out, int max,
                                      int *found)
{
    *found = 0;
    const int longer = image->width > image->height ? image->width : image->height;
    const double scale = fmin(1, (double)WT_FRAME_DETECTOR_SIDE / longer);
    const int w = (int)fmax(1, image->width * scale + 0.5);
    const int h = (int)fmax(1, image->height * scale + 0.5);
    const float fx = (float)image->width / (float)w, fy = (float)image->height / (float)h;
    enum wt_status status = prepare(d, round_up(w), round_up(h));
    if (!status)
        status = wt_picture_shrink(image, w, h, &d->small);
    if (status)
        return status;
    copy_to_input(d);
    const double start = wt_now_ms();
    const int cell = wt_detector_net_cell(d->weights);
    int stride;
    wt_plan_input_u8(d->plan, 0, d->rgb);
    wt_plan_run(d->plan, 1, 0);
    const float *maps = wt_plan_output(d->plan, 0, 0, &stride);
    d->ms = wt_now_ms() - start;
    const int all = wt_frame_detector_decode(maps, d->height / cell, d->width / cell, stride, cell,
                                             least, out, max);
    for (int i = 0; i < all; i++) {
        struct wt_detection face = out[i];
        const float x = (face.box.x + face.box.w / 2 + 0.5f) * fx - 0.5f;
        const float y = (face.box.y + face.box.h / 2 + 0.5f) * fy - 0.5f;
        const float side = face.box.w * sqrtf(fx * fy);
        face.box = (struct wt_box){x - side / 2, y - side / 2, side, side};
        if (side >= (float)min_side)
            out[(*found)++] = face;
    }
    return WT_OK;
}

struct wt_frame_detector_info wt_frame_detector_info(const struct wt_frame_detector *d)
{
    return (struct wt_frame_detector_info){d->width, d->height, wt_precision_name(d->precision),
                                           d->macs, d->ms};
}

/* ---- life ---- */

enum wt_status wt_frame_detector_create(struct wt_frame_detector **out,
                                        const struct wt_weights *weights,
                                        const struct wt_detector_options *options)
{
    struct wt_frame_detector *d = calloc(1, sizeof *d);
    if (!d)
        return wt_fail(WT_ERR_MEMORY, "face detector: out of memory");
    d->weights = weights;
    d->options = *options;
    /* Now rather than at the first frame, so that bad weights are reported here; the size is that
     * of the usual camera. */
    const enum wt_status status =
        prepare(d, WT_FRAME_DETECTOR_SIDE, round_up(WT_FRAME_DETECTOR_SIDE * 3 / 4));
    if (status)
        wt_frame_detector_destroy(&d);
    else
        *out = d;
    return status;
}

void wt_frame_detector_destroy(struct wt_frame_detector **detector)
{
    struct wt_frame_detector *d = *detector;
    if (!d)
        return;
    wt_plan_destroy(&d->plan);
    wt_picture_fini(&d->small);
    free(d->rgb);
    free(d);
    *detector = NULL;
}
