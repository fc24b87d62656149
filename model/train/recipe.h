/* Recipes: everything that defines a training run, in a small text file.
 *
 *   # a comment
 *   key = value          # another
 *
 * One table (wt_recipe_options) drives the parser, the checks and the documentation, and
 * wt_recipe_print writes a recipe that says what every option is. Paths are relative to the
 * recipe's folder. Keys may come in any order, each once, `data` as often as there are sources.
 *
 * A recipe owns its strings. One thread while it is read; read-only afterwards, thread-safe. */
#ifndef WT_MODEL_RECIPE_H
#define WT_MODEL_RECIPE_H

#include <stdio.h>

#include "data/augment.h"
#include "data/target.h"
#include "data/training_frames.h"
#include "tape/optimiser.h"
#include "train/loss.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WT_RECIPE_SOURCES = 64, WT_RECIPE_STEPS = WT_LEARNING_RATE_STEPS };

enum wt_recipe_task { WT_TASK_LANDMARKS, WT_TASK_DETECTOR };

struct wt_recipe {
    char *data[WT_RECIPE_SOURCES]; /* sources, see faces.h */
    int sources;
    char *validation; /* source, or NULL */
    bool skip_broken;

    int task; /* enum wt_recipe_task */
    int points, stacks, width;

    struct wt_loss loss;
    struct wt_target_options target;
    struct wt_augment augment;
    struct wt_training_frames frames;
    double pairs; /* share of a batch that are second views of its other faces, 0 .. 0.5 */
    float pair_weight;

    int batch, epochs;
    double minutes; /* 0: no limit */
    int optimiser;  /* enum wt_optimiser_kind */
    double rate;
    int schedule; /* enum wt_learning_rate_kind */
    int step[WT_RECIPE_STEPS], steps;
    double step_factor;
    int warm_up; /* batches */
    double beta1, beta2, epsilon, weight_decay, clip;
    double average; /* of the weights, 0: none */
    int patience;   /* epochs, 0: no early stop */
    int precision;  /* enum wt_precision: auto, f32, bf16 */
};

enum wt_recipe_kind {
    WT_RECIPE_GROUP,   /* no option: a heading */
    WT_RECIPE_BOOL,    /* bool: yes, no */
    WT_RECIPE_INT,     /* int */
    WT_RECIPE_REAL,    /* double */
    WT_RECIPE_FLOAT,   /* float */
    WT_RECIPE_CHOICE,  /* int (an enum): index into choices */
    WT_RECIPE_PATH,    /* char * */
    WT_RECIPE_PATHS,   /* data */
    WT_RECIPE_NUMBERS, /* step: increasing whole numbers */
};

struct wt_recipe_option {
    enum wt_recipe_kind kind;
    const char *name, *help;
    size_t offset;
    double min, max;
    const char *const *choices; /* NULL-terminated */
};

/* Ends with name NULL. */
const struct wt_recipe_option *wt_recipe_options(void);

/* Fills the defaults in: what our live model is trained with, without data. */
void wt_recipe_init(struct wt_recipe *recipe);
void wt_recipe_fini(struct wt_recipe *recipe);

/* Defaults, then the file. Every bad line is reported as file:line: key: reason (the first ten,
 * then a count). *recipe need not be initialised; it is zeroed on failure. Errors: IO, FORMAT,
 * MEMORY. */
enum wt_status wt_recipe_read(struct wt_recipe *recipe, const char *path);

/* A whole recipe as text, with what every option is for. */
void wt_recipe_print(const struct wt_recipe *recipe, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
