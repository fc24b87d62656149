#include "teach/miner.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/status.h"
#include "face/pose.h"
#include "face/square.h"

/* Half of the side of what is kept, in sides of the face: what learning can crop (as
 * data/faces_frames.c), and a little for the eye. */
#define REACH 1.6f
/* Differences that make two frames as unlike as they need to be. */
#define UNLIKE_YAW 25.0f
#define UNLIKE_PITCH 20.0f
#define UNLIKE_MEAN 50.0f
#define UNLIKE_CONTRAST 25.0f
#define ALIKE_COUNTS 0.25f

/* Usual disagreements, %, of the demo clip's faces (app/teach/README.md); each counts as so many
 * measurements. */
static const float usual_at_first[WT_DOUBTS] = {1.4f, 1.2f, 0.3f};
#define COUNTS_AT_FIRST 20.0

struct usual {
    double sum, count;
};

struct wt_miner {
    pthread_mutex_t lock;
    int most;
    size_t bytes;
    struct usual usual[WT_DOUBTS];
    struct wt_mined kept[WT_MINER_MOST + 1]; /* one more while it is decided who goes */
    int count;
    uint32_t next;
    uint64_t version;
};

/* ---- scores -------------------------------------------------------------------------------- */

static float value_of(const struct wt_doubt *d, int kind)
{
    return kind == WT_DOUBT_STACKS ? d->stacks : kind == WT_DOUBT_MIRROR ? d->mirror : d->motion;
}

static float usual(const struct wt_miner *m, int kind)
{
    return (float)(m->usual[kind].sum / m->usual[kind].count);
}

static float score(const struct wt_miner *m, const struct wt_doubt *doubt, enum wt_doubt_kind *of)
{
    float most = 0;
    for (int k = 0; k < WT_DOUBTS; k++) {
        const float times = value_of(doubt, k) / fmaxf(usual(m, k), 0.05f);
        if (times > most) { /* false for NAN */
            most = times;
            *of = (enum wt_doubt_kind)k;
        }
    }
    return most;
}

/* What is usual has changed since they were kept. */
static void score_all(struct wt_miner *m)
{
    for (int i = 0; i < m->count; i++)
        m->kept[i].score = score(m, &m->kept[i].doubt, &m->kept[i].of);
}

static float part(float a, float b, float unlike)
{
    const float d = fabsf(a - b) / unlike;
    return isfinite(d) ? d : 0;
}

/* 0: as like as can be; 1: unlike. */
static float distance(const struct wt_mined *a, const struct wt_mined *b)
{
    const float d =
        hypotf(hypotf(part(a->yaw, b->yaw, UNLIKE_YAW), part(a->pitch, b->pitch, UNLIKE_PITCH)),
               hypotf(part(a->mean, b->mean, UNLIKE_MEAN),
                      part(a->contrast, b->contrast, UNLIKE_CONTRAST)));
    return fminf(d, 1);
}

/* Order in which they would be offered: order[0] is the best. Greedy: each next one is worth its
 * score less how like it is to those before. */
static void rank(const struct wt_miner *m, int *order)
{
    float apart[WT_MINER_MOST + 1];
    bool taken[WT_MINER_MOST + 1] = {false};
    for (int i = 0; i < m->count; i++)
        apart[i] = 1;
    for (int n = 0; n < m->count; n++) {
        int best = 0;
        float most = -1;
        for (int i = 0; i < m->count; i++) {
            const float worth = m->kept[i].score * (ALIKE_COUNTS + (1 - ALIKE_COUNTS) * apart[i]);
            if (!taken[i] && worth > most) {
                most = worth;
                best = i;
            }
        }
        order[n] = best;
        taken[best] = true;
        for (int i = 0; i < m->count; i++)
            apart[i] = fminf(apart[i], distance(&m->kept[i], &m->kept[best]));
    }
}

/* ---- a frame ------------------------------------------------------------------------------- */

struct part_of_frame {
    int left, top, width, height;
};

