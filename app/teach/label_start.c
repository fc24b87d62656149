#include "teach/label_start.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/status.h"
#include "base/text_file.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "input/source.h"
#include "teach/mining.h"

struct making {
    const struct wt_label_start *s;
    struct wt_path start, pictures;
    char line[PATH_MAX + 200]; /* the first one of the start: what it is of */
    char folder[PATH_MAX];     /* of the list, with the slash at its end */
    struct wt_model *model;
    struct wt_tracker *tracker;
    struct wt_source *source;
    struct wt_miner *miner;
    struct wt_mining *mining;
    struct wt_text_file text;
    struct wt_result result;
    int64_t next_us;
    size_t faces, without; /* pictures without a face */
    char **made;           /* pictures that were not there before */
    size_t made_count;
    bool made_folder;
};

/* ---- what it is of --------------------------------------------------------------------------- */

static bool is_list(const char *input)
{
    const char *dot = strrchr(input, '.');
    return dot && strcmp(dot, ".txt") == 0;
}

static enum wt_status describe(struct making *m)
{
    const char *input = m->s->input;
    char *real = realpath(input, NULL), *folder = NULL;
    struct wt_path out;
    enum wt_status status = wt_path_print(&out, "%s", m->s->out);
    char *slash = status ? NULL : strrchr(out.text, '/');
    if (slash)
        slash[1] = '\0';
    if (!status)
        folder = realpath(slash ? out.text : ".", NULL);
    if (!status && !folder)
        status = wt_fail(WT_ERR_IO, "%s: %s", slash ? out.text : ".", strerror(errno));
    if (!status) {
        snprintf(m->folder, sizeof m->folder, "%.*s/", (int)sizeof m->folder - 2, folder);
        snprintf(m->line, sizeof m->line,
                 "# start of labelling: %s, hard %d, every %g s, faces %d\n", real ? real : input,
                 m->s->hard, m->s->every, m->s->faces);
    }
    free(real);
    free(folder);
    return status;
}

/* *there: it is of the same input and choice. */
static enum wt_status look_for_start(const struct making *m, bool *there)
{
    char line[sizeof m->line] = "";
    FILE *f = fopen(m->start.text, "r");
    *there = false;
    if (!f && errno == ENOENT && access(m->s->out, F_OK) == 0)
        return wt_fail(WT_ERR_ARGUMENT, "%s: is there, but not its start, %s; take another --out",
                       m->s->out, m->start.text);
    if (!f)
        return errno == ENOENT ? WT_OK
                               : wt_fail(WT_ERR_IO, "%s: %s", m->start.text, strerror(errno));
    *there = fgets(line, sizeof line, f) && strcmp(line, m->line) == 0;
    fclose(f);
    return *there ? WT_OK
                  : wt_fail(WT_ERR_ARGUMENT,
                            "%s: is the start of another input, or was made with other options; "
                            "take another --out",
                            m->start.text);
}

/* ---- faces ----------------------------------------------------------------------------------- */

static void print_face(struct making *m, const char *name, const struct wt_point *p, int points)
{
    wt_label_print_name(m->text.f, name);
    for (int i = 0; i < points; i++)
        fprintf(m->text.f, " %.3f %.3f", (double)p[i].x, (double)p[i].y);
    fputc('\n', m->text.f);
    m->faces++;
}

/* Notes a picture that is about to be written, unless there is one already. */
static enum wt_status note_made(struct making *m, const char *path)
{
    if (access(path, F_OK) == 0)
        return WT_OK;
    char **made = realloc(m->made, (m->made_count + 1) * sizeof *made);
    if (made)
        m->made = made;
    char *copy = made ? strdup(path) : NULL;
    if (!copy)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    m->made[m->made_count++] = copy;
    return WT_OK;
}

/* Of a start that was not finished nothing is left. */
static void remove_made(struct making *m)
{
    for (size_t i = 0; i < m->made_count; i++)
        unlink(m->made[i]);
    if (m->made_folder)
        rmdir(m->pictures.text); /* stays if something else is in it */
}

