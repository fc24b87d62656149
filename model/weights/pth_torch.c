/* What a pickle of PyTorch may name: containers, storages, and the functions that put a tensor
 * together; and what may stand beside tensors and is passed over. Anything else is refused. */
#include <string.h>

#include "weights/pth_pickle.h"

typedef struct wt_pickle_value value;

/* Python 3 writes OrderedDict() and sets its items; Python 2 gave it a list of pairs. */
static enum wt_status call_ordered_dict(struct wt_pickle *p, const value *args, value **result)
{
    enum wt_status status = WT_OK;
    const value *pairs = args->list.count ? args->list.item[0] : NULL;
    value *dict = wt_pickle_new(p, WT_PICKLE_DICT);
    if (!dict)
        return WT_ERR_MEMORY;
    if (args->list.count > 1 || (pairs && pairs->kind != WT_PICKLE_LIST))
        return wt_pickle_bad(p, "OrderedDict takes a list of pairs");
    for (uint32_t i = 0; pairs && i < pairs->list.count && !status; i++) {
        const value *pair = pairs->list.item[i];
        if ((pair->kind != WT_PICKLE_LIST && pair->kind != WT_PICKLE_TUPLE) ||
            pair->list.count != 2)
            return wt_pickle_bad(p, "OrderedDict takes a list of pairs");
        status = wt_pickle_append(p, dict, pair->list.item[0]);
        if (!status)
            status = wt_pickle_append(p, dict, pair->list.item[1]);
    }
    *result = dict;
    return status;
}

static enum wt_status call_size(struct wt_pickle *p, const value *args, value **result)
{
    if (args->list.count != 1 || args->list.item[0]->kind != WT_PICKLE_TUPLE)
        return wt_pickle_bad(p, "torch.Size takes one tuple");
    *result = args->list.item[0];
    return WT_OK;
}

static bool whole_numbers(const value *tuple, int64_t *to)
{
    if (tuple->kind != WT_PICKLE_TUPLE || tuple->list.count > WT_TENSOR_DIMS)
        return false;
    for (uint32_t i = 0; i < tuple->list.count; i++) {
        const value *v = tuple->list.item[i];
        if (v->kind != WT_PICKLE_INT || v->whole < 0)
            return false;
        to[i] = v->whole;
    }
    return true;
}

/* (storage, offset, size, stride, ...): what follows concerns gradients and hooks. */
static enum wt_status call_tensor(struct wt_pickle *p, const value *args, value **result)
{
    value *const *a = args->list.item;
    struct wt_pickle_tensor *t = wt_pickle_alloc(p, sizeof *t);
    value *v = wt_pickle_new(p, WT_PICKLE_TENSOR);
    if (!t || !v)
        return WT_ERR_MEMORY;
    if (args->list.count < 4 || args->list.count > 7 || a[0]->kind != WT_PICKLE_STORAGE ||
        a[1]->kind != WT_PICKLE_INT || a[1]->whole < 0 || !whole_numbers(a[2], t->size) ||
        !whole_numbers(a[3], t->stride) || a[2]->list.count != a[3]->list.count)
        return wt_pickle_bad(p, "a tensor is not made of storage, offset, size and stride, or has "
                                "more than 8 dimensions");
    t->storage = a[0]->storage;
    t->offset = a[1]->whole;
    t->dims = (int)a[2]->list.count;
    v->tensor = t;
    *result = v;
    return WT_OK;
}

static enum wt_status call_parameter(struct wt_pickle *p, const value *args, value **result)
{
    if (args->list.count != 3 || args->list.item[0]->kind != WT_PICKLE_TENSOR)
        return wt_pickle_bad(p, "a parameter is not made of a tensor");
    *result = args->list.item[0];
    return WT_OK;
}

static const struct wt_pickle_global globals[] = {
    {"collections", "OrderedDict", call_ordered_dict},
    {"torch", "Size", call_size},
    {"torch._utils", "_rebuild_tensor", call_tensor},
    {"torch._utils", "_rebuild_tensor_v2", call_tensor},
    {"torch._utils", "_rebuild_parameter", call_parameter},
    {"torch", "DoubleStorage", NULL, {"DoubleStorage", 8, wt_convert_f64, WT_STORE_F32}},
    {"torch", "FloatStorage", NULL, {"FloatStorage", 4, wt_convert_f32, WT_STORE_F32}},
    {"torch", "HalfStorage", NULL, {"HalfStorage", 2, wt_convert_f16, WT_STORE_F16}},
    {"torch", "BFloat16Storage", NULL, {"BFloat16Storage", 2, wt_convert_bf16, WT_STORE_BF16}},
    {"torch", "LongStorage", NULL, {"LongStorage", 8}},
    {"torch", "IntStorage", NULL, {"IntStorage", 4}},
    {"torch", "ShortStorage", NULL, {"ShortStorage", 2}},
    {"torch", "CharStorage", NULL, {"CharStorage", 1}},
    {"torch", "ByteStorage", NULL, {"ByteStorage", 1}},
    {"torch", "BoolStorage", NULL, {"BoolStorage", 1}},
};

