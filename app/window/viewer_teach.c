/* Profiles in the window: corrections are added, the network learns, all of it beside the tracking.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/notice.h"
#include "base/paths.h"
#include "base/status.h"
#include "window/viewer_internal.h"

#define POLL_US 200000

/* ---- what is in use -------------------------------------------------------------------------- */

const char *wt_teach_weights(const struct wt_viewer *v)
{
    const struct wt_profile *p = v->teach.profile;
    return !p ? NULL : v->teach.off ? p->base.text : p->weights.text;
}

/* The profile's weights, perhaps written anew, and its offset, or neither. */
static void use_what_is_wanted(struct wt_viewer *v, bool other_weights)
{
    struct wt_viewer_teach *t = &v->teach;
    struct wt_offset *offset = t->profile && !t->off ? t->profile->offset : NULL;
    v->redraw = true;
    if (!other_weights) {
        wt_live_set_offset(v->live, offset);
        return;
    }
    wt_live_set_offset(v->live, NULL);
    t->offset_waits = offset != NULL;
    wt_viewer_load_model(v);
}

void wt_teach_model_came(struct wt_viewer *v, bool there)
{
    struct wt_viewer_teach *t = &v->teach;
    if (t->offset_waits && there && t->profile && !t->off)
        wt_live_set_offset(v->live, t->profile->offset);
    t->offset_waits = false;
    if (!there && t->profile) {
        wt_profile_close(&t->profile);
        wt_live_set_offset(v->live, NULL);
    }
}

static bool same_file(const char *a, const char *b)
{
    char real[2][PATH_MAX];
    return a && b && realpath(a, real[0]) && realpath(b, real[1]) && strcmp(real[0], real[1]) == 0;
}

/* Takes a profile over, or NULL. anew: its weights may have changed. */
static void take(struct wt_viewer *v, struct wt_profile *profile, bool anew)
{
    struct wt_viewer_teach *t = &v->teach;
    const bool had = t->profile != NULL;
    if (v->correct.given.frame && t->profile &&
        (!profile || strcmp(profile->name, t->profile->name) != 0))
        wt_correct_leave(v); /* it shows a face of the old one */
    wt_profile_close(&t->profile);
    t->profile = profile;
    t->takes++;
    t->off = t->measured = t->measured_list = t->confirm = false;
    v->prefs.profile = profile ? wt_config_keep(v->config.config, profile->name) : NULL;
    wt_viewer_apply(v);
    t->listed_us = 0;
    use_what_is_wanted(v, profile ? anew || !same_file(v->model.path, profile->weights.text) : had);
}

/* ---- work on a thread ------------------------------------------------------------------------ */

/* On the thread of the work. */
static bool is_leaving(void *user)
{
    return atomic_load(&((struct wt_viewer_teach *)user)->leaving);
}

/* false: something else is going on, which was said. */
static bool start(struct wt_viewer *v, enum wt_teach_job job, const char *name)
{
    struct wt_viewer_teach *t = &v->teach;
    struct wt_teach_work *w = &t->work;
    if (w->busy || !t->usable) {
        wt_notice(WT_NOTICE_WARNING, w->busy ? "the profile is busy; try again in a moment"
                                             : "there is no folder for profiles");
        return false;
    }
    w->job = job;
    snprintf(w->name, sizeof w->name, "%s", name);
    w->run = (struct wt_profile_run){.threads = v->prefs.common.threads,
                                     .cpu_mask = v->prefs.common.cpu_mask,
                                     .precision = v->prefs.common.precision,
                                     .give_up = is_leaving,
                                     .user = t};
    w->done = false;
    w->busy = pthread_create(&w->thread, NULL, wt_teach_work_main, t) == 0;
    if (!w->busy)
        wt_fail(WT_ERR_MEMORY, "cannot start a thread for the profile");
    return w->busy;
}

