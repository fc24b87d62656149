/* Correcting and learning in the window: what viewer_correct.c, viewer_teach.c and
 * viewer_panel_teach.c keep, and call of each other. Part of viewer_internal.h. */
#ifndef WT_APP_VIEWER_TEACH_H
#define WT_APP_VIEWER_TEACH_H

#include <SDL.h>
#include <pthread.h>
#include <stdatomic.h>

#include "draw/layout.h"
#include "live/live.h"
#include "teach/edit.h"
#include "teach/learner.h"
#include "teach/profile_figures.h"
#include "window/keys.h"

struct wt_viewer;

/* Frames of the last ten seconds: so many at most, and so many bytes. */
enum { WT_PAST_FRAMES = 64, WT_PAST_FACES = 4 };
#define WT_PAST_US 10000000
#define WT_PAST_BYTES ((size_t)96 << 20)

struct wt_past_frame {
    struct wt_frame *frame; /* NULL: none */
    int64_t taken_us;       /* monotonic clock */
    int faces;
    struct wt_face face[WT_PAST_FACES]; /* without maps */
};

/* The frame on which points are corrected. */
struct wt_viewer_correct {
    struct wt_past_frame past[WT_PAST_FRAMES]; /* a ring; does not grow while frozen */
    int newest, pasts;
    bool frozen, upload; /* upload: the texture holds another frame */
    int age;             /* of the frozen frame: 0 the newest; -1: `other`, none of the last ten
                            seconds */
    struct wt_past_frame other;
    /* A correction of the profile instead: its frame, and its picture's name in the profile. */
    struct wt_past_frame given; /* frame NULL: one of the past ones */
    char picture[256];
    bool looking; /* at its points, which are not to be moved */
    int face;
    struct wt_edit edit;
    int chosen; /* point, -1: none */
    bool held, all;
    bool say;                       /* where the points are, in the log, once they are drawn */
    struct wt_point grabbed, mouse; /* where the drag began, where it is: pixels of the frame */
    struct wt_result *result;       /* what the overlay draws of it */
};

enum wt_teach_job {
    WT_JOB_ADD,
    WT_JOB_CHANGE, /* one correction */
    WT_JOB_REMOVE, /* one */
    WT_JOB_OPEN,
    WT_JOB_BACK,
    WT_JOB_RENAME,
    WT_JOB_DELETE,
    WT_JOB_EXPORT,
    WT_JOB_MEASURE, /* on the corrections and on the guard */
    WT_JOB_LIST,    /* on a list */
};

/* Work on a profile, on a thread of its own. */
struct wt_teach_work {
    pthread_t thread;
    bool busy;
    atomic_bool done;
    enum wt_teach_job job;
    char name[72], model[PATH_MAX]; /* model "": the profile's own */
    struct wt_path to;              /* a new name, a folder for export, a list */
    char picture[256];              /* of the correction that is changed or removed */
    struct wt_frame *frame;
    struct wt_point point[WT_POINTS_MAX];
    int points;
    struct wt_profile_run run;
    enum wt_status status;
    struct wt_profile *profile; /* what came of it */
    struct wt_profile_figure figure, guard;
};

struct wt_viewer_teach {
    struct wt_profile_store store;
    bool usable;                /* the store has a place */
    struct wt_profile *profile; /* in use; NULL: none */
    unsigned takes;             /* how often another one, or another state, was taken over */
    bool off;                   /* without it, to compare */
    bool offset_waits;          /* until the model is there that it belongs to */
    struct wt_teach_work work;
    atomic_bool leaving; /* what takes long is to end: the window closes */
    struct wt_learner *learner;
    struct wt_learner_progress progress;
    bool progressed; /* progress says something */
    bool ask;        /* the round was kept: does the user want it? */
    int64_t polled_us;
    float seconds; /* that a round takes */
    struct wt_profile_figure figure, guard, listed;
    bool measured, measured_list, confirm;
    char listed_name[64];                          /* of the list's file */
    char name[72], rename[72];                     /* typed: of a new profile, of this one */
    char folder[WT_LIVE_PATH], list[WT_LIVE_PATH]; /* typed: for export, to measure on */
    char **names;                                  /* of the profiles that there are */
    size_t name_count;
    int64_t listed_us;
};

