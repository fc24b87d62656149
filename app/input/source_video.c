/* Video files, read with libav rather than with OpenCV's wrapper, which cannot distinguish the end
 * of a file from damage, rounds time stamps, and ignores the colour matrix. */
#include "base/paths.h"
#include "input/libav.h"
#include "input/source_internal.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "face/orient.h"
#include "input/av.h"
#include "input/matroska_end.h"
#include "input/sound.h"
#include "input/video_open.h"
#include "input/video_pixels.h"

/* Times that start again within a file, or leave a gap, as where parts of a DVD or of a stream were
 * put one behind another: from there on they are later by `shift`, so that one part follows the
 * other. */
struct restart {
    int64_t last_us; /* where the last packet ends, in order of decoding; INT64_MIN: none yet */
    int64_t end_us;  /* where the last of all that were shown ends */
    int64_t shift_us;
};
#define RESTART_US 1000000 /* less far back is disorder */
#define GAP_US 10000000    /* less far ahead is what was lost, or nothing to show for a while */
#define FIRST_BACK_US 1000000
#define TIME_MAX_US ((int64_t)1 << 60) /* beyond it: nonsense, whose sums overflow */

struct video {
    struct wt_source_spec spec; /* asked while a read waits; its strings belong to the caller */
    struct wt_video_file file;
    struct wt_video_pixels pixels;
    AVPacket *packet;
    AVFrame *decoded;
    struct wt_sound *sound; /* NULL: none */
    int sound_stream;
    char name[256];
    int64_t origin; /* time stamp of the beginning, in the stream's time base */
    struct restart picture_times, sound_times;
    int64_t shift_us;  /* the newest, of either */
    int64_t last_us;   /* time of the last decoded frame, -1: none */
    int64_t step_us;   /* nominal time from frame to frame */
    int64_t skip_to;   /* after a seek: frames before this time are passed over */
    int64_t wanted_us; /* of a seek without an index, until its first frame; else 0 */
    int64_t back_us;   /* how far before that it began */
    int64_t promised;  /* packets that the container says there are; 0: it does not say */
    int64_t packets;   /* read since the beginning */
    int64_t count;     /* frames decoded since the beginning */
    bool draining;     /* the file has ended, the decoder has not */
    bool warned;       /* one line about damage is enough */
    bool broke_off;    /* it ended before its time */
    bool cut;          /* the file says that it was longer */
    bool sought;       /* the count no longer tells the position */
};

static void video_close(void *self)
{
    struct video *v = self;
    wt_video_pixels_fini(&v->pixels);
    wt_sound_unref(&v->sound);
    av_frame_free(&v->decoded);
    wt_av()->av_packet_free(&v->packet);
    wt_video_file_close(&v->file);
    free(v);
}

static void warn_once(struct video *v, const char *what)
{
    if (!v->warned)
        wt_log(WT_LOG_WARN, "%s: %s; continuing with what can be read", v->name, what);
    v->warned = true;
}

/* ---- pixels -------------------------------------------------------------------------------- */

static AVRational pixel_shape(struct video *v, AVFrame *frame)
{
    return wt_av()->av_guess_sample_aspect_ratio(v->file.format, v->file.stream, frame);
}

static const int32_t *stream_matrix(const struct video *v)
{
    return (const int32_t *)wt_av()->av_stream_get_side_data(v->file.stream,
                                                             AV_PKT_DATA_DISPLAYMATRIX, NULL);
}

/* A frame's own matrix counts more than the container's. */
static struct wt_turn turn_of(const struct video *v)
{
    const AVFrameSideData *own = av_frame_get_side_data(v->decoded, AV_FRAME_DATA_DISPLAYMATRIX);
    return wt_turn_of(own ? (const int32_t *)own->data : stream_matrix(v));
}

/* ---- reading ------------------------------------------------------------------------------- */

/* What libav could not do: a lack of memory is no damage, and ends the reading. */
static enum wt_status bear(struct video *v, int rc, const char *what)
{
    if (rc == AVERROR(ENOMEM))
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory for a frame", v->name);
    warn_once(v, what);
    return WT_OK;
}

static void forget_restarts(struct video *v)
{
    v->picture_times = v->sound_times = (struct restart){.last_us = INT64_MIN, .end_us = INT64_MIN};
    v->shift_us = 0;
}

static bool has_index(const struct video *v)
{
    return !(v->file.format->iformat->flags & AVFMT_TS_DISCONT);
}

/* Has the packet's times go on where its stream's last ones ended. What one stream finds out the
 * other takes over when it comes to that place, so that they stay in step. */
