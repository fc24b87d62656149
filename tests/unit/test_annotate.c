/* Overlays on the CPU: what they touch, where, and what they survive; colours; scheme choice. */
#include "support.h"

#include <math.h>

#include "draw/annotate.h"
#include "draw/raster.h"
#include "face/crop.h"
#include "face/pose.h"
#include "net/hourglass.h"

enum { W = 320, H = 240, CELLS = WT_MAP_CELLS_DEFAULT };

static float maps[99 * CELLS];

static struct wt_frame *grey_frame(void)
{
    struct wt_frame *frame = wt_frame_create(W, H);
    for (int y = 0; y < H; y++)
        memset(frame->pixels + y * frame->image.stride, 128, W * 3);
    frame->sequence = 7;
    frame->time_us = 1234;
    return frame;
}

/* 98 points on an ellipse around (cx,cy), maps zero. */
static void make_result(struct wt_result *r, float cx, float cy, float size)
{
    memset(r, 0, sizeof *r);
    memset(maps, 0, sizeof maps);
    r->faces = 1;
    struct wt_face *f = &r->face[0];
    f->id = 12;
    f->confidence = 0.87f;
    f->points = 98;
    f->input_size = 256;
    f->map_size = 64;
    f->maps = maps;
    for (int i = 0; i < 98; i++) {
        float angle = (float)i * 0.0641f;
        f->point[i] = (struct wt_point){cx + size * cosf(angle), cy + 0.8f * size * sinf(angle)};
        f->point_confidence[i] = 0.9f;
    }
    f->frame_to_crop = wt_crop_points(f->point, 98, 1.45f, 0, 256);
}

static const uint8_t *pixel(const struct wt_frame *frame, int x, int y)
{
    return frame->image.data + y * frame->image.stride + x * 3;
}

static bool is_grey(const struct wt_frame *frame, int x, int y)
{
    const uint8_t *p = pixel(frame, x, y);
    return p[0] == 128 && p[1] == 128 && p[2] == 128;
}

static int touched(const struct wt_frame *frame, int x0, int y0, int x1, int y1)
{
    int count = 0;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            count += !is_grey(frame, x, y);
    return count;
}

static void nothing_on_nothing_drawn(void **state)
{
    struct wt_result r;
    struct wt_frame *frame = grey_frame();
    make_result(&r, 160, 120, 50);
    struct wt_frame *out = wt_annotate(frame, &r, &(struct wt_view){0});
    assert_int_equal(touched(out, 0, 0, W, H), 0);
    assert_int_equal(out->sequence, 7);
    assert_int_equal(out->time_us, 1234);
    wt_frame_unref(&out);
    r.faces = 0;
    out = wt_annotate(frame, &r, &(struct wt_view){true, true, true, true});
    assert_int_equal(touched(out, 0, 0, W, H), 0);
    wt_frame_unref(&out);
    wt_frame_unref(&frame);
}

static void landmarks_sit_on_their_points(void **state)
{
    struct wt_result r;
    struct wt_frame *frame = grey_frame();
    make_result(&r, 160, 120, 60);
    struct wt_point *point = r.face[0].point;
    point[96] = (struct wt_point){100.0f, 50.0f}; /* a pupil: no line runs through it */
    struct wt_frame *out = wt_annotate(frame, &r, &(struct wt_view){.landmarks = true});
    assert_int_equal(touched(frame, 0, 0, W, H), 0); /* the input stays */
    struct wt_style style = wt_style_for(110.0f);
    const uint8_t *p = pixel(out, 100, 50), *eye = style.rgb[WT_PART_EYE];
    assert_true(abs(p[0] - eye[2]) <= 2 && abs(p[1] - eye[1]) <= 2 && abs(p[2] - eye[0]) <= 2);
    int reach = (int)ceilf(style.dot + style.halo) + 1;
    int inside = touched(out, 100 - reach, 50 - reach, 101 + reach, 51 + reach);
    assert_true(inside > 4);
    assert_int_equal(touched(out, 80, 30, 120, 70), inside);
    assert_int_equal(touched(out, 0, 0, 60, H), 0);
    /* symmetric: the centre of a disc is where the point is, not half a pixel beside it */
    for (int d = 1; d <= reach; d++) {
        assert_memory_equal(pixel(out, 100 - d, 50), pixel(out, 100 + d, 50), 3);
        assert_memory_equal(pixel(out, 100, 50 - d), pixel(out, 100, 50 + d), 3);
    }
    wt_frame_unref(&out);
    wt_frame_unref(&frame);
}

