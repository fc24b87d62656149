/* Can a network correct itself? What a person's frames say of its errors without any label:
 *   consensus MODEL CLIP POINTS-CSV PERSON [FROM]
 * CLIP and POINTS-CSV: ../shared/synthetic (exact points). On every ninth frame the face is looked
 * at through several crops, mirrored, and with its neighbours in time; for each kind of consensus
 * an offset (face/offset.h) is fitted that takes what the plain look finds there. The table is of
 * other frames of the same person, % of the eye distance: NME, disagreement with the mirror image,
 * and movement against the neighbours. `itself` is the NME of the consensus without an offset: what
 * it could give at best. Run by hand; app/teach/README.md has the figures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clip_points.h"
#include "face/offset.h"
#include "face/scheme.h"
#include "input/source.h"
#include "measure/metrics.h"
#include "track/look.h"

enum { POINTS = CLIP_POINTS, EVERY = 9, CROPS = 9, KINDS = 7, MOST = 64 };

static const char *const kind_name[KINDS] = {"crops",       "mirror",   "crops and mirrors",
                                             "neighbours",  "boundary", "all of these",
                                             "exact points"};

static struct clip_points clip_points;
static struct wt_point track[CLIP_FRAMES][POINTS]; /* one look around the true points */

/* A frame that is looked at closely. */
struct moment {
    int frame;
    struct wt_point found[POINTS], mirrored[POINTS]; /* mirrored: as in the mirror image */
    struct wt_point kind[KINDS][POINTS];
};

static struct moment learn[MOST], other[MOST];
static int learns, others;

static void die(const char *what)
{
    fprintf(stderr, "consensus: %s\n", what);
    exit(1);
}

/* ---- looks --------------------------------------------------------------------------------- */

/* frame -> crop, and then within the crop: turned, scaled, shifted (crop sides), mirrored. */
static struct wt_affine change(const struct wt_affine *map, float side, float turn, float scale,
                               float dx, float dy, bool mirror)
{
    const float c = (side - 1) / 2, cs = scale * cosf(turn), sn = scale * sinf(turn);
    struct wt_affine to;
    for (int k = 0; k < 3; k++) {
        const float x = map->m[k] - (k == 2 ? c : 0), y = map->m[3 + k] - (k == 2 ? c : 0);
        const float u = cs * x - sn * y + (k == 2 ? dx * side : 0);
        to.m[k] = (mirror ? -u : u) + (k == 2 ? c : 0);
        to.m[3 + k] = sn * x + cs * y + (k == 2 ? dy * side + c : 0);
    }
    return to;
}

static bool look(struct wt_model *model, const struct wt_image *image, const struct wt_affine *map,
                 float *maps, struct wt_point *out)
{
    struct wt_look l = {.map = *map, .maps = maps};
    if (wt_look(model, image, &l, 1, 0))
        die("cannot look");
    memcpy(out, l.point, POINTS * sizeof *out);
    return l.confidence > 0;
}

static void add(struct wt_point *sum, const struct wt_point *p, const uint8_t *flip, float weight)
{
    for (int i = 0; i < POINTS; i++) {
        sum[i].x += weight * p[flip ? flip[i] : i].x;
        sum[i].y += weight * p[flip ? flip[i] : i].y;
    }
}

/* Points of curves along their normals to where the boundary map is highest, within 2 cells. */
static void pull(const struct wt_model *model, const struct wt_affine *map, const float *maps,
                 const struct wt_point *found, struct wt_point *to)
{
    const struct wt_scheme *s = wt_scheme_get(POINTS);
    const int size = model->info.map_size;
    const float *edge = maps + (size_t)POINTS * (size_t)(size * size);
    const float step = (float)model->info.input_size / (float)size;
    const struct wt_affine back = wt_affine_invert(map);
    struct wt_point p[POINTS];
    memcpy(to, found, sizeof p);
    for (int i = 0; i < POINTS; i++)
        p[i] = wt_affine_apply(map, found[i]);
    for (int c = 0; c < s->curves; c++)
        for (int k = 1; k + 1 < s->curve[c].count; k++) {
            const int i = s->curve[c].point[k];
            const struct wt_point a = p[s->curve[c].point[k - 1]], b = p[s->curve[c].point[k + 1]];
            const float length = hypotf(b.x - a.x, b.y - a.y);
            float best = -1, at = 0;
            for (int d = -8; d <= 8 && length > 0; d++) {
                const float far = step * (float)d / 4;
                const float x = (p[i].x - (b.y - a.y) / length * far - 1.5f) / step;
                const float y = (p[i].y + (b.x - a.x) / length * far - 1.5f) / step;
                const int u = (int)floorf(x), v = (int)floorf(y);
                if (u < 0 || v < 0 || u + 1 >= size || v + 1 >= size)
                    continue;
                const float fx = x - (float)u, fy = y - (float)v, *e = edge + v * size + u;
                const float value = (1 - fy) * ((1 - fx) * e[0] + fx * e[1]) +
                                    fy * ((1 - fx) * e[size] + fx * e[size + 1]);
                if (value > best) {
                    best = value;
                    at = far;
                }
            }
            to[i] = wt_affine_apply(&back, (struct wt_point){p[i].x - (b.y - a.y) / length * at,
                                                             p[i].y + (b.x - a.x) / length * at});
        }
}

