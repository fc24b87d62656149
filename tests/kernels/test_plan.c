/* The fused plan against a plain interpreter of the same graph, at every CPU level; results that do
 * not depend on threads or batch; early exit; the thread pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "net/net.h"
#include "plan/plan.h"

/* ---- interpreter: one node after the other, nothing fused, double sums ---- */

static void interpret_conv(const struct wt_node *n, const struct wt_node *x, const float *in,
                           float *out)
{
    for (int i = 0; i < n->h; i++)
        for (int j = 0; j < n->w; j++)
            for (int c = 0; c < n->c; c++) {
                double v = n->bias ? n->bias[c] : 0;
                for (int ky = 0; ky < n->kernel; ky++)
                    for (int kx = 0; kx < n->kernel; kx++) {
                        int y = i * n->stride + ky - n->pad, xx = j * n->stride + kx - n->pad;
                        if (y < 0 || y >= x->h || xx < 0 || xx >= x->w)
                            continue;
                        const float *a = in + ((size_t)y * x->w + xx) * x->c;
                        const float *w = n->weight + (size_t)c * x->c * n->kernel * n->kernel +
                                         ky * n->kernel + kx;
                        for (int k = 0; k < x->c; k++)
                            v += (double)a[k] * w[(size_t)k * n->kernel * n->kernel];
                    }
                out[((size_t)i * n->w + j) * n->c + c] = (float)v;
            }
}

static float interpret_cell(const struct wt_graph *g, const struct wt_node *n, float *const *v,
                            int i, int j, int c)
{
    const struct wt_node *x = n->inputs ? &g->node[n->in[0]] : NULL;
    const float *a = n->inputs ? v[n->in[0]] : NULL;
    size_t at = ((size_t)i * n->w + j) * n->c + c;
    double row = 2.0 * i / (n->h - 1) - 1, col = 2.0 * j / (n->w - 1) - 1;
    switch (n->op) {
    case WT_OP_BATCHNORM:
        return (float)(((double)a[at] - n->mean[c]) / sqrt((double)n->var[c] + n->eps) *
                           n->gamma[c] +
                       n->beta[c]);
    case WT_OP_RELU:
        return a[at] > 0 ? a[at] : 0;
    case WT_OP_ADD:
        return a[at] + v[n->in[1]][at];
    case WT_OP_CONCAT:
        for (int k = 0; k < n->inputs; c -= g->node[n->in[k++]].c) {
            int w = g->node[n->in[k]].c;
            if (c < w)
                return v[n->in[k]][((size_t)i * n->w + j) * w + c];
        }
        return NAN;
    case WT_OP_AVGPOOL2: {
        const float *p = a + ((size_t)2 * i * x->w + 2 * j) * n->c + c;
        return 0.25f * (p[0] + p[n->c] + p[x->w * n->c] + p[x->w * n->c + n->c]);
    }
    case WT_OP_UPSAMPLE2:
        return a[((size_t)(i / 2) * x->w + j / 2) * n->c + c];
    case WT_OP_COORDS:
        return (float)(c == 0 ? row : c == 1 ? col : sqrt((row * row + col * col) / 2));
    case WT_OP_MASKED_COORDS:
        return a[((size_t)i * n->w + j) * x->c + n->channel] > n->threshold
                   ? (float)(c == 0 ? row : col)
                   : 0;
    default:
        return NAN;
    }
}

/* Values of all nodes for one image; the caller frees each. */
static float **interpret(const struct wt_graph *g, const float *image)
{
    float **v = calloc((size_t)g->count, sizeof *v);
    assert_non_null(v);
    for (int k = 0; k < g->count; k++) {
        const struct wt_node *n = &g->node[k];
        v[k] = malloc((size_t)n->h * n->w * n->c * sizeof(float));
        assert_non_null(v[k]);
        if (n->op == WT_OP_INPUT)
            memcpy(v[k], image, (size_t)n->h * n->w * n->c * sizeof(float));
        else if (n->op == WT_OP_CONV)
            interpret_conv(n, &g->node[n->in[0]], v[n->in[0]], v[k]);
        else
            for (int i = 0; i < n->h; i++)
                for (int j = 0; j < n->w; j++)
                    for (int c = 0; c < n->c; c++)
                        v[k][((size_t)i * n->w + j) * n->c + c] = interpret_cell(g, n, v, i, j, c);
    }
    return v;
}

