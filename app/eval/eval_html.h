/* A result as one HTML file (html.h): headline, protocol, error distribution beside other results,
 * subsets, errors of the points on a mean face, and the worst faces as pictures. One thread. */
#ifndef WT_APP_EVAL_HTML_H
#define WT_APP_EVAL_HTML_H

#include <stdio.h>

#include "eval/eval_result.h"

struct wt_eval_page {
    const struct wt_eval_result *result;
    const char *name; /* of the result, where others are beside it */
    const struct wt_eval_result *other;
    const char *const *other_name;
    int others;
    int worst;     /* how many faces to show */
    uint64_t seed; /* of the bootstrap */
};

/* Pictures that are not there are left out, after one warning; those that cannot be read as well,
 * but then the status is IO (logged) though the page is written. Errors: IO, MEMORY; after others
 * an existing file is unchanged. */
enum wt_status wt_eval_write_html(const struct wt_eval_page *page, const char *path);

/* The parts in other files. */
void wt_eval_html_shape(FILE *f, const struct wt_eval_result *result, int points);
enum wt_status wt_eval_html_worst(FILE *f, const struct wt_eval_result *result, int most,
                                  int *failed);

/* Parts for pages of other commands too. */

/* The distribution of errors (CED) as a chart, beside those of other results: other [others]. */
enum wt_status wt_eval_html_ced(FILE *f, const struct wt_eval_result *result,
                                const struct wt_eval_result *other, int others);
/* Checkboxes for what is drawn on the faces that follow them in the same section. */
void wt_eval_html_controls(FILE *f);
/* Faces as pictures with both sets of points: row [n]. Missing pictures are a warning; those that
 * are there and fail (each logged) are added to *failed. */
enum wt_status wt_eval_html_faces(FILE *f, const struct wt_eval_result *result,
                                  const struct wt_eval_row *const *row, int n, int *failed);
/* The n worst faces, worst first: row [n], n up to the result's count. Errors: MEMORY. */
enum wt_status wt_eval_worst(const struct wt_eval_result *result, const struct wt_eval_row **row,
                             int n);

/* Mean of true shapes of one scheme, aligned by generalised Procrustes analysis (Gower 1975):
 * centred on 0, mean distance of the points from there 1, eyes level. Returns the number of faces
 * used; with 0 mean is untouched. */
size_t wt_eval_mean_shape(const struct wt_eval_result *result, int points, struct wt_point *mean);

#endif
