#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/status.h"
#include "eval/eval_json.h"
#include "weights/file.h"

static const size_t FILE_MAX_BYTES = (size_t)1 << 30;
static const double COORDINATE_MAX = 1e7;

struct reader {
    const char *path;
    struct wt_eval_result *out;
    const char *wrong; /* the first error, NULL: none */
    int row;           /* of the faces, from 1; 0: not there yet */
};

static void note_error(struct reader *r, const char *what)
{
    if (!r->wrong)
        r->wrong = what;
}

static const cJSON *object_of(struct reader *r, const cJSON *from, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, name);
    if (!cJSON_IsObject(item))
        note_error(r, name);
    return item;
}

static const char *string_of(struct reader *r, const cJSON *from, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, name);
    const char *copy = NULL;
    if (cJSON_IsString(item))
        copy = wt_eval_copy(r->out, item->valuestring, SIZE_MAX);
    if (!copy)
        note_error(r, name);
    return copy ? copy : "";
}

static double number_of(struct reader *r, const cJSON *from, const char *name, double low,
                        double high)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, name);
    if (cJSON_IsNumber(item) && item->valuedouble >= low && item->valuedouble <= high)
        return item->valuedouble;
    note_error(r, name);
    return low;
}

static int int_of(struct reader *r, const cJSON *from, const char *name, int low, int high)
{
    return (int)number_of(r, from, name, low, high);
}

/* Exactly n numbers, null where one is not known; NULL after a complaint. */
static float *numbers_of(struct reader *r, const cJSON *from, const char *name, int n)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(from, name);
    float *out = cJSON_IsArray(list) && cJSON_GetArraySize(list) == n
                     ? wt_eval_alloc(r->out, (size_t)n * sizeof *out)
                     : NULL;
    const cJSON *item = out ? list->child : NULL;
    for (int i = 0; i < n && item; i++, item = item->next) {
        if (!cJSON_IsNull(item) &&
            (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= COORDINATE_MAX)))
            break;
        out[i] = cJSON_IsNull(item) ? NAN : (float)item->valuedouble;
    }
    if (!out || item)
        note_error(r, name);
    return r->wrong ? NULL : out;
}

/* Pairs of x and y have the layout of points. */
static const struct wt_point *points_of(struct reader *r, const cJSON *from, const char *name,
                                        int n)
{
    float *xy = numbers_of(r, from, name, 2 * n);
    struct wt_point *p = xy ? wt_eval_alloc(r->out, (size_t)n * sizeof *p) : NULL;
    for (int i = 0; p && i < n; i++)
        p[i] = (struct wt_point){xy[2 * i], xy[2 * i + 1]};
    if (!p)
        note_error(r, name);
    return p;
}

static uint32_t subsets_of(struct reader *r, const cJSON *from)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(from, "subsets"), *item;
    uint32_t mask = 0;
    if (!cJSON_IsArray(list))
        note_error(r, "subsets");
    cJSON_ArrayForEach(item, list)
    {
        int i = 0;
        while (i < r->out->subsets && cJSON_IsString(item) &&
               strcmp(r->out->subset[i], item->valuestring) != 0)
            i++;
        if (i == r->out->subsets)
            note_error(r, "subsets");
        else
            mask |= UINT32_C(1) << i;
    }
    return mask;
}

static void read_row(struct reader *r, const cJSON *from, struct wt_eval_row *row)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(from, "found");
    const cJSON *nme = cJSON_GetObjectItemCaseSensitive(from, "nme");
    row->image = string_of(r, from, "image");
    row->line = int_of(r, from, "line", 0, INT32_MAX);
    row->points = int_of(r, from, "points", 1, WT_POINTS_MAX);
    row->confidence = (float)number_of(r, from, "confidence", 0, 1);
    row->subsets = subsets_of(r, from);
    if (!wt_scheme_get(row->points))
        note_error(r, "points");
    if (!cJSON_IsBool(found))
        note_error(r, "found");
    if (r->wrong)
        return;
    row->truth = points_of(r, from, "truth", row->points);
    row->nme = INFINITY;
    if (!cJSON_IsTrue(found))
        return;
    row->found = points_of(r, from, "predicted", row->points);
    row->nme = NAN;
    if (cJSON_IsNull(nme))
        return;
    row->nme = number_of(r, from, "nme", 0, 1e30);
    row->error = numbers_of(r, from, "error", row->points);
}

