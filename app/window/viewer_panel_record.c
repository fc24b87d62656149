/* The panel's section about what is kept: recordings, screenshots, their folder. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/status.h"
#include "draw/annotate.h"
#include "input/microphone.h"
#include "window/viewer_internal.h"

/* As a recording shows it. */
static void keep_picture(struct wt_viewer *v)
{
    if (!v->shown)
        return;
    struct wt_frame *drawn = wt_annotate(v->shown->frame, &v->shown->result, &v->settings.view);
    if (drawn)
        wt_screenshots_picture(v->screenshots, &drawn->image, v->prefs.screenshots);
    else
        wt_fail(WT_ERR_MEMORY, "out of memory for a picture");
    wt_frame_unref(&drawn);
}

/* Asking the sound server is not for every frame. */
#define LIST_US 5000000
enum { MICROPHONES = 16 };

/* Its name is remembered: devices change theirs. */
static void choose_microphone(struct wt_viewer *v)
{
    static struct wt_microphone_info list[MICROPHONES];
    static int count;
    static int64_t listed_us;
    const char *names[MICROPHONES + 2] = {"none"};
    const char *wanted = v->prefs.microphone;
    const int64_t now = wt_now_us();
    if (!listed_us || now - listed_us > LIST_US) {
        count = wt_microphone_list(list, MICROPHONES);
        listed_us = now;
    }
    int at = wanted ? -1 : 0, n = 1;
    for (int i = 0; i < count; i++, n++) {
        names[n] = list[i].name;
        if (wanted && at < 0 && strcmp(wanted, list[i].name) == 0)
            at = n;
    }
    if (at < 0) { /* one that is not there now, or is called otherwise */
        names[n] = wanted;
        at = n++;
    }
    if (!wt_ui_choice(v->ui, "Microphone", "its sound is recorded as well", &at, names, n, ""))
        return;
    v->prefs.microphone = at ? wt_config_keep(v->config.config, names[at]) : NULL;
    wt_viewer_apply(v);
}

/* For the next recording. */
static void choose_content(struct wt_viewer *v)
{
    static const char *const contents[] = {"annotated", "as it came", "both"};
    struct wt_prefs *p = &v->prefs;
    bool sound = !p->no_audio;
    bool changed = wt_ui_choice(v->ui, "Content",
                                "what recordings show: what is drawn as well, or the picture as it "
                                "came, or both in two files",
                                &p->record_content, contents, 3, "");
    changed |= wt_ui_check(v->ui, "Sound", "recordings of a video have its sound", &sound);
    changed |= wt_ui_check(v->ui, "Points", "beside each recording the points, as JSON lines",
                           &p->record_results);
    changed |= wt_ui_check(v->ui, "Lossless", "FFV1, which keeps every pixel; files are large",
                           &p->record_lossless);
    changed |=
        wt_ui_check(v->ui, "Graphics card", "its encoder, where there is one", &p->record_hardware);
    p->no_audio = !sound;
    if (changed)
        wt_viewer_apply(v);
    choose_microphone(v);
}

static void choose_folder(struct wt_viewer *v)
{
    struct wt_viewer_panel *p = &v->panel;
    if (!wt_ui_field(v->ui, "Folder", "for recordings and screenshots; Enter takes it", p->folder,
                     sizeof p->folder, false))
        return;
    if (p->folder[0] && access(p->folder, W_OK)) {
        wt_notice(WT_NOTICE_WARNING, "%s: no folder to write to", p->folder);
        return;
    }
    v->prefs.screenshots = p->folder[0] ? wt_config_keep(v->config.config, p->folder) : NULL;
    wt_viewer_apply(v);
    wt_notice(WT_NOTICE_NEWS, "folder: %s",
              p->folder[0] ? p->folder : "the current one, and the videos folder");
}

void wt_viewer_panel_record(struct wt_viewer *v)
{
    const struct wt_live_status *s = &v->status;
    char text[sizeof s->record.path + 160];
    if (!wt_ui_section(v->ui, "Record and keep", true, false))
        return;
    if (wt_ui_button(v->ui, s->recording ? "Stop" : "Record",
                     wt_viewer_tip("what the window shows, to a file", WT_ACTION_RECORD), false))
        wt_viewer_act(v, WT_ACTION_RECORD, 0);
    if (wt_ui_button(v->ui, "Screenshot", wt_viewer_tip("of the window", WT_ACTION_SCREENSHOT),
                     true))
        wt_viewer_act(v, WT_ACTION_SCREENSHOT, 0);
    if (wt_ui_button(v->ui, "Picture",
                     "all pixels of the camera or file, with what is drawn on it, without texts",
                     true))
        keep_picture(v);
    if (s->recording) {
        char frames[96];
        wt_recorder_describe(&s->record, frames, sizeof frames);
        snprintf(text, sizeof text, "%s: %.0f s, %.1f MB, %s", s->record.path,
                 (double)s->record.duration_us / 1e6, (double)s->record.bytes / 1e6, frames);
        wt_ui_text(v->ui, text, s->record.dropped > 0);
    }
    choose_folder(v);
    if (wt_ui_section(v->ui, "How to record", false, false))
        choose_content(v);
}