static void finish_add(struct wt_viewer *v)
{
    struct wt_teach_work *w = &v->teach.work;
    if (w->status)
        return; /* logged; the points stay on screen */
    const struct wt_profile *had = v->teach.profile;
    const size_t faces = w->profile->truth.count;
    const bool added = !had || strcmp(had->name, w->profile->name) != 0 || had->truth.count < faces;
    wt_notice(WT_NOTICE_NEWS,
              added ? "kept: %zu corrected face%s in profile %s"
                    : "these points are there already: %zu corrected face%s in profile %s",
              faces, faces > 1 ? "s" : "", w->profile->name);
    take(v, w->profile, false);
    wt_mine_corrected(v);
    wt_correct_leave(v);
}

static void finish_change(struct wt_viewer *v)
{
    struct wt_teach_work *w = &v->teach.work;
    const bool removed = w->job == WT_JOB_REMOVE;
    if (w->status)
        return; /* logged; the points stay on screen */
    wt_notice(WT_NOTICE_NEWS,
              removed ? "deleted, with its picture; %zu left in profile %s"
                      : "changed; %zu corrected faces in profile %s",
              w->profile->truth.count, w->profile->name);
    take(v, w->profile, false);
    if (!removed)
        wt_correct_leave(v);
}

static void finish_open(struct wt_viewer *v)
{
    struct wt_teach_work *w = &v->teach.work;
    if (!w->status && w->profile->stale) {
        wt_notice(WT_NOTICE_WARNING,
                  "profile %s belongs to other weights; wingtip profile learn %s --seconds 0 "
                  "adapts it",
                  w->name, w->name);
        wt_profile_close(&w->profile);
    } else if (!w->status) {
        take(v, w->profile, true);
        wt_notice(WT_NOTICE_NEWS,
                  w->job == WT_JOB_BACK ? "profile %s: the original network again" : "profile %s",
                  w->name);
    }
}

static void finish_measure(struct wt_viewer_teach *t)
{
    struct wt_teach_work *w = &t->work;
    const struct wt_profile_figure *f = &w->figure;
    const bool list = w->job == WT_JOB_LIST;
    if (w->status)
        return; /* logged */
    if (list) {
        t->listed = *f;
        t->measured_list = true;
        snprintf(t->listed_name, sizeof t->listed_name, "%s", wt_base_name(w->to.text));
    } else {
        t->figure = *f;
        t->guard = w->guard;
        t->measured = true;
    }
    wt_notice(WT_NOTICE_NEWS, "measured%s%s: NME %.2f %% with the offset, %.2f %% without",
              list ? " on " : "", list ? t->listed_name : "", f->corrected.nme, f->network.nme);
}

static void finish_rename(struct wt_viewer *v)
{
    struct wt_teach_work *w = &v->teach.work;
    if (w->status)
        return; /* logged */
    wt_notice(WT_NOTICE_NEWS, "profile %s has its new name", w->profile->name);
    v->teach.rename[0] = '\0';
    take(v, w->profile, false);
}

static void finish(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    struct wt_teach_work *w = &t->work;
    if (!w->busy || !w->done)
        return;
    pthread_join(w->thread, NULL);
    w->busy = false;
    v->redraw = true;
    switch (w->job) {
    case WT_JOB_ADD:
        finish_add(v);
        wt_frame_unref(&w->frame);
        break;
    case WT_JOB_CHANGE:
    case WT_JOB_REMOVE:
        finish_change(v);
        break;
    case WT_JOB_OPEN:
    case WT_JOB_BACK:
        finish_open(v);
        break;
    case WT_JOB_DELETE:
        if (w->status)
            break; /* logged */
        wt_notice(WT_NOTICE_NEWS, "profile %s deleted, with its pictures", w->name);
        take(v, NULL, false);
        break;
    case WT_JOB_RENAME:
        finish_rename(v);
        break;
    case WT_JOB_EXPORT:
        if (!w->status)
            wt_notice(WT_NOTICE_NEWS, "exported to %s: README.md says what is what", w->to.text);
        break;
    case WT_JOB_MEASURE:
    case WT_JOB_LIST:
        finish_measure(t);
        break;
    }
    w->profile = NULL;
}

/* ---- what the user asks for ------------------------------------------------------------------ */

