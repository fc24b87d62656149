#include "doctor/doctor.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <SDL_version.h>
#include <cjson/cJSON.h>

#include "base/checksum.h"
#include "base/clock.h"
#include "base/cpu.h"
#include "base/paths.h"
#include "base/sort.h"
#include "doctor/gl_probe.h"
#include "doctor/version_cv.h"
#include "input/libav.h"
#include "input/source.h"
#include "net/hourglass.h"
#include "net/net.h"
#include "track/detector.h"
#include "track/frame_detector.h"
#include "train/team.h"
#include "weights/card.h"
#include "weights/file.h"

void wt_check_cpu(struct wt_doctor *d)
{
    const char *section = "Processor";
    const struct wt_cpu *cpu = wt_cpu_get();
    const char *mask = getenv("WINGTIP_CPU_MASK");
    enum wt_cpu_level level = cpu->level;
    const struct {
        const char *name;
        int has;
    } features[] = {
#if defined(__aarch64__)
        {"NEON", cpu->neon},
        {"dot product", cpu->dotprod},
        {"I8MM", cpu->i8mm},
#else
        {"AVX2", cpu->avx2},
        {"FMA", cpu->fma},
        {"AVX-512", cpu->avx512},
        {"AVX-VNNI", cpu->avx_vnni},
        {"AVX-512 VNNI", cpu->avx512_vnni},
        {"AVX-512 BF16", cpu->avx512_bf16},
        {"AMX BF16", cpu->amx_bf16},
        {"AMX INT8", cpu->amx_int8},
#endif
    };
    char has[256] = "", lacks[256] = "";
    for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
        char *list = features[i].has ? has : lacks;
        size_t used = strlen(list);
        snprintf(list + used, sizeof has - used, "%s%s", used ? ", " : "", features[i].name);
    }
    wt_doctor_add(d, section, WT_MARK_INFO, "model", "%s", cpu->brand[0] ? cpu->brand : "unknown");
    wt_doctor_add(d, section, WT_MARK_INFO, "cores",
                  "%d cores, %d threads that this process may use", cpu->cores, cpu->threads);
    wt_doctor_add(d, section, WT_MARK_INFO, "caches", "L1 %zu KiB, L2 %zu KiB, L3 %.1f MiB",
                  cpu->l1d / 1024, cpu->l2 / 1024, (double)cpu->l3 / (1 << 20));
    wt_doctor_add(d, section, WT_MARK_INFO, "features", "%s%s%s", has[0] ? has : "none of interest",
                  lacks[0] ? "; not: " : "", lacks);
    if (wt_cpu_parse_level(d->common->cpu_mask, &level)) {
        wt_doctor_add(d, section, WT_MARK_FAIL, "kernels", "%s", d->error);
        return;
    }
    const char *why = d->common->cpu_mask ? "asked for by --cpu-mask"
                      : mask && *mask     ? "limited by WINGTIP_CPU_MASK"
                                          : "the best that this processor has";
    wt_doctor_add(d, section, level <= WT_CPU_BLAS ? WT_MARK_WARN : WT_MARK_OK, "kernels",
                  "%s: %s%s", wt_cpu_level_name(level), why, level <= WT_CPU_BLAS ? "; slow" : "");
    wt_doctor_add(d, section, WT_MARK_INFO, "threads", "%d for the network%s",
                  wt_cpu_threads(d->common->threads),
                  d->common->threads ? "" : ", one per physical core");
}

static void describe_precision(struct wt_doctor *d, const char *section, const struct wt_weights *w)
{
    struct wt_graph graph;
    enum wt_cpu_level level;
    const char *why;
    wt_graph_init(&graph);
    if (!wt_cpu_parse_level(d->common->cpu_mask, &level) && !wt_hourglass_graph(w, &graph)) {
        enum wt_precision p = wt_precision_choose((enum wt_precision)d->common->precision, level,
                                                  wt_graph_calibrated(&graph), &why);
        wt_doctor_add(d, section, WT_MARK_OK, "precision", "%s: %s", wt_precision_name(p), why);
    }
    wt_graph_fini(&graph);
}

