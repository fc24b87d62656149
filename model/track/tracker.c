#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "track/tracker_internal.h"

/* Rules. */
#define FALL 0.65f        /* a sudden fall below this share of its usual confidence: it is lost */
#define ENTER 1.15f       /* a new face must be this much surer than one that is followed */
#define CROWD_S 2.0f      /* between searches while all places are taken */
#define THOROUGH_EVERY 10 /* searches */
#define LOOK_S 0.3f       /* seconds a face is looked for where it was */
#define REMEMBER_S 1.0f   /* before its id is given up; searches may find it until then */
/* Frames less alike have nothing to do with each other. Measured: pairs of photographs 0.6 or less
 * in 87 %, at most 0.81; frame to frame 0.99 where the camera stands, 0.82 where half the frame
 * moves.
 */
#define CUT 0.6f
#define CUT_IN_CALM 0.85f /* where the frames before were as alike as that: */
#define CALM 0.97f
#define VISIBLE_MIN 0.35f /* share of the face's box that must lie in the frame */
#define SAME_FACE_IOU 0.3f

/* ---- rules ---------------------------------------------------------------------------------- */

static struct wt_box box_of(const struct wt_tracker *t, const struct wt_look *look)
{
    return wt_points_box(look->point, t->model->info.points);
}

/* Share of a box that lies inside the frame. Beyond its borders the crop shows a mirror image, in
 * which the network finds a face just as well. */
static float visible(const struct wt_box *b, const struct wt_image *image)
{
    const float w = fminf(b->x + b->w, (float)image->width) - fmaxf(b->x, 0);
    const float h = fminf(b->y + b->h, (float)image->height) - fmaxf(b->y, 0);
    const float area = b->w * b->h;
    return w > 0 && h > 0 && area > 0 ? w * h / area : 0;
}

static bool seen(const struct wt_tracker *t, const struct wt_look *look,
                 const struct wt_image *image)
{
    const struct wt_box box = box_of(t, look);
    return look->confidence >= t->options.min_confidence && visible(&box, image) >= VISIBLE_MIN;
}

static bool same_face(const struct wt_box *a, const struct wt_box *b)
{
    const float reach = 0.3f * fmaxf(a->w, b->w);
    return wt_box_iou(a, b) >= SAME_FACE_IOU || (fabsf(a->x + a->w / 2 - b->x - b->w / 2) < reach &&
                                                 fabsf(a->y + a->h / 2 - b->y - b->h / 2) < reach);
}

/* The face in sight that a box belongs to, or NULL. */
static struct track *track_at(struct wt_tracker *t, const struct wt_box *box)
{
    for (int i = 0; i < t->tracks; i++) {
        const struct wt_box other = box_of(t, &t->track[i].look);
        if (!t->track[i].missed && same_face(box, &other))
            return &t->track[i];
    }
    return NULL;
}

static void drop(struct wt_tracker *t, int i)
{
    memmove(&t->track[i], &t->track[i + 1], sizeof(t->track[0]) * (size_t)(t->tracks - i - 1));
    t->tracks--;
}

static float *maps_of(const struct wt_tracker *t, const struct wt_result *result, int slot)
{
    const size_t cells = (size_t)t->model->info.map_size * (size_t)t->model->info.map_size;
    if (!t->options.maps)
        return NULL;
    return result->storage + (size_t)slot * (size_t)(t->model->info.points + 1) * cells;
}

/* The first place from `slot` on that holds no maps of a face seen in this frame. */
static int free_slot(const struct wt_tracker *t, int slot)
{
    for (;; slot++) {
        bool taken = false;
        for (int i = 0; i < t->tracks; i++)
            taken = taken || (!t->track[i].missed && t->track[i].slot == slot);
        if (!taken)
            return slot;
    }
}

/* ---- one frame ------------------------------------------------------------------------------ */

static float seconds_since(const struct wt_tracker *t, int64_t time_us)
{
    return t->now_us > time_us ? (float)((double)t->now_us - (double)time_us) * 1e-6f : 0;
}

static void lose(struct wt_tracker *t, struct track *track)
{
    if (!track->missed)
        track->lost_us = t->now_us;
    t->lost = t->lost || !track->missed;
    track->missed = true;
}

