#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/outputs.h"
#include "doctor/doctor.h"

struct settings {
    struct wt_common common;
    const char *json;
};

#define AT(field) offsetof(struct settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_STRING, "--json", 0, AT(json), "FILE",
     "write the findings as JSON; -: to standard output, instead of the text"},
    {.name = NULL},
};
#undef AT

static wt_check_fn *const checks[] = {
    wt_check_cpu,    wt_check_model, wt_check_detector, wt_check_cameras,
    wt_check_window, wt_check_video, wt_check_files,    wt_check_libraries,
};

static const struct {
    const char *word, *sign, *colour;
} marks[] = {
    [WT_MARK_INFO] = {"info", "    ", ""},
    [WT_MARK_OK] = {"ok", "ok  ", "\033[32m"},
    [WT_MARK_WARN] = {"warn", "warn", "\033[33m"},
    [WT_MARK_FAIL] = {"fail", "FAIL", "\033[31m"},
};

void wt_doctor_add(struct wt_doctor *d, const char *section, enum wt_mark mark, const char *name,
                   const char *format, ...)
{
    if (d->count == WT_FINDINGS_MAX)
        return;
    struct wt_finding *f = &d->finding[d->count++];
    va_list args;
    f->section = section;
    f->mark = mark;
    snprintf(f->name, sizeof f->name, "%s", name);
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
    d->error[0] = '\0';
}

/* Errors of the checks become findings instead of lines on standard error. */
static void keep_error(void *user, enum wt_log_level level, const char *line)
{
    struct wt_doctor *d = user;
    if (level == WT_LOG_ERROR)
        snprintf(d->error, sizeof d->error, "%s", line);
}

static void print(const struct wt_doctor *d)
{
    bool colours = isatty(STDOUT_FILENO);
    const char *section = "";
    int count[WT_MARK_FAIL + 1] = {0};
    printf("wingtip %s\n", WT_VERSION);
    for (int i = 0; i < d->count; i++) {
        const struct wt_finding *f = &d->finding[i];
        if (strcmp(f->section, section) != 0)
            printf("\n%s\n", f->section);
        section = f->section;
        count[f->mark]++;
        printf("  %s%s%s  %-12s %s\n", colours ? marks[f->mark].colour : "", marks[f->mark].sign,
               colours && marks[f->mark].colour[0] ? "\033[0m" : "", WT_SHOWN(f->name),
               WT_SHOWN(f->text));
    }
    printf("\n%d ok, %d warnings, %d failures\n", count[WT_MARK_OK], count[WT_MARK_WARN],
           count[WT_MARK_FAIL]);
}

static enum wt_status write_json(const struct wt_doctor *d, const char *path)
{
    cJSON *j = cJSON_CreateObject();
    cJSON_AddStringToObject(j, "version", WT_VERSION);
    cJSON *findings = cJSON_AddArrayToObject(j, "findings");
    for (int i = 0; i < d->count; i++) {
        const struct wt_finding *f = &d->finding[i];
        cJSON *o = cJSON_CreateObject();
        cJSON_AddStringToObject(o, "section", f->section);
        cJSON_AddStringToObject(o, "name", f->name);
        cJSON_AddStringToObject(o, "mark", marks[f->mark].word);
        cJSON_AddStringToObject(o, "text", f->text);
        cJSON_AddItemToArray(findings, o);
    }
    return wt_json_write(j, path);
}

static int run(void *settings)
{
    const struct settings *s = settings;
    struct wt_doctor d = {.common = &s->common};
    bool failed = false;
    enum wt_status status = wt_outputs_check(
        &(struct wt_outputs){.in = {s->common.model, s->common.detector}, .out = {s->json}});
    if (status)
        return wt_exit_status(status);
    wt_set_log(keep_error, &d, WT_LOG_ERROR);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        checks[i](&d);
    wt_set_log(NULL, NULL, (enum wt_log_level)s->common.log_level);
    for (int i = 0; i < d.count; i++)
        failed |= d.finding[i].mark == WT_MARK_FAIL;
    if (!s->json || strcmp(s->json, "-") != 0)
        print(&d);
    status = s->json ? write_json(&d, s->json) : WT_OK;
    return status ? wt_exit_status(status) : failed;
}

const struct wt_command wt_command_doctor = {
    .name = "doctor",
    .summary = "Check what this computer and this installation can do.",
    .details = "Exit status 1 when something is missing that tracking cannot do without.",
    .option = options,
    .common = true,
    .settings_size = sizeof(struct settings),
    .run = run,
};
