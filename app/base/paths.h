/* Where the program's own files are. Looked for in this order: $WINGTIP_ASSETS; share/wingtip
 * beside the installed program; assets/ (recipes: model/recipes/) of the source tree the program
 * was built in, found by going up from the executable. Thread-safe. */
#ifndef WT_APP_PATHS_H
#define WT_APP_PATHS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* A path with its own memory. */
struct wt_path {
    char text[PATH_MAX];
};
/* Formats a path. Errors: ARGUMENT, after a line: it is too long. */
enum wt_status wt_path_print(struct wt_path *path, const char *format, ...) WT_PRINTF(2, 3);

/* Where this program is; false: unknown. */
bool wt_program_path(struct wt_path *path);

/* The user's folder for videos, as the desktop names it (XDG user-dirs), else Videos in the home
 * folder. false: there is none. */
bool wt_videos_folder(struct wt_path *path);

/* The last part of a path; all of it where it ends with a slash. */
const char *wt_base_name(const char *path);

/* Are both the same regular file, under whatever names? */
bool wt_same_file(const char *a, const char *b);

/* Writes the path of a bundled file; false when there is none (buffer then holds the name). */
bool wt_asset_path(const char *name, char *buffer, size_t size);

/* Resolves the name of a recipe: the file of that name, if it exists; else, for a name without a
 * slash, the bundled recipe NAME.recipe; else the name unchanged. false: too long. */
bool wt_recipe_path(const char *name, char *buffer, size_t size);

/* The name of bundled weights that a short one stands for: `accurate`, `fast`, `free` and
 * `fast-free` for wingtip-98 and wingtip-98-fast, -free and -fast-free; any other name unchanged.
 */
const char *wt_weights_whole_name(const char *name);

/* As wt_recipe_path, for bundled weights, of landmarks and of the face detector, by either name:
 * NAME.safetensors. */
bool wt_weights_path(const char *name, char *buffer, size_t size);

#define WT_ASSET_MODEL "wingtip-98.safetensors"
#define WT_ASSET_DETECTOR "wingtip-detector.safetensors"
#define WT_ASSET_CLIP "demo.mp4"
#define WT_ASSET_ICON "icon.bmp"
#define WT_ASSET_GUARD "teach/guard.txt"
#define WT_ASSET_REPLAY "teach/replay.txt"

#endif