static struct wt_sighting sight(const struct wt_tracker *t, const struct wt_look *look,
                                const struct wt_image *image)
{
    struct wt_sighting s = {.box = box_of(t, look), .time_us = t->now_us};
    /* around the points that were found: the look's own crop is that of the last frame's points */
    const struct wt_affine map = wt_look_next(t->model, look->point);
    wt_appearance_take(&s.appearance, image, &map, t->model->info.input_size);
    return s;
}

static enum wt_return how_seen(const struct track *track, bool hidden)
{
    return track->elsewhere ? WT_RETURN_AFTER_CUT : hidden ? WT_RETURN_HIDDEN : WT_RETURN_PLAIN;
}

/* What the look at a known face has shown. */
static void judge(struct wt_tracker *t, struct track *track, const struct wt_look *look,
                  const struct wt_image *image)
{
    bool there = seen(t, look, image) && look->confidence >= FALL * track->usual;
    if (there) {
        const struct wt_sighting s = sight(t, look, image);
        there = track->missed ? wt_identity_returns(&track->who, &s, how_seen(track, false))
                              : wt_identity_continues(&track->who, &s, t->cut);
        if (there) {
            track->look = *look;
            track->missed = track->elsewhere = false;
            wt_identity_update(&track->who, &s);
        }
    }
    if (!there)
        lose(t, track);
    track->usual += 0.1f * (look->confidence - track->usual);
}

/* The crop follows the points with a little slack: a network's points move with its crop, and a
 * crop around points that tremble trembles as well. Measured, jitter of the fast network's raw
 * points in % of the eye distance a frame, on the demo clip and the two in ../shared/data/clips:
 * without slack 0.37, 0.32, 0.27; with 0.02 sides 0.32, 0.32, 0.27; with 0.03 0.34, 0.31, 0.27;
 * with 0.06 0.34, 0.31, 0.27. */
#define CROP_SLACK 0.02f

static struct wt_affine next_crop(const struct wt_tracker *t, struct track *track)
{
    const struct wt_model *model = t->model;
    const struct wt_square now = wt_square_of(model->scheme, track->look.point, model->info.points);
    if (track->missed)
        track->crop.side = 0;
    wt_square_drag(&track->crop, &now, CROP_SLACK);
    const struct wt_square *c = &track->crop;
    return wt_crop_square(c->x, c->y, model->info.crop_factor * c->side, c->roll,
                          model->info.input_size);
}

/* Looks again at every known face, where it was last seen. */
static enum wt_status follow(struct wt_tracker *t, const struct wt_image *image,
                             struct wt_result *result)
{
    struct track *looked_at[WT_FACES_MAX];
    int n = 0;
    for (int i = 0; i < t->tracks; i++) {
        struct track *track = &t->track[i];
        track->slot = i;
        if (track->missed && seconds_since(t, track->lost_us) > LOOK_S)
            continue;
        t->look[n].map = next_crop(t, track);
        t->look[n].maps = maps_of(t, result, i);
        t->look[n].probe = t->probe && t->probe->id == track->id ? t->probe : NULL;
        looked_at[n++] = track;
    }
    const enum wt_status status = wt_look(t->model, image, t->look, n, t->options.stacks);
    for (int i = 0; i < n && !status; i++)
        judge(t, looked_at[i], &t->look[i], image);
    return status;
}

/* Two faces that have come to lie on one: the one that it fits worse is behind, and lost. */
static void part(struct wt_tracker *t, const struct wt_image *image)
{
    for (int i = 0; i < t->tracks; i++)
        for (int j = i + 1; j < t->tracks; j++) {
            struct track *a = &t->track[i], *b = &t->track[j];
            const struct wt_box box_a = box_of(t, &a->look), box_b = box_of(t, &b->look);
            if (a->missed || b->missed || !same_face(&box_a, &box_b))
                continue;
            const struct wt_sighting sight_a = sight(t, &a->look, image),
                                     sight_b = sight(t, &b->look, image);
            lose(t, wt_identity_misfit(&a->who, &sight_a) <= wt_identity_misfit(&b->who, &sight_b)
                        ? b
                        : a);
        }
}

