/* `wingtip live`: chooses the input, opens model and window, runs. */
#include <stdio.h>
#include <string.h>

#include "base/notice.h"
#include "base/paths.h"
#include "base/status.h"
#include "cli/input_options.h"
#include "cli/interrupt.h"
#include "window/viewer.h"

struct settings {
    struct wt_common common;
    struct wt_input_choice input;
    const char *record, *screenshots, *last_picture, *show, *size;
    bool loop, fullscreen, hide_status, no_smooth;
    bool record_lossless, record_hardware, record_results;
    int faces, stacks, frames, record_content;
    double fps;
};

static const char *const record_choice[] = {"annotated", "raw", "both",
                                            NULL}; /* enum wt_record_content */

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    WT_OPTION_FILE(AT(input.file)),
    WT_OPTION_CAMERA(AT(input.camera)),
    WT_OPTION_INPUT(AT(input.input)),
    {WT_OPTION_FLAG, "--loop", 0, AT(loop), NULL, "start again at the end of the input"},
    {WT_OPTION_REAL, "--fps", 0, AT(fps), "F",
     "camera: requested frame rate; pictures: frames a second; 0: the camera's own, or 30", 0,
     1000},
    {WT_OPTION_STRING, "--record", 0, AT(record), "FILE",
     "record from the start, to this file or, if there is one, to FILE-2 and so on"},
    {WT_OPTION_CHOICE, "--record-what", 0, AT(record_content), NULL,
     "what recordings show: the picture with what is drawn on it, as it came, or both in two files",
     0, 0, record_choice},
    {WT_OPTION_FLAG, "--record-lossless", 0, AT(record_lossless), NULL,
     "record with FFV1, which keeps every pixel, instead of H.264"},
    {WT_OPTION_FLAG, "--record-hardware", 0, AT(record_hardware), NULL,
     "record with a graphics card's encoder, where there is one"},
    {WT_OPTION_FLAG, "--record-results", 0, AT(record_results), NULL,
     "beside each recording the points and confidences as JSON lines, with its time stamps"},
    {WT_OPTION_STRING, "--screenshots", 0, AT(screenshots), "DIR",
     "folder for screenshots and recordings; default: the current one, and the videos folder"},
    {WT_OPTION_INT, "--faces", 0, AT(faces), "N", "maximum number of faces to track", 1,
     WT_FACES_MAX},
    {WT_OPTION_INT, "--stacks", 0, AT(stacks), "N", "stacks of the network to use, 0: all", 0, 16},
    {WT_OPTION_FLAG, "--no-smooth", 0, AT(no_smooth), NULL, "do not smooth points over time"},
    {WT_OPTION_STRING, "--show", 0, AT(show), "LIST",
     "what to show at the start, separated by commas: landmarks, heatmaps, boundary, boxes, none; "
     "default: landmarks"},
    {WT_OPTION_STRING, "--size", 0, AT(size), "WxH", "size of the window"},
    {WT_OPTION_FLAG, "--fullscreen", 'f', AT(fullscreen), NULL, "start in full screen"},
    {WT_OPTION_FLAG, "--no-status", 0, AT(hide_status), NULL, "start without the status"},
    {WT_OPTION_INT, "--frames", 0, AT(frames), "N",
     "quit after N tracked frames, or at the end of the input; 0: never", 0, 2147483647},
    {WT_OPTION_STRING, "--last-picture", 0, AT(last_picture), "FILE",
     "on quitting, write the window's last picture (.png, .jpg)"},
    {.name = NULL},
};
#undef AT

static void defaults(void *settings)
{
    ((struct settings *)settings)->faces = 4;
}

static enum wt_status parse_show(const char *list, struct wt_view *view)
{
    const struct {
        const char *word;
        bool *value;
    } words[] = {{"landmarks", &view->landmarks},
                 {"heatmaps", &view->heatmaps},
                 {"boundary", &view->boundary},
                 {"boxes", &view->boxes},
                 {"none", NULL}};
    view->landmarks = !list;
    while (list && *list) {
        const size_t length = strcspn(list, ",");
        bool known = false;
        for (size_t i = 0; i < sizeof words / sizeof *words && !known; i++) {
            known = strlen(words[i].word) == length && !strncmp(list, words[i].word, length);
            if (known && words[i].value)
                *words[i].value = true;
        }
        if (!known) {
            return wt_fail(WT_ERR_ARGUMENT,
                           "--show %.*s: not one of landmarks, heatmaps, boundary, boxes, none",
                           (int)length, list);
        }
        list += length + (list[length] == ',');
    }
    return WT_OK;
}

