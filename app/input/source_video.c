/* Video files, read with libav rather than with OpenCV's wrapper, which cannot distinguish the end
 * of a file from damage, rounds time stamps, and ignores the colour matrix. */
#include "base/paths.h"
#include "input/source_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "input/av.h"

struct video {
    AVFormatContext *format;
    AVCodecContext *codec;
    AVStream *stream; /* belongs to format */
    AVPacket *packet;
    AVFrame *decoded;
    struct SwsContext *scale;
    char name[256];
    int64_t origin;  /* time stamp of the beginning, in the stream's time base */
    int64_t last_us; /* time of the last decoded frame, -1: none */
    int64_t step_us; /* nominal time from frame to frame */
    int64_t skip_to; /* after a seek: frames before this time are passed over */
    uint64_t count;  /* frames decoded since the beginning */
    int turns;       /* quarter turns clockwise that show the picture upright */
    bool draining;   /* the file has ended, the decoder has not */
    bool warned;     /* one line about damage is enough */
    bool sought;     /* the frame count no longer tells the position */
};

static void video_close(void *self)
{
    struct video *v = self;
    sws_freeContext(v->scale);
    av_frame_free(&v->decoded);
    av_packet_free(&v->packet);
    avcodec_free_context(&v->codec);
    avformat_close_input(&v->format);
    free(v);
}

static void warn_once(struct video *v, const char *what)
{
    if (!v->warned)
        wt_log(WT_LOG_WARN, "%s: %s; continuing with what can be read", v->name, what);
    v->warned = true;
}

/* ---- pixels -------------------------------------------------------------------------------- */

/* Turns a picture clockwise by quarter turns into a new frame. */
static struct wt_frame *rotate(const struct wt_frame *from, int turns)
{
    int w = from->image.width, h = from->image.height;
    struct wt_frame *to = turns & 1 ? wt_frame_create(h, w) : wt_frame_create(w, h);
    if (!to)
        return NULL;
    for (int y = 0; y < h; y++) {
        const uint8_t *p = from->pixels + y * from->image.stride;
        for (int x = 0; x < w; x++, p += 3) {
            int tx = turns == 1 ? h - 1 - y : turns == 2 ? w - 1 - x : y;
            int ty = turns == 1 ? x : turns == 2 ? h - 1 - y : w - 1 - x;
            memcpy(to->pixels + ty * to->image.stride + tx * 3, p, 3);
        }
    }
    return to;
}

static bool set_colours(struct SwsContext *scale, const AVFrame *frame)
{
    int space = frame->colorspace;
    if (space == AVCOL_SPC_UNSPECIFIED || space == AVCOL_SPC_RGB) /* as players guess */
        space = frame->height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    const int *from = sws_getCoefficients(space), *to = sws_getCoefficients(SWS_CS_DEFAULT);
    int full = frame->color_range == AVCOL_RANGE_JPEG;
    return sws_setColorspaceDetails(scale, from, full, to, 1, 0, 1 << 16, 1 << 16) >= 0;
}

/* Full-range formats: swscale expects the plain format and the range separately. */
static enum AVPixelFormat plain_format(AVFrame *frame)
{
    static const enum AVPixelFormat pair[][2] = {
        {AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P}, {AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P},
        {AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P}, {AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P},
        {AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P},
    };
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        if (frame->format == pair[i][0]) {
            frame->color_range = AVCOL_RANGE_JPEG;
            return pair[i][1];
        }
    }
    return frame->format;
}

static enum wt_status convert(struct video *v, struct wt_frame **out)
{
    AVFrame *d = v->decoded;
    enum AVPixelFormat format = plain_format(d);
    struct wt_frame *frame = wt_frame_create(d->width, d->height);
    if (!frame)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: no room for a frame of %dx%d", v->name, d->width,
                       d->height);
    v->scale = sws_getCachedContext(v->scale, d->width, d->height, format, d->width, d->height,
                                    AV_PIX_FMT_BGR24, SWS_BICUBIC, NULL, NULL, NULL);
    if (!v->scale) {
        wt_frame_unref(&frame);
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: cannot convert from pixel format %s", v->name,
                       av_get_pix_fmt_name(format));
    }
    set_colours(v->scale, d); /* formats without a matrix refuse, and need none */
    uint8_t *plane[4] = {frame->pixels};
    int stride[4] = {(int)frame->image.stride};
    sws_scale(v->scale, (const uint8_t *const *)d->data, d->linesize, 0, d->height, plane, stride);
    if (v->turns) {
        struct wt_frame *upright = rotate(frame, v->turns);
        wt_frame_unref(&frame);
        if (!upright)
            return wt_fail(WT_ERR_MEMORY, "%s: out of memory", v->name);
        frame = upright;
    }
    *out = frame;
    return WT_OK;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Gives the decoder the next packet of our stream, or the end. */
