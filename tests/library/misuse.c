/* The library in the hands of a program that makes mistakes, and of one that does a lot: every
 * promise of wingtip.h beyond what example.c shows. Exit status 1: one is not kept.
 *   ./misuse LANDMARKS.safetensors DETECTOR.safetensors PICTURE.ppm */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wingtip.h>

static int lines, failed;
static const char *weights, *detector;
static struct wt_image picture;

/* As the C library's where the locale has a decimal comma: the library must not depend on it. */
double strtod(const char *text, char **end)
{
    char *after;
    const long whole = strtol(text, &after, 10);
    if (end)
        *end = after;
    return (double)whole;
}

static void count(void *user, enum wt_log_level level, const char *line)
{
    (void)user;
    (void)line;
    lines += level <= WT_LOG_WARN;
}

static void check(const char *what, int ok)
{
    printf("%s %s\n", ok ? "ok  " : "FAIL", what);
    failed += !ok;
}

/* Refused with this status and one line. */
static void refused(const char *what, enum wt_status want, enum wt_status got)
{
    if (got != want || lines != 1)
        printf("     status %d, not %d; %d lines\n", (int)got, (int)want, lines);
    check(what, got == want && lines == 1);
    lines = 0;
}

static int read_picture(const char *path)
{
    int depth = 0;
    FILE *f = fopen(path, "rb");
    if (!f || fscanf(f, "P6 %d %d %d", &picture.width, &picture.height, &depth) != 3)
        return 0;
    fgetc(f);
    const size_t size = (size_t)picture.width * (size_t)picture.height * 3;
    uint8_t *pixels = malloc(size);
    if (!pixels || fread(pixels, 1, size, f) != size)
        return 0;
    fclose(f);
    picture.data = pixels;
    picture.stride = (ptrdiff_t)picture.width * 3;
    picture.format = WT_PIXEL_RGB24;
    return 1;
}

static void models(void)
{
    static const struct {
        const char *what;
        struct wt_model_options options;
    } bad[] = {{"-1 threads", {.threads = -1}},
               {"65 threads", {.threads = 65}},
               {"batches of -1", {.batch = -1}},
               {"batches of 17", {.batch = 17}},
               {"an unknown precision", {.precision = (enum wt_precision)9}},
               {"an unknown mask", {.cpu_mask = "sse9"}}};
    struct wt_model *model = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(bad[i].what, WT_ERR_ARGUMENT, wt_model_open(&model, weights, &bad[i].options));
    refused("no path", WT_ERR_ARGUMENT, wt_model_open(&model, NULL, NULL));
    refused("no place for the model", WT_ERR_ARGUMENT, wt_model_open(NULL, weights, NULL));
    refused("no file", WT_ERR_IO, wt_model_open(&model, "/no/such.safetensors", NULL));
    refused("a folder", WT_ERR_IO, wt_model_open(&model, "/", NULL));
    refused("weights of a detector", WT_ERR_FORMAT, wt_model_open(&model, detector, NULL));
    check("out parameters stay untouched", model == NULL);
    check("no model has no facts", wt_model_describe(NULL).points == 0);
    wt_model_close(&model);
    wt_model_close(NULL);
}

static void trackers(struct wt_model *model)
{
    const struct {
        const char *what;
        struct wt_tracker_options options;
    } bad[] = {{"-1 faces", {.max_faces = -1}},
               {"33 faces", {.max_faces = WT_FACES_MAX + 1}},
               {"a confidence of 2", {.min_confidence = 2}},
               {"a confidence that is no number", {.min_confidence = NAN}},
               {"a search every -1 s", {.search_every = -1}},
               {"-1 stacks", {.stacks = -1}},
               {"more stacks than there are", {.stacks = 9}},
               {"a strength that is no number", {.smooth_strength = NAN}}};
    struct wt_tracker *tracker = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(bad[i].what, WT_ERR_ARGUMENT, wt_tracker_create(&tracker, model, &bad[i].options));
    refused("no model", WT_ERR_ARGUMENT, wt_tracker_create(&tracker, NULL, NULL));
    refused("no place for the tracker", WT_ERR_ARGUMENT, wt_tracker_create(NULL, model, NULL));
    refused("an unknown detector", WT_ERR_ARGUMENT,
            wt_tracker_create(&tracker, model, &(struct wt_tracker_options){.detector = "eyes"}));
    refused("a detector's file that is not there", WT_ERR_IO,
            wt_tracker_create(&tracker, model,
                              &(struct wt_tracker_options){.detector = "/no/such.safetensors"}));
    refused("weights of landmarks as detector", WT_ERR_FORMAT,
            wt_tracker_create(&tracker, model, &(struct wt_tracker_options){.detector = weights}));
    check("out parameters stay untouched", tracker == NULL);
    refused("no tracker to configure", WT_ERR_ARGUMENT, wt_tracker_configure(NULL, NULL));
    wt_tracker_reset(NULL);
    wt_tracker_destroy(&tracker);
    wt_tracker_destroy(NULL);
}

