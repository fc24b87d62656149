#include "record/container.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <libavutil/opt.h>

#include "base/clock.h"
#include "base/paths.h"
#include "input/av.h"
#include "input/libav.h"

#define FLUSH_US 200000
#define BUFFER (1 << 16)

/* ---- the file ------------------------------------------------------------------------------ */

/* After a failure the muxer goes on for a while, unheard. */
static int write_bytes(void *opaque, uint8_t *bytes, int size)
{
    struct wt_container *f = opaque;
    if (!f->error)
        f->error = wt_new_file_write(&f->place, bytes, (size_t)size);
    return f->error ? AVERROR(f->error) : size;
}

static int64_t seek(void *opaque, int64_t offset, int whence)
{
    struct wt_container *f = opaque;
    if (whence & AVSEEK_SIZE)
        return AVERROR(ENOSYS);
    off_t at = lseek(f->place.fd, offset, whence & ~AVSEEK_FORCE);
    return at < 0 ? AVERROR(errno) : at;
}

static bool has_ending(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    return n >= m && strcasecmp(path + n - m, ending) == 0;
}

static enum wt_status open_format(struct wt_container *f, const char *path)
{
    bool mp4 = has_ending(path, ".mp4") || has_ending(path, ".m4v");
    if (!mp4 && strrchr(wt_base_name(path), '.') && !has_ending(path, ".mkv"))
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: a video's name ends in .mkv or .mp4", path);
    if (wt_av()->avformat_alloc_output_context2(&f->format, NULL, mp4 ? "mp4" : "matroska", NULL) <
        0)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    return WT_OK;
}

static enum wt_status open_buffer(struct wt_container *f, const char *path)
{
    uint8_t *buffer = av_malloc(BUFFER);
    if (!buffer)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    f->format->pb = wt_av()->avio_alloc_context(buffer, BUFFER, 1, f, NULL, write_bytes,
                                                f->place.regular ? seek : NULL);
    if (!f->format->pb) {
        av_free(buffer);
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    }
    f->format->flags |= AVFMT_FLAG_CUSTOM_IO;
    return WT_OK;
}

enum wt_status wt_container_open(struct wt_container *f, const char *path, bool numbered,
                                 const char *stem)
{
    wt_av_init();
    *f = (struct wt_container){.held = wt_av()->av_packet_alloc(),
                               .spare = wt_av()->av_packet_alloc()};
    enum wt_status status = f->held && f->spare ? open_format(f, path)
                                                : wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    if (!status)
        status = numbered ? wt_new_file_open_numbered(&f->place, path, stem)
                          : wt_new_file_open(&f->place, path);
    if (!status)
        status = open_buffer(f, path);
    if (status)
        wt_container_close(f, WT_KEEP_NOTHING);
    return status;
}

/* ---- writing ------------------------------------------------------------------------------- */

static int flush_buffer(struct wt_container *f)
{
    wt_av()->avio_flush(f->format->pb);
    int rc = f->format->pb->error;
    if (rc >= 0)
        f->bytes = wt_av()->avio_seek(f->format->pb, 0, SEEK_CUR);
    return rc < 0 ? rc : 0;
}

int wt_container_start(struct wt_container *f)
{
    AVDictionary *private = NULL;
    /* Clusters and fragments end with our flushes. */
    av_dict_set(&private, "cluster_time_limit", "10000", 0); /* ms */
    /* MP4: the header comes with the first fragment, to say when the first picture is shown. */
    av_dict_set(&private, "movflags", "delay_moov+default_base_moof+frag_custom", 0);
    int rc = wt_av()->avformat_write_header(f->format, &private);
    av_dict_free(&private);
    return rc < 0 ? rc : flush_buffer(f);
}

/* Takes the packet's content. */
static int mux(struct wt_container *f, AVPacket *packet)
{
    f->pictures |= packet->stream_index == f->pictures_stream;
    f->pending = true;
    int rc = wt_av()->av_write_frame(f->format, packet);
    wt_av()->av_packet_unref(packet);
    return rc;
}

