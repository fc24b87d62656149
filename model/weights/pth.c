/* PyTorch checkpoints: finds the pickle and the bytes of its storages in either serialisation,
 * and copies the tensors of the state dict. Source of both layouts: torch/serialization.py. */
#include <stdlib.h>
#include <string.h>

#include "weights/file.h"
#include "weights/pth_pickle.h"
#include "weights/pth_zip.h"
#include "weights/text.h"
#include "weights/weights_internal.h"

typedef struct wt_pickle_value value;

/* A valid file holds about as many numbers as its bytes allow; tied weights repeat some. A larger
 * ratio of floats in memory to bytes in the file is refused, as it would exhaust memory. */
#define EXPANSION_MAX 16

struct import {
    const char *what;
    const uint8_t *bytes;
    size_t size;
    struct wt_pickle *pickle;
    struct wt_zip zip;
    struct wt_weights *weights;
    size_t copied; /* bytes of floats so far */
};

/* ---- zip ----------------------------------------------------------------------------------- */

/* The archive's one folder may have any name; its pickle tells. */
static struct wt_zip_entry *find_pickle(struct wt_zip *zip)
{
    static const char tail[] = "/data.pkl";
    const size_t n = sizeof tail - 1;
    for (size_t i = 0; i < zip->entries; i++) {
        struct wt_zip_entry *e = &zip->entry[i];
        if (e->name_size > n && memcmp(e->name + e->name_size - n, tail, n) == 0 &&
            !memchr(e->name, '/', e->name_size - n))
            return e;
    }
    return NULL;
}

/* The entry FOLDER/name; *data NULL where there is none. */
static enum wt_status zip_member(struct import *im, const struct wt_zip_entry *pickle,
                                 const char *folder, struct wt_pickle_text name,
                                 const uint8_t **data, size_t *size)
{
    size_t base = pickle->name_size - strlen("data.pkl"), middle = strlen(folder);
    struct wt_zip_entry *e;
    char path[512];
    *data = NULL;
    if (base + middle + name.size > sizeof path)
        return WT_OK;
    memcpy(path, pickle->name, base);
    memcpy(path + base, folder, middle);
    memcpy(path + base + middle, name.bytes, name.size);
    e = wt_zip_find(&im->zip, path, base + middle + name.size);
    if (!e)
        return WT_OK;
    *size = e->size;
    return wt_zip_data(&im->zip, e, data);
}

static enum wt_status zip_byte_order(struct import *im, const struct wt_zip_entry *pickle)
{
    const uint8_t *data;
    size_t size = 0;
    enum wt_status status =
        zip_member(im, pickle, "", (struct wt_pickle_text){"byteorder", 9}, &data, &size);
    if (!status && data && (size != 6 || memcmp(data, "little", 6) != 0))
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: its byte order is not little endian", im->what);
    return status;
}

static enum wt_status zip_storages(struct import *im, const struct wt_zip_entry *pickle)
{
    size_t count, size = 0;
    struct wt_pickle_storage **storage = wt_pickle_storages(im->pickle, &count);
    for (size_t i = 0; i < count; i++) {
        struct wt_pickle_storage *s = storage[i];
        enum wt_status status = zip_member(im, pickle, "data/", s->key, &s->bytes, &size);
        if (status)
            return status;
        if (!s->bytes || size / (size_t)s->dtype->size != s->count || size % (size_t)s->dtype->size)
            return wt_fail(WT_ERR_FORMAT, "%s: storage \"%s\" %s", im->what,
                           wt_printable(s->key.bytes, s->key.size).text,
                           s->bytes ? "has not the size that the pickle states" : "is missing");
    }
    return WT_OK;
}

