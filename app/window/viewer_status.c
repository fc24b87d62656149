/* The texts of the window. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/paths.h"
#include "face/crop.h"
#include "window/viewer_internal.h"

#define DOT " \xc2\xb7 " /* a raised dot between facts */

static struct wt_text_line *add(struct wt_texts *texts, const char *format, ...) WT_PRINTF(2, 3);

static struct wt_text_line *add(struct wt_texts *texts, const char *format, ...)
{
    struct wt_text_line *line = &texts->line[texts->lines];
    if (texts->lines < WT_TEXT_LINES - 1)
        texts->lines++;
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
        add(&v->texts, v->status.ended ? "at the end" : "paused");
    else
        add(&v->texts, "%s fps tracking" DOT "%s fps window", tracking, window);
    char behind[16];
    struct wt_text_line *line = add(&v->texts, "network %s ms", forward);
    size_t used = strlen(line->text);
    if (v->forward_ms <= 0.0)
        snprintf(line->text, sizeof line->text, "face search %s ms", detect);
    else if (v->detect_ms > 0.0)
        snprintf(line->text + used, sizeof line->text - used, DOT "face search %s ms", detect);
    number(behind, wt_quantiles_get(&v->latency, 0.5));
    used = strlen(line->text);
    if (v->latency.count && !v->status.paused && !v->status.ended)
        snprintf(line->text + used, sizeof line->text - used, DOT "%s ms behind", behind);
}

static void describe_model(struct wt_viewer *v)
{
    const struct wt_model_info *m = &v->model;
    const int chosen = v->settings.stacks ? v->settings.stacks : m->stacks;
    const int stacks = v->status.eased_stacks ? v->status.eased_stacks : chosen;
    const int threads = v->status.threads ? v->status.threads : m->threads;
    char of[16] = "";
    if (stacks != m->stacks)
        snprintf(of, sizeof of, " of %d", m->stacks);
    add(&v->texts, "%s" DOT "%d%s stack%s" DOT "%s, %s" DOT "%d thread%s",
        m->name && m->name[0] ? m->name : wt_base_name(m->path ? m->path : ""), stacks, of,
        plural(m->stacks), m->precision, m->kernels, threads, plural(threads));
}

static void describe_faces(struct wt_viewer *v)
{
    int faces = v->shown ? v->shown->result.faces : 0;
    int points = v->settings.view.points ? v->settings.view.points : v->model.points;
    double confidence = 0.0;
    for (int i = 0; i < faces; i++)
        confidence += v->shown->result.face[i].confidence / faces;
    if (faces)
        add(&v->texts, "%d face%s" DOT "%.0f %% sure" DOT "%d points%s", faces, plural(faces),
            100.0 * confidence, points, v->settings.smoothing > 0.0f ? "" : DOT "not smoothed");
    else
        add(&v->texts, "no face" DOT "%d points", points);
}

static void describe_source(struct wt_viewer *v)
{
    const struct wt_source_info *source = &v->status.source;
    const struct wt_image *image = v->shown ? &v->shown->frame->image : NULL;
    struct wt_text_line *line =
        add(&v->texts, "%s" DOT "%dx%d", source->name, image ? image->width : source->width,
            image ? image->height : source->height);
    line->dim = true;
    if (v->config.note)
        add(&v->texts, "%s", v->config.note)->dim = true;
    if (v->status.left_out)
        add(&v->texts, "%llu of %llu frames left out", (unsigned long long)v->status.left_out,
            (unsigned long long)v->status.frames)
            ->dim = true;
}

static void describe_licence(struct wt_viewer *v)
{
    const char *licence = v->model.licence;
    bool stated = licence && licence[0];
    add(&v->texts, "weights: %.110s", stated ? licence : "licence not stated")->dim = true;
}

/* All that fits into one. */
static void describe_shortly(struct wt_viewer *v)
{
    char rate[16], forward[16];
    const int faces = v->shown ? v->shown->result.faces : 0;
    number(rate, v->status.rate);
    number(forward, v->forward_ms);
    if (v->status.paused || v->status.ended)
        add(&v->texts, "%s" DOT "%d face%s", v->status.ended ? "at the end" : "paused", faces,
            plural(faces));
    else
        add(&v->texts, "%s fps" DOT "%s ms" DOT "%d face%s", rate, forward, faces, plural(faces));
}

static void describe_recording(struct wt_viewer *v)
{
    const struct wt_recorder_stats *r = &v->status.record;
    struct wt_texts *texts = &v->texts;
    texts->recording = v->status.recording;
    texts->recording_warn = r->dropped > 0;
    int seconds = (int)(r->duration_us / 1000000);
    int n = snprintf(texts->recording_text, sizeof texts->recording_text, "%d:%02d", seconds / 60,
                     seconds % 60);
    double kept, of; /* a few more are on their way */
    if (wt_recorder_rates(r, &kept, &of) && kept < 0.9 * of)
        snprintf(texts->recording_text + n, sizeof texts->recording_text - (size_t)n,
                 DOT "%.*f of %.0f fps kept", kept < 1, kept, of);
    else if (r->dropped)
        snprintf(texts->recording_text + n, sizeof texts->recording_text - (size_t)n,
                 DOT "%llu dropped", (unsigned long long)r->dropped);
}