static enum wt_status parse_size(const char *text, int *width, int *height)
{
    char rest;
    *width = *height = 0;
    if (!text || (sscanf(text, "%dx%d%c", width, height, &rest) == 2 && *width >= 64 &&
                  *height >= 64 && *width <= 16384 && *height <= 16384))
        return WT_OK;
    return wt_fail(WT_ERR_ARGUMENT, "--size %s: not a size like 1280x720 (64 to 16384)", text);
}

static enum wt_status run_window(const struct settings *s, struct wt_viewer_config *config)
{
    struct wt_model *model = NULL;
    char why[160];
    struct wt_source *source = NULL;
    struct wt_viewer *viewer = NULL;
    struct wt_live *live = NULL;
    const struct wt_source_spec spec = {
        .camera = s->input.camera, .input = s->input.input, .loop = s->loop, .fps = s->fps};
    enum wt_status status = wt_source_open_any(&source, &spec, true, &config->note);
    if (status)
        return status;
    struct wt_source_info info = wt_source_describe(source);
    config->settings.view.mirror = info.kind == WT_SOURCE_CAMERA;
    status = wt_common_open_live_model(&s->common, &model, why, sizeof why);
    if (status)
        goto done;
    config->model = wt_model_describe(model);
    status = wt_viewer_create(&viewer, config, &info);
    if (status)
        goto done;
    if (why[0])
        wt_log(WT_LOG_INFO, "%s", why);
    status = wt_live_start(&live, source, model, wt_common_detector(&s->common), &config->settings);
    if (status)
        goto done;
    source = NULL; /* now owned by the live pipeline */
    if (s->record) {
        struct wt_live_recording recording = config->recording;
        snprintf(recording.path.text, sizeof recording.path.text, "%s", s->record);
        wt_live_record(live, &recording, true);
    }
    status = wt_viewer_run(viewer, &live);

done:
    wt_viewer_destroy(&viewer);
    wt_model_close(&model);
    wt_source_close(&source);
    return status;
}

static int run(void *settings)
{
    struct settings *s = settings;
    struct wt_viewer_config config = {
        .settings = {.view = {.points = wt_common_points(&s->common)},
                     .faces = s->faces,
                     .stacks = s->stacks,
                     .smooth = !s->no_smooth},
        .screenshots = s->screenshots,
        .recording = {.content = (enum wt_record_content)s->record_content,
                      .lossless = s->record_lossless,
                      .hardware = s->record_hardware,
                      .results = s->record_results},
        .last_picture = s->last_picture,
        .frames = s->frames,
        .fullscreen = s->fullscreen,
        .hide_status = s->hide_status,
    };
    enum wt_status status = parse_show(s->show, &config.settings.view);
    if (!status)
        status = parse_size(s->size, &config.width, &config.height);
    if (!status)
        status = wt_input_choose(&s->input, "live");
    if (status)
        return wt_exit_status(status);
    struct wt_path videos;
    config.recordings = s->screenshots;
    if (!config.recordings && wt_videos_folder(&videos))
        config.recordings = videos.text;
    wt_interrupt_catch(); /* from here on a recording must be finished */
    wt_notice_capture_log((enum wt_log_level)s->common.log_level);
    status = run_window(s, &config);
    wt_notice_release_log((enum wt_log_level)s->common.log_level);
    return wt_exit_status(status);
}

const struct wt_command wt_command_live = {
    .name = "live",
    .summary = "Follow faces in a window: camera, video or pictures.",
    .details = "Keys are shown in the window with H. Without --model the accurate network is used "
               "where this computer runs it fast enough for live pictures, else the fast one.",
    .option = options,
    .common = true,
    .settings_size = sizeof(struct settings),
    .defaults = defaults,
    .run = run,
};
