/* Decoded sound, of any format, into packets of AAC with the same times. Private to sound_track.c.
 * One object, one thread at a time. Errors are libav's. */
#ifndef WT_APP_SOUND_ENCODER_H
#define WT_APP_SOUND_ENCODER_H

#include <stdbool.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

struct wt_sound_encoder;

/* from: the sound that will come; what is no rate or arrangement of channels of AAC is resampled,
 * or mixed to two channels. Returns 0 or an error. */
int wt_sound_encoder_open(struct wt_sound_encoder **out, const AVFormatContext *format,
                          const AVCodecParameters *from);
/* NULL-safe; sets NULL. */
void wt_sound_encoder_close(struct wt_sound_encoder **encoder);

int wt_sound_encoder_describe(const struct wt_sound_encoder *encoder, AVCodecParameters *to);
AVRational wt_sound_encoder_base(const struct wt_sound_encoder *encoder);

/* frame: times in microseconds; where it begins more than 20 ms after the end of the last one there
 * is silence, or a gap from two seconds on; earlier, its beginning is left out. */
int wt_sound_encoder_send(struct wt_sound_encoder *encoder, const AVFrame *frame);
/* The last sound has come. */
int wt_sound_encoder_end(struct wt_sound_encoder *encoder);
/* To be called after each of these until it returns false; times in wt_sound_encoder_base. */
bool wt_sound_encoder_receive(struct wt_sound_encoder *encoder, AVPacket *packet);

#endif
