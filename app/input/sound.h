/* Sound on its way from an input to a recording: packets as the container has them, in a queue
 * between the thread that reads and the one that records. It does not decode, and is not played.
 *
 * Times are those of the frames of the same input, in microseconds, in pts, dts and duration of the
 * packets. While nobody listens the queue keeps the last two seconds, because a recording begins
 * with a frame that was read a moment ago. Refcounted. put, pass, end_round and forget are for one
 * thread, listen and take for one other; the rest for any. */
#ifndef WT_APP_SOUND_H
#define WT_APP_SOUND_H

#include <stdbool.h>

#include <libavcodec/avcodec.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wt_sound;

/* format is copied; its name is for messages. NULL: out of memory. */
struct wt_sound *wt_sound_create(const AVCodecParameters *format, const char *name);
/* NULL-safe, both; unref sets NULL, the last one frees. */
struct wt_sound *wt_sound_ref(struct wt_sound *sound);
void wt_sound_unref(struct wt_sound **sound);

const AVCodecParameters *wt_sound_format(const struct wt_sound *sound);
const char *wt_sound_name(const struct wt_sound *sound);

/* ---- the reader's -------------------------------------------------------------------------- */

/* Takes the packet's content; what comes before 0 is dropped: players do not play it. base: of its
 * times; origin: time in it that is 0. It waits for pass. */
void wt_sound_put(struct wt_sound *sound, AVPacket *packet, AVRational base, int64_t origin);
/* What was put goes on, later by offset_us. */
void wt_sound_pass(struct wt_sound *sound, int64_t offset_us);
/* The same, where a round of a loop ends: what would be heard from until_us on is dropped, also of
 * what was passed and not yet taken. */
void wt_sound_end_round(struct wt_sound *sound, int64_t offset_us, int64_t until_us);
/* Empties the queue: the input goes on elsewhere. */
void wt_sound_forget(struct wt_sound *sound);

/* ---- the recorder's ------------------------------------------------------------------------ */

/* From now on all is kept until it is taken; false: no more. */
void wt_sound_listen(struct wt_sound *sound, bool on);
/* The next packet that begins before before_us, into an empty `packet`; false: there is none. */
bool wt_sound_take(struct wt_sound *sound, int64_t before_us, AVPacket *packet);

#ifdef __cplusplus
}
#endif

#endif
