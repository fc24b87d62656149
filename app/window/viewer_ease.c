/* The fast network in place of the accurate one where a chosen rate or share of the processor asks
 * for it, and back: what live/ease.h says is done here, as the window opens models. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/notice.h"
#include "window/viewer_internal.h"

static bool same(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

/* The fast network of a model's kind, NULL: there is none. */
static const char *light_of(const char *model)
{
    const char *name = wt_weights_whole_name(model ? model : "accurate");
    if (strcmp(name, "wingtip-98") == 0)
        return "fast";
    return strcmp(name, "wingtip-98-free") == 0 ? "fast-free" : NULL;
}

const char *wt_viewer_light(const struct wt_viewer *v)
{
    return light_of(v->prefs.common.model);
}

/* Is it wanted, and not otherwise decided: by a profile, another network, a session? */
static bool may_ease(const struct wt_viewer *v)
{
    return (v->prefs.rate > 0 || v->prefs.share > 0) && !v->config.keep_model && !v->config.label &&
           !wt_teach_weights(v) && wt_viewer_light(v);
}

/* The accurate network of its kind is in use, and there is the fast one. */
static bool can_ease(const struct wt_viewer *v)
{
    struct wt_common fast = v->prefs.common;
    if (!v->model.name || !light_of(v->model.name))
        return false;
    fast.model = wt_viewer_light(v);
    wt_common_resolve(&fast);
    return access(fast.model_path.text, R_OK) == 0;
}

static void give_back(struct wt_viewer *v)
{
    if (!v->ease.light)
        return;
    v->ease.light = false;
    if (!wt_teach_weights(v))
        wt_viewer_load_model(v);
}

void wt_viewer_check_ease(struct wt_viewer *v)
{
    const struct wt_live_status *s = &v->status;
    const int64_t now = wt_now_us();
    if (!same(v->ease_model, v->prefs.common.model) || !may_ease(v)) {
        v->ease_model = v->prefs.common.model;
        give_back(v);
        wt_ease_settle(&v->ease, now);
        return;
    }
    if (wt_viewer_loading(v) || s->paused || s->ended || s->lost) {
        wt_ease_settle(&v->ease, now);
        return;
    }
    const struct wt_ease_sample sample = {.now_us = now,
                                          .eased = s->eased_stacks > 0 || s->eased_faces > 0,
                                          .load = s->load,
                                          .share = s->share,
                                          .goal = v->prefs.share / 100};
    if ((!v->ease.light && sample.eased && !can_ease(v)) || !wt_ease_add(&v->ease, &sample))
        return;
    wt_notice(WT_NOTICE_NEWS, v->ease.light
                                  ? "the fast network, for the rate or share that is wanted"
                                  : "the larger network again");
    wt_viewer_load_model(v);
}
