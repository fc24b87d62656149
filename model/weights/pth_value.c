/* Values of a pickle and the arena they live in. */
#include <stdlib.h>
#include <string.h>

#include "weights/pth_pickle.h"

typedef struct wt_pickle_value value;

enum wt_status wt_pickle_bad(const struct wt_pickle *p, const char *why)
{
    return wt_fail(WT_ERR_FORMAT, "%s: malformed pickle at byte %zu of it: %s", p->what, p->step,
                   why);
}

enum wt_status wt_pickle_no_memory(const struct wt_pickle *p)
{
    return wt_fail(WT_ERR_MEMORY, "%s: no memory for the pickle", p->what);
}

void *wt_pickle_alloc(struct wt_pickle *p, size_t size)
{
    struct wt_pickle_chunk *c = p->chunk;
    size = (size + 15) & ~(size_t)15;
    if (!c || size > c->size - c->used) {
        size_t n = size > 65536 - sizeof *c ? size : 65536 - sizeof *c;
        if (n > p->budget - p->allocated) {
            wt_fail(WT_ERR_UNSUPPORTED,
                    "%s: the pickle wants more memory than a checkpoint of its "
                    "size needs",
                    p->what);
            return NULL;
        }
        c = malloc(sizeof *c + n);
        if (!c) {
            wt_pickle_no_memory(p);
            return NULL;
        }
        *c = (struct wt_pickle_chunk){.next = p->chunk, .size = n};
        p->chunk = c;
        p->allocated += n;
    }
    c->used += size;
    return memset(c->bytes + c->used - size, 0, size);
}

value *wt_pickle_new(struct wt_pickle *p, enum wt_pickle_kind kind)
{
    value *v = wt_pickle_alloc(p, sizeof *v);
    if (v)
        v->kind = kind;
    return v;
}

enum wt_status wt_pickle_append(struct wt_pickle *p, value *list, value *item)
{
    if (list->list.count == list->list.capacity) {
        uint32_t capacity = list->list.capacity ? 2 * list->list.capacity : 4;
        value **items = wt_pickle_alloc(p, capacity * sizeof *items);
        if (!items)
            return WT_ERR_MEMORY;
        if (list->list.count)
            memcpy(items, list->list.item, list->list.count * sizeof *items);
        list->list.item = items;
        list->list.capacity = capacity;
    }
    list->list.item[list->list.count++] = item;
    return WT_OK;
}

enum wt_status wt_pickle_note(struct wt_pickle *p, struct wt_pickle_storage *storage)
{
    if (!(p->storages & (p->storages - 1))) { /* the array holds powers of two */
        size_t n = p->storages ? 2 * p->storages : 1;
        struct wt_pickle_storage **array = reallocarray(p->storage, n, sizeof *array);
        if (!array)
            return wt_pickle_no_memory(p);
        p->storage = array;
    }
    p->storage[p->storages++] = storage;
    return WT_OK;
}

enum wt_status wt_pickle_create(struct wt_pickle **out, size_t file_size, const char *what)
{
    const size_t most = (size_t)512 << 20;
    struct wt_pickle *p = calloc(1, sizeof *p);
    if (!p)
        return wt_fail(WT_ERR_MEMORY, "%s: no memory for the pickle", what);
    p->what = what;
    /* A byte of pickle makes at most one value of 24 bytes and a pointer or two to it. */
    p->budget = file_size < most / 64 ? 65536 + 64 * file_size : most;
    *out = p;
    return WT_OK;
}

void wt_pickle_destroy(struct wt_pickle **pickle)
{
    struct wt_pickle *p = *pickle;
    if (!p)
        return;
    while (p->chunk) {
        struct wt_pickle_chunk *next = p->chunk->next;
        free(p->chunk);
        p->chunk = next;
    }
    free(p->stack);
    free(p->memo);
    free(p->storage);
    free(p);
    *pickle = NULL;
}

struct wt_pickle_storage **wt_pickle_storages(struct wt_pickle *p, size_t *count)
{
    *count = p->storages;
    return p->storage;
}

bool wt_pickle_text_is(const value *v, const char *text)
{
    return v->kind == WT_PICKLE_TEXT && v->text.size == strlen(text) &&
           memcmp(v->text.bytes, text, v->text.size) == 0;
}

const value *wt_pickle_lookup(const value *dict, const char *key)
{
    const value *found = NULL;
    for (uint32_t i = 0; i + 1 < dict->list.count; i += 2)
        if (wt_pickle_text_is(dict->list.item[i], key))
            found = dict->list.item[i + 1];
    return found;
}

const char *wt_pickle_kind_name(enum wt_pickle_kind kind)
{
    static const char *const name[] = {"None",      "a bool",   "an int",    "an int", "a float",
                                       "a string",  "a tuple",  "a list",    "a dict", "a class",
                                       "a storage", "a tensor", "an object", "a mark"};
    return name[kind];
}