static bool has_color(const uint8_t *p, const uint8_t rgb[3])
{
    return abs(p[0] - rgb[2]) <= 2 && abs(p[1] - rgb[1]) <= 2 && abs(p[2] - rgb[0]) <= 2;
}

/* A point that the network is not sure of loses its colour; the others keep theirs. */
static void weak_points_are_grey(void **state)
{
    struct wt_result r;
    struct wt_frame *frame = grey_frame();
    const struct wt_style style = wt_style_for(110.0f);
    make_result(&r, 160, 120, 60);
    r.face[0].point[96] = (struct wt_point){100, 50};
    r.face[0].point[97] = (struct wt_point){220, 50};
    r.face[0].point_confidence[96] = WT_WEAK - 0.01f;
    r.face[0].point_confidence[97] = WT_WEAK + 0.01f;
    struct wt_frame *out = wt_annotate(frame, &r, &(struct wt_view){.landmarks = true});
    assert_true(has_color(pixel(out, 100, 50), style.weak));
    assert_true(has_color(pixel(out, 220, 50), style.rgb[WT_PART_EYE]));
    wt_frame_unref(&out);
    /* a mean of points is as sure as they are in the mean */
    float confidence[WT_POINTS_MAX];
    r.face[0].point_confidence[0] = 0.25f;
    assert_int_equal(wt_view_confidences(&(struct wt_view){.points = 68}, &r.face[0], confidence),
                     68);
    assert_float_equal(confidence[0], 0.25f, 1e-6);
    assert_float_equal(confidence[1], 0.9f, 1e-6);
    wt_frame_unref(&frame);
}

/* One long ellipse, turned by 45 degrees: its ends are drawn, its flanks are not. In a mirror it
 * leans to the other side. */
static void ellipses_lie_along_their_angle(void **state)
{
    struct wt_result r;
    struct wt_frame *frame = grey_frame();
    make_result(&r, 160, 120, 60);
    struct wt_face *f = &r.face[0];
    const struct wt_point at = {100, 50};
    const float reach = 24 * WT_ELLIPSE_SCALE;
    f->point[96] = at;
    f->point_ellipse[96] = (struct wt_ellipse){24, 6, 0.7853982f};
    for (int mirror = 0; mirror < 2; mirror++) {
        struct wt_frame *out =
            wt_annotate(frame, &r, &(struct wt_view){.ellipses = true, .mirror = mirror});
        const float c = mirror ? -0.7071f : 0.7071f, x = mirror ? W - 1 - at.x : at.x;
        for (int end = -1; end < 2; end += 2) {
            const int dx = (int)lrintf((float)end * reach * c), dy = end * (int)(reach * 0.7071f);
            const int u = (int)x + dx, w = (int)at.y + dy;
            assert_true(touched(out, u - 1, w - 1, u + 2, w + 2) > 0);
            assert_int_equal(touched(out, (int)x - dx - 1, w - 1, (int)x - dx + 2, w + 2), 0);
        }
        wt_frame_unref(&out);
    }
    struct wt_ellipse shown[WT_POINTS_MAX];
    assert_int_equal(wt_view_ellipses(&(struct wt_view){0}, f, shown), 98);
    assert_float_equal(shown[96].major, 24, 1e-3);
    assert_float_equal(shown[96].minor, 6, 1e-3);
    assert_float_equal(shown[96].angle, 0.7853982f, 1e-4);
    wt_frame_unref(&frame);
}

/* A head that looks into the camera, in its middle: one arm to the right, one down, and the one
 * out of the face toward the viewer, seen from its end. Turned, that one goes with the nose. */
