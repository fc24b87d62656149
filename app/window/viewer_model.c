/* Another model while it runs: opened on a thread of its own, as that takes a moment. */
#include <stdio.h>
#include <string.h>

#include "base/notice.h"
#include "base/status.h"
#include "window/viewer_internal.h"

static void *load(void *argument)
{
    struct wt_viewer_loader *l = argument;
    if (wt_common_open_live_model(&l->common, &l->model, l->why, sizeof l->why))
        l->model = NULL;
    l->done = true;
    return NULL;
}

static void start_loading(struct wt_viewer_loader *l, const struct wt_common *wanted,
                          const char *weights)
{
    l->wanted = l->common = *wanted;
    if (weights) {
        snprintf(l->weights, sizeof l->weights, "%s", weights);
        l->common.model = l->weights;
    }
    l->model = NULL;
    l->done = false;
    wt_common_resolve(&l->common);
    wt_log(WT_LOG_DEBUG, "opening a model: %s", l->common.model ? l->common.model : "automatic");
    l->busy = pthread_create(&l->thread, NULL, load, l) == 0;
    if (!l->busy)
        wt_fail(WT_ERR_MEMORY, "cannot start a thread for the model");
}

void wt_viewer_load_model(struct wt_viewer *v)
{
    v->loader.asked = true;
}

bool wt_viewer_loading(const struct wt_viewer *v)
{
    return v->loader.busy || v->loader.asked;
}

void wt_viewer_start_model(struct wt_viewer *v)
{
    struct wt_viewer_loader *l = &v->loader;
    const char *weights = wt_teach_weights(v);
    if (!l->asked || l->busy)
        return;
    if (!weights && v->ease.light)
        weights = wt_viewer_light(v);
    l->asked = false;
    start_loading(l, &v->prefs.common, weights);
}

/* The old model goes on where the new one cannot be opened, which is logged. */
static void go_back(struct wt_viewer *v)
{
    v->prefs.common.model = v->model_common.model;
    v->prefs.common.precision = v->model_common.precision;
    v->prefs.common.threads = v->model_common.threads;
    wt_viewer_apply(v);
}

static void take_over(struct wt_viewer *v)
{
    struct wt_viewer_loader *l = &v->loader;
    if (!l->busy || !l->done)
        return;
    pthread_join(l->thread, NULL);
    l->busy = false;
    v->redraw = true;
    if (l->asked) { /* the next one comes */
        wt_model_close(&l->model);
    } else if (l->model) {
        v->model_common = l->wanted;
        wt_live_use_model(v->live, l->model);
        l->model = NULL;
        wt_teach_model_came(v, true);
    } else {
        go_back(v);
        wt_teach_model_came(v, false);
    }
}

void wt_viewer_check_model(struct wt_viewer *v)
{
    struct wt_model *retired = wt_live_take_retired(v->live);
    v->status = wt_live_get_status(v->live);
    take_over(v);
    if (v->status.model != v->model_seen) {
        const bool news = v->model_seen != NULL;
        v->model_seen = v->status.model;
        v->model = wt_model_describe(v->model_seen);
        v->forward_ms = 0.0;
        if (news)
            wt_notice(WT_NOTICE_NEWS, "model: %s, %s, %d thread%s", v->model.name,
                      v->model.precision, v->model.threads, v->model.threads > 1 ? "s" : "");
    }
    wt_model_close(&retired);
}

static void drop(struct wt_viewer_loader *l)
{
    if (l->busy)
        pthread_join(l->thread, NULL);
    l->busy = false;
    wt_model_close(&l->model);
}

void wt_viewer_drop_model(struct wt_viewer *v)
{
    drop(&v->loader);
    drop(&v->split_loader);
}

/* ---- what the split view compares with ------------------------------------------------------- */

void wt_viewer_load_split(struct wt_viewer *v, const char *weights)
{
    if (!v->split_loader.busy)
        start_loading(&v->split_loader, &v->model_common, weights);
}

bool wt_viewer_split_stale(const struct wt_viewer *v)
{
    const struct wt_common *a = &v->split_loader.wanted, *b = &v->model_common;
    return v->split.own_weights && (a->precision != b->precision || a->threads != b->threads);
}

void wt_viewer_split_model(struct wt_viewer *v, struct wt_model **model)
{
    struct wt_viewer_loader *l = &v->split_loader;
    if (!l->busy || !l->done)
        return;
    pthread_join(l->thread, NULL);
    l->busy = false;
    *model = l->model;
    l->model = NULL;
    if (!*model)
        wt_split_end(v); /* why was logged */
}
