#include "record/result_writer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"
#include "record/text_field.h"

struct wt_result_writer {
    FILE *file;
    char path[1024];
    enum wt_result_format format;
    struct wt_view view; /* for the scheme */
    const char *name;    /* of the picture that is written; NULL: frames have none */
    bool begun;          /* the header is written */
    bool live;           /* a pipe or a terminal: flush each line */
    bool failed;
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
    fputs(w->name ? ", picture\n" : "\n", f);
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

static void put_face(struct wt_result_writer *w, const struct wt_face *face)
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
    fputs("]}", f);
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
        put_face(w, &result->face[i]);
    }
    fputs("]}\n", f);
}

/* ---- the writer ---------------------------------------------------------------------------- */

static enum wt_status check(struct wt_result_writer *w)
{
    if (w->failed)
        return WT_ERR_IO;
    if (!ferror(w->file) && !(w->live && fflush(w->file) != 0))
        return WT_OK;
    w->failed = true;
    return wt_fail(WT_ERR_IO, "%s: %s", w->path, errno ? strerror(errno) : "cannot be written");
}

enum wt_status wt_result_writer_open(struct wt_result_writer **out, const char *path,
                                     enum wt_result_format format, int points)
{
    struct stat st;
    struct wt_result_writer *w = calloc(1, sizeof *w);
    if (!w)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    bool standard = strcmp(path, "-") == 0;
    snprintf(w->path, sizeof w->path, "%s", standard ? "standard output" : path);
    w->format = format;
    w->view.points = points;
    w->file = standard ? stdout : fopen(path, "we");
    if (!w->file) {
        free(w);
        return wt_fail(WT_ERR_IO, "%s: %s", path, strerror(errno));
    }
    w->live = fstat(fileno(w->file), &st) == 0 && !S_ISREG(st.st_mode);
    *out = w;
    return WT_OK;
}

void wt_result_writer_name(struct wt_result_writer *writer, const char *name)
{
    writer->name = name;
}

enum wt_status wt_result_writer_write(struct wt_result_writer *writer, int64_t frame,
                                      int64_t time_us, const struct wt_result *result)
{
    static void (*const write[])(struct wt_result_writer *, int64_t, int64_t,
                                 const struct wt_result *) = {
        [WT_RESULT_CSV] = write_csv,
        [WT_RESULT_JSONL] = write_json,
        [WT_RESULT_CSV_ROWS] = write_csv,
    };
    errno = 0;
    if (!writer->failed)
        put_header(writer);
    if (!writer->failed)
        write[writer->format](writer, frame, time_us, result);
    return check(writer);
}

enum wt_status wt_result_writer_close(struct wt_result_writer **writer)
{
    struct wt_result_writer *w = *writer;
    *writer = NULL;
    if (!w)
        return WT_OK;
    w->live = true; /* flush and check */
    bool known = w->failed;
    errno = 0;
    put_header(w); /* of a table without frames */
    enum wt_status status = check(w);
    if (w->file == stdout)
        clearerr(stdout); /* reported already; main asks again at the end */
    else if (fclose(w->file) != 0 && status == WT_OK)
        status = wt_fail(WT_ERR_IO, "%s: %s", w->path, strerror(errno));
    free(w);
    return known ? WT_ERR_IO : status;
}
