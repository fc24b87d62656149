#include "record/result_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "face/blink.h"
#include "face/opening.h"
#include "face/pose.h"
#include "record/text_field.h"

#define LINE_ROOM (1 << 18) /* a frame's lines go to the file at once */

struct wt_result_writer {
    FILE *file;
    char path[1024];
    enum wt_result_format format;
    struct wt_view view;           /* for the scheme */
    const char *name;              /* of the picture that is written; NULL: frames have none */
    struct wt_camera_model camera; /* of the frame that is written */
    struct wt_blinks blinks;
    bool begun;               /* the header is written */
    struct wt_new_file place; /* zeroed: standard output */
    int64_t whole;            /* bytes of whole frames in a regular file */
    bool early, failed;
    bool borrowed; /* the file is the caller's */
};

/* printf's decimal separator depends on the locale; this one is always a point. Not finite: `odd`.
 */
static void put_number(FILE *f, double v, int decimals, const char *odd)
{
    static const int64_t scale[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    if (!(fabs(v) < 1e12)) {
        fputs(odd, f);
        return;
    }
    int64_t n = llrint(fabs(v) * (double)scale[decimals]);
    fprintf(f, "%s%lld", v < 0 && n ? "-" : "", (long long)(n / scale[decimals]));
    if (decimals)
        fprintf(f, ".%0*lld", decimals, (long long)(n % scale[decimals]));
}

/* ---- measures ------------------------------------------------------------------------------ */

struct measures {
    struct wt_pose pose;
    struct wt_opening opening;
    struct wt_blink blink;
};

/* Of the points that were found, whatever scheme is written; once a frame for each face. NULL: all
 * unknown. Unrelated pictures do not blink. */
static struct measures measure(struct wt_result_writer *w, int64_t time_us,
                               const struct wt_face *face)
{
    struct measures m;
    const struct wt_point *point = face ? face->point : NULL;
    const int points = face ? face->points : 0;
    wt_pose_estimate(point, points, &w->camera, &m.pose);
    m.opening = wt_opening_measure(point, points);
    m.blink = (struct wt_blink){0};
    if (face && face->id && !w->name)
        m.blink = wt_blinks_update(&w->blinks, face->id, time_us, m.opening.eye);
    return m;
}

/* ---- CSV ----------------------------------------------------------------------------------- */

static void put_header(struct wt_result_writer *w)
{
    FILE *f = w->file;
    const int points = w->view.points;
    if (w->begun || w->format != WT_RESULT_CSV)
        return;
    w->begun = true;
    fputs("frame, face_id, timestamp, confidence, success", f);
    for (int i = 0; i < points; i++)
        fprintf(f, ", x_%d", i);
    for (int i = 0; i < points; i++)
        fprintf(f, ", y_%d", i);
    fputs(", pose_Tx, pose_Ty, pose_Tz, pose_Rx, pose_Ry, pose_Rz, eye_opening_left, "
          "eye_opening_right, mouth_opening, eyes_shut, blinks",
          f);
    fputs(w->name ? ", picture\n" : "\n", f);
}

/* Unknown: an empty field. */
static void put_measures(FILE *f, const struct measures *m)
{
    const double turn = 3.14159265358979323846 / 180;
    const struct {
        double value;
        int decimals;
    } field[] = {
        {m->pose.x, 1},          {m->pose.y, 1},
        {m->pose.z, 1},          {m->pose.pitch * turn, 4},
        {m->pose.yaw * turn, 4}, {m->pose.roll * turn, 4},
        {m->opening.eye[0], 3},  {m->opening.eye[1], 3},
        {m->opening.mouth, 3},
    };
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        fputs(", ", f);
        put_number(f, field[i].value, field[i].decimals, "");
    }
    if (m->blink.known)
        fprintf(f, ", %d, %u", m->blink.shut, m->blink.count);
    else
        fputs(", , ", f);
}

/* face NULL: none in this frame. */
static void put_row(struct wt_result_writer *w, int64_t frame, int64_t time_us,
                    const struct wt_face *face)
{
    struct wt_point point[WT_POINTS_MAX] = {{0, 0}};
    FILE *f = w->file;
    int points = face ? wt_view_points(&w->view, face, point) : w->view.points;
    fprintf(f, "%lld, %u, ", (long long)frame + 1, face ? face->id : 0);
    put_number(f, (double)time_us / 1e6, 6, "nan");
    fputs(", ", f);
    put_number(f, face ? (double)face->confidence : 0, 3, "nan");
    fprintf(f, ", %d", face != NULL);
    for (int i = 0; i < points; i++) {
        fputs(", ", f);
        put_number(f, (double)point[i].x, 3, "nan");
    }
    for (int i = 0; i < points; i++) {
        fputs(", ", f);
        put_number(f, (double)point[i].y, 3, "nan");
    }
    const struct measures m = measure(w, time_us, face);
    put_measures(f, &m);
    if (w->name)
        wt_put_csv_text(f, w->name);
    fputc('\n', f);
}