void wt_teach_accept(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    struct wt_teach_work *w = &t->work;
    const struct wt_frame *frame = wt_correct_frame(v);
    const char *name = t->profile ? t->profile->name : t->name[0] ? t->name : "me";
    if (!frame)
        return;
    if (t->learner) {
        wt_notice(WT_NOTICE_WARNING, "learning goes on; stop it, or wait, to add a correction");
        return;
    }
    if (v->correct.looking) {
        wt_notice(WT_NOTICE_NEWS, "\"Edit points\" in the panel comes first");
        return;
    }
    if (wt_profile_name_check(name) || w->busy)
        return;
    w->points = v->correct.edit.scheme->points;
    wt_edit_result(&v->correct.edit, w->point);
    if (v->correct.given.frame) {
        snprintf(w->picture, sizeof w->picture, "%s", v->correct.picture);
        start(v, WT_JOB_CHANGE, name);
        return;
    }
    w->frame = wt_frame_ref((struct wt_frame *)frame);
    snprintf(w->model, sizeof w->model, "%s", v->model.path ? v->model.path : "");
    if (!start(v, WT_JOB_ADD, name))
        wt_frame_unref(&w->frame);
}

bool wt_teach_remove(struct wt_viewer *v, const char *picture)
{
    struct wt_viewer_teach *t = &v->teach;
    if (!t->profile || t->learner)
        return false;
    if (!t->work.busy)
        snprintf(t->work.picture, sizeof t->work.picture, "%s", picture);
    return start(v, WT_JOB_REMOVE, t->profile->name);
}

void wt_teach_use(struct wt_viewer *v, const char *name)
{
    if (v->teach.learner)
        wt_notice(WT_NOTICE_WARNING, "learning goes on; stop it first");
    else if (name)
        start(v, WT_JOB_OPEN, name);
    else if (v->teach.profile)
        take(v, NULL, false);
}

void wt_teach_compare(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    if (!t->profile) {
        wt_notice(WT_NOTICE_NEWS, "no profile to compare with: C corrects points");
        return;
    }
    wt_split_end(v); /* its right side is with the profile */
    t->off = !t->off;
    use_what_is_wanted(v, t->profile->learned);
    wt_notice(WT_NOTICE_NEWS, t->off ? "before: without profile %s" : "after: with profile %s",
              t->profile->name);
}

void wt_teach_learn(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    if (t->learner) {
        wt_learner_stop(t->learner);
        return;
    }
    if (!t->profile || t->work.busy)
        return;
    struct wt_learner_options o = wt_learner_defaults();
    o.store = &t->store;
    o.name = t->profile->name;
    o.cpu_mask = v->prefs.common.cpu_mask;
    o.seconds = (double)t->seconds;
    t->progressed = t->ask = false;
    t->polled_us = 0;
    if (!wt_learner_start(&t->learner, &o))
        wt_notice(WT_NOTICE_NEWS, "learning, while tracking goes on");
}

void wt_teach_back(struct wt_viewer *v)
{
    v->teach.ask = false;
    if (v->teach.profile && !v->teach.learner)
        start(v, WT_JOB_BACK, v->teach.profile->name);
}

void wt_teach_delete(struct wt_viewer *v)
{
    if (v->teach.profile && !v->teach.learner)
        start(v, WT_JOB_DELETE, v->teach.profile->name);
}

static void measure(struct wt_viewer *v, enum wt_teach_job job)
{
    if (start(v, job, v->teach.profile->name))
        wt_notice(WT_NOTICE_NEWS, "measuring, while tracking goes on");
}

void wt_teach_measure(struct wt_viewer *v)
{
    if (v->teach.profile && !v->teach.learner)
        measure(v, WT_JOB_MEASURE);
}

/* ---- what was typed -------------------------------------------------------------------------- */

/* Nothing that changes files while learning does. */
static bool is_free(struct wt_viewer *v)
{
    if (v->teach.learner)
        wt_notice(WT_NOTICE_WARNING, "learning goes on; stop it first");
    return v->teach.profile && !v->teach.learner;
}

