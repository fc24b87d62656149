#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "session/session.h"

struct wt_session_log {
    struct wt_path path;
    FILE *file;
    char *line;
    size_t room;
    int number;
};

static enum wt_status fail_line(const struct wt_session_log *log, const char *reason)
{
    return wt_fail(WT_ERR_FORMAT, "%s:%d: %s", log->path.text, log->number, reason);
}

/* A line without its end; a last one that is cut off (the program was killed) is none. */
static enum wt_status next_line(struct wt_session_log *log)
{
    errno = 0;
    const ssize_t n = getline(&log->line, &log->room, log->file);
    if (n < 0)
        return errno && !feof(log->file)
                   ? wt_fail(WT_ERR_IO, "%s: %s", log->path.text, strerror(errno))
                   : WT_END;
    if (log->line[n - 1] != '\n')
        return WT_END;
    log->line[n - 1] = '\0';
    log->number++;
    return WT_OK;
}

static bool take_text(const cJSON *object, const char *name, char *to, size_t size)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsString(item) || strlen(item->valuestring) >= size)
        return false;
    memcpy(to, item->valuestring, strlen(item->valuestring) + 1);
    return true;
}

static bool take_number(const cJSON *object, const char *name, double low, double high, double *to)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= low && item->valuedouble <= high))
        return false;
    *to = item->valuedouble;
    return true;
}

static enum wt_status read_head(struct wt_session_log *log, struct wt_session_head *head)
{
    double version;
    enum wt_status status = next_line(log);
    if (status)
        return status == WT_END ? fail_line(log, "no line about the weights") : status;
    cJSON *o = cJSON_Parse(log->line);
    const bool ok =
        o && take_number(o, "session", 1, 1, &version) &&
        take_text(o, "model", head->model.text, sizeof head->model.text) &&
        take_text(o, "model_sha256", head->model_sha256, sizeof head->model_sha256) &&
        take_text(o, "detector", head->detector.text, sizeof head->detector.text) &&
        take_text(o, "detector_sha256", head->detector_sha256, sizeof head->detector_sha256) &&
        take_text(o, "precision", head->precision, sizeof head->precision) &&
        take_text(o, "kernels", head->kernels, sizeof head->kernels);
    cJSON_Delete(o);
    return ok ? WT_OK : fail_line(log, "not the first line of a session");
}

enum wt_status wt_session_log_open(struct wt_session_log **out, const char *folder,
                                   struct wt_session_head *head)
{
    struct wt_session_log *log = calloc(1, sizeof *log);
    if (!log)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", folder);
    enum wt_status status = wt_path_print(&log->path, "%s/session.jsonl", folder);
    if (!status && !(log->file = fopen(log->path.text, "re")))
        status = wt_fail(WT_ERR_IO, "%s: %s", log->path.text, strerror(errno));
    if (!status)
        status = read_head(log, head);
    if (status)
        wt_session_log_close(&log);
    *out = log;
    return status;
}

static bool take_reals(const cJSON *array, float *to, int max, int *count)
{
    const cJSON *item;
    *count = 0;
    if (!cJSON_IsArray(array))
        return false;
    cJSON_ArrayForEach(item, array)
    {
        if (*count == max || !(cJSON_IsNumber(item) || cJSON_IsNull(item)))
            return false;
        to[(*count)++] = cJSON_IsNumber(item) ? (float)item->valuedouble : NAN;
    }
    return true;
}

static bool take_face(const cJSON *o, struct wt_face *face)
{
    double id, confidence;
    float points[2 * WT_POINTS_MAX];
    int n, confidences;
    *face = (struct wt_face){.id = 0};
    if (!take_number(o, "id", 1, UINT32_MAX, &id) ||
        !take_number(o, "confidence", 0, 1, &confidence) ||
        !take_reals(cJSON_GetObjectItemCaseSensitive(o, "points"), points, 2 * WT_POINTS_MAX, &n) ||
        !take_reals(cJSON_GetObjectItemCaseSensitive(o, "point_confidence"), face->point_confidence,
                    WT_POINTS_MAX, &confidences) ||
        n < 2 || n != 2 * confidences)
        return false;
    face->id = (uint32_t)id;
    face->confidence = (float)confidence;
    face->points = confidences;
    for (int i = 0; i < confidences; i++)
        face->point[i] = (struct wt_point){points[2 * i], points[2 * i + 1]};
    return true;
}

static bool take_faces(const cJSON *array, struct wt_result *result)
{
    const cJSON *item;
    result->faces = 0;
    if (!cJSON_IsArray(array))
        return false;
    cJSON_ArrayForEach(item,
                       array) if (result->faces == WT_FACES_MAX ||
                                  !take_face(item, &result->face[result->faces++])) return false;
    return true;
}

static bool take_step(const cJSON *o, struct wt_session_step *step, double *frame)
{
    double time, faces, stacks, every, smoothing;
    const cJSON *reset = cJSON_GetObjectItemCaseSensitive(o, "reset");
    if (!take_number(o, "frame", 1, 1e15, frame) ||
        !take_number(o, "time_us", -9e15, 9e15, &time) || !cJSON_IsBool(reset) ||
        !take_number(o, "faces_max", 1, WT_FACES_MAX, &faces) ||
        !take_number(o, "stacks", 0, 16, &stacks) ||
        !take_number(o, "search_every", 0, 3600, &every) ||
        !take_number(o, "smoothing", 0, 1e6, &smoothing))
        return false;
    *step = (struct wt_session_step){.time_us = (int64_t)time,
                                     .reset = cJSON_IsTrue(reset),
                                     .faces = (int)faces,
                                     .stacks = (int)stacks,
                                     .search_every = (float)every,
                                     .smoothing = (float)smoothing};
    return true;
}

enum wt_status wt_session_log_read(struct wt_session_log *log, struct wt_session_step *step,
                                   const char **faces, struct wt_result *result)
{
    double frame = 0;
    enum wt_status status = next_line(log);
    if (status)
        return status;
    cJSON *o = cJSON_Parse(log->line);
    char *text = strstr(log->line, "\"faces\":");
    const bool ok = o && text && take_step(o, step, &frame) && (int)frame == log->number - 1 &&
                    take_faces(cJSON_GetObjectItemCaseSensitive(o, "faces"), result);
    cJSON_Delete(o);
    if (!ok)
        return fail_line(log, "not a frame of a session");
    *faces = text + strlen("\"faces\":");
    log->line[strlen(log->line) - 1] = '\0'; /* the line's own brace */
    return WT_OK;
}

void wt_session_log_close(struct wt_session_log **log)
{
    struct wt_session_log *l = *log;
    *log = NULL;
    if (!l)
        return;
    if (l->file)
        fclose(l->file);
    free(l->line);
    free(l);
}
