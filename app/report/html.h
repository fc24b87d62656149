/* Reports as one self-contained HTML file: no scripts, fonts or links. Readable in light and dark
 * mode, and in print. Apart from the doctype the markup is well-formed XML, so that tests can check
 * it.
 *
 * Not the contents: callers print those between begin and end. Stateless; one thread a file. */
#ifndef WT_APP_HTML_H
#define WT_APP_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "report/axis.h"

/* Everything up to the open <main>; eyebrow: a few words above the title, subtitle below it.
 * refresh: seconds after which a browser reads the file again; 0: never. */
void wt_html_begin(FILE *f, const char *eyebrow, const char *title, const char *subtitle,
                   int refresh);
/* Closes main with a last line of small print. */
void wt_html_end(FILE *f, const char *small);

/* Text with what HTML would read as markup escaped; control characters and bytes that are no UTF-8
 * become '?'. For attributes too. */
void wt_html_text(FILE *f, const char *text);

void wt_html_base64(FILE *f, const uint8_t *bytes, size_t size);

/* A number in a cell or text: "-" for what is not finite. */
void wt_html_number(FILE *f, double v, int decimals);

/* ---- parts of a page ----------------------------------------------------------------------- */

/* An open <section> with its heading and a line or two below it. */
void wt_html_section(FILE *f, const char *title, const char *note);
/* A figure in large type; class: "tile", or "tile main" for the one that matters most. */
void wt_html_tile(FILE *f, const char *class, const char *label, double v, int decimals,
                  const char *unit, const char *note);
/* A line of an open <dl>: name, text and, unless it is empty, more behind a colon. */
void wt_html_fact(FILE *f, const char *name, const char *text, const char *more);

/* ---- colours ------------------------------------------------------------------------------- */

/* Class names "s0".."s5" colour lines, swatches and text of a series. */
enum { WT_HTML_COLOURS = 6 };

/* #rrggbb from green (0: small error) to red (1: large), readable on light and dark. */
const char *wt_html_heat(double level, char text[8]);

/* ---- charts -------------------------------------------------------------------------------- */

/* A line chart as inline SVG: begin, any number of lines and marks, end. Values outside are
 * clipped. */
struct wt_chart {
    FILE *f;
    struct wt_axis x, y;
    int lines; /* drawn so far; each has the next colour */
    bool pale; /* set it: the next line is pale and has the colour of the line after it */
};

/* describe: text for screen readers. */
void wt_chart_begin(struct wt_chart *chart, FILE *f, struct wt_axis x, struct wt_axis y,
                    const char *describe);
/* A dashed vertical line with its name at the top. */
void wt_chart_mark(struct wt_chart *chart, double x, const char *name);
/* n points from left to right; step: horizontal to the next x, then vertical, as a distribution is.
 */
void wt_chart_line(struct wt_chart *chart, const double *x, const double *y, size_t n, int step);
/* Dots in the colour of the last line. */
void wt_chart_dots(struct wt_chart *chart, const double *x, const double *y, size_t n);
void wt_chart_end(struct wt_chart *chart);

#endif
