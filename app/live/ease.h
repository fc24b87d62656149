/* The last resort of what the governor (governor.h) can do: the fast network in place of the
 * accurate one, and that one again when there is room. Taken when the governor has had to leave its
 * first rung for a while; given back only where a pass of the accurate network would leave it
 * there. A change that has to be taken back is tried again after a wait that doubles.
 *
 * A pure machine, as the governor: no thread, no clock of its own. Plain data; one thread. */
#ifndef WT_APP_EASE_H
#define WT_APP_EASE_H

#include <stdbool.h>
#include <stdint.h>

struct wt_ease {
    bool light; /* the fast network is wanted */
    /* private */
    int64_t since_us;   /* the reason for a change holds; 0: it does not */
    int64_t settle_us;  /* until then what is seen is of the network before */
    int64_t went_up_us; /* when the accurate network was last taken again; 0: never */
    int64_t stays_us;   /* light until then, at least */
    double wait_s;
};

struct wt_ease_sample {
    int64_t now_us;
    bool eased;         /* the governor is below its first rung */
    double load, share; /* as in wt_governor; load 0: not known yet */
    double goal;        /* for the share, 0: none */
};

/* What the window sees at a moment, ten times a second or more; true: `light` has changed. */
bool wt_ease_add(struct wt_ease *e, const struct wt_ease_sample *s);
/* Another network begins, by this or by the user: what was seen is of the one before. */
void wt_ease_settle(struct wt_ease *e, int64_t now_us);

#endif
