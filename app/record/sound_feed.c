#include "record/sound_feed.h"

#include <stdlib.h>

#include "base/status.h"
#include "input/libav.h"

#define PAUSE_US 1000000 /* frames so far apart do not follow each other */

enum { OF_INPUT, OF_CLOCK };

enum wt_status wt_sound_feed_init(struct wt_sound_feed *f, struct wt_sound *const *sound,
                                  double fps, bool live)
{
    *f = (struct wt_sound_feed){.live = live,
                                .step_us = fps > 0 ? (int64_t)(1e6 / fps) : 33333,
                                .packet = wt_av()->av_packet_alloc()};
    for (int i = 0; i < WT_SOUNDS_MAX; i++) {
        f->sound[i] = wt_sound_ref(sound[i]);
        if (f->sound[i])
            wt_sound_listen(f->sound[i], true);
    }
    return f->packet ? WT_OK : wt_fail(WT_ERR_MEMORY, "recording: out of memory");
}

void wt_sound_feed_fini(struct wt_sound_feed *f)
{
    for (int i = 0; i < WT_SOUNDS_MAX; i++) {
        if (f->sound[i])
            wt_sound_listen(f->sound[i], false);
        wt_sound_unref(&f->sound[i]);
    }
    wt_av()->av_packet_free(&f->packet);
}

/* Takes the packet's content. */
static enum wt_status write_packet(struct wt_sound_feed *f, int which,
                                   struct wt_video_writer *const video[2])
{
    AVPacket *copy = video[0] && video[1] ? wt_av()->av_packet_clone(f->packet) : NULL;
    enum wt_status status = WT_OK;
    if (video[0] && video[1] && !copy)
        status = wt_fail(WT_ERR_MEMORY, "recording: out of memory");
    else
        status = wt_video_writer_sound(video[0] ? video[0] : video[1], which, f->packet);
    if (!status && copy)
        status = wt_video_writer_sound(video[1], which, copy);
    wt_av()->av_packet_free(&copy);
    wt_av()->av_packet_unref(f->packet);
    return status;
}

/* Makes a microphone's time one of the frames; false: then the input was held. Sound comes later
 * than its frames, so it may be from before the hold. */
static bool set_time(const struct wt_sound_feed *f, AVPacket *packet)
{
    const int64_t at = packet->pts;
    const bool before = at < f->held_from_us;
    packet->pts -= before ? f->clock_before_us : f->clock_us;
    packet->dts = packet->pts;
    return before || at >= f->held_to_us;
}

/* before_us: in the frames' time. */
static enum wt_status write_until(struct wt_sound_feed *f, int which, int64_t before_us,
                                  struct wt_video_writer *const video[2])
{
    const int64_t ahead = which == OF_CLOCK ? f->clock_us : 0;
    enum wt_status status = WT_OK;
    while (!status && f->sound[which] &&
           wt_sound_take(f->sound[which], before_us == INT64_MAX ? INT64_MAX : before_us + ahead,
                         f->packet)) {
        if (which == OF_CLOCK && !set_time(f, f->packet))
            wt_av()->av_packet_unref(f->packet);
        else
            status = write_packet(f, which, video);
    }
    return status;
}

/* What was heard before a live recording began. */
static void skip_until(struct wt_sound_feed *f, int64_t before_us)
{
    while (f->sound[OF_INPUT] && wt_sound_take(f->sound[OF_INPUT], before_us, f->packet))
        wt_av()->av_packet_unref(f->packet);
}

/* A microphone goes on hearing while the input is held. Then the clock runs ahead of the frames, or
 * no frame comes for a while; what was heard meanwhile belongs to no frame. */
static enum wt_status follow_clock(struct wt_sound_feed *f, const struct wt_frame *frame,
                                   struct wt_video_writer *const video[2])
{
    const int64_t ahead = frame->clock_us - frame->time_us;
    enum wt_status status = WT_OK;
    if (f->begun && llabs(ahead - f->clock_us) < 1000 && frame->time_us - f->end_us < PAUSE_US)
        return WT_OK;
    if (f->begun)
        status = write_until(f, OF_CLOCK, f->end_us, video);
    f->held_from_us = f->begun ? f->end_us + f->clock_us : INT64_MIN;
    f->held_to_us = frame->clock_us;
    f->clock_before_us = f->clock_us;
    f->clock_us = ahead;
    return status;
}

enum wt_status wt_sound_feed_frame(struct wt_sound_feed *f, const struct wt_frame *frame,
                                   struct wt_video_writer *const video[2])
{
    /* A live video's 0 is not known before its first frame, so what begins with it comes behind. */
    const bool first = f->live && !f->begun;
    enum wt_status status = follow_clock(f, frame, video);
    if (f->live && !f->begun)
        skip_until(f, frame->time_us);
    for (int i = 0; i < WT_SOUNDS_MAX && !status; i++)
        status = write_until(f, i, frame->time_us + !first, video);
    if (f->begun)
        f->step_us = frame->time_us - (f->end_us - f->step_us);
    f->end_us = frame->time_us + f->step_us;
    f->begun = true;
    return status;
}

enum wt_status wt_sound_feed_end(struct wt_sound_feed *f, bool whole,
                                 struct wt_video_writer *const video[2])
{
    if (!f->begun)
        return WT_OK;
    enum wt_status status = write_until(f, OF_INPUT, whole ? INT64_MAX : f->end_us, video);
    return status ? status : write_until(f, OF_CLOCK, f->end_us, video);
}
