/* The panel's section about frames that are worth a correction. */
#include <stdio.h>
#include <string.h>

#include "window/viewer_internal.h"

static void say_what_is_kept(struct wt_viewer *v)
{
    struct wt_viewer_mine *m = &v->mine;
    int frames = 0;
    size_t bytes = 0;
    char text[PATH_MAX + 200];
    bool keep = v->prefs.keep_hard_frames;
    /* Before the text, which grows by a line now and then. */
    if (m->folder.text[0] &&
        wt_ui_check(v->ui, "Keep on disk",
                    "for the next time; switched off, what is there is deleted at once", &keep))
        wt_mine_keep(v, keep);
    wt_miner_size(m->miner, &frames, &bytes);
    snprintf(
        text, sizeof text,
        "%d frame%s, the part around the face, %.1f MB: in memory, gone when the window closes",
        frames, frames == 1 ? "" : "s", (double)bytes / 1e6);
    if (keep)
        snprintf(
            text, sizeof text,
            "%d frame%s, the part around the face, %.1f MB: written when the window closes, on "
            "this computer alone, to %s",
            frames, frames == 1 ? "" : "s", (double)bytes / 1e6, m->folder.text);
    wt_ui_text(v->ui, text, false);
}

/* "40 s ago", "today 14:03" would change under the mouse: the time of day does not. */
static void name_of(const struct wt_mined *m, int i, char *text, size_t size)
{
    static const char *const word[WT_DOUBTS] = {"stacks", "mirror", "motion"};
    char pose[48] = "";
    if (m->yaw == m->yaw)
        snprintf(pose, sizeof pose, ", %s %.0f deg", m->yaw < 0 ? "right" : "left",
                 (double)(m->yaw < 0 ? -m->yaw : m->yaw));
    snprintf(text, size, "%2d. %.1f x %s%s", i + 1, (double)m->score, word[m->of], pose);
}

static void draw_list(struct wt_viewer *v)
{
    struct wt_viewer_mine *m = &v->mine;
    char name[96], why[160];
    if (!m->count)
        wt_ui_text(v->ui, "none so far: they are collected while a face is tracked", false);
    for (int i = 0; i < m->count; i++) {
        name_of(&m->best[i], i, name, sizeof name);
        wt_mined_reason(&m->best[i], why, sizeof why);
        if (wt_ui_button(v->ui, name, why, false)) {
            wt_mine_open(v, i);
            return;
        }
    }
}

void wt_viewer_panel_mine(struct wt_viewer *v)
{
    struct wt_viewer_mine *m = &v->mine;
    if (!m->miner || !wt_ui_section(v->ui, "Hard frames", false, false))
        return;
    wt_mine_list(v);
    if (wt_ui_check(v->ui, "Look for them",
                    "frames on which the network contradicts itself: a twentieth of the time",
                    &v->prefs.hard_frames))
        wt_viewer_apply(v);
    draw_list(v);
    for (int i = 0; i < m->count; i++)
        if (m->open && m->best[i].number == m->open &&
            wt_ui_button(v->ui, "Not worth it", "this frame is not offered again", false)) {
            wt_mine_forget(v, i);
            wt_correct_leave(v);
            break;
        }
    say_what_is_kept(v);
}