static struct part_of_frame part_around(const struct wt_image *image, const struct wt_face *face)
{
    const struct wt_box box = wt_points_box(face->point, face->points);
    const float reach = REACH * (box.w + box.h) / 2;
    const float x = box.x + box.w / 2, y = box.y + box.h / 2;
    const float right = fminf(ceilf(x + reach) + 1, (float)image->width);
    const float bottom = fminf(ceilf(y + reach) + 1, (float)image->height);
    const float left = fmaxf(floorf(x - reach), 0), top = fmaxf(floorf(y - reach), 0);
    return right - left >= 8 && bottom - top >= 8
               ? (struct part_of_frame){(int)left, (int)top, (int)(right - left),
                                        (int)(bottom - top)}
               : (struct part_of_frame){0, 0, 0, 0};
}

static size_t bytes_of(const struct part_of_frame *p)
{
    return (size_t)p->width * (size_t)p->height * 3;
}

/* Grey levels within the box of the points, of every so many pixels. */
static void measure_light(const struct wt_image *image, const struct wt_face *face, float *mean,
                          float *contrast)
{
    const struct wt_box b = wt_points_box(face->point, face->points);
    const int x0 = (int)fmaxf(b.x, 0), x1 = (int)fminf(b.x + b.w, (float)image->width - 1);
    const int y0 = (int)fmaxf(b.y, 0), y1 = (int)fminf(b.y + b.h, (float)image->height - 1);
    const int step = x1 - x0 > 64 ? (x1 - x0) / 64 : 1;
    double sum = 0, squares = 0, n = 0;
    for (int y = y0; y <= y1; y += step)
        for (int x = x0; x <= x1; x += step) {
            const uint8_t *p = image->data + (ptrdiff_t)y * image->stride + (ptrdiff_t)x * 3;
            const double grey = 0.114 * p[0] + 0.587 * p[1] + 0.299 * p[2]; /* BT.601 */
            sum += grey;
            squares += grey * grey;
            n++;
        }
    *mean = n > 0 ? (float)(sum / n) : NAN;
    *contrast = n > 0 ? (float)sqrt(fmax(squares / n - sum / n * (sum / n), 0)) : NAN;
}

static struct wt_frame *cut(const struct wt_frame *frame, const struct part_of_frame *p)
{
    struct wt_frame *out = wt_frame_create(p->width, p->height);
    for (int y = 0; out && y < p->height; y++)
        memcpy(out->pixels + (ptrdiff_t)y * out->image.stride,
               frame->image.data + (ptrdiff_t)(p->top + y) * frame->image.stride +
                   (ptrdiff_t)p->left * 3,
               (size_t)p->width * 3);
    return out;
}

static void describe(struct wt_mined *out, const struct wt_frame *frame, const struct wt_face *face,
                     const struct part_of_frame *p)
{
    const struct wt_camera_model camera =
        wt_camera_assumed(frame->image.width, frame->image.height);
    struct wt_pose pose;
    const bool known = wt_pose_estimate(face->point, face->points, &camera, &pose);
    out->face = *face;
    out->face.maps = NULL;
    out->time_us = frame->time_us;
    out->found_s = (int64_t)time(NULL);
    out->yaw = known ? (float)pose.yaw : NAN;
    out->pitch = known ? (float)pose.pitch : NAN;
    measure_light(&frame->image, face, &out->mean, &out->contrast);
    for (int i = 0; i < face->points; i++) {
        out->face.point[i].x -= (float)p->left;
        out->face.point[i].y -= (float)p->top;
    }
    const float *m = face->frame_to_crop.m;
    out->face.frame_to_crop.m[2] = m[2] + m[0] * (float)p->left + m[1] * (float)p->top;
    out->face.frame_to_crop.m[5] = m[5] + m[3] * (float)p->left + m[4] * (float)p->top;
}

/* ---- what is kept -------------------------------------------------------------------------- */

