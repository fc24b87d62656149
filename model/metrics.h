/* Error measures of the field. Stateless, thread-safe.
 *
 * NME = mean point error / normaliser; FR_t = share of faces with NME > t; AUC_t = area under the
 * cumulative error distribution up to t, divided by t. All in per cent. */
#ifndef WT_MODEL_METRICS_H
#define WT_MODEL_METRICS_H

#include "scheme.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_norm {
    WT_NORM_OCULAR, /* distance of the outer eye corners (WFLW, 300W inter-ocular) */
    WT_NORM_PUPIL,  /* distance of the pupils or eye centres (COFW, 300W inter-pupil) */
    WT_NORM_BOX,    /* sqrt(w h) of the true points' bounding box (AFLW) */
};

/* NME of one face in per cent; both point sets in the scheme's order and one coordinate system.
 * NaN when the normaliser is 0 or the scheme does not have it. */
double wt_nme(const struct wt_point *truth, const struct wt_point *found,
              const struct wt_scheme *scheme, enum wt_norm norm);

struct wt_summary {
    size_t faces;
    double nme, median, fr8, fr10, auc8, auc10; /* per cent */
};

/* Over finite NMEs; a face that was not found counts as +infinity: it enters FR and AUC, and
 * nme/median are over found faces only. nme is reordered (sorted). */
struct wt_summary wt_summarise(double *nme, size_t n);

#ifdef __cplusplus
}
#endif
#endif
