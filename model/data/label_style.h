/* Styles of labels: two ways of placing the "same" 98 points (300W puts brow points on the upper
 * edge, WFLW around the brow, ...). The mean difference of two styles, in the frame of the eyes,
 * turns points of the one into points of the other:
 *
 *   q[j] = p[j] + d R(a) shift[j]
 *
 * d: distance of the outer eye corners, a: angle of the line from the centre of the left eye to
 * that of the right one (each the mean of six points), both of p.
 *
 * A mean over many faces, not a face's own difference. Plain data, thread-safe. */
#ifndef WT_MODEL_LABEL_STYLE_H
#define WT_MODEL_LABEL_STYLE_H

#include "base/status.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WT_LABEL_STYLE_POINTS = 98 };

struct wt_label_style {
    struct wt_point shift[WT_LABEL_STYLE_POINTS]; /* in distances of the outer eye corners */
    bool reverse;                                 /* from q to p */
};

/* A text file with a line `index dx dy` for each of the 98 points, in any order; `#` starts a
 * comment line, and a byte order mark and any line ends will do. Bad lines are reported as
 * file:line: reason. Errors: IO, FORMAT. */
enum wt_status wt_label_style_read(struct wt_label_style *out, const char *path);

/* p [98], in pixels; moved in place. Points without a distance of the eyes stay. */
void wt_label_style_apply(const struct wt_label_style *style, struct wt_point *p);

#ifdef __cplusplus
}
#endif
#endif
