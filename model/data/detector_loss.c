#include "data/detector_loss.h"

#include <math.h>
#include <string.h>

enum { MAP = WT_TRAINING_FRAME_CELLS, CELLS = WT_TRAINING_FRAME_MAP, T = WT_FACE_TARGETS };

/* A cell's pixel, and back. */
static float cell_of(float pixel)
{
    return (pixel - WT_FACE_CENTRE(WT_FACE_CELL)) / WT_FACE_CELL;
}

static int clamp_cell(float cell)
{
    return cell < 0 ? 0 : cell > MAP - 1 ? MAP - 1 : (int)cell;
}

void wt_detector_target_clear(float *value, uint8_t *mask)
{
    memset(value, 0, (size_t)CELLS * T * sizeof *value);
    memset(mask, 0, (size_t)CELLS * T);
}

/* Gaussians reach about as far as a centre may be off and still give a good square: a tenth of the
 * side. Cells near the peak learn the sizes; those of one face together have the weight of one. */
static const float bell_least = 0.45f, bell_share = 0.06f, sizes_from = 0.6f;

void wt_detector_target_add(const struct wt_square *face, float *value)
{
    const float x = cell_of(face->x), y = cell_of(face->y);
    const int cx = clamp_cell(roundf(x)), cy = clamp_cell(roundf(y));
    const float sigma = bell_least + bell_share * face->side / WT_FACE_CELL;
    const int reach = (int)ceilf(3 * sigma);
    float all = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = clamp_cell((float)(cy - reach)); i <= clamp_cell((float)(cy + reach)); i++)
            for (int j = clamp_cell((float)(cx - reach)); j <= clamp_cell((float)(cx + reach));
                 j++) {
                const float d2 = (float)((i - cy) * (i - cy) + (j - cx) * (j - cx));
                const float bell = expf(-d2 / (2 * sigma * sigma));
                float *v = value + (i * MAP + j) * T;
                if (pass == 0)
                    all += bell >= sizes_from ? bell : 0;
                if (pass == 0 || bell < v[WT_FACE_HEAT])
                    continue; /* a cell belongs to the nearer of two faces */
                v[WT_FACE_HEAT] = bell;
                v[WT_FACE_X] = x - (float)j;
                v[WT_FACE_Y] = y - (float)i;
                v[WT_FACE_SIDE] = logf(face->side / WT_FACE_UNIT);
                v[WT_FACE_SIN] = sinf(face->roll);
                v[WT_FACE_COS] = cosf(face->roll);
                v[WT_FACE_SHARE] = bell >= sizes_from ? bell / all : 0;
            }
}

void wt_detector_target_ignore(const struct wt_square *face, uint8_t *mask)
{
    const float half = face->side / 2;
    for (int i = clamp_cell(cell_of(face->y - half)); i <= clamp_cell(cell_of(face->y + half)); i++)
        for (int j = clamp_cell(cell_of(face->x - half)); j <= clamp_cell(cell_of(face->x + half));
             j++)
            mask[(i * MAP + j) * T] = 1;
}

/* Value and slope to heat of the focal loss. */
static float focal(float heat, float y, float *slope)
{
    const float z = heat + WT_FACE_PRIOR, e = expf(-fabsf(z));
    const float p = z >= 0 ? 1 / (1 + e) : e / (1 + e), q = 1 - p;
    const float ln_p = (z >= 0 ? 0 : z) - log1pf(e), ln_q = ln_p - z;
    if (y >= 1) {
        *slope = 2 * q * q * p * ln_p - q * q * q;
        return -q * q * ln_p;
    }
    const float away = (1 - y) * (1 - y), w = away * away;
    *slope = w * (p * p * p - 2 * p * p * q * ln_q);
    return -w * p * p * ln_q;
}

static const float weight[WT_FACE_MAPS] = {[WT_FACE_X] = 0.5f,
                                           [WT_FACE_Y] = 0.5f,
                                           [WT_FACE_SIDE] = 2,
                                           [WT_FACE_SIN] = 1,
                                           [WT_FACE_COS] = 1};

static float smooth_l1(float d, float *slope)
{
    const float beta = 0.1f, size = fabsf(d);
    *slope = size < beta ? d / beta : d < 0 ? -1.0f : 1.0f;
    return size < beta ? d * d / (2 * beta) : size - beta / 2;
}

double wt_detector_loss(const float *pred, const float *value, const uint8_t *mask, int stride,
                        float scale, float *grad)
{
    int faces = 0;
    double sum = 0;
    for (int i = 0; i < CELLS; i++)
        faces += value[i * T] >= 1;
    faces = faces ? faces : 1;
    scale /= (float)faces;
    memset(grad, 0, (size_t)CELLS * (size_t)stride * sizeof *grad);
    for (int i = 0; i < CELLS; i++, pred += stride, grad += stride) {
        const float *v = value + i * T;
        float slope;
        if (!mask[i * T] || v[WT_FACE_HEAT] >= 1) {
            sum += (double)focal(pred[WT_FACE_HEAT], v[WT_FACE_HEAT], &slope);
            grad[WT_FACE_HEAT] = scale * slope;
        }
        for (int c = WT_FACE_X; v[WT_FACE_SHARE] > 0 && c < WT_FACE_MAPS; c++) {
            const float share = v[WT_FACE_SHARE] * weight[c];
            sum += (double)(share * smooth_l1(pred[c] - v[c], &slope));
            grad[c] = scale * share * slope;
        }
    }
    return sum / faces;
}