static int count_seen(const struct wt_tracker *t)
{
    int n = 0;
    for (int i = 0; i < t->tracks; i++)
        n += !t->track[i].missed;
    return n;
}

/* Makes room for a new face at the cost of one that is out of sight. */
static bool make_room(struct wt_tracker *t)
{
    for (int i = 0; i < t->tracks && t->tracks >= t->options.max_faces; i++)
        if (t->track[i].missed)
            drop(t, i--);
    return t->tracks < t->options.max_faces;
}

/* Is a face in sight so near that it may hide a part of this one? */
static bool beside_another(const struct wt_tracker *t, const struct wt_box *box)
{
    for (int i = 0; i < t->tracks; i++) {
        const struct wt_box other = box_of(t, &t->track[i].look);
        if (!t->track[i].missed &&
            fabsf(other.x + other.w / 2 - box->x - box->w / 2) < box->w + other.w &&
            fabsf(other.y + other.h / 2 - box->y - box->h / 2) < box->h)
            return true;
    }
    return false;
}

/* The face out of sight that this one is, or NULL. */
static struct track *who_returns(struct wt_tracker *t, const struct wt_sighting *s)
{
    const bool hidden = beside_another(t, &s->box);
    struct track *best = NULL;
    float least = 0;
    for (int i = 0; i < t->tracks; i++) {
        struct track *track = &t->track[i];
        const float misfit = wt_identity_misfit(&track->who, s);
        if (track->missed && wt_identity_returns(&track->who, s, how_seen(track, hidden)) &&
            (!best || misfit < least)) {
            best = track;
            least = misfit;
        }
    }
    return best;
}

static struct track *new_track(struct wt_tracker *t)
{
    if (!make_room(t)) {
        t->crowd++;
        return NULL;
    }
    struct track *track = &t->track[t->tracks++];
    memset(track, 0, sizeof(*track));
    track->id = t->next_id++;
    return track;
}

/* Puts a look that showed a face into the track it belongs to, or into a new one. slot: where its
 * maps are. */
static void accept_face(struct wt_tracker *t, const struct wt_look *look, int slot,
                        const struct wt_image *image)
{
    const struct wt_box box = box_of(t, look);
    if (track_at(t, &box))
        return; /* followed already */
    const struct wt_sighting s = sight(t, look, image);
    struct track *track = who_returns(t, &s);
    if (track)
        wt_identity_resume(&track->who, &s);
    else if ((track = new_track(t)))
        wt_identity_start(&track->who, &s);
    if (!track)
        return;
    track->look = *look;
    track->crop.side = 0;
    track->slot = slot;
    track->usual = look->confidence;
    track->missed = track->elsewhere = false;
}

/* Searches are thorough at first, when a face has just been lost, and every so often while there is
 * none, or while nobody waits for them; all others are quick, so that following does not stall.
 */
static bool thorough(const struct wt_tracker *t)
{
    const bool patient = t->tracks == 0 || wt_search_in_background(t->search);
    return t->lost || (patient && t->searches % THOROUGH_EVERY == 0);
}

static void note_search(struct wt_tracker *t, bool was_thorough)
{
    t->searched_us = t->now_us;
    t->searches = was_thorough ? 1 : t->searches + 1;
    t->lost = t->lost && !was_thorough;
}

/* Keeps those of the found boxes that no followed face explains and that are worth a look. */
static void filter_candidates(struct wt_tracker *t)
{
    const int most = t->options.max_faces - count_seen(t) + CANDIDATES_SPARE;
    int count = 0;
    for (int i = 0; i < t->found.faces && count < most; i++)
        if (!track_at(t, &t->found.face[i].box))
            t->found.face[count++] = t->found.face[i];
    t->found.faces = count;
}

/* First sight takes two passes: the first, through the detector's box, tells where the points are;
 * the second, through the points' own box, is the one that counts and fills the maps. */
