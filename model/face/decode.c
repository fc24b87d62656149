#include "face/decode.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "face/ellipse.h"
#include "face/maps.h"

#define CELL ((float)WT_CELL) /* crop pixels a cell */
#define CENTRE 1.5f           /* crop pixel of the centre of cell 0 */

static const char *const names[] = {"centroid", "published", "dark"};

const char *wt_decoder_name(enum wt_decoder decoder)
{
    return names[decoder];
}

bool wt_decoder_parse(const char *name, enum wt_decoder *decoder)
{
    for (int i = 0; name && i < (int)(sizeof(names) / sizeof(names[0])); i++) {
        if (strcmp(name, names[i]) == 0) {
            *decoder = (enum wt_decoder)i;
            return true;
        }
    }
    return false;
}

/* One channel's view of the maps. */
struct channel {
    const float *maps;
    int size, stride;
};

/* A cell's value for computing: 0 for negatives and for NaN; at most 1000. */
static float clipped(float v)
{
    return v > 0 ? v < 1000.0f ? v : 1000.0f : 0;
}

/* The smaller and the larger of the two; x where v is NaN. */
static float at_most(float v, float x)
{
    return v < x ? v : x;
}

static float at_least(float v, float x)
{
    return v > x ? v : x;
}

struct peak {
    float height; /* as in the map */
    float energy; /* sum of the squared, clipped map */
    int row, column;
};

/* Highest value and energy of one row of cells, all channels. Selections on floats alone, so that
 * the loop becomes vectors; a comparison with NaN is false, so NaN is never a peak. */
static void sweep_row(const float *restrict v, int size, int stride, int points,
                      float *restrict best, float *restrict energy)
{
    for (int c = 0; c < points; c++)
        best[c] = -INFINITY;
    for (int j = 0; j < size; j++, v += stride) {
        for (int c = 0; c < points; c++) {
            const float x = v[c] > 0 ? v[c] : 0;
            const float clipped = x < 1000.0f ? x : 1000.0f;
            energy[c] += clipped * clipped;
            best[c] = v[c] > best[c] ? v[c] : best[c];
        }
    }
}

/* Peaks of all channels: their rows in one sweep over memory, then the column within that row. */
static void find_peaks(const float *maps, int size, int stride, int points, struct peak *out)
{
    float best[WT_POINTS_MAX], energy[WT_POINTS_MAX] = {0};
    for (int c = 0; c < points; c++)
        out[c] = (struct peak){-INFINITY, 0, 0, 0};
    for (int i = 0; i < size; i++) {
        sweep_row(maps + (size_t)(i * size) * (size_t)stride, size, stride, points, best, energy);
        for (int c = 0; c < points; c++)
            if (best[c] > out[c].height) {
                out[c].height = best[c];
                out[c].row = i;
            }
    }
    for (int c = 0; c < points; c++) {
        const float *v = maps + (size_t)(out[c].row * size) * (size_t)stride + c;
        for (int j = 0; j < size; j++)
            if (v[(size_t)j * (size_t)stride] == out[c].height) {
                out[c].column = j;
                break;
            }
        out[c].energy = energy[c];
    }
}

/* The cells around a peak, row by row; those outside the map are 0. */
enum {
    PATCH = 13,    /* of the cells that smoothing a window of 5 x 5 by DARK_TAPS takes */
    PATCH_ROW = 16 /* the same in whole vectors, the rest 0 */
};

static void take_patch(const struct channel *m, const struct peak *peak,
                       float patch[PATCH][PATCH_ROW])
{
    const int top = peak->row - PATCH / 2, left = peak->column - PATCH / 2;
    const int below = m->size - top, right = m->size - left;
    memset(patch, 0, sizeof(float) * PATCH * PATCH_ROW);
    for (int i = top < 0 ? -top : 0; i < PATCH && i < below; i++) {
        const float *row = m->maps + (ptrdiff_t)((top + i) * m->size + left) * m->stride;
        for (int j = left < 0 ? -left : 0; j < PATCH && j < right; j++)
            patch[i][j] = clipped(row[(ptrdiff_t)j * m->stride]);
    }
}

