/* Weights files as the subcommands of `wingtip model` handle them: read completely, identified,
 * written to another file. One thread. */
#ifndef WT_APP_MODEL_FILE_H
#define WT_APP_MODEL_FILE_H

#include "base/checksum.h"
#include "net/hourglass.h"

/* A weights file: safetensors or a PyTorch checkpoint; landmarks or a face detector. */
struct wt_model_file {
    struct wt_weights *weights;
    struct wt_arch arch; /* of a detector only the width */
    bool detector;
    char network[64]; /* in words */
    const char *format;
    bool pytorch;
    size_t size;
    char sha256[WT_SHA256_SIZE];
};

/* Reads the file, or the bundled weights of that name, and checks that it holds a network. Errors:
 * ARGUMENT, IO, FORMAT, UNSUPPORTED, MEMORY. */
enum wt_status wt_model_file_init(struct wt_model_file *m, const char *name);
void wt_model_file_fini(struct wt_model_file *m);

/* What import, card and quantize have in common: reads `in`, has it changed, writes `out`, and
 * prints a line on standard output. Errors: those of reading, of the change and of writing. */
enum wt_status wt_model_file_convert(const char *in, const char *out,
                                     enum wt_status (*change)(struct wt_model_file *m,
                                                              const void *settings),
                                     const void *settings);
/* What their options say of `in` and `out`. */
#define WT_MODEL_IN_HELP "weights (safetensors), or a PyTorch checkpoint"
#define WT_MODEL_OUT_HELP "weights file to write"

/* A line on standard output about a file just written. */
void wt_model_file_report(const struct wt_model_file *m, const char *path);

/* Marks float32 convolutions to be stored as bfloat16. BatchNorm's vectors and ranges are small and
 * sensitive: they are unchanged, and so are integers. */
void wt_model_file_to_bf16(struct wt_model_file *m);
#define WT_MODEL_BF16_HELP "store convolutions as bfloat16: half the size, three significant digits"

/* How the tensors are stored: "F32", "F32 and BF16". */
struct wt_storage_name {
    char text[40];
};
struct wt_storage_name wt_model_file_storage(const struct wt_model_file *m);

#endif
