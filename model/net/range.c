#include "net/range.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/quant.h"
#include "weights/half.h"

/* Magnitudes from 2^-24 to 2^16, eight bins an octave: the exponent and three bits of the mantissa.
 * What is smaller or larger goes into the first or last one. */
enum { OCTAVES = 40, BINS = 8 * OCTAVES, FIRST_BIN = (127 - 24) << 3 };

static int bin_of(float x)
{
    int b = (int)((wt_bits_from_float(x) & 0x7fffffff) >> 20) - FIRST_BIN;
    return b < 0 ? 0 : b < BINS ? b : BINS - 1;
}

/* Middle of a bin; what lies beyond the last one counts as if in it. */
static double bin_value(int b)
{
    return wt_float_from_bits(((uint32_t)(b + FIRST_BIN) << 20) + (1u << 19));
}

enum wt_status wt_range_stats_init(struct wt_range_stats *s, int channels)
{
    size_t n = (size_t)channels;
    *s = (struct wt_range_stats){.channels = channels};
    s->low = calloc(n, sizeof *s->low);
    s->high = calloc(n, sizeof *s->high);
    s->squares = calloc(n, sizeof *s->squares);
    s->bin = calloc(n * 2 * BINS, sizeof *s->bin);
    if (s->low && s->high && s->squares && s->bin)
        return WT_OK;
    wt_range_stats_fini(s);
    return wt_fail(WT_ERR_MEMORY, "out of memory for the statistics of %d channels", channels);
}

void wt_range_stats_fini(struct wt_range_stats *s)
{
    free(s->low);
    free(s->high);
    free(s->squares);
    free(s->bin);
    memset(s, 0, sizeof *s);
}

void wt_range_stats_add(struct wt_range_stats *s, const float *data, ptrdiff_t px, int n)
{
    for (int i = 0; i < n; i++, data += px)
        for (int c = 0; c < s->channels; c++) {
            float x = data[c];
            s->low[c] = x < s->low[c] ? x : s->low[c];
            s->high[c] = x > s->high[c] ? x : s->high[c];
            s->squares[c] += (double)x * x;
            s->bin[(size_t)c * 2 * BINS + (x < 0 ? BINS : 0) + bin_of(x)]++;
        }
    s->count += (size_t)n;
}

void wt_range_stats_move_squares(struct wt_range_stats *to, struct wt_range_stats *from)
{
    for (int c = 0; c < to->channels; c++) {
        to->squares[c] += from->squares[c];
        from->squares[c] = 0;
    }
}

void wt_range_stats_merge(struct wt_range_stats *to, const struct wt_range_stats *from)
{
    for (int c = 0; c < to->channels; c++) {
        to->low[c] = fminf(to->low[c], from->low[c]);
        to->high[c] = fmaxf(to->high[c], from->high[c]);
    }
    for (size_t i = 0; i < (size_t)to->channels * 2 * BINS; i++)
        to->bin[i] += from->bin[i];
    to->count += from->count;
}

/* What a range may be, as a share of what was seen: from cutting outliers off to leaving room,
 * which gives the other channels' weights finer steps. */
static const float shares[] = {.4f,  .5f,  .6f, .7f, .8f, .9f, 1.0f,
                               1.2f, 1.5f, 2.f, 3.f, 4.f, 6.f, 8.f};
enum { SHARES = sizeof shares / sizeof *shares, WHOLE = 6, ROUNDS = 3 };

struct choice {
    int channels, outputs;
    float *low, *high; /* [channels]: as seen, valid */
    double *input;     /* [channels][SHARES]: error of the inputs times the squared weights */
    double *power;     /* [channels]: mean square of what was seen */
    float *largest;    /* [channels][outputs]: largest weight magnitude over the taps */
    double *taps;      /* [outputs] */
    float *after;  /* [channels + 1][outputs]: largest scaled weight of this and later channels */
    float *before; /* [outputs]: of the channels before, with what was chosen for them */
    int *share;    /* [channels]: chosen */
    double *gain;  /* [channels]: sum of the squared weights */
};

static void choice_fini(struct choice *k)
{
    free(k->input);
    free(k->power);
    free(k->largest);
    free(k->taps);
    free(k->after);
    free(k->before);
    free(k->share);
    free(k->gain);
}

static bool choice_init(struct choice *k)
{
    size_t c = (size_t)k->channels, o = (size_t)k->outputs;
    k->input = calloc(c * SHARES, sizeof *k->input);
    k->power = calloc(c, sizeof *k->power);
    k->largest = calloc(c * o, sizeof *k->largest);
    k->taps = calloc(o, sizeof *k->taps);
    k->after = calloc((c + 1) * o, sizeof *k->after);
    k->before = calloc(o, sizeof *k->before);
    k->share = calloc(c, sizeof *k->share);
    k->gain = calloc(c, sizeof *k->gain);
    return k->input && k->power && k->largest && k->taps && k->after && k->before && k->share &&
           k->gain;
}

static double step_of(const struct choice *k, int c, int share)
{
    return ((double)k->high[c] - k->low[c]) / 255 * shares[share];
}

