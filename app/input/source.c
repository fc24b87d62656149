/* The part that every source shares: which kind it is, numbering, rising times, looping. */
#include "input/source_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "input/av.h"
#include "input/sound.h"

struct wt_source {
    struct wt_source_opened opened;
    bool loop;
    uint64_t sequence;
    uint64_t since_start; /* frames since the last (re)start; a loop without frames must end */
    bool sought;          /* and this start was a jump, perhaps beyond the end */
    int64_t offset_us;    /* added to the backend's times, so that a round follows the last one */
    int64_t last_us;      /* time of the last frame, -1: none since a seek */
    int64_t step_us;      /* time from one frame to the next */
};

enum wt_status wt_source_wrap(struct wt_source **out, const struct wt_source_spec *spec,
                              const struct wt_source_opened *opened)
{
    struct wt_source *s = calloc(1, sizeof *s);
    if (!s) {
        opened->backend->close(opened->self);
        return wt_fail(WT_ERR_MEMORY, "out of memory for a source");
    }
    s->opened = *opened;
    s->loop = spec->loop && opened->backend->seek;
    s->last_us = -1;
    s->step_us = opened->info.fps > 0 ? (int64_t)(1e6 / opened->info.fps) : 33333;
    *out = s;
    return WT_OK;
}

/* Pictures are one file, a folder or a pattern; any other existing file is a video. */
static enum wt_status open_input(struct wt_source_opened *out, const struct wt_source_spec *spec)
{
    struct stat st;
    if (stat(spec->input, &st) != 0) {
        if (errno == ENOENT && wt_address_scheme(spec->input) && !spec->shard.parts)
            return wt_source_open_video(out, spec);
        if (errno == ENOENT && strpbrk(spec->input, "%*?["))
            return wt_source_open_pictures(out, spec);
        return wt_fail(WT_ERR_IO, "%s: %s", spec->input, strerror(errno));
    }
    const bool picture = S_ISREG(st.st_mode) && wt_source_is_picture(spec->input) &&
                         (spec->shard.parts || !wt_source_is_film(spec->input));
    if (spec->shard.parts && !S_ISDIR(st.st_mode) && !picture)
        return wt_fail(
            WT_ERR_ARGUMENT,
            "%s: only pictures can be divided; in a video faces are followed from frame to frame",
            spec->input);
    if (S_ISCHR(st.st_mode)) { /* /dev/video0 where a file is expected: the camera is meant */
        struct wt_source_spec camera = *spec;
        camera.camera = spec->input;
        return wt_source_open_camera(out, &camera);
    }
    if (S_ISDIR(st.st_mode) || picture)
        return wt_source_open_pictures(out, spec);
    return wt_source_open_video(out, spec);
}

enum wt_status wt_source_open(struct wt_source **out, const struct wt_source_spec *spec)
{
    assert(out && spec);
    struct wt_source_opened opened = {0};
    enum wt_status status;
    wt_picture_av_init();
    if (spec->camera)
        status = wt_source_open_camera(&opened, spec);
    else if (!spec->input || !*spec->input)
        status = wt_fail(WT_ERR_ARGUMENT, "no input given");
    else if (strcmp(spec->input, "-") == 0)
        status = wt_source_open_raw(&opened, spec);
    else
        status = open_input(&opened, spec);
    return status == WT_OK ? wt_source_wrap(out, spec, &opened) : status;
}

void wt_source_close(struct wt_source **source)
{
    struct wt_source *s = *source;
    *source = NULL;
    if (!s)
        return;
    s->opened.backend->close(s->opened.self);
    free(s);
}

struct wt_source_info wt_source_describe(const struct wt_source *source)
{
    return source->opened.info;
}

int64_t wt_source_unreadable(const struct wt_source *source)
{
    const struct wt_source_opened *o = &source->opened;
    return o->backend->unreadable ? o->backend->unreadable(o->self) : 0;
}

