#include "train/train_log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "weights/file.h"

static const size_t FILE_MAX_BYTES = (size_t)1 << 30;

/* Reads a line's numbers; an empty field is NAN. Lines that are not steps are skipped. */
static void take_line(struct wt_train_log *log, const char *line)
{
    double value[WT_LOG_COLUMNS];
    for (int i = 0; i < WT_LOG_COLUMNS; i++) {
        char *end;
        value[i] = strtod(line, &end);
        if (end == line)
            value[i] = NAN;
        if (*end != (i + 1 < WT_LOG_COLUMNS ? ',' : '\0'))
            return;
        line = end + 1;
    }
    if (!(value[WT_LOG_STEP] >= 1))
        return;
    for (int i = 0; i < WT_LOG_COLUMNS; i++)
        log->column[i][log->count] = value[i];
    log->count++;
}

static enum wt_status make_room(struct wt_train_log *log, size_t lines, const char *path)
{
    bool ok = (log->validation = calloc(lines + 1, sizeof *log->validation)) != NULL;
    for (int i = 0; i < WT_LOG_COLUMNS && ok; i++)
        ok = (log->column[i] = calloc(lines + 1, sizeof *log->column[i])) != NULL;
    return ok ? WT_OK : wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
}

/* The last row of an epoch has the error measured then; in the unfinished epoch only last_validated
 * tells whether its last row has one. */
static void find_validations(struct wt_train_log *log, double last_validated)
{
    for (size_t i = 0; i < log->count; i++) {
        const double nme = log->column[WT_LOG_NME][i];
        const bool ends = i + 1 < log->count
                              ? log->column[WT_LOG_EPOCH][i + 1] > log->column[WT_LOG_EPOCH][i]
                              : log->column[WT_LOG_STEP][i] == last_validated;
        if (!ends || isnan(nme))
            continue;
        if (!log->validations || nme < log->column[WT_LOG_NME][log->best])
            log->best = i;
        log->validation[log->validations++] = i;
    }
}

enum wt_status wt_train_log_read(struct wt_train_log *out, const char *path, double last_validated)
{
    uint8_t *bytes = NULL;
    size_t size = 0, lines = 0;
    *out = (struct wt_train_log){0};
    enum wt_status status = wt_file_read(path, FILE_MAX_BYTES, &bytes, &size);
    for (size_t i = 0; !status && i < size; i++)
        lines += bytes[i] == '\n';
    if (!status)
        status = make_room(out, lines, path);
    char *line = (char *)bytes, *const all = line + size;
    for (char *end; !status && (end = memchr(line, '\n', (size_t)(all - line))); line = end + 1) {
        *end = '\0';
        take_line(out, line);
    }
    if (!status)
        find_validations(out, last_validated);
    else
        wt_train_log_fini(out);
    free(bytes);
    return status;
}

void wt_train_log_fini(struct wt_train_log *log)
{
    for (int i = 0; i < WT_LOG_COLUMNS; i++)
        free(log->column[i]);
    free(log->validation);
    *log = (struct wt_train_log){0};
}
