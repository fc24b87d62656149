#include "data/dataset_build.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"

/* Positions instead of pointers: the blocks still move. */
struct wt_build_face {
    size_t image, name, point, picture;
    bool in_memory;
    struct wt_sample sample;
};

/* Room for n more elements at the end of a block: the block, moved or not; NULL: out of memory. */
static void *reserve(void *data, size_t count, size_t *room, size_t n, size_t element)
{
    if (*room - count >= n && data)
        return data;
    const size_t more = *room * 2 > count + n ? *room * 2 : count + n;
    void *moved = realloc(data, more * element);
    if (moved)
        *room = more;
    return moved;
}

static bool make_room(struct wt_dataset_builder *b, size_t chars, size_t points)
{
    struct wt_build_face *face = reserve(b->face, b->faces, &b->faces_room, 1, sizeof *face);
    b->face = face ? face : b->face;
    char *strings = reserve(b->strings, b->chars, &b->chars_room, chars, 1);
    b->strings = strings ? strings : b->strings;
    struct wt_point *point = reserve(b->point, b->points, &b->points_room, points, sizeof *point);
    b->point = point ? point : b->point;
    struct wt_picture *picture =
        reserve(b->picture, b->pictures, &b->pictures_room, 1, sizeof *picture);
    b->picture = picture ? picture : b->picture;
    return face && strings && point && picture;
}

static size_t keep_string(struct wt_dataset_builder *b, const char *s)
{
    const size_t at = b->chars, size = strlen(s) + 1;
    memcpy(b->strings + at, s, size);
    b->chars += size;
    return at;
}

enum wt_status wt_dataset_builder_add(struct wt_dataset_builder *b,
                                      const struct wt_dataset_entry *entry)
{
    const size_t n = (size_t)entry->points;
    if (wt_fractions_take(&b->fractions, entry->line > 0 ? b->path : entry->name, entry->line,
                          n ? &entry->point->x : NULL, entry->points, b->origin))
        return WT_OK;
    const size_t chars = strlen(entry->name) + 1 + (entry->image ? strlen(entry->image) + 1 : 0);
    if (!make_room(b, chars, n))
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", b->path);
    struct wt_build_face *f = &b->face[b->faces++];
    *f = (struct wt_build_face){.point = b->points,
                                .in_memory = !entry->image,
                                .sample = {.line = entry->line,
                                           .points = entry->points,
                                           .box = entry->box,
                                           .subsets = entry->subsets}};
    f->name = keep_string(b, entry->name);
    if (entry->image) {
        f->image = keep_string(b, entry->image);
    } else {
        f->picture = b->pictures;
        b->picture[b->pictures++] = *entry->picture;
        *entry->picture = (struct wt_picture){.pixels = NULL};
    }
    memcpy(b->point + b->points, entry->point, n * sizeof *b->point);
    b->points += n;
    return WT_OK;
}

enum wt_status wt_dataset_builder_finish(struct wt_dataset_builder *b, struct wt_dataset *out)
{
    enum wt_status status = wt_fractions_end(&b->fractions);
    if (status)
        return status;
    if (!b->faces)
        return wt_fail(WT_ERR_FORMAT, "%s: no face in there", b->path);
    struct wt_sample *sample = calloc(b->faces, sizeof *sample);
    if (!sample)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", b->path);
    *out = (struct wt_dataset){.sample = sample,
                               .count = b->faces,
                               .points = b->face[0].sample.points,
                               .boxes = true,
                               .strings = b->strings,
                               .storage = b->point,
                               .picture = b->picture,
                               .pictures = b->pictures};
    for (size_t i = 0; i < out->count; i++) {
        const struct wt_build_face *f = &b->face[i];
        sample[i] = f->sample;
        sample[i].image = f->in_memory ? NULL : out->strings + f->image;
        sample[i].name = out->strings + f->name;
        sample[i].point = out->storage + f->point;
        sample[i].picture = f->in_memory ? &out->picture[f->picture].image : NULL;
        if (sample[i].points != out->points)
            out->points = 0;
        out->boxes = out->boxes && sample[i].box.w > 0;
    }
    b->strings = NULL;
    b->point = NULL;
    b->picture = NULL;
    b->pictures = 0;
    return WT_OK;
}

void wt_dataset_builder_fini(struct wt_dataset_builder *b)
{
    for (size_t i = 0; i < b->pictures; i++)
        wt_picture_fini(&b->picture[i]);
    free(b->picture);
    free(b->face);
    free(b->strings);
    free(b->point);
    *b = (struct wt_dataset_builder){.path = NULL};
}
