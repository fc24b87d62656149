/* Named tensors and metadata: what a weights file holds.
 *
 * Reads and writes safetensors; imports PyTorch checkpoints. Knows no network: see hourglass.h.
 * Values are float32 in memory whatever the file stores (F64, F32, F16, BF16, I8); integer tensors
 * of a checkpoint (num_batches_tracked) are dropped.
 *
 * I8, the int8 form, is for a weight NAME.weight [O,I,...] with NAME.weight_scale [O] and
 * NAME.input_range [2,I] beside it: q stands for q * weight_scale[o] / s[i], where s[i] is the
 * scale of input range i (quant.h). Plans in int8 compute with these very integers; those of a
 * file from before sums of two had a bound are rounded once more in 1x1 convolutions. An I8 tensor
 * without its companions is an error. The object owns everything it points to. Not thread-safe
 * while loading; read-only use from several threads is fine. */
#ifndef WT_MODEL_WEIGHTS_H
#define WT_MODEL_WEIGHTS_H

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WT_TENSOR_DIMS 8

enum wt_storage { WT_STORE_F32, WT_STORE_BF16, WT_STORE_F16, WT_STORE_I8, WT_STORAGES };

struct wt_tensor {
    char *name;
    int dims;
    int64_t shape[WT_TENSOR_DIMS]; /* row-major; convolutions are [O,I,K,K] */
    size_t count;                  /* product of shape */
    float *data;                   /* 64-byte aligned */
    enum wt_storage storage;       /* how the file stored it, and how save will */
};

struct wt_meta {
    char *key, *value;
};

struct wt_weights {
    struct wt_tensor *tensor; /* sorted by name */
    size_t count;
    struct wt_meta *meta;
    size_t metas;
    char *path;
};

/* Reads a safetensors file. Every length and offset is checked against the bytes that are there:
 * header size, JSON, dtype, shape product, overlap, gaps, duplicate names, end of file.
 * Errors: IO, FORMAT, UNSUPPORTED, MEMORY. */
enum wt_status wt_weights_load(struct wt_weights **out, const char *path);

/* The same from memory; what: the name used in error lines. */
enum wt_status wt_weights_parse(struct wt_weights **out, const void *bytes, size_t size,
                                const char *what);

/* Imports a PyTorch checkpoint, either serialisation (zip, or the older stream), bare or nested
 * under "state_dict", "model", "net", "ema" and the like, also several deep. Runs no code of the
 * pickle: an interpreter for tensors and containers that passes over what training scripts keep
 * beside them (pth_pickle.h) and refuses all else. Under a name that is not known, the one
 * dictionary that holds tensors is taken. Here as in wt_weights_load prefixes of tensor names that
 * wrappers of a network leave are cut off: "module.", "_orig_mod.", "model.", "net." and the like.
 * Errors as wt_weights_load. */
enum wt_status wt_weights_import_pth(struct wt_weights **out, const char *path);
enum wt_status wt_weights_parse_pth(struct wt_weights **out, const void *bytes, size_t size,
                                    const char *what);

/* Writes safetensors atomically: temporary file beside it, fsync, rename. Errors: IO, MEMORY. */
enum wt_status wt_weights_save(const struct wt_weights *w, const char *path);

enum wt_status wt_weights_create(struct wt_weights **out);
void wt_weights_destroy(struct wt_weights **w);

/* Adds a tensor of zeros and returns it, NULL when memory ran out or the name exists. The pointer
 * is valid until the next add. */
struct wt_tensor *wt_weights_add(struct wt_weights *w, const char *name, int dims,
                                 const int64_t *shape);
/* Gives NAME.weight, whose NAME.input_range is there, the int8 form: adds or renews
 * NAME.weight_scale, and rounds the values to what integers can hold. Moves tensors as add does.
 * Errors: FORMAT, MEMORY. */
enum wt_status wt_weights_to_int8(struct wt_weights *w, const char *name);

const struct wt_tensor *wt_weights_find(const struct wt_weights *w, const char *name);

/* Metadata; get returns NULL when absent; set with value NULL removes. */
const char *wt_weights_get_meta(const struct wt_weights *w, const char *key);
enum wt_status wt_weights_set_meta(struct wt_weights *w, const char *key, const char *value);

#ifdef __cplusplus
}
#endif
#endif