static void describe_weights(struct wt_doctor *d, const char *section, const struct wt_weights *w)
{
    static const struct {
        const char *key, *name;
    } notes[] = {
        {WT_META_NAME, "name"}, {WT_META_LICENCE, "licence"}, {WT_META_TRAINED_ON, "trained on"}};
    struct wt_arch arch;
    if (wt_arch_from_weights(w, &arch)) {
        wt_doctor_add(d, section, WT_MARK_FAIL, "network", "%s", d->error);
        return;
    }
    wt_doctor_add(d, section, WT_MARK_OK, "network", "%d points, %d stack%s of width %d, input %d",
                  arch.points, arch.stacks, arch.stacks == 1 ? "" : "s", arch.width, arch.input);
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        const char *value = wt_card_get(w, notes[i].key);
        bool open = !value && strcmp(notes[i].key, WT_META_LICENCE) == 0;
        wt_doctor_add(d, section, open ? WT_MARK_WARN : WT_MARK_INFO, notes[i].name, "%s",
                      value  ? value
                      : open ? "not stated: ask who made these weights before passing them on"
                             : "not stated");
    }
    describe_precision(d, section, w);
}

void wt_check_model(struct wt_doctor *d)
{
    const char *section = "Weights";
    char sha256[WT_SHA256_SIZE];
    struct wt_weights *weights = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *path = wt_common_model_path(d->common);
    if (!path || wt_file_read(path, (size_t)1 << 31, &bytes, &size)) {
        wt_doctor_add(d, section, WT_MARK_FAIL, "file", "%s", d->error);
        return;
    }
    wt_doctor_add(d, section, WT_MARK_INFO, "file", "%s (%.1f MB)", path, (double)size * 1e-6);
    wt_sha256(bytes, size, sha256);
    wt_doctor_add(d, section, WT_MARK_INFO, "sha256", "%s", sha256);
    if (wt_weights_parse(&weights, bytes, size, path))
        wt_doctor_add(d, section, WT_MARK_FAIL, "network", "%s", d->error);
    else
        describe_weights(d, section, weights);
    wt_weights_destroy(&weights);
    free(bytes);
}

/* Median milliseconds of a search in a picture of noise, and the least of the network alone: of
 * nine, or of those that a slow computer makes in a second. */
static enum wt_status time_detector(struct wt_detector *detector, double *ms, double *network)
{
    enum { W = 640, H = 480, RUNS = 9, LONG_MS = 1000 };
    struct wt_detection found[8];
    struct wt_image image = {NULL, W, H, W * 3, WT_PIXEL_BGR24};
    double spent[RUNS + 1], all = 0;
    int n, runs = 0;
    uint8_t *pixels = malloc(W * H * 3);
    enum wt_status status = pixels ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory");
    for (int i = 0; pixels && i < W * H * 3; i++)
        pixels[i] = (uint8_t)(i * 2654435761u >> 24);
    image.data = pixels;
    /* the first one warms up */
    for (int i = 0; i <= RUNS && (i < 2 || all < LONG_MS) && !status; i++) {
        const int64_t start = wt_now_us();
        status = wt_detector_find(detector, &image, 0, found, 8, &n);
        spent[i] = (double)(wt_now_us() - start) * 1e-3;
        all += spent[i];
        runs = i;
        const struct wt_frame_detector *net = wt_detector_network(detector);
        *network = net ? fmin(i ? *network : INFINITY, wt_frame_detector_info(net).ms) : NAN;
    }
    free(pixels);
    if (!status)
        wt_sort_doubles(spent + 1, (size_t)runs);
    *ms = spent[1 + runs / 2];
    return status;
}

void wt_check_detector(struct wt_doctor *d)
{
    const char *name = wt_common_detector(d->common);
    struct wt_detector_options with = {.threads = d->common->threads,
                                       .precision = (enum wt_precision)d->common->precision};
    struct wt_detector *detector = NULL;
    double ms = 0, network = NAN;
    char of[80] = "";
    enum wt_status status = wt_cpu_parse_level(d->common->cpu_mask, &with.level);
    if (!status)
        status = wt_detector_create(&detector, name, &with);
    if (!status)
        status = time_detector(detector, &ms, &network);
    name = name ? name : "haar";
    if (!status && !isnan(network)) {
        const struct wt_frame_detector_info info =
            wt_frame_detector_info(wt_detector_network(detector));
        snprintf(of, sizeof of, ", the network alone %.2g (%d x %d, %s)", network, info.width,
                 info.height, info.precision);
    }
    if (status)
        wt_doctor_add(d, "Detector", WT_MARK_FAIL, name, "%s", d->error);
    else
        wt_doctor_add(d, "Detector", WT_MARK_OK, of[0] ? "network" : "haar",
                      "%.2g ms in a picture of 640 x 480%s", ms, of);
    wt_detector_destroy(&detector);
}