struct window {
    float x, y;   /* centroid, cells */
    float energy; /* inside the window */
};

/* 5x5 centroid of the squared, clipped map. */
static struct window centroid(float patch[PATCH][PATCH_ROW], const struct peak *peak)
{
    float sum = 0, sx = 0, sy = 0;
    for (int i = -2; i <= 2; i++) {
        for (int j = -2; j <= 2; j++) {
            const float v = patch[PATCH / 2 + i][PATCH / 2 + j];
            sum += v * v;
            sx += v * v * (float)j;
            sy += v * v * (float)i;
        }
    }
    struct window w = {(float)peak->column, (float)peak->row, sum};
    if (sum > 1e-9f) {
        w.x += sx / sum;
        w.y += sy / sum;
    }
    return w;
}

static float sign(float v)
{
    return (float)((v > 0) - (v < 0));
}

/* The published rule counts cells from 1, moves a quarter cell towards the higher neighbour unless
 * the peak is on the border, subtracts a half and multiplies by 4. */
static struct wt_point decode_published(const struct channel *m, const struct peak *peak)
{
    const int last = m->size - 1, row = m->size * m->stride;
    float x = (float)peak->column + 0.5f, y = (float)peak->row + 0.5f;
    if (peak->column > 0 && peak->column < last && peak->row > 0 && peak->row < last) {
        const float *v = m->maps + (size_t)(peak->row * m->size + peak->column) * (size_t)m->stride;
        x += 0.25f * sign(v[m->stride] - v[-m->stride]);
        y += 0.25f * sign(v[row] - v[-row]);
    }
    return (struct wt_point){x * CELL, y * CELL};
}

/* DARK (Zhang et al., "Distribution-Aware Coordinate Representation for Human Pose Estimation",
 * CVPR 2020): smooth with the target's own Gaussian, take the log, and step from the peak to the
 * maximum of its second-order Taylor expansion: -H^-1 g. */
#define DARK_RADIUS 4
#define DARK_SIGMA 1.75f /* effective deviation of the targets, cells */

enum {
    DARK_TAPS = 2 * DARK_RADIUS + 1,
    DARK_SIDE = 5 /* of the window that the derivatives look at */
};
static_assert(PATCH == DARK_SIDE + 2 * DARK_RADIUS, "a patch is what smoothing the window takes");

static void dark_kernel(float kernel[DARK_TAPS])
{
    float sum = 0;
    for (int k = 0; k < DARK_TAPS; k++) {
        const float d = (float)(k - DARK_RADIUS) / DARK_SIGMA;
        sum += kernel[k] = expf(-0.5f * d * d);
    }
    for (int k = 0; k < DARK_TAPS; k++)
        kernel[k] /= sum;
}

/* Down, then across; rows are padded, so that both loops are whole vectors. */
static void dark_smooth(const float kernel[DARK_TAPS], float patch[PATCH][PATCH_ROW],
                        float out[DARK_SIDE][DARK_SIDE])
{
    for (int i = 0; i < DARK_SIDE; i++) {
        enum { ACROSS = 8 };
        float down[PATCH_ROW] = {0}, across[ACROSS] = {0};
        for (int k = 0; k < DARK_TAPS; k++)
            for (int j = 0; j < PATCH_ROW; j++)
                down[j] += kernel[k] * patch[i + k][j];
        for (int k = 0; k < DARK_TAPS; k++)
            for (int j = 0; j < ACROSS && k + j < PATCH_ROW; j++)
                across[j] += kernel[k] * down[k + j];
        memcpy(out[i], across, sizeof out[i]);
    }
}

