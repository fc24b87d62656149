#include "record/sound_track.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "input/av.h"
#include "input/libav.h"
#include "record/adts.h"
#include "record/sound_encoder.h"

struct wt_sound_track {
    struct wt_container *file;
    AVStream *stream;                 /* belongs to file->format */
    AVCodecContext *decoder;          /* NULL: copied, and nothing here can check it */
    struct wt_sound_encoder *encoder; /* NULL: copied */
    AVFrame *decoded;
    AVPacket *packet;
    int64_t last; /* time of the last packet, in the stream's base */
    char name[256];
    bool adts;            /* each packet has a header that is not to be copied */
    bool warned, refused; /* refused: the container takes no more of it */
};

static void warn_once(struct wt_sound_track *t, const char *what)
{
    if (!t->warned)
        wt_log(WT_LOG_WARN, "%s: %s", t->name, what);
    t->warned = true;
}

/* ---- opening ------------------------------------------------------------------------------- */

/* Of MP4 libav says more than players play, and some kinds must have sound before the header. */
static bool holds(const AVFormatContext *format, enum AVCodecID id)
{
    static const enum AVCodecID mp4[] = {AV_CODEC_ID_AAC, AV_CODEC_ID_MP3, AV_CODEC_ID_OPUS,
                                         AV_CODEC_ID_ALAC};
    if (strcmp(format->oformat->name, "mp4") != 0)
        return wt_av()->avformat_query_codec(format->oformat, id, FF_COMPLIANCE_NORMAL) == 1;
    for (size_t i = 0; i < sizeof mp4 / sizeof *mp4; i++)
        if (mp4[i] == id)
            return true;
    return false;
}

/* NULL: there is none, or it does not take this. */
static AVCodecContext *open_decoder(const AVCodecParameters *from)
{
    const AVCodec *decoder = wt_av()->avcodec_find_decoder(from->codec_id);
    AVCodecContext *c = decoder ? wt_av()->avcodec_alloc_context3(decoder) : NULL;
    if (!c)
        return NULL;
    c->pkt_timebase = AV_TIME_BASE_Q;
    c->err_recognition = AV_EF_CRCCHECK;
    if (wt_av()->avcodec_parameters_to_context(c, from) < 0 ||
        wt_av()->avcodec_open2(c, decoder, NULL) < 0)
        wt_av()->avcodec_free_context(&c);
    return c;
}

static bool set_config(AVCodecParameters *to, const AVCodecParameters *from)
{
    to->extradata = av_mallocz(2 + AV_INPUT_BUFFER_PADDING_SIZE);
    to->extradata_size = to->extradata ? 2 : 0;
    return to->extradata && wt_adts_config(from, to->extradata);
}

static enum wt_status add_stream(struct wt_sound_track *t, const AVCodecParameters *from)
{
    AVFormatContext *format = t->file->format;
    t->stream = wt_av()->avformat_new_stream(format, NULL);
    if (!t->stream)
        return WT_ERR_MEMORY;
    AVCodecParameters *to = t->stream->codecpar;
    if ((t->encoder ? wt_sound_encoder_describe(t->encoder, to)
                    : wt_av()->avcodec_parameters_copy(to, from)) < 0)
        return WT_ERR_MEMORY;
    if (t->adts && !t->encoder && !set_config(to, from))
        return WT_ERR_MEMORY;
    to->codec_tag = 0;
    to->initial_padding = 0; /* nothing is written from before 0, where a decoder starts up */
    t->stream->time_base = (AVRational){1, to->sample_rate};
    return WT_OK;
}

static enum wt_status open_track(struct wt_sound_track *t, const struct wt_sound *sound,
                                 bool *carried)
{
    const AVCodecParameters *from = wt_sound_format(sound);
    uint8_t config[2];
    t->adts = wt_adts_is(from);
    const bool copy =
        holds(t->file->format, from->codec_id) && (!t->adts || wt_adts_config(from, config));
    t->decoded = av_frame_alloc();
    t->packet = wt_av()->av_packet_alloc();
    if (!t->decoded || !t->packet)
        return WT_ERR_MEMORY;
    *carried = from->sample_rate > 0 && from->ch_layout.nb_channels > 0;
    if (*carried)
        t->decoder = open_decoder(from);
    if (*carried && !copy)
        *carried = t->decoder && wt_sound_encoder_open(&t->encoder, t->file->format, from) == 0;
    if (!*carried)
        wt_log(WT_LOG_WARN, "%s: its sound (%s) cannot be read; the video goes without", t->name,
               wt_av()->avcodec_get_name(from->codec_id));
    return *carried ? add_stream(t, from) : WT_OK;
}

