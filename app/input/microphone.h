/* A microphone, through libavdevice: PulseAudio (and so PipeWire) or ALSA. Its sound is timed by
 * the monotonic clock, in the microseconds of wt_now_us, as a camera's frames are. It listens from
 * open to close, on a thread of its own. One owner thread; its sound is for any. */
#ifndef WT_APP_MICROPHONE_H
#define WT_APP_MICROPHONE_H

#include "base/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_microphone;
struct wt_sound;

struct wt_microphone_info {
    char device[160]; /* "pulse:alsa_input.usb-...", "alsa:hw:CARD=..." */
    char name[128];   /* for people */
};
/* Those there are; returns how many were written. Asks the sound server, which may take a while. */
int wt_microphone_list(struct wt_microphone_info *out, int max);

/* name: a device as listed, a part of a name in any case, or "default". Waits until the device is
 * open. Errors, with one line: IO: there is none of that name, or it cannot be used; MEMORY. */
enum wt_status wt_microphone_open(struct wt_microphone **out, const char *name);
/* NULL-safe; sets NULL. */
void wt_microphone_close(struct wt_microphone **microphone);

/* Lives as long as the microphone; to keep it longer, take a reference (sound.h). */
struct wt_sound *wt_microphone_sound(const struct wt_microphone *microphone);

#ifdef __cplusplus
}
#endif

#endif