static void free_values(const struct wt_graph *g, float **v)
{
    for (int k = 0; k < g->count; k++)
        free(v[k]);
    free(v);
}

/* ---- fixture: a small random network of two stacks, two images, and the interpreter's maps ----
 */

enum { STACKS = 2, POINTS = 5, IMAGES = 2, CELLS = 256 * 256 * 3 };

static struct {
    struct wt_weights *w;
    struct wt_graph g;
    float *images;
    float **values[IMAGES];
} fixture;

/* Ranges of a convolution's input over all images, as calibration would leave them. */
static void add_range(const struct wt_node *n)
{
    const struct wt_graph *g = &fixture.g;
    int x = n->in[0];
    if (g->node[x].op == WT_OP_CONCAT && g->node[g->node[x].in[1]].op == WT_OP_COORDS)
        x = g->node[x].in[0];
    int c = g->node[x].c, pixels = g->node[x].h * g->node[x].w;
    char name[96];
    snprintf(name, sizeof name, "%s.input_range", n->name);
    struct wt_tensor *t = wt_weights_add(fixture.w, name, 2, (int64_t[]){2, c});
    assert_non_null(t);
    for (int k = 0; k < c; k++) {
        t->data[k] = 0;
        t->data[c + k] = 1e-3f;
        for (int i = 0; i < IMAGES * pixels; i++) {
            float v = fixture.values[i / pixels][x][(size_t)(i % pixels) * c + k];
            t->data[k] = fminf(t->data[k], v);
            t->data[c + k] = fmaxf(t->data[c + k], v);
        }
    }
}