/* A clip that starts again, or a picture that stands still, shows the same frame twice. */
static bool same_frame(const struct wt_mined *a, const struct wt_mined *b)
{
    float sum = 0;
    if (a->face.points != b->face.points || distance(a, b) > 0.02f ||
        a->frame->image.width != b->frame->image.width ||
        a->frame->image.height != b->frame->image.height)
        return false;
    for (int i = 0; i < a->face.points; i++)
        sum += hypotf(a->face.point[i].x - b->face.point[i].x,
                      a->face.point[i].y - b->face.point[i].y);
    const float side = wt_square_of(NULL, a->face.point, a->face.points).side;
    return sum / (float)a->face.points < 0.01f * side;
}

static bool near_in_time(const struct wt_mined *a, const struct wt_mined *b)
{
    const int64_t apart =
        a->time_us > b->time_us ? a->time_us - b->time_us : b->time_us - a->time_us;
    return a->face.id == b->face.id && a->face.id != 0 && apart < WT_MINER_APART_US;
}

static void drop(struct wt_miner *m, int i)
{
    wt_frame_unref(&m->kept[i].frame);
    m->kept[i] = m->kept[--m->count];
    m->version++;
}

static size_t bytes_kept(const struct wt_miner *m)
{
    size_t sum = 0;
    for (int i = 0; i < m->count; i++)
        sum += (size_t)m->kept[i].frame->image.width * (size_t)m->kept[i].frame->image.height * 3;
    return sum;
}

/* The last in the order goes while there is too much. */
static void shrink(struct wt_miner *m)
{
    int order[WT_MINER_MOST + 1];
    while (m->count > m->most || bytes_kept(m) > m->bytes) {
        rank(m, order);
        drop(m, order[m->count - 1]);
    }
}

/* Takes over the frame. Returns whether it is there afterwards. */
static bool insert(struct wt_miner *m, struct wt_mined *mined)
{
    score_all(m);
    mined->score = score(m, &mined->doubt, &mined->of);
    bool wanted = mined->score > WT_MINER_LEAST;
    for (int i = 0; i < m->count && wanted; i++)
        if (near_in_time(&m->kept[i], mined) || same_frame(&m->kept[i], mined)) {
            wanted = mined->score > m->kept[i].score;
            if (wanted)
                drop(m, i--);
        }
    if (!wanted) {
        wt_frame_unref(&mined->frame);
        return false;
    }
    mined->number = m->next++;
    if (!mined->key)
        mined->key = (uint64_t)mined->found_s << 20 | (mined->number & 0xfffff);
    m->kept[m->count++] = *mined;
    m->version++;
    shrink(m);
    for (int i = 0; i < m->count; i++)
        if (m->kept[i].number == mined->number)
            return true;
    return false;
}

enum wt_status wt_miner_offer(struct wt_miner *m, const struct wt_frame *frame,
                              const struct wt_face *face, const struct wt_doubt *doubt, bool *kept)
{
    struct wt_mined mined = {.doubt = *doubt};
    const struct part_of_frame p = part_around(&frame->image, face);
    bool is_kept = false;
    enum wt_status status = WT_OK;
    if (wt_miner_score(m, doubt, NULL) > WT_MINER_LEAST && p.width > 0 &&
        bytes_of(&p) <= m->bytes) {
        describe(&mined, frame, face, &p);
        mined.frame = cut(frame, &p);
        if (!mined.frame)
            status = wt_fail(WT_ERR_MEMORY, "out of memory for a frame to correct");
    }
    pthread_mutex_lock(&m->lock);
    if (mined.frame)
        is_kept = insert(m, &mined);
    pthread_mutex_unlock(&m->lock);
    if (kept)
        *kept = is_kept;
    return status;
}

void wt_miner_restore(struct wt_miner *m, const struct wt_mined *mined)
{
    struct wt_mined copy = *mined;
    copy.face.id = 0; /* of another session: nobody of this one */
    copy.face.maps = NULL;
    wt_frame_ref(copy.frame);
    pthread_mutex_lock(&m->lock);
    insert(m, &copy);
    pthread_mutex_unlock(&m->lock);
}

