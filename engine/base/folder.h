/* Folders for what is written. Stateless, thread-safe. */
#ifndef WT_ENGINE_FOLDER_H
#define WT_ENGINE_FOLDER_H

#include <stdbool.h>

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Is there a folder of that name? */
bool wt_is_folder(const char *path);

/* Makes a folder and those above it, as far as they are not there, with that mode (less the
 * process's mask). Errors: IO, also where a file of that name is in the way; ARGUMENT: too long. */
enum wt_status wt_make_folders(const char *path, unsigned mode);

#ifdef __cplusplus
}
#endif

#endif