static int set_up(void **state)
{
    (void)state;
    const struct wt_arch arch = {STACKS, 16, POINTS};
    if (wt_weights_create(&fixture.w) != WT_OK || wt_hourglass_random(fixture.w, &arch, 3) != WT_OK)
        return -1;
    wt_graph_init(&fixture.g);
    if (wt_hourglass_graph(fixture.w, &fixture.g) != WT_OK)
        return -1;
    fixture.images = malloc(IMAGES * (size_t)CELLS * sizeof(float));
    for (int i = 0; i < IMAGES * CELLS; i++)
        fixture.images[i] = (float)((i * 2654435761u) >> 8 & 0xffff) / 65535.0f;
    for (int i = 0; i < IMAGES; i++)
        fixture.values[i] = interpret(&fixture.g, fixture.images + (size_t)i * CELLS);
    for (int k = 0; k < fixture.g.count; k++)
        if (fixture.g.node[k].op == WT_OP_CONV)
            add_range(&fixture.g.node[k]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (int i = 0; i < IMAGES; i++)
        free_values(&fixture.g, fixture.values[i]);
    wt_graph_fini(&fixture.g);
    wt_weights_destroy(&fixture.w);
    free(fixture.images);
    return 0;
}

static double largest_difference(const struct wt_net *net, int image, int stack)
{
    int stride, channels = POINTS + 1;
    const float *maps = wt_net_maps(net, image, stack, &stride);
    const float *want = fixture.values[image][fixture.g.output[stack]];
    double worst = 0;
    for (int i = 0; i < WT_MAP_CELLS_DEFAULT; i++)
        for (int c = 0; c < channels; c++) {
            double d = fabs(maps[i * stride + c] - want[i * channels + c]);
            worst = d > worst || isnan(d) ? d : worst;
        }
    return worst;
}

static enum wt_precision precision = WT_PRECISION_F32;

static struct wt_net *make_net(int threads, int batch, int level)
{
    struct wt_net *net = NULL;
    struct wt_net_options o = {threads, batch, (enum wt_cpu_level)level, precision};
    assert_int_equal(wt_net_create(&net, fixture.w, &o), WT_OK);
    return net;
}

static void plan_equals_interpreter(void **state)
{
    (void)state;
    for (int level = 0; level < WT_CPU_LEVELS; level++) {
        if (!wt_cpu_usable((enum wt_cpu_level)level))
            continue;
        struct wt_net *net = make_net(2, IMAGES, level);
        for (int run = 0; run < 2; run++) { /* twice: nothing may be left over from the first */
            assert_int_equal(wt_net_forward_f32(net, fixture.images, IMAGES, 0), WT_OK);
            for (int i = 0; i < IMAGES; i++)
                for (int s = 0; s < STACKS; s++)
                    assert_true(largest_difference(net, i, s) < 2e-5);
        }
        wt_net_destroy(&net);
        assert_null(net);
    }
}

static void early_exit_gives_the_same_maps(void **state)
{
    (void)state;
    struct wt_net *net = make_net(1, 1, (int)wt_cpu_get()->level);
    assert_int_equal(wt_net_forward_f32(net, fixture.images, 1, 1), WT_OK);
    assert_true(largest_difference(net, 0, 0) < 2e-5);
    int stride;
    assert_ptr_equal(wt_net_maps(net, 0, -1, &stride), wt_net_maps(net, 0, 0, &stride));
    assert_int_equal(wt_net_forward_f32(net, fixture.images, 1, 3), WT_ERR_ARGUMENT);
    assert_int_equal(wt_net_forward_f32(net, fixture.images, 2, 0), WT_ERR_ARGUMENT);
    wt_net_destroy(&net);
}

static void threads_and_batch_change_no_bit(void **state)
{
    (void)state;
    struct wt_net *one = make_net(1, 1, (int)wt_cpu_get()->level);
    struct wt_net *many = make_net(5, IMAGES, (int)wt_cpu_get()->level);
    assert_int_equal(wt_net_forward_f32(many, fixture.images, IMAGES, 0), WT_OK);
    for (int i = 0; i < IMAGES; i++) {
        int stride, stride2;
        assert_int_equal(wt_net_forward_f32(one, fixture.images + (size_t)i * CELLS, 1, 0), WT_OK);
        const float *a = wt_net_maps(one, 0, -1, &stride), *b = wt_net_maps(many, i, -1, &stride2);
        assert_int_equal(stride, stride2);
        for (int k = 0; k < WT_MAP_CELLS_DEFAULT; k++)
            assert_memory_equal(a + k * stride, b + k * stride, (POINTS + 1) * sizeof(float));
    }
    wt_net_destroy(&one);
    wt_net_destroy(&many);
}

/* Root mean square of the difference over that of the maps. */
static double relative_rms(const struct wt_net *net, int image, int stack)
{
    int stride, channels = POINTS + 1;
    const float *maps = wt_net_maps(net, image, stack, &stride);
    const float *want = fixture.values[image][fixture.g.output[stack]];
    double error = 0, all = 0;
    for (int i = 0; i < WT_MAP_CELLS_DEFAULT; i++)
        for (int c = 0; c < channels; c++) {
            double w = want[i * channels + c], d = maps[i * stride + c] - w;
            error += d * d;
            all += w * w;
        }
    return sqrt(error / all);
}

/* Every level's maps are near the interpreter's, and nothing is left over from a pass. */
static void is_near(enum wt_precision wish, double limit)
{
    precision = wish;
    for (int level = 0; level < WT_CPU_LEVELS; level++) {
        if (!wt_cpu_usable((enum wt_cpu_level)level))
            continue;
        struct wt_net *net = make_net(2, IMAGES, level);
        assert_int_equal(wt_net_precision(net), wish);
        for (int run = 0; run < 2; run++) {
            assert_int_equal(wt_net_forward_f32(net, fixture.images, IMAGES, 0), WT_OK);
            for (int i = 0; i < IMAGES; i++)
                for (int s = 0; s < STACKS; s++) {
                    double d = relative_rms(net, i, s);
                    if (!(d > 0 && d < limit))
                        fail_msg("%s, %s, image %d, stack %d: %g", wt_precision_name(wish),
                                 wt_cpu_level_name((enum wt_cpu_level)level), i, s, d);
                }
        }
        wt_net_destroy(&net);
    }
}

/* bfloat16 keeps 8 bits of a number; through some seventy layers the maps keep about two digits. */
static void bf16_is_near(void **state)
{
    is_near(WT_PRECISION_BF16, 0.02);
    threads_and_batch_change_no_bit(state);
    precision = WT_PRECISION_F32;
}

/* Bytes keep 8 bits of the largest number of a channel. */
static void int8_is_near(void **state)
{
    is_near(WT_PRECISION_INT8, 0.06);
    threads_and_batch_change_no_bit(state);
    precision = WT_PRECISION_F32;
}

static void auto_takes_what_is_fast(void **state)
{
    (void)state;
    struct wt_graph g;
    const char *why = NULL;
    wt_graph_init(&g); /* with the ranges that the fixture's own graph was made before */
    assert_int_equal(wt_hourglass_graph(fixture.w, &g), WT_OK);
    assert_true(wt_graph_calibrated(&g));
    assert_false(wt_graph_calibrated(&fixture.g));
    wt_graph_fini(&g);
    static const struct {
        enum wt_cpu_level level;
        enum wt_precision calibrated, plain;
    } want[] = {{WT_CPU_C, WT_PRECISION_F32, WT_PRECISION_F32},
                {WT_CPU_SSE2, WT_PRECISION_INT8, WT_PRECISION_F32},
                {WT_CPU_NEON, WT_PRECISION_F32, WT_PRECISION_F32},
                {WT_CPU_DOTPROD, WT_PRECISION_INT8, WT_PRECISION_F32},
                {WT_CPU_AVX2, WT_PRECISION_INT8, WT_PRECISION_F32},
                {WT_CPU_AVXVNNI, WT_PRECISION_INT8, WT_PRECISION_F32},
                {WT_CPU_AVX512, WT_PRECISION_F32, WT_PRECISION_F32},
                {WT_CPU_AVX512VNNI, WT_PRECISION_INT8, WT_PRECISION_F32},
                {WT_CPU_AMX, WT_PRECISION_INT8, WT_PRECISION_BF16}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        enum wt_cpu_level level = want[i].level;
        enum wt_precision wish = WT_PRECISION_AUTO;
        assert_int_equal(wt_precision_choose(wish, level, true, &why), want[i].calibrated);
        assert_int_equal(wt_precision_choose(wish, level, false, NULL), want[i].plain);
        assert_true(why && *why);
    }
    assert_int_equal(wt_precision_choose(WT_PRECISION_BF16, WT_CPU_C, true, NULL),
                     WT_PRECISION_BF16);
}

static void int8_needs_ranges(void **state)
{
    (void)state;
    const struct wt_arch arch = {1, 16, POINTS};
    struct wt_weights *w;
    struct wt_net *net = NULL;
    struct wt_net_options o = {1, 1, wt_cpu_get()->level, WT_PRECISION_INT8};
    assert_int_equal(wt_weights_create(&w), WT_OK);
    assert_int_equal(wt_hourglass_random(w, &arch, 3), WT_OK);
    assert_int_equal(wt_net_create(&net, w, &o), WT_ERR_UNSUPPORTED);
    assert_null(net);
    wt_weights_destroy(&w);
}

static void bytes_equal_floats(void **state)
{
    (void)state;
    struct wt_net *a = make_net(1, 1, (int)wt_cpu_get()->level);
    uint8_t *bytes = malloc(CELLS);
    float *floats = malloc(CELLS * sizeof *floats);
    for (int i = 0; i < CELLS; i++) {
        bytes[i] = (uint8_t)((unsigned)i * 2654435761u >> 11);
        floats[i] = (float)bytes[i] * (1.0f / 255.0f);
    }
    int stride;
    size_t n;
    assert_int_equal(wt_net_forward_u8(a, bytes, 1, 0), WT_OK);
    const float *maps = wt_net_maps(a, 0, -1, &stride);
    n = (size_t)WT_MAP_CELLS_DEFAULT * stride * sizeof(float);
    float *copy = malloc(n);
    memcpy(copy, maps, n);
    assert_int_equal(wt_net_forward_f32(a, floats, 1, 0), WT_OK);
    assert_memory_equal(copy, wt_net_maps(a, 0, -1, &stride), n);
    free(copy);
    free(bytes);
    free(floats);
    wt_net_destroy(&a);
}

/* Convolutions seen and the interpreter's values of their inputs, without coordinate channels. */
static void compare_input(void *user, const char *name, const struct wt_plan_view *input)
{
    const struct wt_graph *g = &fixture.g;
    int *seen = user, i = 0;
    while (i < g->count && (g->node[i].op != WT_OP_CONV || strcmp(g->node[i].name, name) != 0))
        i++;
    assert_true(i < g->count);
    int x = g->node[i].in[0];
    if (g->node[x].op == WT_OP_CONCAT)
        x = g->node[x].in[0];
    const float *want = fixture.values[0][x];
    seen[i]++;
    assert_true(input->h == g->node[x].h && input->w == g->node[x].w && input->c == g->node[x].c);
    for (int y = 0; y < input->h; y++)
        for (int col = 0; col < input->w; col++)
            for (int c = 0; c < input->c; c++) {
                float got = input->data[y * input->row + col * input->px + c];
                assert_true(fabsf(got - *want) < 2e-5f * (1 + fabsf(*want)));
                want++;
            }
}

static void observers_see_every_input(void **state)
{
    (void)state;
    struct wt_plan *p = NULL;
    struct wt_plan_options o = {3, 1, wt_cpu_get()->level, WT_F32};
    int *seen = calloc((size_t)fixture.g.count, sizeof *seen);
    assert_int_equal(wt_plan_create(&p, &fixture.g, &o), WT_OK);
    wt_plan_input_f32(p, 0, fixture.images);
    wt_plan_observe(p, compare_input, seen);
    wt_plan_run(p, 1, STACKS - 1);
    wt_plan_observe(p, NULL, NULL);
    wt_plan_run(p, 1, STACKS - 1);
    for (int i = 0; i < fixture.g.count; i++) { /* al0 is merged into bl0 */
        const struct wt_node *n = &fixture.g.node[i];
        assert_int_equal(seen[i], n->op == WT_OP_CONV && strcmp(n->name, "al0") != 0);
    }
    wt_plan_destroy(&p);
    free(seen);
}

/* ---- a 3x3 convolution of bytes alone ---- */

enum { ALONE_IN = 128, ALONE_OUT = 20, ALONE_SIZE = 20 };

/* Runs it at a level, result [h][w][ALONE_OUT]; the name of its kernel. */
static const char *convolve_bytes(enum wt_cpu_level level, int h, int w, const float *weight,
                                  const float *image, float *result)
{
    static float low[ALONE_IN], high[ALONE_IN];
    for (int i = 0; i < ALONE_IN; i++)
        high[i] = 1;
    struct wt_graph g;
    struct wt_plan *p = NULL;
    const struct wt_plan_options o = {2, 1, level, WT_U8};
    wt_graph_init(&g);
    int conv = wt_graph_conv(&g, "alone", wt_graph_input(&g, h, w, ALONE_IN), ALONE_OUT, 3, 1, 1,
                             weight, NULL);
    wt_graph_conv_range(&g, conv, low, high);
    wt_graph_output(&g, conv);
    assert_int_equal(wt_plan_create(&p, &g, &o), WT_OK);
    wt_graph_fini(&g);
    wt_plan_input_f32(p, 0, image);
    wt_plan_run(p, 1, 0);
    int stride;
    const float *map = wt_plan_output(p, 0, 0, &stride);
    for (int i = 0; i < h * w; i++)
        memcpy(result + (size_t)i * ALONE_OUT, map + (size_t)i * stride, ALONE_OUT * sizeof *map);
    const char *kernel = wt_plan_step(p, wt_plan_steps(p) - 1).kernel;
    wt_plan_destroy(&p);
    return kernel;
}

/* Maps that tiles of 4 or of 2 do not divide, and weights so large that the sums do not fit what
 * F(4x4) in whole numbers can hold, take smaller tiles or none. */
static void bytes_of_any_size_and_weight(void **state)
{
    (void)state;
    static const struct {
        int h, w;
        float weights; /* all of them; 0: random ones */
        const char *avx2;
    } cases[] = {{16, 16, 0, "4x4"}, {16, 20, 0, "4x4"},  {16, 16, 1, "2x2"}, {16, 16, -1, "2x2"},
                 {18, 16, 0, "2x2"}, {14, 10, 0, "2x2"},  {8, 8, 0, "2x2"},   {15, 17, 0, "conv"},
                 {2, 2, 1, "conv"},  {17, 18, -1, "conv"}};
    static float weight[ALONE_OUT * ALONE_IN * 9], image[ALONE_SIZE * ALONE_SIZE * ALONE_IN],
        want[ALONE_SIZE * ALONE_SIZE * ALONE_OUT], got[ALONE_SIZE * ALONE_SIZE * ALONE_OUT];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const int h = cases[k].h, w = cases[k].w;
        const float all = cases[k].weights;
        for (size_t i = 0; i < sizeof weight / sizeof *weight; i++)
            weight[i] = all != 0 ? all : (float)(rand() % 255 - 127) / 127;
        for (int i = 0; i < h * w * ALONE_IN; i++)
            image[i] = all != 0 ? 1 : (float)(rand() % 256) / 255;
        convolve_bytes(WT_CPU_C, h, w, weight, image, want);
        for (int level = WT_CPU_C + 1; level < WT_CPU_LEVELS; level++) {
            if (!wt_cpu_usable((enum wt_cpu_level)level))
                continue;
            const char *kernel = convolve_bytes(level, h, w, weight, image, got);
            if (level == WT_CPU_AVX2)
                assert_non_null(strstr(kernel, cases[k].avx2));
            for (int i = 0; i < h * w * ALONE_OUT; i++)
                if (fabsf(got[i] - want[i]) > 1e-5f * (1 + fabsf(want[i])))
                    fail_msg("%s: %d x %d, weights %g: %g, not %g", kernel, h, w, (double)all,
                             (double)got[i], (double)want[i]);
        }
    }
}

