/* Has a Matroska or WebM file the length that it says it has? libav ends one that is cut off as if
 * that were its end. Stateless, thread-safe. */
#ifndef WT_APP_MATROSKA_END_H
#define WT_APP_MATROSKA_END_H

#include <stdbool.h>

/* path: of any file. False also for other files, and where the segment has no size, as in one that
 * was never finished. */
bool wt_matroska_is_cut(const char *path);

#endif