static enum wt_status read_zip(struct import *im, const value **root)
{
    const uint8_t *data;
    size_t used;
    struct wt_zip_entry *pickle;
    enum wt_status status = wt_zip_init(&im->zip, im->bytes, im->size, im->what);
    if (status)
        return status;
    pickle = find_pickle(&im->zip);
    if (!pickle)
        return wt_fail(WT_ERR_FORMAT,
                       "%s: a zip archive, but no PyTorch checkpoint: it has no "
                       "data.pkl",
                       im->what);
    status = zip_byte_order(im, pickle);
    if (!status)
        status = wt_zip_data(&im->zip, pickle, &data);
    if (!status)
        status = wt_pickle_run(im->pickle, data, pickle->size, &used, root);
    return status ? status : zip_storages(im, pickle);
}

/* ---- the older stream ---------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    const struct wt_pickle_text *x = &(*(struct wt_pickle_storage *const *)a)->key,
                                *y = &(*(struct wt_pickle_storage *const *)b)->key;
    int order = memcmp(x->bytes, y->bytes, x->size < y->size ? x->size : y->size);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

static enum wt_status next_pickle(struct import *im, size_t *at, const value **result)
{
    size_t used;
    enum wt_status status =
        wt_pickle_run(im->pickle, im->bytes + *at, im->size - *at, &used, result);
    if (!status)
        *at += used;
    return status;
}

/* Magic number, protocol version, facts about the machine that wrote it. */
static enum wt_status stream_head(struct import *im, size_t *at)
{
    static const char magic[] = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
    const value *number, *version, *system, *little;
    enum wt_status status = next_pickle(im, at, &number);
    if (status)
        return status;
    if (number->kind != WT_PICKLE_BIG || number->text.size != 10 ||
        memcmp(number->text.bytes, magic, 10) != 0)
        return wt_fail(WT_ERR_FORMAT, "%s: a pickle, but no PyTorch checkpoint", im->what);
    status = next_pickle(im, at, &version);
    if (!status)
        status = next_pickle(im, at, &system);
    if (status)
        return status;
    if (version->kind != WT_PICKLE_INT || version->whole != 1001)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: a PyTorch stream of an unknown version", im->what);
    little = system->kind == WT_PICKLE_DICT ? wt_pickle_lookup(system, "little_endian") : NULL;
    if (!little || little->kind != WT_PICKLE_BOOL || !little->truth)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: its byte order is not little endian", im->what);
    return WT_OK;
}

/* The bytes of one storage at *at: its count, then its elements; all views of it get them. */
static enum wt_status stream_storage(struct import *im, const value *key, size_t *at)
{
    size_t count, i = 0, n, size;
    struct wt_pickle_storage **all = wt_pickle_storages(im->pickle, &count), *s;
    struct wt_pickle_storage wanted = {0}, *pointer = &wanted, **found = NULL;
    uint64_t stated;

    if (key->kind == WT_PICKLE_TEXT) {
        wanted.key = key->text;
        found = count ? bsearch(&pointer, all, count, sizeof *all, by_key) : NULL;
    }
    if (!found || (*found)->bytes)
        return wt_fail(WT_ERR_FORMAT, "%s: its list of storages does not match its tensors",
                       im->what);
    if (im->size - *at < sizeof stated)
        return wt_fail(WT_ERR_FORMAT, "%s: a storage is cut off", im->what);
    memcpy(&stated, im->bytes + *at, sizeof stated);
    *at += sizeof stated;
    s = *found;
    n = (size_t)s->dtype->size;
    if (stated != s->count || s->count > (im->size - *at) / n)
        return wt_fail(WT_ERR_FORMAT,
                       "%s: a storage of %ju numbers where the pickle states %zu "
                       "and %zu bytes are left",
                       im->what, (uintmax_t)stated, s->count, im->size - *at);
    size = s->count * n;
    for (i = (size_t)(found - all); i > 0 && by_key(&all[i - 1], &pointer) == 0;)
        i--;
    for (; i < count && by_key(&all[i], &pointer) == 0; i++) {
        if (all[i]->dtype != s->dtype || all[i]->count != s->count)
            return wt_fail(WT_ERR_FORMAT, "%s: a storage is used in two ways", im->what);
        all[i]->bytes = im->bytes + *at;
    }
    *at += size;
    return WT_OK;
}

