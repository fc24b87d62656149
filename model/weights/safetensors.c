/* Reader of safetensors: every value of the file is checked before it is used. */
#include "weights/safetensors.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "weights/convert.h"
#include "weights/text.h"
#include "weights/weights.h"
#include "weights/weights_internal.h"

struct dtype {
    const char *name;
    int size;
    wt_convert_fn *convert; /* NULL: integers, dropped */
    enum wt_storage storage;
};

static const struct dtype dtypes[] = {
    {"F64", 8, wt_convert_f64, WT_STORE_F32},
    {"F32", 4, wt_convert_f32, WT_STORE_F32},
    {"F16", 2, wt_convert_f16, WT_STORE_F16},
    {"BF16", 2, wt_convert_bf16, WT_STORE_BF16},
    {"I64", 8},
    {"U64", 8},
    {"I32", 4},
    {"U32", 4},
    {"I16", 2},
    {"U16", 2},
    {"I8", 1, wt_convert_i8, WT_STORE_I8},
    {"U8", 1},
    {"BOOL", 1},
};

struct entry {
    const char *name;
    const struct dtype *dtype;
    int dims;
    int64_t shape[WT_TENSOR_DIMS];
    size_t count, begin, end;
};

struct reader {
    const char *what;
    const uint8_t *data; /* after the header */
    size_t data_size;
    char *text; /* the header, with NULs after it */
    cJSON *json;
    struct entry *entry;
    size_t entries;
    struct wt_weights *weights;
};

static const char *printable(struct wt_printable_text *buffer, const char *name)
{
    *buffer = wt_printable(name, strlen(name));
    return buffer->text;
}

static const struct dtype *dtype_find(const char *name)
{
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
        if (strcmp(dtypes[i].name, name) == 0)
            return &dtypes[i];
    return NULL;
}

/* A whole number from 0 to 2^53 - 1, the range in which JSON's numbers are exact. */
static bool get_whole(const cJSON *item, int64_t *value)
{
    double d = item->valuedouble;
    if (!cJSON_IsNumber(item) || !(d >= 0 && d <= 9007199254740991.0) || d != (double)(int64_t)d)
        return false;
    *value = (int64_t)d;
    return true;
}

static enum wt_status read_shape(struct reader *r, struct entry *e, const cJSON *shape)
{
    struct wt_printable_text s;
    const cJSON *item;
    cJSON_ArrayForEach(item, shape)
    {
        if (e->dims == WT_TENSOR_DIMS)
            return wt_fail(WT_ERR_UNSUPPORTED, "%s: tensor \"%s\" has more than %d dimensions",
                           r->what, printable(&s, e->name), WT_TENSOR_DIMS);
        if (!get_whole(item, &e->shape[e->dims]))
            return wt_fail(WT_ERR_FORMAT,
                           "%s: tensor \"%s\": a size in its shape is no whole "
                           "number",
                           r->what, printable(&s, e->name));
        e->dims++;
    }
    if (!wt_shape_count(e->dims, e->shape, &e->count))
        return wt_fail(WT_ERR_FORMAT, "%s: tensor \"%s\": the shape is too large", r->what,
                       printable(&s, e->name));
    return WT_OK;
}

static enum wt_status read_offsets(struct reader *r, struct entry *e, const cJSON *offsets)
{
    struct wt_printable_text s;
    int64_t begin, end;
    if (cJSON_GetArraySize(offsets) != 2 || !get_whole(offsets->child, &begin) ||
        !get_whole(offsets->child->next, &end))
        return wt_fail(WT_ERR_FORMAT, "%s: tensor \"%s\": data_offsets must be two whole numbers",
                       r->what, printable(&s, e->name));
    if (begin > end || (uint64_t)end > r->data_size)
        return wt_fail(
            WT_ERR_FORMAT, "%s: tensor \"%s\": bytes %jd to %jd are not in the %zu bytes of data",
            r->what, printable(&s, e->name), (intmax_t)begin, (intmax_t)end, r->data_size);
    if ((size_t)(end - begin) / (size_t)e->dtype->size != e->count ||
        (size_t)(end - begin) % (size_t)e->dtype->size)
        return wt_fail(WT_ERR_FORMAT,
                       "%s: tensor \"%s\": %jd bytes do not fit its shape and dtype %s", r->what,
                       printable(&s, e->name), (intmax_t)(end - begin), e->dtype->name);
    e->begin = (size_t)begin;
    e->end = (size_t)end;
    return WT_OK;
}

