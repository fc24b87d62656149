#include "session/session.h"

#include <dirent.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/fifo.h"
#include "base/folder.h"
#include "base/notice.h"
#include "base/status.h"
#include "record/video_writer.h"

#define QUEUE 8
#define SPARE (256 << 20) /* of the disk, which is left to others */

struct job {
    struct wt_frame *frame;
    char *line;
    size_t size;
};

struct wt_session {
    struct wt_path folder;
    struct wt_video_writer *video;
    FILE *log;
    struct wt_fifo *fifo;
    pthread_t thread;
    bool started;
    int width, height; /* of the first frame */
    int64_t limit, frames;
    int64_t pushed;   /* the owner's */
    int64_t video_us; /* the last time in the video, which must rise */
    int64_t log_bytes;
    enum wt_status status; /* the thread's, until it is joined */
};

/* ---- what is written ------------------------------------------------------------------------- */

static enum wt_status hash_file(const char *path, char text[WT_SHA256_SIZE])
{
    FILE *f = fopen(path, "rbe");
    char *bytes = NULL;
    size_t size = 0, room = 0, n = 1;
    while (f && n > 0) {
        if (size == room) {
            char *more = realloc(bytes, room = room * 2 + (1 << 20));
            if (!more)
                break;
            bytes = more;
        }
        n = fread(bytes + size, 1, room - size, f);
        size += n;
    }
    const bool ok = f && n == 0 && !ferror(f);
    if (f)
        fclose(f);
    if (ok)
        wt_sha256(bytes, size, text);
    free(bytes);
    return ok && text[0] ? WT_OK : wt_fail(WT_ERR_IO, "%s: cannot be read", path);
}

enum wt_status wt_session_describe(struct wt_session_head *head, const struct wt_model *model,
                                   const char *detector)
{
    const struct wt_model_info info = wt_model_describe(model);
    const char *search = detector ? detector : "haar";
    *head = (struct wt_session_head){.model_sha256 = ""};
    snprintf(head->precision, sizeof head->precision, "%s", info.precision);
    snprintf(head->kernels, sizeof head->kernels, "%s", info.kernels);
    if (!realpath(info.path, head->model.text))
        return wt_fail(WT_ERR_IO, "%s: %s", info.path, strerror(errno));
    enum wt_status status = hash_file(head->model.text, head->model_sha256);
    if (status || strcmp(search, "haar") == 0) {
        snprintf(head->detector.text, sizeof head->detector.text, "haar");
        return status;
    }
    if (!realpath(search, head->detector.text))
        return wt_fail(WT_ERR_IO, "%s: %s", search, strerror(errno));
    return hash_file(head->detector.text, head->detector_sha256);
}

/* JSON has no other numbers. */
static void put(FILE *out, const char *before, float v)
{
    if (isfinite(v))
        fprintf(out, "%s%.9g", before, (double)v);
    else
        fprintf(out, "%snull", before);
}

void wt_session_print_faces(FILE *out, const struct wt_result *result)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = uselocale(plain);
    fputc('[', out);
    for (int i = 0; i < result->faces; i++) {
        const struct wt_face *face = &result->face[i];
        fprintf(out, "%s{\"id\":%u,\"confidence\":", i ? "," : "", face->id);
        put(out, "", face->confidence);
        fputs(",\"points\":[", out);
        for (int k = 0; k < face->points; k++) {
            put(out, k ? "," : "", face->point[k].x);
            put(out, ",", face->point[k].y);
        }
        fputs("],\"point_confidence\":[", out);
        for (int k = 0; k < face->points; k++)
            put(out, k ? "," : "", face->point_confidence[k]);
        fputs("]}", out);
    }
    fputc(']', out);
    uselocale(before);
    if (plain)
        freelocale(plain);
}

static void print_line(FILE *out, int64_t frame, const struct wt_session_step *step,
                       const struct wt_result *result)
{
    fprintf(out, "{\"frame\":%lld,\"time_us\":%lld,\"reset\":%s,\"faces_max\":%d,\"stacks\":%d",
            (long long)frame, (long long)step->time_us, step->reset ? "true" : "false", step->faces,
            step->stacks);
    put(out, ",\"search_every\":", step->search_every);
    put(out, ",\"smoothing\":", step->smoothing);
    fputs(",\"faces\":", out);
    wt_session_print_faces(out, result);
    fputs("}\n", out);
}

