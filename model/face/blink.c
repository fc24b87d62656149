#include "face/blink.h"

#include <math.h>

/* What eyes open to: what they do in a tenth of a second is believed at once, and forgotten in ten
 * seconds. Never below LEAST, so that eyes that are shut at first sight are not taken for open:
 * open ones are at 0.2 and more. */
static const double RISE_US = 100e3, FALL_US = 10e6, LEAST = 0.16;

static struct wt_blink_face *find(struct wt_blinks *b, uint32_t id)
{
    struct wt_blink_face *oldest = &b->face[0];
    for (int i = 0; i < WT_FACES_MAX; i++) {
        struct wt_blink_face *f = &b->face[i];
        if (f->id == id)
            return f;
        if (oldest->id != 0 && (f->id == 0 || f->seen_us < oldest->seen_us))
            oldest = f;
    }
    *oldest = (struct wt_blink_face){0};
    return oldest;
}

static double mean_of_known(const double eye[2])
{
    if (!isfinite(eye[0]))
        return isfinite(eye[1]) ? eye[1] : NAN;
    return isfinite(eye[1]) ? (eye[0] + eye[1]) / 2 : eye[0];
}

/* Shut eyes say nothing about open ones, unless they stay so: a head that is turned or smiles has
 * narrower eyes. */
static void adapt(struct wt_blink_face *f, int64_t time_us, double opening)
{
    const double passed_us = (double)(time_us - f->seen_us);
    const double over = opening > f->open ? RISE_US : FALL_US;
    if (!f->shut || time_us - f->shut_us > WT_BLINK_LONGEST_US)
        f->open += (opening - f->open) * -expm1(-passed_us / over);
    f->open = fmax(f->open, LEAST);
}

static void decide(struct wt_blink_face *f, int64_t time_us, double opening, struct wt_blink *out)
{
    if (!f->shut && opening < WT_BLINK_SHUT * f->open) {
        f->shut = f->begun = true;
        f->shut_us = time_us;
        f->least = opening;
    } else if (f->shut && opening > WT_BLINK_OPEN * f->open) {
        f->shut = false;
        if (f->begun && time_us - f->shut_us <= WT_BLINK_LONGEST_US) {
            f->count++;
            out->ended = true;
            out->start_us = f->shut_us;
            out->end_us = time_us;
            out->least = f->least;
        }
    } else if (f->shut) {
        f->least = fmin(f->least, opening);
    }
}

struct wt_blink wt_blinks_update(struct wt_blinks *blinks, uint32_t id, int64_t time_us,
                                 const double eye_opening[2])
{
    struct wt_blink out = {.least = NAN};
    struct wt_blink_face *f = find(blinks, id);
    const double opening = mean_of_known(eye_opening);
    if (f->id && time_us < f->seen_us)
        *f = (struct wt_blink_face){0};
    const bool gap = f->id && time_us - f->seen_us > WT_BLINK_GAP_US;
    if (!isfinite(opening))
        return out;
    if (!f->id || gap) { /* whether they had just been open is not known */
        f->open = fmax(f->id ? f->open : opening, LEAST);
        f->shut = opening < WT_BLINK_SHUT * f->open;
        f->begun = false;
        f->shut_us = time_us;
    } else {
        adapt(f, time_us, opening);
        decide(f, time_us, opening, &out);
    }
    f->id = id;
    f->seen_us = time_us;
    out.known = true;
    out.shut = f->shut;
    out.count = f->count;
    return out;
}
