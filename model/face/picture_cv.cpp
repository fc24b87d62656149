#include "face/picture.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <mutex>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/status.h"
#include "face/codec_messages.h"
#include "face/crop.h"
#include "face/opencv_log.h"
#include "face/orient.h"
#include "face/picture_check.h"
#include "face/picture_codecs_cv.hpp"
#include "face/picture_head.h"
#include "weights/file.h"

namespace
{

const int side_max = 16384;
const size_t file_max = (size_t)1 << 30;

enum wt_status write_file(const std::vector<uint8_t> &bytes, const char *path)
{
    struct wt_file_writer writer = {};
    enum wt_status status = wt_file_writer_init(&writer, path);
    if (!status) {
        wt_file_writer_put(&writer, bytes.data(), bytes.size());
        status = wt_file_writer_commit(&writer);
    }
    wt_file_writer_fini(&writer);
    return status;
}

/* imdecode writes what its decoders threw to std::cerr, past OpenCV's own log. While any thread
 * decodes, that stream has no buffer; the last one restores it. */
std::mutex cerr_lock;
int cerr_users;
std::streambuf *cerr_buffer;

class quiet_cerr
{
  public:
    quiet_cerr()
    {
        const std::lock_guard<std::mutex> hold(cerr_lock);
        if (cerr_users++ == 0)
            cerr_buffer = std::cerr.rdbuf(nullptr);
    }
    ~quiet_cerr()
    {
        const std::lock_guard<std::mutex> hold(cerr_lock);
        if (--cerr_users == 0)
            std::cerr.rdbuf(cerr_buffer); /* clears the failure of writing nowhere, too */
    }
};

enum wt_status refuse(char *reason, size_t size, enum wt_status status, const char *text)
{
    snprintf(reason, size, "%s", text);
    return status;
}

const int64_t pixels_max = (int64_t)1 << 28;
wt_picture_fallback *fallback; /* set before threads start */

/* Is the size, as far as it is known, one that can be held? */
bool fits(int64_t width, int64_t height, char *reason, size_t size)
{
    if (width <= side_max && height <= side_max && width * height <= pixels_max)
        return true;
    snprintf(reason, size, "%lld x %lld pixels, more than %d a side or %lld million",
             (long long)width, (long long)height, side_max, (long long)(pixels_max >> 20));
    return false;
}

/* The first frame of an animated WebP as a file of its own. */
std::vector<uint8_t> lone_webp(const uint8_t *bytes, const struct wt_webp_frame &frame)
{
    const bool alpha = frame.length >= 4 && memcmp(bytes + frame.at, "ALPH", 4) == 0;
    std::vector<uint8_t> file;
    const auto text = [&file](const char *four) { file.insert(file.end(), four, four + 4); };
    const auto number = [&file](size_t n, int bytes_of_it) {
        for (int i = 0; i < bytes_of_it; i++)
            file.push_back((uint8_t)(n >> 8 * i));
    };
    text("RIFF");
    number(4 + (alpha ? 18 : 0) + frame.length, 4);
    text("WEBP");
    if (alpha) {
        text("VP8X");
        number(10, 4);
        number(0x10, 4); /* it has alpha */
        number(frame.width - 1, 3);
        number(frame.height - 1, 3);
    }
    file.insert(file.end(), bytes + frame.at, bytes + frame.at + frame.length);
    return file;
}

/* more: flags besides those of all. */
cv::Mat decode_bytes(uint8_t *content, size_t size, int more = 0)
{
    const quiet_cerr quiet;
    try {
        const int flags = cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION | more;
        return wt_picture_codecs_get()->decode(cv::Mat(1, (int)size, CV_8UC1, content), flags);
    } catch (const cv::Exception &) {
        return cv::Mat(); /* refused by its own limits */
    }
}

/* Light, 1 white, as a display's number (IEC 61966-2-1, sRGB). */
uint8_t display_number(float light)
{
    const float v = light > 0 ? std::min(light, 1.0f) : 0.0f; /* 0 for NaN */
    const float s = v <= 0.0031308f ? 12.92f * v : 1.055f * powf(v, 1 / 2.4f) - 0.055f;
    return (uint8_t)(255.0f * s + 0.5f);
}

/* A picture of light, in grey or colours; one of whole numbers remains. OpenCV's own conversion
 * cuts the fractions off, which leaves black. */
cv::Mat decode_light(uint8_t *content, size_t size)
{
    const cv::Mat light = decode_bytes(content, size, cv::IMREAD_ANYDEPTH);
    if (light.type() != CV_32FC3 && light.type() != CV_32FC1)
        return light;
    cv::Mat shown(light.size(), CV_8UC3);
    const size_t n = (size_t)light.cols * 3, step = light.channels() == 3 ? 1 : 3;
    for (int y = 0; y < light.rows; y++)
        for (size_t i = 0; i < n; i++)
            shown.ptr(y)[i] = display_number(light.ptr<float>(y)[i / step]);
    return shown;
}

/* OpenCV knows no animated WebP: the first frame, on a black canvas. */
cv::Mat decode_animation(uint8_t *content, size_t size, const struct wt_picture_head &head)
{
    struct wt_webp_frame frame;
    if (!wt_webp_first_frame(content, size, &frame))
        return cv::Mat();
    std::vector<uint8_t> file = lone_webp(content, frame);
    const cv::Mat first = decode_bytes(file.data(), file.size());
    const cv::Rect place((int)frame.x, (int)frame.y, first.cols, first.rows);
    const cv::Rect canvas(0, 0, (int)head.width, (int)head.height);
    if (first.empty() || place == canvas || (place & canvas) != place)
        return first;
    cv::Mat whole(canvas.size(), CV_8UC3, cv::Scalar::all(0));
    first.copyTo(whole(place));
    return whole;
}

/* Upright pixels in memory of ours. */
enum wt_status keep(struct wt_picture *out, const uint8_t *from, ptrdiff_t stride, int width,
                    int height, int orientation)
{
    const bool swap = wt_orient_swaps(orientation);
    const int w = swap ? height : width, h = swap ? width : height;
    const size_t row = (size_t)w * 3;
    uint8_t *pixels = (uint8_t *)malloc(row * (size_t)h);
    if (!pixels)
        return WT_ERR_MEMORY;
    wt_orient(orientation, from, stride, width, height, pixels, (ptrdiff_t)row);
    out->pixels = pixels;
    out->image = {pixels, w, h, (ptrdiff_t)row, WT_PIXEL_BGR24};
    return WT_OK;
}

/* What OpenCV could not read. */
enum wt_status decode_otherwise(struct wt_picture *out, const uint8_t *content, size_t size,
                                const struct wt_picture_head &head, char *reason,
                                size_t reason_size)
{
    struct wt_picture stored = {};
    enum wt_status status = fallback ? fallback(content, size, &stored) : WT_ERR_FORMAT;
    if (status == WT_ERR_MEMORY)
        return refuse(reason, reason_size, status, "out of memory");
    if (status) {
        snprintf(reason, reason_size, "a %s picture of a kind that cannot be read here, or damaged",
                 wt_picture_kind_name(head.kind));
        return status;
    }
    const struct wt_image &image = stored.image;
    if (head.orientation == 1) {
        out->image = stored.image;
        out->pixels = stored.pixels;
        return WT_OK;
    }
    status = keep(out, stored.pixels, image.stride, image.width, image.height, head.orientation);
    wt_picture_fini(&stored);
    return status ? refuse(reason, reason_size, status, "out of memory") : WT_OK;
}

/* Decodes a file's content. */
enum wt_status decode(struct wt_picture *out, uint8_t *content, size_t size, char *reason,
                      size_t reason_size)
{
    struct wt_picture_head head;
    wt_picture_head(content, size, &head);
    if (!fits(head.width, head.height, reason, reason_size))
        return WT_ERR_FORMAT;
    if (const char *damage = wt_picture_damage(content, size)) {
        snprintf(reason, reason_size, "a picture, but %s", damage);
        return WT_ERR_FORMAT;
    }
    wt_route_opencv_errors();
    wt_route_codec_messages();
    const bool animated = head.kind == WT_PICTURE_WEBP && head.frames > 1;
    const bool foreign =
        head.kind == WT_PICTURE_GIF || head.kind == WT_PICTURE_HEIF || head.kind == WT_PICTURE_JXL;
    cv::Mat mat;
    if (size > 0 && !foreign)
        mat = animated     ? decode_animation(content, size, head)
              : head.light ? decode_light(content, size)
                           : decode_bytes(content, size);
    out->frames = head.frames;
    if (foreign)
        return decode_otherwise(out, content, size, head, reason, reason_size);
    if (mat.empty() || mat.type() != CV_8UC3)
        return refuse(reason, reason_size, WT_ERR_FORMAT, "not a picture, or a damaged one");
    if (!fits(mat.cols, mat.rows, reason, reason_size))
        return WT_ERR_FORMAT;
    /* the decoder of TIFF turns the picture itself */
    const int orientation = head.kind == WT_PICTURE_TIFF ? 1 : head.orientation;
    const enum wt_status status =
        keep(out, mat.ptr(), (ptrdiff_t)mat.step, mat.cols, mat.rows, orientation);
    return status ? refuse(reason, reason_size, status, "out of memory") : WT_OK;
}

} // namespace