static void send_packet(struct video *v)
{
    int rc = av_read_frame(v->format, v->packet);
    if (rc < 0) {
        if (rc != AVERROR_EOF)
            warn_once(v, "damaged or cut off");
        v->draining = true;
        avcodec_send_packet(v->codec, NULL);
        return;
    }
    if (v->packet->stream_index == v->stream->index) {
        if (v->packet->flags & AV_PKT_FLAG_CORRUPT)
            warn_once(v, "damaged or cut off");
        rc = avcodec_send_packet(v->codec, v->packet);
        if (rc < 0 && rc != AVERROR(EAGAIN))
            warn_once(v, "damaged");
    }
    av_packet_unref(v->packet);
}

static void check_length(struct video *v)
{
    int64_t promised = v->stream->nb_frames;
    char text[96];
    /* Frames marked as not shown at the ends may be missing: warn only about a real gap. */
    if (v->sought || promised <= 0 || (int64_t)v->count + 2 >= promised)
        return;
    snprintf(text, sizeof text, "ends after %llu of %lld frames", (unsigned long long)v->count,
             (long long)promised);
    warn_once(v, text);
}

static int64_t frame_time(struct video *v)
{
    int64_t pts = v->decoded->best_effort_timestamp, t;
    if (pts == AV_NOPTS_VALUE)
        t = v->last_us + v->step_us;
    else
        t = av_rescale_q(pts - v->origin, v->stream->time_base, AV_TIME_BASE_Q);
    if (t <= v->last_us)
        t = v->last_us + 1;
    return t < 0 ? 0 : t;
}

static enum wt_status video_read(void *self, struct wt_frame **out)
{
    struct video *v = self;
    for (;;) {
        int rc = avcodec_receive_frame(v->codec, v->decoded);
        if (rc == AVERROR_EOF || (rc < 0 && v->draining)) {
            check_length(v);
            return WT_END;
        }
        if (rc == AVERROR(EAGAIN)) {
            send_packet(v);
            continue;
        }
        if (rc < 0) {
            warn_once(v, "damaged");
            send_packet(v);
            continue;
        }
        if (v->decoded->decode_error_flags)
            warn_once(v, "damaged");
        v->count++;
        v->last_us = frame_time(v);
        if (v->last_us >= v->skip_to)
            break;
        av_frame_unref(v->decoded);
    }
    v->skip_to = 0;
    enum wt_status status = convert(v, out);
    if (status == WT_OK)
        (*out)->time_us = v->last_us;
    av_frame_unref(v->decoded);
    return status;
}

static enum wt_status video_seek(void *self, int64_t time_us)
{
    struct video *v = self;
    int64_t at = v->origin + av_rescale_q(time_us, AV_TIME_BASE_Q, v->stream->time_base);
    int rc = av_seek_frame(v->format, v->stream->index, at, AVSEEK_FLAG_BACKWARD);
    if (rc < 0 && time_us == 0) /* formats without an index can still be read from the start */
        rc = av_seek_frame(v->format, -1, 0, AVSEEK_FLAG_BYTE);
    if (rc < 0)
        return wt_fail(WT_ERR_IO, "%s: cannot go to %.2f s: %s", v->name, (double)time_us / 1e6,
                       wt_av_error(rc).text);
    avcodec_flush_buffers(v->codec);
    v->draining = false;
    v->sought = time_us != 0;
    v->count = 0;
    v->last_us = -1;
    v->skip_to = time_us - v->step_us / 2; /* nearest */
    return WT_OK;
}

/* Containers that hold video. libav also reads playlists, text, and game files, which are never
 * meant here; some of them wait for ever for a missing file. */
static const char containers[] =
    "asf,av1,avi,dirac,dv,flv,gif,gxf,h261,h263,h264,hevc,ivf,live_flv,m4v,matroska,mjpeg,mov,"
    "mpeg,mpegts,mpegvideo,mxf,nsv,nut,obu,ogg,rm,vc1,wtv,yuv4mpegpipe";

/* ---- opening ------------------------------------------------------------------------------- */

static int quarter_turns(const AVStream *stream)
{
    const int32_t *matrix =
        (const int32_t *)av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, NULL);
    if (!matrix)
        return 0;
    double degrees = -av_display_rotation_get(matrix); /* clockwise; NaN if degenerate */
    return degrees == degrees ? (int)lrint(degrees / 90.0) & 3 : 0;
}