/* All that one frame says but its neighbours. */
static void take(struct wt_model *model, const struct wt_image *image, int frame, struct moment *m)
{
    static const float way[CROPS - 1][4] = {
        {0, 1, 0.03f, 0.03f}, {0, 1, -0.03f, 0.03f}, {0, 1, 0.03f, -0.03f}, {0, 1, -0.03f, -0.03f},
        {0.12f, 1, 0, 0},     {-0.12f, 1, 0, 0},     {0, 0.92f, 0, 0},      {0, 1.08f, 0, 0}};
    static float maps[(POINTS + 1) * 128 * 128];
    const float side = (float)model->info.input_size;
    const uint8_t *flip = wt_scheme_get(POINTS)->flip;
    struct wt_point p[POINTS];
    bool seen = false;
    m->frame = frame;
    if (wt_look_at(model, image, clip_points.point[frame], p, &seen) || !seen)
        die("no face");
    const struct wt_affine map = wt_look_next(model, p);
    look(model, image, &map, maps, m->found);
    struct wt_affine other_way = change(&map, side, 0, 1, 0, 0, true);
    look(model, image, &other_way, NULL, p);
    for (int i = 0; i < POINTS; i++)
        m->mirrored[i] = (struct wt_point){-p[i].x, p[i].y};
    add(m->kind[0], m->found, NULL, 1.0f / CROPS);
    add(m->kind[1], m->found, NULL, 0.5f);
    add(m->kind[1], p, flip, 0.5f);
    add(m->kind[2], m->found, NULL, 0.5f / CROPS);
    add(m->kind[2], p, flip, 0.5f / CROPS);
    for (int k = 0; k < CROPS - 1; k++)
        for (int mirror = 0; mirror < 2; mirror++) {
            other_way = change(&map, side, way[k][0], way[k][1], way[k][2], way[k][3], mirror);
            look(model, image, &other_way, NULL, p);
            if (!mirror)
                add(m->kind[0], p, NULL, 1.0f / CROPS);
            add(m->kind[2], p, mirror ? flip : NULL, 0.5f / CROPS);
        }
    pull(model, &map, maps, m->found, m->kind[4]);
    memcpy(m->kind[6], clip_points.point[frame], sizeof clip_points.point[frame]);
}

/* ---- over time ----------------------------------------------------------------------------- */

/* The similarity that takes the points of one frame nearest to another's, of those points. */
static void align(const struct wt_point *from, const struct wt_point *to, struct wt_point *out)
{
    double fx = 0, fy = 0, tx = 0, ty = 0, dot = 0, cross = 0, square = 0;
    for (int i = 0; i < POINTS; i++) {
        fx += from[i].x / (double)POINTS, fy += from[i].y / (double)POINTS;
        tx += to[i].x / (double)POINTS, ty += to[i].y / (double)POINTS;
    }
    for (int i = 0; i < POINTS; i++) {
        const double ax = from[i].x - fx, ay = from[i].y - fy, bx = to[i].x - tx, by = to[i].y - ty;
        dot += ax * bx + ay * by;
        cross += ax * by - ay * bx;
        square += ax * ax + ay * ay;
    }
    for (int i = 0; i < POINTS; i++) {
        const double ax = from[i].x - fx, ay = from[i].y - fy;
        out[i] = (struct wt_point){(float)(tx + (dot * ax - cross * ay) / square),
                                   (float)(ty + (cross * ax + dot * ay) / square)};
    }
}

static void add_time(struct moment *m)
{
    struct wt_point p[POINTS];
    for (int d = -2; d <= 2; d++) {
        align(d ? track[m->frame + d] : m->found, m->found, p);
        add(m->kind[3], p, NULL, 0.2f);
    }
    for (int k = 2; k < 5; k++)
        add(m->kind[5], m->kind[k], NULL, 1.0f / 3);
}

/* ---- figures ------------------------------------------------------------------------------- */

static double distance(const struct wt_point *a, const struct wt_point *b,
                       const struct wt_point *by)
{
    double sum = 0;
    for (int i = 0; i < POINTS; i++)
        sum += hypot((double)(a[i].x - b[i].x), (double)(a[i].y - b[i].y));
    const double unit = hypot((double)(by[72].x - by[60].x), (double)(by[72].y - by[60].y));
    return 100 * sum / POINTS / unit;
}