static void put_text(FILE *out, const char *name, const char *text)
{
    fprintf(out, ",\"%s\":\"", name);
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < 32)
            fprintf(out, "\\u%04x", *text);
        else
            fputc(*text, out);
    fputc('"', out);
}

static void print_head(FILE *out, const struct wt_session_head *head)
{
    fputs("{\"session\":1", out);
    put_text(out, "wingtip", wt_version());
    put_text(out, "model", head->model.text);
    put_text(out, "model_sha256", head->model_sha256);
    put_text(out, "detector", head->detector.text);
    put_text(out, "detector_sha256", head->detector_sha256);
    put_text(out, "precision", head->precision);
    put_text(out, "kernels", head->kernels);
    fputs("}\n", out);
}

/* ---- the thread ------------------------------------------------------------------------------ */

static void job_destroy(void *item)
{
    struct job *job = item;
    wt_frame_unref(&job->frame);
    free(job->line);
    free(job);
}

/* The video's times rise; those that count are in the log. */
static enum wt_status write_frame(struct wt_session *s, const struct wt_frame *frame)
{
    struct wt_frame timed = *frame;
    if (s->frames > 0 && timed.time_us <= s->video_us)
        timed.time_us = s->video_us + 1000;
    s->video_us = timed.time_us;
    return wt_video_writer_write(s->video, &timed);
}

static enum wt_status write_job(struct wt_session *s, const struct job *job)
{
    if (wt_video_writer_bytes(s->video) + s->log_bytes > s->limit) {
        wt_log(WT_LOG_WARN, "%s: the session is full, and has ended", s->folder.text);
        return WT_END;
    }
    enum wt_status status = write_frame(s, job->frame);
    if (status)
        return status;
    if (fwrite(job->line, 1, job->size, s->log) != job->size || fflush(s->log))
        return wt_fail(WT_ERR_IO, "%s/session.jsonl: %s", s->folder.text, strerror(errno));
    s->log_bytes += (int64_t)job->size;
    s->frames++;
    return WT_OK;
}

static void *run(void *argument)
{
    struct wt_session *s = argument;
    while (!s->status) {
        struct job *job = wt_fifo_pop(s->fifo, 100);
        if (!job && wt_fifo_closed(s->fifo))
            break;
        s->status = job ? write_job(s, job) : s->video ? wt_video_writer_tick(s->video) : WT_OK;
        if (job)
            job_destroy(job);
    }
    wt_fifo_close(s->fifo); /* a pusher does not wait for a thread that has ended */
    return NULL;
}

/* ---- the owner ------------------------------------------------------------------------------- */

static enum wt_status check_empty(const char *folder)
{
    DIR *list = opendir(folder);
    const struct dirent *entry;
    int entries = 0;
    if (!list)
        return wt_fail(WT_ERR_IO, "%s: %s", folder, strerror(errno));
    while ((entry = readdir(list)))
        entries += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(list);
    return entries
               ? wt_fail(WT_ERR_ARGUMENT, "%s: is not empty; a session needs a new folder", folder)
               : WT_OK;
}

/* Told before anything is written: at most how much, and how long that lasts. FFV1 takes about half
 * of the pixels' bytes. */
static void tell_room(struct wt_session *s)
{
    struct statvfs disk;
    const double gb = 1e9;
    double room = -1;
    if (statvfs(s->folder.text, &disk) == 0)
        room = (double)disk.f_bavail * (double)disk.f_frsize;
    if (room >= 0 && (double)s->limit > room - SPARE)
        s->limit = room > SPARE ? (int64_t)room - SPARE : 0;
    wt_notice(WT_NOTICE_NEWS, "session %s: at most %.2f GB", s->folder.text, (double)s->limit / gb);
    wt_log(
        WT_LOG_INFO,
        "session %s: at most %.2f GB of the %.1f GB that are free, about %.0f minutes of 640 x 480 "
        "at 30 frames a second",
        s->folder.text, (double)s->limit / gb, room / gb,
        (double)s->limit / (640 * 480 * 1.5 * 30 * 60));
}