static void axes_follow_the_head(void **state)
{
    for (int turned = 0; turned < 2; turned++) {
        const struct wt_pose pose = {.yaw = turned ? 30 : 0, .z = 600};
        const struct wt_camera_model camera = wt_camera_assumed(W, H);
        struct wt_result r;
        struct wt_point end[4];
        make_result(&r, 160, 120, 60);
        for (int i = 0; i < WT_POSE_POINTS; i++)
            r.face[0].point[wt_pose_model[i].at98] =
                wt_pose_project(&pose, &camera, wt_pose_model[i].place);
        assert_true(wt_view_axes(&r.face[0], W, H, end));
        assert_true(end[1].x > end[0].x + 10 && fabsf(end[1].y - end[0].y) < 1);
        assert_true(end[2].y > end[0].y + 10 && fabsf(end[2].x - end[0].x) < 1);
        if (turned) /* positive turns the nose to the left of the picture */
            assert_true(end[3].x < end[0].x - 5);
        else
            assert_true(hypotf(end[3].x - end[0].x, end[3].y - end[0].y) < 1);
        struct wt_frame *frame = grey_frame(),
                        *out = wt_annotate(frame, &r, &(struct wt_view){.axes = true});
        const int x = (int)end[1].x, y = (int)end[1].y;
        assert_true(touched(out, x - 2, y - 2, x + 2, y + 2) > 0);
        wt_frame_unref(&out);
        wt_frame_unref(&frame);
        r.face[0].points = 29; /* no pose */
        assert_false(wt_view_axes(&r.face[0], W, H, end));
    }
}

/* A network of `size` maps; the same place of the face whatever their size. */
static void check_cells(int size)
{
    struct wt_result r;
    struct wt_frame *frame = grey_frame();
    const int cells = size * size, part = size / 16; /* 16ths of a map */
    const int hx = 11 * part + 1, hy = 5 * part, ex = 3 * part - 2, ey = 12 * part + 2;
    make_result(&r, 160, 120, 60);
    r.face[0].input_size = 4 * size;
    r.face[0].map_size = size;
    r.face[0].frame_to_crop = wt_crop_square(160, 120, 128, 0, 4 * size);
    maps[40 * cells + hy * size + hx] = 1.0f; /* a peak of point 40 */
    maps[98 * cells + ey * size + ex] = 1.0f; /* and one of the boundary */
    struct wt_affine back = wt_affine_invert(&r.face[0].frame_to_crop);
    struct wt_point heat = wt_affine_apply(&back, (struct wt_point){hx * 4 + 1.5f, hy * 4 + 1.5f});
    struct wt_point edge = wt_affine_apply(&back, (struct wt_point){ex * 4 + 1.5f, ey * 4 + 1.5f});
    const int reach = 6 * 64 / size; /* a cell has more of the frame's pixels in a smaller map */
    for (int which = 0; which < 2; which++) {
        struct wt_view view = {.heatmaps = which == 0, .boundary = which == 1};
        struct wt_point at = which ? edge : heat, other = which ? heat : edge;
        struct wt_frame *out = wt_annotate(frame, &r, &view);
        int x = (int)lrintf(at.x), y = (int)lrintf(at.y);
        assert_true(touched(out, x - 4, y - 4, x + 5, y + 5) > 8);
        assert_int_equal(touched(out, 0, 0, W, H),
                         touched(out, x - reach, y - reach, x + reach + 1, y + reach + 1));
        assert_true(is_grey(out, (int)lrintf(other.x), (int)lrintf(other.y)));
        /* centre of gravity of the change */
        double sum = 0, sx = 0, sy = 0;
        for (int v = 0; v < H; v++)
            for (int u = 0; u < W; u++) {
                double d = abs(pixel(out, u, v)[2] - 128) + abs(pixel(out, u, v)[0] - 128);
                sum += d;
                sx += d * u;
                sy += d * v;
            }
        assert_true(fabs(sx / sum - (double)at.x) < 0.3);
        assert_true(fabs(sy / sum - (double)at.y) < 0.3);
        wt_frame_unref(&out);
    }
    wt_frame_unref(&frame);
}

static void heatmaps_sit_on_their_cells(void **state)
{
    check_cells(64);
    check_cells(48);
    check_cells(32);
}

