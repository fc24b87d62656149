/* `track`: the run, separate from its options. Private to cmd_track.c, track.c and tests. */
#ifndef WT_APP_TRACK_H
#define WT_APP_TRACK_H

#include "cli/options.h"
#include "draw/view.h"
#include "face/offset.h"
#include "input/source.h"
#include "stream/stream.h"

/* Observer of a run, and the totals that it gets at the end. */
struct wt_track_watch {
    void *context;
    /* Called for every frame after it was tracked and before it is written, with its time since the
     * first one. May change *view, which says what is drawn on this frame. Errors end the run. */
    enum wt_status (*frame)(void *context, const struct wt_frame *frame, int64_t since_us,
                            const struct wt_result *result, struct wt_view *view);
    int64_t frames, with_face; /* tracked; of them with a face */
    double seconds;            /* that the run took */
    char video[1024];          /* where the annotated video is; "": nowhere */
};

#define WT_NO_AUDIO_HELP "leave the input's sound out of the video"

struct wt_track_settings {
    struct wt_common common;
    const char *input, *output, *csv, *jsonl;
    struct wt_stream_options streams; /* without lines */
    const char *output_stem; /* the video replaces no file; see wt_new_file_open_numbered. NULL: it
                                does */
    const char *size_text, *shard_text;
    const char *profile, *profiles; /* name; folder of them, NULL: the user's own */
    bool heatmaps, boundary, boxes, ellipses, axes, bare, smooth, no_smooth, stills, jitter,
        openface, csv_ellipses, no_audio;
    int faces, stacks;
    double fps, search_every;
    int width, height;     /* from size_text; 0: not given */
    struct wt_shard shard; /* from shard_text */
    /* No options of `track`: */
    struct wt_source *source; /* taken over instead of opening the input; NULL: open it */
    double length;            /* seconds of the input to track, 0: all */
    struct wt_track_watch *watch;
    struct wt_offset *offset; /* of the profile; NULL: none */
};

/* Tracks the whole input. One line is logged for an error, a summary at the end; but with a watch
 * there is no summary, being interrupted after a frame is no error, and the observer catches
 * interrupts before the run. */
enum wt_status wt_track_run(const struct wt_track_settings *settings);

#endif
