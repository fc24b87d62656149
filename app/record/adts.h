/* AAC as broadcasts have it, each packet with a header of its own (ADTS: ISO/IEC 13818-7, 6.2), for
 * containers that want one description for all of them. Private to sound_track.c. Stateless,
 * thread-safe. */
#ifndef WT_APP_ADTS_H
#define WT_APP_ADTS_H

#include <stdbool.h>

#include <libavcodec/avcodec.h>

bool wt_adts_is(const AVCodecParameters *format);
/* The description (AudioSpecificConfig: ISO/IEC 14496-3, 1.6.2.1), two bytes; false: there is none
 * for this profile, rate or arrangement of channels. */
bool wt_adts_config(const AVCodecParameters *format, uint8_t config[2]);
/* Takes the header off. False: there is none, or the packet is more than one. */
bool wt_adts_strip(AVPacket *packet);

#endif
