/* wingtip model info|import|export: weights files looked at and converted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "checksum.h"
#include "file.h"
#include "hourglass.h"
#include "json.h"
#include "onnx.h"
#include "options_table.h"
#include "scheme.h"
#include "status.h"

/* A weights file, read whole: safetensors or a PyTorch checkpoint. */
struct model {
    struct wt_weights *weights;
    struct wt_arch arch;
    const char *format;
    bool pytorch;
    size_t size;
    char sha256[WT_SHA256_SIZE];
};

static void model_fini(struct model *m)
{
    wt_weights_destroy(&m->weights);
}

static enum wt_status model_init(struct model *m, const char *path)
{
    const size_t limit = (size_t)2 << 30;
    uint8_t *bytes = NULL;
    enum wt_status status;

    *m = (struct model){0};
    status = wt_file_read(path, limit, &bytes, &m->size);
    if (status)
        return status;
    /* A safetensors file starts with the size of its header, which is below 2^24. */
    if (m->size >= 4 && (bytes[0] == 0x80 || memcmp(bytes, "PK\3\4", 4) == 0) &&
        (m->size < 8 || memcmp(bytes + 3, "\0\0\0\0\0", 5) != 0)) {
        m->pytorch = true;
        m->format = bytes[0] == 0x80 ? "PyTorch checkpoint (stream)" : "PyTorch checkpoint (zip)";
        status = wt_weights_parse_pth(&m->weights, bytes, m->size, path);
    } else {
        m->format = "safetensors";
        status = wt_weights_parse(&m->weights, bytes, m->size, path);
    }
    if (!status && !(m->weights->path = strdup(path)))
        status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    if (!status)
        status = wt_arch_from_weights(m->weights, &m->arch);
    if (!status)
        wt_sha256(bytes, m->size, m->sha256);
    free(bytes);
    if (status)
        model_fini(m);
    return status;
}

/* Numbers that training learns; running statistics are none. */
static size_t parameters(const struct wt_weights *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->count; i++)
        if (!strstr(w->tensor[i].name, ".running_"))
            n += w->tensor[i].count;
    return n;
}

static const char *storage_name(const struct wt_weights *w)
{
    static const char *const name[] = {"",    "F32",         "BF16",         "F32 and BF16",
                                       "F16", "F32 and F16", "BF16 and F16", "F32, BF16 and F16"};
    static const unsigned bit[] = {[WT_STORE_F32] = 1, [WT_STORE_BF16] = 2, [WT_STORE_F16] = 4};
    unsigned found = 0;
    for (size_t i = 0; i < w->count; i++)
        found |= bit[w->tensor[i].storage];
    return name[found];
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Writing over the file that is being read would lose it. */
static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int refuse_same(const char *in, const char *out)
{
    if (!same_file(in, out))
        return 0;
    wt_fail(WT_ERR_ARGUMENT, "%s: input and output are the same file", out);
    return 2;
}

static void report_written(const char *path, const struct wt_arch *arch)
{
    struct stat st;
    double size = stat(path, &st) == 0 ? (double)st.st_size * 1e-6 : 0;
    printf("%s: %d stack%s of width %d, %d points; %.1f MB\n", path, arch->stacks,
           arch->stacks == 1 ? "" : "s", arch->width, arch->points, size);
}

/* ---- info ---------------------------------------------------------------------------------- */

struct info {
    const char *file, *json;
};

static const struct wt_option info_options[] = {
    {WT_OPTION_POSITIONAL, "FILE", 0, offsetof(struct info, file), NULL,
     "weights (safetensors), or a PyTorch checkpoint", .required = true},
    {WT_OPTION_STRING, "--json", 0, offsetof(struct info, json), "FILE",
     "write the facts as JSON; -: to standard output, instead of the text"},
    {.name = NULL},
};

/* Metadata in the order in which a reader wants it; the network's own numbers are not among them,
 * for they are read off the tensors. */
static const struct {
    const char *key, *label;
    bool always; /* its absence is news */
} facts[] = {
    {"name", "name", false},
    {"scheme", "scheme", false},
    {"label_style", "label style", false},
    {"licence", "licence", true},
    {"trained_on", "trained on", true},
    {"trainer", "trainer", false},
    {"recipe", "recipe", false},
    {"crop_factor", "crop factor", false},
    {"nme", "measured NME", true},
    {"source", "imported from", false},
};

/* A file's text must not command the terminal. */
static void print_row(const char *label, const char *text)
{
    printf("%-13s  ", label);
    for (; *text; text++)
        putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
    putchar('\n');
}

static void print_info(const struct model *m, const char *path)
{
    print_row("file", path);
    printf("%-13s  %s, %s, %zu bytes\n", "format", m->format, storage_name(m->weights), m->size);
    print_row("sha256", m->sha256);
    printf("%-13s  %d stack%s of width %d, %d points, %zu parameters\n", "network", m->arch.stacks,
           m->arch.stacks == 1 ? "" : "s", m->arch.width, m->arch.points, parameters(m->weights));
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const char *value = wt_weights_get_meta(m->weights, facts[i].key);
        const struct wt_scheme *scheme = wt_scheme_get(m->arch.points);
        if (!value && strcmp(facts[i].key, "scheme") == 0 && scheme)
            value = scheme->name;
        if (value || facts[i].always)
            print_row(facts[i].label, value ? value : "not stated");
    }
}

