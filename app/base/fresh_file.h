/* Files with new names made of date and time. Stateless, thread-safe. */
#ifndef WT_APP_FRESH_FILE_H
#define WT_APP_FRESH_FILE_H

#include <stddef.h>

#include "wt_status.h"

/* Writes the name of a file that did not exist: FOLDER/wingtip-DATE-TIME[-N]EXTENSION, and creates
 * it empty, so that no other program gets the name. folder may be NULL: the current one. Errors:
 * IO. */
enum wt_status wt_fresh_file(const char *folder, const char *extension, char *path, size_t size);
/* Removes a file that wt_fresh_file created, if it is still empty. */
void wt_fresh_file_drop(const char *path);

#endif