static enum wt_status read_stream(struct import *im, const value **root)
{
    size_t at = 0, count;
    struct wt_pickle_storage **all;
    const value *keys;
    enum wt_status status = stream_head(im, &at);
    if (!status)
        status = next_pickle(im, &at, root);
    if (!status)
        status = next_pickle(im, &at, &keys);
    if (status)
        return status;
    if (keys->kind != WT_PICKLE_LIST)
        return wt_fail(WT_ERR_FORMAT, "%s: it has no list of storages", im->what);
    all = wt_pickle_storages(im->pickle, &count);
    if (count)
        qsort(all, count, sizeof *all, by_key);
    for (uint32_t i = 0; i < keys->list.count && !status; i++)
        status = stream_storage(im, keys->list.item[i], &at);
    if (!status && at != im->size)
        status = wt_fail(WT_ERR_FORMAT, "%s: %zu bytes follow the last storage", im->what,
                         im->size - at);
    return status;
}

/* ---- tensors ------------------------------------------------------------------------------- */

/* Do all elements lie in the part of the storage that the tensor sees? */
static bool in_storage(const struct wt_pickle_tensor *t, size_t count)
{
    int64_t last = t->offset, step;
    if (count == 0)
        return true;
    for (int i = 0; i < t->dims; i++)
        if (__builtin_mul_overflow(t->size[i] - 1, t->stride[i], &step) ||
            __builtin_add_overflow(last, step, &last))
            return false;
    return (uint64_t)last < t->storage->used;
}

/* Copies to row-major order: runs along the last dimension where they lie side by side. */
static void copy_tensor(float *to, const struct wt_pickle_tensor *t, size_t count)
{
    const struct wt_pickle_dtype *d = t->storage->dtype;
    const uint8_t *base = t->storage->bytes + t->storage->first * (size_t)d->size;
    int last = t->dims - 1;
    size_t run = last >= 0 && t->stride[last] == 1 ? (size_t)t->size[last] : 1;
    int outer = run > 1 ? last : t->dims; /* dimensions that the counter below walks */
    int64_t index[WT_TENSOR_DIMS] = {0}, stride[WT_TENSOR_DIMS], at = t->offset;

    for (int i = 0; i < t->dims; i++) /* the stride of a single element may be any number */
        stride[i] = t->size[i] > 1 ? t->stride[i] : 0;
    for (size_t done = 0; done < count; done += run) {
        d->convert(to + done, base + (size_t)at * (size_t)d->size, run);
        for (int i = outer - 1; i >= 0; i--) {
            at += stride[i];
            if (++index[i] < t->size[i])
                break;
            at -= stride[i] * t->size[i];
            index[i] = 0;
        }
    }
}

static enum wt_status add_tensor(struct import *im, struct wt_pickle_text name,
                                 const struct wt_pickle_tensor *t)
{
    struct wt_printable_text s = wt_printable(name.bytes, name.size);
    struct wt_tensor *to;
    size_t count;

    if (!t->storage->dtype->convert)
        return WT_OK;
    if (!wt_utf8_valid(name.bytes, name.size))
        return wt_fail(WT_ERR_FORMAT, "%s: the name of tensor \"%s\" is not text", im->what,
                       s.text);
    if (!wt_shape_count(t->dims, t->size, &count) || !in_storage(t, count) ||
        (count && !t->storage->bytes))
        return wt_fail(WT_ERR_FORMAT, "%s: tensor \"%s\" reaches beyond its storage", im->what,
                       s.text);
    if (count > (EXPANSION_MAX * im->size - im->copied) / sizeof(float))
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: the tensors repeat their numbers too often",
                       im->what);
    im->copied += count * sizeof(float);
    to = wt_weights_append_read(im->weights, name.bytes, name.size, t->dims, t->size);
    if (!to)
        return wt_fail(WT_ERR_MEMORY, "%s: no memory for the tensors", im->what);
    to->storage = t->storage->dtype->storage;
    copy_tensor(to->data, t, count);
    return WT_OK;
}

