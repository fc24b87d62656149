/* The governor: how much the live chain spends on a frame. It takes as few threads as leave room to
 * spare within a frame's time; where all of them are too slow, or take more of the processor than
 * is wanted, it takes less of the network and fewer faces, rung by rung; and goes back up when
 * there is room. Thresholds are apart, and what had to be taken back is tried again only after a
 * wait that doubles: it does not swing.
 *
 * A pure machine: it is fed with what each frame took and says what to do; no thread, no clock, no
 * processor of its own. Plain data; one thread. */
#ifndef WT_APP_GOVERNOR_H
#define WT_APP_GOVERNOR_H

#include <stdbool.h>
#include <stdint.h>

#define WT_GOVERNOR_RUNGS 40
#define WT_GOVERNOR_THREADS 64
#define WT_GOVERNOR_WINDOW 128 /* frames, at most, between two decisions */

/* Shares of a frame's time that the tracker takes. */
#define WT_GOVERNOR_ROOMY 0.40 /* above it another thread helps */
#define WT_GOVERNOR_SPARE 0.30 /* below it, as foreseen with one thread less, that one goes */
#define WT_GOVERNOR_FULL 0.90  /* above it frames are left out: a rung down */
#define WT_GOVERNOR_BACK 0.60  /* below it, as foreseen on the rung above: a rung up */

/* One of the ways to spend less; the first is what the user has chosen. */
struct wt_governor_rung {
    int stacks; /* of the network, 0: all */
    int faces;  /* most */
};

struct wt_governor_goal {
    double share;      /* most of all processors' time that the program takes, 0..1; 0: no limit */
    int threads;       /* most, 1..WT_GOVERNOR_THREADS */
    bool fixed;        /* the user has set them: always all */
    bool steady_rungs; /* never leave the first rung */
};

struct wt_governor_sample {
    int64_t now_us;   /* of a clock that does not go back */
    int64_t busy_us;  /* processor time of the program until now */
    double pass_ms;   /* that the tracker took for this frame */
    double period_ms; /* from a frame to the next that it should keep; 0: unknown, no decision */
};

struct wt_governor_step {
    double after;       /* load after / before, when it was last gone down; 0: never */
    int64_t went_up_us; /* when it was last left upwards; 0: never */
    int64_t not_up_before_us;
    double wait_s;
};

struct wt_governor {
    struct wt_governor_goal goal;
    struct wt_governor_rung rung[WT_GOVERNOR_RUNGS];
    int rungs, processors;
    int threads, at;    /* the choice */
    double load, share; /* of the last window */
    /* private */
    double pass[WT_GOVERNOR_WINDOW];
    int passes;
    double period_ms;
    int64_t from_us, busy_from_us, settle_us;
    double load_before;                              /* the change that is being watched; 0: none */
    int watched;                                     /* rung that was gone down to */
    struct wt_governor_step step[WT_GOVERNOR_RUNGS]; /* by the lower rung */
    struct wt_governor_step thread[WT_GOVERNOR_THREADS + 1]; /* by the larger number */
};

/* Begins anew, with all threads and the first rung, so that the first frames are quick. */
void wt_governor_init(struct wt_governor *g, const struct wt_governor_goal *goal,
                      const struct wt_governor_rung *rung, int rungs, int processors);

/* The rungs below a choice of stacks (of a network of `has`) and faces: fewer stacks first, then
 * half of the faces and so on down to one. Returns how many. */
int wt_governor_make_rungs(struct wt_governor_rung out[WT_GOVERNOR_RUNGS], int stacks, int has,
                           int faces);

/* The next frame; true: threads or at have changed. */
bool wt_governor_add(struct wt_governor *g, const struct wt_governor_sample *sample);

#endif
