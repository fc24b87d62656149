/* Brings sound to a recording's videos as their frames come: which packets belong before which
 * frame, and which to none. Private to recorder.c. One object, one thread at a time. */
#ifndef WT_APP_SOUND_FEED_H
#define WT_APP_SOUND_FEED_H

#include "record/video_writer.h"

struct wt_sound_feed {
    struct wt_sound *sound[WT_SOUNDS_MAX];
    AVPacket *packet;
    bool live, begun;
    int64_t step_us;  /* between the last two frames; at first nominal */
    int64_t end_us;   /* of the last frame */
    int64_t clock_us; /* by how much the clock is ahead of the frames' times */
    /* The last hold of the input, by the clock, and what clock_us was before. */
    int64_t held_from_us, held_to_us, clock_before_us;
};

/* sound: as in struct wt_recorder_options; references are taken. fps 0: 30. live: sound begins with
 * the first frame, else at 0. Errors: MEMORY; call fini also then. */
enum wt_status wt_sound_feed_init(struct wt_sound_feed *feed, struct wt_sound *const *sound,
                                  double fps, bool live);
void wt_sound_feed_fini(struct wt_sound_feed *feed);

/* The frame comes next: what is heard before it goes into the videos, NULL: none. Errors: the
 * writers'. */
enum wt_status wt_sound_feed_frame(struct wt_sound_feed *feed, const struct wt_frame *frame,
                                   struct wt_video_writer *const video[2]);
/* No frame comes any more. whole: what the input has behind its last one belongs to it. */
enum wt_status wt_sound_feed_end(struct wt_sound_feed *feed, bool whole,
                                 struct wt_video_writer *const video[2]);

#endif
