/* Folders with all that is in them: copied, removed, flushed to the disk. Private to
 * profile_store.c and what exports. Stateless; of one folder one thread at a time. */
#ifndef WT_APP_PROFILE_TREE_H
#define WT_APP_PROFILE_TREE_H

#include <stdbool.h>

#include "wt_status.h"

/* Flushes every file and folder. Errors: IO. */
enum wt_status wt_sync_tree(const char *folder);
/* A folder's own entries; a file system that cannot do it is no failure. */
void wt_sync_folder(const char *folder);

#endif
