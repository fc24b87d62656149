/* What is done to a profile on a thread of its own. */
#include <stdio.h>

#include "base/json.h"
#include "base/status.h"
#include "window/viewer_internal.h"

static enum wt_status add(struct wt_viewer_teach *t)
{
    struct wt_teach_work *w = &t->work;
    const struct wt_face_in_frame face = {
        .image = &w->frame->image, .point = w->point, .points = w->points};
    struct wt_profile_run run = w->run;
    run.model = wt_profile_exists(&t->store, w->name) ? NULL : w->model;
    return wt_profile_add(&t->store, w->name, &run, &face, 1);
}

static enum wt_status change(struct wt_viewer_teach *t)
{
    struct wt_teach_work *w = &t->work;
    return wt_profile_replace(&t->store, w->name, &w->run, w->picture, w->point, w->points);
}

static enum wt_status rename_it(struct wt_viewer_teach *t)
{
    struct wt_teach_work *w = &t->work;
    const enum wt_status status = wt_profile_rename(&t->store, w->name, w->to.text);
    if (!status)
        snprintf(w->name, sizeof w->name, "%.64s", w->to.text); /* as names are at most */
    return status;
}

static enum wt_status measure_list(struct wt_teach_work *w, const struct wt_profile *p)
{
    struct wt_dataset list = {.count = 0};
    enum wt_status status = wt_dataset_open(&list, w->to.text);
    if (!status)
        status = wt_profile_measure_list(p, &w->run, &list, &w->figure);
    wt_dataset_fini(&list);
    return status;
}

/* What reads a profile and leaves it as it is. */
static enum wt_status read_it(struct wt_viewer_teach *t)
{
    struct wt_teach_work *w = &t->work;
    struct wt_profile *p = NULL;
    enum wt_status status = wt_profile_open(&p, &t->store, w->name);
    if (!status && w->job == WT_JOB_EXPORT)
        status = wt_profile_export(p, w->to.text);
    else if (!status && w->job == WT_JOB_LIST)
        status = measure_list(w, p);
    else if (!status)
        status = wt_profile_measure_own(p, &w->run, &w->figure);
    if (!status && w->job == WT_JOB_MEASURE)
        status = wt_profile_measure_guard(p, &w->run, &w->guard);
    wt_profile_close(&p);
    return status;
}

static enum wt_status go_back(struct wt_viewer_teach *t)
{
    cJSON *event = cJSON_CreateObject();
    cJSON_AddStringToObject(event, "event", "back");
    return wt_profile_refresh(&t->store, t->work.name, &t->work.run,
                              &(struct wt_profile_update){.back = true, .event = event});
}

static enum wt_status delete_it(struct wt_viewer_teach *t)
{
    return wt_profile_delete(&t->store, t->work.name);
}

static enum wt_status take_out(struct wt_viewer_teach *t)
{
    return wt_profile_remove(&t->store, t->work.name, t->work.picture);
}

void *wt_teach_work_main(void *argument)
{
    static const struct {
        enum wt_status (*run)(struct wt_viewer_teach *t);
        bool opens; /* the profile as it is then is wanted */
    } job[] = {
        [WT_JOB_ADD] = {add, true},           [WT_JOB_CHANGE] = {change, true},
        [WT_JOB_REMOVE] = {take_out, true},   [WT_JOB_OPEN] = {NULL, true},
        [WT_JOB_BACK] = {go_back, true},      [WT_JOB_RENAME] = {rename_it, true},
        [WT_JOB_DELETE] = {delete_it, false}, [WT_JOB_EXPORT] = {read_it, false},
        [WT_JOB_MEASURE] = {read_it, false},  [WT_JOB_LIST] = {read_it, false},
    };
    struct wt_viewer_teach *t = argument;
    struct wt_teach_work *w = &t->work;
    enum wt_status status = job[w->job].run ? job[w->job].run(t) : WT_OK;
    if (!status && job[w->job].opens)
        status = wt_profile_open(&w->profile, &t->store, w->name);
    w->status = status;
    w->done = true;
    return NULL;
}
