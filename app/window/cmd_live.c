/* `wingtip live`: chooses the input, opens model and window, runs. */
#include <stdio.h>
#include <string.h>

#include "base/notice.h"
#include "base/paths.h"
#include "base/status.h"
#include "cli/input_options.h"
#include "cli/interrupt.h"
#include "cli/options_table.h"
#include "teach/profile.h"
#include "window/viewer.h"

struct settings {
    struct wt_prefs prefs; /* first, as its tables and the common ones have it */
    struct wt_input_choice input;
    const char *record, *jsonl, *session, *last_picture, *config_path, *preset;
    const char *profiles;       /* folder of profiles */
    struct wt_profile *profile; /* in use; NULL: none */
    bool profile_given;         /* on the command line */
    bool no_config, hide_status, no_smooth;
    int frames;
    double session_limit; /* GB */
    struct wt_config *config;
    bool model_given; /* on the command line: no other will do */
};

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    WT_OPTION_FILE(AT(input.file)),
    WT_OPTION_INPUT(AT(input.input)),
    {WT_OPTION_STRING, "--record", 0, AT(record), "FILE",
     "record from the start, to this file or, if there is one, to FILE-2 and so on"},
    {WT_OPTION_STRING, "--jsonl", 0, AT(jsonl), "FILE",
     "points and confidences of every tracked frame, one JSON object each, as of track; - is "
     "standard output; no file is replaced"},
    {WT_OPTION_STRING, "--session", 0, AT(session), "DIR",
     "keep everything that is tracked in a new folder, for wingtip replay: lossless video, times, "
     "settings, results"},
    {WT_OPTION_REAL, "--session-limit", 0, AT(session_limit), "GB",
     "most disk space that a session takes; it ends there", 0.001, 100000},
    {WT_OPTION_STRING, "--profiles", 0, AT(profiles), "DIR", WT_PROFILES_HELP},
    {WT_OPTION_FLAG, "--no-smooth", 0, AT(no_smooth), NULL, "the same as --smoothing 0"},
    {WT_OPTION_FLAG, "--no-status", 0, AT(hide_status), NULL, "the same as --status off"},
    {WT_OPTION_INT, "--frames", 0, AT(frames), "N",
     "quit after N tracked frames, or at the end of the input; 0: never", 0, 2147483647},
    {WT_OPTION_STRING, "--last-picture", 0, AT(last_picture), "FILE",
     "on quitting, write the window's last picture (.png, .jpg)"},
    {WT_OPTION_STRING, "--config", 0, AT(config_path), "FILE",
     "file of settings; default: wingtip/wingtip.conf in $XDG_CONFIG_HOME, or in ~/.config"},
    {WT_OPTION_FLAG, "--no-config", 0, AT(no_config), NULL,
     "neither read nor write a file of settings"},
    {WT_OPTION_STRING, "--preset", 0, AT(preset), "NAME",
     "take the settings over that the file has under this name"},
    {.name = NULL},
};
#undef AT

static void defaults(void *settings)
{
    wt_prefs_defaults(&((struct settings *)settings)->prefs);
    ((struct settings *)settings)->session_limit = 4;
}

/* ---- what the command line leaves open ------------------------------------------------------ */

