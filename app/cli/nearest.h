/* The candidate nearest to a mistyped word, for "did you mean". Stateless, thread-safe. */
#ifndef WT_APP_NEAREST_H
#define WT_APP_NEAREST_H

struct wt_nearest {
    const char *word, *best; /* best: NULL while no candidate was near enough */
    int distance;            /* private */
};
void wt_nearest_start(struct wt_nearest *n, const char *word);
void wt_nearest_offer(struct wt_nearest *n, const char *candidate);

#endif
