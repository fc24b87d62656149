/* Frames worth a correction from one session to the next, on the disk: only where the user wants.
 *
 * A folder with a picture (PNG) for each frame and hard.json, which says what they show and why
 * they were kept. Not a list of faces: nobody has corrected these. */
#ifndef WT_APP_MINED_FOLDER_H
#define WT_APP_MINED_FOLDER_H

#include "base/paths.h"
#include "teach/miner.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The folder beside that of the profiles: PROFILES-hard. Errors: ARGUMENT. */
enum wt_status wt_mined_folder_path(struct wt_path *out, const char *profiles);

/* What the miner keeps, and nothing else, is in the folder afterwards. hard.json changes in one
 * step; pictures come before it and go after it. Errors: IO, MEMORY. */
enum wt_status wt_mined_folder_write(const char *folder, struct wt_miner *miner);
/* Gives it to the miner. No folder: nothing. Errors: FORMAT (broken, one line), IO, MEMORY. */
enum wt_status wt_mined_folder_read(const char *folder, struct wt_miner *miner);
/* Removes it with all that is in it. Errors: IO. */
enum wt_status wt_mined_folder_remove(const char *folder);

#ifdef __cplusplus
}
#endif
#endif