static void row(const char *name, const struct wt_offset *offset, double itself)
{
    const uint8_t *flip = wt_scheme_get(POINTS)->flip;
    double nme = 0, mirror = 0, moves = 0;
    for (int k = 0; k < others; k++) {
        const struct moment *m = &other[k];
        struct wt_point p[POINTS], q[POINTS], back[POINTS], near[2][POINTS],
            mean[POINTS] = {{0, 0}};
        memcpy(p, m->found, sizeof p);
        memcpy(q, m->mirrored, sizeof q);
        for (int d = 0; d < 2; d++)
            memcpy(near[d], track[m->frame + 2 * d - 1], sizeof p);
        if (offset) {
            wt_offset_apply(offset, p);
            wt_offset_apply(offset, q);
            wt_offset_apply(offset, near[0]);
            wt_offset_apply(offset, near[1]);
        }
        for (int i = 0; i < POINTS; i++)
            back[i] = (struct wt_point){-q[flip[i]].x, q[flip[i]].y};
        for (int d = 0; d < 2; d++) {
            align(near[d], p, q);
            add(mean, q, NULL, 0.5f);
        }
        nme += distance(p, clip_points.point[m->frame], clip_points.point[m->frame]) / others;
        mirror += distance(p, back, clip_points.point[m->frame]) / others;
        moves += distance(p, mean, clip_points.point[m->frame]) / others;
    }
    printf("%-18s %8.3f %8.3f %8.3f", name, nme, mirror, moves);
    if (isnan(itself))
        printf("        -\n");
    else
        printf(" %8.3f\n", itself);
    fflush(stdout);
}

static void show(int kind)
{
    struct wt_offset_pair pair[MOST];
    struct wt_offset *offset = NULL;
    double itself = 0;
    for (int i = 0; i < learns; i++)
        pair[i] = (struct wt_offset_pair){learn[i].found, learn[i].kind[kind]};
    for (int i = 0; i < others; i++)
        itself += distance(other[i].kind[kind], clip_points.point[other[i].frame],
                           clip_points.point[other[i].frame]) /
                  others;
    if (wt_offset_fit(&offset, POINTS, pair, learns))
        die("no offset");
    row(kind_name[kind], offset, kind == KINDS - 1 ? NAN : itself);
    wt_offset_unref(&offset);
}

/* A person's frames to learn from, the others, or both. */
static void watch(struct wt_model *model, const char *clip, const char *points, int person,
                  bool learning, bool judging)
{
    const struct wt_source_spec spec = {.input = clip};
    struct wt_source *source = NULL;
    struct wt_frame *frame;
    if (!clip_points_read(&clip_points, points, person))
        die("cannot read the points");
    if (wt_source_open(&source, &spec))
        die("no clip");
    for (int i = 0; i < clip_points.frames && wt_source_read(source, &frame) == WT_OK; i++) {
        const int at = i % EVERY, step = EVERY / 2;
        const bool whole = i > 1 && i < clip_points.frames - 2 && clip_points.there[i] &&
                           clip_points.there[i - 2] && clip_points.there[i + 2];
        if (clip_points.there[i] && (at <= 2 || EVERY - at <= 2 || abs(at - step) <= 2)) {
            const struct wt_affine map = wt_look_next(model, clip_points.point[i]);
            look(model, &frame->image, &map, NULL, track[i]);
        }
        if (whole && at == 0 && learning)
            take(model, &frame->image, i, &learn[learns++]);
        else if (whole && at == step && judging)
            take(model, &frame->image, i, &other[others++]);
        wt_frame_unref(&frame);
    }
    wt_source_close(&source);
    for (int i = 0; i < learns && learning; i++)
        add_time(&learn[i]);
    for (int i = 0; i < others; i++)
        add_time(&other[i]);
}

int main(int argc, char **argv)
{
    struct wt_model *model = NULL;
    if (argc != 5 && argc != 6)
        die("wrong use: see its first lines");
    const struct wt_model_options how = {.threads = 1};
    if (wt_model_open(&model, argv[1], &how))
        return 1;
    const int from = atoi(argv[argc - 1]), person = atoi(argv[4]);
    watch(model, argv[2], argv[3], from, true, from == person);
    if (from != person)
        watch(model, argv[2], argv[3], person, false, true);
    printf("%s, person %d: %d frames of person %d to learn from, %d others\n", argv[1], person,
           learns, from, others);
    printf("%-18s %8s %8s %8s %8s\n", "consensus of", "NME", "mirror", "moves", "itself");
    row("nothing", NULL, NAN);
    for (int kind = 0; kind < KINDS; kind++)
        show(kind);
    wt_model_close(&model);
    return 0;
}