static void read_protocol(struct reader *r, const cJSON *j)
{
    struct wt_eval_result *out = r->out;
    const cJSON *protocol = object_of(r, j, "protocol"), *network = object_of(r, j, "network");
    const cJSON *shard = cJSON_GetObjectItemCaseSensitive(j, "shard");
    const cJSON *factor = cJSON_GetObjectItemCaseSensitive(protocol, "crop_factor");
    out->list = string_of(r, j, "list");
    out->list_sha256 = string_of(r, j, "list_sha256");
    out->images = string_of(r, j, "images");
    out->crop = string_of(r, protocol, "crop");
    out->crop_factor = cJSON_IsNumber(factor) ? factor->valuedouble : NAN;
    out->decoder = string_of(r, protocol, "decoder");
    out->norm = string_of(r, protocol, "normaliser");
    if (cJSON_HasObjectItem(protocol, "perturbation"))
        out->perturb = string_of(r, protocol, "perturbation");
    const cJSON *style = cJSON_GetObjectItemCaseSensitive(protocol, "style");
    out->style = style ? string_of(r, style, "file") : NULL;
    out->style_sha256 = style ? string_of(r, style, "sha256") : NULL;
    out->style_reverse = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(style, "reverse"));
    out->model = string_of(r, network, "file");
    out->model_sha256 = string_of(r, network, "sha256");
    out->points = int_of(r, network, "points", 1, WT_POINTS_MAX);
    out->stacks = int_of(r, network, "stacks", 1, 64);
    out->width = int_of(r, network, "width", 1, 65536);
    out->precision = string_of(r, network, "precision");
    out->kernels = string_of(r, network, "kernels");
    out->threads = int_of(r, network, "threads", 1, 65536);
    if (shard) {
        out->part = int_of(r, shard, "part", 1, INT32_MAX);
        out->parts = int_of(r, shard, "of", out->part, INT32_MAX);
    }
}

static void read_answer(struct reader *r, const cJSON *j)
{
    struct wt_eval_result *out = r->out;
    const cJSON *subsets = cJSON_GetObjectItemCaseSensitive(j, "subsets"), *item;
    const cJSON *times = object_of(r, j, "times_ms");
    const cJSON *faces = cJSON_GetObjectItemCaseSensitive(j, "per_face");
    cJSON_ArrayForEach(item, subsets)
    {
        const char *name = wt_eval_copy(out, item->string ? item->string : "", SIZE_MAX);
        if (!name || out->subsets == WT_SUBSETS_MAX) {
            note_error(r, "subsets");
            return;
        }
        out->subset[out->subsets++] = name;
    }
    out->times = (struct wt_eval_times){
        .pictures = (size_t)number_of(r, times, "pictures", 0, 1e15),
        .detections = (size_t)number_of(r, times, "detections", 0, 1e15),
        .forward_ms = number_of(r, times, "forward", 0, 1e15),
        .detect_ms = number_of(r, times, "detect", 0, 1e15),
        .total_ms = number_of(r, times, "total", 0, 1e15),
    };
    int n = cJSON_IsArray(faces) ? cJSON_GetArraySize(faces) : 0;
    out->row = n ? wt_eval_alloc(out, (size_t)n * sizeof *out->row) : NULL;
    if (!out->row)
        note_error(r, "per_face");
    if (r->wrong)
        return;
    cJSON_ArrayForEach(item, faces)
    {
        r->row = (int)++out->count;
        read_row(r, item, &out->row[out->count - 1]);
        if (r->wrong)
            return;
    }
}

static enum wt_status refuse(const struct reader *r)
{
    if (r->row)
        return wt_fail(WT_ERR_FORMAT, "%s: face %d: \"%s\" is missing or wrong", r->path, r->row,
                       r->wrong);
    return wt_fail(WT_ERR_FORMAT, "%s: no result of wingtip eval: \"%s\" is missing or wrong",
                   r->path, r->wrong);
}

enum wt_status wt_eval_read_json(struct wt_eval_result *out, const char *path)
{
    struct reader r = {.path = path, .out = out};
    uint8_t *text = NULL;
    size_t size = 0;
    enum wt_status status = wt_file_read_text(path, FILE_MAX_BYTES, &text, &size);
    if (status)
        return status;
    cJSON *j = cJSON_ParseWithLength((const char *)text, size);
    free(text);
    if (!cJSON_IsObject(j)) {
        cJSON_Delete(j);
        return wt_fail(WT_ERR_FORMAT, "%s: not a JSON file", path);
    }
    read_protocol(&r, j);
    if (!r.wrong)
        read_answer(&r, j);
    cJSON_Delete(j);
    return r.wrong ? refuse(&r) : WT_OK;
}