static void write_csv(struct wt_result_writer *w, int64_t frame, int64_t time_us,
                      const struct wt_result *result)
{
    for (int i = 0; i < result->faces; i++)
        put_row(w, frame, time_us, &result->face[i]);
    if (result->faces == 0)
        put_row(w, frame, time_us, NULL);
}

/* ---- JSON ---------------------------------------------------------------------------------- */

/* Schemes convert by copies and means, and so do the confidences of their points. */
static void convert_confidence(const struct wt_view *view, const struct wt_face *face,
                               struct wt_point out[WT_POINTS_MAX])
{
    struct wt_face carrier = {.points = face->points};
    for (int i = 0; i < face->points; i++)
        carrier.point[i].x = face->point_confidence[i];
    wt_view_points(view, &carrier, out);
}

static void put_json_blink(FILE *f, const struct wt_blink *blink)
{
    if (!blink->known) {
        fputs(",\"eyes_shut\":null,\"blinks\":null", f);
        return;
    }
    fprintf(f, ",\"eyes_shut\":%s,\"blinks\":%u", blink->shut ? "true" : "false", blink->count);
    if (!blink->ended)
        return;
    fputs(",\"blink\":{\"start\":", f);
    put_number(f, (double)blink->start_us / 1e6, 6, "null");
    fputs(",\"end\":", f);
    put_number(f, (double)blink->end_us / 1e6, 6, "null");
    fputs(",\"eye_opening\":", f);
    put_number(f, blink->least, 3, "null");
    fputc('}', f);
}

static void put_json_measures(FILE *f, const struct measures *m)
{
    const struct {
        const char *before;
        double value;
        int decimals;
    } field[] = {
        {",\"pose\":{\"pitch\":", m->pose.pitch, 2},
        {",\"yaw\":", m->pose.yaw, 2},
        {",\"roll\":", m->pose.roll, 2},
        {",\"x\":", m->pose.x, 1},
        {",\"y\":", m->pose.y, 1},
        {",\"z\":", m->pose.z, 1},
        {"},\"eye_opening\":[", m->opening.eye[0], 3},
        {",", m->opening.eye[1], 3},
        {"],\"mouth_opening\":", m->opening.mouth, 3},
    };
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        fputs(field[i].before, f);
        put_number(f, field[i].value, field[i].decimals, "null");
    }
    put_json_blink(f, &m->blink);
}

static void put_face(struct wt_result_writer *w, int64_t time_us, const struct wt_face *face)
{
    struct wt_point point[WT_POINTS_MAX], confidence[WT_POINTS_MAX];
    FILE *f = w->file;
    int points = wt_view_points(&w->view, face, point);
    convert_confidence(&w->view, face, confidence);
    fprintf(f, "{\"id\":%u,\"confidence\":", face->id);
    put_number(f, (double)face->confidence, 4, "null");
    fputs(",\"points\":[", f);
    for (int i = 0; i < points; i++) {
        fputs(i ? ",[" : "[", f);
        put_number(f, (double)point[i].x, 3, "null");
        fputc(',', f);
        put_number(f, (double)point[i].y, 3, "null");
        fputc(']', f);
    }
    fputs("],\"point_confidence\":[", f);
    for (int i = 0; i < points; i++) {
        if (i)
            fputc(',', f);
        put_number(f, (double)confidence[i].x, 3, "null");
    }
    fputc(']', f);
    const struct measures m = measure(w, time_us, face);
    put_json_measures(f, &m);
    fputc('}', f);
}

static void write_json(struct wt_result_writer *w, int64_t frame, int64_t time_us,
                       const struct wt_result *result)
{
    FILE *f = w->file;
    fprintf(f, "{\"frame\":%lld,\"time\":", (long long)frame + 1);
    put_number(f, (double)time_us / 1e6, 6, "null");
    if (w->name) {
        fputs(",\"picture\":", f);
        wt_put_json_text(f, w->name);
    }
    fputs(",\"faces\":[", f);
    for (int i = 0; i < result->faces; i++) {
        if (i)
            fputc(',', f);
        put_face(w, time_us, &result->face[i]);
    }
    fputs("]}\n", f);
}

/* ---- the writer ---------------------------------------------------------------------------- */

