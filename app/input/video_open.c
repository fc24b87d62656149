#include "input/video_open.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "face/picture_head.h"
#include "input/av.h"
#include "input/libav.h"

/* Containers that hold video. libav also reads playlists, text, and game files, which are never
 * meant here; some of them wait for ever for a missing file. */
#define CONTAINERS                                                                                 \
    "apng,asf,av1,avi,dirac,dv,flv,gif,gxf,h261,h263,h264,hevc,ivf,live_flv,m4v,matroska,mjpeg,"   \
    "mov,mpeg,mpegts,mpegvideo,mxf,nsv,nut,obu,ogg,rm,vc1,wtv,yuv4mpegpipe"

#define PIPE_WAIT_MS 10000      /* for the first bytes of a pipe */
#define PIPE_WAIT_US "30000000" /* for more of them */
#define ADDRESS_WAIT_US "15000000"

/* ---- addresses ------------------------------------------------------------------------------- */

/* Each network protocol that is read, with what it is made of. */
static const char *const schemes[] = {"http",  "https", "rtsp", "rtsps", "rtmp",
                                      "rtmps", "rtmpt", "udp",  "tcp",   "rtp"};
#define ADDRESS_PROTOCOLS                                                                          \
    "http,https,httpproxy,tcp,tls,udp,rtp,rtsp,rtmp,rtmps,rtmpt,rtmpts,ffrtmphttp,crypto,data"
/* A camera's address may deliver a playlist of pieces, or one picture. */
#define ADDRESS_FORMATS                                                                            \
    CONTAINERS                                                                                     \
    ",hls,rtsp,rtp,sdp,mpjpeg,jpeg_pipe,png_pipe,webp_pipe,bmp_pipe,tiff_pipe,jpegxl_pipe"

size_t wt_address_scheme(const char *input)
{
    size_t n = isalpha((unsigned char)*input) ? 1 : 0;
    while (n && (isalnum((unsigned char)input[n]) || strchr("+-.", input[n] ? input[n] : ' ')))
        n++;
    return n > 1 && strncmp(input + n, "://", 3) == 0 ? n : 0;
}

static bool known_scheme(const char *input, size_t n)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strlen(schemes[i]) == n && strncasecmp(input, schemes[i], n) == 0)
            return true;
    return false;
}

/* ---- opening --------------------------------------------------------------------------------- */

bool wt_video_given_up(const struct wt_source_spec *spec)
{
    return spec->give_up && spec->give_up(spec->give_up_user);
}

static int must_stop(void *context)
{
    return wt_video_given_up(context);
}

/* Waits for the writer of a pipe. Opened without O_NONBLOCK, one that nobody writes to would hang
 * the program in open(). */
static enum wt_status open_pipe(struct wt_video_file *f, const struct wt_source_spec *spec)
{
    enum { SLICE_MS = 100 };
    const char *path = spec->input;
    f->pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (f->pipe < 0)
        return wt_fail(WT_ERR_IO, "%s: %s", path, strerror(errno));
    struct pollfd wait = {.fd = f->pipe, .events = POLLIN};
    int ready = 0;
    for (int ms = 0; ready <= 0 && ms < PIPE_WAIT_MS; ms += SLICE_MS) {
        if (wt_video_given_up(spec))
            return wt_fail(WT_ERR_IO, "%s: no longer waited for", path);
        ready = poll(&wait, 1, SLICE_MS);
    }
    if (ready <= 0)
        return wt_fail(WT_ERR_IO, "%s: a pipe into which no program writes", path);
    return WT_OK;
}

/* A file of JPEG pictures one after the other: libav's probing calls some of them single. */
static const AVInputFormat *format_of(const char *path)
{
    static const enum wt_picture_kind jpeg = WT_PICTURE_JPEG;
    uint8_t head[16] = {0};
    FILE *file = fopen(path, "rbe");
    if (!file)
        return NULL;
    const size_t n = fread(head, 1, sizeof head, file);
    fclose(file);
    return wt_picture_kind(head, n) == jpeg ? wt_av()->av_find_input_format("mjpeg") : NULL;
}

/* Fills url and the options for what the input is. A playlist in a file must not make the program
 * open network addresses. */
