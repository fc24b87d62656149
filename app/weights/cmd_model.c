/* wingtip model: information about weights files, and conversion. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/outputs.h"
#include "base/paths.h"
#include "base/status.h"
#include "cli/options.h"
#include "cli/subcommands.h"
#include "face/scheme.h"
#include "net/onnx.h"
#include "weights/card.h"
#include "weights/model_file.h"

/* Number of trainable parameters; running statistics and int8 ranges do not count. */
static size_t parameters(const struct wt_weights *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->count; i++)
        if (!strstr(w->tensor[i].name, ".running_") && !strstr(w->tensor[i].name, ".input_range") &&
            !strstr(w->tensor[i].name, ".weight_scale"))
            n += w->tensor[i].count;
    return n;
}

/* ---- info ---------------------------------------------------------------------------------- */

struct info {
    const char *file, *json;
};

static const struct wt_option info_options[] = {
    {WT_OPTION_POSITIONAL, "FILE", 0, offsetof(struct info, file), NULL, WT_MODEL_IN_HELP,
     .required = true},
    {WT_OPTION_STRING, "--json", 0, offsetof(struct info, json), "FILE",
     "write the facts as JSON; -: to standard output, instead of the text"},
    {.name = NULL},
};

/* One line for each statement of the text. Control characters of a file must not reach the
 * terminal. */
static void print_row(const char *label, const char *text)
{
    printf("%-14s  ", label);
    for (; *text; text++)
        if (text[0] == ';' && text[1] == ' ' && text[2]) {
            printf("\n%-14s  ", "");
            text++;
        } else {
            const struct wt_escaped e = wt_escape_next(text);
            fputs(e.text, stdout);
            text += e.taken - 1;
        }
    putchar('\n');
}

static void print_info(const struct wt_model_file *m, const char *path)
{
    print_row("file", path);
    printf("%-14s  %s, %s, %zu bytes\n", "format", m->format, wt_model_file_storage(m).text,
           m->size);
    print_row("sha256", m->sha256);
    printf("%-14s  %s, %zu parameters\n", "network", m->network, parameters(m->weights));
    for (const struct wt_card_fact *f = wt_card_fact; f->key; f++) {
        const char *value = wt_card_get(m->weights, f->key);
        const struct wt_scheme *scheme = wt_scheme_get(m->arch.points);
        if (!value && strcmp(f->key, WT_META_SCHEME) == 0 && scheme)
            value = scheme->name;
        if (value || (f->always && !(m->detector && strcmp(f->key, WT_META_NME) == 0)))
            print_row(f->label, value ? value : "not stated");
    }
}

static enum wt_status json_info(const struct wt_model_file *m, const char *path, const char *out)
{
    cJSON *o = cJSON_CreateObject(), *meta;
    cJSON_AddStringToObject(o, "file", path);
    cJSON_AddStringToObject(o, "format", m->format);
    cJSON_AddStringToObject(o, "dtype", wt_model_file_storage(m).text);
    cJSON_AddNumberToObject(o, "bytes", (double)m->size);
    cJSON_AddStringToObject(o, "sha256", m->sha256);
    cJSON_AddStringToObject(o, "network", m->network);
    cJSON_AddNumberToObject(o, "stacks", m->arch.stacks);
    cJSON_AddNumberToObject(o, "width", m->arch.width);
    cJSON_AddNumberToObject(o, "points", m->arch.points);
    if (!m->detector)
        cJSON_AddNumberToObject(o, "input", m->arch.input);
    cJSON_AddNumberToObject(o, "parameters", (double)parameters(m->weights));
    meta = cJSON_AddObjectToObject(o, "metadata");
    for (size_t i = 0; i < m->weights->metas; i++)
        cJSON_AddStringToObject(meta, m->weights->meta[i].key, m->weights->meta[i].value);
    return wt_json_write(o, out);
}

static int run_info(void *settings)
{
    const struct info *s = settings;
    struct wt_model_file m = {0};
    enum wt_status status =
        wt_outputs_check(&(struct wt_outputs){.in = {s->file}, .out = {s->json}});
    if (!status)
        status = wt_model_file_init(&m, s->file);
    if (!status && s->json)
        status = json_info(&m, s->file, s->json);
    if (!status && (!s->json || strcmp(s->json, "-") != 0))
        print_info(&m, s->file);
    wt_model_file_fini(&m);
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
     "PyTorch checkpoint in either serialisation (or weights, to add statements)",
     .required = true},
    {WT_OPTION_POSITIONAL, "OUT.safetensors", 0, AT(out), NULL, WT_MODEL_OUT_HELP,
     .required = true},
    {WT_OPTION_STRING, "--name", 0, AT(name), "TEXT", "what the network is called"},
    {WT_OPTION_STRING, "--licence", 0, AT(licence), "TEXT", "what the weights may be used for"},
    {WT_OPTION_STRING, "--trained-on", 0, AT(trained_on), "TEXT", "training data"},
    {WT_OPTION_FLAG, "--bf16", 0, AT(bf16), NULL, WT_MODEL_BF16_HELP},
    {.name = NULL},
};
#undef AT

