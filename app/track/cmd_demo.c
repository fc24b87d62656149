/* `wingtip demo`: what the window shows, without one. A few seconds of the camera, a video or the
 * demo clip become a video and a contact sheet that show landmarks, heatmaps and boundary in turn.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/fresh_file.h"
#include "base/status.h"
#include "cli/input_options.h"
#include "cli/interrupt.h"
#include "draw/annotate.h"
#include "draw/sheet.h"
#include "face/picture.h"
#include "track/track.h"

enum { COLUMNS = 4, TILE_WIDTH = 480 };

struct settings {
    struct wt_common common;
    struct wt_input_choice input;
    const char *out;
    double seconds;
    int faces;
    double search_every;
    bool no_audio;
};

/* The views that are shown one after another, each for an equal part of the time and in a row of
 * the sheet. */
static const struct part {
    const char *caption;
    bool heatmaps, boundary;
} parts[] = {
    {.caption = "landmarks"},
    {.caption = "landmarks + heatmaps", .heatmaps = true},
    {.caption = "landmarks + boundary", .boundary = true},
};
enum { PARTS = sizeof parts / sizeof *parts, TILES = PARTS * COLUMNS };

struct demo {
    struct wt_source_info info;
    double length; /* expected length in seconds */
    double last;   /* seconds from the first frame to the newest one */
    int faces;     /* most at once */
    struct wt_sheet sheet;
    int tiles; /* on the sheet */
    int due;   /* the next tile to fill */
    struct wt_fresh_file video;
};

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    WT_OPTION_FILE(AT(input.file)),
    WT_OPTION_CAMERA(AT(input.camera)),
    WT_OPTION_INPUT(AT(input.input)),
    {WT_OPTION_REAL, "--seconds", 's', AT(seconds), "S",
     "length to track; Ctrl-C ends it earlier and keeps what was written", 0.1, 3600},
    {WT_OPTION_STRING, "--out", 'o', AT(out), "DIR",
     "folder for the video and the sheet; default: the current one"},
    {WT_OPTION_FLAG, "--no-audio", 0, AT(no_audio), NULL, WT_NO_AUDIO_HELP},
    {WT_OPTION_INT, "--faces", 0, AT(faces), "N", "maximum number of faces to track", 1,
     WT_FACES_MAX},
    {WT_OPTION_REAL, "--search-every", 0, AT(search_every), "S", WT_SEARCH_EVERY_HELP, 0, 3600},
    {.name = NULL},
};
#undef AT

static void defaults(void *settings)
{
    struct settings *s = settings;
    s->seconds = 10;
    s->faces = 4;
}

/* ---- while it runs ------------------------------------------------------------------------- */

static const struct part *part_at(const struct demo *d, double seconds)
{
    int i = (int)(seconds / d->length * PARTS);
    return &parts[i < PARTS ? i : PARTS - 1];
}

/* Tiles show the middle of equal parts of the time. Until its time comes, the first tile shows the
 * first frame, so that a run that is stopped at once also has a sheet. */
static bool tile_is_due(const struct demo *d, double seconds)
{
    return d->tiles == 0 || (d->due < TILES && seconds >= d->length * (d->due + 0.5) / TILES);
}

static enum wt_status add_tile(struct demo *d, const struct wt_frame *frame,
                               const struct wt_result *result, const struct wt_view *view,
                               double seconds)
{
    struct wt_frame *drawn = wt_annotate(frame, result, view);
    if (!drawn)
        return wt_fail(WT_ERR_MEMORY, "sheet: out of memory");
    const bool early = seconds < d->length * 0.5 / TILES;
    enum wt_status status = wt_sheet_put(&d->sheet, early ? 0 : d->due, &drawn->image);
    wt_frame_unref(&drawn);
    d->due += !early;
    d->tiles = early ? 1 : d->due;
    return status;
}

static enum wt_status on_frame(void *context, const struct wt_frame *frame, int64_t since_us,
                               const struct wt_result *result, struct wt_view *view)
{
    struct demo *d = context;
    d->last = (double)since_us / 1e6;
    d->faces = result->faces > d->faces ? result->faces : d->faces;
    const struct part *part = part_at(d, d->last);
    view->caption = part->caption;
    view->heatmaps = part->heatmaps;
    view->boundary = part->boundary;
    view->mirror = d->info.kind == WT_SOURCE_CAMERA;
    return tile_is_due(d, d->last) ? add_tile(d, frame, result, view, d->last) : WT_OK;
}

/* ---- what is there at the end -------------------------------------------------------------- */

