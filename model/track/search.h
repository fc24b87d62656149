/* The search for faces, at once or on a thread of its own.
 *
 * A detector takes several times as long as a frame lasts. Offline it may take that time; a live
 * picture must not wait for it. One thread owns the object; the thread inside, if there is one,
 * never calls back. */
#ifndef WT_MODEL_SEARCH_H
#define WT_MODEL_SEARCH_H

#include "track/detector.h"

#define WT_SEARCH_MAX 64

struct wt_search;

/* What a search found. */
struct wt_found {
    struct wt_detection face[WT_SEARCH_MAX];
    int faces;
    double ms; /* what it took */
};

/* detector, options: as wt_detector_create. background: with a thread. Errors: as there. */
enum wt_status wt_search_create(struct wt_search **out, const char *detector,
                                const struct wt_detector_options *options, bool background);
/* Waits for a search under way. NULL-safe. */
void wt_search_destroy(struct wt_search **search);

/* Searches now. With a thread: waits for a search under way first, whose result is discarded.
 * thorough: wt_detector_find, else wt_detector_find_quick. */
enum wt_status wt_search_now(struct wt_search *search, const struct wt_image *image, bool thorough,
                             struct wt_found *found);

/* With a thread: starts a search in a copy of the image. false: one is under way, or its result has
 * not been taken. Errors end up in the result's status. */
bool wt_search_start(struct wt_search *search, const struct wt_image *image, bool thorough);
/* true when a search has ended since the last call: *found and *status are filled. */
bool wt_search_take(struct wt_search *search, struct wt_found *found, enum wt_status *status);
/* The search under way is of another scene: its result is discarded. */
void wt_search_discard(struct wt_search *search);

bool wt_search_in_background(const struct wt_search *search);

#endif