static const value *known_state(const value *dict)
{
    static const char *const name[] = {
        "state_dict", "model_state_dict", "model",          "net",
        "network",    "module",           "checkpoint",     "model_ema",
        "ema_model",  "state_dict_ema",   "ema_state_dict", "ema"};
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        const value *nested = wt_pickle_lookup(dict, name[i]);
        if (nested && nested->kind == WT_PICKLE_DICT)
            return nested;
    }
    return NULL;
}

static bool holds_tensors(const value *v)
{
    for (uint32_t i = 0; v->kind == WT_PICKLE_DICT && i + 1 < v->list.count; i += 2)
        if (v->list.item[i]->kind == WT_PICKLE_TEXT &&
            v->list.item[i + 1]->kind == WT_PICKLE_TENSOR)
            return true;
    return false;
}

/* Where no name is known: the one dictionary with tensors, or with a known name. Of several nobody
 * can say which. */
static const value *only_state(const value *dict)
{
    const value *only = NULL;
    for (uint32_t i = 0; i + 1 < dict->list.count; i += 2) {
        const value *v = dict->list.item[i + 1];
        if (!holds_tensors(v) && (v->kind != WT_PICKLE_DICT || !known_state(v)))
            continue;
        if (only)
            return NULL;
        only = v;
    }
    return holds_tensors(dict) ? NULL : only;
}

/* Training scripts nest the state dict under one of some names, or of several, or save it bare.
 * Averages come last: a file that has both means the weights by the plain name. */
static const value *find_state(const value *root)
{
    enum { LEVELS = 4 }; /* references may form cycles */
    const value *state = root;
    for (int level = 0; level < LEVELS && state->kind == WT_PICKLE_DICT; level++) {
        const value *nested = known_state(state);
        if (!nested)
            nested = only_state(state);
        if (!nested)
            break;
        state = nested;
    }
    return state;
}

static enum wt_status read_state(struct import *im, const value *root)
{
    const value *state = find_state(root);
    enum wt_status status = WT_OK;
    if (state->kind != WT_PICKLE_DICT)
        return wt_fail(WT_ERR_FORMAT, "%s: it holds %s, not named tensors", im->what,
                       wt_pickle_kind_name(state->kind));
    for (uint32_t i = 0; i + 1 < state->list.count && !status; i += 2) {
        const value *key = state->list.item[i], *v = state->list.item[i + 1];
        if (key->kind == WT_PICKLE_TEXT && v->kind == WT_PICKLE_TENSOR)
            status = add_tensor(im, key->text, v->tensor);
    }
    if (!status)
        status = wt_weights_seal(im->weights, im->what);
    if (!status && !im->weights->count)
        status = wt_fail(WT_ERR_FORMAT, "%s: it holds no named tensors of real numbers", im->what);
    return status;
}

enum wt_status wt_weights_parse_pth(struct wt_weights **out, const void *bytes, size_t size,
                                    const char *what)
{
    struct import im = {.what = what, .bytes = bytes, .size = size};
    const value *root = NULL;
    enum wt_status status;

    if (size < 4 || (memcmp(bytes, "PK\3\4", 4) != 0 && im.bytes[0] != 0x80))
        return wt_fail(WT_ERR_FORMAT,
                       "%s: not a PyTorch checkpoint: neither a zip archive nor a "
                       "pickle",
                       what);
    status = wt_pickle_create(&im.pickle, size, what);
    if (!status)
        status = wt_weights_create(&im.weights);
    if (!status)
        status = im.bytes[0] == 0x80 ? read_stream(&im, &root) : read_zip(&im, &root);
    if (!status)
        status = read_state(&im, root);
    if (!status) {
        *out = im.weights;
        im.weights = NULL;
    }
    wt_weights_destroy(&im.weights);
    wt_zip_fini(&im.zip);
    wt_pickle_destroy(&im.pickle);
    return status;
}

enum wt_status wt_weights_import_pth(struct wt_weights **out, const char *path)
{
    return wt_weights_read(out, path, wt_weights_parse_pth);
}
