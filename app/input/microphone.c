#include "input/microphone.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libavutil/time.h>

#include "base/clock.h"
#include "base/module.h"
#include "input/av.h"
#include "input/libav.h"
#include "input/microphone_module.h"
#include "input/sound.h"

/* In the order in which they are asked. */
static const char *const systems[] = {"pulse", "alsa"};
enum { SYSTEMS = sizeof systems / sizeof *systems };

#define WALL_US 60000000 /* times so near to the wall clock's are meant as such */

struct wt_microphone {
    AVFormatContext *format;
    struct wt_sound *sound;
    int stream;
    pthread_t thread;
    atomic_bool stopping;
    bool running;
    int64_t origin_us; /* clock at the stream's time 0, for devices that count from there */
    bool tied;
    char name[160];
};

/* ---- which --------------------------------------------------------------------------------- */

/* ALSA's library prints what goes wrong, which is ours to say. */
static void on_alsa_error(const char *file, int line, const char *function, int error,
                          const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    wt_log(WT_LOG_DEBUG, "alsa: %s: %s", function, text);
}

static const struct wt_microphone_module *devices(void)
{
    static struct wt_module module = {"wingtip-microphone.so", "app", "wt_microphone_module_table",
                                      NULL};
    return wt_module_table(&module);
}

static void register_all(void)
{
    typedef int set_handler(void (*)(const char *, int, const char *, int, const char *, ...));
    devices()->register_all();
    /* It comes with libavdevice, if that was built with it. */
    set_handler *set = (set_handler *)dlsym(RTLD_DEFAULT, "snd_lib_error_set_handler");
    if (set)
        set(on_alsa_error);
}

static void init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    wt_av_init();
    pthread_once(&once, register_all);
}

static int list_system(const char *system, struct wt_microphone_info *out, int max)
{
    AVDeviceInfoList *list = NULL;
    int count = 0;
    const AVInputFormat *format = wt_av()->av_find_input_format(system);
    if (!format || devices()->list_input_sources(format, NULL, NULL, &list) < 0)
        return 0;
    for (int i = 0; i < list->nb_devices && count < max; i++) {
        const AVDeviceInfo *d = list->devices[i];
        struct wt_microphone_info *info = &out[count];
        /* What a computer plays is no microphone, and ALSA's null device is none either. */
        if (!d->device_name || strstr(d->device_name, ".monitor") ||
            strcmp(d->device_name, "null") == 0)
            continue;
        if (snprintf(info->device, sizeof info->device, "%s:%s", system, d->device_name) >=
            (int)sizeof info->device)
            continue;
        const char *name = d->device_description ? d->device_description : d->device_name;
        snprintf(info->name, sizeof info->name, "%.*s",
                 (int)(strcspn(name, "\n") % sizeof info->name), name);
        count++;
    }
    devices()->free_list_devices(&list);
    return count;
}

int wt_microphone_list(struct wt_microphone_info *out, int max)
{
    int count = 0;
    init();
    for (int i = 0; i < SYSTEMS && count == 0; i++) /* both would list the same ones twice */
        count = list_system(systems[i], out, max);
    return count;
}

/* A device from libavdevice's point of view, "SYSTEM:NAME"; lavfi makes sound by itself. */
static const char *system_of(const char *name, char system[16])
{
    const char *colon = strchr(name, ':');
    if (!colon || colon - name >= 16)
        return NULL;
    snprintf(system, 16, "%.*s", (int)(colon - name), name);
    for (int i = 0; i < SYSTEMS; i++)
        if (strcmp(system, systems[i]) == 0)
            return colon + 1;
    return strcmp(system, "lavfi") == 0 ? colon + 1 : NULL;
}

static bool find(const char *name, char device[160])
{
    struct wt_microphone_info list[32];
    const int count = wt_microphone_list(list, 32);
    for (int i = 0; i < count; i++)
        if (strcasestr(list[i].name, name) || strcasestr(list[i].device, name)) {
            memcpy(device, list[i].device, sizeof list[i].device);
            return true;
        }
    return false;
}

/* ---- opening ------------------------------------------------------------------------------- */

static int must_stop(void *context)
{
    struct wt_microphone *m = context;
    return atomic_load(&m->stopping);
}

/* device: "SYSTEM:NAME". Returns 0 or libav's error. */
static int open_device(struct wt_microphone *m, const char *device)
{
    char system[16];
    const char *name = system_of(device, system);
    const AVInputFormat *format = name ? wt_av()->av_find_input_format(system) : NULL;
    if (!format)
        return AVERROR_DEMUXER_NOT_FOUND;
    m->format = wt_av()->avformat_alloc_context();
    if (!m->format)
        return AVERROR(ENOMEM);
    m->format->interrupt_callback = (AVIOInterruptCB){must_stop, m};
    int rc = wt_av()->avformat_open_input(&m->format, name, format, NULL); /* frees it on failure */
    if (rc >= 0) {
        rc = wt_av()->av_find_best_stream(m->format, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0);
        m->stream = rc;
    }
    return rc < 0 ? rc : 0;
}