static enum wt_status confirm_candidates(struct wt_tracker *t, const struct wt_image *image,
                                         struct wt_result *result)
{
    int slot[CANDIDATES_MAX];
    const int count = t->found.faces;
    for (int i = 0; i < count; i++) {
        const struct wt_detection *d = &t->found.face[i];
        t->look[i].maps = NULL;
        t->look[i].probe = NULL; /* it has no id yet */
        t->look[i].map = wt_crop_square(d->box.x + d->box.w / 2, d->box.y + d->box.h / 2,
                                        t->model->info.crop_factor * d->box.w, d->roll,
                                        t->model->info.input_size);
    }
    enum wt_status status = wt_look(t->model, image, t->look, count, t->options.stacks);
    int left = 0;
    t->crowd = 0;
    for (int i = 0; i < count && !status; i++)
        if (t->look[i].confidence >= 0.5f * t->options.min_confidence) {
            slot[left] = free_slot(t, left ? slot[left - 1] + 1 : 0);
            t->look[left] = t->look[i];
            t->look[left].map = wt_look_next(t->model, t->look[i].point);
            t->look[left].maps = maps_of(t, result, slot[left]);
            left++;
        }
    if (!status)
        status = wt_look(t->model, image, t->look, left, t->options.stacks);
    for (int i = 0; i < left && !status; i++)
        if (seen(t, &t->look[i], image) &&
            t->look[i].confidence >= fminf(1, ENTER * t->options.min_confidence))
            accept_face(t, &t->look[i], slot[i], image);
    return status;
}

/* Would the next frame come more than `every` seconds after the last search? */
static bool period_ends(const struct wt_tracker *t, float every)
{
    return seconds_since(t, t->searched_us) + seconds_since(t, t->before_us) > every;
}

/* Is this a frame to search in? Always while there is no face and while one has just been lost;
 * else often enough for new ones. With all places taken only to say that there are more faces. */
static bool search_due(const struct wt_tracker *t)
{
    const int seen_now = count_seen(t);
    if (seen_now == 0)
        return true;
    for (int i = 0; i < t->tracks; i++)
        if (t->track[i].missed && seconds_since(t, t->track[i].lost_us) <= LOOK_S)
            return true;
    if (seen_now == t->options.max_faces)
        return seen_now > 1 && t->crowd == 0 && period_ends(t, CROWD_S);
    return period_ends(t, t->options.search_every);
}

/* Fills t->found where a search ends with this frame. In the background that is one of an earlier
 * frame: the face has moved a little since, which the second look of confirm_candidates() makes
 * good. The first frame is searched at once even then: it may be the only one (a picture, a video
 * at rest). */
static enum wt_status search(struct wt_tracker *t, const struct wt_image *image,
                             struct wt_result *result)
{
    enum wt_status status = WT_OK;
    const bool due = search_due(t), all = thorough(t);
    if (wt_search_in_background(t->search) && !t->first) {
        result->detector_ran = wt_search_take(t->search, &t->found, &status);
        if (due && !result->detector_ran && wt_search_start(t->search, image, all))
            note_search(t, all);
    } else if (due) {
        result->detector_ran = true;
        status = wt_search_now(t->search, image, all, &t->found);
        note_search(t, all);
    }
    t->first = false;
    if (result->detector_ran)
        result->detect_ms = t->found.ms;
    return status;
}

/* The result's storage: places for the most faces followed and candidates, of which those in use
 * come first; grows at most once. */
static enum wt_status reserve(const struct wt_tracker *t, struct wt_result *result)
{
    const size_t size = (size_t)(t->options.max_faces + CANDIDATES_SPARE) *
                        (size_t)(t->model->info.points + 1) * (size_t)t->model->info.map_size *
                        (size_t)t->model->info.map_size * sizeof(float);
    if (!t->options.maps || result->storage_size >= size)
        return WT_OK;
    free(result->storage);
    result->storage = malloc(size);
    result->storage_size = result->storage ? size : 0;
    return result->storage ? WT_OK : wt_fail(WT_ERR_MEMORY, "tracker: out of memory");
}

/* A look at the face says something only if it has shown the face. */
static void check_probe(struct wt_tracker *t)
{
    bool there = false;
    for (int i = 0; i < t->tracks; i++)
        there = there || (t->track[i].id == t->probe->id && !t->track[i].missed);
    t->probe->seen = t->probe->seen && there;
}

