/* Error measures of the field. Stateless, thread-safe.
 *
 * NME = mean point error / normaliser; CED(t) = share of faces with NME <= t (cumulative error
 * distribution); FR_t = 1 - CED(t), the failure rate; AUC_t = area under the CED up to t, divided
 * by t. All in per cent. True points that are not known (NaN) do not count: means are over the
 * others. */
#ifndef WT_MODEL_METRICS_H
#define WT_MODEL_METRICS_H

#include "face/crop.h"
#include "face/scheme.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_norm {
    WT_NORM_OCULAR, /* distance of the outer eye corners (WFLW, 300W inter-ocular) */
    WT_NORM_PUPIL,  /* distance of the pupils or eye centres (COFW, 300W inter-pupil) */
    WT_NORM_BOX,    /* sqrt(w h) of the face's box (AFLW): the list's, or that of the true points */
};

/* What errors of a face are divided by, in pixels. box: the list's, or one with w 0 or NULL where
 * it has none. NaN when the scheme does not have it; 0 is possible. */
double wt_normaliser(const struct wt_point *truth, const struct wt_scheme *scheme,
                     enum wt_norm norm, const struct wt_box *box);

/* NME of one face in per cent; both point sets in the scheme's order and one coordinate system.
 * NaN when the normaliser is 0, or the scheme or the face does not have it. */
double wt_nme(const struct wt_point *truth, const struct wt_point *found,
              const struct wt_scheme *scheme, enum wt_norm norm);

/* The same with a normaliser that is known, and each point's own error in per cent: error [points],
 * may be NULL; NaN where the true point is not known. All NaN when the normaliser is not above 0.
 */
double wt_point_errors(const struct wt_point *truth, const struct wt_point *found, int points,
                       double normaliser, float *error);

struct wt_summary {
    size_t faces;
    double nme, median, fr8, fr10, auc8, auc10; /* per cent */
};

/* Over finite NMEs; a face that was not found counts as +infinity: it enters FR and AUC, and
 * nme/median are over found faces only. nme is reordered (sorted). */
struct wt_summary wt_summarise(double *nme, size_t n);

/* Share of faces with nme <= t, in per cent; NaN ones do not count. NaN when there is no other. */
double wt_ced(const double *nme, size_t n, double t);

/* Difference of two networks' mean NMEs on the same faces. */
struct wt_paired {
    size_t faces;      /* with a finite NME in both */
    double difference; /* mean of b - a, percentage points; negative: b is better */
    double low, high;  /* 95 % confidence interval */
    double better;     /* per cent of the resamples in which b is better */
};

/* Paired bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13:
 * percentile interval): faces are drawn with replacement `rounds` times. Equal for equal arguments.
 * Errors: MEMORY; *out is all NaN when there are less than 2 such faces. */
enum wt_status wt_bootstrap(const double *a, const double *b, size_t n, int rounds, uint64_t seed,
                            struct wt_paired *out);

#ifdef __cplusplus
}
#endif
#endif
