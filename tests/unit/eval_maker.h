/* A small result of an evaluation, with its pictures, for tests. */
#ifndef WT_TESTS_EVAL_MAKER_H
#define WT_TESTS_EVAL_MAKER_H

#include "support.h"

#include <math.h>

#include "eval/eval_result.h"
#include "face/picture.h"

enum { FACES = 5 };

static char folder[256];
static char image[FACES][300];
static struct wt_point truth[FACES][68];

static inline char *in_folder(const char *name)
{
    static char path[4][400];
    static int next;
    char *p = path[next++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

/* Five faces of 68 points with NMEs of 2, 4, 6 and 9 % and one that was not found; subsets "dark"
 * (the first two) and "side" (the second and the last). */
static inline void make(struct wt_eval_result *r, size_t first, size_t count)
{
    static const double nme[FACES] = {2, 4, 6, 9, INFINITY};
    static const uint32_t subset[FACES] = {1, 3, 0, 0, 2};
    struct wt_sample sample[FACES];
    struct wt_eval_face face[FACES] = {{.nme = 0}};
    struct wt_dataset d = {.sample = sample + first, .count = count, .subsets = 2};
    d.subset[0] = "dark";
    d.subset[1] = "side & <more>";
    for (int i = 0; i < FACES; i++) {
        for (int k = 0; k < 68; k++) {
            truth[i][k] = (struct wt_point){20.123f + (float)(k % 9) * 5, 15 + (float)(k / 9) * 6};
            face[i].found[k] = (struct wt_point){truth[i][k].x + 1.005f, truth[i][k].y};
            face[i].error[k] = (float)nme[i] + 0.0123456f * (float)(k - 33.5);
        }
        sample[i] =
            (struct wt_sample){image[i], image[i] + strlen(folder) + 1, i + 1, 68, truth[i]};
        sample[i].subsets = subset[i];
        face[i].nme = nme[i] + (isinf(nme[i]) ? 0 : 1e-9);
        face[i].confidence = isinf(nme[i]) ? 0 : 0.87654321f;
    }
    *r = (struct wt_eval_result){.list = "list.txt",
                                 .list_sha256 = "abc",
                                 .crop = "detector",
                                 .norm = "ocular",
                                 .decoder = "dark",
                                 .crop_factor = 1.45,
                                 .style = "wflw.txt",
                                 .style_sha256 = "123",
                                 .style_reverse = true,
                                 .perturb = "blur=2 (seed 0)",
                                 .model = "net.safetensors",
                                 .model_sha256 = "def",
                                 .precision = "f32",
                                 .kernels = "c",
                                 .points = 98,
                                 .stacks = 1,
                                 .width = 16,
                                 .threads = 2,
                                 .times = {1.5, 2.5, 4.5, count, count + 1}};
    assert_int_equal(wt_eval_take(r, &d, in_folder(""), face + first), WT_OK);
}

/* The folder and the faces' pictures; false: it did not work. */
static inline bool make_pictures(void)
{
    static const char *const name[FACES] = {"a.png", "b&w.png", "c.png", "d,d.png", "e.png"};
    static uint8_t pixels[80 * 90 * 3];
    scratch_folder(folder, sizeof folder);
    for (int i = 0; i < FACES; i++) {
        struct wt_image picture = {pixels, 90, 80, 270, WT_PIXEL_BGR24};
        snprintf(image[i], sizeof image[i], "%s/%s", folder, name[i]);
        memset(pixels, 40 * i, sizeof pixels);
        if (wt_picture_write(&picture, image[i]) != WT_OK)
            return false;
    }
    return true;
}

#endif
