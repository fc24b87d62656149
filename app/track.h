/* `track`: the run of it, apart from its options. Private to cmd_track.c, track.c and tests. */
#ifndef WT_APP_TRACK_H
#define WT_APP_TRACK_H

#include "options.h"
#include "source.h"
#include "view.h"

struct wt_track_settings {
    struct wt_common common;
    const char *input, *output, *csv, *jsonl;
    const char *size_text, *shard_text;
    bool heatmaps, boundary, boxes, bare, smooth, no_smooth, stills, jitter;
    int faces, stacks;
    double fps;
    int width, height;     /* from size_text; 0: not given */
    struct wt_shard shard; /* from shard_text */
};

/* Tracks the whole input. One line is logged for an error, a summary at the end. */
enum wt_status wt_track_run(const struct wt_track_settings *settings);

/* Does the name end as a picture's does? */
bool wt_track_is_picture_name(const char *path);

#endif
