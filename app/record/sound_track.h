/* The sound of a video that is being written: packets of an input go into the container as they
 * are where it can hold their kind, else they are encoded anew as AAC. A stream of its own; gaps
 * stay gaps. Sound that is damaged, or of an unknown kind, costs a warning and is left out; it
 * never costs the video. Private to video_writer.c and tests. One object, one thread at a time. */
#ifndef WT_APP_SOUND_TRACK_H
#define WT_APP_SOUND_TRACK_H

#include "input/sound.h"
#include "record/container.h"

struct wt_sound_track;

/* Adds the stream, before the container starts. *out NULL: it cannot be carried, which has been
 * warned about. Errors: MEMORY. */
enum wt_status wt_sound_track_open(struct wt_sound_track **out, struct wt_container *file,
                                   const struct wt_sound *sound);
/* NULL-safe; sets NULL. */
void wt_sound_track_close(struct wt_sound_track **track);

/* Takes the packet's content; times in microseconds of the video. What begins before 0, or before
 * the end of the last one, is left out. Returns 0, or libav's error if it was the file's. */
int wt_sound_track_write(struct wt_sound_track *track, AVPacket *packet);
/* Writes what is held back, before the container is finished. Returns as above. */
int wt_sound_track_finish(struct wt_sound_track *track);

/* Whether it is encoded anew. */
bool wt_sound_track_encodes(const struct wt_sound_track *track);

#endif
