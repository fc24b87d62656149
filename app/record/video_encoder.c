#include "record/video_encoder.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>

#include "base/status.h"
#include "input/av.h"
#include "input/libav.h"
#include "record/video_picture.h"

/* More pixels a second for each processor than this, and x264 takes its least careful way live. */
#define MANY_PIXELS (8e6)

struct kind {
    const char *name;
    enum AVPixelFormat format;   /* that it takes from ordinary memory */
    enum AVHWDeviceType device;  /* whose memory it takes its pictures from, or NONE */
    enum AVPixelFormat hardware; /* format there */
    const char *set[8];          /* options: name, value, ... */
};

/* In the order in which they are tried. Graphics cards' encoders: by quality, like the others. */
static const struct kind on_card[] = {
    {.name = "h264_nvenc",
     .format = AV_PIX_FMT_YUV420P,
     .set = {"delay", "0", "zerolatency", "1", "rc", "vbr", "cq", "23"}},
    {.name = "h264_vaapi",
     .format = AV_PIX_FMT_NV12,
     .device = AV_HWDEVICE_TYPE_VAAPI,
     .hardware = AV_PIX_FMT_VAAPI,
     .set = {"async_depth", "1", "qp", "22"}},
    {.name = "h264_qsv", .format = AV_PIX_FMT_NV12, .set = {"async_depth", "1"}},
    {.name = "h264_v4l2m2m", .format = AV_PIX_FMT_YUV420P},
};
static const struct kind h264[] = {
    {.name = "libx264", .format = AV_PIX_FMT_YUV420P, .set = {"crf", "19", "tune", "zerolatency"}},
    {.name = "libopenh264", .format = AV_PIX_FMT_YUV420P},
    {.name = "mpeg4", .format = AV_PIX_FMT_YUV420P},
};
/* Level 3 has checksums; slices let it use threads; a frame needs no other one. */
static const struct kind ffv1[] = {
    {.name = "ffv1",
     .format = AV_PIX_FMT_BGR0,
     .set = {"level", "3", "slices", "4", "slicecrc", "1", "coder", "1"}},
};

static void set_colours(AVCodecContext *c, const struct kind *kind)
{
    if (kind->format == AV_PIX_FMT_BGR0) {
        c->color_range = AVCOL_RANGE_JPEG;
        return;
    }
    bool hd = c->height >= WT_VIDEO_HIGH_DEFINITION;
    c->color_range = AVCOL_RANGE_MPEG;
    c->colorspace = hd ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    c->color_primaries = hd ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M;
    c->color_trc = hd ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M;
}

/* Live, tracking and the window need the processors. A frame of 1280 x 720 of a filmed face takes
 * x264 19 ms of one core (AMD EPYC, Zen 3) as veryfast, 12 as superfast, 8 as ultrafast, which look
 * alike (SSIM 0.991 each, crf 19): what is saved costs a third more of the disk. */
static const char *x264_preset(double pixels, bool live)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (!live)
        return "veryfast";
    return pixels > MANY_PIXELS * (double)(processors > 1 ? processors : 1) ? "ultrafast"
                                                                            : "superfast";
}

static void set_codec(AVCodecContext *c, const struct kind *kind, double fps, bool live,
                      AVDictionary **private)
{
    c->pix_fmt = kind->device ? kind->hardware : kind->format;
    c->framerate = av_d2q(fps, 100000);
    c->gop_size = kind->format == AV_PIX_FMT_BGR0 ? 1 : (int)ceil(2.0 * fps);
    c->max_b_frames = 0;
    c->thread_count = 2; /* the network needs the cores */
    set_colours(c, kind);
    for (size_t i = 0; i + 1 < sizeof kind->set / sizeof *kind->set && kind->set[i]; i += 2)
        av_dict_set(private, kind->set[i], kind->set[i + 1], 0);
    double pixels = (double)c->width * c->height * fps;
    if (strcmp(kind->name, "mpeg4") == 0) {
        c->flags |= AV_CODEC_FLAG_QSCALE;
        c->global_quality = 3 * FF_QP2LAMBDA;
    } else if (strcmp(kind->name, "libx264") == 0) {
        av_dict_set(private, "preset", x264_preset(pixels, live), 0);
    } else if (!av_dict_get(*private, "qp", NULL, 0) && !av_dict_get(*private, "cq", NULL, 0)) {
        c->bit_rate = (int64_t)(pixels * 0.15); /* the others go by it: bits a pixel */
    }
}

