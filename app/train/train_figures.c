/* The method's figures, from the code that trains: losses from wt_loss_run at the level in use,
 * maps from wt_target_draw, coordinates from the plan, schemes from the conversion in use. */
#include "base/folder.h"
#include "base/paths.h"
#include "train/cmd_train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/status.h"
#include "data/mean_face.h"
#include "plan/plan.h"
#include "report/figure.h"

enum { SIDE = WT_MAP_DEFAULT, CELLS = SIDE * SIDE, SAMPLES = 401 };

static const enum wt_loss_kind kinds[] = {WT_LOSS_AWING, WT_LOSS_WING, WT_LOSS_MSE};
static const char *const kind_name[] = {"Adaptive Wing", "Wing", "MSE"};

struct curve {
    double d[SAMPLES], loss[SAMPLES], slope[SAMPLES]; /* d = p - y */
};

/* Loss and gradient of predictions y + from .. y + to. */
static void sample(const struct wt_loss *loss, double y, double from, double to, struct curve *c)
{
    const float channel = 1, target = (float)y;
    for (int i = 0; i < SAMPLES; i++) {
        float pred, grad;
        c->d[i] = from + (to - from) * i / (SAMPLES - 1);
        pred = (float)(y + c->d[i]);
        const struct wt_loss_maps maps = {
            .pred = &pred, .target = &target, .channel = &channel, .grad = &grad};
        c->loss[i] = wt_loss_run(loss, wt_cpu_get()->level, &maps, 1, 1, 1);
        c->slope[i] = (double)grad;
    }
}

/* ---- losses -----------------------------------------------------------------------------------
 */

static void draw_kinds(struct wt_figure *f, double x, double y, bool slope)
{
    struct curve c;
    char title[64];
    const struct wt_axis across = {"prediction \xe2\x88\x92 target", -1, 1, 0.5, 1};
    const struct wt_axis up =
        slope ? (struct wt_axis){"gradient", -16, 16, 8, 0} : (struct wt_axis){"loss", 0, 14, 2, 0};
    snprintf(title, sizeof title, "%s, target y = %g", slope ? "gradient" : "loss", y);
    wt_figure_chart(f, x, 24, 190, 150, title, across, up);
    for (int k = 0; k < 3; k++) {
        const struct wt_loss loss = wt_loss_defaults(kinds[k]);
        sample(&loss, y, -1, 1, &c);
        wt_figure_line(f, c.d, slope ? c.slope : c.loss, SAMPLES);
    }
    wt_figure_legend(f, kind_name, 3, slope ? -0.93 : -0.42, slope ? 14.2 : 13.2);
}

static enum wt_status draw_losses(const char *path, bool slope)
{
    struct wt_figure f;
    wt_figure_begin(&f, path, 480, 206);
    draw_kinds(&f, 38, 0, slope);
    draw_kinds(&f, 276, 1, slope);
    return wt_figure_finish(&f);
}

static enum wt_status draw_loss(const char *path, const struct wt_point *point)
{
    return draw_losses(path, false);
}

static enum wt_status draw_gradient(const char *path, const struct wt_point *point)
{
    return draw_losses(path, true);
}

/* Adaptive Wing's shape from target 0 to 1. */
static enum wt_status draw_awing(const char *path, const struct wt_point *point)
{
    static const char *const names[] = {"y = 0", "y = 0.25", "y = 0.5", "y = 0.75", "y = 1"};
    const struct wt_loss loss = wt_loss_defaults(WT_LOSS_AWING);
    const struct wt_axis across = {"|prediction \xe2\x88\x92 target|", 0, 1, 0.25, 2};
    struct wt_figure f;
    struct curve c;
    wt_figure_begin(&f, path, 480, 206);
    for (int slope = 0; slope < 2; slope++) {
        wt_figure_chart(
            &f, slope ? 276 : 38, 24, 190, 150,
            slope ? "Adaptive Wing: gradient" : "Adaptive Wing: loss", across,
            (struct wt_axis){slope ? "gradient" : "loss", 0, slope ? 16 : 14, slope ? 4 : 2, 0});
        for (int k = 0; k < 5; k++) {
            sample(&loss, 0.25 * k, 0, 1, &c);
            c.slope[0] = NAN; /* 0 at the discontinuity */
            wt_figure_line(&f, c.d, slope ? c.slope : c.loss, SAMPLES);
        }
        wt_figure_legend(&f, names, 5, slope ? 0.66 : 0.05, slope ? 5.4 : 13.2);
    }
    return wt_figure_finish(&f);
}

/* ---- maps -------------------------------------------------------------------------------------
 */

struct maps {
    float value[CELLS * 99], channel[99];
    uint8_t mask[CELLS * 99];
};

static struct maps *make_maps(const struct wt_point *point)
{
    struct maps *m = malloc(sizeof *m);
    const struct wt_target_options options = wt_target_defaults();
    const struct wt_target_face face = {.scheme = wt_scheme_get(98), .point = point};
    const struct wt_target_maps maps = {m ? m->value : NULL, m ? m->mask : NULL,
                                        m ? m->channel : NULL, 99, SIDE};
    if (m)
        wt_target_draw(&options, &face, &maps);
    else
        wt_fail(WT_ERR_MEMORY, "figures: out of memory");
    return m;
}

static void take_channel(const struct maps *m, int channel, float *value, float *weight)
{
    const float more = wt_loss_defaults(WT_LOSS_AWING).map_weight;
    for (int i = 0; i < CELLS; i++) {
        value[i] = m->value[i * 99 + channel];
        weight[i] = more * m->mask[i * 99 + channel] + 1;
    }
}

