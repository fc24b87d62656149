#include "window/viewer_faces.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/notice.h"
#include "base/status.h"
#include "window/canvas_imgui.h"
#include "window/viewer_internal.h"

/* ---- what is known of them ------------------------------------------------------------------- */

static void drop(struct wt_faces_found *f)
{
    wt_profile_close(&f->profile);
    free(f->face);
    *f = (struct wt_faces_found){.profile = NULL};
}

static void *find_out(void *argument)
{
    struct wt_viewer_faces *f = argument;
    struct wt_faces_found *c = &f->coming;
    enum wt_status status = wt_profile_open(&c->profile, &f->store, f->name);
    if (!status) {
        c->face = calloc(c->profile->truth.count, sizeof *c->face);
        status = c->face ? wt_profile_faces(c->profile, &f->run, c->face)
                         : wt_fail(WT_ERR_MEMORY, "out of memory for the corrected faces");
    }
    f->status = status;
    f->done = true;
    return NULL;
}

static void begin(struct wt_viewer *v)
{
    struct wt_viewer_faces *f = &v->faces;
    const struct wt_profile *p = v->teach.profile;
    f->asked = v->teach.takes;
    f->store = v->teach.store;
    snprintf(f->name, sizeof f->name, "%s", p->name);
    f->run = (struct wt_profile_run){.threads = v->prefs.common.threads,
                                     .cpu_mask = v->prefs.common.cpu_mask,
                                     .precision = v->prefs.common.precision};
    f->done = false;
    f->busy = pthread_create(&f->thread, NULL, find_out, f) == 0;
    if (!f->busy)
        wt_fail(WT_ERR_MEMORY, "cannot start a thread for the corrected faces");
}

void wt_viewer_faces_check(struct wt_viewer *v)
{
    struct wt_viewer_faces *f = &v->faces;
    if (!f->busy || !f->done)
        return;
    pthread_join(f->thread, NULL);
    f->busy = false;
    f->failed = f->status != WT_OK; /* logged */
    if (f->failed) {
        drop(&f->coming);
        return;
    }
    drop(&f->shown);
    f->shown = f->coming;
    f->coming = (struct wt_faces_found){.profile = NULL};
    f->pages = ((int)f->shown.profile->truth.count + WT_FACES_PAGE - 1) / WT_FACES_PAGE;
    f->page = f->page < f->pages ? f->page : f->pages - 1;
    f->page_made = false;
    v->redraw = true;
}

void wt_viewer_faces_init(struct wt_viewer *v)
{
    v->faces.large = -1;
    v->faces.asked = UINT_MAX;
    for (int i = 0; i < 3; i++)
        v->faces.show[i] = true;
}

static void drop_textures(struct wt_viewer_faces *f)
{
    glDeleteTextures(WT_FACES_PAGE, f->texture);
    memset(f->texture, 0, sizeof f->texture);
}

void wt_viewer_faces_fini(struct wt_viewer *v)
{
    struct wt_viewer_faces *f = &v->faces;
    if (f->busy)
        pthread_join(f->thread, NULL);
    f->busy = false;
    drop(&f->coming);
    drop(&f->shown);
    if (v->window.context)
        drop_textures(f);
}

/* ---- pictures -------------------------------------------------------------------------------- */

/* The square around a face's points, a little larger; within the picture. */
static struct wt_box square_of(const struct wt_sample *s, const struct wt_image *image)
{
    const struct wt_box box = wt_points_box(s->point, s->points);
    const float most = (float)(image->width < image->height ? image->width : image->height);
    const float side = fminf(1.25f * fmaxf(box.w, box.h), most);
    const float x = box.x + 0.5f * (box.w - side), y = box.y + 0.5f * (box.h - side);
    return (struct wt_box){fminf(fmaxf(x, 0.0f), (float)image->width - side),
                           fminf(fmaxf(y, 0.0f), (float)image->height - side), side, side};
}

/* The mean of the pixels that each small one covers. */
static void shrink(const struct wt_image *image, struct wt_box b, uint8_t *out)
{
    enum { SIDE = WT_FACES_SMALL };
    const float step = b.w / SIDE;
    for (int i = 0; i < SIDE * SIDE; i++) {
        const int x0 = (int)(b.x + step * (float)(i % SIDE)),
                  y0 = (int)(b.y + step * (float)(i / SIDE));
        const int n = step > 1.0f ? (int)step : 1;
        unsigned sum[3] = {0};
        int count = 0;
        for (int y = y0; y < y0 + n && y < image->height; y++)
            for (int x = x0; x < x0 + n && x < image->width; x++, count++)
                for (int k = 0; k < 3; k++)
                    sum[k] += image->data[y * image->stride + 3 * (ptrdiff_t)x + k];
        for (int k = 0; k < 3 && count; k++)
            out[3 * i + k] = (uint8_t)(sum[k] / (unsigned)count);
    }
}

static unsigned small_picture(const struct wt_sample *s)
{
    uint8_t pixel[3 * WT_FACES_SMALL * WT_FACES_SMALL] = {0};
    struct wt_picture storage = {.pixels = NULL};
    struct wt_image image;
    char reason[160];
    unsigned texture = 0;
    if (wt_sample_picture(s, &storage, &image, reason, sizeof reason)) {
        wt_log(WT_LOG_WARN, "%s: %s", s->name, reason);
    } else if (image.format != WT_PIXEL_GRAY8) {
        const GLenum order = image.format == WT_PIXEL_RGB24 ? GL_RGB : GL_BGR;
        shrink(&image, square_of(s, &image), pixel);
        texture = wt_gl_texture(GL_TEXTURE_2D, GL_LINEAR);
        glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
        glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB8, WT_FACES_SMALL, WT_FACES_SMALL, 0, order,
                     GL_UNSIGNED_BYTE, pixel);
        glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    }
    wt_picture_fini(&storage);
    return texture;
}