static int flush(struct wt_container *f)
{
    f->flushed_us = wt_now_us();
    if (!f->pending)
        return 0;
    f->pending = false;
    int rc = wt_av()->av_write_frame(f->format, NULL);
    if (rc >= 0 && !f->headed) /* MP4: the first one has written the header alone */
        rc = wt_av()->av_write_frame(f->format, NULL);
    f->headed = true;
    /* Without this MP4's next picture would come when the last one's length has passed. */
    av_opt_set(f->format->priv_data, "movflags", "+frag_discont", 0);
    if (rc >= 0)
        rc = flush_buffer(f);
    if (rc >= 0 && f->pictures && !f->place.replaces)
        f->misplaced |= wt_new_file_place(&f->place) != WT_OK; /* goes on where it is */
    return rc < 0 ? rc : 0;
}

int wt_container_flush(struct wt_container *f)
{
    int rc = f->held->size ? mux(f, f->held) : 0;
    return rc < 0 ? rc : flush(f);
}

int wt_container_tick(struct wt_container *f)
{
    if (wt_now_us() - f->flushed_us < FLUSH_US)
        return 0;
    if (f->held->size)
        f->held->duration = 1; /* a length behind the next one's time would move that */
    return wt_container_flush(f);
}

/* MP4 tells a picture's length and not the next one's time, so a picture waits for the next one to
 * know its length. Returns whether there is one to write now, in `packet`. */
static bool exchange_held(struct wt_container *f, AVPacket *packet)
{
    if (strcmp(f->format->oformat->name, "mp4") != 0 || packet->stream_index != f->pictures_stream)
        return true;
    const bool first = !f->held->size;
    AVPacket *next = f->spare;
    wt_av()->av_packet_move_ref(next, packet);
    if (!first) {
        wt_av()->av_packet_move_ref(packet, f->held);
        packet->duration = next->dts - packet->dts;
    }
    wt_av()->av_packet_move_ref(f->held, next);
    return !first;
}

int wt_container_write(struct wt_container *f, AVPacket *packet)
{
    if (!exchange_held(f, packet))
        return 0;
    const AVRational base = f->format->streams[packet->stream_index]->time_base;
    const int64_t at = av_rescale_q(packet->pts, base, AV_TIME_BASE_Q);
    const bool first = packet->stream_index == f->pictures_stream && !f->pictures;
    if (!f->pending)
        f->since_us = at;
    int rc = mux(f, packet);
    if (rc < 0)
        return rc;
    return first || at - f->since_us >= FLUSH_US || wt_now_us() - f->flushed_us >= FLUSH_US
               ? flush(f)
               : 0;
}

int wt_container_finish(struct wt_container *f)
{
    int rc = wt_container_flush(f);
    if (rc >= 0)
        rc = wt_av()->av_write_trailer(f->format);
    return rc < 0 ? rc : flush_buffer(f);
}

/* ---- the end ------------------------------------------------------------------------------- */

void wt_container_cut(struct wt_container *f)
{
    if (f->place.regular && f->bytes > 0 && ftruncate(f->place.fd, f->bytes) != 0)
        wt_log(WT_LOG_DEBUG, "%s: cannot be cut: %s", f->place.target, strerror(errno));
}

bool wt_container_stays(const struct wt_container *f)
{
    return f->pictures && f->place.target && !f->place.part;
}

enum wt_status wt_container_close(struct wt_container *f, enum wt_keep keep)
{
    enum wt_status status = WT_OK;
    if (f->pictures && wt_new_file_stays(&f->place, keep))
        status = f->misplaced ? WT_ERR_IO : wt_new_file_commit(&f->place, f->error);
    wt_new_file_close(&f->place);
    if (f->format && f->format->pb)
        av_freep(&f->format->pb->buffer);
    if (f->format)
        wt_av()->avio_context_free(&f->format->pb);
    wt_av()->avformat_free_context(f->format);
    wt_av()->av_packet_free(&f->held);
    wt_av()->av_packet_free(&f->spare);
    *f = (struct wt_container){0};
    return status;
}