static int set_device(AVCodecContext *c, const struct kind *kind)
{
    if (!kind->device)
        return 0;
    AVBufferRef *device = NULL;
    int rc = av_hwdevice_ctx_create(&device, kind->device, NULL, NULL, 0);
    if (rc < 0)
        return rc;
    c->hw_frames_ctx = av_hwframe_ctx_alloc(device);
    av_buffer_unref(&device);
    if (!c->hw_frames_ctx)
        return AVERROR(ENOMEM);
    AVHWFramesContext *frames = (AVHWFramesContext *)c->hw_frames_ctx->data;
    frames->format = kind->hardware;
    frames->sw_format = kind->format;
    frames->width = c->width;
    frames->height = c->height;
    frames->initial_pool_size = 8;
    return av_hwframe_ctx_init(c->hw_frames_ctx);
}

static int open_kind(AVCodecContext **out, const struct kind *kind, int width, int height,
                     int flags, AVRational time_base, const struct wt_video_writer_options *options)
{
    const AVCodec *encoder = wt_av()->avcodec_find_encoder_by_name(kind->name);
    if (!encoder)
        return AVERROR_ENCODER_NOT_FOUND;
    AVCodecContext *c = wt_av()->avcodec_alloc_context3(encoder);
    if (!c)
        return AVERROR(ENOMEM);
    AVDictionary *private = NULL;
    bool even = kind->format != AV_PIX_FMT_BGR0;
    c->width = even ? (width + 1) & ~1 : width;
    c->height = even ? (height + 1) & ~1 : height;
    c->sample_aspect_ratio = options->pixel_width && options->pixel_height
                                 ? (AVRational){options->pixel_width, options->pixel_height}
                                 : (AVRational){1, 1};
    c->time_base = time_base;
    c->flags |= flags;
    set_codec(c, kind, options->fps > 0 ? fmin(options->fps, 1000.0) : 30.0, options->live,
              &private);
    int rc = set_device(c, kind);
    if (rc >= 0)
        rc = wt_av()->avcodec_open2(c, encoder, &private);
    av_dict_free(&private);
    if (rc < 0)
        wt_av()->avcodec_free_context(&c);
    *out = c;
    return rc;
}

/* What somebody asked for and did not get. */
static void note_choice(const char *name, const struct kind *kind,
                        const struct wt_video_writer_options *options)
{
    const bool card = kind >= on_card && kind < on_card + sizeof on_card / sizeof *on_card;
    if (options->hardware && !options->lossless && !card)
        wt_log(WT_LOG_INFO, "%s: no graphics card's encoder works here; the processor encodes (%s)",
               name, kind->name);
}

enum wt_status wt_video_encoder_open(AVCodecContext **out, const char *name, int width, int height,
                                     int flags, AVRational time_base,
                                     const struct wt_video_writer_options *options)
{
    const struct {
        const struct kind *kind;
        size_t count;
        bool wanted;
    } lists[] = {
        {ffv1, 1, options->lossless},
        {on_card, sizeof on_card / sizeof *on_card, options->hardware && !options->lossless},
        {h264, sizeof h264 / sizeof *h264, !options->lossless},
    };
    int rc = AVERROR_ENCODER_NOT_FOUND;
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
        for (size_t i = 0; lists[l].wanted && i < lists[l].count; i++) {
            const struct kind *kind = &lists[l].kind[i];
            if (options->codec && strcmp(options->codec, kind->name) != 0)
                continue;
            rc = open_kind(out, kind, width, height, flags, time_base, options);
            if (rc >= 0) {
                note_choice(name, kind, options);
                return WT_OK;
            }
            wt_log(WT_LOG_DEBUG, "encoder %s does not open: %s", kind->name, wt_av_error(rc).text);
            if (rc == AVERROR(ENOMEM))
                return wt_fail(WT_ERR_MEMORY, "%s: out of memory", name);
        }
    return wt_fail(WT_ERR_UNSUPPORTED, "%s: no encoder for %s that takes %dx%d", name,
                   options->lossless ? "FFV1" : "H.264 or MPEG-4", width, height);
}

enum AVPixelFormat wt_video_encoder_format(const AVCodecContext *codec)
{
    return codec->hw_frames_ctx ? ((AVHWFramesContext *)codec->hw_frames_ctx->data)->sw_format
                                : codec->pix_fmt;
}

int wt_video_encoder_send(AVCodecContext *codec, const AVFrame *picture)
{
    if (!codec->hw_frames_ctx || !picture)
        return wt_av()->avcodec_send_frame(codec, picture);
    AVFrame *there = av_frame_alloc();
    int rc = there ? av_hwframe_get_buffer(codec->hw_frames_ctx, there, 0) : AVERROR(ENOMEM);
    if (rc >= 0)
        rc = av_hwframe_transfer_data(there, picture, 0);
    if (rc >= 0)
        rc = av_frame_copy_props(there, picture);
    if (rc >= 0)
        rc = wt_av()->avcodec_send_frame(codec, there);
    av_frame_free(&there);
    return rc;
}
