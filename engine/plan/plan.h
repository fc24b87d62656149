/* A graph lowered for inference: fused steps, packed weights, fixed buffers.
 *
 * Lowering, done once: sums of linear maps are merged (simplify.h), BatchNorm+ReLU moves into the
 * step that produces its input, a residual add and a concat become where and how the convolutions
 * before them write, constant coordinate channels become a position-dependent bias, and a step
 * exists only for what is left. Activations live in buffers shared by steps whose lifetimes do not
 * overlap; inputs of 3x3 convolutions carry a border of zeros so that kernels need no edge cases.
 * Running allocates nothing.
 *
 * The graph and its parameters may be freed after wt_plan_create. One thread runs a plan at a time;
 * inside, steps are cut into row blocks that the threads of a pool take whenever they are free.
 * Results do not depend on the number of threads. */
#ifndef WT_ENGINE_PLAN_H
#define WT_ENGINE_PLAN_H

#include "graph/graph.h"
#include "kernels/kernels.h"

struct wt_plan;

struct wt_plan_options {
    int threads; /* 1..64 */
    int batch;   /* most images in one run, 1.. */
    enum wt_cpu_level level;
    enum wt_type type; /* of convolution inputs. What else steps hand on is float32 for F32, else
                          bfloat16; outputs are float32 */
};

/* Errors: MEMORY, UNSUPPORTED (a pattern that no step covers; U8 without input ranges in the
 * graph).
 */
enum wt_status wt_plan_create(struct wt_plan **out, const struct wt_graph *g,
                              const struct wt_plan_options *options);
void wt_plan_destroy(struct wt_plan **plan);
/* From the next run on at most so many of its threads compute, and the others sleep; 0: all. */
void wt_plan_limit_threads(struct wt_plan *plan, int threads);

/* A plan that computes the same with the same weights, and has buffers and threads of its own, so
 * that both may run at the same time. The other one must outlive it. Not for profiling. Errors:
 * MEMORY. */
enum wt_status wt_plan_twin(struct wt_plan **out, const struct wt_plan *of, int threads, int batch);

/* Copies image i of the input in: [h,w,c] without gaps, bytes 0..255 or floats 0..1. */
void wt_plan_input_u8(struct wt_plan *plan, int image, const uint8_t *pixels);
void wt_plan_input_f32(struct wt_plan *plan, int image, const float *pixels);

/* Runs images 0..n-1 up to the given output (0..), so that a network with several outputs can stop
 * early. */
void wt_plan_run(struct wt_plan *plan, int n, int last_output);

/* [h, w, *stride] float32 of which the first c channels of a pixel count. Valid until the next run.
 */
const float *wt_plan_output(const struct wt_plan *plan, int output, int image, int *stride);

/* Row, column and radius coordinate of pixel (i,j) of h x w: what the coordinate channels hold. */
void wt_plan_coords_at(int i, int j, int h, int w, float v[3]);

/* ---- observing ---- */

/* The input of a convolution as it lies in a float32 plan, without coordinate channels: [h,w,c],
 * pixels and rows this many floats apart. */
struct wt_plan_view {
    const float *data;
    ptrdiff_t row, px;
    int h, w, c;
};

/* name: of the convolution's node. */
typedef void wt_plan_observe_fn(void *user, const char *name, const struct wt_plan_view *input);

/* From the next run on calls back for each convolution and image, before the convolution runs, on a
 * thread of the pool while the others wait; fn NULL: no more. Float32 plans only. */
void wt_plan_observe(struct wt_plan *plan, wt_plan_observe_fn *fn, void *user);

/* ---- measuring ---- */

struct wt_plan_step_info {
    const char *name, *kernel;
    double macs; /* per image */
    double ms;   /* total since profiling was turned on */
    int runs;
};
void wt_plan_profile(struct wt_plan *plan, bool on);
int wt_plan_steps(const struct wt_plan *plan);
struct wt_plan_step_info wt_plan_step(const struct wt_plan *plan, int i);
size_t wt_plan_weight_bytes(const struct wt_plan *plan);
size_t wt_plan_buffer_bytes(const struct wt_plan *plan);

#endif