static enum wt_status fail_write(struct wt_result_writer *w)
{
    const bool kept = w->whole > 0 && !w->place.replaces;
    w->failed = true;
    return wt_fail(WT_ERR_IO, "%s: %s%s", w->path, errno ? strerror(errno) : "cannot be written",
                   !w->place.regular   ? ""
                   : kept              ? "; it keeps what was written"
                   : w->place.replaces ? "; what was there before is unchanged"
                                       : "");
}

/* Frame by frame, so that a program that is killed leaves whole lines, and soon. */
static enum wt_status check(struct wt_result_writer *w)
{
    if (w->failed)
        return WT_ERR_IO;
    if (fflush(w->file) != 0 || ferror(w->file))
        return fail_write(w);
    if (w->place.regular)
        w->whole = lseek(w->place.fd, 0, SEEK_CUR);
    return WT_OK;
}

static enum wt_status open_file(struct wt_result_writer *w, const char *path, bool numbered)
{
    if (strcmp(path, "-") == 0) {
        snprintf(w->path, sizeof w->path, "standard output");
        w->file = stdout;
        return WT_OK;
    }
    snprintf(w->path, sizeof w->path, "%s", path);
    enum wt_status status = numbered ? wt_new_file_open_numbered(&w->place, path, NULL)
                                     : wt_new_file_open(&w->place, path);
    if (status)
        return status;
    int fd = fcntl(w->place.fd, F_DUPFD_CLOEXEC, 3); /* fclose closes its own */
    w->file = fd < 0 ? NULL : fdopen(fd, "w");
    if (w->file) {
        setvbuf(w->file, NULL, _IOFBF, LINE_ROOM);
        return WT_OK;
    }
    if (fd >= 0)
        close(fd);
    wt_new_file_close(&w->place);
    return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
}

enum wt_status wt_result_writer_open(struct wt_result_writer **out, const char *path,
                                     const struct wt_result_writer_options *options)
{
    struct wt_result_writer *w = calloc(1, sizeof *w);
    if (!w)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    w->format = options->format;
    w->view.points = options->points;
    w->early = options->early;
    w->file = options->to;
    w->borrowed = options->to != NULL;
    enum wt_status status = WT_OK;
    if (w->borrowed)
        snprintf(w->path, sizeof w->path, "%s", path);
    else
        status = open_file(w, path, options->numbered);
    if (status) {
        free(w);
        return status;
    }
    *out = w;
    return WT_OK;
}

void wt_result_writer_name(struct wt_result_writer *writer, const char *name)
{
    writer->name = name;
}

enum wt_status wt_result_writer_write(struct wt_result_writer *writer, int64_t frame,
                                      int64_t time_us, const struct wt_image *image,
                                      const struct wt_result *result)
{
    static void (*const write[])(struct wt_result_writer *, int64_t, int64_t,
                                 const struct wt_result *) = {
        [WT_RESULT_CSV] = write_csv,
        [WT_RESULT_JSONL] = write_json,
        [WT_RESULT_CSV_ROWS] = write_csv,
    };
    errno = 0;
    writer->camera = wt_camera_assumed(image->width, image->height);
    if (!writer->failed)
        put_header(writer);
    if (!writer->failed)
        write[writer->format](writer, frame, time_us, result);
    enum wt_status status = check(writer);
    if (!status && writer->early && !writer->borrowed && !writer->place.replaces)
        status = wt_new_file_place(&writer->place); /* once */
    writer->failed |= status != WT_OK;
    return status;
}

/* After a failure: whole lines stay under a new name; another file stays what it was. */
static void keep_whole_lines(struct wt_result_writer *w)
{
    if (w->place.regular && !w->place.replaces && w->whole > 0 &&
        ftruncate(w->place.fd, w->whole) == 0)
        wt_new_file_place(&w->place);
}

enum wt_status wt_result_writer_close(struct wt_result_writer **writer, enum wt_keep keep)
{
    struct wt_result_writer *w = *writer;
    *writer = NULL;
    if (!w)
        return WT_OK;
    errno = 0;
    put_header(w); /* of a table without frames */
    const bool stays = !w->borrowed && wt_new_file_stays(&w->place, keep);
    enum wt_status status = stays || w->file == stdout ? check(w) : WT_OK;
    if (w->file == stdout)
        clearerr(stdout); /* reported already; main asks again at the end */
    else if (!w->borrowed)
        fclose(w->file); /* all that was in its buffer is written, or the failure known */
    if (stays && w->failed)
        keep_whole_lines(w);
    else if (stays)
        status = wt_new_file_commit(&w->place, 0);
    wt_new_file_close(&w->place);
    free(w);
    return status;
}
