#include "draw/view.h"

#include <math.h>
#include <string.h>

#include "face/ellipse.h"
#include "face/pose.h"

/* OKLab to linear sRGB: B. Ottosson, "A perceptual color space for image processing" (2020). */
static void oklab_to_linear(float L, float a, float b, float rgb[3])
{
    float l = L + 0.3963377774f * a + 0.2158037573f * b;
    float m = L - 0.1055613458f * a - 0.0638541728f * b;
    float s = L - 0.0894841775f * a - 1.2914855480f * b;
    l = l * l * l;
    m = m * m * m;
    s = s * s * s;
    rgb[0] = 4.0767416621f * l - 3.3077115913f * m + 0.2309699292f * s;
    rgb[1] = -1.2684380046f * l + 2.6097574011f * m - 0.3413193965f * s;
    rgb[2] = -0.0041960863f * l - 0.7034186147f * m + 1.7076147010f * s;
}

static bool in_gamut(const float rgb[3])
{
    for (int i = 0; i < 3; i++)
        if (!(rgb[i] >= 0.0f && rgb[i] <= 1.0f))
            return false;
    return true;
}

static uint8_t encode_srgb(float v)
{
    v = v <= 0.0031308f ? 12.92f * v : 1.055f * powf(v, 1.0f / 2.4f) - 0.055f;
    return (uint8_t)lrintf(255.0f * fminf(fmaxf(v, 0.0f), 1.0f));
}

const char *const wt_palette_names[] = {"dusk", "ember", "ice", "orchid", "grey", NULL};

/* Lightness goes straight up from a dark to a pale colour while the hue (degrees) turns. Chroma is
 * the wanted one, or the largest within sRGB, so that lightness stays even. */
void wt_colormap(enum wt_palette palette, float t, uint8_t rgb[3])
{
    static const struct {
        float from, turn, chroma;
    } courses[WT_PALETTES] = {
        [WT_PALETTE_DUSK] = {290.0f, -185.0f, 0.19f}, [WT_PALETTE_EMBER] = {5.0f, 95.0f, 0.20f},
        [WT_PALETTE_ICE] = {282.0f, -80.0f, 0.14f},   [WT_PALETTE_ORCHID] = {300.0f, 55.0f, 0.19f},
        [WT_PALETTE_GREY] = {0.0f, 0.0f, 0.0f},
    };
    const float pi = 3.14159265f;
    t = t >= 0.0f ? fminf(t, 1.0f) : 0.0f; /* NaN becomes 0 */
    float L = 0.25f + 0.70f * t;
    float hue = (courses[palette].from + courses[palette].turn * t) * pi / 180.0f;
    float wanted = courses[palette].chroma, low = 0.0f, linear[3];
    oklab_to_linear(L, wanted * cosf(hue), wanted * sinf(hue), linear);
    if (!in_gamut(linear)) {
        float high = wanted;
        for (int i = 0; i < 14; i++) {
            float middle = 0.5f * (low + high);
            oklab_to_linear(L, middle * cosf(hue), middle * sinf(hue), linear);
            if (in_gamut(linear))
                low = middle;
            else
                high = middle;
        }
        oklab_to_linear(L, low * cosf(hue), low * sinf(hue), linear);
    }
    for (int i = 0; i < 3; i++)
        rgb[i] = encode_srgb(linear[i]);
}

static float clampf(float v, float low, float high)
{
    return fminf(fmaxf(v, low), high);
}

struct wt_style wt_style_for(float face_side)
{
    /* Light, clear colours over a dark translucent rim: the colour is visible on dark skin, the rim
     * on light skin. Adjacent parts differ in hue. */
    struct wt_style style = {
        .rgb = {[WT_PART_JAW] = {0xd8, 0xf0, 0xff},
                [WT_PART_BROW] = {0xff, 0xd1, 0x5c},
                [WT_PART_EYE] = {0x5c, 0xe6, 0xff},
                [WT_PART_NOSE] = {0xa8, 0xf5, 0x8c},
                [WT_PART_LIPS] = {0xff, 0x8f, 0xb8}},
        .axis = {{0xff, 0x6b, 0x6b}, {0x6b, 0xe0, 0x7a}, {0x6f, 0xa8, 0xff}},
        .weak = {0x9c, 0xa0, 0xa8},
        .outline = {0x10, 0x14, 0x20},
        .outline_alpha = 0.55f,
    };
    if (!(face_side > 0.0f))
        face_side = 1.0f;
    style.line = clampf(face_side * 0.0035f, 0.5f, 3.0f);
    style.dot = clampf(face_side * 0.0085f, 1.1f, 6.0f);
    style.halo = clampf(face_side * 0.0045f, 0.8f, 3.0f);
    return style;
}

