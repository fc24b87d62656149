/* Our tracker as trackers.py runs it, on frames or pictures that are decoded already:
 *   follow MODEL THREADS DETECTOR FACES POINTS-FILE frames RAW WIDTH HEIGHT FPS
 *   follow MODEL THREADS DETECTOR FACES POINTS-FILE stills LIST
 *   follow - - - FACES POINTS-FILE jitter FPS
 * THREADS: 0: the library's choice.
 * RAW: RGB24 frames, one after the other. LIST: a picture's path a line; each is a first sight.
 * POINTS-FILE gets for every frame FACES times 1 + 68 x 2 float32: the face's id (0: none), its 68
 * points, raw. One line of JSON on standard output: times (ms of each frame), CPU seconds of the
 * all frames but the first, seconds until the first frame was tracked, memory. `jitter` reads such
 * a file, of any tracker, and measures it as `wingtip track --jitter` does (measure/jitter.h). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "face/picture.h"
#include "measure/jitter.h"
#include "wingtip.h"

enum { POINTS = 68 };

struct follow {
    struct wt_model *model;
    struct wt_tracker *tracker;
    struct wt_result result;
    FILE *points;
    int faces;
    int64_t begin_us, loop_us;
    double start_s, cpu_s;
    int frames;
};

static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static enum wt_status open_all(struct follow *f, char **argv)
{
    const struct wt_model_options model = {.threads = atoi(argv[2])};
    struct wt_tracker_options options = {.detector = argv[3]};
    f->faces = options.max_faces = atoi(argv[4]);
    f->points = fopen(argv[5], "wb");
    enum wt_status status = f->points ? WT_OK : WT_ERR_IO;
    if (!status)
        status = wt_model_open(&f->model, argv[1], &model);
    if (!status)
        status = wt_tracker_create(&f->tracker, f->model, &options);
    return status;
}

static enum wt_status put(struct follow *f)
{
    for (int i = 0; i < f->faces; i++) {
        float row[1 + POINTS * 2] = {0};
        struct wt_point point[POINTS];
        if (i < f->result.faces) {
            const struct wt_face *face = &f->result.face[i];
            enum wt_status status = wt_points_convert(face->point, face->points, point, POINTS);
            if (status)
                return status;
            row[0] = (float)face->id;
            memcpy(row + 1, point, sizeof point);
        }
        if (fwrite(row, sizeof row, 1, f->points) != 1)
            return WT_ERR_IO;
    }
    return WT_OK;
}

/* One frame; its time goes to standard output, inside the JSON array that is open there. */
static enum wt_status track(struct follow *f, const struct wt_image *image, int64_t at_us)
{
    const int64_t start = wt_now_us();
    const double cpu = cpu_seconds();
    enum wt_status status = wt_tracker_track(f->tracker, image, at_us, &f->result);
    const double ms = (double)(wt_now_us() - start) * 1e-3;
    if (f->frames)
        f->cpu_s += cpu_seconds() - cpu;
    else
        f->start_s = (double)(wt_now_us() - f->begin_us) * 1e-6;
    printf("%s%.4f", f->frames ? "," : "", ms);
    f->frames++;
    return status ? status : put(f);
}

static enum wt_status frames(struct follow *f, char **argv)
{
    const int width = atoi(argv[8]), height = atoi(argv[9]);
    const double fps = atof(argv[10]);
    const size_t bytes = (size_t)width * (size_t)height * 3;
    int file = open(argv[7], O_RDONLY);
    struct stat is;
    if (file < 0 || fstat(file, &is) || !bytes)
        return WT_ERR_IO;
    const uint8_t *all =
        mmap(NULL, (size_t)is.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (all == MAP_FAILED)
        return WT_ERR_IO;
    enum wt_status status = WT_OK;
    for (size_t i = 0; (i + 1) * bytes <= (size_t)is.st_size && !status; i++) {
        const struct wt_image image = {all + i * bytes, width, height, (ptrdiff_t)width * 3,
                                       WT_PIXEL_RGB24};
        status = track(f, &image, (int64_t)((double)i * 1e6 / fps));
    }
    munmap((void *)all, (size_t)is.st_size);
    close(file);
    return status;
}

static enum wt_status stills(struct follow *f, char **argv)
{
    char path[4096];
    FILE *list = fopen(argv[7], "r");
    enum wt_status status = list ? WT_OK : WT_ERR_IO;
    while (!status && fgets(path, sizeof path, list)) {
        struct wt_picture picture;
        path[strcspn(path, "\n")] = 0;
        status = wt_picture_read(&picture, path);
        if (status)
            break;
        wt_tracker_reset(f->tracker);
        status = track(f, &picture.image, 0);
        wt_picture_fini(&picture);
    }
    if (list)
        fclose(list);
    return status;
}

/* A face without a name from frame to frame keeps its place in the list as its id. */
static int measure_jitter(const char *path, int faces, double fps)
{
    struct wt_jitter *jitter = calloc(1, sizeof *jitter);
    struct wt_result *result = calloc(1, sizeof *result);
    FILE *file = fopen(path, "rb");
    float row[1 + POINTS * 2];
    int64_t frame = 0;
    bool more = jitter && result && file;
    while (more) {
        result->faces = 0;
        for (int i = 0; i < faces && more; i++) {
            more = fread(row, sizeof row, 1, file) == 1;
            if (!more || row[0] == 0)
                continue;
            struct wt_face *face = &result->face[result->faces++];
            face->id = (uint32_t)row[0];
            face->points = POINTS;
            memcpy(face->point, row + 1, sizeof(struct wt_point) * POINTS);
        }
        if (more)
            wt_jitter_add(jitter, result, (int64_t)((double)frame++ * 1e6 / fps));
    }
    if (jitter && jitter->still > 0) {
        const double n = (double)jitter->still;
        printf("{\"raw\":%.4f,\"smoothed\":%.4f,\"still\":%lld,\"pairs\":%lld}\n",
               jitter->residual[0] / n, jitter->residual[1] / n, (long long)jitter->still,
               (long long)jitter->pairs);
    }
    const bool good = jitter && jitter->still > 0;
    if (file)
        fclose(file);
    free(result);
    free(jitter);
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct follow f = {.begin_us = wt_now_us()};
    if (argc == 8 && !strcmp(argv[6], "jitter"))
        return measure_jitter(argv[5], atoi(argv[4]), atof(argv[7]));
    const bool video = argc == 11 && !strcmp(argv[6], "frames");
    if (!video && !(argc == 8 && !strcmp(argv[6], "stills"))) {
        fputs("follow: see its first lines\n", stderr);
        return 2;
    }
    enum wt_status status = open_all(&f, argv);
    printf("{\"ms\":[");
    if (!status)
        status = video ? frames(&f, argv) : stills(&f, argv);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("],\"cpu_s\":%.6f,\"start_s\":%.4f,\"memory_mb\":%.1f,\"version\":\"%s\"}\n", f.cpu_s,
           f.start_s, (double)usage.ru_maxrss * 1024e-6, wt_version());
    if (f.points && fclose(f.points) && !status)
        status = WT_ERR_IO;
    wt_result_fini(&f.result);
    wt_tracker_destroy(&f.tracker);
    wt_model_close(&f.model);
    if (status)
        fprintf(stderr, "follow: %s\n", wt_status_text(status));
    return status ? 1 : 0;
}