/* Half the opacity is half the change; each map has a palette and an opacity of its own. */
static void maps_have_opacity_and_palette(void **state)
{
    struct wt_result r;
    struct wt_frame *frame = grey_frame();
    make_result(&r, 160, 120, 50);
    maps[40 * CELLS + 20 * 64 + 45] = 1.0f; /* a heatmap's peak; below the boundary's elsewhere */
    maps[98 * CELLS + 44 * 64 + 20] = 1.0f;
    const struct wt_view base = {.heatmaps = true, .boundary = true, .heatmap_opacity = WT_OPACITY};
    struct wt_view half = base, ember = base;
    half.heatmap_opacity = WT_OPACITY / 2;
    ember.boundary_palette = WT_PALETTE_EMBER;
    struct wt_frame *a = wt_annotate(frame, &r, &base), *b = wt_annotate(frame, &r, &half),
                    *c = wt_annotate(frame, &r, &ember);
    int full = 0, halved = 0, heat_moved = 0, boundary_moved = 0;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W * 3; x++) {
            const int grey = pixel(frame, x / 3, y)[x % 3], k = x % 3, i = x / 3;
            full += abs(pixel(a, i, y)[k] - grey);
            halved += abs(pixel(b, i, y)[k] - grey);
            const bool heat = abs(pixel(a, i, y)[k] - pixel(b, i, y)[k]) > 2;
            if (pixel(a, i, y)[k] != pixel(c, i, y)[k])
                *(heat ? &heat_moved : &boundary_moved) += 1;
        }
    assert_true(full > 1000);
    assert_true(halved < full * 85 / 100 && halved > full * 60 / 100); /* one of two is halved */
    assert_int_equal(heat_moved, 0);
    assert_true(boundary_moved > 10);
    wt_frame_unref(&a);
    wt_frame_unref(&b);
    wt_frame_unref(&c);
    wt_frame_unref(&frame);
}

static void mirror_mirrors_everything_but_text(void **state)
{
    struct wt_result r;
    struct wt_frame *frame = grey_frame();
    make_result(&r, 120, 120, 40);
    maps[40 * CELLS + 20 * 64 + 45] = 1.0f;
    memset(frame->pixels + 10 * frame->image.stride + 5 * 3, 200, 3);
    struct wt_view view = {.landmarks = true, .heatmaps = true};
    struct wt_frame *plain = wt_annotate(frame, &r, &view);
    view.mirror = true;
    struct wt_frame *turned = wt_annotate(frame, &r, &view);
    assert_int_equal(pixel(turned, W - 1 - 5, 10)[0], 200);
    int worst = 0;
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W * 3; x++) {
            int d = abs(pixel(plain, x / 3, y)[x % 3] - pixel(turned, W - 1 - x / 3, y)[x % 3]);
            worst = d > worst ? d : worst;
        }
    assert_true(worst <= 24);                   /* rounding within the anti-aliased edges */
    assert_true(r.face[0].point[0].x > 159.0f); /* the result itself is as it was */
    wt_frame_unref(&plain);
    wt_frame_unref(&turned);
    wt_frame_unref(&frame);
}

static void survives_any_result(void **state)
{
    static const float odd[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 1e9f, 0.0f, -5000.0f};
    const struct wt_view all = {
        .landmarks = true, .heatmaps = true, .boundary = true, .boxes = true};
    struct wt_frame *frame = grey_frame();
    struct wt_result r;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        for (int what = 0; what < 9; what++) {
            make_result(&r, 160, 120, 50);
            if (what < 6)
                r.face[0].frame_to_crop.m[what] = odd[i];
            else if (what == 6)
                maps[5] = maps[98 * CELLS + 9] = odd[i];
            else if (what == 7)
                r.face[0].point[3].x = odd[i];
            else
                make_result(&r, odd[i], 20, 50);
            struct wt_frame *out = wt_annotate(frame, &r, &all);
            assert_non_null(out);
            wt_frame_unref(&out);
        }
    }
    make_result(&r, 160, 120, 50);
    r.face[0].maps = NULL; /* not asked for */
    struct wt_frame *out = wt_annotate(frame, &r, &all);
    assert_non_null(out);
    wt_frame_unref(&out);
    wt_frame_unref(&frame);
}

