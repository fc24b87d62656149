#include "teach/learned_weights.h"

#include <stdio.h>
#include <string.h>

#include "measure/calibrate.h"
#include "weights/card.h"

enum wt_status wt_learned_weights_int8(const struct wt_tune *tune, const struct wt_weights *old,
                                       struct wt_weights *w, const struct wt_tune_result *r)
{
    bool ranges = false, integers = false;
    char note[80];
    for (size_t i = 0; i < old->count; i++) {
        ranges = ranges || strstr(old->tensor[i].name, ".input_range");
        integers = integers || old->tensor[i].storage == WT_STORE_I8;
    }
    if (!ranges)
        return WT_OK;
    snprintf(note, sizeof note, "int8: %zu faces of tuning", r->measured + r->guarded);
    enum wt_status status = wt_tune_calibrate(tune, w);
    if (!status)
        status = wt_weights_set_meta(w, WT_META_QUANTISED, note);
    return status || !integers ? status : wt_quantise_weights(w);
}

enum wt_status wt_learned_weights_finish(const struct wt_tune *tune, const struct wt_weights *old,
                                         struct wt_weights *w, const struct wt_tune_result *r,
                                         const char *profile)
{
    char text[400];
    const char *name = wt_card_get(old, WT_META_NAME);
    snprintf(text, sizeof text, "%.200s, taught for profile %s", name ? name : "a network",
             profile);
    enum wt_status status = wt_weights_set_meta(w, WT_META_NAME, text);
    if (!status)
        status = wt_weights_set_meta(
            w, WT_META_LIMITS,
            "tuned to one person's corrections, which its profile's offset goes with");
    return status ? status : wt_learned_weights_int8(tune, old, w, r);
}
