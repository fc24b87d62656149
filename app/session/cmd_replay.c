/* `wingtip replay`: tracks a session's frames again, and compares. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outputs.h"
#include "base/status.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "draw/annotate.h"
#include "face/scheme.h"
#include "input/source.h"
#include "record/video_writer.h"
#include "session/session.h"

#define PARTS 5

struct settings {
    struct wt_common common; /* first */
    const char *folder, *output;
};

/* Sums over points of faces that both have. */
struct differences {
    double pixels[PARTS], shares[PARTS]; /* distances; as shares of the eyes' distance */
    int64_t points[PARTS];
    int64_t faces, alone; /* seen by both; by one of the two */
};

struct replay {
    struct settings *settings;
    struct wt_session_head head, now;
    struct wt_session_log *log;
    struct wt_source *source;
    struct wt_model *model;
    struct wt_tracker *tracker;
    const char *detector;
    struct wt_video_writer *video;
    struct wt_session_step step, set; /* of this frame; that the tracker has */
    struct wt_result kept, result;    /* the session's, without maps; the new one */
    struct differences differences;
    int64_t frames, differing, first_differing;
};

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_POSITIONAL, "DIR", 0, AT(folder), NULL,
     "the session: a folder that live --session has made", .required = true},
    {WT_OPTION_STRING, "--output", 'o', AT(output), "FILE",
     "video (.mkv, .mp4): left what the session has, right what comes now"},
    {.name = NULL},
};
#undef AT

/* ---- the same weights ------------------------------------------------------------------------ */

/* The session's file, or bundled weights of that name; they must be the same bytes. */
static enum wt_status find_weights(const struct wt_path *path, const char *sha256,
                                   struct wt_path *found)
{
    char name[256];
    *found = *path;
    FILE *f = fopen(path->text, "rbe");
    if (f) {
        fclose(f);
        return WT_OK;
    }
    snprintf(name, sizeof name, "%.200s", wt_base_name(path->text));
    char *dot = strrchr(name, '.');
    if (dot)
        *dot = '\0';
    wt_weights_path(name, found->text, sizeof found->text);
    f = fopen(found->text, "rbe");
    if (f)
        fclose(f);
    return f ? WT_OK
             : wt_fail(WT_ERR_IO, "%s: the session's weights (SHA-256 %.12s...) are not there",
                       path->text, sha256);
}

static enum wt_status check_hash(const char *what, const char *path, const char *wanted,
                                 const char *found)
{
    return strcmp(wanted, found) == 0
               ? WT_OK
               : wt_fail(WT_ERR_FORMAT, "%s: not the session's %s: SHA-256 %.12s..., not %.12s...",
                         path, what, found, wanted);
}