/* A tag is readable on white and on black, over the square's upper left corner, the same in a
 * mirrored picture, and within the picture where the square is not. */
static void tags_are_readable(void **state)
{
    struct wt_result r;
    make_result(&r, 160, 120, 50);
    const struct wt_affine back = wt_affine_invert(&r.face[0].frame_to_crop);
    const struct wt_point corner = wt_affine_apply(&back, (struct wt_point){-0.5f, -0.5f});
    struct wt_view view = {.boxes = true};
    for (int ground = 0; ground < 2; ground++)
        for (int beyond = 0; beyond < 2; beyond++) {
            struct wt_frame *frame = grey_frame();
            memset(frame->pixels, ground ? 255 : 0, (size_t)(frame->image.stride * H));
            const float shift = beyond ? 2.0f * corner.y : 0.0f; /* the corner above the frame */
            for (int i = 0; i < 6; i += 3)
                r.face[0].frame_to_crop.m[i + 2] += r.face[0].frame_to_crop.m[i + 1] * shift;
            struct wt_frame *out = wt_annotate(frame, &r, &view);
            const int bottom = beyond ? 15 : (int)corner.y, top = bottom - 14 > 0 ? bottom - 14 : 0;
            int bright = 0, dark = 0;
            for (int y = top; y < bottom; y++)
                for (int x = (int)corner.x + 2; x < (int)corner.x + 60; x++) {
                    bright += pixel(out, x, y)[1] > 200;
                    dark += pixel(out, x, y)[1] < 100;
                }
            assert_true(bright > 40);
            assert_true(dark > 200);
            for (int i = 0; i < 6; i += 3)
                r.face[0].frame_to_crop.m[i + 2] -= r.face[0].frame_to_crop.m[i + 1] * shift;
            wt_frame_unref(&out);
            wt_frame_unref(&frame);
        }
}

static void text_stays_within_its_room(void **state)
{
    struct wt_stroke s[64];
    int n = wt_text_strokes("#12 87%", 10, 20, 12, s, 64);
    assert_true(n > 20);
    for (int i = 0; i < n; i++)
        assert_true(s[i].a.x >= 10 && s[i].b.x <= 10 + 7 * 12 && s[i].a.y >= 8 && s[i].b.y <= 20);
    for (char c = 'A'; c <= 'Z'; c++) {
        struct wt_stroke small[64];
        n = wt_text_strokes((char[]){c, 0}, 10, 20, 12, s, 64);
        assert_true(n >= 2 &&
                    n == wt_text_strokes((char[]){(char)(c + 32), 0}, 10, 20, 12, small, 64));
        for (int i = 0; i < n; i++)
            assert_true(s[i].a.x >= 10 && fmaxf(s[i].a.x, s[i].b.x) <= 18 && s[i].a.y >= 8 &&
                        s[i].b.y <= 20);
    }
    assert_int_equal(wt_text_strokes("\xff _", 0, 0, 12, s, 64), 0);
    assert_int_equal(wt_text_strokes("88888888", 0, 0, 12, s, 5), 5);
}

/* Also where there is no face, also in a picture that is smaller than the words. */
static void caption_is_in_the_lower_left(void **state)
{
    const struct wt_view view = {.landmarks = true, .caption = "landmarks + heatmaps"};
    struct wt_result r = {0};
    struct wt_frame *frame = grey_frame();
    struct wt_frame *out = wt_annotate(frame, &r, &view);
    assert_true(touched(out, 0, H - 24, 180, H) > 500);
    assert_int_equal(touched(out, 0, 0, W, H - 24) + touched(out, 180, 0, W, H), 0);
    wt_frame_unref(&out);
    wt_frame_unref(&frame);
    frame = wt_frame_create(9, 5);
    memset(frame->pixels, 128, (size_t)frame->image.stride * 5);
    out = wt_annotate(frame, &r, &view);
    assert_non_null(out);
    wt_frame_unref(&out);
    wt_frame_unref(&frame);
}