static void pictures(struct wt_tracker *tracker)
{
    struct wt_result result = {0};
    struct wt_image bad[7];
    for (int i = 0; i < 7; i++)
        bad[i] = picture;
    bad[0].data = NULL;
    bad[1].width = 0;
    bad[2].height = -5;
    bad[3].width = 16385;
    bad[4].stride = picture.stride - 1;
    bad[5].stride = -picture.stride;
    bad[6].format = (enum wt_pixel)7;
    check("a face", !wt_tracker_track(tracker, &picture, 0, &result) && result.faces == 1);
    for (int i = 0; i < 7; i++) {
        refused("a wrong picture", WT_ERR_ARGUMENT, wt_tracker_track(tracker, &bad[i], 1, &result));
        check("and no face", result.faces == 0);
    }
    refused("no picture", WT_ERR_ARGUMENT, wt_tracker_track(tracker, NULL, 1, &result));
    refused("no result", WT_ERR_ARGUMENT, wt_tracker_track(tracker, &picture, 1, NULL));
    refused("no tracker", WT_ERR_ARGUMENT, wt_tracker_track(NULL, &picture, 1, &result));

    /* Clocks that stand still, go back, or jump as far as they can. */
    static const int64_t times[] = {1, 1, -1000000, INT64_MIN, INT64_MAX, INT64_MIN, 0};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        check("an odd time", !wt_tracker_track(tracker, &picture, times[i], &result) &&
                                 result.faces == 1 && isfinite(result.face[0].point[54].x));
    struct wt_image pixel = picture;
    pixel.width = pixel.height = 1;
    check("a single pixel", !wt_tracker_track(tracker, &pixel, 1, &result) && !result.faces);
    wt_result_fini(&result);
    wt_result_fini(&result);
    wt_result_fini(NULL);
    check("nothing was logged", lines == 0);
}

static void points(void)
{
    struct wt_point from[98] = {{0, 0}}, to[98];
    check("98 to 68", wt_points_convert(from, 98, to, 68) == WT_OK);
    check("68 to 98", wt_points_convert(from, 68, to, 98) == WT_ERR_UNSUPPORTED);
    check("no points", wt_points_convert(from, 0, to, 0) == WT_ERR_ARGUMENT &&
                           wt_points_convert(from, -1, to, -1) == WT_ERR_ARGUMENT &&
                           wt_points_convert(NULL, 98, to, 68) == WT_ERR_ARGUMENT);
    check("words for any status", wt_status_text((enum wt_status)99)[0] != '\0');
    check("nothing was logged", lines == 0);
}

static long resident(void)
{
    long all = 0, pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f) {
        if (fscanf(f, "%ld %ld", &all, &pages) != 2)
            pages = 0;
        fclose(f);
    }
    return pages * 4;
}

/* Opens, tracks, closes; whether a face was found each time. */
static int once(int i)
{
    struct wt_model *model = NULL;
    struct wt_tracker *tracker = NULL;
    struct wt_result result = {0};
    const struct wt_model_options how = {.threads = 1 + i % 2};
    const struct wt_tracker_options with = {
        .detector = detector, .smooth = true, .background = i % 3 == 0, .maps = i % 2};
    int ok = !wt_model_open(&model, weights, &how) && !wt_tracker_create(&tracker, model, &with) &&
             !wt_tracker_track(tracker, &picture, i, &result) && result.faces == 1;
    wt_result_fini(&result);
    wt_tracker_destroy(&tracker);
    wt_model_close(&model);
    return ok;
}

static void *many(void *from)
{
    for (int i = 0; i < 4; i++)
        if (!once(*(int *)from + i))
            *(int *)from = -1000;
    return NULL;
}

static void again_and_again(void)
{
    int ok = 1, start[3] = {0, 1, 2};
    pthread_t thread[3];
    long before = 0;
    for (int i = 0; i < 40; i++) {
        ok = ok && once(i);
        before = i == 9 ? resident() : before;
    }
    check("opened and closed forty times", ok);
    const long more = resident() - before;
    printf("     %ld KB more after 30 times\n", more);
#ifndef __SANITIZE_ADDRESS__ /* keeps what is freed for a while */
    check("no memory is lost", more < 8000);
#endif
    for (int i = 0; i < 3; i++)
        pthread_create(&thread[i], NULL, many, &start[i]);
    for (int i = 0; i < 3; i++) {
        pthread_join(thread[i], NULL);
        check("models of several threads", start[i] == i);
    }
}

int main(int argc, char **argv)
{
    struct wt_model *model = NULL;
    struct wt_tracker *tracker = NULL;
    if (argc != 4 || !read_picture(argv[3]))
        return 2;
    weights = argv[1];
    detector = argv[2];
    wt_set_log(count, NULL, WT_LOG_WARN);
    models();
    enum wt_status status = wt_model_open(&model, weights, NULL);
    check("opened, whatever the decimal point", !status);
    if (status)
        return 1;
    check("the crop factor is no whole number", wt_model_describe(model).crop_factor > 1.1f);
    trackers(model);
    wt_tracker_create(&tracker, model,
                      &(struct wt_tracker_options){.detector = detector, .smooth = true});
    pictures(tracker);
    points();
    wt_tracker_destroy(&tracker);
    wt_model_close(&model);
    again_and_again();
    free((void *)picture.data);
    return failed > 0;
}