enum wt_status wt_sound_track_open(struct wt_sound_track **out, struct wt_container *file,
                                   const struct wt_sound *sound)
{
    struct wt_sound_track *t = calloc(1, sizeof *t);
    bool carried = false;
    *out = NULL;
    if (!t)
        return wt_fail(WT_ERR_MEMORY, "out of memory for sound");
    t->file = file;
    t->last = INT64_MIN;
    snprintf(t->name, sizeof t->name, "%s", wt_sound_name(sound));
    enum wt_status status = open_track(t, sound, &carried);
    if (status || !carried)
        wt_sound_track_close(&t);
    *out = t;
    return status ? wt_fail(status, "out of memory for sound") : WT_OK;
}

void wt_sound_track_close(struct wt_sound_track **track)
{
    struct wt_sound_track *t = *track;
    *track = NULL;
    if (!t)
        return;
    wt_sound_encoder_close(&t->encoder);
    wt_av()->avcodec_free_context(&t->decoder);
    av_frame_free(&t->decoded);
    wt_av()->av_packet_free(&t->packet);
    free(t);
}

bool wt_sound_track_encodes(const struct wt_sound_track *track)
{
    return track->encoder != NULL;
}

/* ---- writing ------------------------------------------------------------------------------- */

/* Times in base. */
static int mux(struct wt_sound_track *t, AVPacket *packet, AVRational base)
{
    wt_av()->av_packet_rescale_ts(packet, base, t->stream->time_base);
    packet->stream_index = t->stream->index;
    packet->pos = -1;
    if (packet->pts < 0 || packet->pts <= t->last) {
        wt_av()->av_packet_unref(packet);
        return 0;
    }
    t->last = packet->pts;
    const int rc = wt_container_write(t->file, packet);
    wt_av()->av_packet_unref(packet);
    if (rc >= 0 || t->file->error)
        return rc < 0 ? rc : 0;
    warn_once(t, "its sound is damaged; from here on the video goes without");
    t->refused = true;
    return 0;
}

static int encode(struct wt_sound_track *t, const AVFrame *frame)
{
    int rc = frame ? wt_sound_encoder_send(t->encoder, frame) : wt_sound_encoder_end(t->encoder);
    if (rc < 0)
        warn_once(t, "some of its sound cannot be encoded");
    while (!t->refused && wt_sound_encoder_receive(t->encoder, t->packet)) {
        rc = mux(t, t->packet, wt_sound_encoder_base(t->encoder));
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* packet NULL: the end. *good: no error. */
static int decode(struct wt_sound_track *t, const AVPacket *packet, bool *good)
{
    int rc = wt_av()->avcodec_send_packet(t->decoder, packet);
    while (rc >= 0 || rc == AVERROR(EAGAIN)) {
        rc = wt_av()->avcodec_receive_frame(t->decoder, t->decoded);
        if (rc < 0)
            break;
        const int wrote = t->encoder ? encode(t, t->decoded) : 0;
        av_frame_unref(t->decoded);
        if (wrote < 0)
            return wrote;
    }
    *good = rc >= 0 || rc == AVERROR(EAGAIN) || rc == AVERROR_EOF;
    return 0;
}

int wt_sound_track_write(struct wt_sound_track *t, AVPacket *packet)
{
    bool good = true;
    int rc = 0;
    if (t->refused || packet->pts < 0) {
        wt_av()->av_packet_unref(packet);
        return 0;
    }
    if (t->decoder)
        rc = decode(t, packet, &good);
    good = good && !(packet->flags & AV_PKT_FLAG_CORRUPT);
    if (!good)
        warn_once(t, "its sound is damaged; what cannot be read of it is left out");
    if (t->adts && !t->encoder && good && !wt_adts_strip(packet)) {
        warn_once(t, "its sound is damaged; what cannot be read of it is left out");
        good = false;
    }
    if (rc >= 0 && !t->encoder && good)
        return mux(t, packet, AV_TIME_BASE_Q);
    wt_av()->av_packet_unref(packet);
    return rc;
}

int wt_sound_track_finish(struct wt_sound_track *t)
{
    bool good;
    int rc = t->encoder && !t->refused ? decode(t, NULL, &good) : 0;
    return rc >= 0 && t->encoder && !t->refused ? encode(t, NULL) : rc;
}
