/* What a weights file says about itself: the keys of its metadata, each defined here and nowhere
 * else. Values are UTF-8 text; several statements in one are separated by "; ".
 *
 * Not the card itself, which is a text beside the file. Constant tables and pure functions. */
#ifndef WT_MODEL_CARD_H
#define WT_MODEL_CARD_H

#include "weights/weights.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of the network; its numbers but for the input's side are read off the tensors, and written for
 * other programs. */
#define WT_META_STACKS "stacks"
#define WT_META_WIDTH "width"
#define WT_META_POINTS "points"
#define WT_META_INPUT "input"             /* side of the crop, pixels */
#define WT_META_CROP_FACTOR "crop_factor" /* its side / mean side of the points' box */
#define WT_META_SCHEME "scheme"           /* name of scheme.h */
#define WT_META_QUANTISED "quantised"     /* where the ranges of int8 come from */
#define WT_META_TUNED "tuned"             /* what `tune` did to the weights */
#define WT_META_SOURCE "source"           /* file that was imported */
#define WT_META_VAL_NME "val_nme"         /* per cent, on the recipe's validation faces */
#define WT_META_VAL_ERROR "val_error" /* of a detector: faces missed and wrong boxes, per cent */
/* Of where it comes from and what it is good for: stated by people (`wingtip model card`). */
#define WT_META_NAME "name"
#define WT_META_LICENCE "licence" /* what the weights may be used for; "license" is read too */
#define WT_META_LABEL_STYLE "label_style"
#define WT_META_TRAINED_ON "trained_on"
#define WT_META_LABELS "labels" /* how they were made */
#define WT_META_TRAINER "trainer"
#define WT_META_RECIPE "recipe"
#define WT_META_HOURS "hours" /* of training, and on what */
#define WT_META_NME "nme"     /* by list: "HELEN test, 68 points: NME 3.24, FR8 0.30; ..." */
#define WT_META_LIMITS "limits"

struct wt_card_fact {
    const char *key, *label; /* label: for people */
    const char *help;        /* what to state; NULL: no person states it */
    bool always;             /* reported also where it is absent */
};

/* In the order in which a reader wants them; ends with key NULL. */
extern const struct wt_card_fact wt_card_fact[];

/* The value, under any spelling of the key; NULL: not stated. */
const char *wt_card_get(const struct wt_weights *weights, const char *key);

#ifdef __cplusplus
}
#endif
#endif
