/* What the microscope shows, in pictures and words. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "face/crop.h"
#include "train/loss.h"
#include "window/scope_imgui.h"
#include "window/viewer_internal.h"

#define ARROW "\xe2\x86\x92"

static void add_line(struct wt_scope_view *w, bool warn, const char *label, const char *format, ...)
    WT_PRINTF(4, 5);

static void add_line(struct wt_scope_view *w, bool warn, const char *label, const char *format, ...)
{
    if (w->lines == WT_SCOPE_LINES)
        return;
    struct wt_scope_line *line = &w->line[w->lines++];
    line->warn = warn;
    snprintf(line->label, sizeof line->label, "%s", label);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line->text, sizeof line->text, format, arguments);
    va_end(arguments);
}

static void mark(struct wt_scope_image *image, enum wt_scope_mark_kind kind, struct wt_point a,
                 struct wt_point b)
{
    if (image->marks < WT_SCOPE_MARKS)
        image->mark[image->marks++] = (struct wt_scope_mark){kind, a, b};
}

/* ---- the crop -------------------------------------------------------------------------------- */

/* The corners of a cell, crop pixels. */
static void cell(int row, int column, int cells, struct wt_point corner[2])
{
    const float x = (float)(column * WT_CELL) - 0.5f, y = (float)(row * WT_CELL) - 0.5f;
    const float side = (float)(cells * WT_CELL);
    corner[0] = (struct wt_point){x, y};
    corner[1] = (struct wt_point){x + side, y + side};
}

static void add_crop(struct wt_scope_view *w, const struct wt_viewer_microscope *m,
                     const struct wt_probe *p)
{
    const struct wt_scope *s = m->scope;
    struct wt_scope_images *row = &w->row[w->rows++];
    struct wt_point c[2];
    row->columns = row->images = 2;
    struct wt_scope_image *crop = &row->image[0], *close = &row->image[1];
    *crop = (struct wt_scope_image){.there = true, .texture = m->texture[2], .to = {1, 1}};
    *close = (struct wt_scope_image){.there = true, .texture = m->texture[1], .to = {1, 1}};
    snprintf(crop->name, sizeof crop->name, "microscope crop");
    snprintf(close->name, sizeof close->name, "microscope close-up");
    snprintf(crop->caption, sizeof crop->caption, "the crop, %d x %d", p->input_size,
             p->input_size);
    snprintf(close->caption, sizeof close->caption, "cell of the maximum, decoded point");
    cell(s->top, s->left, WT_SCOPE_CELLS, c);
    mark(crop, WT_SCOPE_FRAME, wt_scope_in_crop(p, c[0]), wt_scope_in_crop(p, c[1]));
    for (int k = 0; k < m->sources; k++) {
        mark(crop, WT_SCOPE_CROSS, wt_scope_in_crop(p, p->point[k]), p->point[k]);
        const struct wt_scope_peak *peak = &s->peak[p->stacks_run - 1][k];
        cell(peak->row, peak->column, 1, c);
        mark(close, WT_SCOPE_FRAME, wt_scope_in_close(s, c[0]), wt_scope_in_close(s, c[1]));
        mark(close, WT_SCOPE_CROSS, wt_scope_in_close(s, p->point[k]), p->point[k]);
    }
}

/* ---- the maps -------------------------------------------------------------------------------- */

/* A map's part of the texture; half a texel less, or its neighbour shines in. */
static void place_map(struct wt_scope_image *image, const struct wt_viewer_microscope *m, int size,
                      int row, int column)
{
    const float x = (float)(column * WT_SCOPE_TILE), y = (float)(row * WT_SCOPE_TILE);
    const float end = (float)size - 0.5f;
    image->there = true;
    image->texture = m->texture[0];
    image->from = (struct wt_point){(x + 0.5f) / WT_SCOPE_WIDTH, (y + 0.5f) / WT_SCOPE_HEIGHT};
    image->to = (struct wt_point){(x + end) / WT_SCOPE_WIDTH, (y + end) / WT_SCOPE_HEIGHT};
}

/* One channel: every stack's map, then the mask. */
static void add_maps(struct wt_scope_view *w, const struct wt_viewer_microscope *m,
                     const struct wt_probe *p, int k)
{
    struct wt_scope_images *row = &w->row[w->rows++];
    const bool boundary = k == m->sources;
    if (boundary)
        snprintf(row->title, sizeof row->title, "Boundary map");
    else
        snprintf(row->title, sizeof row->title, "Heatmap of point %d", p->channel[k]);
    row->columns = p->stacks + 1 > 3 ? p->stacks + 1 : 3;
    row->images = p->stacks + 1;
    for (int i = 0; i < p->stacks; i++) {
        struct wt_scope_image *image = &row->image[i];
        const struct wt_scope_peak *peak = &m->scope->peak[i][k];
        image->missing = "not run";
        if (i < p->stacks_run)
            place_map(image, m, p->map_size, k, i);
        snprintf(image->name, sizeof image->name, "microscope %s %d stack %d",
                 boundary ? "boundary" : "channel", k, i + 1);
        if (i < p->stacks_run)
            snprintf(image->caption, sizeof image->caption, "stack %d: %.2f", i + 1,
                     (double)peak->value);
        else
            snprintf(image->caption, sizeof image->caption, "stack %d", i + 1);
    }
    struct wt_scope_image *mask = &row->image[p->stacks];
    place_map(mask, m, p->map_size, WT_PROBE_CHANNELS, k);
    snprintf(mask->name, sizeof mask->name, "microscope mask %d", k);
    snprintf(mask->caption, sizeof mask->caption, "loss weight");
}