static void mend_times(struct video *v, struct restart *r, AVRational base)
{
    AVPacket *p = v->packet;
    if (p->dts == AV_NOPTS_VALUE)
        return;
    const int64_t t = av_rescale_q(p->dts, base, AV_TIME_BASE_Q);
    const int64_t shown = p->pts == AV_NOPTS_VALUE ? t : av_rescale_q(p->pts, base, AV_TIME_BASE_Q);
    if (t < -TIME_MAX_US || t > TIME_MAX_US || shown < -TIME_MAX_US || shown > TIME_MAX_US)
        return;
    const bool first = r->last_us == INT64_MIN;
    const int64_t ahead = first ? 0 : t + r->shift_us - r->last_us;
    if (ahead < -RESTART_US || (ahead > GAP_US && !has_index(v))) {
        if (r->shift_us == v->shift_us)
            v->shift_us = r->end_us - shown;
        r->shift_us = v->shift_us;
        warn_once(v, ahead < 0 ? "its times start again" : "its times leave a gap");
    }
    const int64_t shift = av_rescale_q(r->shift_us, AV_TIME_BASE_Q, base);
    p->dts += shift;
    if (p->pts != AV_NOPTS_VALUE)
        p->pts += shift;
    const int64_t length = p->duration > 0 ? av_rescale_q(p->duration, base, AV_TIME_BASE_Q)
                           : r == &v->picture_times ? v->step_us
                                                    : 0;
    r->last_us = t + r->shift_us + length;
    if (shown + r->shift_us + length > r->end_us)
        r->end_us = shown + r->shift_us + length;
}

/* Gives the decoder the next packet of our stream, or the end. */
static enum wt_status send_packet(struct video *v)
{
    enum wt_status status = WT_OK;
    int rc = wt_av()->av_read_frame(v->file.format, v->packet);
    if (rc < 0) {
        if (wt_video_given_up(&v->spec))
            return WT_END;
        if (rc != AVERROR_EOF) {
            status = bear(v, rc, "damaged or cut off");
            v->broke_off = true;
        }
        v->draining = true;
        wt_av()->avcodec_send_packet(v->file.codec, NULL);
        return status;
    }
    if (v->packet->stream_index == v->file.stream->index) {
        v->packets++;
        mend_times(v, &v->picture_times, v->file.stream->time_base);
        if (v->packet->flags & AV_PKT_FLAG_CORRUPT)
            warn_once(v, "damaged or cut off");
        rc = wt_av()->avcodec_send_packet(v->file.codec, v->packet);
        if (rc < 0 && rc != AVERROR(EAGAIN))
            status = bear(v, rc, "damaged");
    } else if (v->sound && v->packet->stream_index == v->sound_stream) {
        const AVRational base = v->file.format->streams[v->sound_stream]->time_base;
        mend_times(v, &v->sound_times, base);
        wt_sound_put(v->sound, v->packet, base,
                     av_rescale_q(v->origin, v->file.stream->time_base, base));
    }
    wt_av()->av_packet_unref(v->packet);
    return status;
}

static void check_length(struct video *v)
{
    char text[96];
    if (!v->sought && v->cut) {
        warn_once(v, "damaged or cut off");
        v->broke_off = true;
    }
    if (v->sought || v->promised <= 0 || v->packets >= v->promised)
        return;
    snprintf(text, sizeof text, "ends after %lld of %lld frames", (long long)v->count,
             (long long)(v->count + v->promised - v->packets));
    warn_once(v, text);
    v->broke_off = true;
}

static struct wt_sound *video_sound(void *self)
{
    const struct video *v = self;
    return v->sound;
}

static bool video_broke_off(void *self)
{
    const struct video *v = self;
    return v->broke_off;
}

static int64_t frame_time(struct video *v)
{
    int64_t pts = v->decoded->best_effort_timestamp, t;
    if (pts == AV_NOPTS_VALUE)
        t = v->last_us < 0 ? 0 : v->last_us + v->step_us;
    else
        t = av_rescale_q(pts - v->origin, v->file.stream->time_base, AV_TIME_BASE_Q);
    if (t <= v->last_us)
        t = v->last_us + 1;
    return t < 0 ? 0 : t;
}

