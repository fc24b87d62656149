/* Which processor a thread runs on, where the system chose badly.
 *
 * Not a binding of threads to processors, which does harm as soon as other programs want one of
 * them: a thread is moved once, and may then run wherever it might before. All of this only makes
 * things faster; where the system refuses, nothing happens. */
#ifndef WT_ENGINE_PLACE_H
#define WT_ENGINE_PLACE_H

#include <stdbool.h>

int wt_place_thread(void); /* the system's number of the calling thread */
int wt_place_cpu(void);    /* of the processor that it runs on */

/* Whether a thread of this process uses no processor time, though it may be runnable: watches it
 * for some microseconds. */
bool wt_place_is_held_up(int thread);

/* The calling thread and another one, which was last seen on `cpu`, change places; if it waits for
 * the caller's own processor, the caller leaves that. */
void wt_place_swap(int thread, int cpu);

/* Moves a thread off the caller's processor; 0: the caller itself. */
void wt_place_send_away(int thread);

#endif