/* ---- words ----------------------------------------------------------------------------------- */

static void add_positions(struct wt_scope_view *w, const struct wt_viewer_microscope *m,
                          const struct wt_probe *p, int k)
{
    const struct wt_scope_peak *peak = &m->scope->peak[p->stacks_run - 1][k];
    const struct wt_affine back = wt_affine_invert(&p->frame_to_crop);
    const struct wt_point cell = wt_probe_centre(peak->row, peak->column);
    const struct wt_point before = wt_affine_apply(&back, cell);
    const struct wt_point after = wt_affine_apply(&back, p->point[k]);
    const struct wt_ellipse *e = &p->ellipse[k];
    const float more = 1.0f + wt_loss_defaults(WT_LOSS_AWING).map_weight;
    add_line(w, false, "maximum", "%.2f in row %d, column %d", (double)peak->value, peak->row,
             peak->column);
    add_line(w, false, "decoding", "middle of that cell " ARROW " point");
    add_line(w, false, "  in the crop", "%.1f, %.1f " ARROW " %.2f, %.2f", (double)cell.x,
             (double)cell.y, (double)p->point[k].x, (double)p->point[k].y);
    add_line(w, false, "  in the picture", "%.1f, %.1f " ARROW " %.2f, %.2f", (double)before.x,
             (double)before.y, (double)after.x, (double)after.y);
    add_line(w, p->confidence[k] < WT_WEAK, "confidence",
             "%.0f %%; ellipse %.1f x %.1f, %.0f\xc2\xb0", 100.0 * (double)p->confidence[k],
             (double)e->major, (double)e->minor, (double)(e->angle * 57.29578f));
    add_line(w, false, "loss weight", "%g in %d cells, 1 in %d", (double)more,
             m->scope->weighted[k], p->map_size * p->map_size - m->scope->weighted[k]);
}

/* Why stacks did not run: the governor, or the user's choice. */
static void add_stacks(struct wt_scope_view *w, const struct wt_viewer *v, const struct wt_probe *p)
{
    if (p->stacks_run < p->stacks)
        add_line(w, true, "not run", "%d of %d stacks: %s", p->stacks - p->stacks_run, p->stacks,
                 v->status.eased_stacks ? "the governor leaves them out, to be faster"
                                        : "left out by choice (Tracking, Stacks)");
}

static void add_shown(struct wt_scope_view *w, const struct wt_viewer *v)
{
    const bool smooth = v->settings.smoothing > 0.0f, profile = v->teach.profile && !v->teach.off;
    const struct wt_point at = v->microscope.at;
    add_line(w, false, "shown at", "%.2f, %.2f%s%s%s%s%s", (double)at.x, (double)at.y,
             smooth || profile ? " (" : "", smooth ? "smoothed" : "", smooth && profile ? ", " : "",
             profile ? "with the profile" : "", smooth || profile ? ")" : "");
}

static void describe_title(struct wt_scope_view *w, const struct wt_viewer_microscope *m)
{
    const struct wt_scheme *scheme = wt_scheme_get(m->scheme);
    char of[48] = "", name[48] = "";
    if (m->scheme != m->network && m->sources == 2)
        snprintf(of, sizeof of, ", middle of %d and %d of %d", m->source[0], m->source[1],
                 m->network);
    else if (m->scheme != m->network)
        snprintf(of, sizeof of, ", which is %d of %d", m->source[0], m->network);
    if (scheme)
        snprintf(name, sizeof name, ": %.40s", scheme->point_name[m->point]);
    for (char *c = name; *c; c++)
        *c = *c == '_' ? ' ' : *c;
    snprintf(w->title, sizeof w->title, "Face #%u, point %d of %d%s%s", m->face, m->point,
             m->scheme, of, name);
}

void wt_microscope_describe(struct wt_viewer *v)
{
    struct wt_viewer_microscope *m = &v->microscope;
    struct wt_scope_view *w = m->view;
    const struct wt_probe *p = v->shown ? v->shown->probe : NULL;
    memset(w, 0, sizeof *w);
    describe_title(w, m);
    if (m->lost_us) {
        add_line(w, true, "", "out of sight");
        return;
    }
    if (!wt_microscope_has(v)) {
        add_line(w, false, "", "with the next frame");
        return;
    }
    add_crop(w, m, p);
    for (int k = 0; k < p->channels; k++)
        add_maps(w, m, p, k);
    add_stacks(w, v, p);
    for (int k = 0; k < m->sources; k++) {
        if (m->sources > 1)
            add_line(w, false, "", "Point %d", p->channel[k]);
        add_positions(w, m, p, k);
    }
    add_shown(w, v);
}