static enum wt_status go_to(struct video *v, int64_t time_us)
{
    AVStream *stream = v->file.stream;
    int64_t at = v->origin + av_rescale_q(time_us, AV_TIME_BASE_Q, stream->time_base);
    if (stream->start_time != AV_NOPTS_VALUE && at < stream->start_time)
        at = stream->start_time;
    /* The start is where the file starts: streams without an index (MPEG-TS, MPEG-PS) are searched
     * by decoding times, which for the first picture are earlier, and its successor is found. */
    int rc = -1;
    if (time_us == 0 && !has_index(v))
        rc = wt_av()->av_seek_frame(v->file.format, -1, 0, AVSEEK_FLAG_BYTE);
    if (rc < 0)
        rc = wt_av()->av_seek_frame(v->file.format, stream->index, at, AVSEEK_FLAG_BACKWARD);
    if (rc < 0 && time_us == 0) /* others without an index can be read from the start, too */
        rc = wt_av()->av_seek_frame(v->file.format, -1, 0, AVSEEK_FLAG_BYTE);
    if (rc < 0)
        return wt_fail(WT_ERR_IO, "%s: cannot go to %.2f s: %s", v->name, (double)time_us / 1e6,
                       wt_av_error(rc).text);
    wt_av()->avcodec_flush_buffers(v->file.codec);
    forget_restarts(v);
    v->draining = false;
    v->count = v->packets = 0;
    v->last_us = -1;
    return WT_OK;
}

/* Without an index a seek ends at any picture, and the first one that can be decoded may come long
 * after: is this one too late? Then it begins again, further back. */
static bool too_late(struct video *v)
{
    const bool late = v->wanted_us > v->back_us && v->last_us > v->wanted_us + v->step_us;
    if (late)
        v->back_us = v->back_us ? 2 * v->back_us : FIRST_BACK_US;
    else
        v->wanted_us = 0;
    return late;
}

static enum wt_status video_read(void *self, struct wt_frame **out)
{
    struct video *v = self;
    enum wt_status status;
    for (;;) {
        int rc = wt_av()->avcodec_receive_frame(v->file.codec, v->decoded);
        if (rc == AVERROR_EOF || (rc < 0 && rc != AVERROR(ENOMEM) && v->draining)) {
            check_length(v);
            return WT_END;
        }
        if (rc < 0) {
            status = rc == AVERROR(EAGAIN) ? WT_OK : bear(v, rc, "damaged");
            if (!status)
                status = send_packet(v);
            if (status)
                return status;
            continue;
        }
        if (v->decoded->decode_error_flags)
            warn_once(v, "damaged");
        v->count++;
        v->last_us = frame_time(v);
        if (v->wanted_us && too_late(v)) {
            av_frame_unref(v->decoded);
            if (v->sound)
                wt_sound_forget(v->sound);
            status = go_to(v, v->wanted_us > v->back_us ? v->wanted_us - v->back_us : 0);
            if (status)
                return status;
            continue;
        }
        if (v->last_us >= v->skip_to)
            break;
        av_frame_unref(v->decoded);
    }
    v->skip_to = 0;
    status = wt_video_pixels_convert(&v->pixels, v->decoded, pixel_shape(v, v->decoded), turn_of(v),
                                     v->name, out);
    if (status == WT_OK)
        (*out)->time_us = v->last_us;
    av_frame_unref(v->decoded);
    return status;
}

static enum wt_status video_seek(void *self, int64_t time_us)
{
    struct video *v = self;
    const enum wt_status status = go_to(v, time_us);
    if (status)
        return status;
    v->sought = time_us != 0;
    v->skip_to = time_us - v->step_us / 2; /* nearest */
    v->wanted_us = has_index(v) ? 0 : time_us;
    v->back_us = 0;
    return WT_OK;
}

/* ---- opening ------------------------------------------------------------------------------- */

/* Where time starts. As players have it, that is where the container's first stream starts: a
 * picture half a second behind the sound has 0.5 s. But what comes before 0, the start-up of a
 * sound decoder, delays no picture. */
static int64_t find_origin(const struct video *v)
{
    const AVRational base = v->file.stream->time_base;
    const int64_t own = v->file.stream->start_time, all = v->file.format->start_time;
    if (own == AV_NOPTS_VALUE)
        return 0;
    if (all == AV_NOPTS_VALUE)
        return own;
    const int64_t first = av_rescale_q(all, AV_TIME_BASE_Q, base);
    if (first < 0)
        return own < 0 ? own : 0;
    return first < own ? first : own;
}

/* Counts packets and frames. An edit list takes frames away; of those that a decoder must see but
 * nobody is to, MPEG-4's index says so. */
static int64_t count_frames(struct video *v)
{
    AVStream *stream = v->file.stream;
    const int entries = wt_av()->avformat_index_get_entries_count(stream);
    int64_t shown = 0;
    v->promised = stream->nb_frames;
    if (strstr(v->file.format->iformat->name, "mp4") == NULL || entries <= 0)
        return stream->nb_frames;
    for (int i = 0; i < entries; i++)
        shown += !(wt_av()->avformat_index_get_entry(stream, i)->flags & AVINDEX_DISCARD_FRAME);
    v->promised = entries;
    return shown;
}

