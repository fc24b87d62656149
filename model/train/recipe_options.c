/* The table of recipe options. */
#include "train/recipe.h"

#include "face/crop.h"

static const char *const task_choice[] = {"landmarks", "detector", NULL}; /* enum wt_recipe_task */
static const char *const loss_choice[] = {"awing", "wing", "mse", NULL};  /* enum wt_loss_kind */
static const char *const cell_choice[] = {"subpixel", "cells", NULL}; /* enum wt_target_centre */
static const char *const boundary_choice[] = {"coordconv", "channel", "none",
                                              NULL}; /* enum wt_boundary */
static const char *const optimiser_choice[] = {"rmsprop", "adamw",
                                               NULL}; /* enum wt_optimiser_kind */
static const char *const schedule_choice[] = {"step", "cosine",
                                              NULL}; /* enum wt_learning_rate_kind */
static const char *const precision_choice[] = {"auto", "f32", "bf16", NULL}; /* enum wt_precision */

#define AT(field) offsetof(struct wt_recipe, field)
#define GROUP(text)                                                                                \
    {                                                                                              \
        .kind = WT_RECIPE_GROUP, .name = text                                                      \
    }
#define SHARE(name, field, help)                                                                   \
    {                                                                                              \
        WT_RECIPE_REAL, name, help, AT(field), 0, 1                                                \
    }

