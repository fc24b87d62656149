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
#include "face/smile.h"
#include "record/text_field.h"

#define LINE_ROOM (1 << 18) /* a frame's lines go to the file at once */

struct wt_result_writer {
    FILE *file;
    char path[1024];
    enum wt_result_format format;
    bool openface;       /* blanks before names and values, zeros where there is no face */
    bool ellipses;       /* columns for them */
    struct wt_view view; /* for the scheme */
    const char *name;    /* of the picture that is written; NULL: frames have none */
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
    struct wt_smile smile;
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
    m.smile = wt_smile_measure(point, points);
    m.blink = (struct wt_blink){0};
    if (face && face->id && !w->name)
        m.blink = wt_blinks_update(&w->blinks, face->id, time_us, m.opening.eye);
    return m;
}

/* ---- CSV ----------------------------------------------------------------------------------- */

/* Columns after the first five: one of each kind for every point, the measures, and again. */
static const char *const place_columns[] = {"x", "y", NULL};
static const char *const sure_columns[] = {"c", NULL};
static const char *const ellipse_columns[] = {"major", "minor", "angle", NULL};

static const char *separator(const struct wt_result_writer *w)
{
    return w->openface ? ", " : ",";
}

static void put_names(struct wt_result_writer *w, const char *const names[])
{
    for (; *names; names++)
        for (int i = 0; i < w->view.points; i++)
            fprintf(w->file, "%s%s_%d", separator(w), *names, i);
}

static void put_header(struct wt_result_writer *w)
{
    static const char *const first[] = {"face_id", "timestamp", "confidence", "success"};
    static const char *const measures[] = {
        "pose_Tx",       "pose_Ty", "pose_Tz",          "pose_Rx",
        "pose_Ry",       "pose_Rz", "eye_opening_left", "eye_opening_right",
        "mouth_opening", "smile",   "mouth_width",      "eyes_shut",
        "blinks"};
    if (w->begun || w->format != WT_RESULT_CSV)
        return;
    w->begun = true;
    fputs("frame", w->file);
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        fprintf(w->file, "%s%s", separator(w), first[i]);
    put_names(w, place_columns);
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        fprintf(w->file, "%s%s", separator(w), measures[i]);
    put_names(w, sure_columns);
    if (w->ellipses)
        put_names(w, ellipse_columns);
    fprintf(w->file, "%s\n", w->name ? w->openface ? ", picture" : ",picture" : "");
}

static void put_field(struct wt_result_writer *w, double v, int decimals, const char *odd)
{
    fputs(separator(w), w->file);
    put_number(w->file, v, decimals, odd);
}

/* Unknown: an empty field. */
static void put_measures(struct wt_result_writer *w, const struct measures *m)
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
        {m->opening.mouth, 3},   {m->smile.lift, 3},
        {m->smile.width, 3},
    };
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        put_field(w, field[i].value, field[i].decimals, "");
    if (m->blink.known)
        fprintf(w->file, "%s%d%s%u", separator(w), m->blink.shut, separator(w), m->blink.count);
    else
        fprintf(w->file, "%s%s", separator(w), separator(w));
}

/* How sure each point is; empty where there is no face. */
static void put_certainty(struct wt_result_writer *w, const struct wt_face *face)
{
    float confidence[WT_POINTS_MAX];
    struct wt_ellipse ellipse[WT_POINTS_MAX];
    const int points = w->view.points, kinds = w->ellipses ? 4 : 1;
    if (!face) {
        for (int i = 0; i < kinds * points; i++)
            fputs(separator(w), w->file);
        return;
    }
    const int n = wt_view_confidences(&w->view, face, confidence);
    for (int i = 0; i < n; i++)
        put_field(w, (double)confidence[i], 3, "");
    if (!w->ellipses)
        return;
    wt_view_ellipses(&w->view, face, ellipse);
    for (int i = 0; i < n; i++)
        put_field(w, (double)ellipse[i].major, 2, "");
    for (int i = 0; i < n; i++)
        put_field(w, (double)ellipse[i].minor, 2, "");
    for (int i = 0; i < n; i++)
        put_field(w, (double)ellipse[i].angle * 180 / 3.14159265358979323846, 1, "");
}

/* face NULL: none in this frame. */
static void put_row(struct wt_result_writer *w, int64_t frame, int64_t time_us,
                    const struct wt_face *face)
{
    struct wt_point point[WT_POINTS_MAX] = {{0, 0}};
    FILE *f = w->file;
    const int points = face ? wt_view_points(&w->view, face, point) : w->view.points;
    const char *odd = w->openface ? "nan" : "";
    const double none = w->openface ? 0 : (double)NAN;
    fprintf(f, "%lld%s", (long long)frame + 1, separator(w));
    if (face || w->openface)
        fprintf(f, "%u", face ? face->id : 0);
    put_field(w, (double)time_us / 1e6, 6, odd);
    put_field(w, face ? (double)face->confidence : none, 3, odd);
    fprintf(f, "%s%d", separator(w), face != NULL);
    for (int i = 0; i < points; i++)
        put_field(w, face ? (double)point[i].x : none, 3, odd);
    for (int i = 0; i < points; i++)
        put_field(w, face ? (double)point[i].y : none, 3, odd);
    const struct measures m = measure(w, time_us, face);
    put_measures(w, &m);
    put_certainty(w, face);
    if (w->name)
        wt_put_csv_text(f, separator(w), w->name);
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
        {",\"smile\":", m->smile.lift, 3},
        {",\"mouth_width\":", m->smile.width, 3},
    };
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        fputs(field[i].before, f);
        put_number(f, field[i].value, field[i].decimals, "null");
    }
    put_json_blink(f, &m->blink);
}

/* Half axes in pixels, degrees. */
static void put_json_ellipses(FILE *f, const struct wt_ellipse *ellipse, int points)
{
    fputs(",\"point_ellipse\":[", f);
    for (int i = 0; i < points; i++) {
        fputs(i ? ",[" : "[", f);
        put_number(f, (double)ellipse[i].major, 2, "null");
        fputc(',', f);
        put_number(f, (double)ellipse[i].minor, 2, "null");
        fputc(',', f);
        put_number(f, (double)ellipse[i].angle * 180 / 3.14159265358979323846, 1, "null");
        fputc(']', f);
    }
    fputc(']', f);
}

static void put_face(struct wt_result_writer *w, int64_t time_us, const struct wt_face *face)
{
    struct wt_point point[WT_POINTS_MAX];
    float confidence[WT_POINTS_MAX];
    struct wt_ellipse ellipse[WT_POINTS_MAX];
    FILE *f = w->file;
    int points = wt_view_points(&w->view, face, point);
    wt_view_confidences(&w->view, face, confidence);
    wt_view_ellipses(&w->view, face, ellipse);
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
        put_number(f, (double)confidence[i], 3, "null");
    }
    fputc(']', f);
    put_json_ellipses(f, ellipse, points);
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
    w->openface = options->openface;
    w->ellipses = options->ellipses;
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