static enum wt_status json_info(const struct model *m, const char *path, const char *out)
{
    cJSON *o = cJSON_CreateObject(), *meta;
    cJSON_AddStringToObject(o, "file", path);
    cJSON_AddStringToObject(o, "format", m->format);
    cJSON_AddStringToObject(o, "dtype", storage_name(m->weights));
    cJSON_AddNumberToObject(o, "bytes", (double)m->size);
    cJSON_AddStringToObject(o, "sha256", m->sha256);
    cJSON_AddNumberToObject(o, "stacks", m->arch.stacks);
    cJSON_AddNumberToObject(o, "width", m->arch.width);
    cJSON_AddNumberToObject(o, "points", m->arch.points);
    cJSON_AddNumberToObject(o, "parameters", (double)parameters(m->weights));
    meta = cJSON_AddObjectToObject(o, "metadata");
    for (size_t i = 0; i < m->weights->metas; i++)
        cJSON_AddStringToObject(meta, m->weights->meta[i].key, m->weights->meta[i].value);
    return wt_json_write(o, out);
}

static int run_info(void *settings)
{
    const struct info *s = settings;
    struct model m;
    enum wt_status status = model_init(&m, s->file);
    if (status)
        return wt_exit_status(status);
    if (s->json)
        status = json_info(&m, s->file, s->json);
    if (!s->json || (!status && strcmp(s->json, "-") != 0))
        print_info(&m, s->file);
    model_fini(&m);
    return wt_exit_status(status);
}

/* ---- import -------------------------------------------------------------------------------- */

struct import {
    const char *in, *out, *name, *licence, *trained_on;
    bool bf16;
};

#define AT(field) offsetof(struct import, field)
static const struct wt_option import_options[] = {
    {WT_OPTION_POSITIONAL, "IN.pth", 0, AT(in), NULL,
     "PyTorch checkpoint, either serialisation (or weights, to state more about them)",
     .required = true},
    {WT_OPTION_POSITIONAL, "OUT.safetensors", 0, AT(out), NULL, "weights file to write",
     .required = true},
    {WT_OPTION_STRING, "--name", 0, AT(name), "TEXT", "what the network is called"},
    {WT_OPTION_STRING, "--licence", 0, AT(licence), "TEXT", "what the weights may be used for"},
    {WT_OPTION_STRING, "--trained-on", 0, AT(trained_on), "TEXT", "training data"},
    {WT_OPTION_FLAG, "--bf16", 0, AT(bf16), NULL,
     "store convolutions as bfloat16: half the size, three significant digits"},
    {.name = NULL},
};
#undef AT

static enum wt_status set_number(struct wt_weights *w, const char *key, int value)
{
    char text[16];
    snprintf(text, sizeof text, "%d", value);
    return wt_weights_set_meta(w, key, text);
}

static enum wt_status set_facts(struct model *m, const struct import *s)
{
    const struct wt_scheme *scheme = wt_scheme_get(m->arch.points);
    const struct {
        const char *key, *value;
    } texts[] = {
        {"name", s->name},
        {"scheme", scheme ? scheme->name : NULL},
        {"source", m->pytorch ? base_name(s->in) : NULL},
        {"licence", s->licence},
        {"trained_on", s->trained_on},
    };
    enum wt_status status = set_number(m->weights, "stacks", m->arch.stacks);
    if (!status)
        status = set_number(m->weights, "width", m->arch.width);
    if (!status)
        status = set_number(m->weights, "points", m->arch.points);
    if (!status)
        status = set_number(m->weights, "input", WT_INPUT_SIZE);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !status; i++)
        if (texts[i].value) /* what the file says already stays */
            status = wt_weights_set_meta(m->weights, texts[i].key, texts[i].value);
    return status;
}