static enum wt_status write_picture(struct making *m, const struct wt_image *image,
                                    const char *number, struct wt_path *name)
{
    struct wt_path path;
    m->made_folder = m->made_folder || access(m->pictures.text, F_OK) != 0;
    enum wt_status status = wt_make_folders(m->pictures.text, 0777);
    if (!status)
        status = wt_path_print(name, "%s/%s.png", wt_base_name(m->pictures.text), number);
    if (!status)
        status = wt_path_print(&path, "%s/%s.png", m->pictures.text, number);
    if (!status)
        status = note_made(m, path.text);
    return status ? status : wt_picture_write(image, path.text);
}

static void print_result(struct making *m, const char *name)
{
    for (int i = 0; i < m->result.faces; i++)
        print_face(m, name, m->result.face[i].point, m->result.face[i].points);
}

/* Names of pictures: relative to the list's folder where they lie in it, else whole. */
static enum wt_status take_picture(struct making *m, const struct wt_frame *frame)
{
    struct stat about;
    const bool folder = stat(m->s->input, &about) == 0 && S_ISDIR(about.st_mode);
    const char *name = wt_source_picture_name(m->source, frame->place);
    struct wt_path path;
    enum wt_status status = WT_OK;
    if (folder)
        status = wt_path_print(&path, "%s/%s", m->s->input, name);
    else if (access(m->s->input, F_OK) == 0)
        status = wt_path_print(&path, "%s", m->s->input);
    else { /* a pattern: its folder, and the name */
        const char *slash = strrchr(m->s->input, '/');
        status = wt_path_print(&path, "%.*s%s", slash ? (int)(slash + 1 - m->s->input) : 0,
                               m->s->input, wt_base_name(name));
    }
    char *real = status ? NULL : realpath(path.text, NULL);
    if (!status && !real)
        status = wt_fail(WT_ERR_IO, "%s: %s", path.text, strerror(errno));
    const size_t n = strlen(m->folder);
    if (!status)
        print_result(m, strncmp(real, m->folder, n) == 0 ? real + n : real);
    free(real);
    return status;
}

static enum wt_status take_video_frame(struct making *m, struct wt_frame *frame)
{
    char number[32];
    struct wt_path name;
    if (m->mining)
        return wt_mining_watch(m->mining, &(struct wt_mining_sight){.tracker = m->tracker,
                                                                    .model = m->model,
                                                                    .frame = frame,
                                                                    .result = &m->result,
                                                                    .now_us = frame->time_us});
    if (frame->time_us < m->next_us || !m->result.faces)
        return WT_OK;
    m->next_us = frame->time_us + (int64_t)(1e6 * m->s->every);
    snprintf(number, sizeof number, "%07llu", (unsigned long long)frame->sequence + 1);
    enum wt_status status = write_picture(m, &frame->image, number, &name);
    if (!status)
        print_result(m, name.text);
    return status;
}

static enum wt_status take_frame(struct making *m, struct wt_frame *frame, bool pictures)
{
    if (pictures)
        wt_tracker_reset(m->tracker);
    enum wt_status status = wt_tracker_track(m->tracker, &frame->image, frame->time_us, &m->result);
    m->without += !status && m->result.faces == 0;
    if (!status)
        status = pictures ? take_picture(m, frame) : take_video_frame(m, frame);
    return status;
}

static enum wt_status write_hard(struct making *m)
{
    struct wt_mined *best = calloc((size_t)m->s->hard, sizeof *best);
    enum wt_status status = best ? WT_OK : wt_fail(WT_ERR_MEMORY, "out of memory");
    const int count = status ? 0 : wt_miner_best(m->miner, best, m->s->hard);
    for (int i = 0; i < count; i++) {
        char number[32], why[160];
        struct wt_path name;
        snprintf(number, sizeof number, "hard-%02d", i + 1);
        wt_mined_reason(&best[i], why, sizeof why);
        if (!status)
            status = write_picture(m, &best[i].frame->image, number, &name);
        if (!status) {
            fprintf(m->text.f, "# %.2f s: %s\n", (double)best[i].time_us / 1e6, why);
            print_face(m, name.text, best[i].face.point, best[i].face.points);
        }
        wt_mined_fini(&best[i]);
    }
    free(best);
    return status;
}

/* ---- from files ------------------------------------------------------------------------------ */