static void describe_size(struct video *v, struct wt_source_info *info)
{
    const struct wt_turn turn = wt_turn_of(stream_matrix(v));
    const AVRational shape = pixel_shape(v, NULL);
    int w = v->file.codec->width, h = v->file.codec->height;
    wt_square_size(shape, &w, &h);
    /* what rounding to whole pixels leaves of the shape */
    AVRational rest = {1, 1};
    if (shape.num > 0 && shape.den > 0)
        av_reduce(&rest.num, &rest.den, (int64_t)shape.num * v->file.codec->width * h,
                  (int64_t)shape.den * v->file.codec->height * w, INT_MAX);
    const bool swap = wt_orient_swaps(turn.orientation);
    info->width = swap ? h : w;
    info->height = swap ? w : h;
    info->pixel_width = swap ? rest.den : rest.num;
    info->pixel_height = swap ? rest.num : rest.den;
}

/* In seconds; 0: unknown. Without an index it is the last time less the first, which says nothing
 * where times start again: too few bits a second for any picture show that. */
static double find_length(const struct video *v)
{
    enum { LEAST_BITS = 1000 };
    const AVFormatContext *format = v->file.format;
    const AVStream *stream = v->file.stream;
    const double seconds = stream->duration > 0
                               ? (double)stream->duration * av_q2d(stream->time_base)
                               : (double)format->duration / AV_TIME_BASE;
    const int64_t bytes = has_index(v) || !format->pb ? 0 : wt_av()->avio_size(format->pb);
    return seconds <= 0 || (bytes > 0 && (double)bytes * 8 < seconds * LEAST_BITS) ? 0 : seconds;
}

static void describe(struct video *v, const char *path, struct wt_source_info *info)
{
    AVFormatContext *format = v->file.format;
    AVStream *stream = v->file.stream;
    AVRational rate = wt_av()->av_guess_frame_rate(format, stream, NULL);
    info->kind = WT_SOURCE_VIDEO;
    snprintf(info->name, sizeof info->name, "%s", wt_base_name(path));
    describe_size(v, info);
    info->fps = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0.0;
    if (info->fps > 1000.0) /* a time base, not a rate */
        info->fps = 0.0;
    info->frames = count_frames(v);
    const double seconds = find_length(v);
    if (info->frames <= 0 && seconds > 0 && info->fps > 0)
        info->frames = llrint(seconds * info->fps);
    if (info->frames <= 0)
        info->frames = -1;
    snprintf(v->name, sizeof v->name, "%s", info->name);
    v->step_us = info->fps > 0 ? (int64_t)(1e6 / info->fps) : 33333;
}

/* A film whose sound cannot be used is a film without. */
static enum wt_status open_sound(struct video *v)
{
    v->sound_stream = wt_av()->av_find_best_stream(v->file.format, AVMEDIA_TYPE_AUDIO, -1,
                                                   v->file.stream->index, NULL, 0);
    if (v->sound_stream < 0)
        return WT_OK;
    v->sound = wt_sound_create(v->file.format->streams[v->sound_stream]->codecpar, v->name);
    return v->sound ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory for a video");
}

static void video_set_give_up(void *self, bool (*give_up)(void *user), void *user)
{
    struct video *v = self;
    v->spec.give_up = give_up;
    v->spec.give_up_user = user;
}

enum wt_status wt_source_open_video(struct wt_source_opened *out, const struct wt_source_spec *spec)
{
    static const struct wt_source_backend backend = {.read = video_read,
                                                     .set_give_up = video_set_give_up,
                                                     .seek = video_seek,
                                                     .close = video_close,
                                                     .broke_off = video_broke_off,
                                                     .sound = video_sound};
    wt_av_init();
    struct video *v = calloc(1, sizeof *v);
    if (!v)
        return wt_fail(WT_ERR_MEMORY, "out of memory for a video");
    v->spec = *spec;
    v->file.pipe = -1;
    v->last_us = -1;
    forget_restarts(v);
    v->packet = wt_av()->av_packet_alloc();
    v->decoded = av_frame_alloc();
    enum wt_status status = WT_OK;
    if (!v->packet || !v->decoded)
        status = wt_fail(WT_ERR_MEMORY, "out of memory for a video");
    if (status == WT_OK)
        status = wt_video_file_open(&v->file, &v->spec);
    if (status == WT_OK) {
        v->origin = find_origin(v);
        *out = (struct wt_source_opened){.backend = &backend, .self = v};
        describe(v, spec->input, &out->info);
        v->cut = strstr(v->file.format->iformat->name, "matroska") && //
                 wt_matroska_is_cut(spec->input);
        status = open_sound(v);
    }
    if (status != WT_OK)
        video_close(v);
    return status;
}
