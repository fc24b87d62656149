/* Fields and operators: onnx/onnx.proto3 and docs/Operators.md of the ONNX project, opset 13. */
#include "net/onnx.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/onnx_fields.h"
#include "net/protobuf.h"
#include "weights/file.h"

#define NAME_SIZE 96

/* Numbers are written from where they lie: they may be a hundred megabytes. */
struct initializer {
    size_t end; /* of its bytes in `heads` */
    const void *data;
    size_t size;
};

struct export
{
    const struct wt_graph *g;
    int batch;
    struct wt_protobuf nodes, heads;
    struct initializer *initializer;
    size_t initializers;
    void **owned; /* numbers made here */
    size_t owneds;
    bool failed;
};

/* ---- initializers -------------------------------------------------------------------------- */

static void *grown(void *array, size_t count, size_t size)
{
    if (count & (count - 1))
        return array;
    return reallocarray(array, count ? 2 * count : 1, size);
}

/* Memory that lives until the file is written; NULL marks the export as failed. */
static void *own(struct export *e, size_t size)
{
    void **array = grown(e->owned, e->owneds, sizeof *array);
    void *p = array ? calloc(1, size) : NULL;
    if (array)
        e->owned = array;
    if (!p) {
        e->failed = true;
        return NULL;
    }
    return e->owned[e->owneds++] = p;
}

static void add_initializer(struct export *e, const char *name, int type, int dims,
                            const int64_t *shape, const void *data)
{
    struct wt_protobuf body = {0};
    struct initializer *array = grown(e->initializer, e->initializers, sizeof *array);
    size_t size = type == TYPE_FLOAT ? sizeof(float) : sizeof(int64_t);

    if (!array) {
        e->failed = true;
        return;
    }
    e->initializer = array;
    for (int i = 0; i < dims; i++) {
        wt_protobuf_int(&body, TENSOR_DIMS, shape[i]);
        size *= (size_t)shape[i];
    }
    wt_protobuf_int(&body, TENSOR_TYPE, type);
    wt_protobuf_text(&body, TENSOR_NAME, name);
    wt_protobuf_head(&body, TENSOR_RAW, size);
    if (body.failed || !data) {
        e->failed = true;
    } else { /* the message's length counts the numbers that will follow */
        struct wt_protobuf *h = &e->heads;
        wt_protobuf_head(h, GRAPH_INITIALIZER, body.size + size);
        wt_protobuf_raw(h, body.bytes, body.size);
        array[e->initializers++] = (struct initializer){h->size, data, size};
    }
    wt_protobuf_fini(&body);
}

static void add_floats(struct export *e, const char *node, const char *suffix, int dims,
                       const int64_t *shape, const float *data)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s", node, suffix);
    add_initializer(e, name, TYPE_FLOAT, dims, shape, data);
}

static void add_int64s(struct export *e, const char *name, int64_t count, const int64_t *values)
{
    int64_t *copy = own(e, (size_t)count * sizeof *copy);
    if (!copy)
        return;
    memcpy(copy, values, (size_t)count * sizeof *copy);
    add_initializer(e, name, TYPE_INT64, 1, &count, copy);
}

static void add_scalar(struct export *e, const char *name, float value)
{
    float *copy = own(e, sizeof *copy);
    if (!copy)
        return;
    *copy = value;
    add_initializer(e, name, TYPE_FLOAT, 0, NULL, copy);
}

/* ---- nodes --------------------------------------------------------------------------------- */

/* inputs: names with blanks between; "-" is one left out. Leaves the node open for attributes. */
static size_t open_node(struct export *e, const char *op, const char *inputs, const char *output)
{
    struct wt_protobuf *p = &e->nodes;
    size_t node = wt_protobuf_open(p, GRAPH_NODE);
    while (*inputs) {
        size_t n = strcspn(inputs, " ");
        wt_protobuf_bytes(p, NODE_INPUT, inputs, n == 1 && *inputs == '-' ? 0 : n);
        inputs += n + (inputs[n] != 0);
    }
    wt_protobuf_text(p, NODE_OUTPUT, output);
    wt_protobuf_text(p, NODE_NAME, output);
    wt_protobuf_text(p, NODE_OP, op);
    return node;
}

static void close_node(struct export *e, size_t node)
{
    wt_protobuf_close(&e->nodes, node);
}

