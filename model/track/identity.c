#include "track/identity.h"

#include <math.h>

/* Measured, as correlations of looks. One face from frame to frame: at 30 frames a second 0.93 and
 * more (two clips of talking heads), at 5 mostly above 0.73, at least 0.57; against its own mean
 * 0.8 and more at 30, 0.68 at 5. Two people (484 pairs of photographs): median 0.34, in 95 % below
 * 0.71, at most 0.83. */
#define SAME_AFTER_CUT 0.9f /* a cut to the same picture is none */
#define SAME_AT_ONCE 0.75f  /* from one frame to the next, 1/30 s or less */
#define SAME_LATER 0.3f     /* the same, 0.2 s and more */
#define SAME_AS_MEAN 0.3f
#define CLEAR 0.75f /* more like its mean than that: nothing hides it */
#define BACK 0.65f  /* so much like its mean, or as it looked last, is a face that comes back */

#define MEAN_S 0.5f     /* time over which looks are averaged */
#define VELOCITY_S 0.1f /* and velocities */
#define FORESEE_S 0.6f  /* motion is continued for so long */

static float seconds(int64_t from, int64_t to)
{
    return to > from ? (float)((double)to - (double)from) * 1e-6f : 0;
}

static struct wt_point middle(const struct wt_box *b)
{
    return (struct wt_point){b->x + b->w / 2, b->y + b->h / 2};
}

static void see_clearly(struct wt_identity *id, const struct wt_sighting *sight)
{
    id->centre = middle(&sight->box);
    id->side = (sight->box.w + sight->box.h) / 2;
    id->clear_us = sight->time_us;
}

void wt_identity_start(struct wt_identity *id, const struct wt_sighting *sight)
{
    id->mean = id->last = sight->appearance;
    id->last_us = sight->time_us;
    id->velocity = (struct wt_point){0, 0};
    see_clearly(id, sight);
}

bool wt_identity_continues(const struct wt_identity *id, const struct wt_sighting *sight, bool cut)
{
    const float since = seconds(id->last_us, sight->time_us);
    const float late = fminf(1, fmaxf(0, (since - 0.033f) / (0.2f - 0.033f)));
    const float least = cut ? SAME_AFTER_CUT : SAME_AT_ONCE + late * (SAME_LATER - SAME_AT_ONCE);
    const float like_last = wt_appearance_match(&id->last, &sight->appearance);
    const float like_mean = wt_appearance_match(&id->mean, &sight->appearance);
    if (like_last < least && like_mean < (cut ? SAME_AFTER_CUT : CLEAR))
        return false;
    return like_mean >= SAME_AS_MEAN || late > 0.5f; /* slid onto another face little by little */
}

void wt_identity_update(struct wt_identity *id, const struct wt_sighting *sight)
{
    const float step = seconds(id->last_us, sight->time_us);
    const bool clear = wt_appearance_match(&id->mean, &sight->appearance) >= CLEAR;
    if (clear) {
        const float since = seconds(id->clear_us, sight->time_us);
        const struct wt_point now = middle(&sight->box);
        const float share = since > 0 ? since / (since + VELOCITY_S) : 0;
        if (since > 0) {
            id->velocity.x += share * ((now.x - id->centre.x) / since - id->velocity.x);
            id->velocity.y += share * ((now.y - id->centre.y) / since - id->velocity.y);
        }
        see_clearly(id, sight);
    }
    wt_appearance_mix(&id->mean, &sight->appearance, step / (step + MEAN_S));
    id->last = sight->appearance;
    id->last_us = sight->time_us;
}

/* Half hidden, it looks like itself only in part, and will look like that in the next frames. */
void wt_identity_resume(struct wt_identity *id, const struct wt_sighting *sight)
{
    if (wt_appearance_match(&id->mean, &sight->appearance) < BACK)
        wt_appearance_mix(&id->mean, &sight->appearance, 0.5f);
    wt_identity_update(id, sight);
}

/* In sides of the face: how far from where it should be. */
static float distance(const struct wt_identity *id, const struct wt_sighting *sight)
{
    const float ahead = fminf(FORESEE_S, seconds(id->clear_us, sight->time_us));
    const struct wt_point now = middle(&sight->box);
    return hypotf(now.x - id->centre.x - ahead * id->velocity.x,
                  now.y - id->centre.y - ahead * id->velocity.y) /
           fmaxf(1, id->side);
}

float wt_identity_misfit(const struct wt_identity *id, const struct wt_sighting *sight)
{
    return fminf(1, distance(id, sight)) +
           2 * (1 - wt_appearance_match(&id->mean, &sight->appearance));
}

bool wt_identity_returns(const struct wt_identity *id, const struct wt_sighting *sight,
                         enum wt_return how)
{
    const float away = seconds(id->clear_us, sight->time_us);
    const float size = (sight->box.w + sight->box.h) / 2 / fmaxf(1, id->side);
    const float far = distance(id, sight);
    if (size < 0.5f || size > 2)
        return false;
    if (how == WT_RETURN_HIDDEN && far < 0.5f)
        return true;
    const float like_mean = wt_appearance_match(&id->mean, &sight->appearance);
    const float like_last = wt_appearance_match(&id->last, &sight->appearance);
    /* It may come back as it went: half behind something. */
    return far < 0.5f + 1.5f * away &&
           (how == WT_RETURN_AFTER_CUT ? like_mean >= SAME_AFTER_CUT
                                       : fmaxf(like_mean, like_last) >= BACK);
}
