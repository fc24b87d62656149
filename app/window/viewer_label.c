/* `wingtip label` in the window: the editor goes from face to face of a list. */
#include <stdio.h>
#include <string.h>

#include "base/notice.h"
#include "base/status.h"
#include "teach/label.h"
#include "window/viewer_internal.h"

static struct wt_frame *read_frame(const struct wt_sample *sample)
{
    struct wt_picture picture = {.pixels = NULL};
    struct wt_image image;
    char reason[160] = "";
    if (wt_sample_picture(sample, &picture, &image, reason, sizeof reason)) {
        wt_fail(WT_ERR_IO, "%s: %s", sample->name, reason[0] ? reason : "cannot be read");
        return NULL;
    }
    struct wt_frame *frame = wt_frame_create(image.width, image.height);
    for (int y = 0; frame && y < image.height; y++)
        memcpy(frame->pixels + (ptrdiff_t)y * frame->image.stride,
               image.data + (ptrdiff_t)y * image.stride, (size_t)image.width * 3);
    if (!frame)
        wt_fail(WT_ERR_MEMORY, "%s: out of memory", sample->name);
    wt_picture_fini(&picture);
    return frame;
}

static void say_where(const struct wt_viewer *v)
{
    static const char *const words[] = {"", ", labelled", ", skipped"};
    const struct wt_label *l = v->config.label;
    wt_notice(WT_NOTICE_NEWS, "face %d of %zu: %s%s", v->labelled + 1, l->start.count,
              wt_base_name(l->start.sample[v->labelled].name), words[l->face[v->labelled].state]);
}

static void show(struct wt_viewer *v, int at)
{
    const struct wt_label *l = v->config.label;
    const struct wt_label_face *f = &l->face[at];
    struct wt_face face = {.id = 1, .points = l->points, .confidence = 1};
    struct wt_frame *frame = read_frame(&l->start.sample[at]);
    v->labelled = at;
    if (!frame)
        return; /* logged, which makes a notice */
    memcpy(face.point, f->point, (size_t)l->points * sizeof *f->point);
    for (int i = 0; i < l->points; i++)
        face.point_confidence[i] = 1;
    wt_correct_open(v, frame, &face);
    memcpy(v->correct.edit.now.hidden, f->hidden, (size_t)l->points * sizeof *f->hidden);
    wt_frame_unref(&frame);
    say_where(v);
}

void wt_viewer_label_begin(struct wt_viewer *v)
{
    const int at = wt_label_next_open(v->config.label, 0);
    show(v, at < 0 ? 0 : at);
}

void wt_viewer_label_set(struct wt_viewer *v, bool skip)
{
    struct wt_label *l = v->config.label;
    const struct wt_edit_state *now = &v->correct.edit.now;
    int done, skipped;
    if (!v->correct.frozen || wt_label_set(l, v->labelled, skip ? WT_LABEL_SKIPPED : WT_LABEL_DONE,
                                           now->point, now->hidden))
        return; /* logged; the points stay on screen */
    const int next = wt_label_next_open(l, v->labelled);
    if (next >= 0) {
        show(v, next);
        return;
    }
    wt_label_count(l, &done, &skipped);
    wt_notice(WT_NOTICE_NEWS, "all faces have been seen: %d labelled, %d skipped; Q ends", done,
              skipped);
}

void wt_viewer_label_step(struct wt_viewer *v, int by)
{
    struct wt_label *l = v->config.label;
    const int at = v->labelled + by;
    if (at < 0 || at >= (int)l->start.count) {
        wt_notice(WT_NOTICE_NEWS, "this is the %s face", by < 0 ? "first" : "last");
        return;
    }
    if (v->correct.frozen && wt_edit_changed(&v->correct.edit))
        wt_label_touch(l, v->labelled, v->correct.edit.now.point, v->correct.edit.now.hidden);
    show(v, at);
}
