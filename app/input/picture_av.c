/* Pictures that OpenCV does not know, decoded with libav: GIF, AVIF, JPEG XL, and HEIC where libav
 * can. */
#include "input/av.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "face/picture.h"
#include "input/libav.h"
#include "input/video_open.h"
#include "input/video_pixels.h"

#define FORMATS "gif,mov,jpegxl_pipe"
#define BUFFER 4096

/* A file in memory, as libav reads it. */
struct memory {
    const uint8_t *bytes;
    int64_t size, at;
};

static int memory_read(void *opaque, uint8_t *to, int size)
{
    struct memory *m = opaque;
    const int64_t left = m->size - m->at, n = size < left ? size : left;
    if (n <= 0)
        return AVERROR_EOF;
    memcpy(to, m->bytes + m->at, (size_t)n);
    m->at += n;
    return (int)n;
}

static int64_t memory_seek(void *opaque, int64_t offset, int whence)
{
    struct memory *m = opaque;
    if (whence & AVSEEK_SIZE)
        return m->size;
    const int64_t base = (whence & ~AVSEEK_FORCE) == SEEK_CUR   ? m->at
                         : (whence & ~AVSEEK_FORCE) == SEEK_END ? m->size
                                                                : 0;
    if (base + offset < 0 || base + offset > m->size)
        return AVERROR(EINVAL);
    return m->at = base + offset;
}

/* Opens the format; its reader is the caller's to free in any case. */
static int open_memory(AVFormatContext **format, AVIOContext *io)
{
    AVDictionary *options = NULL;
    *format = wt_av()->avformat_alloc_context();
    if (!*format)
        return AVERROR(ENOMEM);
    (*format)->pb = io;
    av_dict_set(&options, "format_whitelist", FORMATS, 0);
    int rc = wt_av()->avformat_open_input(format, NULL, NULL, &options);
    av_dict_free(&options);
    return rc < 0 ? rc : wt_av()->avformat_find_stream_info(*format, NULL);
}

/* The first picture that the decoder gives; 0 or libav's error. */
static int first_picture(struct wt_video_file *f, AVPacket *packet, AVFrame *frame)
{
    for (;;) {
        int rc = wt_av()->avcodec_receive_frame(f->codec, frame);
        if (rc != AVERROR(EAGAIN))
            return rc;
        rc = wt_av()->av_read_frame(f->format, packet);
        if (rc < 0)
            rc = wt_av()->avcodec_send_packet(f->codec, NULL);
        else if (packet->stream_index == f->stream->index)
            rc = wt_av()->avcodec_send_packet(f->codec, packet);
        wt_av()->av_packet_unref(packet);
        if (rc < 0 && rc != AVERROR(EAGAIN))
            return rc;
    }
}

static bool take_pixels(struct wt_frame *frame, struct wt_picture *out)
{
    const struct wt_image *image = &frame->image;
    const size_t row = (size_t)image->width * 3;
    out->pixels = malloc(row * (size_t)image->height);
    if (!out->pixels)
        return false;
    for (int y = 0; y < image->height; y++)
        memcpy(out->pixels + row * (size_t)y, frame->pixels + y * image->stride, row);
    out->image =
        (struct wt_image){out->pixels, image->width, image->height, (ptrdiff_t)row, WT_PIXEL_BGR24};
    return true;
}

/* Orientation is the caller's: the file's own fields, which this version of libav does not read. */
static enum wt_status convert(struct wt_video_file *f, struct wt_picture *out)
{
    struct wt_video_pixels pixels = {NULL};
    struct wt_frame *frame = NULL;
    AVPacket *packet = wt_av()->av_packet_alloc();
    AVFrame *decoded = av_frame_alloc();
    enum wt_status status = packet && decoded ? WT_OK : WT_ERR_MEMORY;
    if (!status && first_picture(f, packet, decoded) < 0)
        status = WT_ERR_FORMAT;
    if (!status)
        status = wt_video_pixels_convert(&pixels, decoded, (AVRational){0, 1},
                                         (struct wt_turn){.orientation = 1}, "picture", &frame);
    if (!status && !take_pixels(frame, out))
        status = WT_ERR_MEMORY;
    wt_frame_unref(&frame);
    wt_video_pixels_fini(&pixels);
    av_frame_free(&decoded);
    wt_av()->av_packet_free(&packet);
    return status;
}

static enum wt_status decode(const uint8_t *bytes, size_t size, struct wt_picture *out)
{
    struct memory memory = {bytes, (int64_t)size, 0};
    struct wt_video_file file = {.pipe = -1};
    uint8_t *buffer = av_malloc(BUFFER);
    AVIOContext *io = buffer ? wt_av()->avio_alloc_context(buffer, BUFFER, 0, &memory, memory_read,
                                                           NULL, memory_seek)
                             : NULL;
    enum wt_status status = io ? WT_OK : WT_ERR_MEMORY;
    const enum wt_log_level level = wt_fail_level(WT_LOG_DEBUG); /* the reason is the caller's */
    if (!status && open_memory(&file.format, io) < 0)
        status = WT_ERR_FORMAT;
    if (!status)
        status = wt_video_file_decoder(&file, "picture");
    if (!status)
        status = convert(&file, out);
    wt_fail_level(level);
    wt_video_file_close(&file);
    if (io)
        av_freep(&io->buffer);
    else
        av_free(buffer);
    wt_av()->avio_context_free(&io);
    return status && status != WT_ERR_MEMORY ? WT_ERR_FORMAT : status;
}

static void set(void)
{
    wt_av_init();
    wt_picture_set_fallback(decode);
}

void wt_picture_av_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set);
}
