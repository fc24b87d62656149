/* The settings of the window that are remembered: one table for the command line, the file of
 * settings and the window. Plain data; one thread. */
#ifndef WT_APP_PREFS_H
#define WT_APP_PREFS_H

#include "cli/options.h"
#include "config/config.h"
#include "draw/view.h"

/* Bits of wt_prefs.show, in the order of the words of --show. */
enum {
    WT_SHOW_LANDMARKS = 1,
    WT_SHOW_HEATMAPS = 2,
    WT_SHOW_BOUNDARY = 4,
    WT_SHOW_BOXES = 8,
    WT_SHOW_ELLIPSES = 16,
    WT_SHOW_AXES = 32
};

enum wt_mirror { WT_MIRROR_AUTO, WT_MIRROR_YES, WT_MIRROR_NO }; /* auto: cameras are mirrored */
enum wt_status_lines { WT_STATUS_FULL, WT_STATUS_LINE, WT_STATUS_OFF };
enum wt_theme { WT_THEME_DARK, WT_THEME_LIGHT };

#define WT_SMOOTHING_USUAL 0.5

struct wt_prefs {
    struct wt_common common; /* first, so that the common options' table fits */
    const char *camera, *screenshots, *profile, *microphone;
    const char *osf, *vmc, *virtual_camera; /* where streams go; NULL or "": nowhere */
    int camera_size[2];                     /* 0: the usual one, see camera_v4l2.h */
    double fps;
    int show; /* WT_SHOW_... */
    double heatmap_opacity, boundary_opacity;
    int heatmap_palette, boundary_palette; /* enum wt_palette */
    int mirror, status, theme;             /* the enums above */
    int faces, stacks;
    double search_every; /* seconds; 0: the usual */
    double rate, share;  /* frames a second, per cent of all processors; 0: no wish */
    double smoothing;    /* 0: off; 1: very; between them WT_SMOOTHING_USUAL */
    double text_size;    /* relative to the screen's */
    int size[2];         /* of the window, 0: from the input */
    bool fullscreen, loop, hints, legend;
    int record_content; /* enum wt_record_content */
    bool record_lossless, record_hardware, record_results, no_audio;
    bool hard_frames, keep_hard_frames; /* look for them; on the disk */
};

/* Options of `live` with a place in wt_prefs, besides the common ones. */
extern const struct wt_option wt_prefs_table[];

void wt_prefs_defaults(struct wt_prefs *prefs);

/* Takes over what a section of the file says ("": its first part), but for what the command line
 * gave (options; NULL: nothing). A line with an unknown key or a bad value is warned about as
 * `file:line: key: reason`, and the rest is used. Strings live as long as config. */
void wt_prefs_read(struct wt_prefs *prefs, struct wt_config *config, const char *section,
                   const struct wt_options *options);

/* Writes the settings that differ between `before` and `now` to a section of config, without saving
 * the file; before NULL: all that have a value, but those of the window itself (size, hints), for a
 * preset. Errors: MEMORY. */
enum wt_status wt_prefs_write(const struct wt_prefs *now, const struct wt_prefs *before,
                              struct wt_config *config, const char *section);

/* Strength for the tracker: how much smoother than usual; 0: not at all. */
float wt_prefs_smooth_strength(const struct wt_prefs *prefs);
/* And back; what is beyond the ends of the setting becomes them, but not off. */
double wt_prefs_smoothing_of(float strength);
/* A view with everything but the mirror, which depends on the input. */
struct wt_view wt_prefs_view(const struct wt_prefs *prefs);

#endif
