/* Training: every operation forward and backward against an interpreter in double precision and its
 * central differences, at every CPU level; the same bits for any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tape/tape.h"
#include "unchecked.h"

enum { BATCH = 2, NODES = 64, OUTPUTS = 2 };

/* ---- a graph with every operation, and its parameters ---- */

static float arena[1 << 19];
static size_t used;
static uint64_t rng = 88172645463325252u;

static float uniform(void)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return (float)(rng >> 40) / (float)(1 << 23) - 1;
}

static float *values(size_t count, float middle, float spread)
{
    float *p = arena + used;
    used += count;
    assert_true(used <= sizeof arena / sizeof *arena);
    for (size_t i = 0; i < count; i++)
        p[i] = middle + spread * uniform();
    return p;
}

static int conv(struct wt_graph *g, const char *name, int x, int c, int k, int stride, bool biased)
{
    const int inputs = g->node[x].c;
    const float *w = values((size_t)c * inputs * k * k, 0, 1.5f / sqrtf((float)(inputs * k * k)));
    return wt_graph_conv(g, name, x, c, k, stride, k / 2, w, biased ? values(c, 0, 0.3f) : NULL);
}

static int norm(struct wt_graph *g, const char *name, int x)
{
    const int c = g->node[x].c;
    return wt_graph_batchnorm(g, name, x, values(c, 1, 0.5f), values(c, 0, 0.3f),
                              values(c, 0, 0.1f), values(c, 1, 0.2f), 1e-5f);
}

static int with_coords(struct wt_graph *g, int x, int heat)
{
    int part[3] = {x, wt_graph_coords(g, g->node[x].h, g->node[x].w)}, n = 2;
    if (heat >= 0)
        part[n++] = wt_graph_masked_coords(g, heat, 1, 0.05f);
    return wt_graph_concat(g, part, n);
}

/* Channel counts on and off the edges of vectors and panels. */
static void build(struct wt_graph *g, int size, int c)
{
    wt_graph_init(g);
    used = 0;
    int x = wt_graph_input(g, size, size, 3);
    x = conv(g, "stem", with_coords(g, x, -1), c, 7, 2, true);
    x = wt_graph_relu(g, norm(g, "stem_norm", x));
    int a = wt_graph_relu(g, norm(g, "a_norm", x));
    int y1 = conv(g, "y1", a, c / 2, 3, 1, false);
    int y2 = conv(g, "y2", wt_graph_relu(g, norm(g, "y2_norm", y1)), c - c / 2, 3, 1, false);
    int skip = conv(g, "skip", wt_graph_relu(g, norm(g, "skip_norm", x)), c, 1, 1, false);
    int block = wt_graph_add(g, wt_graph_concat(g, (int[]){y1, y2}, 2), skip);
    int low = conv(g, "low", wt_graph_avgpool2(g, block), c, 3, 1, true);
    int sum = wt_graph_add(g, block, wt_graph_upsample2(g, low));
    int half = conv(g, "half", norm(g, "half_norm", sum), c, 3, 2, true);
    int f = wt_graph_relu(g, norm(g, "f_norm", half));
    int heat = conv(g, "heat", f, 3, 1, 1, true);
    wt_graph_output(g, heat);
    int back = wt_graph_add(g, conv(g, "back", heat, c, 1, 1, true), f);
    int last = conv(g, "last", with_coords(g, back, heat), 5, 1, 1, true);
    wt_graph_output(g, conv(g, "end", wt_graph_relu(g, last), 4, 1, 2, true));
    assert_true(g->output[1] > 0 && g->count <= NODES);
}

/* What is trained, and how its BatchNorms are. */
struct part {
    const char *trained; /* names between blanks; NULL: all */
    bool fixed_norms;
    int weight_grads, data_grads; /* steps of a backward pass */
};
static const struct part whole = {NULL, false, 10, 9};
static const struct part *chosen = &whole;

static bool trains(void *user, const char *node)
{
    char name[64];
    const struct part *p = user;
    snprintf(name, sizeof name, " %s ", node);
    return !p->trained || strstr(p->trained, name);
}

/* ---- interpreter in double precision, whole batch, training mode ---- */

static double *value[NODES], batch_mean[NODES][64], batch_var[NODES][64];

static size_t count_of(const struct wt_node *n)
{
    return (size_t)BATCH * n->h * n->w * n->c;
}

static double *at(const struct wt_graph *g, int node, int image, int i, int j)
{
    const struct wt_node *n = &g->node[node];
    return value[node] + (((size_t)image * n->h + i) * n->w + j) * n->c;
}