int wt_viewer_faces_on_page(const struct wt_viewer *v)
{
    const struct wt_viewer_faces *f = &v->faces;
    const int left =
        f->shown.profile ? (int)f->shown.profile->truth.count - f->page * WT_FACES_PAGE : 0;
    return left < WT_FACES_PAGE ? left : WT_FACES_PAGE;
}

void wt_viewer_faces_turn(struct wt_viewer *v, int page)
{
    v->faces.page = page;
    v->faces.page_made = false;
    v->redraw = true;
}

void wt_viewer_faces_follow(struct wt_viewer *v)
{
    struct wt_viewer_faces *f = &v->faces;
    if (f->asked != v->teach.takes && !f->busy) {
        f->failed = false;
        if (f->shown.profile && strcmp(f->shown.profile->name, v->teach.profile->name) != 0)
            drop(&f->shown);
        begin(v);
    }
    if (f->page_made || !f->shown.profile)
        return;
    drop_textures(f);
    const struct wt_sample *s = f->shown.profile->truth.sample + f->page * WT_FACES_PAGE;
    for (int i = 0; i < wt_viewer_faces_on_page(v); i++)
        f->texture[i] = small_picture(&s[i]);
    f->page_made = true;
}

/* ---- one of them, large ---------------------------------------------------------------------- */

/* A frame of its own of a picture, of which OpenGL wants blue first. */
static struct wt_frame *frame_of(const struct wt_sample *s)
{
    struct wt_picture storage = {.pixels = NULL};
    struct wt_image image;
    char reason[160];
    if (wt_sample_picture(s, &storage, &image, reason, sizeof reason)) {
        wt_fail(WT_ERR_IO, "%s: %s", s->name, reason);
        return NULL;
    }
    struct wt_frame *frame = wt_frame_create(image.width, image.height);
    const int red = image.format == WT_PIXEL_RGB24 ? 0 : 2, blue = 2 - red;
    const int pixel = image.format == WT_PIXEL_GRAY8 ? 1 : 3;
    for (int y = 0; frame && y < image.height; y++) {
        const uint8_t *from = image.data + y * image.stride;
        uint8_t *to = frame->pixels + y * frame->image.stride;
        for (int x = 0; x < image.width; x++, from += pixel, to += 3) {
            to[0] = from[pixel == 1 ? 0 : blue];
            to[1] = from[pixel == 1 ? 0 : 1];
            to[2] = from[pixel == 1 ? 0 : red];
        }
    }
    wt_picture_fini(&storage);
    return frame;
}

void wt_viewer_faces_look(struct wt_viewer *v, int face)
{
    struct wt_viewer_faces *f = &v->faces;
    const struct wt_sample *s = &f->shown.profile->truth.sample[face];
    struct wt_frame *frame = frame_of(s);
    f->confirm = false;
    if (frame && wt_correct_look_at(v, frame, s->point, s->points, s->name))
        f->large = face;
    wt_frame_unref(&frame);
}

static void draw_points(struct wt_viewer *v, const struct wt_layout *l,
                        const struct wt_scheme *scheme, const struct wt_point *point,
                        enum wt_canvas_color color)
{
    struct wt_point at[WT_POINTS_MAX], line[WT_POINTS_MAX];
    const struct wt_curve *curve;
    if (isnan(point[0].x))
        return;
    for (int i = 0; i < scheme->points; i++)
        at[i] = wt_layout_point(l, point[i]);
    for (int i = 0; (curve = wt_scheme_line(scheme, i)); i++) {
        for (int k = 0; k < curve->count; k++)
            line[k] = at[curve->point[k]];
        wt_canvas_line(v->ui, line, curve->count, color);
    }
    wt_canvas_dots(v->ui, at, scheme->points, color);
}

void wt_viewer_faces_draw(struct wt_viewer *v, const struct wt_layout *l)
{
    const struct wt_viewer_faces *f = &v->faces;
    if (!v->correct.looking || f->large < 0 || !f->shown.profile ||
        f->large >= (int)f->shown.profile->truth.count)
        return;
    const struct wt_sample *s = &f->shown.profile->truth.sample[f->large];
    const struct wt_profile_face *face = &f->shown.face[f->large];
    const struct wt_scheme *scheme = wt_scheme_get(s->points);
    const struct wt_point *const set[3] = {s->point, face->before, face->after};
    for (int i = 1; i <= 3 && scheme; i++) /* what was placed lies on top */
        if (f->show[i % 3])
            draw_points(v, l, scheme, set[i % 3], (enum wt_canvas_color)(i % 3));
}

void wt_viewer_faces_edit(struct wt_viewer *v)
{
    v->faces.large = -1;
    wt_correct_edit(v);
}

void wt_viewer_faces_remove(struct wt_viewer *v)
{
    if (wt_teach_remove(v, v->correct.picture)) {
        v->faces.large = -1;
        wt_correct_leave(v);
    }
}