static enum wt_status read_entry(struct reader *r, struct entry *e, const cJSON *item)
{
    const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(item, "dtype");
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(item, "shape");
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(item, "data_offsets");
    struct wt_printable_text s, d;
    enum wt_status status;

    *e = (struct entry){.name = item->string};
    /* Three members and each of the three found: none is there twice. */
    if (!cJSON_IsObject(item) || cJSON_GetArraySize(item) != 3 || !cJSON_IsString(dtype) ||
        !cJSON_IsArray(shape) || !cJSON_IsArray(offsets))
        return wt_fail(WT_ERR_FORMAT,
                       "%s: tensor \"%s\" is not described by dtype, shape and data_offsets",
                       r->what, printable(&s, e->name));
    e->dtype = dtype_find(dtype->valuestring);
    if (!e->dtype)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: tensor \"%s\" has the unknown dtype \"%s\"",
                       r->what, printable(&s, e->name), printable(&d, dtype->valuestring));
    status = read_shape(r, e, shape);
    return status ? status : read_offsets(r, e, offsets);
}

static enum wt_status read_metadata(struct reader *r, const cJSON *object)
{
    struct wt_printable_text s;
    const cJSON *item;
    if (!cJSON_IsObject(object))
        return wt_fail(WT_ERR_FORMAT, "%s: %s must be an object", r->what, WT_SAFETENSORS_META);
    cJSON_ArrayForEach(item, object)
    {
        enum wt_status status;
        if (r->weights->metas == WT_SAFETENSORS_METAS_MAX)
            return wt_fail(WT_ERR_UNSUPPORTED, "%s: more than %d entries of metadata", r->what,
                           WT_SAFETENSORS_METAS_MAX);
        if (!cJSON_IsString(item) || wt_weights_get_meta(r->weights, item->string))
            return wt_fail(WT_ERR_FORMAT, "%s: metadata \"%s\" is %s", r->what,
                           printable(&s, item->string),
                           cJSON_IsString(item) ? "there twice" : "not a string");
        status = wt_weights_set_meta(r->weights, item->string, item->valuestring);
        if (status)
            return status;
    }
    return WT_OK;
}

/* cJSON would end a string at an escaped NUL and so make two names one. */
static bool has_escaped_nul(const char *text, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++) {
        if (text[i] != '\\')
            continue;
        if (size - i >= 6 && memcmp(text + i, "\\u0000", 6) == 0)
            return true;
        i++; /* whatever is escaped, it starts no escape itself */
    }
    return false;
}

static enum wt_status parse_json(struct reader *r, const uint8_t *header, size_t size)
{
    const char *end = NULL;
    if (size > WT_SAFETENSORS_HEADER_MAX)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: a header of %zu bytes is more than the %u allowed",
                       r->what, size, WT_SAFETENSORS_HEADER_MAX);
    if (size < 2 || header[0] != '{' || !wt_utf8_valid(header, size) ||
        has_escaped_nul((const char *)header, size))
        return wt_fail(WT_ERR_FORMAT, "%s: the header is not JSON text in UTF-8", r->what);
    /* A copy with NULs after it: cJSON before 1.7.18 may look at bytes after the end. */
    r->text = calloc(1, size + 8);
    if (!r->text)
        return wt_fail(WT_ERR_MEMORY, "%s: no memory for the header", r->what);
    memcpy(r->text, header, size);
    r->json = cJSON_ParseWithLengthOpts(r->text, size + 1, &end, false);
    if (!r->json)
        return wt_fail(WT_ERR_FORMAT, "%s: the header is not well-formed JSON (byte %zu)", r->what,
                       end ? 8 + (size_t)(end - r->text) : 8);
    while (isspace((unsigned char)*end))
        end++;
    if (end != r->text + size)
        return wt_fail(WT_ERR_FORMAT, "%s: the header goes on after its JSON object", r->what);
    return WT_OK;
}