/* Classes, and functions that make objects, whose objects are passed over. A module that ends in
 * "." stands for all below it; name NULL: all of the module's. */
static const struct {
    const char *module, *name;
} inert[] = {
    {"numpy", NULL},
    {"numpy.", NULL},
    {"argparse", "Namespace"},
    {"types", "SimpleNamespace"},
    {"datetime", NULL},
    {"zoneinfo", "ZoneInfo._unpickle"},
    {"decimal", "Decimal"},
    {"fractions", "Fraction"},
    {"uuid", "UUID"},
    {"pathlib", NULL},
    {"pathlib.", NULL},
    {"time", "struct_time"},
    {"collections", "defaultdict"},
    {"collections", "Counter"},
    {"collections", "deque"},
    {"easydict", "EasyDict"},
    {"yacs.config", "CfgNode"},
    {"omegaconf.", NULL},
    {"_codecs", "encode"},
    {"copyreg", "_reconstructor"},
    {"copy_reg", "_reconstructor"},
    {"torch", "device"},
    {"torch", "float16"},
    {"torch", "bfloat16"},
    {"torch", "float32"},
    {"torch", "float64"},
    {"torch", "int64"},
    {"torch.serialization", "_get_layout"},
};

/* Types that Python 2 kept under another name. */
static const char *const built_in[] = {"set",   "frozenset", "complex", "bytearray", "slice",
                                       "range", "object",    "list",    "dict",      "tuple",
                                       "int",   "float",     "str",     "bool",      "bytes"};

static const struct wt_pickle_global passed_over = {.inert = true};

static bool same(struct wt_pickle_text text, const char *s)
{
    return text.size == strlen(s) && memcmp(text.bytes, s, text.size) == 0;
}

static bool in_module(struct wt_pickle_text text, const char *s)
{
    const size_t n = strlen(s);
    return s[n - 1] == '.' ? text.size > n && memcmp(text.bytes, s, n) == 0 : same(text, s);
}

static bool is_inert(struct wt_pickle_text module, struct wt_pickle_text name)
{
    for (size_t i = 0; i < sizeof inert / sizeof *inert; i++)
        if (in_module(module, inert[i].module) && (!inert[i].name || same(name, inert[i].name)))
            return true;
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        if (same(name, built_in[i]) && (same(module, "builtins") || same(module, "__builtin__")))
            return true;
    return false;
}

const struct wt_pickle_global *wt_pickle_global_find(struct wt_pickle_text module,
                                                     struct wt_pickle_text name)
{
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
        if (same(module, globals[i].module) && same(name, globals[i].name))
            return &globals[i];
    return is_inert(module, name) ? &passed_over : NULL;
}

static bool get_count(const value *v, size_t *count)
{
    if (v->kind != WT_PICKLE_INT || v->whole < 0 || v->whole > PTRDIFF_MAX / 8)
        return false;
    *count = (size_t)v->whole;
    return true;
}

/* Old streams say which part of a storage is seen: None, or (key, first, count). */
static bool get_view(const value *v, struct wt_pickle_storage *s)
{
    s->first = 0;
    s->used = s->count;
    if (v->kind == WT_PICKLE_NONE)
        return true;
    return v->kind == WT_PICKLE_TUPLE && v->list.count == 3 &&
           get_count(v->list.item[1], &s->first) && get_count(v->list.item[2], &s->used) &&
           s->first <= s->count && s->used <= s->count - s->first;
}

/* ("storage", class, key, place, count), and in the old stream a view as well. */
enum wt_status wt_pickle_persistent(struct wt_pickle *p, const value *id, value **result)
{
    value *const *a = id->list.item;
    struct wt_pickle_storage *s;
    value *v;
    if (id->kind != WT_PICKLE_TUPLE || id->list.count < 5 || id->list.count > 6 ||
        !wt_pickle_text_is(a[0], "storage") || a[1]->kind != WT_PICKLE_GLOBAL ||
        !a[1]->global->dtype.name || a[2]->kind != WT_PICKLE_TEXT)
        return wt_pickle_bad(p, "a persistent id names no storage");
    s = wt_pickle_alloc(p, sizeof *s);
    v = wt_pickle_new(p, WT_PICKLE_STORAGE);
    if (!s || !v)
        return WT_ERR_MEMORY;
    s->key = a[2]->text;
    s->dtype = &a[1]->global->dtype;
    if (!get_count(a[4], &s->count) || (id->list.count == 6 && !get_view(a[5], s)))
        return wt_pickle_bad(p, "the size of a storage is no whole number or does not fit");
    if (id->list.count == 5)
        s->used = s->count;
    v->storage = s;
    *result = v;
    return wt_pickle_note(p, s);
}
