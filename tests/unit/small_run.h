/* A training run small enough for a test: five faces, a scratch folder, a recipe. */
#ifndef WT_TESTS_SMALL_RUN_H
#define WT_TESTS_SMALL_RUN_H

#include "support.h"

#include "data/augment_cv.h"
#include "face/picture.h"
#include "net/hourglass.h"
#include "train/train.h"

enum { FACES = 5, BATCH = 2, EPOCHS = 3, STEPS = EPOCHS * (FACES / BATCH) };

static char folder[256];
static struct wt_faces *faces;

/* Of a run, or of the scratch folder itself; the last four results are valid. One thread. */
static inline const char *file(const char *run, const char *name)
{
    static char path[4][600];
    static int next;
    char *p = path[next++ % 4];
    snprintf(p, sizeof path[0], "%s/%s%s%s", folder, run, *name ? "/" : "", name);
    return p;
}

static inline int setup(void **state)
{
    static uint8_t pixels[90][80][3];
    wt_opencv_single_thread();
    scratch_folder(folder, sizeof folder);
    FILE *list = fopen(file("list.txt", ""), "w");
    for (int i = 0; i < FACES; i++) {
        char name[32];
        for (int k = 0; k < (int)sizeof pixels; k++)
            (&pixels[0][0][0])[k] = (uint8_t)(k * (i + 3) / 7);
        const struct wt_image image = {&pixels[0][0][0], 80, 90, 240, WT_PIXEL_BGR24};
        snprintf(name, sizeof name, "%d.png", i);
        if (wt_picture_write(&image, file(name, "")))
            return -1;
        fprintf(list, "%s", name);
        for (int p = 0; p < 68; p++)
            fprintf(list, " %d %d", 10 + (p * 29 + i) % 60, 12 + (p * 37 + 2 * i) % 66);
        fprintf(list, "\n");
    }
    fclose(list);
    return wt_faces_create(&faces, 68) || wt_faces_add(faces, file("list.txt", ""));
}

static inline int teardown(void **state)
{
    wt_faces_destroy(&faces);
    return remove_folder(folder);
}

static inline struct wt_recipe recipe(void)
{
    struct wt_recipe r;
    wt_recipe_init(&r);
    r.points = 68;
    r.stacks = 1;
    r.width = 16;
    r.augment.input = WT_INPUT_MIN;
    r.batch = BATCH;
    r.epochs = EPOCHS;
    r.warm_up = 2;
    r.precision = WT_PRECISION_F32;
    return r;
}

#endif