static enum wt_status prepare(struct wt_video_file *f, const struct wt_source_spec *spec,
                              char **url, const AVInputFormat **format, AVDictionary **options)
{
    const char *input = spec->input;
    struct stat st;
    enum wt_status status = WT_OK;
    int rc = 0;
    const bool there = stat(input, &st) == 0;
    if (there && S_ISFIFO(st.st_mode)) {
        status = open_pipe(f, spec);
        rc = asprintf(url, "pipe:%d", f->pipe);
        av_dict_set(options, "protocol_whitelist", "pipe", 0);
        av_dict_set(options, "rw_timeout", PIPE_WAIT_US, 0);
    } else if (!there && wt_address_scheme(input)) {
        const size_t n = wt_address_scheme(input);
        if (!known_scheme(input, n))
            return wt_fail(WT_ERR_ARGUMENT,
                           "%s: addresses of this kind cannot be read; http, https, rtsp, rtmp, "
                           "udp, tcp and rtp can",
                           input);
        rc = asprintf(url, "%s", input);
        av_dict_set(options, "protocol_whitelist", ADDRESS_PROTOCOLS, 0);
        av_dict_set(options, "rw_timeout", ADDRESS_WAIT_US, 0);
        if (strncasecmp(input, "rtsp", 4) == 0)
            av_dict_set(options, "timeout", ADDRESS_WAIT_US, 0);
        av_dict_set(options, "format_whitelist", ADDRESS_FORMATS, 0);
        return rc < 0 ? WT_ERR_MEMORY : WT_OK;
    } else {
        rc = asprintf(url, "file:%s", input);
        av_dict_set(options, "protocol_whitelist", "file", 0);
        *format = there && S_ISREG(st.st_mode) ? format_of(input) : NULL;
    }
    av_dict_set(options, "format_whitelist", CONTAINERS, 0);
    if (rc < 0)
        *url = NULL;
    return rc < 0 ? WT_ERR_MEMORY : status;
}

static enum wt_status open_format(struct wt_video_file *f, const struct wt_source_spec *spec,
                                  const char *url, const AVInputFormat *format,
                                  AVDictionary **options)
{
    const char *path = spec->input;
    f->format = wt_av()->avformat_alloc_context();
    if (!f->format)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    f->format->interrupt_callback = (AVIOInterruptCB){must_stop, (void *)spec};
    /* frees it on failure */
    int rc = wt_av()->avformat_open_input(&f->format, url, format, options);
    const bool opened = rc >= 0;
    if (opened)
        rc = wt_av()->avformat_find_stream_info(f->format, NULL);
    if (wt_video_given_up(spec)) /* what there is may be a part */
        return wt_fail(WT_ERR_IO, "%s: no longer waited for", path);
    if (rc >= 0)
        return WT_OK;
    if (opened)
        return wt_fail(WT_ERR_FORMAT, "%s: damaged: %s", path, wt_av_error(rc).text);
    if (rc == AVERROR_INVALIDDATA || rc == AVERROR(EINVAL) || rc == AVERROR_EOF)
        return wt_fail(WT_ERR_FORMAT, "%s: neither a video nor a picture, or damaged", path);
    return wt_fail(WT_ERR_IO, "%s: %s", path, wt_av_error(rc).text);
}

enum wt_status wt_video_file_open(struct wt_video_file *f, const struct wt_source_spec *spec)
{
    char *url = NULL;
    const AVInputFormat *format = NULL;
    AVDictionary *options = NULL;
    *f = (struct wt_video_file){.pipe = -1};
    enum wt_status status = prepare(f, spec, &url, &format, &options);
    if (status == WT_ERR_MEMORY)
        status = wt_fail(status, "%s: out of memory", spec->input);
    if (status == WT_OK)
        status = open_format(f, spec, url, format, &options);
    av_dict_free(&options);
    free(url);
    return status == WT_OK ? wt_video_file_decoder(f, spec->input) : status;
}

enum wt_status wt_video_file_decoder(struct wt_video_file *f, const char *name)
{
    const AVCodec *decoder = NULL;
    int index = wt_av()->av_find_best_stream(f->format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    if (index == AVERROR_DECODER_NOT_FOUND)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: no decoder for this kind of video", name);
    if (index < 0)
        return wt_fail(WT_ERR_FORMAT, "%s: has no video in it", name);
    f->stream = f->format->streams[index];
    if (f->stream->disposition & AV_DISPOSITION_ATTACHED_PIC) /* cover picture of an audio file */
        return wt_fail(WT_ERR_FORMAT, "%s: has no video in it", name);
    f->codec = wt_av()->avcodec_alloc_context3(decoder);
    if (!f->codec || wt_av()->avcodec_parameters_to_context(f->codec, f->stream->codecpar) < 0)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", name);
    if ((int64_t)f->codec->width * f->codec->height > WT_VIDEO_PIXELS_MAX ||
        f->codec->width > WT_FRAME_SIDE_MAX || f->codec->height > WT_FRAME_SIDE_MAX)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: frames of %dx%d, more than %d a side", name,
                       f->codec->width, f->codec->height, WT_FRAME_SIDE_MAX);
    f->codec->max_pixels = WT_VIDEO_PIXELS_MAX;
    f->codec->pkt_timebase = f->stream->time_base;
    f->codec->thread_count = 2; /* the network needs the other cores */
    int rc = wt_av()->avcodec_open2(f->codec, decoder, NULL);
    if (rc < 0)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: %s", name, wt_av_error(rc).text);
    if (f->codec->width < 1 || f->codec->height < 1)
        return wt_fail(WT_ERR_FORMAT, "%s: damaged: no frame can be read", name);
    return WT_OK;
}

void wt_video_file_close(struct wt_video_file *f)
{
    wt_av()->avcodec_free_context(&f->codec);
    wt_av()->avformat_close_input(&f->format);
    if (f->pipe >= 0)
        close(f->pipe);
    f->pipe = -1;
    f->stream = NULL;
}
