/* Reading, tracking and encoding each have a thread, so a run takes as long as the slowest of
 * them: the reader fills a short queue, this thread tracks, the recorder encodes. */
#include "track/track.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fifo.h"
#include "base/paths.h"
#include "base/status.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "draw/annotate.h"
#include "face/picture.h"
#include "face/scheme.h"
#include "measure/jitter.h"
#include "record/recorder.h"
#include "record/result_writer.h"
#include "track/stills.h"
#include "track/tracker_offset.h"

/* Frames that are read ahead; of large ones fewer, as each takes its memory once more. */
#define READ_AHEAD 4
#define READ_AHEAD_BYTES (200 << 20)

struct run {
    const struct wt_track_settings *settings;
    struct wt_view view;
    struct wt_source *source;
    struct wt_source_info info;
    struct wt_model *model;
    struct wt_tracker *tracker; /* NULL: stills */
    struct wt_stills stills;
    struct wt_recorder *recorder;
    struct wt_result_writer *writer[2];
    struct wt_streams *streams;
    struct wt_fifo *frames;
    struct wt_result result;
    pthread_t reader;
    bool reading;               /* the thread was started */
    enum wt_status read_status; /* the reader's; valid once it has ended */
    bool picture;               /* the output is one picture */
    struct wt_jitter jitter;
    int64_t count, with_face;
    uint32_t newest_id;
    int64_t people;
    int64_t unreadable; /* pictures */
    bool whole;         /* it was tracked to its end */
    bool broke_off;     /* a video ended before its time */
    int64_t crowded;    /* frames with more faces than are followed */
    int last_faces;     /* of the last frame */
    double forward_ms;
    int64_t first_us;  /* time of the first frame */
    int width, height; /* of the last frame */
};

/* ---- reading ------------------------------------------------------------------------------- */

static void frame_destroy(void *item)
{
    struct wt_frame *frame = item;
    wt_frame_unref(&frame);
}

static void *read_all(void *arg)
{
    struct run *r = arg;
    struct wt_frame *frame = NULL;
    enum wt_status status;
    while ((status = wt_source_read(r->source, &frame)) == WT_OK)
        if (!wt_fifo_push_wait(r->frames, frame))
            break;
    if (status == WT_ERR_LOST)
        wt_fail(status, "%s: no more pictures come from it", r->info.name);
    r->read_status = status == WT_END ? WT_OK : status;
    wt_fifo_close(r->frames);
    return NULL;
}

static int read_ahead(const struct run *r)
{
    const int64_t n = READ_AHEAD_BYTES / ((int64_t)r->info.width * r->info.height * 3 + 1);
    const int most = r->stills.room > READ_AHEAD ? r->stills.room : READ_AHEAD;
    return n < 1 ? 1 : n > most ? most : (int)n;
}

static enum wt_status start_reader(struct run *r)
{
    sigset_t all, before;
    enum wt_status status = wt_fifo_create(&r->frames, read_ahead(r), frame_destroy);
    if (status != WT_OK)
        return status;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r->reading = pthread_create(&r->reader, NULL, read_all, r) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r->reading ? WT_OK : wt_fail(WT_ERR_MEMORY, "cannot start a thread");
}

/* After Ctrl-C the reader may be blocked on standard input, which cannot be interrupted: then it
 * ends with the program, and the objects it uses must stay alive. Returns whether it has ended. */
static bool stop_reader(struct run *r)
{
    if (!r->reading)
        return true;
    wt_fifo_close(r->frames);
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    bool forever = !wt_interrupted() || r->info.kind != WT_SOURCE_RAW;
    return (forever ? pthread_join(r->reader, NULL)
                    : pthread_timedjoin_np(r->reader, NULL, &until)) == 0;
}

/* ---- outputs ------------------------------------------------------------------------------- */