static enum wt_status open_container(struct video *v, const char *path)
{
    char *url = NULL;
    AVDictionary *options = NULL;
    if (asprintf(&url, "file:%s", path) < 0)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    /* A playlist must not make the program open network addresses. */
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    av_dict_set(&options, "format_whitelist", containers, 0);
    int rc = avformat_open_input(&v->format, url, NULL, &options);
    av_dict_free(&options);
    free(url);
    if (rc < 0)
        return rc == AVERROR_INVALIDDATA || rc == AVERROR(EINVAL) || rc == AVERROR_EOF
                   ? wt_fail(WT_ERR_FORMAT, "%s: neither a video nor a picture, or damaged", path)
                   : wt_fail(WT_ERR_IO, "%s: %s", path, wt_av_error(rc).text);
    rc = avformat_find_stream_info(v->format, NULL);
    if (rc < 0)
        return wt_fail(WT_ERR_FORMAT, "%s: damaged: %s", path, wt_av_error(rc).text);
    return WT_OK;
}

static enum wt_status open_decoder(struct video *v, const char *path)
{
    const AVCodec *decoder = NULL;
    int index = av_find_best_stream(v->format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    if (index == AVERROR_DECODER_NOT_FOUND)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: no decoder for this kind of video", path);
    if (index < 0)
        return wt_fail(WT_ERR_FORMAT, "%s: has no video in it", path);
    v->stream = v->format->streams[index];
    if (v->stream->disposition & AV_DISPOSITION_ATTACHED_PIC) /* cover picture of an audio file */
        return wt_fail(WT_ERR_FORMAT, "%s: has no video in it", path);
    v->codec = avcodec_alloc_context3(decoder);
    if (!v->codec || avcodec_parameters_to_context(v->codec, v->stream->codecpar) < 0)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    v->codec->pkt_timebase = v->stream->time_base;
    v->codec->thread_count = 2; /* the network needs the other cores */
    int rc = avcodec_open2(v->codec, decoder, NULL);
    if (rc < 0)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: %s", path, wt_av_error(rc).text);
    if (v->codec->width < 1 || v->codec->height < 1)
        return wt_fail(WT_ERR_FORMAT, "%s: damaged: no frame can be read", path);
    return WT_OK;
}

static void describe(struct video *v, const char *path, struct wt_source_info *info)
{
    AVRational rate = av_guess_frame_rate(v->format, v->stream, NULL);
    info->kind = WT_SOURCE_VIDEO;
    snprintf(info->name, sizeof info->name, "%s", wt_base_name(path));
    info->width = v->turns & 1 ? v->codec->height : v->codec->width;
    info->height = v->turns & 1 ? v->codec->width : v->codec->height;
    info->fps = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0.0;
    if (info->fps > 1000.0) /* a time base, not a rate */
        info->fps = 0.0;
    info->frames = v->stream->nb_frames;
    double seconds = v->stream->duration > 0
                         ? (double)v->stream->duration * av_q2d(v->stream->time_base)
                         : (double)v->format->duration / AV_TIME_BASE;
    if (info->frames <= 0 && seconds > 0 && info->fps > 0)
        info->frames = llrint(seconds * info->fps);
    if (info->frames <= 0)
        info->frames = -1;
    snprintf(v->name, sizeof v->name, "%s", info->name);
    v->step_us = info->fps > 0 ? (int64_t)(1e6 / info->fps) : 33333;
}

enum wt_status wt_source_open_video(struct wt_source_opened *out, const struct wt_source_spec *spec)
{
    static const struct wt_source_backend backend = {video_read, video_seek, video_close};
    wt_av_init();
    struct video *v = calloc(1, sizeof *v);
    if (!v)
        return wt_fail(WT_ERR_MEMORY, "out of memory for a video");
    v->last_us = -1;
    v->packet = av_packet_alloc();
    v->decoded = av_frame_alloc();
    enum wt_status status = WT_OK;
    if (!v->packet || !v->decoded)
        status = wt_fail(WT_ERR_MEMORY, "out of memory for a video");
    if (status == WT_OK)
        status = open_container(v, spec->input);
    if (status == WT_OK)
        status = open_decoder(v, spec->input);
    if (status != WT_OK) {
        video_close(v);
        return status;
    }
    v->origin = v->stream->start_time != AV_NOPTS_VALUE ? v->stream->start_time : 0;
    v->turns = quarter_turns(v->stream);
    *out = (struct wt_source_opened){.backend = &backend, .self = v};
    describe(v, spec->input, &out->info);
    return WT_OK;
}
