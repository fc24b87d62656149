#include "record/sound_encoder.h"

#include <stdlib.h>

#include <libavutil/audio_fifo.h>
#include <libavutil/fifo.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>

#include "input/libav.h"

#define OFF_US 20000   /* that times may be off a count of samples before that counts */
#define GAP_US 2000000 /* longer gaps are not filled with silence */
#define BITS 96000     /* a second and channel */

struct wt_sound_encoder {
    AVCodecContext *codec;
    SwrContext *convert;
    /* of the frames that `convert` is made for */
    AVChannelLayout layout;
    int format, rate;
    AVAudioFifo *samples; /* to be encoded */
    AVFrame *frame;
    AVFifo *ready; /* AVPacket *, encoded */
    int64_t
        next; /* time of the sample that will be put next, in samples; AV_NOPTS_VALUE: none yet */
    bool ended;
};

/* ---- opening ------------------------------------------------------------------------------- */

/* The rate itself, or the usual one. */
static int rate_for(const AVCodec *codec, int rate)
{
    for (const int *r = codec->supported_samplerates; r && *r; r++)
        if (*r == rate)
            return rate;
    return codec->supported_samplerates ? 48000 : rate;
}

static int open_codec(struct wt_sound_encoder *e, const AVFormatContext *format, int rate,
                      const AVChannelLayout *layout)
{
    const AVCodec *codec = wt_av()->avcodec_find_encoder(AV_CODEC_ID_AAC);
    if (!codec)
        return AVERROR_ENCODER_NOT_FOUND;
    AVCodecContext *c = e->codec = wt_av()->avcodec_alloc_context3(codec);
    if (!c)
        return AVERROR(ENOMEM);
    int rc = av_channel_layout_copy(&c->ch_layout, layout);
    c->sample_rate = rate_for(codec, rate);
    c->sample_fmt = codec->sample_fmts ? codec->sample_fmts[0] : AV_SAMPLE_FMT_FLTP;
    c->time_base = (AVRational){1, c->sample_rate};
    c->bit_rate = (int64_t)BITS * c->ch_layout.nb_channels;
    if (format->oformat->flags & AVFMT_GLOBALHEADER)
        c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (rc >= 0)
        rc = wt_av()->avcodec_open2(c, codec, NULL);
    if (rc < 0)
        wt_av()->avcodec_free_context(&e->codec);
    return rc;
}

int wt_sound_encoder_open(struct wt_sound_encoder **out, const AVFormatContext *format,
                          const AVCodecParameters *from)
{
    static const AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
    AVChannelLayout layout;
    struct wt_sound_encoder *e = *out = calloc(1, sizeof *e);
    if (!e)
        return AVERROR(ENOMEM);
    e->next = AV_NOPTS_VALUE;
    av_channel_layout_default(&layout, from->ch_layout.nb_channels);
    int rc = open_codec(e, format, from->sample_rate, &layout);
    if (rc < 0)
        rc = open_codec(e, format, from->sample_rate, &stereo);
    if (rc >= 0) {
        e->samples = av_audio_fifo_alloc(e->codec->sample_fmt, e->codec->ch_layout.nb_channels,
                                         e->codec->sample_rate);
        e->frame = av_frame_alloc();
        e->ready = av_fifo_alloc2(4, sizeof(AVPacket *), AV_FIFO_FLAG_AUTO_GROW);
        rc = e->samples && e->frame && e->ready ? 0 : AVERROR(ENOMEM);
    }
    if (rc < 0)
        wt_sound_encoder_close(out);
    return rc;
}

void wt_sound_encoder_close(struct wt_sound_encoder **encoder)
{
    struct wt_sound_encoder *e = *encoder;
    *encoder = NULL;
    if (!e)
        return;
    wt_av()->avcodec_free_context(&e->codec);
    swr_free(&e->convert);
    av_channel_layout_uninit(&e->layout);
    if (e->samples)
        av_audio_fifo_free(e->samples);
    av_frame_free(&e->frame);
    for (AVPacket *packet; e->ready && av_fifo_read(e->ready, &packet, 1) >= 0;)
        wt_av()->av_packet_free(&packet);
    av_fifo_freep2(&e->ready);
    free(e);
}