static int run_import(void *settings)
{
    const struct import *s = settings;
    struct model m = {0};
    enum wt_status status;
    if (refuse_same(s->in, s->out))
        return 2;
    status = model_init(&m, s->in);
    if (!status)
        status = set_facts(&m, s);
    /* BatchNorm's vectors are small and sensitive: they stay as they are. */
    for (size_t i = 0; !status && s->bf16 && i < m.weights->count; i++)
        if (m.weights->tensor[i].dims > 1)
            m.weights->tensor[i].storage = WT_STORE_BF16;
    if (!status)
        status = wt_weights_save(m.weights, s->out);
    if (!status)
        report_written(s->out, &m.arch);
    model_fini(&m);
    return wt_exit_status(status);
}

/* ---- export -------------------------------------------------------------------------------- */

struct export
{
    const char *in, *out;
    int batch;
};

static const struct wt_option export_options[] = {
    {WT_OPTION_POSITIONAL, "IN", 0, offsetof(struct export, in), NULL,
     "weights (safetensors), or a PyTorch checkpoint", .required = true},
    {WT_OPTION_POSITIONAL, "OUT.onnx", 0, offsetof(struct export, out), NULL, "ONNX file to write",
     .required = true},
    {WT_OPTION_INT, "--batch", 0, offsetof(struct export, batch), "N",
     "images in one pass; 0: whoever runs it chooses", 0, 1024},
    {.name = NULL},
};

static void export_defaults(void *settings)
{
    ((struct export *)settings)->batch = 1;
}

static int run_export(void *settings)
{
    const struct export *s = settings;
    struct model m = {0};
    struct wt_graph graph;
    enum wt_status status;
    if (refuse_same(s->in, s->out))
        return 2;
    wt_graph_init(&graph);
    status = model_init(&m, s->in);
    if (!status)
        status = wt_hourglass_graph(m.weights, &graph);
    if (!status)
        status = wt_onnx_export(&graph, m.weights, s->batch, s->out);
    if (!status)
        report_written(s->out, &m.arch);
    wt_graph_fini(&graph);
    model_fini(&m);
    return wt_exit_status(status);
}

/* ---- words --------------------------------------------------------------------------------- */

static const struct wt_command words[] = {
    {.name = "model info",
     .summary = "tells what a weights file holds",
     .option = info_options,
     .settings_size = sizeof(struct info),
     .run = run_info},
    {.name = "model import",
     .summary = "makes a weights file from a PyTorch checkpoint",
     .details = "Reads the older stream and the zip archive, a bare state dict or one nested under "
                "state_dict. No code of the checkpoint is run: whatever is not a tensor or a plain "
                "container is refused. What the file cannot tell (licence, training data) can be "
                "given and is kept in the weights file.",
     .option = import_options,
     .settings_size = sizeof(struct import),
     .run = run_import},
    {.name = "model export",
     .summary = "writes a network as ONNX",
     .details = "Opset 13, float32. Input \"image\" [N,3,256,256], RGB from 0 to 1; an output "
                "\"heatmaps_0\", ... [N,points + 1,64,64] per stack, whose last channel is the "
                "boundary map.",
     .option = export_options,
     .settings_size = sizeof(struct export),
     .defaults = export_defaults,
     .run = run_export},
};
#define WORDS (sizeof words / sizeof *words)

static const char *short_name(size_t i)
{
    return words[i].name + strlen("model ");
}

static void help(void)
{
    printf("Usage: wingtip model WORD [options]\n\n"
           "Weights files, looked at and converted.\n\nWords:\n");
    for (size_t i = 0; i < WORDS; i++)
        printf("  %-8s %s\n", short_name(i), words[i].summary);
    printf("\nEach has its own help: wingtip model WORD --help\n");
}

int wt_model_main(int argc, char **argv)
{
    struct wt_nearest nearest;
    if (argc < 1) {
        wt_fail(WT_ERR_ARGUMENT, "model: info, import or export? see: wingtip model --help");
        return 2;
    }
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        help();
        return 0;
    }
    wt_nearest_start(&nearest, argv[0]);
    for (size_t i = 0; i < WORDS; i++) {
        if (strcmp(argv[0], short_name(i)) == 0)
            return wt_command_main(&words[i], argc - 1, argv + 1);
        wt_nearest_offer(&nearest, short_name(i));
    }
    if (nearest.best)
        wt_fail(WT_ERR_ARGUMENT, "model: unknown word \"%s\"; did you mean %s?", argv[0],
                nearest.best);
    else
        wt_fail(WT_ERR_ARGUMENT, "model: unknown word \"%s\"; see: wingtip model --help", argv[0]);
    return 2;
}