enum wt_status wt_picture_decode(struct wt_picture *out, const char *path, char *reason,
                                 size_t size)
{
    try {
        uint8_t *content = nullptr;
        size_t bytes = 0;
        reason[0] = '\0';
        const enum wt_status status =
            wt_file_read_quiet(path, file_max, &content, &bytes, reason, size);
        if (status)
            return status;
        const std::unique_ptr<uint8_t, void (*)(void *)> owner(content, free);
        return decode(out, content, bytes, reason, size);
    } catch (const std::exception &) {
        return refuse(reason, size, WT_ERR_MEMORY, "out of memory");
    }
}

enum wt_status wt_picture_read(struct wt_picture *out, const char *path)
{
    char reason[128];
    const enum wt_status status = wt_picture_decode(out, path, reason, sizeof reason);
    if (!status && out->frames > 1)
        wt_log(WT_LOG_WARN, "%s: several pictures in it; only the first is read", path);
    return status ? wt_fail(status, "%s: %s", path, reason) : status;
}

void wt_picture_set_fallback(wt_picture_fallback *decode)
{
    fallback = decode;
}

namespace
{

/* false: the format cannot hold it. */
bool encode(const struct wt_image *image, const char *extension, std::vector<uint8_t> &bytes)
{
    const bool gray = image->format == WT_PIXEL_GRAY8;
    cv::Mat mat(image->height, image->width, gray ? CV_8UC1 : CV_8UC3,
                const_cast<uint8_t *>(image->data), (size_t)image->stride);
    if (image->format == WT_PIXEL_RGB24) {
        cv::Mat swapped(mat.size(), CV_8UC3);
        const int from_to[] = {0, 2, 1, 1, 2, 0};
        cv::mixChannels(&mat, 1, &swapped, 1, from_to, 3);
        mat = swapped;
    }
    return wt_picture_codecs_get()->encode(extension, mat, bytes, {});
}

} // namespace