static enum wt_status read_header(struct reader *r)
{
    enum wt_status status = WT_OK;
    bool seen_meta = false;
    const cJSON *item;
    r->entry = calloc((size_t)cJSON_GetArraySize(r->json) + 1, sizeof *r->entry);
    if (!r->entry)
        return wt_fail(WT_ERR_MEMORY, "%s: no memory for the header", r->what);
    for (item = r->json->child; item && !status; item = item->next) {
        if (strcmp(item->string, WT_SAFETENSORS_META) != 0) {
            status = read_entry(r, &r->entry[r->entries++], item);
        } else if (seen_meta) {
            status = wt_fail(WT_ERR_FORMAT, "%s: %s is there twice", r->what, WT_SAFETENSORS_META);
        } else {
            status = read_metadata(r, item);
            seen_meta = true;
        }
    }
    return status;
}

static int by_offset(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* The tensors must fill the data: no gap where something could hide, no byte used twice. */
static enum wt_status check_layout(struct reader *r)
{
    struct wt_printable_text s;
    size_t at = 0;
    qsort(r->entry, r->entries, sizeof *r->entry, by_offset);
    for (size_t i = 0; i < r->entries; i++) {
        const struct entry *e = &r->entry[i];
        if (e->begin != at)
            return wt_fail(WT_ERR_FORMAT, "%s: tensor \"%s\" begins at byte %zu of the data, %s",
                           r->what, printable(&s, e->name), e->begin,
                           e->begin < at ? "inside another one" : "after a gap");
        at = e->end;
    }
    if (at != r->data_size)
        return wt_fail(WT_ERR_FORMAT, "%s: the last %zu bytes belong to no tensor", r->what,
                       r->data_size - at);
    return WT_OK;
}

static enum wt_status read_tensors(struct reader *r)
{
    for (size_t i = 0; i < r->entries; i++) {
        const struct entry *e = &r->entry[i];
        struct wt_tensor *t;
        if (!e->dtype->convert)
            continue;
        t = wt_weights_append_read(r->weights, e->name, strlen(e->name), e->dims, e->shape);
        if (!t)
            return wt_fail(WT_ERR_MEMORY, "%s: no memory for the tensors", r->what);
        e->dtype->convert(t->data, r->data + e->begin, e->count);
        t->storage = e->dtype->storage;
    }
    enum wt_status status = wt_weights_seal(r->weights, r->what);
    return status ? status : wt_weights_unfold(r->weights, r->what);
}

enum wt_status wt_weights_parse(struct wt_weights **out, const void *bytes, size_t size,
                                const char *what)
{
    const uint8_t *p = bytes;
    struct reader r = {.what = what};
    enum wt_status status;
    uint64_t header = 0;

    if (size < 8)
        return wt_fail(WT_ERR_FORMAT, "%s: %zu bytes are too few for a safetensors file", what,
                       size);
    for (int i = 7; i >= 0; i--)
        header = header << 8 | p[i];
    if (header > size - 8)
        return wt_fail(WT_ERR_FORMAT,
                       "%s: not a safetensors file, or cut off: a header of %ju bytes in a file of "
                       "%zu",
                       what, (uintmax_t)header, size);
    r.data = p + 8 + header;
    r.data_size = size - 8 - (size_t)header;
    status = parse_json(&r, p + 8, (size_t)header);
    if (status)
        goto out;
    status = wt_weights_create(&r.weights);
    if (status)
        goto out;
    status = read_header(&r);
    if (status)
        goto out;
    status = check_layout(&r);
    if (status)
        goto out;
    status = read_tensors(&r);
    if (status)
        goto out;
    *out = r.weights;
    r.weights = NULL;
out:
    wt_weights_destroy(&r.weights);
    free(r.entry);
    cJSON_Delete(r.json);
    free(r.text);
    return status;
}

enum wt_status wt_weights_load(struct wt_weights **out, const char *path)
{
    return wt_weights_read(out, path, wt_weights_parse);
}