UNCHECKED static void run_conv(const struct wt_graph *g, int k, int image, int i, int j)
{
    const struct wt_node *n = &g->node[k], *x = &g->node[n->in[0]];
    const int taps = n->kernel * n->kernel;
    for (int c = 0; c < n->c; c++) {
        double v = n->bias ? (double)n->bias[c] : 0;
        for (int t = 0; t < taps; t++) {
            const int y = i * n->stride + t / n->kernel - n->pad;
            const int z = j * n->stride + t % n->kernel - n->pad;
            if (y < 0 || y >= x->h || z < 0 || z >= x->w)
                continue;
            const double *a = at(g, n->in[0], image, y, z);
            for (int q = 0; q < x->c; q++)
                v += a[q] * (double)n->weight[((size_t)c * x->c + q) * taps + t];
        }
        at(g, k, image, i, j)[c] = v;
    }
}

static void run_norm(const struct wt_graph *g, int k)
{
    const struct wt_node *n = &g->node[k];
    const size_t pixels = count_of(n) / n->c;
    for (int c = 0; c < n->c; c++) {
        const double *x = value[n->in[0]] + c;
        double mean = 0, var = 0;
        const bool fixed = chosen->fixed_norms || !trains((void *)chosen, n->name);
        for (size_t i = 0; i < pixels; i++)
            mean += x[i * n->c] / (double)pixels;
        for (size_t i = 0; i < pixels; i++)
            var += pow(x[i * n->c] - mean, 2) / (double)pixels;
        if (fixed) {
            mean = (double)n->mean[c];
            var = (double)n->var[c];
        }
        for (size_t i = 0; i < pixels; i++)
            value[k][i * n->c + c] =
                (x[i * n->c] - mean) / sqrt(var + (double)n->eps) * (double)n->gamma[c] +
                (double)n->beta[c];
        batch_mean[k][c] = mean;
        batch_var[k][c] = var * (double)pixels / (double)(pixels - 1);
    }
}

static void run_cell(const struct wt_graph *g, int k, int image, int i, int j)
{
    const struct wt_node *n = &g->node[k];
    const int a = n->in[0];
    double *to = at(g, k, image, i, j), row = 2.0 * i / (n->h - 1) - 1,
           column = 2.0 * j / (n->w - 1) - 1;
    for (int c = 0, part = 0, from = 0; c < n->c; c++) {
        switch (n->op) {
        case WT_OP_RELU:
            to[c] = fmax(at(g, a, image, i, j)[c], 0);
            break;
        case WT_OP_ADD:
            to[c] = at(g, a, image, i, j)[c] + at(g, n->in[1], image, i, j)[c];
            break;
        case WT_OP_CONCAT:
            while (c - from >= g->node[n->in[part]].c)
                from += g->node[n->in[part++]].c;
            to[c] = at(g, n->in[part], image, i, j)[c - from];
            break;
        case WT_OP_AVGPOOL2:
            to[c] =
                (at(g, a, image, 2 * i, 2 * j)[c] + at(g, a, image, 2 * i + 1, 2 * j)[c] +
                 at(g, a, image, 2 * i, 2 * j + 1)[c] + at(g, a, image, 2 * i + 1, 2 * j + 1)[c]) /
                4;
            break;
        case WT_OP_UPSAMPLE2:
            to[c] = at(g, a, image, i / 2, j / 2)[c];
            break;
        case WT_OP_COORDS:
            to[c] = c == 0 ? row : c == 1 ? column : sqrt((row * row + column * column) / 2);
            break;
        default: /* masked coordinates */
            to[c] = at(g, a, image, i, j)[n->channel] > (double)n->threshold
                        ? (c == 0 ? row : column)
                        : 0;
        }
    }
}

static void interpret(const struct wt_graph *g)
{
    for (int k = 0; k < g->count; k++) {
        const struct wt_node *n = &g->node[k];
        if (n->op == WT_OP_BATCHNORM)
            run_norm(g, k);
        else if (n->op != WT_OP_INPUT)
            for (int p = 0; p < BATCH * n->h * n->w; p++)
                (n->op == WT_OP_CONV ? run_conv : run_cell)(g, k, p / (n->h * n->w),
                                                            p / n->w % n->h, p % n->w);
    }
}

/* ---- the loss: a fixed weight for each element of the outputs, plus half its square ---- */

static float *factor[OUTPUTS];