enum wt_status wt_picture_encode(const struct wt_image *image, const char *extension,
                                 uint8_t **bytes, size_t *size)
{
    try {
        wt_route_opencv_errors();
        std::vector<uint8_t> file;
        if (!encode(image, extension, file))
            return wt_fail(WT_ERR_UNSUPPORTED, "the picture cannot be encoded");
        *bytes = (uint8_t *)malloc(file.size());
        if (!*bytes)
            return wt_fail(WT_ERR_MEMORY, "picture: out of memory");
        memcpy(*bytes, file.data(), file.size());
        *size = file.size();
        return WT_OK;
    } catch (const cv::Exception &) {
        return wt_fail(WT_ERR_UNSUPPORTED, "the picture cannot be encoded");
    } catch (const std::exception &) {
        return wt_fail(WT_ERR_MEMORY, "picture: out of memory");
    }
}

enum wt_status wt_picture_write(const struct wt_image *image, const char *path)
{
    try {
        wt_route_opencv_errors();
        const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
        if (!dot || (slash && dot < slash) || !wt_picture_codecs_get()->can_write(dot))
            return wt_fail(WT_ERR_UNSUPPORTED, "%s: no picture format has this file extension",
                           path);
        std::vector<uint8_t> bytes;
        if (!encode(image, dot, bytes))
            return wt_fail(WT_ERR_UNSUPPORTED, "%s: the picture cannot be encoded", path);
        return write_file(bytes, path);
    } catch (const cv::Exception &) {
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: the picture cannot be encoded", path);
    } catch (const std::exception &) {
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    }
}

enum wt_status wt_picture_square_jpeg(const struct wt_image *image, int left, int top, int side,
                                      int out_side, uint8_t **bytes, size_t *size)
{
    const int quality = 88;
    assert(wt_image_check(image) == WT_OK);
    if (side < 1 || side > side_max || out_side < 1 || out_side > side_max)
        return wt_fail(WT_ERR_ARGUMENT, "picture: a square of %d pixels cannot be taken", side);
    try {
        const cv::Mat frame(image->height, image->width,
                            image->format == WT_PIXEL_GRAY8 ? CV_8UC1 : CV_8UC3,
                            const_cast<uint8_t *>(image->data), (size_t)image->stride);
        const cv::Rect wanted(left, top, side, side);
        const cv::Rect there = wanted & cv::Rect(0, 0, image->width, image->height);
        cv::Mat region(side, side, frame.type(), cv::Scalar::all(128)), small;
        if (!there.empty())
            frame(there).copyTo(region(there - wanted.tl()));
        cv::resize(region, small, cv::Size(out_side, out_side), 0, 0,
                   side > out_side ? cv::INTER_AREA : cv::INTER_CUBIC);
        if (image->format == WT_PIXEL_RGB24)
            cv::cvtColor(small, small, cv::COLOR_RGB2BGR);
        std::vector<uint8_t> jpeg;
        wt_picture_codecs_get()->encode(".jpg", small, jpeg, {cv::IMWRITE_JPEG_QUALITY, quality});
        uint8_t *copy = (uint8_t *)malloc(jpeg.size());
        if (!copy)
            return wt_fail(WT_ERR_MEMORY, "picture: out of memory");
        memcpy(copy, jpeg.data(), jpeg.size());
        *bytes = copy;
        *size = jpeg.size();
        return WT_OK;
    } catch (const std::exception &) {
        return wt_fail(WT_ERR_MEMORY, "picture: out of memory");
    }
}