static enum wt_status open_video(struct run *r)
{
    const char *path = r->settings->output;
    if (!path)
        return WT_OK;
    r->picture = wt_has_picture_name(path);
    if (!r->picture)
        return wt_recorder_open(
            &r->recorder, path, r->info.width, r->info.height,
            &(struct wt_recorder_options){
                .lossless_queue = r->info.kind != WT_SOURCE_CAMERA,
                .fps_hint = r->info.fps,
                .pixel_width = r->info.pixel_width,
                .pixel_height = r->info.pixel_height,
                .numbered = r->settings->output_stem != NULL,
                .stem = r->settings->output_stem,
                .sound = {r->settings->no_audio ? NULL : wt_source_sound(r->source)}});
    if (r->info.kind != WT_SOURCE_PICTURES || r->info.frames != 1)
        return wt_fail(
            WT_ERR_ARGUMENT,
            "%s: only a single picture can be written as a picture; name a video (.mkv, .mp4)",
            path);
    return WT_OK;
}

/* Is the output a picture of the folder, or one that may be of the pattern? */
static enum wt_status spare_picture(const struct run *r, const char *path)
{
    struct wt_path inside;
    const char *input = r->settings->input;
    if (!path || !input || r->info.kind != WT_SOURCE_PICTURES || !wt_has_picture_name(path) ||
        access(path, F_OK) != 0)
        return WT_OK;
    const enum wt_status status = wt_path_print(&inside, "%s/%s", input, wt_base_name(path));
    return status || !(strpbrk(input, "*?[%") || wt_same_file(inside.text, path))
               ? status
               : wt_fail(WT_ERR_ARGUMENT, "%s: already exists, and may be the input", path);
}

/* All of them, before anything is changed in their places. */
static enum wt_status open_outputs(struct run *r)
{
    const struct wt_track_settings *s = r->settings;
    struct wt_result_writer_options options = {.format = s->shard.part > 1 ? WT_RESULT_CSV_ROWS
                                                                           : WT_RESULT_CSV,
                                               .points = r->view.points,
                                               .openface = s->openface,
                                               .ellipses = s->csv_ellipses};
    enum wt_status status = spare_picture(r, s->output);
    if (status == WT_OK)
        status = spare_picture(r, s->csv);
    if (status == WT_OK)
        status = spare_picture(r, s->jsonl);
    if (status == WT_OK)
        status = open_video(r);
    if (status == WT_OK && s->csv)
        status = wt_result_writer_open(&r->writer[0], s->csv, &options);
    options.format = WT_RESULT_JSONL;
    if (status == WT_OK && s->jsonl)
        status = wt_result_writer_open(&r->writer[1], s->jsonl, &options);
    struct wt_stream_options streams = s->streams;
    streams.wait = true;
    return status ? status : wt_streams_open(&r->streams, &streams);
}

static enum wt_status write_picture(struct run *r, const struct wt_frame *frame,
                                    const struct wt_result *result, const struct wt_view *view)
{
    struct wt_frame *drawn = wt_annotate(frame, result, view);
    if (!drawn)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->settings->output);
    enum wt_status status = wt_picture_write(&drawn->image, r->settings->output);
    wt_frame_unref(&drawn);
    return status;
}

static enum wt_status write_outputs(struct run *r, struct wt_frame *frame,
                                    const struct wt_result *result, const struct wt_view *view)
{
    enum wt_status status = WT_OK;
    for (int i = 0; i < 2 && status == WT_OK; i++)
        if (r->writer[i]) {
            if (r->settings->stills)
                wt_result_writer_name(r->writer[i],
                                      wt_source_picture_name(r->source, frame->place));
            status = wt_result_writer_write(
                r->writer[i], r->info.kind == WT_SOURCE_PICTURES ? frame->place : r->count,
                frame->time_us, &frame->image, result);
        }
    wt_streams_push(r->streams, frame, result, view);
    if (status == WT_OK && r->picture)
        status = write_picture(r, frame, result, view);
    if (status == WT_OK && r->recorder && !wt_recorder_push(r->recorder, frame, result, view)) {
        status = wt_recorder_stats(r->recorder).status; /* reported by the recorder */
        if (status == WT_OK && r->info.kind != WT_SOURCE_CAMERA)
            status = wt_fail(WT_ERR_IO, "%s: frame %lld was not recorded", r->settings->output,
                             (long long)r->count + 1);
    }
    return status;
}

/* ---- tracking ------------------------------------------------------------------------------ */

/* Unrelated pictures need not wait for each other. Fewer than there are threads share those
 * instead, and raw frames may come from a program that waits for the last one's points. */
static bool side_by_side(const struct run *r)
{
    const int threads = wt_model_describe(r->model).threads;
    return r->settings->stills && !r->settings->watch && r->info.kind == WT_SOURCE_PICTURES &&
           threads > 1 && r->info.frames >= threads;
}

