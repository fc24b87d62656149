#include "track/detector.h"
#include "track/detector_cv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "track/frame_detector.h"

#define HITS_MAX 128

struct wt_detector {
    struct wt_weights *weights;    /* of: */
    struct wt_frame_detector *net; /* or: */
    struct wt_haar *haar;
    unsigned quick_searches;
    struct wt_haar_hit hit[HITS_MAX];
    struct wt_detection candidate[HITS_MAX];
};

/* How the square around the 98 points (mean side of their bounding box) lies to a cascade's square
 * of side 1: shift of the centre and side. Medians over the 465 faces of every fourth line of
 * faces98/train.txt, cascades run on those crops; median absolute deviations are about 0.06 in x,
 * 0.03 in y and 0.04 in side. No photograph of the detection test took part.
 * trust: profile windows agree more easily on what is no face. */
static const struct {
    float dx, dy, side, trust;
} calibration[] = {
    [WT_HAAR_FRONTAL] = {0, 0.149f, 0.865f, 1},
    [WT_HAAR_PROFILE] = {-0.10f, 0.16f, 0.79f, 0.7f},
    [WT_HAAR_PROFILE_MIRRORED] = {0.10f, 0.16f, 0.79f, 0.7f},
};

#define ALL_KINDS (1u << WT_HAAR_FRONTAL | 1u << WT_HAAR_PROFILE | 1u << WT_HAAR_PROFILE_MIRRORED)

/* Measured on 60 photographs with 93 labelled faces (a box counts when its calibrated square
 * overlaps the one around the points with IoU >= 0.4). Found / boxes in all / processor time:
 *   frontal alt2, equalised as a whole, step 1.1, 3 neighbours, 640 px      77 / 113
 *   frontal default, the same                                               76 / 141
 *   alt2 and profiles, the same                                             80 / 134
 *   alt2 and profiles, by tiles, step 1.15, 2 neighbours, 480 px            83 / 123 / 280 ms
 *   and, where nothing was found, unequalised, step 1.1, 1 neighbour        85 / 126
 *   alt2 alone, by tiles, step 1.15, 2 neighbours, 480 px                   79 / 104 /  74 ms
 *   alt2 alone, the same from 0.08 of the longer side                       74 / 101 /  45 ms
 * The network refuses boxes that hold no face, so a few more of them cost time only. */
static const struct wt_haar_pass thorough = {ALL_KINDS, true, 1.15f, 2, 0.05f};
static const struct wt_haar_pass second_try = {ALL_KINDS, false, 1.1f, 1, 0.05f};
/* A quick search runs one cascade: every other time the frontal one. */
static const struct wt_haar_pass quick[] = {
    {1u << WT_HAAR_FRONTAL, true, 1.15f, 2, 0.08f},
    {1u << WT_HAAR_PROFILE, true, 1.15f, 2, 0.08f},
    {1u << WT_HAAR_FRONTAL, true, 1.15f, 2, 0.08f},
    {1u << WT_HAAR_PROFILE_MIRRORED, true, 1.15f, 2, 0.08f},
};

static enum wt_status open_net(struct wt_detector *detector, const char *path,
                               const struct wt_detector_options *options)
{
    if (!strpbrk(path, "/.") && access(path, F_OK) != 0) /* a word, and not a path */
        return wt_fail(WT_ERR_ARGUMENT,
                       "face detector: unknown name '%s'; there is haar, and our network as "
                       "a file of weights",
                       path);
    const enum wt_status status = wt_weights_load(&detector->weights, path);
    return status ? status : wt_frame_detector_create(&detector->net, detector->weights, options);
}

enum wt_status wt_detector_create(struct wt_detector **out, const char *name,
                                  const struct wt_detector_options *options)
{
    struct wt_detector *detector = calloc(1, sizeof(*detector));
    if (!detector)
        return wt_fail(WT_ERR_MEMORY, "face detector: out of memory");
    const bool haar = !name || strcmp(name, "haar") == 0;
    const enum wt_status status =
        haar ? wt_haar_create(&detector->haar) : open_net(detector, name, options);
    if (status)
        wt_detector_destroy(&detector);
    else
        *out = detector;
    return status;
}

void wt_detector_destroy(struct wt_detector **detector)
{
    if (!detector || !*detector)
        return;
    wt_haar_destroy(&(*detector)->haar);
    wt_frame_detector_destroy(&(*detector)->net);
    wt_weights_destroy(&(*detector)->weights);
    free(*detector);
    *detector = NULL;
}

const struct wt_frame_detector *wt_detector_network(const struct wt_detector *detector)
{
    return detector->net;
}

static struct wt_detection calibrate(const struct wt_haar_hit *hit)
{
    const float side = hit->side * calibration[hit->kind].side;
    const float cx = hit->x + hit->side * (0.5f + calibration[hit->kind].dx);
    const float cy = hit->y + hit->side * (0.5f + calibration[hit->kind].dy);
    return (struct wt_detection){{cx - side / 2, cy - side / 2, side, side},
                                 0,
                                 hit->neighbours * calibration[hit->kind].trust};
}

/* Calibrated, best first, one box a face. */
static int merge(struct wt_detector *detector, int hits, struct wt_detection *out, int max)
{
    for (int i = 0; i < hits; i++)
        detector->candidate[i] = calibrate(&detector->hit[i]);
    const int faces = wt_detections_merge(detector->candidate, hits);
    const int found = faces < max ? faces : max;
    memcpy(out, detector->candidate, (size_t)found * sizeof *out);
    return found;
}

enum wt_status wt_detector_find(struct wt_detector *detector, const struct wt_image *image,
                                int min_side, struct wt_detection *out, int max, int *found)
{
    int hits;
    *found = 0;
    if (min_side < 0 || max < 0)
        return wt_fail(WT_ERR_ARGUMENT, "face detector: negative size");
    if (detector->net)
        return wt_frame_detector_find(detector->net, image, min_side, WT_FRAME_DETECTOR_SCORE, out,
                                      max, found);
    const float least = (float)min_side / calibration[WT_HAAR_FRONTAL].side;
    enum wt_status status =
        wt_haar_find(detector->haar, image, &thorough, least, detector->hit, HITS_MAX, &hits);
    if (!status && hits == 0)
        status =
            wt_haar_find(detector->haar, image, &second_try, least, detector->hit, HITS_MAX, &hits);
    if (!status)
        *found = merge(detector, hits, out, max);
    return status;
}

enum wt_status wt_detector_find_quick(struct wt_detector *detector, const struct wt_image *image,
                                      struct wt_detection *out, int max, int *found)
{
    int hits;
    if (detector->net)
        return wt_detector_find(detector, image, 0, out, max, found);
    *found = 0;
    const enum wt_status status =
        wt_haar_find(detector->haar, image, &quick[detector->quick_searches++ % 4], 0,
                     detector->hit, HITS_MAX, &hits);
    if (!status)
        *found = merge(detector, hits, out, max);
    return status;
}
