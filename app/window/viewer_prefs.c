/* From settings to what the window does, and to the file that remembers them. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/notice.h"
#include "window/viewer_internal.h"

#define REMEMBER_US 1000000 /* a slider that is drawn changes many times a second */

struct wt_live_settings wt_viewer_settings(const struct wt_prefs *prefs, enum wt_source_kind kind)
{
    struct wt_live_settings settings = {.view = wt_prefs_view(prefs),
                                        .faces = prefs->faces,
                                        .stacks = prefs->stacks,
                                        .search_every = (float)prefs->search_every,
                                        .smoothing = wt_prefs_smooth_strength(prefs),
                                        .rate = prefs->rate,
                                        .share = prefs->share / 100,
                                        .threads_fixed = prefs->common.threads > 0};
    struct wt_common common = prefs->common;
    wt_common_resolve(&common);
    settings.detector = common.detector_path;
    settings.view.mirror = prefs->mirror == WT_MIRROR_YES ||
                           (prefs->mirror == WT_MIRROR_AUTO && kind == WT_SOURCE_CAMERA);
    return settings;
}

struct wt_live_recording wt_viewer_recording(const struct wt_prefs *p)
{
    struct wt_live_recording r = {.content = (enum wt_record_content)p->record_content,
                                  .no_audio = p->no_audio,
                                  .lossless = p->record_lossless,
                                  .hardware = p->record_hardware,
                                  .results = p->record_results};
    snprintf(r.microphone, sizeof r.microphone, "%s", p->microphone ? p->microphone : "");
    return r;
}

static void configure(struct wt_viewer *v)
{
    v->settings = wt_viewer_settings(&v->prefs, v->kind);
    if (v->steady.holding)
        v->settings.smoothing = 0;
    wt_live_configure(v->live, &v->settings);
    v->redraw = true;
}

void wt_viewer_apply(struct wt_viewer *v)
{
    configure(v);
    v->changed_us = wt_now_us();
}

/* A camera that could not be opened is not remembered. */
static void follow_camera(struct wt_viewer *v)
{
    const struct wt_live_status *s = &v->status;
    if (!v->camera_wanted || s->asked < v->camera_number)
        return;
    if (s->asked == v->camera_number && !s->asked_fails) {
        v->prefs.camera = v->camera_wanted;
        v->changed_us = wt_now_us();
    }
    v->camera_wanted = NULL;
}

void wt_viewer_follow_input(struct wt_viewer *v)
{
    follow_camera(v);
    if (v->status.source.kind == v->kind)
        return;
    v->kind = v->status.source.kind;
    configure(v);
}

void wt_viewer_remember(struct wt_viewer *v, bool at_once)
{
    if (!v->changed_us || (!at_once && wt_now_us() - v->changed_us < REMEMBER_US))
        return;
    v->changed_us = 0;
    if (wt_prefs_write(&v->prefs, &v->saved, v->config.config, ""))
        return;                       /* out of memory: the next change tries again */
    wt_config_save(v->config.config); /* what fails is logged, which makes a notice */
    v->saved = v->prefs;
}

/* ---- presets ------------------------------------------------------------------------------ */

static bool same(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

/* What stands in the panel's fields is the preset's, too. */
static void fill_fields(struct wt_viewer *v)
{
    snprintf(v->panel.folder, sizeof v->panel.folder, "%s",
             v->prefs.screenshots ? v->prefs.screenshots : "");
    memset(v->panel.stream, 0, sizeof v->panel.stream);
}

void wt_viewer_use_preset(struct wt_viewer *v, const char *name)
{
    const struct wt_prefs before = v->prefs;
    wt_prefs_read(&v->prefs, v->config.config, name, NULL);
    if (v->teach.learner) { /* which needs the profile, and the network stays that one's */
        v->prefs.profile = before.profile;
        v->prefs.common.model = before.common.model;
    }
    fill_fields(v);
    snprintf(v->preset, sizeof v->preset, "%s", name);
    if (!same(before.profile, v->prefs.profile))
        wt_teach_use(v, v->prefs.profile);
    if (!same(before.common.model, v->prefs.common.model) ||
        before.common.precision != v->prefs.common.precision ||
        before.common.threads != v->prefs.common.threads)
        wt_viewer_load_model(v);
    if (v->prefs.camera && !same(before.camera, v->prefs.camera))
        wt_viewer_open_camera(v, v->prefs.camera);
    if (before.loop != v->prefs.loop)
        wt_live_set_loop(v->live, v->prefs.loop);
    wt_viewer_follow_streams(v, &before);
    wt_viewer_apply(v);
    wt_notice(WT_NOTICE_NEWS, "preset %s", name);
}

void wt_viewer_save_preset(struct wt_viewer *v, const char *name)
{
    struct wt_config *config = v->config.config;
    if (!wt_config_name_ok(name)) {
        wt_notice(WT_NOTICE_WARNING, "a preset needs a name of 1 to 40 letters, without brackets");
        return;
    }
    wt_config_remove_section(config, name);
    if (wt_config_add_section(config, name) || wt_prefs_write(&v->prefs, NULL, config, name) ||
        wt_config_save(config))
        return; /* logged */
    snprintf(v->preset, sizeof v->preset, "%s", name);
    wt_notice(WT_NOTICE_NEWS, "preset %s saved", name);
}

void wt_viewer_delete_preset(struct wt_viewer *v, const char *name)
{
    wt_config_remove_section(v->config.config, name);
    if (!wt_config_save(v->config.config))
        wt_notice(WT_NOTICE_NEWS, "preset %s deleted", name);
    v->preset[0] = '\0';
}
