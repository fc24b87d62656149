#include "weights/model_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "base/outputs.h"
#include "base/paths.h"
#include "net/detector_net.h"
#include "weights/file.h"

void wt_model_file_fini(struct wt_model_file *m)
{
    wt_weights_destroy(&m->weights);
}

/* Checks and describes the network. */
static enum wt_status check_network(struct wt_model_file *m)
{
    m->detector = wt_detector_net_is(m->weights);
    if (!m->detector) {
        const enum wt_status status = wt_arch_from_weights(m->weights, &m->arch);
        snprintf(m->network, sizeof m->network, "%d stack%s of width %d, %d points, input %d",
                 m->arch.stacks, m->arch.stacks == 1 ? "" : "s", m->arch.width, m->arch.points,
                 m->arch.input);
        return status;
    }
    struct wt_graph g;
    wt_graph_init(&g);
    const enum wt_status status = wt_detector_net_graph(m->weights, WT_FACE_STEP, WT_FACE_STEP, &g);
    wt_graph_fini(&g);
    if (!status)
        m->arch.width = (int)wt_weights_find(m->weights, "stem2.weight")->shape[0];
    snprintf(m->network, sizeof m->network, "face detector of width %d", m->arch.width);
    return status;
}

enum wt_status wt_model_file_init(struct wt_model_file *m, const char *name)
{
    struct wt_path file;
    const char *path = file.text;
    const size_t limit = (size_t)2 << 30;
    uint8_t *bytes = NULL;
    enum wt_status status;

    *m = (struct wt_model_file){0};
    if (!wt_weights_path(name, file.text, sizeof file.text))
        return wt_fail(WT_ERR_ARGUMENT, "%s: the name is too long", name);
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
        status = check_network(m);
    if (!status)
        wt_sha256(bytes, m->size, m->sha256);
    free(bytes);
    if (status)
        wt_model_file_fini(m);
    return status;
}

void wt_model_file_to_bf16(struct wt_model_file *m)
{
    for (size_t i = 0; i < m->weights->count; i++)
        if (m->weights->tensor[i].dims == 4 && m->weights->tensor[i].storage == WT_STORE_F32)
            m->weights->tensor[i].storage = WT_STORE_BF16;
}

struct wt_storage_name wt_model_file_storage(const struct wt_model_file *m)
{
    static const char *const name[WT_STORAGES] = {"F32", "BF16", "F16", "I8"};
    struct wt_storage_name all = {""};
    unsigned found = 0;
    for (size_t i = 0; i < m->weights->count; i++)
        found |= 1u << m->weights->tensor[i].storage;
    for (unsigned k = 0, rest = found; k < WT_STORAGES; k++) {
        if (!(found >> k & 1))
            continue;
        rest &= ~(1u << k);
        const char *before = found & ((1u << k) - 1) ? rest ? ", " : " and " : "";
        size_t n = strlen(all.text);
        snprintf(all.text + n, sizeof all.text - n, "%s%s", before, name[k]);
    }
    return all;
}

enum wt_status wt_model_file_convert(const char *in, const char *out,
                                     enum wt_status (*change)(struct wt_model_file *m,
                                                              const void *settings),
                                     const void *settings)
{
    struct wt_model_file m = {0};
    enum wt_status status = wt_outputs_check(&(struct wt_outputs){.in = {in}, .out = {out}});
    if (!status)
        status = wt_model_file_init(&m, in);
    if (!status)
        status = change(&m, settings);
    if (!status)
        status = wt_weights_save(m.weights, out);
    if (!status)
        wt_model_file_report(&m, out);
    wt_model_file_fini(&m);
    return status;
}

void wt_model_file_report(const struct wt_model_file *m, const char *path)
{
    struct stat st;
    double size = stat(path, &st) == 0 ? (double)st.st_size * 1e-6 : 0;
    printf("%s: %s; %.1f MB\n", WT_SHOWN(path), m->network, size);
}
