#include "record/video_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>

#include "base/paths.h"
#include "base/status.h"
#include "input/av.h"

/* Matroska counts milliseconds, so the muxer would round finer times, and MPEG-4's finest time base
 * is 1/65535. */
#define TICKS 1000

#define SIDE_MAX 16384 /* what H.264 encoders take */

struct wt_video_writer {
    AVFormatContext *format;
    AVCodecContext *codec;
    AVStream *stream; /* belongs to format */
    AVFrame *picture; /* what goes to the encoder: yuv420p, even size */
    AVPacket *packet;
    struct SwsContext *scale;
    char path[1024];
    int width, height;       /* of the video; the encoder's are rounded up to even */
    int in_width, in_height; /* of the frames that `scale` is made for */
    bool live, started, failed;
    int64_t origin_us, last_tick, frames;
};

static enum wt_status fail_write(struct wt_video_writer *w, int error)
{
    w->failed = true;
    if (w->frames == 0)
        return wt_fail(WT_ERR_IO, "%s: %s", w->path, wt_av_error(error).text);
    return wt_fail(WT_ERR_IO, "%s: recording stopped: %s; the file keeps what was written", w->path,
                   wt_av_error(error).text);
}

/* ---- pixels -------------------------------------------------------------------------------- */

/* Players assume one colour matrix for standard definition and another for high definition. The
 * file is tagged, and the matrix is the one that players which ignore tags assume. */
static bool high_definition(const struct wt_video_writer *w)
{
    return w->height >= 720;
}

static bool prepare_scale(struct wt_video_writer *w, const struct wt_image *in, int out_width,
                          int out_height)
{
    if (w->scale && w->in_width == in->width && w->in_height == in->height)
        return true;
    sws_freeContext(w->scale);
    w->scale = sws_getContext(in->width, in->height, AV_PIX_FMT_BGR24, out_width, out_height,
                              AV_PIX_FMT_YUV420P, SWS_BICUBIC, NULL, NULL, NULL);
    if (!w->scale)
        return false;
    const int *to = sws_getCoefficients(high_definition(w) ? SWS_CS_ITU709 : SWS_CS_SMPTE170M);
    sws_setColorspaceDetails(w->scale, sws_getCoefficients(SWS_CS_DEFAULT), 1, to, 0, 0, 1 << 16,
                             1 << 16);
    w->in_width = in->width;
    w->in_height = in->height;
    return true;
}

/* Largest size of the input's proportions that fits, and where it goes; even, for the chroma. */
static void fit(const struct wt_video_writer *w, const struct wt_image *in, int at[4])
{
    double k = fmin((double)w->width / in->width, (double)w->height / in->height);
    at[2] = in->width == w->width ? w->width : (int)lrint(in->width * k);
    at[3] = in->height == w->height ? w->height : (int)lrint(in->height * k);
    at[2] = at[2] < 1 ? 1 : at[2] > w->width ? w->width : at[2];
    at[3] = at[3] < 1 ? 1 : at[3] > w->height ? w->height : at[3];
    at[0] = (w->width - at[2]) / 2 & ~1;
    at[1] = (w->height - at[3]) / 2 & ~1;
}

static void fill_black(AVFrame *p)
{
    for (int k = 0; k < 3; k++)
        memset(p->data[k], k ? 128 : 16, (size_t)p->linesize[k] * (k ? p->height / 2 : p->height));
}

/* An odd size gets one more column or row, a copy of its neighbour, which compresses best. */
static void pad_to_even(struct wt_video_writer *w)
{
    AVFrame *p = w->picture;
    if (w->width & 1)
        for (int y = 0; y < w->height; y++)
            p->data[0][y * p->linesize[0] + w->width] =
                p->data[0][y * p->linesize[0] + w->width - 1];
    if (w->height & 1)
        memcpy(p->data[0] + w->height * p->linesize[0],
               p->data[0] + (w->height - 1) * p->linesize[0], (size_t)p->width);
}

static enum wt_status draw_picture(struct wt_video_writer *w, const struct wt_image *in)
{
    AVFrame *p = w->picture;
    int at[4];
    if (av_frame_make_writable(p) < 0) /* the encoder may still hold the last one */
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", w->path);
    fit(w, in, at);
    if (!prepare_scale(w, in, at[2], at[3]))
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: cannot scale a frame of %dx%d", w->path, in->width,
                       in->height);
    if (at[2] != w->width || at[3] != w->height)
        fill_black(p);
    const uint8_t *from[4] = {in->data};
    int from_stride[4] = {(int)in->stride};
    uint8_t *to[4] = {p->data[0] + at[1] * p->linesize[0] + at[0],
                      p->data[1] + at[1] / 2 * p->linesize[1] + at[0] / 2,
                      p->data[2] + at[1] / 2 * p->linesize[2] + at[0] / 2};
    sws_scale(w->scale, from, from_stride, 0, in->height, to, p->linesize);
    pad_to_even(w);
    return WT_OK;
}

