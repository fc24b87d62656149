/* What five corrected frames of a person do to the others, at once and after learning:
 *   persons CLIP POINTS-CSV PERSON MODEL LEVEL LAYERS LONG LIST
 * CLIP, POINTS-CSV: a rendered clip and its exact points (clip_points.h). LEVEL: amx, avx2, ... or
 * auto. LAYERS: last, stack or all. LONG: 60s: so many seconds, beside a tracker that follows the
 * clip at its own pace, round and round; or 200: so many steps and no tracker, with the same result
 * as in the time that they take. LIST: faces of others, which learning must not harm.
 * A row: NME (%, by the outer eye corners) of the tracker on the frames that were not corrected,
 * before, with the offset, and with the offset after learning; of the network alone after it; and
 * of the network on LIST, before and after. Run by persons.sh. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "clip_points.h"
#include "input/source.h"
#include "measure/metrics.h"
#include "teach/learner.h"
#include "teach/profile_figures.h"
#include "track/tracker_offset.h"

enum { CORRECTED = 5, THREADS = 2 };

static struct clip_points truth;
static struct wt_profile_store store;
static const char *clip, *cpu_mask;
static int person;

static void die(const char *what)
{
    fprintf(stderr, "persons: %s\n", what);
    exit(1);
}

/* Five frames spread over those that show the person. */
static bool corrected(int frame)
{
    int before = 0, all = 0;
    for (int i = 0; i < truth.frames; i++) {
        before += truth.there[i] && i < frame;
        all += truth.there[i];
    }
    for (int k = 0; k < CORRECTED; k++)
        if (before == (2 * k + 1) * all / (2 * CORRECTED))
            return truth.there[frame];
    return false;
}

static struct wt_source *open_clip(void)
{
    struct wt_source *source = NULL;
    if (wt_source_open(&source, &(struct wt_source_spec){.input = clip}))
        die("cannot read the clip");
    return source;
}

static void correct(const char *model)
{
    const struct wt_profile_run run = {.model = model, .threads = THREADS, .cpu_mask = cpu_mask};
    struct wt_source *source = open_clip();
    struct wt_frame *frame;
    for (int i = 0; i < truth.frames && wt_source_read(source, &frame) == WT_OK; i++) {
        const struct wt_face_in_frame face = {&frame->image, truth.point[i], CLIP_POINTS};
        if (corrected(i) && wt_profile_add(&store, "me", &run, &face, 1))
            die("a correction was refused");
        wt_frame_unref(&frame);
    }
    wt_source_close(&source);
}

/* ---- the tracker --------------------------------------------------------------------------- */

struct following {
    struct wt_model *model;
    struct wt_tracker *tracker;
    struct wt_result result;
};

static void follow(struct following *f, const struct wt_profile *p)
{
    const struct wt_model_options how = {.threads = THREADS, .cpu_mask = cpu_mask};
    *f = (struct following){.model = NULL};
    if (wt_model_open(&f->model, p->weights.text, &how) ||
        wt_tracker_create(&f->tracker, f->model, &(struct wt_tracker_options){.max_faces = 2}))
        die("cannot track");
}

static void unfollow(struct following *f)
{
    wt_result_fini(&f->result);
    wt_tracker_destroy(&f->tracker);
    wt_model_close(&f->model);
}

/* NME on the frames that were not corrected: without the offset, and with it. */
static void measure(const struct wt_profile *p, double nme[2])
{
    const struct wt_scheme *scheme = wt_scheme_get(CLIP_POINTS);
    struct wt_source *source = open_clip();
    struct wt_frame *frame;
    struct following f;
    int n = 0, all = 0;
    follow(&f, p);
    nme[0] = nme[1] = 0;
    for (int i = 0; i < truth.frames && wt_source_read(source, &frame) == WT_OK; i++) {
        double best[2] = {INFINITY, INFINITY};
        if (wt_tracker_track(f.tracker, &frame->image, frame->time_us, &f.result))
            die("cannot track");
        for (int k = 0; k < f.result.faces; k++) {
            struct wt_point moved[CLIP_POINTS];
            memcpy(moved, f.result.face[k].point, sizeof moved);
            for (int with = 0; with < 2; with++) {
                if (with)
                    wt_offset_apply(p->offset, moved);
                best[with] =
                    fmin(best[with], wt_nme(truth.point[i], moved, scheme, WT_NORM_OCULAR));
            }
        }
        all += truth.there[i] && !corrected(i);
        if (truth.there[i] && !corrected(i) && best[0] < 30) {
            nme[0] += best[0];
            nme[1] += best[1];
            n++;
        }
        wt_frame_unref(&frame);
    }
    unfollow(&f);
    wt_source_close(&source);
    if (n < all * 9 / 10)
        die("the person was lost in more than a tenth of the frames");
    nme[0] /= n;
    nme[1] /= n;
}

