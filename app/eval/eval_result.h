/* The result of an evaluation, face by face: measured now, or read from the JSON file of an earlier
 * run. All that is shown, written, compared or merged is computed from these rows, so a file holds
 * as much as the run that wrote it.
 *
 * Not the measuring: see evaluate.h. A result owns what it points to. One thread. */
#ifndef WT_APP_EVAL_RESULT_H
#define WT_APP_EVAL_RESULT_H

#include "measure/evaluate.h"

struct wt_eval_row {
    const char *image; /* file, from the result's folder on, or its name in a table */
    const struct wt_image
        *picture;       /* its pixels, where the data set holds them, while it is open */
    int line, points;   /* line: of the list or table; 0: the face has its own file */
    uint32_t subsets;   /* bit i: the face is in subset i of the result */
    double nme;         /* per cent; INFINITY: not found; NAN: the truth has no normaliser */
    float confidence;   /* rounded to 4 decimals */
    const float *error; /* [points] per cent, rounded to 3 decimals; NULL: not found, or
                           without a normaliser */
    const struct wt_point *truth; /* [points] in the picture, rounded to 2 decimals; NAN: not known,
                                     and so is its error */
    const struct wt_point *found; /* as truth; NULL: not found */
};

struct wt_eval_result {
    /* The protocol. crop_factor: of the crop, to 5 digits; NAN for the published one, which has
     * none. */
    const char *list, *list_sha256;
    const char *images; /* folder that the rows' images start from, with its slash */
    const char *crop, *norm, *decoder;
    double crop_factor;
    const char *style, *style_sha256; /* file that moved the found points; NULL: none */
    bool style_reverse;
    const char *perturb; /* what was done to the crops; NULL: nothing */
    const char *model, *model_sha256, *precision, *kernels;
    int points, stacks, width, threads; /* of the network */
    int part, parts;                    /* which part of the list this is, from 1; parts 0: all */
    /* The results. */
    struct wt_eval_row *row;
    size_t count;
    const char *subset[WT_SUBSETS_MAX];
    int subsets;
    struct wt_eval_times times;
    const struct wt_robust
        *robust;  /* table (eval_robust.h), which is not read back from files; or NULL */
    void *memory; /* private */
};

/* Memory that lives as long as the result; NULL when there is none. */
void *wt_eval_alloc(struct wt_eval_result *result, size_t size);
/* A copy of a string (up to size bytes); NULL when there is no memory. */
const char *wt_eval_copy(struct wt_eval_result *result, const char *text, size_t size);
void wt_eval_result_fini(struct wt_eval_result *result);
/* Takes over the memory of another result, which is empty afterwards. */
void wt_eval_adopt(struct wt_eval_result *result, struct wt_eval_result *from);

/* Rows and subsets from a list and what was measured on it: face [dataset->count]. root: folder for
 * the rows' images to start from, with its slash. Numbers are rounded as in files, so that reading
 * a file gives equal values. Errors: MEMORY. */
enum wt_status wt_eval_take(struct wt_eval_result *result, const struct wt_dataset *dataset,
                            const char *root, const struct wt_eval_face *face);

struct wt_eval_summary {
    struct wt_summary figures; /* over faces that have a normaliser */
    size_t faces, found;       /* faces: all of them */
};

/* Of a subset, or -1: of all. Errors: MEMORY. */
enum wt_status wt_eval_summarise(const struct wt_eval_result *result, int subset,
                                 struct wt_eval_summary *out);

/* Was a detector used, so that faces may be missed? */
bool wt_eval_may_miss(const struct wt_eval_result *result);

/* Were the found points of both moved in the same way, or not at all? */
bool wt_eval_same_style(const struct wt_eval_result *a, const struct wt_eval_result *b);

/* Were the crops of both perturbed in the same way, or not at all? */
bool wt_eval_same_perturb(const struct wt_eval_result *a, const struct wt_eval_result *b);

/* Mean error of every point over the found faces of one scheme, in per cent of the normaliser: mean
 * [points], NAN where there is no such face. Returns how many faces there are. */
size_t wt_eval_points(const struct wt_eval_result *result, int points, double *mean);

/* The schemes in the result, most faces first: points [at most 4]. Returns how many. */
int wt_eval_schemes(const struct wt_eval_result *result, int *points);

/* Parts of a face that points belong to by their names. */
enum { WT_EVAL_PARTS = 6 };
extern const char *const wt_eval_part_name[WT_EVAL_PARTS]; /* "jaw", "brows", ... */
int wt_eval_part(const struct wt_scheme *scheme, int point);
/* Mean error of each part, NAN where it has no point. */
void wt_eval_parts(const struct wt_scheme *scheme, const double *point_mean,
                   double part[WT_EVAL_PARTS]);

/* A short explanation of a word of the protocol; "" for an unknown one. */
const char *wt_eval_crop_text(const char *crop);
const char *wt_eval_norm_text(const char *norm);

/* The style in words, for a report: "moved by FILE"; "as found" without one. Returns buffer. */
const char *wt_eval_style_text(const struct wt_eval_result *result, char *buffer, size_t size);

/* A file name without its folders and its ending ".json". */
void wt_eval_label(const char *path, char *label, size_t size);

#endif
