/* Models of the public interface: a weights file opened, lowered and described. */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "face/crop.h"
#include "track/model_internal.h"
#include "weights/card.h"

#define BATCH_MAX 16
#define THREADS_MAX 64

static bool ends_with(const char *text, const char *end)
{
    const size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

/* Numbers that training changes: all but BatchNorm's running statistics. */
static int64_t count_parameters(const struct wt_weights *w)
{
    int64_t n = 0;
    for (size_t i = 0; i < w->count; i++)
        if (!ends_with(w->tensor[i].name, ".running_mean") &&
            !ends_with(w->tensor[i].name, ".running_var"))
            n += (int64_t)w->tensor[i].count;
    return n;
}

/* What the file states, or "". */
static const char *meta(const struct wt_weights *w, const char *key)
{
    const char *value = wt_card_get(w, key);
    return value ? value : "";
}

/* The C library's own takes the decimal point from the locale, which the caller may have set. */
static double number_of(const char *text, char **end)
{
    const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    *end = (char *)text;
    const double value = plain ? strtod_l(text, end, plain) : 0;
    if (plain)
        freelocale(plain);
    return value;
}

static enum wt_status read_crop_factor(const struct wt_weights *w, const char *path, float *out)
{
    const char *text = wt_weights_get_meta(w, WT_META_CROP_FACTOR);
    *out = WT_CROP_FACTOR;
    if (!text)
        return WT_OK;
    char *end;
    const double value = number_of(text, &end);
    if (end == text || *end || !(value >= 1 && value <= 4))
        return wt_fail(WT_ERR_FORMAT, "%s: crop_factor '%.40s' is not a number from 1 to 4", path,
                       text);
    *out = (float)value;
    return WT_OK;
}

static enum wt_status check_options(const struct wt_model_options *o, struct wt_net_options *net)
{
    if (o->threads < 0 || o->threads > THREADS_MAX)
        return wt_fail(WT_ERR_ARGUMENT, "threads: %d is not 0..%d", o->threads, THREADS_MAX);
    if (o->batch < 0 || o->batch > BATCH_MAX)
        return wt_fail(WT_ERR_ARGUMENT, "batch: %d is not 0..%d", o->batch, BATCH_MAX);
    if ((unsigned)o->precision > WT_PRECISION_INT8)
        return wt_fail(WT_ERR_ARGUMENT, "precision: unknown value %d", (int)o->precision);
    net->threads = o->threads;
    net->batch = o->batch ? o->batch : 1;
    net->precision = o->precision;
    return wt_cpu_parse_level(o->cpu_mask, &net->level);
}

static enum wt_status describe(struct wt_model *m, const struct wt_weights *w, const char *path)
{
    const struct wt_arch *arch = wt_net_arch(m->net);
    const char *text[4] = {path, meta(w, WT_META_NAME), meta(w, WT_META_LICENCE),
                           meta(w, WT_META_TRAINED_ON)};
    for (int i = 0; i < 4; i++)
        if (!(m->text[i] = strdup(text[i])))
            return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    m->scheme = wt_scheme_get(arch->points);
    m->info = (struct wt_model_info){
        .stacks = arch->stacks,
        .width = arch->width,
        .points = arch->points,
        .input_size = arch->input,
        .map_size = wt_map_size(arch->input),
        .parameters = count_parameters(w),
        .path = m->text[0],
        .name = m->text[1],
        .licence = m->text[2],
        .trained_on = m->text[3],
        .kernels = wt_cpu_level_name(wt_net_level(m->net)),
        .precision = wt_precision_name(wt_net_precision(m->net)),
        .threads = wt_net_threads(m->net),
    };
    return read_crop_factor(w, path, &m->info.crop_factor);
}

enum wt_status wt_model_open(struct wt_model **out, const char *path,
                             const struct wt_model_options *options)
{
    static const struct wt_model_options defaults = {0};
    struct wt_net_options net_options = {0};
    struct wt_weights *weights = NULL;
    struct wt_model *model = NULL;
    if (!out || !path)
        return wt_fail(WT_ERR_ARGUMENT, "model: no file named");
    enum wt_status status = check_options(options ? options : &defaults, &net_options);
    if (status)
        return status;

    status = wt_weights_load(&weights, path);
    if (status)
        goto end;
    model = calloc(1, sizeof(*model));
    if (!model) {
        status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
        goto end;
    }
    model->batch = net_options.batch;
    status = wt_net_create(&model->net, weights, &net_options);
    if (!status)
        status = describe(model, weights, path);
    if (!status)
        model->crops = malloc((size_t)model->batch * WT_CROP_BYTES(model->info.input_size));
    if (!status && !model->crops)
        status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    if (!status) {
        *out = model;
        model = NULL;
    }
end:
    wt_model_close(&model);
    wt_weights_destroy(&weights);
    return status;
}

void wt_model_close(struct wt_model **model)
{
    if (!model || !*model)
        return;
    struct wt_model *m = *model;
    wt_net_destroy(&m->net);
    for (int i = 0; i < 4; i++)
        free(m->text[i]);
    free(m->crops);
    free(m);
    *model = NULL;
}

enum wt_status wt_model_time(struct wt_model *model, double enough_ms, double *ms)
{
    enum { PASSES = 3 };
    double least = INFINITY;
    enum wt_status status = WT_OK;
    memset(model->crops, 127, WT_CROP_BYTES(model->info.input_size));
    for (int i = 0; i <= PASSES && !status; i++) {
        const double start = wt_now_ms();
        status = wt_net_forward_u8(model->net, model->crops, 1, 0);
        const double spent = wt_now_ms() - start;
        if (i > 0 || spent > enough_ms)
            least = fmin(least, spent);
        if (i == 0 && spent > enough_ms)
            break;
    }
    if (!status)
        *ms = least;
    return status;
}

void wt_model_limit_threads(struct wt_model *model, int threads)
{
    wt_net_limit_threads(model->net, threads);
}

struct wt_model_info wt_model_describe(const struct wt_model *model)
{
    return model ? model->info : (struct wt_model_info){0};
}