static void plain_node(struct export *e, const char *op, const char *inputs, const char *output)
{
    close_node(e, open_node(e, op, inputs, output));
}

static size_t open_attribute(struct export *e, const char *name, int type)
{
    size_t attribute = wt_protobuf_open(&e->nodes, NODE_ATTRIBUTE);
    wt_protobuf_text(&e->nodes, ATTRIBUTE_NAME, name);
    wt_protobuf_int(&e->nodes, ATTRIBUTE_TYPE, type);
    return attribute;
}

static void attribute_int(struct export *e, const char *name, int64_t value)
{
    size_t a = open_attribute(e, name, IS_INT);
    wt_protobuf_int(&e->nodes, ATTRIBUTE_I, value);
    wt_protobuf_close(&e->nodes, a);
}

static void attribute_float(struct export *e, const char *name, float value)
{
    size_t a = open_attribute(e, name, IS_FLOAT);
    wt_protobuf_float(&e->nodes, ATTRIBUTE_F, value);
    wt_protobuf_close(&e->nodes, a);
}

static void attribute_text(struct export *e, const char *name, const char *value)
{
    size_t a = open_attribute(e, name, IS_STRING);
    wt_protobuf_text(&e->nodes, ATTRIBUTE_S, value);
    wt_protobuf_close(&e->nodes, a);
}

/* The same number n times: sizes and paddings here are square. */
static void attribute_ints(struct export *e, const char *name, int n, int64_t value)
{
    size_t a = open_attribute(e, name, IS_INTS);
    for (int i = 0; i < n; i++)
        wt_protobuf_int(&e->nodes, ATTRIBUTE_INTS, value);
    wt_protobuf_close(&e->nodes, a);
}

/* Name of a node's value: the checkpoint's name for it and its number, which makes it unique. */
static const char *value_name(const struct export *e, int i, char name[NAME_SIZE])
{
    const struct wt_node *n = &e->g->node[i];
    for (int k = 0; k < e->g->outputs; k++)
        if (e->g->output[k] == i) {
            snprintf(name, NAME_SIZE, "heatmaps_%d", k);
            return name;
        }
    if (n->op == WT_OP_INPUT)
        snprintf(name, NAME_SIZE, "image");
    else
        snprintf(name, NAME_SIZE, "%s_%d", n->name, i);
    return name;
}

static void emit_conv(struct export *e, const struct wt_node *n, const char *x, const char *out)
{
    const int64_t weight[] = {n->c, e->g->node[n->in[0]].c, n->kernel, n->kernel}, bias[] = {n->c};
    char inputs[4 * NAME_SIZE];
    size_t node;
    snprintf(inputs, sizeof inputs, n->bias ? "%s %s.weight %s.bias" : "%s %s.weight", x, n->name,
             n->name);
    add_floats(e, n->name, "weight", 4, weight, n->weight);
    if (n->bias)
        add_floats(e, n->name, "bias", 1, bias, n->bias);
    node = open_node(e, "Conv", inputs, out);
    attribute_ints(e, "kernel_shape", 2, n->kernel);
    attribute_ints(e, "strides", 2, n->stride);
    attribute_ints(e, "pads", 4, n->pad);
    close_node(e, node);
}

static void emit_batchnorm(struct export *e, const struct wt_node *n, const char *x,
                           const char *out)
{
    const struct {
        const char *suffix;
        const float *data;
    } part[] = {{"weight", n->gamma},
                {"bias", n->beta},
                {"running_mean", n->mean},
                {"running_var", n->var}};
    const int64_t shape[] = {n->c};
    char inputs[6 * NAME_SIZE];
    size_t node, used = (size_t)snprintf(inputs, sizeof inputs, "%s", x);
    for (int i = 0; i < 4; i++) {
        add_floats(e, n->name, part[i].suffix, 1, shape, part[i].data);
        used += (size_t)snprintf(inputs + used, sizeof inputs - used, " %s.%s", n->name,
                                 part[i].suffix);
    }
    node = open_node(e, "BatchNormalization", inputs, out);
    attribute_float(e, "epsilon", n->eps);
    close_node(e, node);
}