static enum wt_status open_tracker(struct run *r)
{
    const struct wt_track_settings *s = r->settings;
    enum wt_status status = wt_common_open_model(&s->common, s->faces, &r->model);
    if (status != WT_OK)
        return status;
    int wanted = wt_common_points(&s->common), own = wt_model_describe(r->model).points;
    struct wt_point from[WT_POINTS_MAX] = {{0, 0}}, to[WT_POINTS_MAX];
    if (wanted && wt_points_convert(from, own, to, wanted) != WT_OK)
        return wt_fail(WT_ERR_ARGUMENT, "--points: the model's %d points cannot be converted to %d",
                       own, wanted);
    const struct wt_scheme *scheme = wt_scheme_get(own);
    if (s->jitter && (!scheme || scheme->eye_outer[0] < 0))
        return wt_fail(WT_ERR_UNSUPPORTED, "--jitter: %d points have no outer eye corners", own);
    r->view = (struct wt_view){.landmarks = !s->bare,
                               .heatmaps = s->heatmaps,
                               .boundary = s->boundary,
                               .boxes = s->boxes,
                               .ellipses = s->ellipses,
                               .axes = s->axes,
                               .points = wanted ? wanted : own};
    const struct wt_tracker_options with = {.max_faces = s->faces,
                                            .search_every = (float)s->search_every,
                                            .detector = wt_common_detector(&s->common),
                                            .smooth = !s->no_smooth && !s->stills && !s->jitter,
                                            .maps = (s->output || s->streams.camera) &&
                                                    (s->heatmaps || s->boundary),
                                            .stacks = s->stacks};
    const bool twins = side_by_side(r);
    status = twins ? wt_stills_init(&r->stills, r->model, &with)
                   : wt_tracker_create(&r->tracker, r->model, &with);
    for (int i = 0; twins && i < r->stills.twins.count && status == WT_OK; i++)
        status = wt_tracker_set_offset(r->stills.twins.tracker[i], s->offset);
    return twins || status ? status : wt_tracker_set_offset(r->tracker, s->offset);
}

/* Ids identify a face across frames; for unrelated pictures they start at 1. */
static void number_faces(const struct run *r, struct wt_result *result)
{
    for (int i = 0; r->settings->stills && i < result->faces; i++)
        result->face[i].id = (uint32_t)i + 1;
}

/* Of a frame that was written. */
static void count_faces(struct run *r, const struct wt_result *result)
{
    r->count++;
    r->with_face += result->faces > 0;
    r->crowded += result->unfollowed > 0;
    r->forward_ms += result->forward_ms;
    for (int i = 0; i < result->faces; i++) {
        /* ids rise and never come again */
        if (r->settings->stills || result->face[i].id > r->newest_id) {
            r->newest_id = result->face[i].id;
            r->people++;
        }
    }
}

/* Counts, shows and writes a frame that was tracked. */
static enum wt_status take_result(struct run *r, struct wt_frame *frame, struct wt_result *result)
{
    enum wt_status status = WT_OK;
    r->last_faces = result->faces;
    number_faces(r, result);
    if (r->settings->jitter)
        wt_jitter_add(&r->jitter, result, frame->time_us);
    struct wt_view view = r->view;
    const struct wt_track_watch *watch = r->settings->watch;
    if (watch)
        status = watch->frame(watch->context, frame, frame->time_us - r->first_us, result, &view);
    if (status == WT_OK)
        status = write_outputs(r, frame, result, &view);
    if (status == WT_OK)
        count_faces(r, result);
    return status;
}

static enum wt_status track_frame(struct run *r, struct wt_frame *frame)
{
    const struct wt_image *image = &frame->image;
    bool cut = r->count > 0 && (image->width != r->width || image->height != r->height);
    if (cut || r->settings->stills)
        wt_tracker_reset(r->tracker);
    r->width = image->width;
    r->height = image->height;
    enum wt_status status = wt_tracker_track(r->tracker, image, frame->time_us, &r->result);
    return status == WT_OK ? take_result(r, frame, &r->result) : status;
}

