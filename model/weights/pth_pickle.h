/* A small interpreter of Python pickles, protocols 2 to 5, that runs no code.
 *
 * It knows None, bools, numbers, strings, tuples, lists, dicts, OrderedDict, torch.Size, tensors
 * and their storages. What training scripts keep beside the weights (numpy's numbers, argparse's
 * Namespace, dates, paths, sets) is passed over: such an object is a value without contents, and
 * nothing of it is called. Any other class or function of the pickle is refused by name. A tensor
 * is only described here: its numbers are fetched by pth.c. Values live in an arena of bounded size
 * that is freed with the interpreter; references may form cycles, so a walk over them must be
 * bounded. One thread at a time. Sources: CPython, Lib/pickletools.py (opcodes); PyTorch,
 * torch/_utils.py and torch/serialization.py (functions and persistent ids). */
#ifndef WT_MODEL_PTH_PICKLE_H
#define WT_MODEL_PTH_PICKLE_H

#include "weights/convert.h"
#include "weights/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_pickle_kind {
    WT_PICKLE_NONE,
    WT_PICKLE_BOOL,
    WT_PICKLE_INT,
    WT_PICKLE_BIG, /* an int beyond 64 bits: its bytes, little endian */
    WT_PICKLE_FLOAT,
    WT_PICKLE_TEXT, /* str or bytes */
    WT_PICKLE_TUPLE,
    WT_PICKLE_LIST,
    WT_PICKLE_DICT, /* dict or OrderedDict: keys and values by turns */
    WT_PICKLE_GLOBAL,
    WT_PICKLE_STORAGE,
    WT_PICKLE_TENSOR,
    WT_PICKLE_OBJECT, /* passed over: without contents */
    WT_PICKLE_MARK,   /* on the stack only */
};

struct wt_pickle_value;

struct wt_pickle_text {
    const char *bytes; /* in the pickle; no NUL at the end */
    size_t size;
};

/* Element type of a storage. */
struct wt_pickle_dtype {
    const char *name;       /* "FloatStorage" */
    int size;               /* bytes */
    wt_convert_fn *convert; /* NULL: integers */
    enum wt_storage storage;
};

struct wt_pickle_storage {
    struct wt_pickle_text key;
    const struct wt_pickle_dtype *dtype;
    size_t count;         /* elements of the whole storage */
    size_t first, used;   /* the part that this view sees */
    const uint8_t *bytes; /* of the whole storage; NULL until pth.c has found them */
};

struct wt_pickle_tensor {
    struct wt_pickle_storage *storage;
    int dims;
    int64_t offset, size[WT_TENSOR_DIMS], stride[WT_TENSOR_DIMS]; /* in elements */
};

struct wt_pickle_value {
    enum wt_pickle_kind kind;
    union {
        bool truth;
        int64_t whole;
        double real;
        struct wt_pickle_text text;
        struct {
            struct wt_pickle_value **item;
            uint32_t count, capacity;
        } list; /* TUPLE, LIST, DICT */
        const struct wt_pickle_global *global;
        struct wt_pickle_storage *storage;
        struct wt_pickle_tensor *tensor;
    };
};

struct wt_pickle;

/* file_size bounds the memory. what: for error lines. Errors: MEMORY. */
enum wt_status wt_pickle_create(struct wt_pickle **out, size_t file_size, const char *what);
void wt_pickle_destroy(struct wt_pickle **pickle);

/* Runs one pickle. *used: its length. *value and all it refers to live until destroy; bytes must
 * too. May be called again for a pickle that follows. Errors: FORMAT, UNSUPPORTED, MEMORY. */
enum wt_status wt_pickle_run(struct wt_pickle *p, const uint8_t *bytes, size_t size, size_t *used,
                             const struct wt_pickle_value **value);

/* Every storage met so far, one for each persistent id in the pickle. */
struct wt_pickle_storage **wt_pickle_storages(struct wt_pickle *p, size_t *count);

bool wt_pickle_text_is(const struct wt_pickle_value *v, const char *text);
/* Last value of a key in a DICT, NULL when absent. */
const struct wt_pickle_value *wt_pickle_lookup(const struct wt_pickle_value *dict, const char *key);
/* "a list", "a dict", ... for error lines. */
const char *wt_pickle_kind_name(enum wt_pickle_kind kind);

/* ---- between pth_pickle.c, pth_value.c and pth_torch.c ------------------------------------- */

struct wt_pickle_chunk {
    struct wt_pickle_chunk *next;
    size_t used, size;
    _Alignas(16) unsigned char bytes[];
};

struct wt_pickle {
    const char *what;
    const uint8_t *bytes; /* of the pickle that runs */
    size_t size, at;
    size_t step; /* where the opcode began, for error lines */
    bool stopped;
    struct wt_pickle_value **stack;
    size_t depth, stack_capacity;
    struct wt_pickle_value **memo;
    size_t memos, memo_capacity; /* memos: one more than the highest number put */
    struct wt_pickle_storage **storage;
    size_t storages;
    struct wt_pickle_chunk *chunk;
    size_t allocated, budget;
};

struct wt_pickle_global {
    const char *module, *name;
    /* Calls it with a tuple of arguments; NULL: it can only be named. */
    enum wt_status (*call)(struct wt_pickle *p, const struct wt_pickle_value *args,
                           struct wt_pickle_value **result);
    struct wt_pickle_dtype dtype; /* of a storage class; name NULL: it is none */
    bool inert;                   /* what it makes is passed over */
};

/* NULL: refused. */
const struct wt_pickle_global *wt_pickle_global_find(struct wt_pickle_text module,
                                                     struct wt_pickle_text name);
/* A persistent id becomes the storage that it names. */
enum wt_status wt_pickle_persistent(struct wt_pickle *p, const struct wt_pickle_value *id,
                                    struct wt_pickle_value **result);

/* Memory of the arena, zeroed; NULL after one error line. */
void *wt_pickle_alloc(struct wt_pickle *p, size_t size);
struct wt_pickle_value *wt_pickle_new(struct wt_pickle *p, enum wt_pickle_kind kind);
enum wt_status wt_pickle_append(struct wt_pickle *p, struct wt_pickle_value *list,
                                struct wt_pickle_value *item);
/* Adds a storage to the list that wt_pickle_storages gives. */
enum wt_status wt_pickle_note(struct wt_pickle *p, struct wt_pickle_storage *storage);
/* One error line each; the first with the place in the pickle. */
enum wt_status wt_pickle_bad(const struct wt_pickle *p, const char *why);
enum wt_status wt_pickle_no_memory(const struct wt_pickle *p);

#ifdef __cplusplus
}
#endif
#endif