static double interpreted_loss(const struct wt_graph *g)
{
    double loss = 0;
    interpret(g);
    for (int k = 0; k < OUTPUTS; k++)
        for (size_t i = 0; i < count_of(&g->node[g->output[k]]); i++) {
            const double v = value[g->output[k]][i];
            loss += v * (double)factor[k][i] + 0.5 * v * v;
        }
    return loss;
}

static void write_grads(struct wt_tape *tape, const struct wt_graph *g)
{
    for (int k = 0; k < OUTPUTS; k++) {
        int stride;
        const float *v = wt_tape_output(tape, k, &stride);
        float *d = wt_tape_output_grad(tape, k);
        const int c = g->node[g->output[k]].c;
        for (size_t i = 0; i < count_of(&g->node[g->output[k]]); i++) {
            const size_t from = i / c * stride + i % c;
            d[from] = factor[k][i] + v[from];
        }
    }
}

static void check_outputs(struct wt_tape *tape, const struct wt_graph *g, double bound)
{
    for (int k = 0; k < OUTPUTS; k++) {
        int stride;
        const float *v = wt_tape_output(tape, k, &stride);
        const int c = g->node[g->output[k]].c;
        for (size_t i = 0; i < count_of(&g->node[g->output[k]]); i++) {
            const double d = (double)v[i / c * stride + i % c] - value[g->output[k]][i];
            if (!(fabs(d) <= bound))
                fail_msg("output %d, element %zu: off by %g", k, i, d);
        }
    }
}

/* The graph's own array that a parameter of the tape came from. */
static float *source_of(const struct wt_graph *g, const char *name, int *node)
{
    for (int i = 0; i < g->count; i++) {
        const struct wt_node *n = &g->node[i];
        const size_t length = strlen(n->name);
        if ((n->op != WT_OP_CONV && n->op != WT_OP_BATCHNORM) ||
            strncmp(name, n->name, length) != 0 || name[length] != '.')
            continue;
        const char *what = name + length + 1;
        *node = i;
        if (!strcmp(what, "running_mean"))
            return (float *)n->mean;
        if (!strcmp(what, "running_var"))
            return (float *)n->var;
        if (!strcmp(what, "bias"))
            return (float *)(n->op == WT_OP_CONV ? n->bias : n->beta);
        return (float *)(n->op == WT_OP_CONV ? n->weight : n->gamma);
    }
    fail_msg("%s is no parameter of the graph", name);
    return NULL;
}

/* Slope of the loss by one number. */
static double difference(const struct wt_graph *g, float *p)
{
    const float old = *p, h = 1.0f / (1 << 19);
    *p = old + h;
    const double up = interpreted_loss(g), high = (double)*p;
    *p = old - h;
    const double down = interpreted_loss(g), low = (double)*p;
    *p = old;
    return (up - down) / (high - low);
}

/* What is not trained stays; so do statistics that are fixed. */
static void check_kept(const struct wt_tape_param *p, const float *from)
{
    float *now = malloc(p->count * sizeof *now);
    assert_non_null(now);
    wt_tape_param_export(p, p->value, now);
    assert_memory_equal(now, from, p->count * sizeof *now);
    free(now);
}

static void check_running(const struct wt_tape_param *p, const float *from, int node)
{
    const double *batch = strstr(p->name, "_mean") ? batch_mean[node] : batch_var[node];
    for (size_t i = 0; i < p->count; i++)
        assert_true(fabs((double)p->value[i] - (0.9 * (double)from[i] + 0.1 * batch[i])) <
                    1e-5 * (1 + fabs(batch[i])));
}

/* Some elements of every parameter; differences are computed once and kept. */
enum { SAMPLES = 6, MOST = 4096 };
static double kept[MOST];

static void check_grads(struct wt_tape *tape, const struct wt_graph *g, bool first)
{
    int at_kept = 0, checked = 0;
    float size = 0;
    for (int i = 0; i < wt_tape_params(tape); i++) {
        const struct wt_tape_param *p = wt_tape_param(tape, i);
        for (size_t k = 0; p->grad && k < p->count; k++)
            size = fmaxf(size, fabsf(p->grad[k])); /* in float: see box_side in metrics.c */
    }
    for (int i = 0; i < wt_tape_params(tape); i++) {
        const struct wt_tape_param *p = wt_tape_param(tape, i);
        int node = 0;
        float *from = source_of(g, p->name, &node), *grad = malloc(p->count * sizeof *grad);
        const bool trained = trains((void *)chosen, g->node[node].name);
        const bool running = strstr(p->name, ".running") != NULL;
        assert_non_null(grad);
        assert_int_equal(p->grad != NULL, trained && !running);
        if (running && trained && !chosen->fixed_norms)
            check_running(p, from, node);
        else if (!p->grad)
            check_kept(p, from);
        if (!p->grad) {
            free(grad);
            continue;
        }
        wt_tape_param_export(p, p->grad, grad);
        for (size_t k = 0; k < p->count; k += p->count / SAMPLES + 1) {
            assert_true(at_kept < MOST);
            if (first)
                kept[at_kept] = difference(g, &from[k]);
            const double want = kept[at_kept++], d = fabs((double)grad[k] - want);
            if (!(d <= 2e-3 * fabs(want) + 2e-5 * size))
                fail_msg("%s[%zu]: gradient %g, difference %g", p->name, k, (double)grad[k], want);
            checked++;
        }
        free(grad);
    }
    assert_true(checked > (chosen->trained ? 10 : 100));
    interpret(g);
}

