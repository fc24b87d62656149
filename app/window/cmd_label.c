/* `wingtip label`: the start is made without the window, then the window goes from face to face. */
#include <stdio.h>
#include <string.h>

#include "base/notice.h"
#include "base/status.h"
#include "cli/interrupt.h"
#include "teach/label_start.h"
#include "teach/miner.h"
#include "window/viewer.h"

struct settings {
    struct wt_prefs prefs; /* first, as the common options have it */
    const char *input, *out;
    int hard, faces;
    double every;
    bool no_window;
};

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_POSITIONAL, "INPUT", 0, AT(input), NULL,
     "folder or pattern of pictures, picture, video, or a list of faces (.txt), whose own points "
     "are "
     "corrected",
     .required = true},
    {WT_OPTION_STRING, "--out", 'o', AT(out), "LIST",
     "list of the labelled faces; one that is there is gone on with", .required = true},
    {WT_OPTION_INT, "--hard", 0, AT(hard), "N",
     "of a video the N frames on which the network contradicts itself most, spread over pose and "
     "light; 0: as --every says",
     0, WT_MINER_MOST},
    {WT_OPTION_REAL, "--every", 0, AT(every), "S", "of a video a frame every S seconds; 0: each", 0,
     3600},
    {WT_OPTION_INT, "--faces", 0, AT(faces), "N", "faces of a picture at most", 1, WT_FACES_MAX},
    {WT_OPTION_FLAG, "--no-window", 0, AT(no_window), NULL,
     "only find the points to start from, for LIST's name with .start"},
    {WT_OPTION_SIZE, "--size", 0, AT(prefs.size), "WxH", "size of the window", 64, 16384},
    {.name = NULL},
};
#undef AT

static void defaults(void *settings)
{
    struct settings *s = settings;
    wt_prefs_defaults(&s->prefs);
    s->prefs.hints = false;
    s->prefs.status = WT_STATUS_OFF;
    s->prefs.mirror = WT_MIRROR_NO;
    s->faces = WT_FACES_MAX;
    s->every = 1;
}

/* The live chain has a picture of the list to show before the first face is opened. */
static enum wt_status open_chain(struct settings *s, const struct wt_label *label,
                                 struct wt_live **live)
{
    const struct wt_source_spec spec = {.input = label->start.sample[0].image};
    struct wt_source *source = NULL;
    struct wt_model *model = NULL;
    enum wt_status status = wt_source_open(&source, &spec);
    if (!status)
        status = wt_common_open_model(&s->prefs.common, 1, &model);
    const struct wt_live_settings settings = wt_viewer_settings(&s->prefs, WT_SOURCE_PICTURES);
    if (!status)
        status = wt_live_start(live, source, model, &settings);
    if (status) {
        wt_source_close(&source);
        wt_model_close(&model);
    }
    return status;
}

static enum wt_status run_window(struct settings *s, struct wt_label *label)
{
    struct wt_profile *no_profile = NULL;
    struct wt_viewer_config config = {.prefs = s->prefs, .profile = &no_profile, .label = label};
    const struct wt_source_info info = {.kind = WT_SOURCE_PICTURES, .width = 900, .height = 700};
    struct wt_viewer *viewer = NULL;
    struct wt_live *live = NULL;
    enum wt_status status = wt_config_open(&config.config, NULL);
    if (!status)
        status = wt_viewer_create(&viewer, &config, &info);
    if (!status)
        status = open_chain(s, label, &live);
    if (!status)
        status = wt_viewer_run(viewer, &live);
    wt_viewer_destroy(&viewer);
    wt_config_destroy(&config.config);
    return status;
}

static int run(void *settings)
{
    struct settings *s = settings;
    const struct wt_label_start start = {.common = &s->prefs.common,
                                         .input = s->input,
                                         .out = s->out,
                                         .hard = s->hard,
                                         .every = s->every,
                                         .faces = s->faces};
    struct wt_label *label = NULL;
    int done = 0, skipped = 0;
    wt_interrupt_catch();
    enum wt_status status = wt_label_make_start(&start);
    if (!status)
        status = wt_label_open(&label, s->out);
    if (!status && !s->no_window) {
        wt_notice_capture_log((enum wt_log_level)s->prefs.common.log_level);
        status = run_window(s, label);
        wt_notice_release_log((enum wt_log_level)s->prefs.common.log_level);
    }
    if (label) {
        wt_label_count(label, &done, &skipped);
        printf("%zu faces to label, %d labelled, %d skipped: %s\n", label->start.count, done,
               skipped, s->out);
    }
    wt_label_close(&label);
    return wt_exit_status(status);
}

const struct wt_command wt_command_label = {
    .name = "label",
    .summary = "Label faces by hand in a window, with the network's points as a start.",
    .details =
        "Enter writes the face on screen to the list and goes on; Page Down and Page Up go to "
        "the next and the previous one, Backspace skips a face for good, the right button or "
        "Delete says that a point cannot be seen, Q ends. The next run with the same options "
        "goes on where this one ended. wingtip eval and train read the list, and the "
        "points to start from beside it.",
    .option = options,
    .common = true,
    .settings_size = sizeof(struct settings),
    .defaults = defaults,
    .run = run,
};