int wt_sound_encoder_describe(const struct wt_sound_encoder *e, AVCodecParameters *to)
{
    return wt_av()->avcodec_parameters_from_context(to, e->codec);
}

AVRational wt_sound_encoder_base(const struct wt_sound_encoder *e)
{
    return e->codec->time_base;
}

/* ---- converting ---------------------------------------------------------------------------- */

/* What a decoder delivers may change on the way. */
static int prepare_convert(struct wt_sound_encoder *e, const AVFrame *in)
{
    const AVCodecContext *c = e->codec;
    AVChannelLayout layout = {0};
    int rc = 0;
    if (in->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
        av_channel_layout_default(&layout, in->ch_layout.nb_channels);
    else
        rc = av_channel_layout_copy(&layout, &in->ch_layout);
    const bool same = e->convert && in->format == e->format && in->sample_rate == e->rate &&
                      av_channel_layout_compare(&layout, &e->layout) == 0;
    if (rc >= 0 && !same) {
        rc = swr_alloc_set_opts2(&e->convert, (AVChannelLayout *)&c->ch_layout, c->sample_fmt,
                                 c->sample_rate, &layout, in->format, in->sample_rate, 0, NULL);
        if (rc >= 0)
            rc = swr_init(e->convert);
        if (rc >= 0)
            rc = av_channel_layout_copy(&e->layout, &layout);
        e->format = in->format;
        e->rate = in->sample_rate;
    }
    av_channel_layout_uninit(&layout);
    if (rc < 0)
        swr_free(&e->convert);
    return rc;
}

/* Samples of the encoder's format, room for n. Free with av_freep twice. */
static int allocate(const struct wt_sound_encoder *e, uint8_t ***data, int n)
{
    return av_samples_alloc_array_and_samples(data, NULL, e->codec->ch_layout.nb_channels, n,
                                              e->codec->sample_fmt, 0);
}

static void release(uint8_t ***data)
{
    if (*data)
        av_freep(&(*data)[0]);
    av_freep(data);
}

static int put(struct wt_sound_encoder *e, uint8_t **data, int n)
{
    const int rc = n > 0 ? av_audio_fifo_write(e->samples, (void **)data, n) : 0;
    if (rc > 0)
        e->next += rc;
    return rc < 0 ? rc : 0;
}

static int put_silence(struct wt_sound_encoder *e, int n)
{
    uint8_t **data = NULL;
    int rc = allocate(e, &data, n);
    if (rc >= 0)
        rc = av_samples_set_silence(data, 0, n, e->codec->ch_layout.nb_channels,
                                    e->codec->sample_fmt);
    if (rc >= 0)
        rc = put(e, data, n);
    release(&data);
    return rc;
}

static int encode(struct wt_sound_encoder *e, bool all);

/* Makes `next` fit the frame's time. *skip: samples of it that come too early. */
static int follow_time(struct wt_sound_encoder *e, int64_t time_us, int *skip)
{
    const int rate = e->codec->sample_rate;
    const int64_t at = av_rescale(time_us, rate, 1000000);
    const int64_t off = e->next == AV_NOPTS_VALUE ? INT64_MAX : at - e->next;
    const int64_t least = av_rescale(OFF_US, rate, 1000000);
    *skip = 0;
    if (off > av_rescale(GAP_US, rate, 1000000)) {
        const int rc = e->next == AV_NOPTS_VALUE ? 0 : encode(e, true);
        e->next = at;
        return rc;
    }
    if (off > least)
        return put_silence(e, (int)off);
    if (off < -least)
        *skip = -off > INT32_MAX ? INT32_MAX : (int)-off;
    return 0;
}

int wt_sound_encoder_send(struct wt_sound_encoder *e, const AVFrame *in)
{
    uint8_t **data = NULL;
    int skip = 0;
    int rc = prepare_convert(e, in);
    if (rc < 0)
        return rc;
    if (in->best_effort_timestamp != AV_NOPTS_VALUE) {
        const int64_t held = swr_get_delay(e->convert, 1000000); /* of earlier frames */
        rc = follow_time(e, in->best_effort_timestamp - held, &skip);
    } else if (e->next == AV_NOPTS_VALUE) {
        e->next = 0;
    }
    const int room = swr_get_out_samples(e->convert, in->nb_samples);
    if (rc >= 0)
        rc = room < 0 ? room : allocate(e, &data, room + 1);
    if (rc >= 0)
        rc = swr_convert(e->convert, data, room, (const uint8_t **)in->extended_data,
                         in->nb_samples);
    if (rc > skip) {
        const int n = rc - skip;
        if (skip)
            av_samples_copy(data, data, 0, skip, n, e->codec->ch_layout.nb_channels,
                            e->codec->sample_fmt);
        rc = put(e, data, n);
    }
    release(&data);
    return rc < 0 ? rc : encode(e, false);
}

/* ---- encoding ------------------------------------------------------------------------------ */

/* frame NULL: the end. What is encoded waits in `ready`. */
static int send_codec(struct wt_sound_encoder *e, const AVFrame *frame)
{
    int rc = wt_av()->avcodec_send_frame(e->codec, frame);
    while (rc >= 0) {
        AVPacket *packet = wt_av()->av_packet_alloc();
        rc = packet ? wt_av()->avcodec_receive_packet(e->codec, packet) : AVERROR(ENOMEM);
        if (rc >= 0)
            rc = av_fifo_write(e->ready, &packet, 1);
        if (rc < 0)
            wt_av()->av_packet_free(&packet);
    }
    return rc == AVERROR(EAGAIN) || rc == AVERROR_EOF ? 0 : rc;
}

static int encode_some(struct wt_sound_encoder *e, int n)
{
    AVFrame *f = e->frame;
    av_frame_unref(f);
    f->nb_samples = e->codec->frame_size > 0 ? e->codec->frame_size : n;
    f->format = e->codec->sample_fmt;
    f->sample_rate = e->codec->sample_rate;
    int rc = av_channel_layout_copy(&f->ch_layout, &e->codec->ch_layout);
    if (rc >= 0)
        rc = av_frame_get_buffer(f, 0);
    if (rc < 0)
        return rc;
    f->pts = e->next - av_audio_fifo_size(e->samples);
    rc = av_audio_fifo_read(e->samples, (void **)f->extended_data, n);
    if (rc >= 0 && n < f->nb_samples) /* the last one of its piece */
        av_samples_set_silence(f->extended_data, n, f->nb_samples - n, f->ch_layout.nb_channels,
                               f->format);
    return rc < 0 ? rc : send_codec(e, f);
}

/* all: also what does not fill a frame. */
static int encode(struct wt_sound_encoder *e, bool all)
{
    const int whole = e->codec->frame_size > 0 ? e->codec->frame_size : 1024;
    int rc = 0;
    for (int n; rc >= 0 && (n = av_audio_fifo_size(e->samples)) > 0 && (all || n >= whole);)
        rc = encode_some(e, n < whole ? n : whole);
    return rc;
}

int wt_sound_encoder_end(struct wt_sound_encoder *e)
{
    if (e->ended)
        return 0;
    e->ended = true;
    const int rc = encode(e, true);
    const int end = send_codec(e, NULL);
    return rc < 0 ? rc : end;
}

bool wt_sound_encoder_receive(struct wt_sound_encoder *e, AVPacket *packet)
{
    AVPacket *ready;
    if (av_fifo_read(e->ready, &ready, 1) < 0)
        return false;
    wt_av()->av_packet_move_ref(packet, ready);
    wt_av()->av_packet_free(&ready);
    return true;
}
