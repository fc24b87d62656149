#include "record/adts.h"

bool wt_adts_is(const AVCodecParameters *format)
{
    return format->codec_id == AV_CODEC_ID_AAC && format->extradata_size == 0;
}

bool wt_adts_config(const AVCodecParameters *format, uint8_t config[2])
{
    static const int rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                22050, 16000, 12000, 11025, 8000,  7350};
    const int channels = format->ch_layout.nb_channels;
    unsigned index = 0;
    while (index < sizeof rates / sizeof *rates && rates[index] != format->sample_rate)
        index++;
    if (index == sizeof rates / sizeof *rates || channels < 1 || channels > 6 ||
        format->profile != FF_PROFILE_AAC_LOW)
        return false;
    const unsigned bits = 2u << 11 | index << 7 | (unsigned)channels << 3;
    config[0] = (uint8_t)(bits >> 8);
    config[1] = (uint8_t)bits;
    return true;
}

bool wt_adts_strip(AVPacket *packet)
{
    const uint8_t *at = packet->data;
    if (packet->size < 9 || at[0] != 0xff || (at[1] & 0xf6) != 0xf0 || (at[6] & 3) != 0)
        return false;
    const int head = at[1] & 1 ? 7 : 9; /* with a checksum */
    packet->data += head;
    packet->size -= head;
    return true;
}
