/* What the readers of weights need beyond weights.h: adding without sorting at every step, and
 * the arithmetic of shapes. Private to model/. */
#ifndef WT_MODEL_WEIGHTS_INTERNAL_H
#define WT_MODEL_WEIGHTS_INTERNAL_H

#include "weights/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Weights files beyond this are refused before they are read: eight stacks of width 512 in double
 * precision are 1.6 GB. */
#define WT_WEIGHTS_FILE_MAX ((size_t)2 << 30)

/* Product of a shape in *count; false where a size is negative or the bytes of as many doubles
 * would not fit a ptrdiff_t. dims 0 gives 1. */
bool wt_shape_count(int dims, const int64_t *shape, size_t *count);

/* Appends a tensor with undefined values, out of order; name need not end with NUL. NULL: memory
 * ran out. The pointer is valid until the next append. Call wt_weights_seal when done. */
struct wt_tensor *wt_weights_append(struct wt_weights *w, const char *name, size_t name_size,
                                    int dims, const int64_t *shape);

/* The same for a tensor of a file, without the prefixes that wrappers of a network put before its
 * name. */
struct wt_tensor *wt_weights_append_read(struct wt_weights *w, const char *name, size_t name_size,
                                         int dims, const int64_t *shape);

/* Sorts by name; a name that occurs twice is a FORMAT error. what: for the error line. */
enum wt_status wt_weights_seal(struct wt_weights *w, const char *what);

/* Makes weights of the integers in I8 tensors, once all tensors are read. Errors: FORMAT. */
enum wt_status wt_weights_unfold(struct wt_weights *w, const char *what);

/* The integers [t->count] of an I8 tensor. Errors: FORMAT. */
enum wt_status wt_weights_fold(const struct wt_weights *w, const struct wt_tensor *t, int8_t *to);

/* Reads a file whole and hands it to a parser. */
typedef enum wt_status wt_parse_fn(struct wt_weights **out, const void *bytes, size_t size,
                                   const char *what);
enum wt_status wt_weights_read(struct wt_weights **out, const char *path, wt_parse_fn *parse);

#ifdef __cplusplus
}
#endif
#endif
