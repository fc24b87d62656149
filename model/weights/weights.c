#include "weights/weights.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/align.h"
#include "weights/file.h"
#include "weights/text.h"
#include "weights/weights_internal.h"

enum wt_status wt_weights_create(struct wt_weights **out)
{
    struct wt_weights *w = calloc(1, sizeof *w);
    if (!w)
        return wt_fail(WT_ERR_MEMORY, "no memory for weights");
    *out = w;
    return WT_OK;
}

void wt_weights_destroy(struct wt_weights **weights)
{
    struct wt_weights *w = *weights;
    if (!w)
        return;
    for (size_t i = 0; i < w->count; i++) {
        free(w->tensor[i].name);
        free(w->tensor[i].data);
    }
    for (size_t i = 0; i < w->metas; i++) {
        free(w->meta[i].key);
        free(w->meta[i].value);
    }
    free(w->tensor);
    free(w->meta);
    free(w->path);
    free(w);
    *weights = NULL;
}

bool wt_shape_count(int dims, const int64_t *shape, size_t *count)
{
    size_t n = 1, limit = PTRDIFF_MAX / sizeof(double);
    bool empty = false;
    for (int i = 0; i < dims; i++) {
        if (shape[i] < 0)
            return false;
        if (shape[i] == 0)
            empty = true;
        else if ((uint64_t)shape[i] > limit / n)
            return false;
        else
            n *= (size_t)shape[i];
    }
    *count = empty ? 0 : n;
    return true;
}

/* Room for one element more. Arrays hold powers of two, so no capacity need be kept. */
static void *grown(void *array, size_t count, size_t size)
{
    if (count & (count - 1))
        return array;
    return reallocarray(array, count ? 2 * count : 1, size);
}

/* Fills *t; its memory is all there or none of it. */
static bool tensor_init(struct wt_tensor *t, const char *name, size_t name_size, int dims,
                        const int64_t *shape)
{
    size_t count;
    if (!wt_shape_count(dims, shape, &count))
        return false;
    *t = (struct wt_tensor){.dims = dims, .count = count};
    for (int i = 0; i < dims; i++)
        t->shape[i] = shape[i];
    t->name = strndup(name, name_size);
    t->data = aligned_alloc(WT_ALIGNMENT, wt_align(count * sizeof(float) + 1));
    if (t->name && t->data)
        return true;
    free(t->name);
    free(t->data);
    return false;
}

/* Cuts off what wrappers of a network put before the names of its tensors, in any order and number:
 * data parallel training, torch.compile, a trainer's object. */
static void unwrap(const char **name, size_t *size)
{
    static const char *const wrapper[] = {"module.",    "_orig_mod.", "model.", "net.",
                                          "network.",   "backbone.",  "ema.",   "ema_model.",
                                          "model_ema.", "state_dict."};
    for (size_t i = 0; i < sizeof wrapper / sizeof *wrapper; i++) {
        const size_t n = strlen(wrapper[i]);
        if (*size > n && memcmp(*name, wrapper[i], n) == 0) {
            *name += n;
            *size -= n;
            i = SIZE_MAX; /* from the first one again */
        }
    }
}

struct wt_tensor *wt_weights_append_read(struct wt_weights *w, const char *name, size_t name_size,
                                         int dims, const int64_t *shape)
{
    unwrap(&name, &name_size);
    return wt_weights_append(w, name, name_size, dims, shape);
}

struct wt_tensor *wt_weights_append(struct wt_weights *w, const char *name, size_t name_size,
                                    int dims, const int64_t *shape)
{
    struct wt_tensor *array;
    assert(dims >= 0 && dims <= WT_TENSOR_DIMS);
    array = grown(w->tensor, w->count, sizeof *array);
    if (!array)
        return NULL;
    w->tensor = array;
    if (!tensor_init(&array[w->count], name, name_size, dims, shape))
        return NULL;
    return &array[w->count++];
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct wt_tensor *)a)->name, ((const struct wt_tensor *)b)->name);
}

