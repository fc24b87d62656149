/* Exports a network to ONNX and writes what our engine computes for some images, so that a test
 * can ask another runtime the same:
 *   dump_maps WEIGHTS|random:STACKS,WIDTH,POINTS,INPUT BATCH MODEL.onnx IMAGES MAPS [LEVEL]
 * IMAGES: float32 [n][input][input][3]. MAPS: float32 [stacks][n][points + 1][input / 4][input /
 * 4]. BATCH: of the ONNX model; 0: symbolic. LEVEL: "c", "avx2", ... */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/net.h"
#include "net/onnx.h"
#include "weights/file.h"

/* He's scale keeps the signal of one path; summed over stacks of residuals it grows to thousands,
 * where float32 itself resolves no 1e-4. PyTorch's default scale, a factor sqrt(6) below, keeps
 * the maps near the range of a trained network's. */
static void calm(struct wt_weights *w)
{
    for (size_t i = 0; i < w->count; i++)
        for (size_t k = 0; w->tensor[i].dims == 4 && k < w->tensor[i].count; k++)
            w->tensor[i].data[k] *= 0.40824829f;
}

static enum wt_status get_weights(const char *word, struct wt_weights **w)
{
    struct wt_arch arch;
    enum wt_status status;
    if (sscanf(word, "random:%d,%d,%d,%d", &arch.stacks, &arch.width, &arch.points, &arch.input) !=
        4)
        return wt_weights_load(w, word);
    status = wt_weights_create(w);
    if (!status)
        status = wt_weights_set_meta(*w, "licence", "none: random numbers");
    if (!status)
        status = wt_hourglass_random(*w, &arch, 20);
    if (!status)
        calm(*w);
    return status;
}

static enum wt_status export_onnx(const struct wt_weights *w, int batch, const char *path)
{
    struct wt_graph g;
    enum wt_status status;
    wt_graph_init(&g);
    status = wt_hourglass_graph(w, &g);
    if (!status)
        status = wt_onnx_export(&g, w, batch, path);
    wt_graph_fini(&g);
    return status;
}

static void put_maps(struct wt_file_writer *file, const struct wt_net *net, int n)
{
    const struct wt_arch *arch = wt_net_arch(net);
    const size_t cells = (size_t)(arch->input / 4) * (size_t)(arch->input / 4);
    static float plane[WT_INPUT_MAX / 4 * WT_INPUT_MAX / 4];
    for (int stack = 0; stack < arch->stacks; stack++)
        for (int image = 0; image < n; image++)
            for (int c = 0; c <= arch->points; c++) {
                int stride;
                const float *maps = wt_net_maps(net, image, stack, &stride);
                for (size_t i = 0; i < cells; i++)
                    plane[i] = maps[i * (size_t)stride + (size_t)c];
                wt_file_writer_put(file, plane, cells * sizeof *plane);
            }
}

int main(int argc, char **argv)
{
    struct wt_weights *w = NULL;
    struct wt_net *net = NULL;
    struct wt_file_writer file = {0};
    struct wt_arch arch = {0};
    struct wt_net_options options = {.level = wt_cpu_get()->level, .precision = WT_PRECISION_F32};
    uint8_t *images = NULL;
    size_t size;
    enum wt_status status;

    if (argc < 6 || argc > 7) {
        fprintf(stderr, "wrong use; see the head of dump_maps.c\n");
        return 2;
    }
    status = wt_file_read(argv[4], (size_t)1 << 30, &images, &size);
    if (!status)
        status = get_weights(argv[1], &w);
    if (!status)
        status = export_onnx(w, atoi(argv[2]), argv[3]);
    if (!status)
        status = wt_arch_from_weights(w, &arch);
    if (!status)
        options.batch = (int)(size / sizeof(float) / ((size_t)arch.input * (size_t)arch.input * 3));
    if (!status && argc == 7)
        status = wt_cpu_parse_level(argv[6], &options.level);
    if (!status)
        status = wt_net_create(&net, w, &options);
    if (!status)
        status = wt_net_forward_f32(net, (const float *)images, options.batch, 0);
    if (!status)
        status = wt_file_writer_init(&file, argv[5]);
    if (!status) {
        put_maps(&file, net, options.batch);
        status = wt_file_writer_commit(&file);
    }
    wt_file_writer_fini(&file);
    wt_net_destroy(&net);
    wt_weights_destroy(&w);
    free(images);
    return status != WT_OK;
}