void wt_teach_new(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    if (wt_profile_name_check(t->name)) /* says why */
        return;
    if (wt_profile_exists(&t->store, t->name)) {
        wt_teach_use(v, t->name);
        return;
    }
    if (t->profile && !is_free(v))
        return;
    if (t->profile)
        take(v, NULL, false);
    wt_notice(WT_NOTICE_NEWS, "profile %s begins with the first correction", t->name);
}

void wt_teach_rename(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    if (is_free(v) && !t->work.busy && !wt_path_print(&t->work.to, "%s", t->rename))
        start(v, WT_JOB_RENAME, t->profile->name);
}

void wt_teach_export(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    if (is_free(v) && !t->work.busy && wt_viewer_path(t->folder, &t->work.to))
        start(v, WT_JOB_EXPORT, t->profile->name);
}

void wt_teach_measure_list(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    if (is_free(v) && !t->work.busy && wt_viewer_path(t->list, &t->work.to))
        measure(v, WT_JOB_LIST);
}

bool wt_teach_dropped(struct wt_viewer *v, const char *file)
{
    struct wt_viewer_teach *t = &v->teach;
    const size_t n = strlen(file);
    if (n < 4 || strcasecmp(file + n - 4, ".txt") != 0)
        return false;
    if (!t->profile) {
        wt_notice(WT_NOTICE_NEWS, "a list of faces: choose a profile, which is measured on it");
        return true;
    }
    snprintf(t->list, sizeof t->list, "%s", file);
    wt_teach_measure_list(v);
    return true;
}

/* ---- learning -------------------------------------------------------------------------------- */

static void follow_learning(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    const int64_t now = wt_now_us();
    if (!t->learner || now - t->polled_us < POLL_US)
        return;
    t->polled_us = now;
    wt_learner_progress(t->learner, &t->progress);
    t->progressed = v->redraw = true;
    if (!wt_learner_over(t->progress.state) || t->work.busy)
        return;
    wt_learner_end(&t->learner);
    if (t->progress.state == WT_LEARNER_FAILED)
        return; /* logged */
    t->ask = t->progress.state == WT_LEARNER_KEPT;
    wt_notice(WT_NOTICE_NEWS, "%s", t->progress.message);
    if (t->ask)
        start(v, WT_JOB_OPEN, t->profile->name);
}

void wt_teach_check(struct wt_viewer *v)
{
    finish(v);
    follow_learning(v);
}

/* ---- beginning and end ----------------------------------------------------------------------- */

void wt_teach_init(struct wt_viewer *v, const char *profiles, struct wt_profile **profile)
{
    struct wt_viewer_teach *t = &v->teach;
    t->usable = !wt_profile_store_init(&t->store, profiles);
    t->seconds = (float)wt_learner_defaults().seconds;
    t->profile = *profile;
    *profile = NULL;
}

static void forget_names(struct wt_viewer_teach *t)
{
    for (size_t i = 0; i < t->name_count; i++)
        free(t->names[i]);
    free(t->names);
    t->names = NULL;
    t->name_count = 0;
}

void wt_teach_list(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    const int64_t now = wt_now_us();
    if (!t->usable || (t->listed_us && now - t->listed_us < 2000000))
        return;
    t->listed_us = now;
    forget_names(t);
    if (wt_profile_names(&t->store, &t->names, &t->name_count))
        t->name_count = 0;
}

void wt_teach_leave(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    atomic_store(&t->leaving, true);
    if (t->learner)
        wt_learner_stop(t->learner);
}

void wt_teach_fini(struct wt_viewer *v)
{
    struct wt_viewer_teach *t = &v->teach;
    if (t->work.busy) {
        pthread_join(t->work.thread, NULL);
        wt_log(WT_LOG_DEBUG, "work on profile %s %s with the window", t->work.name,
               t->work.status == WT_END ? "was given up" : "ended");
    }
    t->work.busy = false;
    wt_frame_unref(&t->work.frame);
    wt_profile_close(&t->work.profile);
    wt_learner_end(&t->learner);
    wt_profile_close(&t->profile);
    forget_names(t);
}