enum wt_status wt_weights_seal(struct wt_weights *w, const char *what)
{
    if (w->count)
        qsort(w->tensor, w->count, sizeof *w->tensor, by_name);
    for (size_t i = 1; i < w->count; i++) {
        const char *name = w->tensor[i].name;
        if (strcmp(w->tensor[i - 1].name, name) == 0)
            return wt_fail(WT_ERR_FORMAT, "%s: tensor \"%s\" is there twice", what,
                           wt_printable(name, strlen(name)).text);
    }
    return WT_OK;
}

/* Index of the first tensor whose name is not below the given one. */
static size_t lower_bound(const struct wt_weights *w, const char *name)
{
    size_t low = 0, high = w->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(w->tensor[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct wt_tensor *wt_weights_add(struct wt_weights *w, const char *name, int dims,
                                 const int64_t *shape)
{
    size_t at = lower_bound(w, name);
    struct wt_tensor *t, added;
    if (at < w->count && strcmp(w->tensor[at].name, name) == 0)
        return NULL;
    t = wt_weights_append(w, name, strlen(name), dims, shape);
    if (!t)
        return NULL;
    memset(t->data, 0, t->count * sizeof *t->data);
    added = *t;
    memmove(&w->tensor[at + 1], &w->tensor[at], (w->count - 1 - at) * sizeof *t);
    w->tensor[at] = added;
    return &w->tensor[at];
}

const struct wt_tensor *wt_weights_find(const struct wt_weights *w, const char *name)
{
    size_t at = lower_bound(w, name);
    return at < w->count && strcmp(w->tensor[at].name, name) == 0 ? &w->tensor[at] : NULL;
}

static size_t meta_index(const struct wt_weights *w, const char *key)
{
    size_t i = 0;
    while (i < w->metas && strcmp(w->meta[i].key, key) != 0)
        i++;
    return i;
}

const char *wt_weights_get_meta(const struct wt_weights *w, const char *key)
{
    size_t i = meta_index(w, key);
    return i < w->metas ? w->meta[i].value : NULL;
}

static void meta_remove(struct wt_weights *w, size_t i)
{
    if (i == w->metas)
        return;
    free(w->meta[i].key);
    free(w->meta[i].value);
    w->metas--;
    memmove(&w->meta[i], &w->meta[i + 1], (w->metas - i) * sizeof *w->meta);
}

enum wt_status wt_weights_set_meta(struct wt_weights *w, const char *key, const char *value)
{
    size_t i = meta_index(w, key);
    struct wt_meta *array;
    char *k, *v;

    if (!value) {
        meta_remove(w, i);
        return WT_OK;
    }
    k = i < w->metas ? w->meta[i].key : strdup(key);
    v = strdup(value);
    array = i < w->metas ? w->meta : grown(w->meta, w->metas, sizeof *array);
    if (array)
        w->meta = array;
    if (!k || !v || !array) {
        if (i == w->metas)
            free(k);
        free(v);
        return wt_fail(WT_ERR_MEMORY, "no memory for metadata");
    }
    if (i < w->metas)
        free(w->meta[i].value);
    else
        w->metas++;
    w->meta[i] = (struct wt_meta){k, v};
    return WT_OK; /* cppcheck-suppress memleak ; v is kept */
}

enum wt_status wt_weights_read(struct wt_weights **out, const char *path, wt_parse_fn *parse)
{
    struct wt_weights *w = NULL;
    uint8_t *bytes = NULL;
    size_t size;
    enum wt_status status = wt_file_read(path, WT_WEIGHTS_FILE_MAX, &bytes, &size);
    if (!status)
        status = parse(&w, bytes, size, path);
    if (!status && !(w->path = strdup(path)))
        status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    if (!status) {
        *out = w;
        w = NULL;
    }
    wt_weights_destroy(&w);
    free(bytes);
    return status;
}
