/* The texts of the window. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/paths.h"
#include "window/viewer_internal.h"

#define DOT " \xc2\xb7 " /* a raised dot between facts */

static struct wt_panel_line *add(struct wt_panel *panel, const char *format, ...) WT_PRINTF(2, 3);

static struct wt_panel_line *add(struct wt_panel *panel, const char *format, ...)
{
    struct wt_panel_line *line = &panel->line[panel->lines];
    if (panel->lines < WT_PANEL_LINES - 1)
        panel->lines++;
    memset(line, 0, sizeof *line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line->text, sizeof line->text, format, arguments);
    va_end(arguments);
    return line;
}

static const char *plural(int n)
{
    return n == 1 ? "" : "s";
}

/* A number for display: one decimal only below 10. */
static void number(char out[16], double value)
{
    snprintf(out, 16, value < 10.0 ? "%.1f" : "%.0f", value);
}

static void describe_speed(struct wt_viewer *v)
{
    char window[16], tracking[16], forward[16], detect[16];
    number(window, wt_rate_get(&v->rate, wt_now_us()));
    number(tracking, v->status.rate);
    number(forward, v->forward_ms);
    number(detect, v->detect_ms);
    if (v->status.paused || v->status.ended)
        add(&v->panel, "tracking paused" DOT "%s fps window", window);
    else
        add(&v->panel, "%s fps tracking" DOT "%s fps window", tracking, window);
    struct wt_panel_line *line = add(&v->panel, "network %s ms", forward);
    size_t used = strlen(line->text);
    if (v->forward_ms <= 0.0)
        snprintf(line->text, sizeof line->text, "face search %s ms", detect);
    else if (v->detect_ms > 0.0)
        snprintf(line->text + used, sizeof line->text - used, DOT "face search %s ms", detect);
}

static void describe_model(struct wt_viewer *v)
{
    const struct wt_model_info *m = &v->config.model;
    int stacks = v->settings.stacks ? v->settings.stacks : m->stacks;
    char of[16] = "";
    if (stacks != m->stacks)
        snprintf(of, sizeof of, " of %d", m->stacks);
    add(&v->panel, "%s" DOT "%d%s stack%s" DOT "%s, %s" DOT "%d thread%s",
        m->name && m->name[0] ? m->name : wt_base_name(m->path ? m->path : ""), stacks, of,
        plural(m->stacks), m->precision, m->kernels, m->threads, plural(m->threads));
}

static void describe_faces(struct wt_viewer *v)
{
    int faces = v->shown ? v->shown->result.faces : 0;
    int points = v->settings.view.points ? v->settings.view.points : v->config.model.points;
    double confidence = 0.0;
    for (int i = 0; i < faces; i++)
        confidence += v->shown->result.face[i].confidence / faces;
    if (faces)
        add(&v->panel, "%d face%s" DOT "%.0f %% sure" DOT "%d points%s", faces, plural(faces),
            100.0 * confidence, points, v->settings.smooth ? "" : DOT "not smoothed");
    else
        add(&v->panel, "no face" DOT "%d points", points);
}

static void describe_source(struct wt_viewer *v)
{
    const struct wt_source_info *source = &v->status.source;
    const struct wt_image *image = v->shown ? &v->shown->frame->image : NULL;
    struct wt_panel_line *line =
        add(&v->panel, "%s" DOT "%dx%d", source->name, image ? image->width : source->width,
            image ? image->height : source->height);
    line->dim = true;
    if (v->config.note)
        add(&v->panel, "%s", v->config.note)->dim = true;
    if (v->status.left_out)
        add(&v->panel, "%llu of %llu frames left out", (unsigned long long)v->status.left_out,
            (unsigned long long)v->status.frames)
            ->dim = true;
}

static void describe_licence(struct wt_viewer *v)
{
    const char *licence = v->config.model.licence;
    bool stated = licence && licence[0];
    add(&v->panel, "weights: %.110s", stated ? licence : "licence not stated")->dim = true;
}

static void describe_recording(struct wt_viewer *v)
{
    const struct wt_recorder_stats *r = &v->status.record;
    struct wt_panel *panel = &v->panel;
    panel->recording = v->status.recording;
    panel->recording_warn = r->dropped > 0;
    int seconds = (int)(r->duration_us / 1000000);
    int n = snprintf(panel->recording_text, sizeof panel->recording_text, "%d:%02d", seconds / 60,
                     seconds % 60);
    if (r->dropped)
        snprintf(panel->recording_text + n, sizeof panel->recording_text - (size_t)n,
                 DOT "%llu dropped", (unsigned long long)r->dropped);
}

/* A name tag over each crop square. */
static void describe_boxes(struct wt_viewer *v, const struct wt_layout *layout)
{
    struct wt_panel *panel = &v->panel;
    panel->labels = 0;
    if (!v->shown || !v->settings.view.boxes)
        return;
    for (int i = 0; i < v->shown->result.faces; i++) {
        const struct wt_face *face = &v->shown->result.face[i];
        struct wt_point corner[4];
        struct wt_panel_label *label = &panel->label[panel->labels++];
        wt_overlay_square(face, layout, corner);
        label->at = corner[0];
        for (int k = 1; k < 4; k++) {
            label->at.x = fminf(label->at.x, corner[k].x);
            label->at.y = fminf(label->at.y, corner[k].y);
        }
        label->at.x = fmaxf(label->at.x, layout->left);
        label->below = corner[3];
        snprintf(label->text, sizeof label->text, "#%u  %.0f%%", face->id,
                 100.0 * face->confidence);
    }
}

static void describe_troubles(struct wt_viewer *v)
{
    static char message[WT_NOTICE_SIZE], trouble[400];
    struct wt_panel *panel = &v->panel;
    const struct wt_live_status *s = &v->status;
    int64_t now = wt_now_us();
    panel->message = wt_notice_get(message, &panel->message_kind, now) ? message : NULL;
    panel->trouble = panel->hint = NULL;
    if (s->lost) {
        snprintf(trouble, sizeof trouble,
                 "%s does not answer. It is used again as soon as it is back.", s->source.name);
        panel->trouble = trouble;
    } else if (!v->shown) {
        panel->hint = "waiting for the first frame";
    } else if (s->ended && s->source.kind == WT_SOURCE_VIDEO) {
        panel->hint = "End of the video. Space plays it again.";
    } else if (v->shown->result.faces) {
        v->face_seen_us = now;
    } else if (now - v->face_seen_us > 700000) {
        panel->hint = "No face in the picture.";
    }
}

void wt_viewer_describe(struct wt_viewer *v, const struct wt_layout *layout)
{
    struct wt_panel *panel = &v->panel;
    panel->lines = 0;
    panel->status = v->show_status;
    panel->help = v->show_help;
    panel->paused = v->status.paused;
    describe_speed(v);
    describe_model(v);
    describe_faces(v);
    describe_source(v);
    describe_licence(v);
    describe_recording(v);
    describe_boxes(v, layout);
    describe_troubles(v);
}
