#include "input/sound.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/status.h"
#include "input/libav.h"

#define KEPT_US 2000000       /* while nobody listens */
#define KEPT_BYTES (16 << 20) /* and at most this much of it */
#define BYTES_MAX (256 << 20) /* of a recorder that cannot follow, or a strange file */

struct node {
    struct node *next, *before;
    AVPacket *packet;
};

struct list {
    struct node *first, *last;
    int64_t bytes;
};

struct wt_sound {
    atomic_int refs;
    AVCodecParameters *format;
    char name[256];
    int64_t next_us;   /* the reader's: where the last packet ended */
    struct list fresh; /* the reader's: put, not passed */
    pthread_mutex_t lock;
    struct list queue; /* with the lock, as the rest */
    bool listening, warned;
};

/* ---- lists --------------------------------------------------------------------------------- */

static void append(struct list *list, struct node *node)
{
    node->next = NULL;
    node->before = list->last;
    if (list->last)
        list->last->next = node;
    else
        list->first = node;
    list->last = node;
    list->bytes += node->packet->size;
}

static struct node *unlink_node(struct list *list, struct node *node)
{
    *(node->before ? &node->before->next : &list->first) = node->next;
    *(node->next ? &node->next->before : &list->last) = node->before;
    list->bytes -= node->packet->size;
    return node;
}

static void destroy_node(struct node *node)
{
    wt_av()->av_packet_free(&node->packet);
    free(node);
}

static void clear(struct list *list)
{
    while (list->first)
        destroy_node(unlink_node(list, list->first));
}

/* ---- the object ---------------------------------------------------------------------------- */

struct wt_sound *wt_sound_create(const AVCodecParameters *format, const char *name)
{
    struct wt_sound *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->format = wt_av()->avcodec_parameters_alloc();
    if (!s->format || wt_av()->avcodec_parameters_copy(s->format, format) < 0) {
        wt_av()->avcodec_parameters_free(&s->format);
        free(s);
        return NULL;
    }
    pthread_mutex_init(&s->lock, NULL);
    snprintf(s->name, sizeof s->name, "%s", name);
    atomic_init(&s->refs, 1);
    return s;
}

struct wt_sound *wt_sound_ref(struct wt_sound *sound)
{
    if (sound)
        atomic_fetch_add(&sound->refs, 1);
    return sound;
}

void wt_sound_unref(struct wt_sound **sound)
{
    struct wt_sound *s = *sound;
    *sound = NULL;
    if (!s || atomic_fetch_sub(&s->refs, 1) > 1)
        return;
    clear(&s->fresh);
    clear(&s->queue);
    wt_av()->avcodec_parameters_free(&s->format);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

const AVCodecParameters *wt_sound_format(const struct wt_sound *sound)
{
    return sound->format;
}

const char *wt_sound_name(const struct wt_sound *sound)
{
    return sound->name;
}

/* ---- the reader's -------------------------------------------------------------------------- */

/* With the lock held. */
static void warn_lost(struct wt_sound *s, const char *why)
{
    if (!s->warned)
        wt_log(WT_LOG_WARN, "%s: %s: some of its sound is lost", s->name, why);
    s->warned = true;
}

static void set_times(struct wt_sound *s, AVPacket *packet, AVRational base, int64_t origin)
{
    const int64_t stamp = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
    const int64_t at =
        stamp == AV_NOPTS_VALUE ? s->next_us : av_rescale_q(stamp - origin, base, AV_TIME_BASE_Q);
    packet->duration =
        packet->duration > 0 ? av_rescale_q(packet->duration, base, AV_TIME_BASE_Q) : 0;
    packet->pts = packet->dts = at;
    s->next_us = at + packet->duration;
}

void wt_sound_put(struct wt_sound *s, AVPacket *packet, AVRational base, int64_t origin)
{
    set_times(s, packet, base, origin);
    if (packet->pts < 0) {
        wt_av()->av_packet_unref(packet);
        return;
    }
    struct node *node = calloc(1, sizeof *node);
    if (node)
        node->packet = wt_av()->av_packet_alloc();
    if (!node || !node->packet || wt_av()->av_packet_make_refcounted(packet) < 0) {
        if (node)
            destroy_node(node);
        wt_av()->av_packet_unref(packet);
        pthread_mutex_lock(&s->lock);
        warn_lost(s, "out of memory");
        pthread_mutex_unlock(&s->lock);
        return;
    }
    wt_av()->av_packet_move_ref(node->packet, packet);
    append(&s->fresh, node);
}

/* With the lock held. */
static void trim(struct wt_sound *s)
{
    struct list *q = &s->queue;
    while (q->first && !s->listening &&
           (q->last->packet->pts - q->first->packet->pts > KEPT_US || q->bytes > KEPT_BYTES))
        destroy_node(unlink_node(q, q->first));
    while (q->bytes > BYTES_MAX) {
        destroy_node(unlink_node(q, q->last));
        warn_lost(s, "too much of it waits to be recorded");
    }
}

void wt_sound_end_round(struct wt_sound *s, int64_t offset_us, int64_t until_us)
{
    pthread_mutex_lock(&s->lock);
    while (s->fresh.first) {
        struct node *node = unlink_node(&s->fresh, s->fresh.first);
        node->packet->pts += offset_us;
        node->packet->dts = node->packet->pts;
        append(&s->queue, node);
    }
    while (s->queue.last && s->queue.last->packet->pts >= until_us)
        destroy_node(unlink_node(&s->queue, s->queue.last));
    trim(s);
    pthread_mutex_unlock(&s->lock);
}

void wt_sound_pass(struct wt_sound *s, int64_t offset_us)
{
    wt_sound_end_round(s, offset_us, INT64_MAX);
}

void wt_sound_forget(struct wt_sound *s)
{
    clear(&s->fresh);
    pthread_mutex_lock(&s->lock);
    clear(&s->queue);
    pthread_mutex_unlock(&s->lock);
}

/* ---- the recorder's ------------------------------------------------------------------------ */

void wt_sound_listen(struct wt_sound *s, bool on)
{
    pthread_mutex_lock(&s->lock);
    s->listening = on;
    s->warned = false;
    trim(s);
    pthread_mutex_unlock(&s->lock);
}

bool wt_sound_take(struct wt_sound *s, int64_t before_us, AVPacket *packet)
{
    struct node *node = NULL;
    pthread_mutex_lock(&s->lock);
    if (s->queue.first && s->queue.first->packet->pts < before_us)
        node = unlink_node(&s->queue, s->queue.first);
    pthread_mutex_unlock(&s->lock);
    if (!node)
        return false;
    wt_av()->av_packet_move_ref(packet, node->packet);
    destroy_node(node);
    return true;
}