/* Nothing is computed for what is not trained. */
static void check_steps(const struct wt_tape *tape)
{
    int weight = 0, data = 0;
    for (int i = 0; i < wt_tape_steps(tape); i++) {
        weight += strcmp(wt_tape_step(tape, i).what, "weight gradient") == 0;
        data += strcmp(wt_tape_step(tape, i).what, "data gradient") == 0;
    }
    assert_int_equal(weight, chosen->weight_grads);
    assert_int_equal(data, chosen->data_grads);
}

/* ---- tests ---- */

static struct wt_tape *tape_of(const struct wt_graph *g, int level, int threads, bool bf16)
{
    struct wt_tape *tape = NULL;
    const struct wt_tape_options o = {.batch = BATCH,
                                      .threads = threads,
                                      .level = (enum wt_cpu_level)level,
                                      .bf16 = bf16,
                                      .momentum = 0.1f,
                                      .fixed_norms = chosen->fixed_norms,
                                      .trains = chosen->trained ? trains : NULL,
                                      .user = (void *)chosen};
    assert_int_equal(wt_tape_create(&tape, g, &o), WT_OK);
    return tape;
}

static void start(struct wt_graph *g, int size, int c)
{
    build(g, size, c);
    for (int k = 0; k < g->count; k++)
        value[k] = calloc(count_of(&g->node[k]), sizeof *value[k]);
    for (size_t i = 0; i < count_of(&g->node[0]); i++)
        value[0][i] = (double)(0.5f + 0.5f * uniform());
    for (int k = 0; k < OUTPUTS; k++) {
        const size_t n = count_of(&g->node[g->output[k]]);
        factor[k] = malloc(n * sizeof(float));
        for (size_t i = 0; i < n; i++)
            factor[k][i] = uniform();
    }
}

static void stop(struct wt_graph *g)
{
    for (int k = 0; k < g->count; k++)
        free(value[k]);
    for (int k = 0; k < OUTPUTS; k++)
        free(factor[k]);
    wt_graph_fini(g);
}

static void step(struct wt_tape *tape, const struct wt_graph *g)
{
    float *x = wt_tape_input(tape);
    for (size_t i = 0; i < count_of(&g->node[0]); i++)
        x[i] = (float)value[0][i];
    wt_tape_forward(tape, BATCH);
    write_grads(tape, g);
    wt_tape_backward(tape);
}

static void check_size(int size, int c)
{
    struct wt_graph g;
    bool first = true;
    start(&g, size, c);
    interpret(&g);
    for (int level = 0; level < WT_CPU_LEVELS; level++) {
        if (!wt_cpu_usable((enum wt_cpu_level)level))
            continue;
        struct wt_tape *tape = tape_of(&g, level, 2, false);
        step(tape, &g);
        check_outputs(tape, &g, 1e-4);
        check_grads(tape, &g, first);
        check_steps(tape);
        first = false;
        wt_tape_destroy(&tape);
    }
    stop(&g);
}

static void test_differences(void **state)
{
    check_size(16, 10);
    check_size(24, 37);
}

/* With running statistics; the last layers alone, whose own BatchNorms have the batch's; and a
 * BatchNorm and a convolution in the middle of what is not trained. */
static void test_parts(void **state)
{
    static const struct part parts[] = {
        {NULL, true, 10, 9},
        {" half half_norm f_norm heat back last end ", false, 5, 5},
        {" half half_norm f_norm heat back last end ", true, 5, 5},
        {" y2_norm low ", true, 1, 7},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        chosen = &parts[i];
        check_size(16, 10);
    }
    chosen = &whole;
}