void wt_check_cameras(struct wt_doctor *d)
{
    const char *section = "Cameras";
    struct wt_camera_info camera[16];
    int n = wt_camera_list(camera, 16);
    if (n <= 0)
        wt_doctor_add(d, section, WT_MARK_WARN, "none",
                      "live shows the demo clip, or give --input");
    for (int i = 0; i < n; i++) {
        bool allowed = access(camera[i].path, R_OK | W_OK) == 0;
        char name[48];
        snprintf(name, sizeof name, "%d", camera[i].index);
        wt_doctor_add(d, section, allowed ? WT_MARK_OK : WT_MARK_WARN, name, "%s (%s)%s%s",
                      camera[i].name, camera[i].path, allowed ? "" : ": ",
                      allowed ? "" : strerror(errno));
    }
}

void wt_check_window(struct wt_doctor *d)
{
    const char *section = "Window";
    const char *display = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    wt_doctor_add(d, section, WT_MARK_INFO, "display", "DISPLAY=%s WAYLAND_DISPLAY=%s",
                  display ? display : "", wayland ? wayland : "");
    struct wt_gl_probe probe = wt_gl_probe();
    enum wt_mark mark = probe.works && !probe.software ? WT_MARK_OK : WT_MARK_WARN;
    wt_doctor_add(d, section, mark, "OpenGL 3.3", "%s%s", probe.text,
                  !probe.works ? "; only the commands without a window work"
                  : probe.software
                      ? "; software rendering, which takes processor time from the network"
                      : "");
}

void wt_check_video(struct wt_doctor *d)
{
    static const struct {
        const char *name, *what;
        bool best;
    } encoders[] = {
        {"libx264", "H.264", true},
        {"libopenh264", "H.264", true},
        {"mpeg4", "MPEG-4, larger files", false},
    };
    const char *section = "Recording";
    bool any = false;
    for (size_t i = 0; i < sizeof encoders / sizeof *encoders && !any; i++)
        if (wt_av()->avcodec_find_encoder_by_name(encoders[i].name)) {
            any = true;
            wt_doctor_add(d, section, encoders[i].best ? WT_MARK_OK : WT_MARK_WARN, "encoder",
                          "%s (%s)", encoders[i].name, encoders[i].what);
        }
    if (!any)
        wt_doctor_add(d, section, WT_MARK_WARN, "encoder", "none: no recording");
    if (!wt_av()->av_guess_format("matroska", NULL, NULL))
        wt_doctor_add(d, section, WT_MARK_WARN, "container", "no Matroska: no recording");
}

void wt_check_files(struct wt_doctor *d)
{
    static const struct {
        const char *file, *name;
    } assets[] = {{WT_ASSET_MODEL, "weights"}, {WT_ASSET_CLIP, "demo clip"}};
    struct wt_path path;
    if (wt_program_path(&path))
        wt_doctor_add(d, "Files", WT_MARK_INFO, "program", "%s", path.text);
    for (size_t i = 0; i < sizeof assets / sizeof *assets; i++) {
        bool there = wt_asset_path(assets[i].file, path.text, sizeof path.text);
        wt_doctor_add(d, "Files", there ? WT_MARK_OK : WT_MARK_WARN, assets[i].name, "%s%s",
                      path.text,
                      there ? "" : ": not found; WINGTIP_ASSETS can name the folder that has it");
    }
}

void wt_check_libraries(struct wt_doctor *d)
{
    const char *section = "Libraries";
    SDL_version sdl;
    unsigned av = wt_av()->avcodec_version(), format = wt_av()->avformat_version();
    SDL_GetVersion(&sdl);
    wt_doctor_add(d, section, WT_MARK_INFO, "SDL", "%d.%d.%d", sdl.major, sdl.minor, sdl.patch);
    wt_doctor_add(d, section, WT_MARK_INFO, "OpenCV", "%s", wt_opencv_version());
    wt_doctor_add(d, section, WT_MARK_INFO, "libavcodec", "%u.%u.%u", AV_VERSION_MAJOR(av),
                  AV_VERSION_MINOR(av), AV_VERSION_MICRO(av));
    wt_doctor_add(d, section, WT_MARK_INFO, "libavformat", "%u.%u.%u", AV_VERSION_MAJOR(format),
                  AV_VERSION_MINOR(format), AV_VERSION_MICRO(format));
    wt_doctor_add(d, section, WT_MARK_INFO, "cJSON", "%s", cJSON_Version());
    const char *mpi = wt_team_transport();
    wt_doctor_add(d, section, WT_MARK_INFO, "MPI", "%s",
                  mpi ? mpi : "not built in: train uses one process (-Dmpi=enabled)");
    wt_doctor_add(d, section, WT_MARK_INFO, "compiler", "%s", __VERSION__);
}
