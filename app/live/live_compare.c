/* The same frame through another network, to compare with: one tracker more on the track thread. */
#include "base/status.h"
#include "live/live_internal.h"

/* ---- main thread --------------------------------------------------------------------------- */

void wt_live_compare(struct wt_live *live, bool on, struct wt_model *model)
{
    pthread_mutex_lock(&live->lock);
    struct wt_model *overtaken = live->compare_model;
    live->compare = on;
    live->compare_model = model;
    live->compare_version++;
    pthread_mutex_unlock(&live->lock);
    wt_model_close(&overtaken);
}

/* ---- track thread -------------------------------------------------------------------------- */

void wt_live_compare_end(struct wt_live *live)
{
    wt_tracker_destroy(&live->before);
    wt_model_close(&live->before_model);
}

void wt_live_compare_follow(struct wt_live *live, const struct wt_live_settings *settings,
                            bool asked)
{
    pthread_mutex_lock(&live->lock);
    const bool on = live->compare;
    const unsigned version = live->compare_version;
    struct wt_model *model = asked ? live->compare_model : NULL;
    live->compare_model = asked ? NULL : live->compare_model;
    pthread_mutex_unlock(&live->lock);
    if (asked) {
        wt_live_compare_end(live);
        live->before_model = model;
    }
    if (!on || live->before)
        return;
    model = live->before_model ? live->before_model : live->model;
    const struct wt_tracker_options options = wt_live_tracker_options(live, settings, model);
    if (!wt_tracker_create(&live->before, model, &options))
        return;
    wt_live_compare_end(live);
    pthread_mutex_lock(&live->lock);
    if (live->compare_version == version) /* a newer request is carried out next */
        live->compare = false;
    pthread_mutex_unlock(&live->lock);
}

void wt_live_compare_configure(struct wt_live *live, const struct wt_live_settings *settings)
{
    if (!live->before)
        return;
    const struct wt_tracker_options options = wt_live_tracker_options(
        live, settings, live->before_model ? live->before_model : live->model);
    wt_tracker_configure(live->before, &options);
}

void wt_live_compare_track(struct wt_live *live, struct wt_tracked_frame *tracked,
                           const struct wt_frame *frame)
{
    tracked->compared = false;
    if (!live->before)
        return;
    const enum wt_status status =
        wt_tracker_track(live->before, &frame->image, frame->time_us, &tracked->before);
    tracked->compared = !status;
    if (status)
        wt_live_note_failure(live, status);
}
