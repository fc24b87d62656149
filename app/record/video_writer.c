#include "record/video_writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "input/av.h"
#include "input/libav.h"
#include "record/container.h"
#include "record/sound_track.h"
#include "record/video_encoder.h"
#include "record/video_picture.h"

/* Matroska counts milliseconds, so the muxer would round finer times, and MPEG-4's finest time base
 * is 1/65535. */
#define TICKS 1000

#define SIDE_MAX 16384 /* what H.264 encoders take */

struct wt_video_writer {
    struct wt_container file;
    struct wt_video_picture picture;
    AVCodecContext *codec;
    AVStream *stream; /* belongs to file.format */
    AVPacket *packet;
    struct wt_sound_track *sound[WT_SOUNDS_MAX]; /* NULL: none */
    char path[1024];
    bool live, started, failed;
    int64_t origin_us, last_tick, frames;
};

static enum wt_status fail_write(struct wt_video_writer *w, int rc)
{
    w->failed = true;
    wt_container_cut(&w->file);
    const char *why = w->file.error ? strerror(w->file.error) : wt_av_error(rc).text;
    if (!w->started)
        return wt_fail(WT_ERR_IO, "%s: %s", w->path, why);
    return wt_fail(WT_ERR_IO, "%s: recording stopped: %s; %s", w->path, why,
                   w->file.place.replaces         ? "what was there before is unchanged"
                   : wt_container_stays(&w->file) ? "the file keeps what was written"
                                                  : "there is no picture to keep");
}

/* picture NULL: the end. Returns 0 or libav's error. */
static int encode(struct wt_video_writer *w, const AVFrame *picture)
{
    int rc = wt_video_encoder_send(w->codec, picture);
    while (rc >= 0) {
        rc = wt_av()->avcodec_receive_packet(w->codec, w->packet);
        if (rc == AVERROR(EAGAIN) || rc == AVERROR_EOF)
            return 0;
        if (rc < 0)
            break;
        if (!w->packet->duration)
            w->packet->duration = av_rescale_q(1, av_inv_q(w->codec->framerate), //
                                               w->codec->time_base);
        wt_av()->av_packet_rescale_ts(w->packet, w->codec->time_base, w->stream->time_base);
        w->packet->stream_index = w->stream->index;
        rc = wt_container_write(&w->file, w->packet);
    }
    return rc;
}

enum wt_status wt_video_writer_write(struct wt_video_writer *w, const struct wt_frame *frame)
{
    if (w->failed)
        return WT_ERR_IO;
    if (!w->started && w->live)
        w->origin_us = frame->time_us;
    w->started = true;
    enum wt_status status = wt_video_picture_draw(&w->picture, &frame->image, w->path);
    if (status != WT_OK) {
        w->failed = true;
        return status;
    }
    int64_t tick = (frame->time_us - w->origin_us + 500) / (1000000 / TICKS);
    if (tick <= w->last_tick) /* two frames within a millisecond */
        tick = w->last_tick + 1;
    w->last_tick = w->picture.picture->pts = tick;
    int rc = encode(w, w->picture.picture);
    if (rc < 0)
        return fail_write(w, rc);
    w->frames++;
    return WT_OK;
}

enum wt_status wt_video_writer_sound(struct wt_video_writer *w, int which, AVPacket *packet)
{
    int rc = 0;
    packet->dts = packet->pts -= w->origin_us;
    if (w->failed || !w->sound[which])
        wt_av()->av_packet_unref(packet);
    else
        rc = wt_sound_track_write(w->sound[which], packet);
    return w->failed ? WT_ERR_IO : rc < 0 ? fail_write(w, rc) : WT_OK;
}

enum wt_status wt_video_writer_flush(struct wt_video_writer *w)
{
    int rc = w->failed ? 0 : wt_container_flush(&w->file);
    return w->failed ? WT_ERR_IO : rc < 0 ? fail_write(w, rc) : WT_OK;
}

enum wt_status wt_video_writer_tick(struct wt_video_writer *w)
{
    int rc = w->failed ? 0 : wt_container_tick(&w->file);
    return w->failed ? WT_ERR_IO : rc < 0 ? fail_write(w, rc) : WT_OK;
}

/* ---- opening and closing ------------------------------------------------------------------- */

