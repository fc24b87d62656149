/* When a run's report is written. */
#include "train/train_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/paths.h"
#include "base/status.h"
#include "face/decode.h"

/* Seconds between two versions of the report: the least after a validation; without news; and the
 * least as a multiple of the time that writing takes, so that it costs less than a hundredth of the
 * run. */
enum { SOON = 10, LATER = 120, TIMES_COST = 100 };

/* Errors from now on are logged as warnings, the first time only. */
static enum wt_log_level quieten(const struct wt_train_report *r)
{
    return wt_fail_level(r->warned ? WT_LOG_DEBUG : WT_LOG_WARN);
}

static void write_page(struct wt_train_report *r)
{
    struct wt_path path;
    const double start = wt_now_s();
    const enum wt_log_level before = quieten(r);
    r->page = wt_path_print(&path, "%s/report.html", r->folder);
    if (!r->page)
        r->page = wt_train_page(r, path.text);
    r->warned |= r->page != WT_OK;
    wt_fail_level(before);
    r->written = wt_now_s();
    r->cost = r->written - start;
}

void wt_train_report_begin(struct wt_train_report *r, const struct wt_train_facts *facts)
{
    r->facts = *facts;
    r->facts.from = r->from = facts->from ? strdup(facts->from) : NULL;
    if (facts->from && !r->from)
        r->taken = WT_ERR_MEMORY;
    r->begun = true;
    r->validated = facts->batch == 0 ? facts->step : 0;
}

/* Converts faces and found points to an evaluation's result. */
static enum wt_status take_result(struct wt_train_report *r, const struct wt_eval_face *face)
{
    const size_t count = wt_faces_count(r->validation);
    struct wt_dataset faces = {.count = count, .points = r->recipe->points};
    wt_eval_result_fini(&r->result);
    faces.sample = calloc(count, sizeof *faces.sample);
    if (!faces.sample)
        return wt_fail(WT_ERR_MEMORY, "out of memory for %zu faces", count);
    for (size_t i = 0; i < count; i++)
        faces.sample[i] = *wt_faces_get(r->validation, i).sample;
    r->result = (struct wt_eval_result){.list = r->recipe->validation,
                                        .crop = "truth",
                                        .norm = "ocular",
                                        .decoder = wt_decoder_name(WT_DECODE_CENTROID),
                                        .points = r->recipe->points};
    const enum wt_status status = wt_eval_take(&r->result, &faces, "", face);
    if (status)
        wt_eval_result_fini(&r->result);
    free(faces.sample);
    return status;
}

void wt_train_report_validated(struct wt_train_report *r, const struct wt_train_validation *v)
{
    const enum wt_log_level before = quieten(r);
    r->taken = take_result(r, v->face);
    r->warned |= r->taken != WT_OK;
    wt_fail_level(before);
    r->validated = v->step;
    r->news = true;
}

void wt_train_report_step(struct wt_train_report *r, const struct wt_train_step *step)
{
    const bool first = r->last.step == 0;
    const double since = wt_now_s() - r->written;
    if (!r->begun)
        return;
    r->last = *step;
    if (!first && (since < (r->news ? SOON : LATER) || since < TIMES_COST * r->cost))
        return;
    write_page(r);
    r->news = first; /* there is no curve yet */
}

enum wt_status wt_train_report_finish(struct wt_train_report *r, enum wt_status status,
                                      bool stopped)
{
    r->status = status;
    r->state = status              ? WT_TRAIN_FAILED
               : r->last.left <= 0 ? WT_TRAIN_FINISHED
               : stopped           ? WT_TRAIN_STOPPED
                                   : WT_TRAIN_EARLY;
    if (r->last.step)
        write_page(r);
    wt_eval_result_fini(&r->result);
    free(r->from);
    r->from = NULL;
    const enum wt_status lost = r->page ? r->page : r->taken;
    return status || !lost
               ? status
               : wt_fail(lost, "%s: report.html is not whole; the weights are", r->folder);
}