static enum wt_status open_named(struct wt_microphone *m, const char *name)
{
    char device[160], system[16];
    int rc = AVERROR_DEMUXER_NOT_FOUND;
    init();
    if (strcasecmp(name, "default") == 0) {
        for (int i = 0; i < SYSTEMS && rc < 0; i++) {
            snprintf(device, sizeof device, "%s:default", systems[i]);
            rc = open_device(m, device);
        }
    } else if (system_of(name, system)) {
        rc = open_device(m, name);
    } else if (find(name, device)) {
        rc = open_device(m, device);
    } else {
        return wt_fail(WT_ERR_IO, "microphone \"%s\": there is none of that name", name);
    }
    return rc < 0 ? wt_fail(WT_ERR_IO, "microphone \"%s\": it cannot be used: %s", name,
                            wt_av_error(rc).text)
                  : WT_OK;
}

/* ---- listening ----------------------------------------------------------------------------- */

/* The time of the stream's 0 on the monotonic clock. Drivers give the wall clock's time, which may
 * be set while we listen; others count from their start. */
static int64_t origin_us(struct wt_microphone *m, int64_t pts_us)
{
    const int64_t wall = av_gettime(), now = wt_now_us();
    if (llabs(pts_us - wall) < WALL_US)
        return now - wall;
    if (!m->tied)
        m->origin_us = now - pts_us;
    m->tied = true;
    return m->origin_us;
}

static void hear(struct wt_microphone *m, AVPacket *packet)
{
    const AVRational base = m->format->streams[m->stream]->time_base;
    if (packet->stream_index != m->stream || packet->pts == AV_NOPTS_VALUE)
        return;
    const int64_t at = av_rescale_q(packet->pts, base, AV_TIME_BASE_Q);
    packet->pts = packet->dts = at + origin_us(m, at);
    packet->duration = av_rescale_q(packet->duration, base, AV_TIME_BASE_Q);
    wt_sound_put(m->sound, packet, AV_TIME_BASE_Q, 0);
    wt_sound_pass(m->sound, 0);
}

static void *listen_main(void *arg)
{
    struct wt_microphone *m = arg;
    AVPacket *packet = wt_av()->av_packet_alloc();
    int rc = packet ? 0 : AVERROR(ENOMEM);
    pthread_setname_np(pthread_self(), "wt-microphone");
    while (rc >= 0 && !atomic_load(&m->stopping)) {
        rc = wt_av()->av_read_frame(m->format, packet);
        if (rc >= 0)
            hear(m, packet);
        wt_av()->av_packet_unref(packet);
        if (rc == AVERROR(EAGAIN)) {
            usleep(2000);
            rc = 0;
        }
    }
    if (rc < 0 && rc != AVERROR_EOF && !atomic_load(&m->stopping))
        wt_log(WT_LOG_WARN, "microphone \"%s\": no more sound comes from it: %s", m->name,
               wt_av_error(rc).text);
    wt_av()->av_packet_free(&packet);
    return NULL;
}

enum wt_status wt_microphone_open(struct wt_microphone **out, const char *name)
{
    struct wt_microphone *m = *out = calloc(1, sizeof *m);
    if (!m)
        return wt_fail(WT_ERR_MEMORY, "out of memory for a microphone");
    snprintf(m->name, sizeof m->name, "%s", name);
    enum wt_status status = open_named(m, name);
    if (!status) {
        char said[200];
        snprintf(said, sizeof said, "microphone \"%s\"", m->name);
        m->sound = wt_sound_create(m->format->streams[m->stream]->codecpar, said);
        if (!m->sound)
            status = wt_fail(WT_ERR_MEMORY, "out of memory for a microphone");
    }
    if (!status) {
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        m->running = pthread_create(&m->thread, NULL, listen_main, m) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (!m->running)
            status = wt_fail(WT_ERR_MEMORY, "cannot start a thread");
    }
    if (status)
        wt_microphone_close(out);
    return status;
}

void wt_microphone_close(struct wt_microphone **microphone)
{
    struct wt_microphone *m = *microphone;
    *microphone = NULL;
    if (!m)
        return;
    atomic_store(&m->stopping, true);
    if (m->running)
        pthread_join(m->thread, NULL);
    wt_av()->avformat_close_input(&m->format);
    wt_sound_unref(&m->sound);
    free(m);
}

struct wt_sound *wt_microphone_sound(const struct wt_microphone *microphone)
{
    return microphone->sound;
}
