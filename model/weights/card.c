#include "weights/card.h"

#include <string.h>

const struct wt_card_fact wt_card_fact[] = {
    {WT_META_NAME, "name", "what the network is called", false},
    {WT_META_SCHEME, "scheme", NULL, false},
    {WT_META_LABEL_STYLE, "label style", "whose way of placing points it has learned", false},
    {WT_META_LICENCE, "licence", "what the weights may be used for", true},
    {WT_META_TRAINED_ON, "trained on", "pictures it was trained on", true},
    {WT_META_LABELS, "labels", "how the training faces got their points", false},
    {WT_META_TRAINER, "trainer", "program that trained it", false},
    {WT_META_RECIPE, "recipe", "how it was trained", false},
    {WT_META_HOURS, "hours", "how long, and on what computer", false},
    {WT_META_TUNED, "tuned", NULL, false},
    {WT_META_CROP_FACTOR, "crop factor", NULL, false},
    {WT_META_NME, "measured NME", "errors by list, with a semicolon between lists", true},
    {WT_META_VAL_NME, "validation NME", NULL, false},
    {WT_META_VAL_ERROR, "valid. error", NULL, false},
    {WT_META_LIMITS, "limits", "what it does not do well", false},
    {WT_META_QUANTISED, "quantised", NULL, false},
    {WT_META_SOURCE, "imported from", NULL, false},
    {.key = NULL},
};

const char *wt_card_get(const struct wt_weights *weights, const char *key)
{
    const char *value = wt_weights_get_meta(weights, key);
    if (!value && strcmp(key, WT_META_LICENCE) == 0)
        value = wt_weights_get_meta(weights, "license");
    return value;
}
