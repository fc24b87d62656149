/* A font for characters that the window's own font has not: Chinese, Japanese, Korean, and whatever
 * else it holds. Looked for when the first such character is to be drawn, not before.
 *
 * It finds and checks files, and draws nothing. One thread. */
#ifndef WT_APP_FALLBACK_FONT_H
#define WT_APP_FALLBACK_FONT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/paths.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The environment's word for it: a file; "": none is wanted. */
#define WT_FALLBACK_FONT "WINGTIP_FALLBACK_FONT"

/* Scripts for which fonts are looked for apart: few have both Chinese and Korean. */
enum wt_script {
    WT_SCRIPT_CHINESE /* and Japanese */,
    WT_SCRIPT_KOREAN,
    WT_SCRIPT_OTHER,
    WT_SCRIPTS
};
enum wt_script wt_script_of(uint32_t character);

/* The file named by the environment, else one in the places of Debian's packages (fonts-noto-cjk,
 * fonts-wqy-*, fonts-droid-fallback) where those have the character's script, else what
 * fontconfig's fc-list has for it. false: there is none; a file from the environment that is no
 * font is warned about. */
bool wt_fallback_font_find(uint32_t character, struct wt_path *path);

/* Is the file an outline font (TrueType or OpenType, or a collection of them) whose tables lie
 * within it? Damaged files would lead the renderer astray. Nothing is logged. */
bool wt_font_usable(const char *path);

#ifdef __cplusplus
}
#endif

#endif