static int precision_of(const char *name)
{
    static const char *const names[] = {"auto", "f32", "bf16", "int8"};
    for (int i = 1; i < 4; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return 0;
}

/* What was not asked for is as in the session. */
static enum wt_status open_model(struct replay *r)
{
    struct wt_common c = r->settings->common;
    struct wt_path model, detector;
    const bool other = c.model != NULL;
    enum wt_status status = WT_OK;
    if (!other) {
        status = find_weights(&r->head.model, r->head.model_sha256, &model);
        c.model = model.text;
        c.precision = c.precision ? c.precision : precision_of(r->head.precision);
        c.cpu_mask = c.cpu_mask ? c.cpu_mask : r->head.kernels;
    }
    if (!status && !c.detector && strcmp(r->head.detector.text, "haar") == 0) {
        c.detector = "haar";
    } else if (!status && !c.detector) {
        status = find_weights(&r->head.detector, r->head.detector_sha256, &detector);
        c.detector = detector.text;
    }
    if (status)
        return status;
    wt_common_resolve(&c);
    r->settings->common.model_path = c.model_path;
    r->settings->common.detector_path = c.detector_path;
    status = wt_common_open_model(&c, 1, &r->model);
    r->detector = status ? NULL : r->settings->common.detector_path.text;
    if (!status)
        status = wt_session_describe(&r->now, r->model, r->detector);
    if (!status && !other)
        status =
            check_hash("weights", r->now.model.text, r->head.model_sha256, r->now.model_sha256);
    if (!status && !r->settings->common.detector)
        status = check_hash("detector", r->now.detector.text, r->head.detector_sha256,
                            r->now.detector_sha256);
    return status;
}

static enum wt_status set_tracker(struct replay *r)
{
    const struct wt_session_step *s = &r->step;
    const int stacks = wt_model_describe(r->model).stacks;
    const struct wt_tracker_options with = {.max_faces = s->faces,
                                            .search_every = s->search_every,
                                            .detector = r->detector,
                                            .smooth = s->smoothing > 0.0f,
                                            .smooth_strength = s->smoothing,
                                            .stacks = s->stacks <= stacks ? s->stacks : 0};
    const bool same = r->tracker && r->set.faces == s->faces && r->set.stacks == s->stacks &&
                      r->set.search_every == s->search_every && r->set.smoothing == s->smoothing;
    r->set = *s;
    return same         ? WT_OK
           : r->tracker ? wt_tracker_configure(r->tracker, &with)
                        : wt_tracker_create(&r->tracker, r->model, &with);
}

/* ---- differences ----------------------------------------------------------------------------- */

static struct wt_point middle(const struct wt_face *face)
{
    struct wt_point m = {0, 0};
    for (int i = 0; i < face->points; i++) {
        m.x += face->point[i].x / (float)face->points;
        m.y += face->point[i].y / (float)face->points;
    }
    return m;
}

static double distance(struct wt_point a, struct wt_point b)
{
    return hypot((double)a.x - (double)b.x, (double)a.y - (double)b.y);
}

static double eye_distance(const struct wt_face *face, const struct wt_scheme *scheme)
{
    return scheme && scheme->eye_outer[0] >= 0
               ? distance(face->point[scheme->eye_outer[0]], face->point[scheme->eye_outer[1]])
               : 0;
}

/* The nearest face, not farther than its eyes are apart. */
static const struct wt_face *nearest(const struct wt_face *to, const struct wt_result *result,
                                     double within)
{
    const struct wt_face *best = NULL;
    for (int i = 0; i < result->faces; i++) {
        const double d = distance(middle(to), middle(&result->face[i]));
        if (d <= within) {
            within = d;
            best = &result->face[i];
        }
    }
    return best;
}

static void compare_faces(struct differences *d, const struct wt_face *a, const struct wt_face *b)
{
    const int points = a->points < b->points ? a->points : b->points;
    const struct wt_scheme *scheme = wt_scheme_get(points);
    struct wt_face both[2] = {*a, *b};
    const double eyes = eye_distance(a, wt_scheme_get(a->points));
    d->faces++;
    if (!scheme || wt_points_convert(a->point, a->points, both[0].point, points) ||
        wt_points_convert(b->point, b->points, both[1].point, points))
        return;
    for (int i = 0; i < points; i++) {
        const int part = (int)wt_view_part(scheme, i);
        const double by = distance(both[0].point[i], both[1].point[i]);
        d->pixels[part] += by;
        d->shares[part] += eyes > 0 ? by / eyes : 0;
        d->points[part]++;
    }
}

static void compare(struct replay *r)
{
    struct differences *d = &r->differences;
    int seen = 0;
    for (int i = 0; i < r->kept.faces; i++) {
        const struct wt_face *a = &r->kept.face[i];
        const double eyes = eye_distance(a, wt_scheme_get(a->points));
        const struct wt_face *b = nearest(a, &r->result, eyes > 0 ? eyes : 50);
        if (b)
            compare_faces(d, a, b);
        else
            d->alone++;
        seen += b != NULL;
    }
    if (r->result.faces > seen)
        d->alone += r->result.faces - seen;
}

static void print_differences(const struct differences *d)
{
    static const char *const names[PARTS] = {"jaw", "brows", "eyes", "nose", "lips"};
    double pixels = 0, shares = 0;
    int64_t points = 0;
    printf("Faces      %lld in both, %lld in one of them\n\n", (long long)d->faces,
           (long long)d->alone);
    printf("Mean distance    pixels   %% of the eyes' distance\n");
    for (int i = 0; i <= PARTS; i++) {
        const bool all = i == PARTS;
        const double n = (double)(all ? points : d->points[i]);
        if (n > 0)
            printf("%-12s %10.3f %10.3f\n", all ? "all points" : names[i],
                   (all ? pixels : d->pixels[i]) / n, 100 * (all ? shares : d->shares[i]) / n);
        if (all)
            break;
        pixels += d->pixels[i];
        shares += d->shares[i];
        points += d->points[i];
    }
}

/* ---- the video ------------------------------------------------------------------------------- */

static void put_beside(struct wt_frame *to, const struct wt_frame *from, int x)
{
    for (int y = 0; y < from->image.height; y++)
        memcpy(to->pixels + (size_t)y * (size_t)to->image.stride + 3 * (size_t)x,
               from->image.data + (ptrdiff_t)y * from->image.stride, 3 * (size_t)from->image.width);
}

static enum wt_status write_video(struct replay *r, const struct wt_frame *frame)
{
    static const struct wt_view left = {.landmarks = true, .caption = "session"},
                                right = {.landmarks = true, .caption = "now"};
    const int width = frame->image.width, height = frame->image.height;
    enum wt_status status = WT_OK;
    if (!r->video)
        status = wt_video_writer_open(&r->video, r->settings->output, 2 * width, height,
                                      &(struct wt_video_writer_options){.live = true});
    if (status)
        return status;
    struct wt_frame *a = wt_annotate(frame, &r->kept, &left),
                    *b = wt_annotate(frame, &r->result, &right),
                    *both = wt_frame_create(2 * width, height);
    if (a && b && both) {
        put_beside(both, a, 0);
        put_beside(both, b, width);
        both->time_us = frame->time_us;
        status = wt_video_writer_write(r->video, both);
    } else {
        status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->settings->output);
    }
    wt_frame_unref(&a);
    wt_frame_unref(&b);
    wt_frame_unref(&both);
    return status;
}

