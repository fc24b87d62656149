/* Ctrl-C for long work that has files to finish. Call wt_interrupt_catch from the main thread;
 * wt_interrupted may be called from any. */
#ifndef WT_APP_INTERRUPT_H
#define WT_APP_INTERRUPT_H

#include <stdbool.h>

/* From now on the first Ctrl-C (or SIGTERM, or SIGUSR1, which mpirun passes on to its ranks) is
 * only noted, so that files can be finished; a second one ends the program at once. The end of the
 * terminal (SIGHUP) is noted, however often it is said. */
void wt_interrupt_catch(void);

/* Has one arrived since then? */
bool wt_interrupted(void);

#endif