static void report(struct wt_tracker *t, int64_t time_us, struct wt_result *result)
{
    const int points = t->model->info.points;
    if (t->probe)
        check_probe(t);
    for (int i = 0; i < t->tracks; i++) {
        struct track *track = &t->track[i];
        if (track->missed)
            continue;
        struct wt_face *face = &result->face[result->faces++];
        face->id = track->id;
        face->confidence = track->look.confidence;
        face->points = points;
        face->input_size = t->model->info.input_size;
        face->map_size = t->model->info.map_size;
        memcpy(face->point, track->look.point, sizeof(face->point));
        memcpy(face->point_confidence, track->look.point_confidence,
               sizeof(face->point_confidence));
        memcpy(face->point_ellipse, track->look.point_ellipse, sizeof(face->point_ellipse));
        face->frame_to_crop = track->look.map;
        face->maps = maps_of(t, result, track->slot);
        if (t->offset)
            wt_offset_apply(t->offset, face->point);
        if (t->options.smooth) {
            const struct wt_box box = box_of(t, &track->look);
            wt_one_euro_apply(&track->filter, face->point, points, (box.w + box.h) / 2,
                              t->options.smooth_strength, time_us);
        }
    }
}

/* Notices a cut: a frame that has nothing in common with the last one. */
static void start_frame(struct wt_tracker *t, const struct wt_image *image, int64_t time_us)
{
    struct wt_appearance now;
    wt_appearance_take_frame(&now, image);
    const float alike = t->first ? 1 : wt_appearance_match(&now, &t->frame);
    t->cut = !t->first && alike < (t->calm > CALM ? CUT_IN_CALM : CUT);
    /* frames that are there twice make no calm */
    t->calm = t->first || alike < t->calm ? alike : t->calm + 0.3f * (alike - t->calm);
    t->frame = now;
    t->before_us = t->first ? time_us : t->now_us;
    t->now_us = time_us;
    if (t->first)
        t->searched_us = time_us;
}

/* What is found from now on most likely belongs to another scene. */
static void leave_scene(struct wt_tracker *t)
{
    for (int i = 0; i < t->tracks; i++)
        t->track[i].elsewhere = true;
    wt_search_discard(t->search);
    t->lost = true;
}

static enum wt_status run(struct wt_tracker *t, const struct wt_image *image,
                          struct wt_result *result)
{
    double start = wt_now_ms();
    enum wt_status status = follow(t, image, result);
    result->forward_ms += wt_now_ms() - start;
    if (status)
        return status;
    part(t, image);
    if (t->cut && count_seen(t) == 0) /* else a camera that moves */
        leave_scene(t);
    status = search(t, image, result);
    if (!status && result->detector_ran) {
        start = wt_now_ms();
        filter_candidates(t);
        status = confirm_candidates(t, image, result);
        result->forward_ms += wt_now_ms() - start;
    }
    for (int i = t->tracks - 1; i >= 0; i--)
        if (t->track[i].missed && seconds_since(t, t->track[i].lost_us) > REMEMBER_S)
            drop(t, i);
    return status;
}

enum wt_status wt_tracker_track(struct wt_tracker *tracker, const struct wt_image *image,
                                int64_t time_us, struct wt_result *result)
{
    const double start = wt_now_ms();
    if (!tracker || !result)
        return wt_fail(WT_ERR_ARGUMENT, "tracker: no %s", tracker ? "result" : "tracker");
    result->faces = 0;
    result->unfollowed = 0;
    result->detect_ms = result->forward_ms = result->total_ms = 0;
    result->detector_ran = false;
    if (tracker->probe)
        tracker->probe->seen = false;
    enum wt_status status = wt_image_check(image);
    if (!status)
        status = reserve(tracker, result);
    if (!status) {
        start_frame(tracker, image, time_us);
        status = run(tracker, image, result);
    }
    if (!status)
        report(tracker, time_us, result);
    result->unfollowed = tracker->crowd;
    result->total_ms = wt_now_ms() - start;
    return status;
}