static enum wt_status open_log(struct wt_session *s, const struct wt_session_head *head)
{
    struct wt_path path;
    enum wt_status status = wt_path_print(&path, "%s/session.jsonl", s->folder.text);
    if (status)
        return status;
    s->log = fopen(path.text, "wxe");
    if (!s->log)
        return wt_fail(WT_ERR_IO, "%s: %s", path.text, strerror(errno));
    print_head(s->log, head);
    return fflush(s->log) ? wt_fail(WT_ERR_IO, "%s: %s", path.text, strerror(errno)) : WT_OK;
}

enum wt_status wt_session_create(struct wt_session **out, const char *folder, int64_t limit,
                                 const struct wt_session_head *head)
{
    struct wt_session *s = calloc(1, sizeof *s);
    if (!s)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", folder);
    s->limit = limit;
    enum wt_status status = wt_path_print(&s->folder, "%s", folder);
    if (!status)
        status = wt_make_folders(folder, 0777);
    if (!status)
        status = check_empty(folder);
    if (!status)
        status = open_log(s, head);
    if (!status)
        status = wt_fifo_create(&s->fifo, QUEUE, job_destroy);
    if (!status)
        tell_room(s);
    if (status)
        wt_session_close(&s);
    *out = s;
    return status;
}

/* The video begins with the first frame, and the thread with it. */
static enum wt_status begin(struct wt_session *s, const struct wt_image *image)
{
    struct wt_path path;
    sigset_t all, before;
    enum wt_status status = wt_path_print(&path, "%s/video.mkv", s->folder.text);
    const struct wt_video_writer_options options = {.live = true, .lossless = true};
    s->width = image->width;
    s->height = image->height;
    if (!status)
        status = wt_video_writer_open(&s->video, path.text, s->width, s->height, &options);
    if (status)
        return status;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    s->started = pthread_create(&s->thread, NULL, run, s) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return s->started ? WT_OK : wt_fail(WT_ERR_MEMORY, "%s: cannot start a thread", s->folder.text);
}

bool wt_session_push(struct wt_session *session, struct wt_frame *frame,
                     const struct wt_session_step *step, const struct wt_result *result)
{
    struct wt_session *s = session;
    const struct wt_image *image = &frame->image;
    if (!s->started && (s->status = begin(s, image)))
        return false;
    if (image->width != s->width || image->height != s->height) {
        wt_log(WT_LOG_WARN, "%s: frames of another size come; the session has ended",
               s->folder.text);
        return false;
    }
    struct job *job = calloc(1, sizeof *job);
    FILE *out = job ? open_memstream(&job->line, &job->size) : NULL;
    if (!out) {
        free(job);
        wt_fail(WT_ERR_MEMORY, "%s: out of memory; the session has ended", s->folder.text);
        return false;
    }
    job->frame = wt_frame_ref(frame);
    print_line(out, ++s->pushed, step, result);
    fclose(out);
    return wt_fifo_push_wait(s->fifo, job);
}

enum wt_status wt_session_close(struct wt_session **session)
{
    struct wt_session *s = *session;
    *session = NULL;
    if (!s)
        return WT_OK;
    if (s->fifo)
        wt_fifo_close(s->fifo);
    if (s->started)
        pthread_join(s->thread, NULL);
    enum wt_status status = s->status == WT_END ? WT_OK : s->status;
    const enum wt_status closed = wt_video_writer_close(&s->video, WT_KEEP_ALL);
    status = status ? status : closed;
    if (s->log && fclose(s->log) && !status)
        status = wt_fail(WT_ERR_IO, "%s/session.jsonl: %s", s->folder.text, strerror(errno));
    if (!status && s->started)
        wt_notice(WT_NOTICE_NEWS, "session %s: %lld frames", s->folder.text, (long long)s->frames);
    wt_fifo_destroy(&s->fifo);
    free(s);
    return status;
}