/* ---- interface ----------------------------------------------------------------------------- */

enum wt_status wt_miner_create(struct wt_miner **out, int most, size_t bytes)
{
    struct wt_miner *m = calloc(1, sizeof *m);
    if (!m)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    m->most = most < 1 ? 1 : most > WT_MINER_MOST ? WT_MINER_MOST : most;
    m->bytes = bytes;
    m->next = 1;
    for (int k = 0; k < WT_DOUBTS; k++)
        m->usual[k] = (struct usual){COUNTS_AT_FIRST * (double)usual_at_first[k], COUNTS_AT_FIRST};
    pthread_mutex_init(&m->lock, NULL);
    *out = m;
    return WT_OK;
}

void wt_miner_destroy(struct wt_miner **miner)
{
    if (!*miner)
        return;
    wt_miner_clear(*miner);
    pthread_mutex_destroy(&(*miner)->lock);
    free(*miner);
    *miner = NULL;
}

void wt_miner_note(struct wt_miner *m, const struct wt_doubt *doubt)
{
    pthread_mutex_lock(&m->lock);
    for (int k = 0; k < WT_DOUBTS; k++) {
        const double value = (double)value_of(doubt, k);
        if (!isfinite(value))
            continue;
        m->usual[k].sum += value;
        m->usual[k].count += 1;
    }
    pthread_mutex_unlock(&m->lock);
}

float wt_miner_usual(struct wt_miner *m, enum wt_doubt_kind kind)
{
    pthread_mutex_lock(&m->lock);
    const float value = usual(m, (int)kind);
    pthread_mutex_unlock(&m->lock);
    return value;
}

float wt_miner_score(struct wt_miner *m, const struct wt_doubt *doubt, enum wt_doubt_kind *of)
{
    enum wt_doubt_kind ignored;
    pthread_mutex_lock(&m->lock);
    const float value = score(m, doubt, of ? of : &ignored);
    pthread_mutex_unlock(&m->lock);
    return value;
}

int wt_miner_best(struct wt_miner *m, struct wt_mined *out, int most)
{
    int order[WT_MINER_MOST + 1];
    pthread_mutex_lock(&m->lock);
    score_all(m);
    rank(m, order);
    const int n = m->count < most ? m->count : most;
    for (int i = 0; i < n; i++) {
        out[i] = m->kept[order[i]];
        wt_frame_ref(out[i].frame);
    }
    pthread_mutex_unlock(&m->lock);
    return n;
}

void wt_mined_fini(struct wt_mined *mined)
{
    wt_frame_unref(&mined->frame);
}

void wt_miner_remove(struct wt_miner *m, uint32_t number)
{
    pthread_mutex_lock(&m->lock);
    for (int i = 0; i < m->count; i++)
        if (m->kept[i].number == number)
            drop(m, i--);
    pthread_mutex_unlock(&m->lock);
}

void wt_miner_clear(struct wt_miner *m)
{
    pthread_mutex_lock(&m->lock);
    while (m->count > 0)
        drop(m, m->count - 1);
    pthread_mutex_unlock(&m->lock);
}

uint64_t wt_miner_version(struct wt_miner *m)
{
    pthread_mutex_lock(&m->lock);
    const uint64_t version = m->version;
    pthread_mutex_unlock(&m->lock);
    return version;
}

void wt_miner_size(struct wt_miner *m, int *frames, size_t *bytes)
{
    pthread_mutex_lock(&m->lock);
    *frames = m->count;
    *bytes = bytes_kept(m);
    pthread_mutex_unlock(&m->lock);
}

void wt_mined_reason(const struct wt_mined *mined, char *text, size_t size)
{
    static const char *const words[WT_DOUBTS] = {"the network's stacks differ by",
                                                 "its mirror image differs by",
                                                 "it leaves the movement by"};
    snprintf(text, size, "%s %.1f %%, %.1f times the usual", words[mined->of],
             (double)value_of(&mined->doubt, (int)mined->of), (double)mined->score);
}