/* ---- frame by frame -------------------------------------------------------------------------- */

static enum wt_status same_text(struct replay *r, const char *faces)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return wt_fail(WT_ERR_MEMORY, "replay: out of memory");
    wt_session_print_faces(out, &r->result);
    fclose(out);
    if (text && strcmp(text, faces) != 0 && r->differing++ == 0)
        r->first_differing = r->frames + 1;
    free(text);
    return WT_OK;
}

static enum wt_status track_frame(struct replay *r, const struct wt_frame *frame, const char *faces)
{
    enum wt_status status = set_tracker(r);
    if (!status && r->step.reset)
        wt_tracker_reset(r->tracker);
    if (!status)
        status = wt_tracker_track(r->tracker, &frame->image, r->step.time_us, &r->result);
    if (!status)
        status = same_text(r, faces);
    if (status)
        return status;
    compare(r);
    r->frames++;
    return r->settings->output ? write_video(r, frame) : WT_OK;
}

static enum wt_status track_all(struct replay *r)
{
    const char *faces;
    enum wt_status status = WT_OK;
    while (!status && !wt_interrupted()) {
        struct wt_frame *frame = NULL;
        status = wt_session_log_read(r->log, &r->step, &faces, &r->kept);
        if (!status)
            status = wt_source_read(r->source, &frame);
        if (!status)
            status = track_frame(r, frame, faces);
        wt_frame_unref(&frame);
    }
    if (!status)
        return wt_fail(WT_ERR_IO, "stopped after %lld frames", (long long)r->frames);
    if (status != WT_END)
        return status;
    return r->frames ? WT_OK
                     : wt_fail(WT_ERR_FORMAT, "%s: a session without frames", r->settings->folder);
}

static enum wt_status report(const struct replay *r)
{
    const bool other = r->settings->common.model != NULL;
    printf("Session    %s: %lld frames, %s, %s, %s\n", r->settings->folder, (long long)r->frames,
           wt_base_name(r->head.model.text), r->head.precision, r->head.kernels);
    printf("Now        %s, %s, %s\n", wt_base_name(r->now.model.text), r->now.precision,
           r->now.kernels);
    if (r->differing == 0) {
        printf("The results are the same, bit for bit\n");
        return WT_OK;
    }
    printf("Results    differ in %lld frames, the first is %lld\n", (long long)r->differing,
           (long long)r->first_differing);
    print_differences(&r->differences);
    return other ? WT_OK
                 : wt_fail(WT_ERR_FORMAT, "%s: other results in %lld of %lld frames",
                           r->settings->folder, (long long)r->differing, (long long)r->frames);
}

static int run(void *settings)
{
    static struct replay replay;
    struct replay *r = &replay;
    struct wt_path video, lines;
    *r = (struct replay){.settings = settings};
    wt_interrupt_catch();
    enum wt_status status = wt_session_log_open(&r->log, r->settings->folder, &r->head);
    if (!status)
        status = wt_path_print(&video, "%s/video.mkv", r->settings->folder);
    if (!status)
        status = wt_path_print(&lines, "%s/session.jsonl", r->settings->folder);
    if (!status)
        status = wt_outputs_apart(
            &(struct wt_outputs){.in = {video.text, lines.text}, .out = {r->settings->output}});
    if (!status)
        status = wt_source_open(&r->source, &(struct wt_source_spec){.input = video.text});
    if (!status)
        status = open_model(r);
    if (!status)
        status = track_all(r);
    const enum wt_status closed =
        wt_video_writer_close(&r->video, status ? WT_KEEP_NEW : WT_KEEP_ALL);
    if (!status && !(status = closed))
        status = report(r);
    wt_tracker_destroy(&r->tracker);
    wt_result_fini(&r->result);
    wt_model_close(&r->model);
    wt_source_close(&r->source);
    wt_session_log_close(&r->log);
    return wt_exit_status(status);
}

const struct wt_command wt_command_replay = {
    .name = "replay",
    .summary = "Track a session of the window again, and compare.",
    .details = "Takes frames, times and settings from the folder that live --session has made. "
               "With the session's own weights the results must be the same bit for bit: exit "
               "status 1 where they are not. With --model the differences to another network are "
               "printed, by part of the face.",
    .option = options,
    .common = true,
    .settings_size = sizeof(struct settings),
    .run = run,
};