static const struct wt_recipe_option options[] = {
    GROUP("data"),
    {WT_RECIPE_PATHS, "data",
     "faces to train on: PATH[@SUBSET][*WEIGHT][ in FOLDER]; PATH is a list, a folder of .pts "
     "files, or a MATLAB file of COFW or AFLW-19; the faces count WEIGHT times an epoch; FOLDER, "
     "from PATH's own on, has the pictures if they are elsewhere; give the line again for more "
     "sources",
     AT(data)},
    {WT_RECIPE_PATH, "validation",
     "faces to measure the validation error on, PATH[@SUBSET][ in FOLDER]", AT(validation)},
    {WT_RECIPE_BOOL, "skip_broken",
     "if a picture cannot be read during the run, use another face instead of stopping",
     AT(skip_broken)},

    GROUP("network"),
    {WT_RECIPE_CHOICE, "task",
     "landmarks: points in the crop of a face; detector: faces in a whole frame, for which stacks, "
     "loss and targets have no meaning, and all faces of a picture stand on consecutive lines",
     AT(task), 0, 0, task_choice},
    {WT_RECIPE_INT, "points",
     "points of the network: 98, 68, 29 or 19; what a source's scheme lacks does not count for its "
     "faces",
     AT(points), 19, 98},
    {WT_RECIPE_INT, "stacks", "hourglasses in sequence", AT(stacks), 1, 8},
    {WT_RECIPE_INT, "width",
     "channels in an hourglass, or of a detector at a quarter of the frame's size: a multiple of "
     "16",
     AT(width), 16, 512},
    {WT_RECIPE_INT, "input",
     "side of the network's crop, pixels: 128, 192 or 256; a quarter of the pixels take a quarter "
     "of "
     "the time; maps have a cell for 4 x 4 pixels; a detector has none",
     AT(augment.input), WT_INPUT_MIN, WT_INPUT_MAX},
    {WT_RECIPE_CHOICE, "boundary",
     "coordconv: a further map for the lines of the face is learned, and convolutions see "
     "coordinates, from the second stack on those at the lines too; channel: the map is learned, "
     "coordinates are not seen; none: the points alone",
     AT(target.boundary), 0, 0, boundary_choice},

    GROUP("loss"),
    {WT_RECIPE_CHOICE, "loss",
     "awing: Adaptive Wing; wing: Wing; mse: squared difference; alpha to epsilon as the papers "
     "have "
     "them unless given",
     AT(loss.kind), 0, 0, loss_choice},
    {WT_RECIPE_FLOAT, "alpha", "Adaptive Wing: exponent at a target of 0", AT(loss.alpha), 2, 4},
    {WT_RECIPE_FLOAT, "theta", "Adaptive Wing: where the linear part starts", AT(loss.theta), 0.01,
     10},
    {WT_RECIPE_FLOAT, "omega", "Adaptive Wing and Wing: height of the curved part", AT(loss.omega),
     0.001, 1000},
    {WT_RECIPE_FLOAT, "epsilon", "Adaptive Wing and Wing: width of the curve", AT(loss.epsilon),
     0.001, 1000},
    {WT_RECIPE_FLOAT, "map_weight",
     "weighted loss map: cells on and around a target count this much more", AT(loss.map_weight), 0,
     1000},

    GROUP("targets; cells are those of the network's maps, whatever its input"),
    {WT_RECIPE_CHOICE, "centre",
     "subpixel: a Gaussian lies where its point is; cells: on the nearest cell, as published",
     AT(target.centre), 0, 0, cell_choice},
    {WT_RECIPE_FLOAT, "sigma", "standard deviation of a Gaussian, cells", AT(target.sigma), 0.1,
     16},
    {WT_RECIPE_INT, "support", "cells beside the middle one: 3 is the published 7x7 window",
     AT(target.support), 1, 31},
    {WT_RECIPE_FLOAT, "floor", "values of a Gaussian below it are 0", AT(target.floor), 0, 0.2},

    GROUP("augmentation; shares are 0..1 of the faces, px pixels of a 256 x 256 crop: with another "
          "input "
          "the same part of the face"),
    {WT_RECIPE_FLOAT, "crop_factor", "side of the crop by the mean side of the points' box",
     AT(augment.crop_factor), 1, 4},
    {WT_RECIPE_REAL, "rotation", "degrees: evenly within +-rotation ...", AT(augment.rotation), 0,
     180},
    SHARE("rotation_share", augment.rotation_share,
          "... for this share; the others by a normal distribution:"),
    {WT_RECIPE_REAL, "rotation_sigma", "degrees", AT(augment.rotation_sigma), 0, 180},
    {WT_RECIPE_REAL, "shift", "px: evenly within +-shift, across and down", AT(augment.shift), 0,
     128},
    {WT_RECIPE_REAL, "scale", "evenly within 1 +- scale", AT(augment.scale), 0, 0.9},
    SHARE("flip", augment.flip, "share that is mirrored, left points becoming right ones"),
    SHARE("border_constant", augment.border_constant,
          "share with one colour beyond the picture's border"),
    SHARE("border_replicate", augment.border_replicate,
          "share with the border's pixels drawn out; the others are mirrored there"),
    SHARE("light", augment.light, "share with other brightness and contrast"),
    {WT_RECIPE_REAL, "light_gain", "contrast within 1 +- light_gain", AT(augment.light_gain), 0, 1},
    {WT_RECIPE_REAL, "light_bias", "brightness within +- light_bias levels of 256",
     AT(augment.light_bias), 0, 255},
    SHARE("tint", augment.tint, "share of those where red, green and blue differ"),
    SHARE("gamma", augment.gamma, "share with another gamma"),
    {WT_RECIPE_REAL, "gamma_range", "exponent from 1 / (1 + gamma_range) to 1 + gamma_range",
     AT(augment.gamma_range), 0, 9},
    SHARE("grey", augment.grey, "share without colour"),
    SHARE("blur", augment.blur, "share with Gaussian blur"),
    {WT_RECIPE_REAL, "blur_sigma", "px: from 0.5 to blur_sigma", AT(augment.blur_sigma), 0, 20},
    SHARE("low", augment.low, "share brought to a low resolution and back"),
    {WT_RECIPE_REAL, "low_side", "px: from low_side to 128 a side", AT(augment.low_side), 8, 128},
    SHARE("noise", augment.noise, "share with normal noise"),
    {WT_RECIPE_REAL, "noise_sigma", "levels of 256: from 2 to noise_sigma", AT(augment.noise_sigma),
     0, 60},
    SHARE("occlusion", augment.occlusion, "share with a rectangle of one colour or of noise"),
    {WT_RECIPE_REAL, "occlusion_side", "px: from 20 to occlusion_side a side",
     AT(augment.occlusion_side), 20, 256},
    SHARE("jpeg", augment.jpeg, "share coded as JPEG"),
    {WT_RECIPE_REAL, "jpeg_quality", "from jpeg_quality to 70", AT(augment.jpeg_quality), 1, 70},

    GROUP("pairs: two views of one face, as in two frames of a video, whose points are held "
          "together, so "
          "that they "
          "tremble less; deviations are standard deviations"),
    {WT_RECIPE_REAL, "pairs",
     "share of a batch that are second views of its other faces, with noise and JPEG of their own",
     AT(pairs), 0, 0.5},
    {WT_RECIPE_FLOAT, "pair_weight",
     "in the loss: of the mean distance of a point in the two views, cells", AT(pair_weight), 0,
     1000},
    {WT_RECIPE_REAL, "pair_rotation", "degrees: deviation of the turn between the views",
     AT(augment.pair_rotation), 0, 30},
    {WT_RECIPE_REAL, "pair_scale", "deviation of the ratio of their scales", AT(augment.pair_scale),
     0, 0.3},
    {WT_RECIPE_REAL, "pair_shift", "px: deviation of the shift, across and down",
     AT(augment.pair_shift), 0, 64},
    {WT_RECIPE_REAL, "pair_light", "brightness of the second within 1 +- pair_light",
     AT(augment.pair_light), 0, 1},

    GROUP("frames, for task = detector; px pixels of the 256 x 256 frame"),
    {WT_RECIPE_REAL, "side_min", "px: sides of faces from side_min ...", AT(frames.side_min), 4,
     256},
    {WT_RECIPE_REAL, "side_max", "... to side_max, evenly on a log scale", AT(frames.side_max), 4,
     256},
    SHARE("mosaic", frames.mosaic, "share made of four pictures"),
    SHARE("background", frames.background, "share of pictures cut out anywhere, not at a face"),

    GROUP("run"),
    {WT_RECIPE_INT, "batch", "faces in a step", AT(batch), 1, 1024},
    {WT_RECIPE_INT, "epochs", "passes through the data", AT(epochs), 1, 100000},
    {WT_RECIPE_REAL, "minutes", "end after so long, with the schedule fitted to it; 0: no limit",
     AT(minutes), 0, 1e6},
    {WT_RECIPE_CHOICE, "optimiser", "optimiser of the parameters", AT(optimiser), 0, 0,
     optimiser_choice},
    {WT_RECIPE_REAL, "rate", "learning rate", AT(rate), 1e-9, 10},
    {WT_RECIPE_CHOICE, "schedule",
     "step: the rate is multiplied by step_factor at the epochs in steps, and stays as it is "
     "without them; cosine: it falls to a hundredth along half a wave",
     AT(schedule), 0, 0, schedule_choice},
    {WT_RECIPE_NUMBERS, "steps", "epochs at which the rate steps down", AT(step), 1, 100000},
    {WT_RECIPE_REAL, "step_factor", "see schedule", AT(step_factor), 1e-6, 1},
    {WT_RECIPE_INT, "warm_up", "steps over which the rate rises from 0", AT(warm_up), 0, 1000000},
    {WT_RECIPE_REAL, "beta1", "AdamW: memory of the gradient's mean", AT(beta1), 0, 0.9999},
    {WT_RECIPE_REAL, "beta2", "memory of the gradient's square (RMSProp's alpha)", AT(beta2), 0,
     0.99999},
    {WT_RECIPE_REAL, "stability", "added to the square's root in the step", AT(epsilon), 1e-12, 1},
    {WT_RECIPE_REAL, "weight_decay", "pull of the weights towards 0", AT(weight_decay), 0, 1},
    {WT_RECIPE_REAL, "clip", "longest gradient, all weights together; 0: any", AT(clip), 0, 1e6},
    {WT_RECIPE_REAL, "average", "memory of the weights' moving average, which is kept; 0: none",
     AT(average), 0, 0.99999},
    {WT_RECIPE_INT, "patience", "stop after so many epochs without a better validation; 0: never",
     AT(patience), 0, 100000},
    {WT_RECIPE_CHOICE, "precision", "arithmetic of the network", AT(precision), 0, 0,
     precision_choice},
    {.name = NULL},
};

const struct wt_recipe_option *wt_recipe_options(void)
{
    return options;
}

void wt_recipe_init(struct wt_recipe *r)
{
    *r = (struct wt_recipe){.points = 98,
                            .stacks = 1,
                            .width = 128,
                            .loss = wt_loss_defaults(WT_LOSS_AWING),
                            .target = {.support = 6, .sigma = 1.75f, .floor = 0.0111f},
                            .augment = wt_augment_defaults(),
                            .frames = wt_training_frames_defaults(),
                            .pair_weight = 0.5f,
                            .batch = 16,
                            .epochs = 100,
                            .optimiser = WT_OPTIMISER_ADAMW,
                            .rate = 1e-3,
                            .schedule = WT_LEARNING_RATE_COSINE,
                            .step_factor = 0.1,
                            .warm_up = 200,
                            .beta1 = 0.9,
                            .beta2 = 0.999,
                            .epsilon = 1e-8,
                            .average = 0.998};
}