static enum wt_status read_all(struct making *m)
{
    const struct wt_source_info info = wt_source_describe(m->source);
    const bool pictures = info.kind == WT_SOURCE_PICTURES;
    struct wt_progress bar;
    struct wt_frame *frame = NULL;
    enum wt_status status = WT_OK;
    int64_t n = 0;
    if (m->s->hard && pictures)
        return wt_fail(WT_ERR_ARGUMENT, "--hard chooses among the frames of a video");
    wt_progress_start(&bar, pictures ? "pictures" : "frames", info.frames);
    while (!status && !(status = wt_source_read(m->source, &frame))) {
        status = take_frame(m, frame, pictures);
        wt_frame_unref(&frame);
        wt_progress_update(&bar, ++n, NULL);
        if (!status && wt_interrupted())
            status = wt_fail(WT_ERR_IO, "stopped before the start was made");
    }
    wt_progress_finish(&bar);
    if (status == WT_END)
        status = WT_OK;
    if (!status && m->mining)
        status = write_hard(m);
    if (!status && m->without && pictures)
        wt_log(WT_LOG_WARN, "%zu of %lld pictures show no face that is found; they are left out",
               m->without, (long long)n);
    return status;
}

static enum wt_status from_files(struct making *m)
{
    const struct wt_tracker_options options = {.max_faces = m->s->faces,
                                               .detector = wt_common_detector(m->s->common)};
    const struct wt_source_spec spec = {.input = m->s->input};
    enum wt_status status = wt_source_open(&m->source, &spec);
    if (!status)
        status = wt_common_open_model(m->s->common, 1, &m->model);
    if (!status)
        status = wt_tracker_create(&m->tracker, m->model, &options);
    if (!status && m->s->hard)
        status = wt_miner_create(&m->miner, m->s->hard, (size_t)1 << 30);
    if (!status && m->s->hard)
        status = wt_mining_create(&m->mining, m->miner, 0);
    return status ? status : read_all(m);
}

/* The faces of a list, with its points; a point that is not known is of no use as a start. */
static enum wt_status from_list(struct making *m)
{
    struct wt_dataset list = {.count = 0};
    enum wt_status status = wt_dataset_open(&list, m->s->input);
    const size_t n = strlen(m->folder);
    for (size_t i = 0; i < list.count && !status; i++) {
        const struct wt_sample *s = &list.sample[i];
        char *real = s->image ? realpath(s->image, NULL) : NULL;
        if (!real)
            status = wt_fail(WT_ERR_FORMAT, "%s:%d: no picture file", m->s->input, s->line);
        for (int k = 0; k < s->points && !status; k++)
            if (!(s->point[k].x == s->point[k].x))
                status = wt_fail(WT_ERR_FORMAT, "%s:%d: point %d is not known; a start needs all",
                                 m->s->input, s->line, k + 1);
        if (!status)
            print_face(m, strncmp(real, m->folder, n) == 0 ? real + n : real, s->point, s->points);
        free(real);
    }
    wt_dataset_fini(&list);
    return status;
}

static void release(struct making *m)
{
    wt_result_fini(&m->result);
    wt_mining_destroy(&m->mining);
    wt_miner_destroy(&m->miner);
    wt_tracker_destroy(&m->tracker);
    wt_model_close(&m->model);
    wt_source_close(&m->source);
    for (size_t i = 0; i < m->made_count; i++)
        free(m->made[i]);
    free(m->made);
}

static enum wt_status make(struct making *m)
{
    enum wt_status status = wt_text_file_begin(&m->text, m->start.text);
    if (status)
        return status;
    fputs(m->line, m->text.f);
    status = is_list(m->s->input) ? from_list(m) : from_files(m);
    if (!status && !m->faces)
        status = wt_fail(WT_ERR_FORMAT, "%s: no face was found to label", m->s->input);
    status = wt_text_file_end(&m->text, status);
    if (status)
        remove_made(m);
    return status;
}

enum wt_status wt_label_make_start(const struct wt_label_start *start)
{
    bool there = false;
    struct making *m = calloc(1, sizeof *m);
    if (!m)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    m->s = start;
    enum wt_status status = wt_label_paths(start->out, &m->start, &m->pictures);
    if (!status)
        status = describe(m);
    if (!status)
        status = look_for_start(m, &there);
    if (!status && !there)
        status = make(m);
    release(m);
    free(m);
    return status;
}