/* Tracks a window of pictures, and writes those that came before an interrupt. */
static enum wt_status track_window(struct run *r)
{
    enum wt_status status = WT_OK;
    struct wt_stills *stills = &r->stills;
    wt_stills_track(stills);
    for (int i = 0; i < stills->count && stills->still[i].done && status == WT_OK; i++) {
        struct wt_still *still = &stills->still[i];
        status = wt_stills_check(stills, still);
        if (status == WT_OK)
            status = take_result(r, still->frame, &still->result);
    }
    wt_stills_clear(stills);
    return status;
}

/* How many frames there will be, -1: unknown. */
static int64_t expected_frames(const struct run *r)
{
    int64_t wanted = (int64_t)(r->settings->length * r->info.fps);
    return wanted > 0 && (r->info.frames < 0 || r->info.frames > wanted) ? wanted : r->info.frames;
}

static bool reached_length(struct run *r, const struct wt_frame *frame)
{
    if (r->count == 0)
        r->first_us = frame->time_us;
    return r->settings->length > 0 &&
           (double)(frame->time_us - r->first_us) >= 1e6 * r->settings->length;
}

/* Takes the frame over. */
static enum wt_status add_still(struct run *r, struct wt_frame **frame, bool ended)
{
    bool full = *frame && !wt_stills_add(&r->stills, *frame);
    *frame = NULL;
    return full || ended ? track_window(r) : WT_OK;
}

static enum wt_status track_all(struct run *r)
{
    struct wt_progress progress;
    enum wt_status status = WT_OK;
    char note[64];
    bool ended = false;
    wt_progress_start(&progress, "frames", expected_frames(r));
    while (status == WT_OK && !ended && !wt_interrupted()) {
        struct wt_frame *frame = wt_fifo_pop(r->frames, 200);
        ended = frame ? reached_length(r, frame) : wt_fifo_closed(r->frames);
        r->whole = ended && !frame;
        if (!r->tracker)
            status = add_still(r, &frame, ended);
        else if (frame && !ended)
            status = track_frame(r, frame);
        wt_frame_unref(&frame);
        snprintf(note, sizeof note, "%d face%s", r->last_faces, r->last_faces == 1 ? "" : "s");
        wt_progress_update(&progress, r->count, note);
    }
    wt_progress_finish(&progress);
    return status;
}

static void report_crowd(const struct run *r)
{
    const int faces = r->settings->faces;
    if (r->crowded && faces < WT_FACES_MAX)
        wt_log(WT_LOG_WARN,
               "more faces were seen than the %d that are followed; --faces N follows up to %d",
               faces, WT_FACES_MAX);
    else if (r->crowded)
        wt_log(WT_LOG_WARN, "more faces were seen than the %d that can be followed", faces);
}

/* ---- the run ------------------------------------------------------------------------------- */

static void summarise(const struct run *r, double seconds)
{
    struct wt_track_watch *watch = r->settings->watch;
    if (watch) {
        watch->frames = r->count;
        watch->with_face = r->with_face;
        watch->seconds = seconds;
    }
    if (watch || r->count == 0)
        return;
    wt_log(WT_LOG_INFO,
           "%lld frame%s in %.1f s (%.1f/s, network %.1f ms a frame); a face in %lld of them "
           "(%.1f %%), %lld different",
           (long long)r->count, r->count == 1 ? "" : "s", seconds, (double)r->count / seconds,
           r->forward_ms / (double)r->count, (long long)r->with_face,
           100.0 * (double)r->with_face / (double)r->count, (long long)r->people);
}

static enum wt_status print_jitter(const struct wt_jitter *j)
{
    static const char *const name[2] = {"raw", "smoothed"};
    if (!j->still)
        return wt_fail(WT_ERR_FORMAT,
                       "no jitter to measure: of %lld pairs of frames none has a still head",
                       (long long)j->pairs);
    printf("Frames     %lld; %lld pairs of a face, %lld of them with a still head (moved by less "
           "than %g %%)\n\n",
           (long long)j->frames, (long long)j->pairs, (long long)j->still, WT_JITTER_STILL);
    printf("%% of the eye distance   motion of points   without the head's own\n");
    for (int k = 0; k < 2; k++)
        printf("%-21s %18.3f %24.3f\n", name[k], j->whole[k] / (double)j->still,
               j->residual[k] / (double)j->still);
    return WT_OK;
}

