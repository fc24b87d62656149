#include "teach/mining.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "track/tracker_offset.h"

enum { FACES = 4, SHARE = 20 };
/* Frames farther apart are no neighbours. */
#define NEIGHBOURS_US 150000
/* A frame that leaves the movement by so many times the usual is offered without a pass. */
#define SUDDEN 2.0f

/* A face in one frame. */
struct moment {
    struct wt_frame *frame; /* NULL: none */
    struct wt_face face;    /* as reported, without maps */
    struct wt_point found[WT_POINTS_MAX];
};

struct followed {
    uint32_t id; /* 0: none */
    struct moment before, last;
    bool here; /* in this frame */
};

struct wt_mining {
    struct wt_miner *miner;
    int64_t every_us, next_us;
    struct followed face[FACES];
    int turn;
};

static void forget(struct followed *f)
{
    wt_frame_unref(&f->before.frame);
    wt_frame_unref(&f->last.frame);
    f->id = 0;
}

static struct followed *find(struct wt_mining *m, uint32_t id)
{
    for (int i = 0; i < FACES; i++)
        if (m->face[i].id == id)
            return &m->face[i];
    return NULL;
}

static void step_on(struct followed *f, struct wt_frame *frame, const struct wt_face *face,
                    const struct wt_point *found)
{
    wt_frame_unref(&f->before.frame);
    f->before = f->last;
    f->last.frame = wt_frame_ref(frame);
    f->last.face = *face;
    f->last.face.maps = NULL;
    memcpy(f->last.found, found, (size_t)face->points * sizeof *found);
}

/* How the last frame fits between the one before and this one. */
static float motion(const struct followed *f, const struct wt_mining_sight *s,
                    const struct wt_face *face, const struct wt_point *found)
{
    const struct wt_frame *before = f->before.frame, *last = f->last.frame;
    if (!before || !last || f->before.face.points != face->points ||
        f->last.face.points != face->points || last->time_us - before->time_us > NEIGHBOURS_US ||
        s->frame->time_us - last->time_us > NEIGHBOURS_US)
        return NAN;
    return wt_doubt_of_motion(wt_scheme_get(face->points), face->points, f->before.found,
                              f->last.found, found, before->time_us, last->time_us,
                              s->frame->time_us);
}

static enum wt_status follow(struct wt_mining *m, const struct wt_mining_sight *s,
                             const struct wt_face *face)
{
    struct followed *f = find(m, face->id);
    const struct wt_point *found = wt_tracker_found(s->tracker, face->id);
    enum wt_status status = WT_OK;
    if (!f)
        f = find(m, 0);
    if (!f || !found)
        return WT_OK;
    f->id = face->id;
    f->here = true;
    const struct wt_doubt doubt = {NAN, NAN, motion(f, s, face, found)};
    if (doubt.motion > SUDDEN * wt_miner_usual(m->miner, WT_DOUBT_MOTION))
        status = wt_miner_offer(m->miner, f->last.frame, &f->last.face, &doubt, NULL);
    wt_miner_note(m->miner, &doubt);
    step_on(f, s->frame, face, found);
    return status;
}

/* A pass on the mirrored crop of one face of this frame, each in its turn. */
static enum wt_status look(struct wt_mining *m, const struct wt_mining_sight *s)
{
    struct followed *f = NULL;
    for (int i = 0; i < FACES && !f; i++)
        if (m->face[(m->turn + i) % FACES].here) {
            f = &m->face[(m->turn + i) % FACES];
            m->turn = (m->turn + i + 1) % FACES;
        }
    if (!f || s->now_us < m->next_us)
        return WT_OK;
    const int64_t start = wt_now_us();
    struct wt_doubt doubt;
    enum wt_status status =
        wt_doubt_look(s->model, &s->frame->image, f->last.found, s->stacks, &doubt);
    const int64_t share = SHARE * (wt_now_us() - start);
    m->next_us = s->now_us + (m->every_us == 0 || m->every_us > share ? m->every_us : share);
    if (status)
        return status;
    status = wt_miner_offer(m->miner, s->frame, &f->last.face, &doubt, NULL);
    wt_miner_note(m->miner, &doubt);
    return status;
}

enum wt_status wt_mining_watch(struct wt_mining *m, const struct wt_mining_sight *s)
{
    enum wt_status status = WT_OK;
    for (int i = 0; i < FACES; i++)
        m->face[i].here = false;
    for (int i = 0; i < s->result->faces && !status; i++)
        status = follow(m, s, &s->result->face[i]);
    for (int i = 0; i < FACES; i++)
        if (m->face[i].id && !m->face[i].here)
            forget(&m->face[i]);
    return status ? status : look(m, s);
}

enum wt_status wt_mining_create(struct wt_mining **out, struct wt_miner *miner, int64_t every_us)
{
    struct wt_mining *m = calloc(1, sizeof *m);
    if (!m)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    m->miner = miner;
    m->every_us = every_us;
    *out = m;
    return WT_OK;
}

void wt_mining_destroy(struct wt_mining **mining)
{
    if (!*mining)
        return;
    for (int i = 0; i < FACES; i++)
        forget(&(*mining)->face[i]);
    free(*mining);
    *mining = NULL;
}