/* Lightness as OKLab has it, from sRGB bytes. */
static double lightness(const uint8_t rgb[3])
{
    double c[3];
    for (int i = 0; i < 3; i++) {
        double v = rgb[i] / 255.0;
        c[i] = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
    }
    double l = cbrt(0.4122214708 * c[0] + 0.5363325363 * c[1] + 0.0514459929 * c[2]);
    double m = cbrt(0.2119034982 * c[0] + 0.6806995451 * c[1] + 0.1073969566 * c[2]);
    double s = cbrt(0.0883024619 * c[0] + 0.2817188376 * c[1] + 0.6299787005 * c[2]);
    return 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
}

static void colour_maps_get_evenly_lighter(void **state)
{
    uint8_t rgb[3], other[3];
    for (enum wt_palette palette = 0; palette < WT_PALETTES; palette++) {
        assert_non_null(wt_palette_names[palette]);
        wt_colormap(palette, 0, rgb);
        double low = lightness(rgb);
        wt_colormap(palette, 1, rgb);
        double high = lightness(rgb);
        assert_true(high - low > 0.6);
        for (int i = 0; i <= 100; i++) {
            wt_colormap(palette, (float)i / 100.0f, rgb);
            assert_true(fabs(lightness(rgb) - (low + (high - low) * i / 100.0)) < 0.012);
        }
        wt_colormap(palette, NAN, rgb);
        wt_colormap(palette, -3, other);
        assert_memory_equal(rgb, other, 3);
        wt_colormap(palette, 7, rgb);
        wt_colormap(palette, 1, other);
        assert_memory_equal(rgb, other, 3);
        wt_colormap(palette, 0.5f, rgb);
        for (enum wt_palette to = 0; to < palette; to++) {
            wt_colormap(to, 0.5f, other);
            assert_memory_not_equal(rgb, other, 3);
        }
    }
    assert_null(wt_palette_names[WT_PALETTES]);
}

static void view_chooses_the_scheme(void **state)
{
    struct wt_result r;
    struct wt_point p[WT_POINTS_MAX];
    make_result(&r, 160, 120, 50);
    const struct wt_face *f = &r.face[0];
    assert_int_equal(wt_view_points(&(struct wt_view){.points = 0}, f, p), 98);
    assert_memory_equal(p, f->point, 98 * sizeof *p);
    assert_int_equal(wt_view_points(&(struct wt_view){.points = 68}, f, p), 68);
    assert_true(p[0].x == f->point[0].x && p[67].y == f->point[95].y);
    assert_int_equal(wt_view_points(&(struct wt_view){.points = 29}, f, p), 29);
    assert_int_equal(wt_view_points(&(struct wt_view){.points = 19}, f, p), 98);
    assert_int_equal(wt_view_points(&(struct wt_view){.points = 5000}, f, p), 98);
    const struct wt_scheme *scheme = wt_scheme_get(98);
    assert_int_equal(wt_view_part(scheme, 3), WT_PART_JAW);
    assert_int_equal(wt_view_part(scheme, 40), WT_PART_BROW);
    assert_int_equal(wt_view_part(scheme, 96), WT_PART_EYE);
    assert_int_equal(wt_view_part(scheme, 57), WT_PART_NOSE);
    assert_int_equal(wt_view_part(scheme, 76), WT_PART_LIPS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_on_nothing_drawn),
        cmocka_unit_test(landmarks_sit_on_their_points),
        cmocka_unit_test(weak_points_are_grey),
        cmocka_unit_test(ellipses_lie_along_their_angle),
        cmocka_unit_test(axes_follow_the_head),
        cmocka_unit_test(heatmaps_sit_on_their_cells),
        cmocka_unit_test(maps_have_opacity_and_palette),
        cmocka_unit_test(mirror_mirrors_everything_but_text),
        cmocka_unit_test(survives_any_result),
        cmocka_unit_test(text_stays_within_its_room),
        cmocka_unit_test(tags_are_readable),
        cmocka_unit_test(caption_is_in_the_lower_left),
        cmocka_unit_test(colour_maps_get_evenly_lighter),
        cmocka_unit_test(view_chooses_the_scheme),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
