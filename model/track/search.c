#include "track/search.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"

enum phase { IDLE, ASKED, SEARCHING, DONE };

struct wt_search {
    struct wt_detector *detector;
    bool background;
    pthread_t thread;
    /* all below: under the lock, but the image while SEARCHING, which is the thread's */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    enum phase phase;
    bool quit, forget;
    struct wt_image image; /* of `pixels` */
    uint8_t *pixels;
    size_t capacity;
    bool thorough;
    struct wt_found found;
    enum wt_status status;
};

static enum wt_status search(struct wt_search *s, const struct wt_image *image, bool thorough,
                             struct wt_found *found)
{
    double start = wt_now_ms();
    found->faces = 0;
    enum wt_status status =
        thorough
            ? wt_detector_find(s->detector, image, 0, found->face, WT_SEARCH_MAX, &found->faces)
            : wt_detector_find_quick(s->detector, image, found->face, WT_SEARCH_MAX, &found->faces);
    found->ms = wt_now_ms() - start;
    return status;
}

static void *run(void *arg)
{
    struct wt_search *s = arg;
    pthread_setname_np(pthread_self(), "wt-search");
    pthread_mutex_lock(&s->lock);
    for (;;) {
        while (s->phase != ASKED && !s->quit)
            pthread_cond_wait(&s->wake, &s->lock);
        if (s->quit)
            break;
        s->phase = SEARCHING;
        struct wt_found found;
        pthread_mutex_unlock(&s->lock);
        enum wt_status status = search(s, &s->image, s->thorough, &found);
        pthread_mutex_lock(&s->lock);
        s->found = found;
        s->status = status;
        s->phase = s->forget ? IDLE : DONE;
        s->forget = false;
        pthread_cond_signal(&s->wake); /* wt_search_now may wait for the detector */
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

enum wt_status wt_search_create(struct wt_search **out, const char *detector,
                                const struct wt_detector_options *options, bool background)
{
    struct wt_search *s = calloc(1, sizeof *s);
    if (!s)
        return wt_fail(WT_ERR_MEMORY, "search: out of memory");
    enum wt_status status = wt_detector_create(&s->detector, detector, options);
    pthread_mutex_init(&s->lock, NULL); /* neither can fail with default attributes on Linux */
    pthread_cond_init(&s->wake, NULL);
    if (!status && background) {
        if (pthread_create(&s->thread, NULL, run, s) == 0)
            s->background = true;
        else
            status = wt_fail(WT_ERR_MEMORY, "search: a thread cannot be started");
    }
    if (status)
        wt_search_destroy(&s);
    else
        *out = s;
    return status;
}

void wt_search_destroy(struct wt_search **search_)
{
    struct wt_search *s = *search_;
    if (!s)
        return;
    if (s->background) {
        pthread_mutex_lock(&s->lock);
        s->quit = true;
        pthread_cond_signal(&s->wake);
        pthread_mutex_unlock(&s->lock);
        pthread_join(s->thread, NULL);
    }
    wt_detector_destroy(&s->detector);
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->lock);
    free(s->pixels);
    free(s);
    *search_ = NULL;
}

bool wt_search_in_background(const struct wt_search *s)
{
    return s->background;
}

enum wt_status wt_search_now(struct wt_search *s, const struct wt_image *image, bool thorough,
                             struct wt_found *found)
{
    /* The thread uses the detector only between being asked and its answer. */
    pthread_mutex_lock(&s->lock);
    while (s->phase == SEARCHING)
        pthread_cond_wait(&s->wake, &s->lock);
    s->phase = IDLE;
    pthread_mutex_unlock(&s->lock);
    return search(s, image, thorough, found);
}

/* Copies an image tightly into the search's own memory, which grows when it must. */
static bool copy(struct wt_search *s, const struct wt_image *image)
{
    size_t row = (size_t)image->width * (image->format == WT_PIXEL_GRAY8 ? 1 : 3);
    size_t size = row * (size_t)image->height;
    if (size > s->capacity) {
        uint8_t *pixels = realloc(s->pixels, size);
        if (!pixels)
            return false;
        s->pixels = pixels;
        s->capacity = size;
    }
    for (int y = 0; y < image->height; y++)
        memcpy(s->pixels + (size_t)y * row, image->data + y * image->stride, row);
    s->image = *image;
    s->image.data = s->pixels;
    s->image.stride = (ptrdiff_t)row;
    return true;
}

bool wt_search_start(struct wt_search *s, const struct wt_image *image, bool thorough)
{
    pthread_mutex_lock(&s->lock);
    bool ready = s->phase == IDLE && copy(s, image);
    if (ready) {
        s->thorough = thorough;
        s->phase = ASKED;
        pthread_cond_signal(&s->wake);
    }
    pthread_mutex_unlock(&s->lock);
    return ready;
}

bool wt_search_take(struct wt_search *s, struct wt_found *found, enum wt_status *status)
{
    pthread_mutex_lock(&s->lock);
    bool done = s->phase == DONE;
    if (done) {
        *found = s->found;
        *status = s->status;
        s->phase = IDLE;
    }
    pthread_mutex_unlock(&s->lock);
    return done;
}

void wt_search_discard(struct wt_search *s)
{
    pthread_mutex_lock(&s->lock);
    if (s->phase == ASKED || s->phase == DONE)
        s->phase = IDLE;
    s->forget = s->phase == SEARCHING;
    pthread_mutex_unlock(&s->lock);
}