/* ---- encoding ------------------------------------------------------------------------------ */

/* picture NULL: the end. */
static enum wt_status encode(struct wt_video_writer *w, const AVFrame *picture)
{
    int rc = avcodec_send_frame(w->codec, picture);
    while (rc >= 0) {
        rc = avcodec_receive_packet(w->codec, w->packet);
        if (rc == AVERROR(EAGAIN) || rc == AVERROR_EOF)
            return WT_OK;
        if (rc < 0)
            break;
        av_packet_rescale_ts(w->packet, w->codec->time_base, w->stream->time_base);
        w->packet->stream_index = w->stream->index;
        rc = av_interleaved_write_frame(w->format, w->packet);
    }
    return fail_write(w, rc);
}

enum wt_status wt_video_writer_write(struct wt_video_writer *w, const struct wt_frame *frame)
{
    if (w->failed)
        return WT_ERR_IO;
    if (!w->started && w->live)
        w->origin_us = frame->time_us;
    w->started = true;
    enum wt_status status = draw_picture(w, &frame->image);
    if (status != WT_OK) {
        w->failed = true;
        return status;
    }
    int64_t tick = (frame->time_us - w->origin_us + 500) / (1000000 / TICKS);
    if (tick <= w->last_tick) /* two frames within a millisecond */
        tick = w->last_tick + 1;
    w->last_tick = w->picture->pts = tick;
    w->frames++;
    return encode(w, w->picture);
}

/* ---- opening ------------------------------------------------------------------------------- */

static void set_codec(struct wt_video_writer *w, const struct wt_video_writer_options *options,
                      AVDictionary **private)
{
    AVCodecContext *c = w->codec;
    double fps = options->fps > 0 ? fmin(options->fps, 1000.0) : 30.0;
    bool hd = high_definition(w);
    c->width = (w->width + 1) & ~1;
    c->height = (w->height + 1) & ~1;
    c->pix_fmt = AV_PIX_FMT_YUV420P;
    c->sample_aspect_ratio = options->pixel_width && options->pixel_height
                                 ? (AVRational){options->pixel_width, options->pixel_height}
                                 : (AVRational){1, 1};
    c->time_base = (AVRational){1, TICKS};
    c->framerate = av_d2q(fps, 100000);
    c->gop_size = (int)ceil(2.0 * fps);
    c->color_range = AVCOL_RANGE_MPEG;
    c->colorspace = hd ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    c->color_primaries = hd ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M;
    c->color_trc = hd ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M;
    c->thread_count = 2; /* the network needs the cores */
    if (w->format->oformat->flags & AVFMT_GLOBALHEADER)
        c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    if (c->codec_id == AV_CODEC_ID_MPEG4) {
        c->flags |= AV_CODEC_FLAG_QSCALE;
        c->global_quality = 3 * FF_QP2LAMBDA;
    } else if (strcmp(c->codec->name, "libx264") == 0) {
        av_dict_set(private, "preset", "veryfast", 0);
        av_dict_set(private, "crf", "19", 0);
        /* Frames that the encoder delays are lost if the program is killed. */
        if (w->live)
            av_dict_set(private, "tune", "zerolatency", 0);
    } else { /* other H.264 encoders go by bit rate: a tenth of a bit a pixel */
        c->bit_rate = (int64_t)(c->width * (double)c->height * fps * 0.15);
    }
}

static enum wt_status open_encoder(struct wt_video_writer *w,
                                   const struct wt_video_writer_options *options)
{
    const char *names[] = {"libx264", "libopenh264", "mpeg4"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *name = options->codec ? options->codec : names[i];
        const AVCodec *encoder = avcodec_find_encoder_by_name(name);
        AVDictionary *private = NULL;
        if (!encoder)
            continue;
        w->codec = avcodec_alloc_context3(encoder);
        if (!w->codec)
            return wt_fail(WT_ERR_MEMORY, "%s: out of memory", w->path);
        set_codec(w, options, &private);
        int rc = avcodec_open2(w->codec, encoder, &private);
        av_dict_free(&private);
        if (rc >= 0)
            return WT_OK;
        wt_log(WT_LOG_DEBUG, "encoder %s does not open: %s", name, wt_av_error(rc).text);
        avcodec_free_context(&w->codec);
    }
    return wt_fail(WT_ERR_UNSUPPORTED, "%s: no encoder for H.264 or MPEG-4 that takes %dx%d",
                   w->path, w->width, w->height);
}

static bool has_ending(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    return n >= m && strcasecmp(path + n - m, ending) == 0;
}

/* The container by the name's ending. */
static enum wt_status open_format(struct wt_video_writer *w)
{
    bool mp4 = has_ending(w->path, ".mp4") || has_ending(w->path, ".m4v");
    if (!mp4 && strrchr(wt_base_name(w->path), '.') && !has_ending(w->path, ".mkv"))
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: a video's name ends in .mkv or .mp4", w->path);
    if (avformat_alloc_output_context2(&w->format, NULL, mp4 ? "mp4" : "matroska", NULL) < 0)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", w->path);
    w->stream = avformat_new_stream(w->format, NULL);
    return w->stream ? WT_OK : wt_fail(WT_ERR_MEMORY, "%s: out of memory", w->path);
}