/* ---- viewer_correct.c ---- */

/* Keeps a frame that was shown, for the last ten seconds. */
void wt_correct_keep(struct wt_viewer *v, const struct wt_tracked_frame *tracked);
void wt_correct_fini(struct wt_viewer *v);
/* Stops the picture for correcting, or goes on. */
void wt_correct_toggle(struct wt_viewer *v);
void wt_correct_leave(struct wt_viewer *v);
/* Stops at a frame that is not one of the last ten seconds. face: points in the frame. */
void wt_correct_open(struct wt_viewer *v, struct wt_frame *frame, const struct wt_face *face);
/* Another of the kept frames: 0 the newest, or the next face of this one. */
void wt_correct_look(struct wt_viewer *v, int age);
void wt_correct_next_face(struct wt_viewer *v);
/* A correction of the profile is looked at, then edited. false: it cannot be, which was said. */
bool wt_correct_look_at(struct wt_viewer *v, struct wt_frame *frame, const struct wt_point *point,
                        int points, const char *picture);
void wt_correct_edit(struct wt_viewer *v);
/* Keys that mean something else while frozen; true: it was one. */
bool wt_correct_act(struct wt_viewer *v, enum wt_action action, int argument);
/* The mouse; true: it was for the points. */
bool wt_correct_mouse(struct wt_viewer *v, const SDL_Event *event);
/* The frozen frame and what is drawn over it; NULL: not frozen. */
const struct wt_frame *wt_correct_frame(const struct wt_viewer *v);
/* Handles and loupe, between wt_ui_begin and wt_ui_end. */
void wt_correct_draw(struct wt_viewer *v, const struct wt_layout *layout);

/* ---- viewer_teach.c ---- */

void wt_teach_init(struct wt_viewer *v, const char *profiles, struct wt_profile **profile);
/* Waits for what runs. */
void wt_teach_fini(struct wt_viewer *v);
/* Once a frame of the window. */
void wt_teach_check(struct wt_viewer *v);
/* The corrected face of the frozen frame is kept in the profile. */
void wt_teach_accept(struct wt_viewer *v);
/* One correction, by its picture's name; false: not now, which was said. */
bool wt_teach_remove(struct wt_viewer *v, const char *picture);
void wt_teach_use(struct wt_viewer *v, const char *name); /* NULL: none */
void wt_teach_compare(struct wt_viewer *v);
void wt_teach_learn(struct wt_viewer *v);
void wt_teach_back(struct wt_viewer *v);
void wt_teach_delete(struct wt_viewer *v);
void wt_teach_measure(struct wt_viewer *v);
/* What was typed: a name for a new profile, which begins with the next correction; another name for
 * this one; a folder to export to, which is not there yet; a list to measure on. */
void wt_teach_new(struct wt_viewer *v);
void wt_teach_rename(struct wt_viewer *v);
void wt_teach_export(struct wt_viewer *v);
void wt_teach_measure_list(struct wt_viewer *v);
/* A file came onto the window; false: it is no list. */
bool wt_teach_dropped(struct wt_viewer *v, const char *file);
/* The window closes: what takes long is to end soon; wt_teach_fini waits for it. */
void wt_teach_leave(struct wt_viewer *v);
/* The names of the profiles, looked for anew where that was long ago. */
void wt_teach_list(struct wt_viewer *v);
/* Weights that the profile wants, NULL: the user's choice. */
const char *wt_teach_weights(const struct wt_viewer *v);
/* The model that was asked for is in use, or could not be opened. */
void wt_teach_model_came(struct wt_viewer *v, bool there);

/* ---- viewer_teach_work.c ---- */

/* The thread that works on a profile; argument: struct wt_viewer_teach. */
void *wt_teach_work_main(void *argument);

/* ---- viewer_panel_profile.c: which profile, and what it is worth ---- */

void wt_viewer_panel_profile(struct wt_viewer *v);
void wt_viewer_panel_figures(struct wt_viewer *v);

/* ---- viewer_panel_teach.c ---- */

void wt_viewer_panel_teach(struct wt_viewer *v);

#endif
