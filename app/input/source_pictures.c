/* One picture, a folder of them, or a pattern ("img_%04d.png", "*.jpg"). */
#include "base/paths.h"
#include "input/source_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "data/list_name.h"
#include "face/picture.h"
#include "face/picture_head.h"
#include "input/picture_names.h"

/* As much of a file is looked at to see whether it is a film. */
#define FILM_BYTES ((size_t)64 << 20)

struct pictures {
    struct wt_picture_names names;
    size_t begin, end; /* the part of them that is delivered */
    size_t next;
    double fps;
    struct wt_frame *first; /* read to learn the size; delivered by the first read */
    size_t first_at;
    int64_t unreadable; /* atomic: the reader counts, anybody may ask */
};

/* ---- what is a picture --------------------------------------------------------------------- */

bool wt_has_picture_name(const char *path)
{
    const char *name = wt_base_name(path);
    return wt_picture_named(name, strlen(name));
}

/* The first bytes of a file, at most `most`; NULL: it cannot be read. */
static uint8_t *read_start(const char *path, size_t most, size_t *size)
{
    struct stat st;
    FILE *file = fopen(path, "rbe");
    if (!file)
        return NULL;
    if (fstat(fileno(file), &st) == 0 && (uintmax_t)st.st_size < most)
        most = (size_t)st.st_size;
    uint8_t *bytes = malloc(most + 1);
    *size = bytes ? fread(bytes, 1, most, file) : 0;
    fclose(file);
    return bytes;
}

bool wt_source_is_picture(const char *path)
{
    size_t size;
    uint8_t *bytes = read_start(path, 16, &size);
    const bool known = bytes && wt_picture_kind(bytes, size) != WT_PICTURE_UNKNOWN;
    free(bytes);
    return known || wt_has_picture_name(path);
}

bool wt_source_is_film(const char *path)
{
    struct wt_picture_head head = {.frames = 1};
    size_t size;
    uint8_t *bytes = read_start(path, FILM_BYTES, &size);
    if (bytes)
        wt_picture_head(bytes, size, &head);
    free(bytes);
    return head.frames > 1 && (head.kind == WT_PICTURE_JPEG || head.kind == WT_PICTURE_PNG ||
                               head.kind == WT_PICTURE_GIF || head.kind == WT_PICTURE_HEIF);
}

/* ---- the source ---------------------------------------------------------------------------- */

static enum wt_status read_frame(const char *path, struct wt_frame **out)
{
    struct wt_picture picture = {0};
    enum wt_status status = wt_picture_read(&picture, path);
    if (status != WT_OK)
        return status;
    const struct wt_image *image = &picture.image;
    struct wt_frame *frame = wt_frame_create(image->width, image->height);
    if (frame)
        for (int y = 0; y < image->height; y++)
            memcpy(frame->pixels + y * frame->image.stride, image->data + y * image->stride,
                   (size_t)image->width * 3);
    else
        status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    wt_picture_fini(&picture);
    if (frame)
        *out = frame;
    return status;
}

/* An unreadable picture has been logged; continue with the others. */
static enum wt_status pictures_read(void *self, struct wt_frame **out)
{
    struct pictures *p = self;
    enum wt_status status = WT_END;
    struct wt_frame *frame = NULL;
    while (!frame && p->next < p->end) {
        size_t i = p->next++;
        if (p->first && i == p->first_at) {
            frame = p->first;
            p->first = NULL;
        } else if ((status = read_frame(p->names.path[i], &frame)) == WT_ERR_MEMORY) {
            return status;
        } else if (!frame) {
            __atomic_add_fetch(&p->unreadable, 1, __ATOMIC_RELAXED);
        }
        if (frame) {
            frame->place = (int64_t)i;
            frame->time_us = (int64_t)((double)i * 1e6 / p->fps);
        }
    }
    if (!frame)
        return WT_END;
    *out = frame;
    return WT_OK;
}

static enum wt_status pictures_seek(void *self, int64_t time_us)
{
    struct pictures *p = self;
    double index = (double)time_us * p->fps / 1e6 + 0.5;
    p->next = index < (double)p->end ? (size_t)index : p->end - 1;
    if (p->next < p->begin)
        p->next = p->begin;
    return WT_OK;
}

static const char *pictures_name(void *self, int64_t place)
{
    const struct pictures *p = self;
    assert(place >= 0 && (size_t)place < p->names.count);
    return p->names.path[place] + p->names.common;
}

static int64_t pictures_unreadable(void *self)
{
    struct pictures *p = self;
    return __atomic_load_n(&p->unreadable, __ATOMIC_RELAXED);
}

static void pictures_close(void *self)
{
    struct pictures *p = self;
    if (!p)
        return;
    wt_frame_unref(&p->first);
    wt_picture_names_fini(&p->names);
    free(p);
}

/* Reads the first picture that can be read. */
static enum wt_status pictures_start(struct pictures *p, const char *input)
{
    enum wt_status status = WT_END;
    for (size_t i = p->begin; i < p->end && !p->first; i++) {
        status = read_frame(p->names.path[i], &p->first);
        p->first_at = i;
        p->unreadable += !p->first;
        if (status == WT_ERR_MEMORY)
            return status;
    }
    p->next = p->first_at;
    if (!p->first && p->end - p->begin > 1)
        return wt_fail(WT_ERR_FORMAT, "%s: no picture there can be read", input);
    return status;
}

enum wt_status wt_source_open_pictures(struct wt_source_opened *out,
                                       const struct wt_source_spec *spec)
{
    static const struct wt_source_backend backend = {pictures_read, pictures_seek, pictures_close,
                                                     pictures_name, pictures_unreadable};
    struct pictures *p = calloc(1, sizeof *p);
    if (!p)
        return wt_fail(WT_ERR_MEMORY, "out of memory for a source");
    p->fps = spec->fps > 0 ? spec->fps : 30.0;
    enum wt_status status =
        wt_picture_names_list(&p->names, spec->input, spec->give_up, spec->give_up_user);
    if (status == WT_OK)
        status = wt_shard_range(spec->shard, p->names.count, "pictures", &p->begin, &p->end);
    if (status == WT_OK)
        status = pictures_start(p, spec->input);
    if (status != WT_OK) {
        pictures_close(p);
        return status;
    }
    struct wt_source_info info = {.kind = WT_SOURCE_PICTURES,
                                  .width = p->first->image.width,
                                  .height = p->first->image.height,
                                  .fps = p->fps,
                                  .frames = (int64_t)(p->end - p->first_at)};
    snprintf(info.name, sizeof info.name, "%s", wt_base_name(spec->input));
    *out = (struct wt_source_opened){.backend = &backend, .self = p, .info = info};
    return WT_OK;
}