static void print_video(const struct demo *d, const struct wt_track_watch *w, const char *note)
{
    const double step = d->length / PARTS;
    printf("Input    %s%s%s%s\n", WT_SHOWN(d->info.name), note ? " (" : "", note ? note : "",
           note ? ")" : "");
    printf("Tracked  %lld frames, %.1f a second\n", (long long)w->frames,
           (double)w->frames / fmax(w->seconds, 1e-6));
    printf("Faces    %d%s, in %lld of the frames\n", d->faces, d->faces > 1 ? " at once" : "",
           (long long)w->with_face);
    printf("Video    %s\n", WT_SHOWN(w->video));
    for (int i = 0; i < PARTS && (i == 0 || d->last > i * step); i++)
        printf("%*s%.1f to %.1f s: %s\n", 9, "", i * step,
               i + 1 < PARTS && d->last > (i + 1) * step ? (i + 1) * step : d->last,
               parts[i].caption);
}

static enum wt_status write_sheet(const struct demo *d, const char *folder)
{
    struct wt_fresh_file file;
    struct wt_path whole;
    uint8_t *bytes = NULL;
    size_t size = 0;
    const struct wt_image image = wt_sheet_image(&d->sheet, d->tiles);
    enum wt_status status = wt_fresh_file(&file, folder, ".png");
    if (!status)
        status = wt_picture_encode(&image, ".png", &bytes, &size);
    if (!status)
        status = wt_fresh_file_write(&file, bytes, size);
    if (!status)
        printf("Sheet    %s\n         %d frames of it\n",
               WT_SHOWN(realpath(file.path.text, whole.text) ? whole.text : file.path.text),
               d->tiles);
    free(bytes);
    return status;
}

static void print_hint(void)
{
    printf(
        "Window   needs a display: run wingtip live (or sh app/start.sh) in a desktop session or "
        "through\n         ssh -X; xvfb-run sh app/start.sh runs it with an invisible display\n");
}

/* ---- the run ------------------------------------------------------------------------------- */

static enum wt_status open_demo(struct demo *d, const struct settings *s, struct wt_source **source,
                                const char **note)
{
    const struct wt_source_spec spec = {.camera = s->input.camera, .input = s->input.input};
    enum wt_status status = wt_source_open_any(source, &spec, false, note);
    if (status)
        return status;
    d->info = wt_source_describe(*source);
    const double there =
        d->info.frames > 0 && d->info.fps > 0 ? (double)d->info.frames / d->info.fps : s->seconds;
    d->length = fmin(there, s->seconds);
    const int width = d->info.width < TILE_WIDTH ? d->info.width : TILE_WIDTH;
    const int height = (int)lrint((double)d->info.height * width / d->info.width);
    return wt_sheet_init(&d->sheet, TILES, COLUMNS, width, height < 1 ? 1 : height);
}

static enum wt_status make_demo(struct demo *d, const struct settings *s)
{
    const char *note = NULL;
    struct wt_source *source = NULL;
    struct wt_track_watch watch = {.context = d, .frame = on_frame};
    wt_interrupt_catch(); /* from here on a file must be finished or removed */
    enum wt_status status = open_demo(d, s, &source, &note);
    if (!status)
        status = wt_fresh_file(&d->video, s->out, ".mp4");
    if (status) {
        wt_source_close(&source);
        goto done;
    }
    const struct wt_track_settings track = {.common = s->common,
                                            .source = source,
                                            .output = d->video.path.text,
                                            .output_stem = d->video.stem.text,
                                            .heatmaps = true,
                                            .boundary = true,
                                            .faces = s->faces,
                                            .search_every = s->search_every,
                                            .length = s->seconds,
                                            .no_audio = s->no_audio,
                                            .watch = &watch};
    status = wt_track_run(&track);
    if (watch.frames > 0) /* after an error too: the file keeps what was written */
        print_video(d, &watch, note);
    if (!status)
        status = write_sheet(d, s->out);
    if (!status)
        print_hint();

done:
    wt_sheet_fini(&d->sheet);
    return status;
}

static int run(void *settings)
{
    struct settings *s = settings;
    enum wt_status status = wt_input_choose(&s->input, "demo");
    if (status)
        return wt_exit_status(status);
    struct demo *demo = calloc(1, sizeof *demo);
    if (!demo)
        return wt_exit_status(wt_fail(WT_ERR_MEMORY, "out of memory"));
    status = make_demo(demo, s);
    free(demo);
    return wt_exit_status(status);
}

const struct wt_command wt_command_demo = {
    .name = "demo",
    .summary = "Follow faces for some seconds without a window: a video and a sheet.",
    .details = "Writes a video with landmarks, for a third of the time each alone, with heatmaps "
               "and with the boundary, and a contact sheet of its frames, both under new names. "
               "Without a display, wingtip without arguments runs this.",
    .option = options,
    .common = true,
    .settings_size = sizeof(struct settings),
    .defaults = defaults,
    .run = run,
};