static struct wt_point decode_dark(float patch[PATCH][PATCH_ROW], const struct peak *peak,
                                   const float kernel[DARK_TAPS])
{
    float v[DARK_SIDE][DARK_SIDE];
    float x = (float)peak->column, y = (float)peak->row;
    dark_smooth(kernel, patch, v);
    for (int i = 0; i < DARK_SIDE; i++)
        for (int j = 0; j < DARK_SIDE; j++)
            if (abs(i - 2) + abs(j - 2) <= 2) /* the others are not looked at */
                v[i][j] = logf(at_least(v[i][j], 1e-10f));
    const float gx = 0.5f * (v[2][3] - v[2][1]), gy = 0.5f * (v[3][2] - v[1][2]);
    const float hxx = 0.25f * (v[2][4] - 2 * v[2][2] + v[2][0]);
    const float hyy = 0.25f * (v[4][2] - 2 * v[2][2] + v[0][2]);
    const float hxy = 0.25f * (v[3][3] - v[1][3] - v[3][1] + v[1][1]);
    const float d = hxx * hyy - hxy * hxy;
    if (hxx < 0 && d > 1e-9f) { /* a maximum; anything else has no step to take */
        x -= at_least(at_most((hyy * gx - hxy * gy) / d, 2), -2);
        y -= at_least(at_most((hxx * gy - hxy * gx) / d, 2), -2);
    }
    return (struct wt_point){x * CELL + CENTRE, y * CELL + CENTRE};
}

/* Share of a map's energy that lies within 5x5 cells of the peak: 0.91 for a perfect target (its
 * square is a Gaussian of deviation 1.75 / sqrt 2), little for a smear or several peaks. */
#define SHARE_PERFECT 0.91f

static float confidence_of(const struct peak *peak, const struct window *w)
{
    if (!(peak->height > 0) || !(peak->energy > 1e-9f))
        return 0;
    const float share = at_most(w->energy / peak->energy / SHARE_PERFECT, 1);
    return at_most(peak->height, 1) * share;
}

/* Second moments of the squared values, which noise far from the peak hardly moves; a Gaussian's
 * square has half of its variance. The moments of a patch that is filled evenly are the largest
 * that a single peak gives. */
static struct wt_ellipse ellipse_of(float patch[PATCH][PATCH_ROW])
{
    const float even = (PATCH * PATCH - 1) / 12.0f;
    float sum = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    for (int i = 0; i < PATCH; i++) {
        const float v = (float)(i - PATCH / 2);
        float row = 0, first = 0, second = 0;
        for (int j = 0; j < PATCH_ROW; j++) { /* beyond the patch it is 0 */
            const float u = (float)(j - PATCH / 2), w = patch[i][j] * patch[i][j];
            row += w;
            first += w * u;
            second += w * u * u;
        }
        sum += row;
        x += first;
        xx += second;
        y += row * v;
        xy += first * v;
        yy += row * v * v;
    }
    if (!(sum > 1e-9f))
        return wt_ellipse_of_moments(2 * CELL * CELL * even, 0, 2 * CELL * CELL * even);
    x /= sum;
    y /= sum;
    return wt_ellipse_of_moments(2 * CELL * CELL * (xx / sum - x * x),
                                 2 * CELL * CELL * (xy / sum - x * y),
                                 2 * CELL * CELL * (yy / sum - y * y));
}

void wt_decode(const float *maps, int size, int stride, int points, enum wt_decoder decoder,
               struct wt_point *out, float *confidence)
{
    wt_decode_with_ellipse(maps, size, stride, points, decoder, out, confidence, NULL);
}

void wt_decode_with_ellipse(const float *maps, int size, int stride, int points,
                            enum wt_decoder decoder, struct wt_point *out, float *confidence,
                            struct wt_ellipse *ellipse)
{
    struct peak peak[WT_POINTS_MAX];
    float kernel[DARK_TAPS];
    find_peaks(maps, size, stride, points, peak);
    dark_kernel(kernel);
    for (int c = 0; c < points; c++) {
        const struct channel m = {maps + c, size, stride};
        float patch[PATCH][PATCH_ROW];
        take_patch(&m, &peak[c], patch);
        const struct window w = centroid(patch, &peak[c]);
        if (decoder == WT_DECODE_PUBLISHED)
            out[c] = decode_published(&m, &peak[c]);
        else if (decoder == WT_DECODE_DARK)
            out[c] = decode_dark(patch, &peak[c], kernel);
        else
            out[c] = (struct wt_point){w.x * CELL + CENTRE, w.y * CELL + CENTRE};
        if (confidence)
            confidence[c] = confidence_of(&peak[c], &w);
        if (ellipse)
            ellipse[c] = ellipse_of(patch);
    }
}
