#include "input/video_pixels.h"

#include <math.h>
#include <string.h>

#include <libavutil/display.h>
#include <libavutil/pixdesc.h>

#include "face/orient.h"

/* ---- turning --------------------------------------------------------------------------------- */

/* As ffmpeg does it (configure_input_video_filter in fftools): quarter turns and mirrorings by the
 * matrix's signs, every other angle by the filter "rotate", which keeps the size. */
struct wt_turn wt_turn_of(const int32_t *matrix)
{
    const struct wt_turn none = {.orientation = 1};
    if (!matrix)
        return none;
    double degrees = -round(av_display_rotation_get(matrix)); /* clockwise; NaN if degenerate */
    if (degrees != degrees)
        return none;
    degrees -= 360 * floor(degrees / 360 + 0.9 / 360);
    if (fabs(degrees - 90) < 1)
        return (struct wt_turn){.orientation = matrix[3] > 0 ? 5 : 6};
    if (fabs(degrees - 270) < 1)
        return (struct wt_turn){.orientation = matrix[3] < 0 ? 7 : 8};
    if (fabs(degrees - 180) < 1)
        return (struct wt_turn){.orientation = matrix[0] >= 0  ? (matrix[4] < 0 ? 4 : 1)
                                               : matrix[4] < 0 ? 3
                                                               : 2};
    if (fabs(degrees) > 1)
        return (struct wt_turn){.orientation = 1, .degrees = degrees};
    return (struct wt_turn){.orientation = matrix[4] < 0 ? 4 : 1};
}

static void turn_exactly(int orientation, const struct wt_frame *from, struct wt_frame *to)
{
    wt_orient(orientation, from->pixels, from->image.stride, from->image.width, from->image.height,
              to->pixels, to->image.stride);
}

/* The pixel at (x, y) between four others; outside lies black. */
static void sample(const struct wt_frame *from, double x, double y, uint8_t *to)
{
    const int left = (int)floor(x), top = (int)floor(y);
    const double u = x - left, v = y - top;
    double sum[3] = {0, 0, 0};
    for (int k = 0; k < 4; k++) {
        const int px = left + (k & 1), py = top + (k >> 1);
        const double weight = (k & 1 ? u : 1 - u) * (k >> 1 ? v : 1 - v);
        if (px < 0 || py < 0 || px >= from->image.width || py >= from->image.height)
            continue;
        const uint8_t *p = from->pixels + py * from->image.stride + 3 * (ptrdiff_t)px;
        for (int c = 0; c < 3; c++)
            sum[c] += weight * p[c];
    }
    for (int c = 0; c < 3; c++)
        to[c] = (uint8_t)(sum[c] + 0.5);
}

static void turn_by_angle(double degrees, const struct wt_frame *from, struct wt_frame *to)
{
    const double c = cos(degrees * M_PI / 180), s = sin(degrees * M_PI / 180);
    const double mid_x = (from->image.width - 1) / 2.0, mid_y = (from->image.height - 1) / 2.0;
    for (int y = 0; y < to->image.height; y++) {
        uint8_t *q = to->pixels + y * to->image.stride;
        for (int x = 0; x < to->image.width; x++, q += 3)
            sample(from, c * (x - mid_x) + s * (y - mid_y) + mid_x,
                   -s * (x - mid_x) + c * (y - mid_y) + mid_y, q);
    }
}

/* Replaces a frame by its upright copy. */
static bool make_upright(struct wt_frame **frame, struct wt_turn turn)
{
    const struct wt_image *image = &(*frame)->image;
    const bool swap = wt_orient_swaps(turn.orientation);
    if (turn.orientation == 1 && turn.degrees == 0)
        return true;
    struct wt_frame *upright = swap ? wt_frame_create(image->height, image->width)
                                    : wt_frame_create(image->width, image->height);
    if (upright && turn.degrees != 0)
        turn_by_angle(turn.degrees, *frame, upright);
    else if (upright)
        turn_exactly(turn.orientation, *frame, upright);
    wt_frame_unref(frame);
    *frame = upright;
    return upright != NULL;
}

/* ---- pixels ---------------------------------------------------------------------------------- */

void wt_square_size(AVRational shape, int *w, int *h)
{
    const double k = shape.num > 0 && shape.den > 0 ? av_q2d(shape) : 1;
    if (fabs(k - 1) < 0.005 || k > 8 || k < 1.0 / 8)
        return;
    if (k > 1)
        *w = (int)lrint(*w * k);
    else
        *h = (int)lrint(*h / k);
}

static void set_colours(struct SwsContext *scale, const AVFrame *frame)
{
    int space = frame->colorspace;
    if (space == AVCOL_SPC_UNSPECIFIED || space == AVCOL_SPC_RGB) /* as players guess */
        space = frame->height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    const int *from = sws_getCoefficients(space), *to = sws_getCoefficients(SWS_CS_DEFAULT);
    const int full = frame->color_range == AVCOL_RANGE_JPEG;
    /* formats without a matrix refuse, and need none */
    (void)sws_setColorspaceDetails(scale, from, full, to, 1, 0, 1 << 16, 1 << 16);
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

void wt_video_pixels_fini(struct wt_video_pixels *pixels)
{
    sws_freeContext(pixels->scale);
    pixels->scale = NULL;
}

enum wt_status wt_video_pixels_convert(struct wt_video_pixels *pixels, AVFrame *decoded,
                                       AVRational shape, struct wt_turn turn, const char *name,
                                       struct wt_frame **out)
{
    const enum AVPixelFormat format = plain_format(decoded);
    int width = decoded->width, height = decoded->height;
    wt_square_size(shape, &width, &height);
    struct wt_frame *frame = wt_frame_create(width, height);
    if (!frame)
        return wt_fail(width < 1 || height < 1 || width > WT_FRAME_SIDE_MAX ||
                               height > WT_FRAME_SIDE_MAX
                           ? WT_ERR_UNSUPPORTED
                           : WT_ERR_MEMORY,
                       "%s: no room for a frame of %dx%d", name, width, height);
    pixels->scale =
        sws_getCachedContext(pixels->scale, decoded->width, decoded->height, format, width, height,
                             AV_PIX_FMT_BGR24, SWS_BICUBIC, NULL, NULL, NULL);
    if (!pixels->scale) {
        wt_frame_unref(&frame);
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: cannot convert from pixel format %s", name,
                       av_get_pix_fmt_name(format));
    }
    set_colours(pixels->scale, decoded);
    uint8_t *plane[4] = {frame->pixels};
    int stride[4] = {(int)frame->image.stride};
    sws_scale(pixels->scale, (const uint8_t *const *)decoded->data, decoded->linesize, 0,
              decoded->height, plane, stride);
    if (!make_upright(&frame, turn))
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", name);
    *out = frame;
    return WT_OK;
}
