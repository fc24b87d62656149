/* A profile's network learns in the background: what the window and `wingtip profile learn` call.
 *
 * One thread of low priority, and those of the network's training, which inherit it. It starts from
 * the original network, so that rounds do not add up to more than one is allowed; learns the
 * corrections less what their mean offset says of them, beside rendered faces that are held to what
 * the original network finds in them; and ends after its time, when it is stopped, or when nothing
 * is left to learn. Whatever it keeps is judged first:
 * - the corrections' error, each with the offset of the others, must be less than the profile's;
 * - other faces (rendered, bundled, not learned from) must stay where they were: their error within
 *   2 per cent of what it was, their points within WT_LEARNER_DRIFT.
 * Else the round is taken back, and the profile is as it was. Networks of which no rendered face is
 * known (other points than 98, 68, 29) learn without a guard, which the message says.
 *
 * Threads: start, stop, progress and end may be called from any one thread; progress and stop from
 * several. Nothing here waits but end. The profile's files change at the end of a round only, in
 * one step; open the profile again then. */
#ifndef WT_APP_LEARNER_H
#define WT_APP_LEARNER_H

#include "teach/profile.h"
#include "train/tune.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_learner;

/* Points of the guard may move by that in the mean, % of the eye distance. Measured: after a round
 * with 0.32 the error on photographs (faces98/val) is 3.629 %, before 3.612 (README.md). */
#define WT_LEARNER_DRIFT 0.5
/* Corrections it takes at least: below, their errors with the offset of the others say little. */
enum { WT_LEARNER_LEAST = 3 };

struct wt_learner_options {
    const struct wt_profile_store *store; /* copied, as the name is */
    const char *name;
    double seconds; /* of learning, reading and judging not counted; > 0, or 0 with steps */
    int steps;      /* 0: by time alone */
    enum wt_tune_layers layers;
    double rate;
    int threads;          /* 1..64; 0: one per physical core */
    const char *cpu_mask; /* NULL: best; copied */
    int precision;        /* of training and of what runs afterwards: enum wt_precision */
    int nice;             /* of its threads, 0..19 */
    uint64_t seed;
};

/* What was measured to be best: the table in app/teach/README.md. */
struct wt_learner_options wt_learner_defaults(void);

enum wt_learner_state {
    WT_LEARNER_READING,
    WT_LEARNER_LEARNING,
    WT_LEARNER_SAVING,
    WT_LEARNER_KEPT,       /* over: the profile has new weights */
    WT_LEARNER_TAKEN_BACK, /* over: nothing better was found, or other faces got worse */
    WT_LEARNER_FAILED,     /* over: the log says why, and so does message */
};

struct wt_learner_point {
    float seconds, loss, error, guard; /* error, guard: as last measured */
};

enum { WT_LEARNER_POINTS = 256 };

struct wt_learner_progress {
    enum wt_learner_state state;
    bool stopped; /* by wt_learner_stop */
    int step;
    double loss;                     /* smoothed; NAN: none yet */
    double error, before;            /* %, of the corrections, leave-one-out: now, and at first;
                                        NAN: not measured yet, which waits until some steps are taken */
    double guard, guard_before;      /* %, of the guard's faces; NAN: there is none, or not yet */
    double drift;                    /* %, by which the guard's points have moved */
    double guard_limit, drift_limit; /* more of either is not kept */
    double first; /* seconds from wt_learner_start to the end of the first step; NAN: not yet */
    double faces_a_second;
    double seconds, left;                             /* of learning */
    char message[400];                                /* in words, once it is over */
    struct wt_learner_point point[WT_LEARNER_POINTS]; /* the curves, evenly thinned out */
    int points;
};

static inline bool wt_learner_over(enum wt_learner_state state)
{
    return state >= WT_LEARNER_KEPT;
}

/* Errors: ARGUMENT (options), MEMORY. What is wrong with the profile comes as FAILED. */
enum wt_status wt_learner_start(struct wt_learner **out, const struct wt_learner_options *options);
void wt_learner_progress(struct wt_learner *learner, struct wt_learner_progress *out);
/* Ends learning after the current step; what is better by then is kept. */
void wt_learner_stop(struct wt_learner *learner);
/* Stops, waits and frees. NULL-safe; sets NULL.
 * Returns the status that it ended with. */
enum wt_status wt_learner_end(struct wt_learner **learner);

#ifdef __cplusplus
}
#endif
#endif