static void emit_avgpool(struct export *e, const struct wt_node *n, const char *x, const char *out)
{
    size_t node = open_node(e, "AveragePool", x, out);
    attribute_ints(e, "kernel_shape", 2, 2);
    attribute_ints(e, "strides", 2, 2);
    close_node(e, node);
}

static void emit_upsample(struct export *e, const struct wt_node *n, const char *x, const char *out)
{
    char inputs[2 * NAME_SIZE];
    size_t node;
    snprintf(inputs, sizeof inputs, "%s - upsample.scales", x);
    node = open_node(e, "Resize", inputs, out);
    attribute_text(e, "mode", "nearest");
    attribute_text(e, "coordinate_transformation_mode", "asymmetric");
    attribute_text(e, "nearest_mode", "floor");
    close_node(e, node);
}

static void emit_concat(struct export *e, const struct wt_node *n, const char *x, const char *out)
{
    size_t node = open_node(e, "Concat", x, out);
    attribute_int(e, "axis", 1);
    close_node(e, node);
}

static void emit_relu(struct export *e, const struct wt_node *n, const char *x, const char *out)
{
    plain_node(e, "Relu", x, out);
}

static void emit_add(struct export *e, const struct wt_node *n, const char *x, const char *out)
{
    plain_node(e, "Add", x, out);
}

/* Coordinates are one image's; a batch needs copies, as many as the input has. */
static void emit_coords(struct export *e, const struct wt_node *n, const char *x, const char *out)
{
    char inputs[2 * NAME_SIZE];
    if (e->batch == 1) {
        snprintf(inputs, sizeof inputs, "coords_%dx%d", n->h, n->w);
        plain_node(e, "Identity", inputs, out);
    } else {
        snprintf(inputs, sizeof inputs, "coords_%dx%d coords_copies", n->h, n->w);
        plain_node(e, "Expand", inputs, out);
    }
}

static void emit_masked_coords(struct export *e, const struct wt_node *n, const char *x,
                               const char *out)
{
    char inputs[3 * NAME_SIZE], step[4][NAME_SIZE], name[NAME_SIZE];
    static const char *const suffix[] = {"slice", "clip", "greater", "cast"};
    const int64_t channel = n->channel, next = channel + 1;
    size_t node;

    for (int i = 0; i < 4; i++)
        snprintf(step[i], sizeof step[i], "%.70s.%s", out, suffix[i]);
    snprintf(name, sizeof name, "%.70s.start", out);
    add_int64s(e, name, 1, &channel);
    snprintf(name, sizeof name, "%.70s.end", out);
    add_int64s(e, name, 1, &next);
    snprintf(name, sizeof name, "%.70s.threshold", out);
    add_scalar(e, name, n->threshold);

    snprintf(inputs, sizeof inputs, "%s %.70s.start %.70s.end mask.axis", x, out, out);
    plain_node(e, "Slice", inputs, step[0]);
    snprintf(inputs, sizeof inputs, "%s mask.low mask.high", step[0]);
    plain_node(e, "Clip", inputs, step[1]);
    snprintf(inputs, sizeof inputs, "%s %.70s.threshold", step[1], out);
    plain_node(e, "Greater", inputs, step[2]);
    node = open_node(e, "Cast", step[2], step[3]);
    attribute_int(e, "to", TYPE_FLOAT);
    close_node(e, node);
    snprintf(inputs, sizeof inputs, "%s plane_%dx%d", step[3], n->h, n->w);
    plain_node(e, "Mul", inputs, out);
}

static void (*const emitters[])(struct export *e, const struct wt_node *n, const char *inputs,
                                const char *out) = {
    [WT_OP_INPUT] = NULL,
    [WT_OP_CONV] = emit_conv,
    [WT_OP_BATCHNORM] = emit_batchnorm,
    [WT_OP_RELU] = emit_relu,
    [WT_OP_ADD] = emit_add,
    [WT_OP_CONCAT] = emit_concat,
    [WT_OP_AVGPOOL2] = emit_avgpool,
    [WT_OP_UPSAMPLE2] = emit_upsample,
    [WT_OP_COORDS] = emit_coords,
    [WT_OP_MASKED_COORDS] = emit_masked_coords,
};

/* ---- constants that several nodes share ---------------------------------------------------- */

static bool has_op(const struct wt_graph *g, enum wt_op op)
{
    for (int i = 0; i < g->count; i++)
        if (g->node[i].op == op)
            return true;
    return false;
}