/* Two steps with each number of threads: outputs, gradients and running statistics. */
static void check_threads(int size, int c, int level, bool bf16)
{
    struct wt_graph g;
    struct wt_tape *tape[3] = {NULL};
    start(&g, size, c);
    for (int k = 0; k < 3; k++) {
        tape[k] = tape_of(&g, level, (int[]){1, 2, 5}[k], bf16);
        step(tape[k], &g);
        step(tape[k], &g);
    }
    for (int i = 0; i < wt_tape_params(tape[0]); i++) {
        const struct wt_tape_param *p = wt_tape_param(tape[0], i);
        for (int k = 1; k < 3; k++) {
            const struct wt_tape_param *q = wt_tape_param(tape[k], i);
            const size_t bytes = p->count * sizeof(float);
            assert_memory_equal(p->value, q->value, bytes);
            if (p->grad)
                assert_memory_equal(p->grad, q->grad, bytes);
        }
    }
    for (int k = 0; k < 3; k++)
        wt_tape_destroy(&tape[k]);
    stop(&g);
}

static void test_threads(void **state)
{
    for (int level = 0; level < WT_CPU_LEVELS; level++)
        for (int bf16 = 0; bf16 < 2 && wt_cpu_usable((enum wt_cpu_level)level); bf16++)
            check_threads(32, 36, level, bf16 != 0);
}

/* So many channels that a share of a weight gradient is taken in stretches. The level of plain C
 * takes as long as all others together. */
static void test_stretches(void **state)
{
    for (int level = WT_CPU_C + 1; level < WT_CPU_LEVELS; level++)
        if (wt_cpu_usable((enum wt_cpu_level)level))
            check_threads(64, 100, level, false);
}

/* bfloat16 against float32: gradients of all parameters together point the same way. */
static void test_bf16(void **state)
{
    struct wt_graph g;
    int levels = 0;
    start(&g, 32, 36);
    struct wt_tape *exact = tape_of(&g, WT_CPU_C, 2, false);
    step(exact, &g);
    for (int level = 0; level < WT_CPU_LEVELS; level++) {
        if (!wt_cpu_usable((enum wt_cpu_level)level))
            continue;
        struct wt_tape *tape = tape_of(&g, level, 2, true);
        double d = 0, s = 0;
        step(tape, &g);
        for (int i = 0; i < wt_tape_params(tape); i++) {
            const struct wt_tape_param *p = wt_tape_param(exact, i), *q = wt_tape_param(tape, i);
            for (size_t k = 0; p->grad && k < p->count; k++) {
                d += pow((double)p->grad[k] - q->grad[k], 2);
                s += pow(p->grad[k], 2);
            }
        }
        print_message("%s: bf16 gradients off by %.2g\n",
                      wt_cpu_level_name((enum wt_cpu_level)level), sqrt(d / s));
        assert_true(sqrt(d / s) < 0.12);
        wt_tape_destroy(&tape);
        levels++;
    }
    assert_true(levels > 0);
    wt_tape_destroy(&exact);
    stop(&g);
}

static void test_bad(void **state)
{
    struct wt_graph g;
    start(&g, 16, 10);
    struct wt_tape *tape = tape_of(&g, (int)wt_cpu_get()->level, 2, false);
    step(tape, &g);
    assert_null(wt_tape_first_bad(tape));
    for (int i = 0; i < wt_tape_params(tape); i++)
        if (!strcmp(wt_tape_param(tape, i)->name, "y1.weight"))
            wt_tape_param(tape, i)->value[3] = NAN;
    step(tape, &g);
    assert_string_equal(wt_tape_first_bad(tape), "y2_norm");
    wt_tape_destroy(&tape);
    stop(&g);
}

static void test_unsupported(void **state)
{
    struct wt_graph g;
    wt_graph_init(&g);
    used = 0;
    int x = wt_graph_input(&g, 8, 8, 3);
    const float *w = values(3 * 3 * 3 * 3, 0, 1);
    wt_graph_output(&g, wt_graph_conv(&g, "valid", x, 3, 3, 1, 0, w, NULL));
    struct wt_tape *tape = NULL;
    const struct wt_tape_options o = {.batch = 1, .threads = 1, .momentum = 0.1f};
    assert_int_equal(wt_tape_create(&tape, &g, &o), WT_ERR_UNSUPPORTED);
    assert_null(tape);
    wt_graph_fini(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_differences), cmocka_unit_test(test_parts),
        cmocka_unit_test(test_threads),     cmocka_unit_test(test_stretches),
        cmocka_unit_test(test_bf16),        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_unsupported)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
