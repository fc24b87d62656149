#include "record/video_picture.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "record/video_encoder.h"

bool wt_video_picture_init(struct wt_video_picture *p, const AVCodecContext *codec, int width,
                           int height)
{
    *p = (struct wt_video_picture){.width = width, .height = height, .picture = av_frame_alloc()};
    AVFrame *f = p->picture;
    if (!f)
        return false;
    f->width = codec->width;
    f->height = codec->height;
    f->format = wt_video_encoder_format(codec);
    f->color_range = codec->color_range;
    f->colorspace = codec->colorspace;
    f->color_primaries = codec->color_primaries;
    f->color_trc = codec->color_trc;
    if (codec->codec_id == AV_CODEC_ID_MPEG4)
        f->quality = codec->global_quality;
    return av_frame_get_buffer(f, 0) >= 0;
}

void wt_video_picture_fini(struct wt_video_picture *p)
{
    sws_freeContext(p->scale);
    av_frame_free(&p->picture);
    *p = (struct wt_video_picture){0};
}

/* Players assume one colour matrix for standard definition and another for high definition. The
 * file is tagged, and the matrix is the one that players which ignore tags assume. */
static bool prepare_scale(struct wt_video_picture *p, const struct wt_image *in, int out_width,
                          int out_height)
{
    if (p->scale && p->in_width == in->width && p->in_height == in->height)
        return true;
    sws_freeContext(p->scale);
    p->scale = sws_getContext(in->width, in->height, AV_PIX_FMT_BGR24, out_width, out_height,
                              p->picture->format, SWS_BICUBIC, NULL, NULL, NULL);
    if (!p->scale)
        return false;
    const int *to = sws_getCoefficients(p->height >= WT_VIDEO_HIGH_DEFINITION ? SWS_CS_ITU709
                                                                              : SWS_CS_SMPTE170M);
    sws_setColorspaceDetails(p->scale, sws_getCoefficients(SWS_CS_DEFAULT), 1, to, 0, 0, 1 << 16,
                             1 << 16);
    p->in_width = in->width;
    p->in_height = in->height;
    return true;
}

/* Largest size of the input's proportions that fits, and where it goes; even, for the chroma. */
static void fit(const struct wt_video_picture *p, const struct wt_image *in, int at[4])
{
    double k = fmin((double)p->width / in->width, (double)p->height / in->height);
    at[2] = in->width == p->width ? p->width : (int)lrint(in->width * k);
    at[3] = in->height == p->height ? p->height : (int)lrint(in->height * k);
    at[2] = at[2] < 1 ? 1 : at[2] > p->width ? p->width : at[2];
    at[3] = at[3] < 1 ? 1 : at[3] > p->height ? p->height : at[3];
    at[0] = (p->width - at[2]) / 2 & ~1;
    at[1] = (p->height - at[3]) / 2 & ~1;
}

static void fill_black(AVFrame *f)
{
    if (f->format == AV_PIX_FMT_BGR0) {
        memset(f->data[0], 0, (size_t)f->linesize[0] * f->height);
        return;
    }
    for (int k = 0; k < 3 && f->data[k]; k++)
        memset(f->data[k], k ? 128 : 16, (size_t)f->linesize[k] * (k ? f->height / 2 : f->height));
}

/* An odd size gets one more column or row, a copy of its neighbour, which compresses best. */
static void pad_to_even(const struct wt_video_picture *p)
{
    AVFrame *f = p->picture;
    if (f->width > p->width)
        for (int y = 0; y < p->height; y++)
            f->data[0][y * f->linesize[0] + p->width] =
                f->data[0][y * f->linesize[0] + p->width - 1];
    if (f->height > p->height)
        memcpy(f->data[0] + p->height * f->linesize[0],
               f->data[0] + (p->height - 1) * f->linesize[0], (size_t)f->width);
}

enum wt_status wt_video_picture_draw(struct wt_video_picture *p, const struct wt_image *in,
                                     const char *name)
{
    AVFrame *f = p->picture;
    int at[4];
    if (av_frame_make_writable(f) < 0) /* the encoder may still hold the last one */
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", name);
    fit(p, in, at);
    if (!prepare_scale(p, in, at[2], at[3]))
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: cannot scale a frame of %dx%d", name, in->width,
                       in->height);
    if (at[2] != p->width || at[3] != p->height)
        fill_black(f);
    const uint8_t *from[4] = {in->data};
    int from_stride[4] = {(int)in->stride};
    /* Bytes a pixel, and a pair of chroma samples' in the planes behind the first. */
    const int first = f->format == AV_PIX_FMT_BGR0 ? 4 : 1;
    const int pair = f->format == AV_PIX_FMT_NV12 ? 2 : 1;
    uint8_t *to[4] = {f->data[0] + at[1] * f->linesize[0] + at[0] * first};
    for (int k = 1; k < 3 && f->data[k]; k++)
        to[k] = f->data[k] + at[1] / 2 * f->linesize[k] + at[0] / 2 * pair;
    sws_scale(p->scale, from, from_stride, 0, in->height, to, f->linesize);
    pad_to_even(p);
    return WT_OK;
}
