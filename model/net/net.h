/* A hourglass ready to run: graph lowered to a plan with packed weights and fixed buffers.
 *
 * Not a tracker: takes crops, gives maps. One thread at a time; the forward pass allocates
 * nothing and starts no thread beyond the pool made at creation. */
#ifndef WT_MODEL_NET_H
#define WT_MODEL_NET_H

#include "base/cpu.h"
#include "net/hourglass.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_net;

struct wt_net_options {
    int threads;                 /* 0: one per physical core */
    int batch;                   /* most images in one pass, 1..16; 0: 1 */
    enum wt_cpu_level level;     /* kernels to use */
    enum wt_precision precision; /* AUTO: see wt_precision_choose */
};

/* The weights may be destroyed afterwards. Errors: FORMAT, UNSUPPORTED, MEMORY, ARGUMENT. */
enum wt_status wt_net_create(struct wt_net **out, const struct wt_weights *w,
                             const struct wt_net_options *options);
void wt_net_destroy(struct wt_net **net);

/* A network of one thread with the same weights, for passes of up to `batch` images at the same
 * time as the other's. The other one must outlive it. Not for profiling. Errors: MEMORY. */
enum wt_status wt_net_twin(struct wt_net **out, const struct wt_net *of, int batch);

const struct wt_arch *wt_net_arch(const struct wt_net *net);
int wt_net_threads(const struct wt_net *net);
/* From the next pass on at most so many of them compute, and the others sleep; 0: all. Results do
 * not depend on it. */
void wt_net_limit_threads(struct wt_net *net, int threads);
enum wt_cpu_level wt_net_level(const struct wt_net *net);
enum wt_precision wt_net_precision(const struct wt_net *net); /* never AUTO */

/* What AUTO means at a level: int8 where the CPU multiplies bytes fast and the weights are
 * calibrated for it, else bf16 with AMX, else f32. All three move the NME of the shipped weights by
 * less than 0.05 points (a test measures it). why, unless NULL, gets the reason in words. */
enum wt_precision wt_precision_choose(enum wt_precision wanted, enum wt_cpu_level level,
                                      bool calibrated, const char **why);
const char *wt_precision_name(enum wt_precision precision); /* "auto", "f32", ... */

/* Runs n images, 1..batch, through the first `stacks` stacks (0: all).
 * _u8: [n][input][input][3] RGB, 0..255; _f32: the same shape, 0..1. */
enum wt_status wt_net_forward_u8(struct wt_net *net, const uint8_t *rgb, int n, int stacks);
enum wt_status wt_net_forward_f32(struct wt_net *net, const float *rgb, int n, int stacks);

/* Maps of one image after a forward pass: cell (i,j) of channel c is
 * maps[(i * size + j) * (*stride) + c] with size wt_map_size(input); channel `points` is the
 * boundary map. Valid until the next forward pass. stack: 0.., or -1 for the last one that ran. */
const float *wt_net_maps(const struct wt_net *net, int image, int stack, int *stride);

/* ---- measuring ---- */

struct wt_step_info {
    const char *name;   /* of the node(s) it computes */
    const char *kernel; /* name of the kernel */
    double macs;        /* per image */
    double ms;          /* total since wt_net_profile(net, true) */
    int runs;
};

/* Turns per-step timing on (clearing it) or off. */
void wt_net_profile(struct wt_net *net, bool on);
int wt_net_steps(const struct wt_net *net);
struct wt_step_info wt_net_step(const struct wt_net *net, int i);
double wt_net_macs(const struct wt_net *net);         /* per image, all stacks */
size_t wt_net_weight_bytes(const struct wt_net *net); /* packed */
size_t wt_net_buffer_bytes(const struct wt_net *net); /* activations */

#ifdef __cplusplus
}
#endif
#endif