static void read_weights(struct choice *k, const struct wt_range_weights *conv, int convs)
{
    int at = 0;
    for (int i = 0; i < convs; i++)
        for (int o = 0; o < conv[i].outputs; o++, at++) {
            const float *w = conv[i].weight + (size_t)o * conv[i].inputs * conv[i].taps;
            k->taps[at] = conv[i].taps;
            for (int c = 0; c < k->channels; c++)
                for (int t = 0; t < conv[i].taps; t++) {
                    float v = fabsf(*w++), *most = &k->largest[(size_t)c * k->outputs + at];
                    *most = v > *most ? v : *most;
                    k->gain[c] += (double)v * v;
                }
        }
}

/* Mean squared error of a value of channel c: s^2 / 12 of rounding, at most its own square (small
 * values become 0), and what clipping takes. */
static double input_error(const struct wt_range_stats *s, const struct choice *k, int c, int share)
{
    double step = step_of(k, c, share), sum = 0;
    for (int side = 0; side < 2; side++) {
        double seen = side ? -(double)k->low[c] : k->high[c], limit = seen * shares[share];
        const uint32_t *bin = s->bin + ((size_t)c * 2 + side) * BINS;
        for (int b = 0; b < BINS; b++) {
            double x = fmin(bin_value(b), seen), over = x - limit;
            if (bin[b])
                sum += bin[b] * (over > 0 ? over * over : fmin(step * step / 12, x * x));
        }
    }
    return sum / (double)s->count;
}

static float larger(float a, float b)
{
    return a > b ? a : b;
}

/* to: the larger of itself or from, and the scaled weights of channel c. */
static void raise_to(const struct choice *k, int c, const float *from, float *to)
{
    const float *largest = k->largest + (size_t)c * k->outputs;
    const float step = (float)step_of(k, c, k->share[c]);
    for (int o = 0; o < k->outputs; o++)
        to[o] = larger(from[o], largest[o] * step);
}

/* Expected squared error of all outputs, in so far as it depends on channel c's range. others: sum
 * of power / step^2 over the other channels. */
static double output_error(const struct choice *k, int c, int share, double others)
{
    const float *largest = k->largest + (size_t)c * k->outputs;
    const float *after = k->after + (size_t)(c + 1) * k->outputs;
    double step = step_of(k, c, share), weights = 0;
    for (int o = 0; o < k->outputs; o++) {
        double rest = larger(k->before[o], after[o]), own = largest[o] * step;
        double most = (rest > own ? rest : own) / 127;
        weights += k->taps[o] * most * most;
    }
    return k->input[c * SHARES + share] + weights / 12 * (others + k->power[c] / (step * step));
}

/* The best range of one channel while the others stay. */
static void choose_one(struct choice *k, int c)
{
    double others = 0;
    for (int i = 0; i < k->channels; i++) {
        float step = (float)step_of(k, i, k->share[i]);
        if (i != c)
            others += k->power[i] / ((double)step * step);
    }
    double least = INFINITY;
    for (int share = 0; share < SHARES; share++) {
        double error = output_error(k, c, share, others);
        if (error < least) {
            least = error;
            k->share[c] = share;
        }
    }
}

/* One channel after the other. */
static void choose_all(struct choice *k)
{
    const size_t outputs = (size_t)k->outputs;
    for (int c = k->channels - 1; c >= 0; c--)
        raise_to(k, c, k->after + (c + 1) * outputs, k->after + c * outputs);
    memset(k->before, 0, outputs * sizeof *k->before);
    for (int c = 0; c < k->channels; c++) {
        choose_one(k, c);
        raise_to(k, c, k->before, k->before);
    }
}

/* What was seen, widened where it is nothing or next to nothing: a step must have a size. */
static void widen(const struct wt_range_stats *s, float *low, float *high)
{
    float widest = 0;
    for (int c = 0; c < s->channels; c++)
        widest = fmaxf(widest, s->high[c] - s->low[c]);
    float least = fmaxf(widest * 1e-3f, 1e-6f);
    for (int c = 0; c < s->channels; c++) {
        low[c] = s->low[c];
        high[c] = fmaxf(s->high[c], low[c] + least);
    }
}

enum wt_status wt_range_choose(const struct wt_range_stats *s, const struct wt_range_weights *conv,
                               int convs, float *low, float *high)
{
    struct choice k = {.channels = s->channels, .low = low, .high = high};
    for (int i = 0; i < convs; i++)
        k.outputs += conv[i].outputs;
    for (int c = 0; c < s->channels; c++)
        if (!isfinite(s->squares[c]) || !(s->high[c] - s->low[c] < 1e30f))
            return wt_fail(WT_ERR_FORMAT, "the network computes numbers that are not finite");
    widen(s, low, high);
    if (!choice_init(&k)) {
        choice_fini(&k);
        return wt_fail(WT_ERR_MEMORY, "out of memory for choosing ranges");
    }
    read_weights(&k, conv, convs);
    for (int c = 0; c < k.channels; c++) {
        k.power[c] = s->squares[c] / (double)s->count;
        k.share[c] = WHOLE;
        for (int share = 0; share < SHARES; share++)
            k.input[c * SHARES + share] = k.gain[c] * input_error(s, &k, c, share);
    }
    for (int i = 0; i < ROUNDS; i++)
        choose_all(&k);
    for (int c = 0; c < k.channels; c++) {
        low[c] *= shares[k.share[c]];
        high[c] *= shares[k.share[c]];
    }
    choice_fini(&k);
    return WT_OK;
}
