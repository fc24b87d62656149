/* The miner beside the tracking; what it offers goes to the editor. */
#include <string.h>

#include "base/clock.h"
#include "base/notice.h"
#include "base/status.h"
#include "teach/mined_folder.h"
#include "window/viewer_internal.h"

#define LOOK_EVERY_US 1000000
#define LIST_EVERY_US 1000000 /* a list that changes under the mouse cannot be clicked */

/* On the tracking thread. */
static void watch(void *user, const struct wt_live_sight *sight)
{
    struct wt_viewer_mine *m = user;
    const struct wt_mining_sight s = {.tracker = sight->tracker,
                                      .model = sight->model,
                                      .stacks = sight->stacks,
                                      .frame = sight->frame,
                                      .result = sight->result,
                                      .now_us = wt_now_us()};
    if (m->looking)
        wt_mining_watch(m->mining, &s); /* what fails is logged; this frame is left out */
}

static void load(struct wt_viewer *v)
{
    struct wt_viewer_mine *m = &v->mine;
    if (m->on_disk || !v->prefs.keep_hard_frames || !m->folder.text[0])
        return;
    m->on_disk = true;
    wt_mined_folder_read(m->folder.text, m->miner); /* what cannot be used is logged */
}

void wt_mine_start(struct wt_viewer *v)
{
    struct wt_viewer_mine *m = &v->mine;
    if (wt_miner_create(&m->miner, WT_MINER_MOST, WT_MINER_BYTES) ||
        wt_mining_create(&m->mining, m->miner, LOOK_EVERY_US)) {
        wt_miner_destroy(&m->miner);
        return;
    }
    if (!v->teach.usable || wt_mined_folder_path(&m->folder, v->teach.store.folder.text))
        m->folder.text[0] = '\0';
    load(v);
    m->looking = v->prefs.hard_frames;
    wt_live_set_watch(v->live, watch, m);
}

static void drop_list(struct wt_viewer_mine *m)
{
    for (int i = 0; i < m->count; i++)
        wt_mined_fini(&m->best[i]);
    m->count = 0;
}

void wt_mine_end(struct wt_viewer *v)
{
    struct wt_viewer_mine *m = &v->mine;
    if (m->miner && v->prefs.keep_hard_frames && m->folder.text[0])
        wt_mined_folder_write(m->folder.text, m->miner); /* what fails is logged */
    if (m->miner)
        wt_log(WT_LOG_DEBUG, "usual disagreement: stacks %.2f %%, mirror %.2f %%, motion %.2f %%",
               (double)wt_miner_usual(m->miner, WT_DOUBT_STACKS),
               (double)wt_miner_usual(m->miner, WT_DOUBT_MIRROR),
               (double)wt_miner_usual(m->miner, WT_DOUBT_MOTION));
    drop_list(m);
    wt_mining_destroy(&m->mining);
    wt_miner_destroy(&m->miner);
}

void wt_mine_check(struct wt_viewer *v)
{
    struct wt_viewer_mine *m = &v->mine;
    if (!v->correct.frozen)
        m->open = 0;
    m->looking = v->prefs.hard_frames;
}

void wt_mine_list(struct wt_viewer *v)
{
    struct wt_viewer_mine *m = &v->mine;
    const int64_t now = wt_now_us();
    if (!m->miner || now - m->listed_us < LIST_EVERY_US)
        return;
    const uint64_t version = wt_miner_version(m->miner);
    m->listed_us = now;
    if (version == m->version || (m->count && wt_ui_has_mouse(v->ui)))
        return;
    drop_list(m);
    m->count = wt_miner_best(m->miner, m->best, WT_MINER_OFFERED);
    m->version = version;
}

void wt_mine_open(struct wt_viewer *v, int which)
{
    struct wt_viewer_mine *m = &v->mine;
    char why[160];
    struct wt_mined *mined = &m->best[which];
    if (v->correct.frozen && !v->correct.looking && wt_edit_changed(&v->correct.edit)) {
        wt_notice(WT_NOTICE_NEWS, "first Enter, which keeps the points, or Esc");
        return;
    }
    if (v->teach.work.busy) {
        wt_notice(WT_NOTICE_WARNING, "the profile is busy; try again in a moment");
        return;
    }
    wt_correct_open(v, mined->frame, &mined->face);
    m->open = v->correct.frozen ? mined->number : 0;
    wt_mined_reason(mined, why, sizeof why);
    if (m->open)
        wt_notice(WT_NOTICE_NEWS, "hard frame: %s; Enter keeps the points, Esc does not", why);
}

/* It goes from the list at once. */
static void remove_number(struct wt_viewer_mine *m, uint32_t number)
{
    wt_miner_remove(m->miner, number);
    for (int i = 0; i < m->count; i++)
        if (m->best[i].number == number) {
            wt_mined_fini(&m->best[i]);
            memmove(&m->best[i], &m->best[i + 1], (size_t)(m->count - i - 1) * sizeof m->best[0]);
            m->count--;
        }
}

void wt_mine_forget(struct wt_viewer *v, int which)
{
    remove_number(&v->mine, v->mine.best[which].number);
    v->redraw = true;
}

void wt_mine_corrected(struct wt_viewer *v)
{
    if (v->mine.open)
        remove_number(&v->mine, v->mine.open);
    v->mine.open = 0;
}

void wt_mine_keep(struct wt_viewer *v, bool keep)
{
    struct wt_viewer_mine *m = &v->mine;
    v->prefs.keep_hard_frames = keep;
    wt_viewer_apply(v);
    if (keep) {
        load(v);
        wt_notice(WT_NOTICE_NEWS, "hard frames are kept on the disk when the window closes");
    } else if (!wt_mined_folder_remove(m->folder.text)) {
        wt_notice(WT_NOTICE_NEWS, "no hard frames on the disk any more");
    }
}