/* A conversion graph that no plan covers must be refused with a message, not run wrongly. */
static void count_errors(void *user, enum wt_log_level level, const char *line)
{
    (void)line;
    *(int *)user += level == WT_LOG_ERROR;
}

static void uncovered_graphs_are_refused(void **state)
{
    (void)state;
    struct wt_graph g;
    struct wt_plan *p = NULL;
    int errors = 0;
    wt_graph_init(&g);
    wt_graph_output(&g, wt_graph_relu(&g, wt_graph_input(&g, 8, 8, 16)));
    struct wt_plan_options o = {1, 1, WT_CPU_C, WT_F32};
    wt_set_log(count_errors, &errors, WT_LOG_INFO);
    assert_int_equal(wt_plan_create(&p, &g, &o), WT_ERR_UNSUPPORTED);
    wt_set_log(NULL, NULL, WT_LOG_INFO);
    assert_null(p);
    assert_int_equal(errors, 1);
    wt_graph_fini(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_equals_interpreter),
        cmocka_unit_test(early_exit_gives_the_same_maps),
        cmocka_unit_test(threads_and_batch_change_no_bit),
        cmocka_unit_test(bf16_is_near),
        cmocka_unit_test(int8_is_near),
        cmocka_unit_test(int8_needs_ranges),
        cmocka_unit_test(auto_takes_what_is_fast),
        cmocka_unit_test(bytes_equal_floats),
        cmocka_unit_test(observers_see_every_input),
        cmocka_unit_test(bytes_of_any_size_and_weight),
        cmocka_unit_test(uncovered_graphs_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