static enum wt_status set_number(struct wt_weights *w, const char *key, int value)
{
    char text[16];
    snprintf(text, sizeof text, "%d", value);
    return wt_weights_set_meta(w, key, text);
}

static enum wt_status import_facts(struct wt_model_file *m, const void *settings)
{
    const struct import *s = settings;
    const struct wt_scheme *scheme = wt_scheme_get(m->arch.points);
    const struct {
        const char *key, *value;
    } texts[] = {
        {WT_META_NAME, s->name},
        {WT_META_SCHEME, scheme ? scheme->name : NULL},
        {WT_META_SOURCE, m->pytorch ? wt_base_name(s->in) : NULL},
        {WT_META_LICENCE, s->licence},
        {WT_META_TRAINED_ON, s->trained_on},
    };
    enum wt_status status = set_number(m->weights, WT_META_WIDTH, m->arch.width);
    if (!status && !m->detector)
        status = set_number(m->weights, WT_META_STACKS, m->arch.stacks);
    if (!status && !m->detector)
        status = set_number(m->weights, WT_META_POINTS, m->arch.points);
    if (!status && !m->detector)
        status = set_number(m->weights, WT_META_INPUT, m->arch.input);
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !status; i++)
        if (texts[i].value) /* without a new text the file's statement stays */
            status = wt_weights_set_meta(m->weights, texts[i].key, texts[i].value);
    if (!status && s->bf16)
        wt_model_file_to_bf16(m);
    return status;
}

static int run_import(void *settings)
{
    const struct import *s = settings;
    return wt_exit_status(wt_model_file_convert(s->in, s->out, import_facts, s));
}

/* ---- export -------------------------------------------------------------------------------- */

struct export
{
    const char *in, *out;
    int batch;
};

static const struct wt_option export_options[] = {
    {WT_OPTION_POSITIONAL, "IN", 0, offsetof(struct export, in), NULL, WT_MODEL_IN_HELP,
     .required = true},
    {WT_OPTION_POSITIONAL, "OUT.onnx", 0, offsetof(struct export, out), NULL, "ONNX file to write",
     .required = true},
    {WT_OPTION_INT, "--batch", 0, offsetof(struct export, batch), "N",
     "images in one pass; 0: any number at run time", 0, 1024},
    {.name = NULL},
};

static void export_defaults(void *settings)
{
    ((struct export *)settings)->batch = 1;
}

static int run_export(void *settings)
{
    const struct export *s = settings;
    struct wt_model_file m = {0};
    struct wt_graph graph;
    enum wt_status status;
    wt_graph_init(&graph);
    status = wt_outputs_check(&(struct wt_outputs){.in = {s->in}, .out = {s->out}});
    if (!status)
        status = wt_model_file_init(&m, s->in);
    if (!status)
        status = wt_hourglass_graph(m.weights, &graph);
    if (!status)
        status = wt_onnx_export(&graph, m.weights, s->batch, s->out);
    if (!status)
        wt_model_file_report(&m, s->out);
    wt_graph_fini(&graph);
    wt_model_file_fini(&m);
    return wt_exit_status(status);
}

/* ---- subcommands --------------------------------------------------------------------------- */

static const struct wt_command subcommand_info = {
    .name = "model info",
    .summary = "shows what a weights file contains",
    .option = info_options,
    .settings_size = sizeof(struct info),
    .run = run_info,
};

static const struct wt_command subcommand_import = {
    .name = "model import",
    .summary = "makes a weights file from a PyTorch checkpoint",
    .details = "Reads the older stream and the zip archive, a bare state dict or one nested under "
               "state_dict. No code of the checkpoint is run: whatever is not a tensor or a plain "
               "container is refused. What the file cannot tell (licence, training data) can be "
               "given and is kept in the weights file.",
    .option = import_options,
    .settings_size = sizeof(struct import),
    .run = run_import,
};

static const struct wt_command subcommand_export = {
    .name = "model export",
    .summary = "writes a network as ONNX",
    .details = "Opset 13, float32. Input \"image\" [N,3,S,S], RGB from 0 to 1, S being the side of "
               "the weights' input (256 for most); an output \"heatmaps_0\", ... "
               "[N,points + 1,S/4,S/4] per stack, whose last channel is the boundary map.",
    .option = export_options,
    .settings_size = sizeof(struct export),
    .defaults = export_defaults,
    .run = run_export,
};

static const struct wt_command *const subcommands[] = {&subcommand_info, &subcommand_import,
                                                       &subcommand_export, &wt_command_quantize,
                                                       &wt_command_card};

const struct wt_subcommands wt_model_subcommands = {
    "model", "Show, import, export, calibrate and describe weights files.", subcommands,
    sizeof subcommands / sizeof *subcommands};