/* Is node i the first of its operation and size? */
static bool first_of_size(const struct wt_graph *g, int i)
{
    for (int k = 0; k < i; k++)
        if (g->node[k].op == g->node[i].op && g->node[k].h == g->node[i].h &&
            g->node[k].w == g->node[i].w)
            return false;
    return true;
}

/* Planes of row, column and, for three, radius: docs of WT_OP_COORDS in graph.h. */
static void add_planes(struct export *e, const char *prefix, int planes, int h, int w)
{
    const int64_t shape[] = {1, planes, h, w};
    const size_t plane = (size_t)h * (size_t)w;
    float *p = own(e, (size_t)planes * plane * sizeof *p);
    char name[NAME_SIZE];
    if (!p)
        return;
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++) {
            const size_t at = (size_t)i * (size_t)w + (size_t)j;
            const double row = h > 1 ? -1 + 2.0 * i / (h - 1) : -1;
            const double column = w > 1 ? -1 + 2.0 * j / (w - 1) : -1;
            p[at] = (float)row;
            p[plane + at] = (float)column;
            if (planes == 3) /* the largest radius is a corner's */
                p[2 * plane + at] = (float)(sqrt(row * row + column * column) / sqrt(2.0));
        }
    snprintf(name, sizeof name, "%s_%dx%d", prefix, h, w);
    add_initializer(e, name, TYPE_FLOAT, 4, shape, p);
}

/* The shape to which Expand brings coordinates: [N,1,1,1], whose ones adapt to the other side. */
static void add_copies(struct export *e)
{
    const int64_t fixed[] = {e->batch, 1, 1, 1}, zero = 0, one = 1, ones[] = {1, 1, 1};
    size_t node;
    if (e->batch > 0) {
        add_int64s(e, "coords_copies", 4, fixed);
        return;
    }
    add_int64s(e, "copies.zero", 1, &zero);
    add_int64s(e, "copies.one", 1, &one);
    add_int64s(e, "copies.ones", 3, ones);
    plain_node(e, "Shape", "image", "copies.shape");
    plain_node(e, "Slice", "copies.shape copies.zero copies.one", "copies.batch");
    node = open_node(e, "Concat", "copies.batch copies.ones", "coords_copies");
    attribute_int(e, "axis", 0);
    close_node(e, node);
}

static void add_constants(struct export *e)
{
    static const float scales[] = {1, 1, 2, 2};
    static const int64_t four[] = {4}, channels = 1;
    if (has_op(e->g, WT_OP_UPSAMPLE2))
        add_initializer(e, "upsample.scales", TYPE_FLOAT, 1, four, scales);
    if (has_op(e->g, WT_OP_COORDS) && e->batch != 1)
        add_copies(e);
    if (has_op(e->g, WT_OP_MASKED_COORDS)) {
        add_int64s(e, "mask.axis", 1, &channels);
        add_scalar(e, "mask.low", 0);
        add_scalar(e, "mask.high", 1);
    }
    for (int i = 0; i < e->g->count; i++) {
        const struct wt_node *n = &e->g->node[i];
        if (n->op == WT_OP_COORDS && first_of_size(e->g, i))
            add_planes(e, "coords", 3, n->h, n->w);
        if (n->op == WT_OP_MASKED_COORDS && first_of_size(e->g, i))
            add_planes(e, "plane", 2, n->h, n->w);
    }
}

/* ---- file ---------------------------------------------------------------------------------- */

static void add_value(const struct export *e, struct wt_protobuf *p, int field, int i)
{
    const struct wt_node *n = &e->g->node[i];
    const int64_t size[] = {e->batch, n->c, n->h, n->w};
    char name[NAME_SIZE];
    size_t value = wt_protobuf_open(p, field), type, tensor, shape, dim;
    wt_protobuf_text(p, VALUE_NAME, value_name(e, i, name));
    type = wt_protobuf_open(p, VALUE_TYPE);
    tensor = wt_protobuf_open(p, TYPE_TENSOR);
    wt_protobuf_int(p, TENSOR_TYPE_ELEMENT, TYPE_FLOAT);
    shape = wt_protobuf_open(p, TENSOR_TYPE_SHAPE);
    for (int k = 0; k < 4; k++) {
        dim = wt_protobuf_open(p, SHAPE_DIM);
        if (size[k])
            wt_protobuf_int(p, DIM_VALUE, size[k]);
        else
            wt_protobuf_text(p, DIM_NAME, "N");
        wt_protobuf_close(p, dim);
    }
    wt_protobuf_close(p, shape);
    wt_protobuf_close(p, tensor);
    wt_protobuf_close(p, type);
    wt_protobuf_close(p, value);
}