enum wt_part wt_view_part(const struct wt_scheme *scheme, int point)
{
    static const struct {
        const char *word;
        enum wt_part part;
    } words[] = {
        {"brow", WT_PART_BROW}, {"eye", WT_PART_EYE},  {"pupil", WT_PART_EYE},
        {"nose", WT_PART_NOSE}, {"lip", WT_PART_LIPS}, {"mouth", WT_PART_LIPS},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(scheme->point_name[point], words[i].word))
            return words[i].part;
    return WT_PART_JAW;
}

int wt_view_points(const struct wt_view *view, const struct wt_face *face,
                   struct wt_point out[WT_POINTS_MAX])
{
    int wanted = view->points > 0 && view->points <= WT_POINTS_MAX ? view->points : face->points;
    if (wt_points_convert(face->point, face->points, out, wanted) == WT_OK)
        return wanted;
    /* The model's points cannot be converted to that scheme: show the model's own. */
    memcpy(out, face->point, (size_t)face->points * sizeof *out);
    return face->points;
}

int wt_view_confidences(const struct wt_view *view, const struct wt_face *face,
                        float out[WT_POINTS_MAX])
{
    struct wt_face carrier = {.points = face->points};
    struct wt_point converted[WT_POINTS_MAX];
    for (int i = 0; i < face->points; i++)
        carrier.point[i].x = face->point_confidence[i];
    const int n = wt_view_points(view, &carrier, converted);
    for (int i = 0; i < n; i++)
        out[i] = converted[i].x;
    return n;
}

int wt_view_ellipses(const struct wt_view *view, const struct wt_face *face,
                     struct wt_ellipse out[WT_POINTS_MAX])
{
    struct wt_face carrier[2] = {{.points = face->points}, {.points = face->points}};
    struct wt_point converted[2][WT_POINTS_MAX];
    for (int i = 0; i < face->points; i++)
        wt_ellipse_moments(&face->point_ellipse[i], &carrier[0].point[i].x, &carrier[1].point[i].x,
                           &carrier[0].point[i].y);
    const int n = wt_view_points(view, &carrier[0], converted[0]);
    wt_view_points(view, &carrier[1], converted[1]);
    for (int i = 0; i < n; i++)
        out[i] = wt_ellipse_of_moments(converted[0][i].x, converted[1][i].x, converted[0][i].y);
    return n;
}

bool wt_view_axes(const struct wt_face *face, int frame_width, int frame_height,
                  struct wt_point out[4])
{
    /* The axes are parallel to the camera's while the face looks into it: out of it is -z. */
    static const double end[4][3] = {{0, 0, 0}, {60, 0, 0}, {0, 60, 0}, {0, 0, -60}};
    const struct wt_camera_model camera = wt_camera_assumed(frame_width, frame_height);
    struct wt_pose pose;
    if (!wt_pose_estimate(face->point, face->points, &camera, &pose))
        return false;
    bool known = true;
    for (int i = 0; i < 4; i++) {
        out[i] = wt_pose_project(&pose, &camera, end[i]);
        known = known && isfinite(out[i].x) && isfinite(out[i].y);
    }
    return known;
}

void wt_ellipse_outline(const struct wt_ellipse *ellipse, struct wt_point centre, float scale,
                        struct wt_point out[WT_ELLIPSE_POINTS])
{
    const float c = scale * cosf(ellipse->angle), s = scale * sinf(ellipse->angle);
    for (int i = 0; i < WT_ELLIPSE_POINTS; i++) {
        const float t = 6.2831853f * (float)(i % (WT_ELLIPSE_POINTS - 1)) / (WT_ELLIPSE_POINTS - 1);
        const float u = ellipse->major * cosf(t), v = ellipse->minor * sinf(t);
        out[i] = (struct wt_point){centre.x + c * u - s * v, centre.y + s * u + c * v};
    }
}