static enum wt_status prepare_buffers(struct wt_video_writer *w)
{
    w->packet = av_packet_alloc();
    w->picture = av_frame_alloc();
    if (!w->packet || !w->picture ||
        avcodec_parameters_from_context(w->stream->codecpar, w->codec) < 0)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", w->path);
    AVFrame *p = w->picture;
    p->width = w->codec->width;
    p->height = w->codec->height;
    p->format = w->codec->pix_fmt;
    p->color_range = w->codec->color_range;
    p->colorspace = w->codec->colorspace;
    p->color_primaries = w->codec->color_primaries;
    p->color_trc = w->codec->color_trc;
    if (w->codec->codec_id == AV_CODEC_ID_MPEG4)
        p->quality = w->codec->global_quality;
    if (av_frame_get_buffer(p, 0) < 0)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", w->path);
    return WT_OK;
}

/* Done last, so that an existing file is replaced only by a recording that works. */
static enum wt_status open_file(struct wt_video_writer *w)
{
    char url[sizeof w->path + 8];
    AVDictionary *private = NULL;
    int fd = open(w->path, O_WRONLY | O_CREAT | O_CLOEXEC,
                  0666); /* errno is clearer than libav's error */
    if (fd < 0)
        return wt_fail(WT_ERR_IO, "%s: %s", w->path, strerror(errno));
    close(fd);
    snprintf(url, sizeof url, "file:%s", w->path);
    int rc = avio_open(&w->format->pb, url, AVIO_FLAG_WRITE);
    if (rc >= 0) {
        w->format->flags |= AVFMT_FLAG_FLUSH_PACKETS;
        av_dict_set(&private, "cluster_time_limit", "250", 0);                /* Matroska, ms */
        /* MP4: with the first fragment, so that the header says when the first picture is shown */
        av_dict_set(&private, "movflags", "delay_moov+default_base_moof", 0);
        av_dict_set(&private, "frag_duration", "250000", 0);                  /* MP4, us */
        w->stream->time_base = w->codec->time_base;
        w->stream->sample_aspect_ratio = w->codec->sample_aspect_ratio;
        if (!w->live)
            w->stream->avg_frame_rate = w->codec->framerate;
        rc = avformat_write_header(w->format, &private);
        av_dict_free(&private);
        avio_flush(w->format->pb);
        if (rc >= 0)
            rc = w->format->pb->error;
    }
    return rc < 0 ? fail_write(w, rc) : WT_OK;
}

static void destroy(struct wt_video_writer *w)
{
    sws_freeContext(w->scale);
    av_frame_free(&w->picture);
    av_packet_free(&w->packet);
    avcodec_free_context(&w->codec);
    if (w->format)
        avio_closep(&w->format->pb);
    avformat_free_context(w->format);
    free(w);
}

enum wt_status wt_video_writer_open(struct wt_video_writer **out, const char *path, int width,
                                    int height, const struct wt_video_writer_options *options)
{
    wt_av_init();
    struct wt_video_writer *w = calloc(1, sizeof *w);
    if (!w)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    w->width = width;
    w->height = height;
    w->live = options->live;
    w->last_tick = -1;
    enum wt_status status = WT_OK;
    if (snprintf(w->path, sizeof w->path, "%s", path) >= (int)sizeof w->path)
        status = wt_fail(WT_ERR_ARGUMENT, "the recording's path is too long");
    else if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX)
        status = wt_fail(WT_ERR_UNSUPPORTED, "%s: a video cannot be %dx%d", path, width, height);
    if (status == WT_OK)
        status = open_format(w);
    if (status == WT_OK)
        status = open_encoder(w, options);
    if (status == WT_OK)
        status = prepare_buffers(w);
    if (status == WT_OK)
        status = open_file(w);
    if (status != WT_OK) {
        destroy(w);
        return status;
    }
    *out = w;
    return WT_OK;
}

enum wt_status wt_video_writer_close(struct wt_video_writer **writer)
{
    struct wt_video_writer *w = *writer;
    enum wt_status status = WT_OK;
    *writer = NULL;
    if (!w)
        return WT_OK;
    if (!w->failed) {
        status = encode(w, NULL);
        int rc = status == WT_OK ? av_write_trailer(w->format) : 0;
        if (rc >= 0 && status == WT_OK) {
            avio_flush(w->format->pb);
            rc = w->format->pb->error;
        }
        if (rc < 0)
            status = fail_write(w, rc);
    }
    destroy(w);
    return status;
}

int64_t wt_video_writer_bytes(const struct wt_video_writer *w)
{
    return w->format->pb ? avio_tell(w->format->pb) : 0;
}

const char *wt_video_writer_codec(const struct wt_video_writer *w)
{
    return w->codec->codec->name;
}
