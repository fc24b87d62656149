/* The faces of a round of learning. Private to learner.c. */
#ifndef WT_APP_LEARNER_FACES_H
#define WT_APP_LEARNER_FACES_H

#include "teach/profile.h"

/* Zeroed is empty. */
struct wt_learner_faces {
    struct wt_faces *own;    /* the corrections */
    struct wt_faces *learn;  /* the same, less what their mean offset says of them */
    struct wt_faces *replay; /* rendered; NULL: none in this scheme */
    struct wt_faces *guard;  /* other rendered ones; NULL */
    size_t seen;             /* corrections that the original network sees a face in */
};

/* Call close also after an error. Errors: those of pictures and networks. */
enum wt_status wt_learner_faces_open(struct wt_learner_faces *out, const struct wt_profile *profile,
                                     const struct wt_profile_run *run);
void wt_learner_faces_close(struct wt_learner_faces *faces);

#endif