static void add_nodes(struct export *e)
{
    char name[NAME_SIZE], inputs[WT_NODE_INPUTS * NAME_SIZE];
    for (int i = 0; i < e->g->count; i++) {
        const struct wt_node *n = &e->g->node[i];
        size_t used = 0;
        inputs[0] = 0;
        for (int k = 0; k < n->inputs; k++)
            used += (size_t)snprintf(inputs + used, sizeof inputs - used, "%s%s", k ? " " : "",
                                     value_name(e, n->in[k], name));
        if (emitters[n->op])
            emitters[n->op](e, n, inputs, value_name(e, i, name));
        else
            add_value(e, &e->nodes, GRAPH_INPUT, i);
    }
    for (int k = 0; k < e->g->outputs; k++)
        add_value(e, &e->nodes, GRAPH_OUTPUT, e->g->output[k]);
    wt_protobuf_text(&e->nodes, GRAPH_NAME, "wingtip");
}

/* What comes before the graph's bytes. */
static void model_head(struct wt_protobuf *p, const struct wt_weights *w, uint64_t graph_size)
{
    size_t opset;
    wt_protobuf_int(p, MODEL_IR_VERSION, IR_VERSION);
    wt_protobuf_text(p, MODEL_PRODUCER, "wingtip");
    wt_protobuf_text(p, MODEL_PRODUCER_VERSION, WT_VERSION);
    opset = wt_protobuf_open(p, MODEL_OPSET);
    wt_protobuf_text(p, OPSET_DOMAIN, "");
    wt_protobuf_int(p, OPSET_VERSION, OPSET);
    wt_protobuf_close(p, opset);
    for (size_t i = 0; w && i < w->metas; i++) {
        size_t property = wt_protobuf_open(p, MODEL_METADATA);
        wt_protobuf_text(p, PROPERTY_KEY, w->meta[i].key);
        wt_protobuf_text(p, PROPERTY_VALUE, w->meta[i].value);
        wt_protobuf_close(p, property);
    }
    wt_protobuf_head(p, MODEL_GRAPH, graph_size);
}

static enum wt_status write_file(const struct export *e, const struct wt_protobuf *head,
                                 const char *path)
{
    struct wt_file_writer file;
    size_t at = 0;
    enum wt_status status = wt_file_writer_init(&file, path);
    if (status)
        return status;
    wt_file_writer_put(&file, head->bytes, head->size);
    wt_file_writer_put(&file, e->nodes.bytes, e->nodes.size);
    for (size_t i = 0; i < e->initializers; i++) {
        const struct initializer *n = &e->initializer[i];
        wt_file_writer_put(&file, e->heads.bytes + at, n->end - at);
        wt_file_writer_put(&file, n->data, n->size);
        at = n->end;
    }
    status = wt_file_writer_commit(&file);
    wt_file_writer_fini(&file);
    return status;
}

enum wt_status wt_onnx_export(const struct wt_graph *g, const struct wt_weights *w, int batch,
                              const char *path)
{
    struct export e = {.g = g, .batch = batch};
    struct wt_protobuf head = {0};
    enum wt_status status;
    uint64_t size;

    assert(batch >= 0);
    add_constants(&e);
    add_nodes(&e);
    size = e.nodes.size + e.heads.size;
    for (size_t i = 0; i < e.initializers; i++)
        size += e.initializer[i].size;
    model_head(&head, w, size);
    if (e.failed || e.nodes.failed || e.heads.failed || head.failed)
        status = wt_fail(WT_ERR_MEMORY, "%s: no memory for the export", path);
    else
        status = write_file(&e, &head, path);
    for (size_t i = 0; i < e.owneds; i++)
        free(e.owned[i]);
    free(e.owned);
    free(e.initializer);
    wt_protobuf_fini(&e.nodes);
    wt_protobuf_fini(&e.heads);
    wt_protobuf_fini(&head);
    return status;
}