/* Each was named when it could not be read. */
static enum wt_status check_pictures(const struct run *r)
{
    const long long n = r->unreadable, all = n + r->count;
    return n ? wt_fail(WT_ERR_FORMAT, "%s: %lld of %lld pictures could not be read",
                       r->settings->input ? r->settings->input : r->info.name, n, all)
             : WT_OK;
}

static enum wt_status first_of(enum wt_status a, enum wt_status b)
{
    return a != WT_OK ? a : b;
}

/* Everything is closed, also after an error, and what was tracked until then is kept: where the
 * input broke off or somebody ended the run, instead of what was there; after a failure of ours, a
 * full disk as well, under new names only. Without a frame the outputs' places stay as they were.
 */
static enum wt_status close_all(struct run *r, enum wt_status status)
{
    bool ended = stop_reader(r);
    const bool ours = status || (r->reading && ended && r->read_status == WT_ERR_MEMORY);
    enum wt_keep keep = r->count == 0 ? WT_KEEP_NOTHING : ours ? WT_KEEP_NEW : WT_KEEP_ALL;
    struct wt_recorder_stats stats = {0};
    if (r->reading && ended)
        status = first_of(status, r->read_status);
    if (r->recorder && r->whole)
        wt_recorder_sound_to_end(r->recorder);
    if (r->recorder)
        if (wt_recorder_close(&r->recorder, keep, &stats)) {
            status = first_of(status, WT_ERR_IO);
            keep = keep ? WT_KEEP_NEW : keep;
        }
    if (r->settings->watch)
        snprintf(r->settings->watch->video, sizeof r->settings->watch->video, "%s", stats.path);
    for (int i = 0; i < 2; i++)
        status = first_of(status, wt_result_writer_close(&r->writer[i], keep));
    wt_streams_close(&r->streams);
    wt_stills_fini(&r->stills);
    wt_tracker_destroy(&r->tracker);
    wt_model_close(&r->model);
    wt_result_fini(&r->result);
    if (r->source)
        r->unreadable = wt_source_unreadable(r->source);
    if (r->reading && ended)
        r->broke_off = wt_source_broke_off(r->source);
    if (ended) {
        wt_fifo_destroy(&r->frames);
        wt_source_close(&r->source);
    }
    return status;
}

static bool is_interrupted(void *user)
{
    return wt_interrupted();
}

enum wt_status wt_track_run(const struct wt_track_settings *settings)
{
    static struct run run; /* outlives the call: see stop_reader */
    struct run *r = &run;
    *r = (struct run){.settings = settings};
    const struct wt_source_spec spec = {.input = settings->input,
                                        .width = settings->width,
                                        .height = settings->height,
                                        .fps = settings->fps,
                                        .shard = settings->shard,
                                        .give_up = is_interrupted};
    if (!settings->watch)
        wt_interrupt_catch();
    r->source = settings->source;
    enum wt_status status = r->source ? WT_OK : wt_source_open(&r->source, &spec);
    if (status == WT_OK) {
        r->info = wt_source_describe(r->source);
        status = open_tracker(r);
    }
    if (status == WT_OK)
        status = open_outputs(r);
    if (status == WT_OK)
        status = start_reader(r);
    int64_t start = wt_now_us();
    if (status == WT_OK)
        status = track_all(r);
    status = close_all(r, status);
    summarise(r, (double)(wt_now_us() - start) / 1e6);
    report_crowd(r);
    if (status == WT_OK && wt_interrupted() && r->count == 0)
        status = wt_fail(WT_ERR_IO, "stopped before the first frame");
    if (status == WT_OK && wt_interrupted() && !settings->watch)
        status = wt_fail(WT_ERR_IO, "stopped after %lld frames; the files are complete up to there",
                         (long long)r->count);
    if (status == WT_OK && r->count == 0)
        status = wt_fail(WT_ERR_FORMAT, "%s: no frame could be read",
                         settings->input ? settings->input : r->info.name);
    if (status == WT_OK && settings->jitter)
        status = print_jitter(&r->jitter);
    if (status == WT_OK)
        status = check_pictures(r);
    if (status == WT_OK && r->broke_off)
        status = wt_fail(WT_ERR_FORMAT, "%s: broke off; the files have its %lld frames",
                         r->info.name, (long long)r->count);
    return status;
}