/* 3x3 grey dilation, for display: the mask itself was set while the target was drawn. */
static void dilate(const float *from, float *to)
{
    for (int i = 0; i < CELLS; i++) {
        to[i] = 0;
        for (int k = 0; k < 9; k++) {
            const int r = i / SIDE + k / 3 - 1, c = i % SIDE + k % 3 - 1;
            if (r >= 0 && c >= 0 && r < SIDE && c < SIDE)
                to[i] = fmaxf(to[i], from[r * SIDE + c]);
        }
    }
}

/* A window of a map. */
static void cut(const float *from, int row, int column, int side, float *to)
{
    for (int i = 0; i < side * side; i++)
        to[i] = from[(row + i / side) * SIDE + column + i % side];
}

static enum wt_status draw_target(const char *path, const struct wt_point *point)
{
    enum { NOSE = 54, WINDOW = 16, W = 140 };
    static const char *const title[] = {"target", "3 \xc3\x97 3 dilation", "weight map"};
    struct wt_figure f;
    float map[3][CELLS], window[WINDOW * WINDOW];
    struct maps *m = make_maps(point);
    if (!m)
        return WT_ERR_MEMORY;
    wt_figure_begin(&f, path, 480, 384);
    take_channel(m, NOSE, map[0], map[2]);
    dilate(map[0], map[1]);
    const int row = (int)lrintf(point[NOSE].y / 4) - WINDOW / 2;
    const int column = (int)lrintf(point[NOSE].x / 4) - WINDOW / 2;
    for (int k = 0; k < 3; k++) {
        char text[64];
        snprintf(text, sizeof text, "tip of the nose: %s", title[k]);
        cut(map[k],
            row < 0               ? 0
            : row > SIDE - WINDOW ? SIDE - WINDOW
                                  : row,
            column < 0               ? 0
            : column > SIDE - WINDOW ? SIDE - WINDOW
                                     : column,
            WINDOW, window);
        wt_figure_map(&f, 10 + 160 * k, 18, W, text, window, WINDOW, WINDOW, k == 2,
                      k == 2 ? 11 : 1, WT_COLOURS_HEAT);
    }
    take_channel(m, 98, map[0], map[2]);
    dilate(map[0], map[1]);
    for (int k = 0; k < 3; k++) {
        char text[64];
        snprintf(text, sizeof text, "boundary: %s", title[k]);
        wt_figure_map(&f, 10 + 160 * k, 210, W, text, map[k], SIDE, SIDE, k == 2, k == 2 ? 11 : 1,
                      WT_COLOURS_HEAT);
    }
    free(m);
    return wt_figure_finish(&f);
}

static enum wt_status draw_coordinates(const char *path, const struct wt_point *point)
{
    enum { W = 110 };
    static const char *const title[] = {"row", "column", "radius", "row at the boundary",
                                        "column at the boundary"};
    struct wt_figure f;
    float map[5][CELLS], boundary[CELLS];
    wt_target_boundary(wt_scheme_get(98), point, SIDE, boundary);
    for (int i = 0; i < CELLS; i++) {
        float v[3];
        wt_plan_coords_at(i / SIDE, i % SIDE, SIDE, SIDE, v);
        for (int k = 0; k < 3; k++)
            map[k][i] = v[k];
        for (int k = 0; k < 2; k++)
            map[3 + k][i] = boundary[i] > WT_BOUNDARY_THRESHOLD ? v[k] : 0;
    }
    wt_figure_begin(&f, path, 610, 156);
    for (int k = 0; k < 5; k++)
        wt_figure_map(&f, 10 + 120 * k, 18, W, title[k], map[k], SIDE, SIDE, k == 2 ? 0 : -1, 1,
                      k == 2 ? WT_COLOURS_HEAT : WT_COLOURS_SIGNED);
    return wt_figure_finish(&f);
}

/* What 98 points become by conversion, over the 98. */
static enum wt_status draw_schemes(const char *path, const struct wt_point *point)
{
    enum { W = 300 };
    static const int points[] = {68, 29};
    static const char *const title[] = {"68 points (300W) from 98 (grey)",
                                        "29 points (COFW) from 98 (grey)"};
    struct wt_figure f;
    wt_figure_begin(&f, path, 2 * W + 30, W + 28);
    for (int k = 0; k < 2; k++) {
        struct wt_point to[WT_POINTS_MAX];
        wt_points_convert(point, 98, to, points[k]); /* known sizes: no error */
        wt_figure_points(&f, 10 + (W + 10) * k, 18, W, title[k], point, 98, false);
        wt_figure_points(&f, 10 + (W + 10) * k, 18, W, NULL, to, points[k], true);
    }
    return wt_figure_finish(&f);
}

/* ---- all --------------------------------------------------------------------------------------
 */

enum wt_status wt_train_figures(const char *folder)
{
    static const struct {
        const char *name;
        enum wt_status (*draw)(const char *path, const struct wt_point *point);
    } figure[] = {
        {"loss.svg", draw_loss},
        {"gradient.svg", draw_gradient},
        {"awing.svg", draw_awing},
        {"target.svg", draw_target},
        {"coordinates.svg", draw_coordinates},
        {"schemes.svg", draw_schemes},
    };
    struct wt_path path;
    enum wt_status status = wt_make_folders(folder, 0777);
    for (size_t i = 0; i < sizeof figure / sizeof *figure && !status; i++) {
        status = wt_path_print(&path, "%s/%s", folder, figure[i].name);
        if (!status)
            status = figure[i].draw(path.text, wt_mean_face);
    }
    return status;
}