/* Once through the clip at its own pace while a round is learned; frames tracked. */
static int follow_live(struct following *f, struct wt_learner *learner,
                       struct wt_learner_progress *p)
{
    const double begin = wt_now_s();
    struct wt_source *source = open_clip();
    struct wt_frame *frame;
    int n = 0;
    while (!wt_learner_over(p->state) && wt_source_read(source, &frame) == WT_OK) {
        const double wait = begin + 1e-6 * (double)frame->time_us - wt_now_s();
        if (wait > 0)
            nanosleep(&(struct timespec){.tv_nsec = (long)(1e9 * fmin(wait, 0.9))}, NULL);
        if (wt_tracker_track(f->tracker, &frame->image, frame->time_us, &f->result))
            die("cannot track");
        wt_frame_unref(&frame);
        wt_learner_progress(learner, p);
        n++;
    }
    wt_source_close(&source);
    return n;
}

/* ---- learning ------------------------------------------------------------------------------ */

/* What is printed of a round. */
struct round {
    struct wt_learner_progress p;
    double rate; /* frames a second tracked beside it; NAN: no tracker */
};

static void learn(const struct wt_profile *before, const char *layers, const char *how_long,
                  struct round *out)
{
    struct wt_learner_options o = wt_learner_defaults();
    struct wt_learner *learner = NULL;
    struct following f;
    const bool live = strchr(how_long, 's') != NULL;
    int frames = 0;
    o.store = &store;
    o.name = "me";
    o.threads = THREADS;
    o.cpu_mask = cpu_mask;
    o.seconds = live ? atof(how_long) : 0;
    o.steps = live ? 0 : atoi(how_long);
    o.layers = !strcmp(layers, "last")    ? WT_TUNE_LAST
               : !strcmp(layers, "stack") ? WT_TUNE_STACK
                                          : WT_TUNE_ALL;
    if (o.layers == WT_TUNE_LAST)
        o.rate = 2e-4;
    if (live)
        follow(&f, before);
    const double begin = wt_now_s();
    if (wt_learner_start(&learner, &o))
        die("cannot learn");
    do {
        if (live)
            frames += follow_live(&f, learner, &out->p);
        else
            nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        wt_learner_progress(learner, &out->p);
    } while (!wt_learner_over(out->p.state));
    out->rate = live ? frames / (wt_now_s() - begin) : NAN;
    if (live)
        unfollow(&f);
    if (wt_learner_end(&learner))
        die("learning failed");
}

static struct wt_profile *open_profile(void)
{
    struct wt_profile *p = NULL;
    if (wt_profile_open(&p, &store, "me") || !p->offset)
        die("no offset");
    return p;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/wingtip-persons-XXXXXX";
    struct wt_profile_figure others;
    struct wt_dataset list;
    struct round r = {.rate = NAN};
    double first[2], last[2];
    if (argc != 9)
        die("wrong use: see its first lines");
    clip = argv[1];
    person = atoi(argv[3]);
    cpu_mask = strcmp(argv[5], "auto") ? argv[5] : NULL;
    if (!clip_points_read(&truth, argv[2], person) || wt_dataset_open(&list, argv[8]) ||
        !mkdtemp(folder) || wt_profile_store_init(&store, folder))
        die("cannot read points or list");
    correct(argv[4]);
    struct wt_profile *p = open_profile();
    measure(p, first);
    learn(p, argv[6], argv[7], &r);
    wt_profile_close(&p);
    p = open_profile();
    measure(p, last);
    const struct wt_profile_run run = {.threads = THREADS, .cpu_mask = cpu_mask};
    if (wt_profile_measure_list(p, &run, &list, &others))
        die("cannot measure the list");
    printf("| %s | %s | %s | %d | %.0f | %.2f | %.2f | %.2f | %.2f | %.2f | %.3f | %.3f |", argv[4],
           argv[5], argv[6], r.p.step, r.p.seconds, r.p.drift, first[0], first[1], last[1], last[0],
           others.original.nme, others.network.nme);
    printf(" %s", p->learned ? "kept" : "taken back");
    if (!isnan(r.rate))
        printf(", %.1f frames a second", r.rate);
    printf("\n");
    wt_profile_close(&p);
    wt_dataset_fini(&list);
    wt_profile_delete(&store, "me");
    char lock[sizeof folder + 8];
    snprintf(lock, sizeof lock, "%s/.lock", folder);
    unlink(lock);
    return rmdir(folder) != 0;
}