bool wt_source_broke_off(const struct wt_source *source)
{
    const struct wt_source_opened *o = &source->opened;
    return o->backend->broke_off && o->backend->broke_off(o->self);
}

const char *wt_source_picture_name(const struct wt_source *source, int64_t place)
{
    const struct wt_source_opened *o = &source->opened;
    return o->backend->name ? o->backend->name(o->self, place) : NULL;
}

struct wt_sound *wt_source_sound(const struct wt_source *source)
{
    const struct wt_source_opened *o = &source->opened;
    return o->backend->sound ? o->backend->sound(o->self) : NULL;
}

/* Sound that was read belongs to the round of the frames that were read with it. */
static void pass_sound(struct wt_source *s, bool round_ends)
{
    struct wt_sound *sound = wt_source_sound(s);
    if (sound && round_ends)
        wt_sound_end_round(sound, s->offset_us, s->last_us < 0 ? 0 : s->last_us + s->step_us);
    else if (sound)
        wt_sound_pass(sound, s->offset_us);
}

static enum wt_status start_again(struct wt_source *s)
{
    const struct wt_source_opened *o = &s->opened;
    enum wt_status status = o->backend->seek(o->self, 0);
    if (status == WT_OK) {
        s->since_start = 0;
        s->sought = false;
    }
    return status;
}

/* At the end of an input. A round of one frame would be the same work for ever, for nothing; what
 * a file's header says of their number may be wrong. */
static bool goes_round(const struct wt_source *s)
{
    return s->loop && (s->since_start > 1 || (s->sought && s->opened.info.frames != 1));
}

enum wt_status wt_source_read(struct wt_source *source, struct wt_frame **out)
{
    struct wt_source *s = source;
    const struct wt_source_opened *o = &s->opened;
    struct wt_frame *frame = NULL;
    enum wt_status status = o->backend->read(o->self, &frame);
    if (status == WT_END && goes_round(s)) {
        pass_sound(s, true);
        status = start_again(s);
        if (status == WT_OK)
            status = o->backend->read(o->self, &frame);
        if (status == WT_OK) /* no pause where the first frame's time is not 0 */
            s->offset_us = s->last_us < 0 ? 0 : s->last_us + s->step_us - frame->time_us;
    }
    pass_sound(s, false);
    if (status != WT_OK)
        return status;
    frame->sequence = s->sequence++;
    frame->time_us += s->offset_us;
    if (frame->time_us <= s->last_us)
        frame->time_us = s->last_us + 1;
    s->last_us = frame->time_us;
    s->since_start++;
    *out = frame;
    return WT_OK;
}

enum wt_status wt_source_seek(struct wt_source *source, int64_t time_us)
{
    const struct wt_source_opened *o = &source->opened;
    if (!o->backend->seek)
        return WT_ERR_UNSUPPORTED;
    enum wt_status status = o->backend->seek(o->self, time_us > 0 ? time_us : 0);
    if (status == WT_OK) {
        source->offset_us = 0;
        source->last_us = -1;
        source->since_start = 0;
        source->sought = true;
        if (wt_source_sound(source))
            wt_sound_forget(wt_source_sound(source));
    }
    return status;
}

int64_t wt_source_place(const struct wt_source *source)
{
    return source->last_us > source->offset_us ? source->last_us - source->offset_us : 0;
}

void wt_source_set_loop(struct wt_source *source, bool loop)
{
    source->loop = loop && source->opened.backend->seek;
}

bool wt_source_loops(const struct wt_source *source)
{
    return source->loop;
}

void wt_source_set_give_up(struct wt_source *source, bool (*give_up)(void *user), void *user)
{
    const struct wt_source_opened *o = &source->opened;
    if (o->backend->set_give_up)
        o->backend->set_give_up(o->self, give_up, user);
}

void wt_source_let_go(struct wt_source *source)
{
    if (source->opened.backend->let_go)
        source->opened.backend->let_go(source->opened.self);
}
