/* What is drawn over a frame: one set of switches for the window, the recorder and `track`. */
#ifndef WT_APP_VIEW_H
#define WT_APP_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "face/scheme.h"
#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Colour maps: lightness rises evenly in all, hue and strength of colour differ. */
enum wt_palette {
    WT_PALETTE_DUSK, /* indigo, teal, green, yellow: unlike light or dark skin */
    WT_PALETTE_EMBER,
    WT_PALETTE_ICE,
    WT_PALETTE_ORCHID,
    WT_PALETTE_GREY,
    WT_PALETTES
};
/* By enum wt_palette; ends with NULL. */
extern const char *const wt_palette_names[];

/* Opacity unless another is wanted. The boundary's lines are thin; heatmaps cover eyes and lips,
 * which must be seen through them. */
#define WT_OPACITY 0.85f
#define WT_HEAT_OPACITY 0.45f

struct wt_view {
    bool landmarks; /* points and contour lines */
    bool heatmaps;  /* maximum over the points' maps, through the colour map */
    bool boundary;  /* the boundary map, through the colour map */
    bool boxes;     /* crop squares with id and confidence */
    bool mirror;    /* left-right; text is never mirrored */
    bool ellipses;  /* how wide each point's heatmap is */
    bool axes;      /* of the head: to the side, down, out of the face */
    float heatmap_opacity, boundary_opacity; /* 0..1; 0: the usual */
    enum wt_palette heatmap_palette, boundary_palette;
    int points;          /* scheme to show: the model's own, 68 or 29; 0: the model's own */
    const char *caption; /* drawn into recordings, lower left; lives as long as the program; NULL:
                            none */
};

/* A perceptual colour map (computed in OKLab), t in [0,1]. The GPU gets the same table as a
 * texture. */
void wt_colormap(enum wt_palette palette, float t, uint8_t rgb[3]);

/* Colours of the parts (sRGB) and line widths in pixels for a face whose points' bounding box has
 * the given mean side on screen: used by the window and the CPU renderer. */
struct wt_style {
    uint8_t rgb[5][3];     /* by enum wt_part */
    uint8_t axis[3][3];    /* as wt_view_axes orders them */
    uint8_t weak[3];       /* of points whose confidence is below WT_WEAK */
    uint8_t outline[3];    /* halo that keeps lines readable on light and dark skin */
    float outline_alpha;   /* 0..1 */
    float line, dot, halo; /* half width of lines, radius of dots, extra radius of the halo */
};
struct wt_style wt_style_for(float face_side);

/* Points less sure than this are drawn grey. Of the demo clip's 0.4 %, of 54 hard faces of the WFLW
 * test 9 % (accurate weights, wingtip track --jsonl). */
#define WT_WEAK 0.5f

/* The part that a point of a scheme belongs to, whether or not a curve runs through it. */
enum wt_part wt_view_part(const struct wt_scheme *scheme, int point);

/* Points of a face in the view's scheme, in frame pixels; returns how many. */
int wt_view_points(const struct wt_view *view, const struct wt_face *face,
                   struct wt_point out[WT_POINTS_MAX]);
/* Their confidences and ellipses (frame pixels), converted like the points: a scheme's points are
 * copies and means, and so are confidences and second moments. Return how many. */
int wt_view_confidences(const struct wt_view *view, const struct wt_face *face,
                        float out[WT_POINTS_MAX]);
int wt_view_ellipses(const struct wt_view *view, const struct wt_face *face,
                     struct wt_ellipse out[WT_POINTS_MAX]);

/* The head's axes in the picture, frame pixels: out[0] between the outer eye corners, then the ends
 * of the arms to the viewer's right of a face that looks into the camera, down, and out of the
 * face; 60 mm long. Of the pose that pose.h estimates under the assumed camera. false: unknown. */
bool wt_view_axes(const struct wt_face *face, int frame_width, int frame_height,
                  struct wt_point out[4]);

/* The outline of an ellipse around a point, `scale` times as large; closed: the last point is the
 * first. */
#define WT_ELLIPSE_POINTS 25
#define WT_ELLIPSE_SCALE 0.5f /* of ellipses in pictures: those of neighbours stay apart */
void wt_ellipse_outline(const struct wt_ellipse *ellipse, struct wt_point centre, float scale,
                        struct wt_point out[WT_ELLIPSE_POINTS]);

#ifdef __cplusplus
}
#endif

#endif