/* A name tag over each crop square, where there are any: not in a picture that is corrected. */
static void describe_boxes(struct wt_viewer *v, const struct wt_layout *layout)
{
    struct wt_texts *texts = &v->texts;
    texts->labels = 0;
    if (!v->shown || !v->settings.view.boxes || wt_correct_frame(v))
        return;
    for (int i = 0; i < v->shown->result.faces; i++) {
        const struct wt_face *face = &v->shown->result.face[i];
        struct wt_point corner[4];
        struct wt_text_label *label = &texts->label[texts->labels++];
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

/* Where faces are, for what must not lie on them. */
static void describe_faces_places(struct wt_viewer *v, const struct wt_layout *layout)
{
    struct wt_texts *texts = &v->texts;
    const struct wt_result *result = wt_correct_frame(v) ? v->correct.result
                                     : v->shown          ? &v->shown->result
                                                         : NULL;
    texts->faces = result ? result->faces : 0;
    for (int i = 0; i < texts->faces; i++) {
        const struct wt_face *face = &result->face[i];
        struct wt_box box = wt_points_box(face->point, face->points);
        box.y -= 0.35f * box.h; /* the forehead has no points */
        box.h *= 1.35f;
        const struct wt_point a = wt_layout_point(layout, (struct wt_point){box.x, box.y});
        const struct wt_point b =
            wt_layout_point(layout, (struct wt_point){box.x + box.w, box.y + box.h});
        texts->face[i] = (struct wt_text_box){fminf(a.x, b.x), fminf(a.y, b.y), fmaxf(a.x, b.x),
                                              fmaxf(a.y, b.y)};
    }
}

/* How long the first hint stays, once there is a picture. */
#define WELCOME_US 12000000

static bool welcomes(struct wt_viewer *v, int64_t now)
{
    if (!v->welcoming || !v->shown_us)
        return false;
    if (now - v->shown_us < WELCOME_US)
        return true;
    v->welcoming = v->prefs.hints = false; /* it has been seen */
    wt_viewer_apply(v);
    return false;
}

/* As long as most inputs need nothing is said. */
#define OPENING_US 300000

static bool takes_a_while_to_open(struct wt_viewer *v, int64_t now)
{
    if (!wt_viewer_opening(v) || now - v->input_us <= OPENING_US)
        return false;
    if (!v->input_said)
        wt_log(WT_LOG_DEBUG, "window: opening %s", v->input_name);
    v->input_said = true;
    return true;
}

static void describe_troubles(struct wt_viewer *v)
{
    struct wt_texts *texts = &v->texts;
    const struct wt_live_status *s = &v->status;
    const int64_t now = wt_now_us();
    const char *hint = "";
    char made[WT_TEXT_SIZE] = "";
    if (!wt_notice_get(texts->message, &texts->message_kind, now))
        texts->message[0] = '\0';
    if (s->lost) {
        snprintf(texts->trouble, sizeof texts->trouble,
                 "%s does not answer. It is used again as soon as it is back.", s->source.name);
    } else if (s->dark) {
        snprintf(texts->trouble, sizeof texts->trouble,
                 "%s sends a black picture. Is its cover closed, or a privacy switch on?",
                 s->source.name);
    } else if (!v->shown) {
        hint = "waiting for the first frame";
    } else if (s->ended && s->source.kind == WT_SOURCE_VIDEO) {
        hint = "End of the video. Space plays it again.";
    } else if (v->shown->result.faces) {
        v->face_seen_us = now;
    } else if (now - v->face_seen_us > 700000) {
        hint = "No face in the picture.";
    }
    if (v->teach.work.busy && v->teach.work.job <= WT_JOB_CHANGE)
        hint = "keeping the correction";
    else if (v->config.label)
        hint = "Drag points" DOT "right button: not seen" DOT "Enter: next" DOT
               "Backspace skips" DOT "Page Up, Down" DOT "Q ends";
    else if (v->correct.looking)
        hint = "White: placed" DOT "red: original network" DOT "green: profile" DOT "Esc: live";
    else if (v->correct.frozen)
        hint = "Drag points" DOT "Shift moves all" DOT "right button: not seen" DOT
               "Enter keeps, Esc leaves";
    else if (v->steady.holding)
        snprintf(made, sizeof made, "Look into the camera and hold still: %d", wt_steady_left(v));
    else if (takes_a_while_to_open(v, now))
        snprintf(made, sizeof made, "opening %s", v->input_name);
    else if (wt_viewer_loading(v))
        hint = "loading the model";
    else if (welcomes(v, now))
        hint = "H shows the keys" DOT "Tab, or the mouse, opens the panel";
    snprintf(texts->hint, sizeof texts->hint, "%s", made[0] ? made : hint);
}

void wt_viewer_describe(struct wt_viewer *v, const struct wt_layout *layout, float room, float low)
{
    struct wt_texts *texts = &v->texts;
    memset(texts, 0, sizeof *texts);
    texts->width = room;
    texts->height = (float)layout->window_height;
    texts->low = low;
    texts->high = low > 0.0f && !v->panel.open ? low : 0.0f; /* the corner's button is as wide */
    texts->status = v->prefs.status != WT_STATUS_OFF;
    texts->help = v->show_help;
    texts->paused = v->status.paused;
    describe_shortly(v);
    texts->brief = texts->line[0];
    if (v->prefs.status != WT_STATUS_LINE) {
        texts->lines = 0;
        describe_speed(v);
        describe_model(v);
        describe_faces(v);
        texts->main_lines = texts->lines;
        describe_source(v);
        describe_licence(v);
    }
    describe_recording(v);
    describe_boxes(v, layout);
    describe_faces_places(v, layout);
    describe_troubles(v);
    wt_viewer_describe_legend(v);
}