static enum wt_status open_encoder(struct wt_video_writer *w, int width, int height,
                                   const struct wt_video_writer_options *options)
{
    AVFormatContext *format = w->file.format;
    int flags = format->oformat->flags & AVFMT_GLOBALHEADER ? AV_CODEC_FLAG_GLOBAL_HEADER : 0;
    if (options->lossless && strcmp(format->oformat->name, "matroska") != 0)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: a lossless video's name ends in .mkv", w->path);
    enum wt_status status = wt_video_encoder_open(&w->codec, w->path, width, height, flags,
                                                  (AVRational){1, TICKS}, options);
    if (status)
        return status;
    w->stream = wt_av()->avformat_new_stream(format, NULL);
    w->packet = wt_av()->av_packet_alloc();
    if (!w->stream || !w->packet || !wt_video_picture_init(&w->picture, w->codec, width, height) ||
        wt_av()->avcodec_parameters_from_context(w->stream->codecpar, w->codec) < 0)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", w->path);
    w->stream->time_base = w->codec->time_base;
    w->stream->sample_aspect_ratio = w->codec->sample_aspect_ratio;
    if (!w->live)
        w->stream->avg_frame_rate = w->codec->framerate;
    return WT_OK;
}

static enum wt_status open_sounds(struct wt_video_writer *w, const struct wt_sound *const *sound)
{
    enum wt_status status = WT_OK;
    for (int i = 0; i < WT_SOUNDS_MAX && status == WT_OK; i++)
        if (sound[i])
            status = wt_sound_track_open(&w->sound[i], &w->file, sound[i]);
    return status;
}

static void destroy(struct wt_video_writer *w)
{
    for (int i = 0; i < WT_SOUNDS_MAX; i++)
        wt_sound_track_close(&w->sound[i]);
    wt_video_picture_fini(&w->picture);
    wt_av()->av_packet_free(&w->packet);
    wt_av()->avcodec_free_context(&w->codec);
    free(w);
}

static enum wt_status open_writer(struct wt_video_writer **out, const char *path, int width,
                                  int height, const struct wt_video_writer_options *options,
                                  bool *refused)
{
    struct wt_video_writer *w = calloc(1, sizeof *w);
    if (!w)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    w->live = options->live;
    w->last_tick = -1;
    enum wt_status status = WT_OK;
    if (snprintf(w->path, sizeof w->path, "%s", path) >= (int)sizeof w->path)
        status = wt_fail(WT_ERR_ARGUMENT, "the recording's path is too long");
    else if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX)
        status = wt_fail(WT_ERR_UNSUPPORTED, "%s: a video cannot be %dx%d", path, width, height);
    if (status == WT_OK)
        status = wt_container_open(&w->file, path, options->numbered, options->stem);
    if (status == WT_OK)
        status = open_encoder(w, width, height, options);
    if (status == WT_OK)
        status = open_sounds(w, options->sound);
    if (status == WT_OK) {
        int rc = wt_container_start(&w->file);
        *refused = rc < 0 && !w->file.error && (w->sound[0] || w->sound[1]);
        if (rc < 0)
            status = *refused ? WT_ERR_UNSUPPORTED : fail_write(w, rc);
    }
    if (status != WT_OK) {
        wt_container_close(&w->file, WT_KEEP_NOTHING);
        destroy(w);
        return status;
    }
    *out = w;
    return WT_OK;
}

enum wt_status wt_video_writer_open(struct wt_video_writer **out, const char *path, int width,
                                    int height, const struct wt_video_writer_options *options)
{
    bool refused = false;
    struct wt_video_writer_options silent = *options;
    enum wt_status status = open_writer(out, path, width, height, options, &refused);
    if (!refused)
        return status;
    wt_log(WT_LOG_WARN, "%s: the sound does not fit into the file; it goes without", path);
    memset(silent.sound, 0, sizeof silent.sound);
    return open_writer(out, path, width, height, &silent, &refused);
}

enum wt_status wt_video_writer_close(struct wt_video_writer **writer, enum wt_keep keep)
{
    struct wt_video_writer *w = *writer;
    enum wt_status status = WT_OK;
    *writer = NULL;
    if (!w)
        return WT_OK;
    if (w->frames == 0 || w->failed)
        keep = WT_KEEP_NOTHING; /* more than there is */
    if (keep) {
        int rc = encode(w, NULL);
        for (int i = 0; i < WT_SOUNDS_MAX && rc >= 0; i++)
            rc = w->sound[i] ? wt_sound_track_finish(w->sound[i]) : 0;
        if (rc >= 0)
            rc = wt_container_finish(&w->file);
        if (rc < 0)
            status = fail_write(w, rc);
    }
    enum wt_status closing = wt_container_close(&w->file, status ? WT_KEEP_NOTHING : keep);
    destroy(w);
    return status != WT_OK ? status : closing;
}

int64_t wt_video_writer_time(const struct wt_video_writer *w)
{
    return w->last_tick * (1000000 / TICKS);
}

int64_t wt_video_writer_bytes(const struct wt_video_writer *w)
{
    return w->file.bytes;
}

const char *wt_video_writer_codec(const struct wt_video_writer *w)
{
    return w->codec->codec->name;
}

const char *wt_video_writer_path(const struct wt_video_writer *w)
{
    return w->file.place.target;
}

bool wt_video_writer_placed(const struct wt_video_writer *w)
{
    return !w->file.place.part;
}
