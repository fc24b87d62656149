/* Figures for papers as SVG files: line charts and maps in panels, with axes and captions.
 *
 * Not for dark screens, and not for reports (they have their own style). A figure belongs to one
 * thread. The first error is kept and returned when the figure is finished. */
#ifndef WT_APP_FIGURE_H
#define WT_APP_FIGURE_H

#include "report/axis.h"
#include "weights/file.h"
#include "wingtip.h"

struct wt_figure {
    struct wt_file_writer writer;
    const char *path;
    enum wt_status status; /* first failure */
    /* the current panel */
    double x, y, w, h;
    struct wt_axis across, up;
    int lines;
};

/* Size in points. Errors are kept. */
void wt_figure_begin(struct wt_figure *f, const char *path, double width, double height);
/* Writes the file, whole or not at all. Errors: IO, MEMORY. */
enum wt_status wt_figure_finish(struct wt_figure *f);

/* A chart with its upper left corner at (x,y), w x h inside the axes. */
void wt_figure_chart(struct wt_figure *f, double x, double y, double w, double h, const char *title,
                     struct wt_axis across, struct wt_axis up);
/* A line of the chart in the next colour. */
void wt_figure_line(struct wt_figure *f, const double *x, const double *y, int n);
/* Names of the lines from the first one on; (x,y): the first name, in the chart's coordinates. */
void wt_figure_legend(struct wt_figure *f, const char *const *name, int n, double x, double y);

enum wt_figure_colours { WT_COLOURS_HEAT, WT_COLOURS_SIGNED }; /* white to dark; blue, white, red */

/* A map [rows][columns] as a panel of w points across, its values from low to high in colours, with
 * a colour bar below it. */
void wt_figure_map(struct wt_figure *f, double x, double y, double w, const char *title,
                   const float *map, int rows, int columns, double low, double high,
                   enum wt_figure_colours colours);

/* Points of a face, in pixels of the 256 x 256 crop, as a panel of w points across: the first call
 * draws frame and title, further ones (title NULL) add to it. Numbered points are coloured and have
 * their index beside them, the others are grey. */
void wt_figure_points(struct wt_figure *f, double x, double y, double w, const char *title,
                      const struct wt_point *point, int n, bool numbered);

#endif