static enum wt_status fail_no_preset(const struct settings *s)
{
    char names[400] = "";
    size_t used = 0;
    const char *name;
    for (int i = 0; (name = wt_config_section(s->config, i)) && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", name);
    const char *file = wt_config_path(s->config);
    return wt_fail(WT_ERR_ARGUMENT, "--preset: %s has no preset \"%s\"; it has: %s",
                   file ? file : "no file", s->preset, names[0] ? names : "none");
}

static bool is_given(const struct wt_options *given, const struct wt_option *table,
                     const char *name)
{
    for (const struct wt_option *o = table; o->name; o++)
        if (strcmp(o->name, name) == 0)
            return wt_options_given(given, o);
    return false;
}

static enum wt_status read_config(struct settings *s, const struct wt_options *given)
{
    struct wt_path path;
    const char *file = s->config_path;
    if (!file && !s->no_config && wt_config_default_path(&path))
        file = path.text;
    enum wt_status status = wt_config_open(&s->config, file);
    if (status)
        return status;
    wt_prefs_read(&s->prefs, s->config, "", given);
    if (!s->preset)
        return WT_OK;
    if (!wt_config_has_section(s->config, s->preset))
        return fail_no_preset(s);
    wt_prefs_read(&s->prefs, s->config, s->preset, given);
    return WT_OK;
}

/* A remembered address that is none is no reason to end. */
static enum wt_status check_streams(struct settings *s, const struct wt_options *given)
{
    struct wt_prefs *p = &s->prefs;
    if (wt_streams_check(&(struct wt_stream_options){.osf = p->osf})) {
        if (is_given(given, wt_prefs_table, "--osf-udp"))
            return WT_ERR_ARGUMENT;
        p->osf = NULL;
    }
    if (wt_streams_check(&(struct wt_stream_options){.vmc = p->vmc})) {
        if (is_given(given, wt_prefs_table, "--vmc"))
            return WT_ERR_ARGUMENT;
        p->vmc = NULL;
    }
    return WT_OK;
}

static enum wt_status complete(void *settings, const struct wt_options *given)
{
    struct settings *s = settings;
    if (s->no_config && (s->config_path || s->preset))
        return wt_fail(WT_ERR_ARGUMENT, "live: %s needs a file of settings; without --no-config",
                       s->preset ? "--preset" : "--config");
    s->input.camera = s->prefs.camera;
    enum wt_status status = wt_input_choose(&s->input, "live");
    if (status)
        return status;
    s->model_given = is_given(given, wt_common_table, "--model");
    s->profile_given = is_given(given, wt_prefs_table, "--profile");
    wt_notice_capture_log((enum wt_log_level)s->prefs.common.log_level);
    status = read_config(s, given);
    wt_notice_release_log((enum wt_log_level)s->prefs.common.log_level);
    if (!status)
        status = check_streams(s, given);
    if (status)
        wt_config_destroy(&s->config);
    if (s->no_smooth)
        s->prefs.smoothing = 0.0;
    if (s->hide_status)
        s->prefs.status = WT_STATUS_OFF;
    return status;
}

/* ---- running -------------------------------------------------------------------------------- */

/* A camera that is remembered, and not there, is no reason to end. */
static enum wt_status open_source(const struct settings *s, struct wt_source **source,
                                  const char **note)
{
    const struct wt_prefs *p = &s->prefs;
    struct wt_source_spec spec = {.camera = s->input.camera,
                                  .input = s->input.input,
                                  .loop = p->loop,
                                  .fps = p->fps,
                                  .width = p->camera_size[0],
                                  .height = p->camera_size[1]};
    if (!spec.camera && !spec.input && p->camera) {
        spec.camera = p->camera;
        if (!wt_source_open(source, &spec))
            return WT_OK;
        spec.camera = NULL;
    }
    return wt_source_open_any(source, &spec, true, note);
}

/* Nor is a remembered profile that cannot be used. */
static enum wt_status open_profile(struct settings *s)
{
    struct wt_prefs *p = &s->prefs;
    struct wt_common common = p->common;
    if ((p->profile && !p->profile[0]) || (s->model_given && !s->profile_given))
        p->profile = NULL;
    if (!p->profile)
        return WT_OK;
    if (!s->model_given)
        common.model = NULL; /* the profile's weights, not those that are remembered */
    enum wt_status status = wt_profile_choose(&s->profile, s->profiles, p->profile, &common);
    if (!status)
        return WT_OK;
    wt_profile_close(&s->profile);
    if (s->profile_given)
        return status;
    wt_log(WT_LOG_WARN, "the remembered profile cannot be used; it goes on without");
    p->profile = NULL;
    return WT_OK;
}

/* Nor are remembered weights that cannot be used. */
static enum wt_status open_model(struct settings *s, struct wt_model **model, char *why,
                                 size_t size)
{
    struct wt_common *c = &s->prefs.common;
    if (s->profile) {
        struct wt_common own = *c;
        own.model = s->profile->weights.text;
        wt_common_resolve(&own);
        return wt_common_open_live_model(&own, model, why, size);
    }
    enum wt_status status = wt_common_open_live_model(c, model, why, size);
    if (!status || s->model_given || !c->model)
        return status;
    wt_log(WT_LOG_WARN, "the remembered model cannot be used; another one is taken");
    c->model = NULL;
    wt_common_resolve(c);
    return wt_common_open_live_model(c, model, why, size);
}

/* What fails is logged. */
static void open_streams(const struct settings *s, struct wt_live *live)
{
    const struct wt_prefs *p = &s->prefs;
    wt_live_stream(live, WT_LIVE_OSF, p->osf, 0);
    wt_live_stream(live, WT_LIVE_VMC, p->vmc, 0);
    wt_live_stream(live, WT_LIVE_CAMERA, p->virtual_camera, 0);
    wt_live_stream(live, WT_LIVE_LINES, s->jsonl, wt_common_points(&p->common));
}

static enum wt_status open_session(const struct settings *s, const struct wt_model *model,
                                   struct wt_session **session)
{
    struct wt_session_head head;
    if (!s->session)
        return WT_OK;
    if (s->profile)
        return wt_fail(WT_ERR_ARGUMENT,
                       "--session does not keep what a profile changes: give --profile \"\"");
    enum wt_status status = wt_session_describe(&head, model, wt_common_detector(&s->prefs.common));
    return status
               ? status
               : wt_session_create(session, s->session, (int64_t)(s->session_limit * 1e9), &head);
}

static enum wt_status run_window(struct settings *s)
{
    struct wt_viewer_config config = {.config = s->config,
                                      .preset = s->preset,
                                      .profiles = s->profiles,
                                      .profile = &s->profile,
                                      .last_picture = s->last_picture,
                                      .keep_model = s->session != NULL,
                                      .frames = s->frames};
    struct wt_model *model = NULL;
    char why[160];
    struct wt_source *source = NULL;
    struct wt_viewer *viewer = NULL;
    struct wt_live *live = NULL;
    struct wt_session *session = NULL;
    enum wt_status status = open_source(s, &source, &config.note);
    if (status)
        return status;
    struct wt_source_info info = wt_source_describe(source);
    status = open_model(s, &model, why, sizeof why);
    if (status)
        goto done;
    struct wt_offset *offset = s->profile ? s->profile->offset : NULL; /* as long as that */
    config.prefs = s->prefs;
    status = wt_viewer_create(&viewer, &config, &info);
    if (status)
        goto done;
    if (why[0])
        wt_log(WT_LOG_INFO, "%s", why);
    struct wt_live_settings settings = wt_viewer_settings(&s->prefs, info.kind);
    status = open_session(s, model, &session);
    settings.session = session;
    if (status)
        goto done;
    status = wt_live_start(&live, source, model, &settings);
    if (status)
        goto done;
    session = NULL;
    source = NULL; /* they are now the live pipeline's */
    model = NULL;
    wt_live_set_offset(live, offset);
    open_streams(s, live);
    if (s->record) {
        struct wt_live_recording recording = wt_viewer_recording(&s->prefs);
        snprintf(recording.path.text, sizeof recording.path.text, "%s", s->record);
        wt_live_record(live, &recording, true);
    }
    status = wt_viewer_run(viewer, &live);

done:
    wt_session_close(&session);
    wt_viewer_destroy(&viewer);
    wt_model_close(&model);
    wt_source_close(&source);
    return status;
}

static int run(void *settings)
{
    struct settings *s = settings;
    wt_interrupt_catch(); /* from here on a recording must be finished */
    wt_notice_capture_log((enum wt_log_level)s->prefs.common.log_level);
    enum wt_status status = open_profile(s);
    if (!status)
        status = run_window(s);
    wt_notice_release_log((enum wt_log_level)s->prefs.common.log_level);
    wt_profile_close(&s->profile);
    wt_config_destroy(&s->config);
    return wt_exit_status(status);
}

const struct wt_command wt_command_live = {
    .name = "live",
    .summary = "Follow faces in a window: camera, video or pictures.",
    .details = "In the window, H shows the keys and Tab opens the panel. What is changed there is "
               "remembered in the file of settings; options win over it for one run. Without "
               "--model the accurate network is used where this computer runs it fast enough for "
               "live pictures, else the fast one.",
    .option = options,
    .more = wt_prefs_table,
    .common = true,
    .settings_size = sizeof(struct settings),
    .defaults = defaults,
    .complete = complete,
    .run = run,
};
