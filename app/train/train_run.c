/* `train --recipe FILE --out DIR`: the run itself, with its progress on the terminal. */
#include <math.h>
#include <stdio.h>

#include "base/cpu.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "train/cmd_train.h"
#include "train/train_report.h"
#include "weights/model_file.h"

struct show {
    struct wt_progress progress;
    bool quiet, started;
    struct wt_train_report report;
    const char *error; /* error measured by the validation */
};

static void show_begin(void *user, const struct wt_train_facts *facts)
{
    wt_train_report_begin(&((struct show *)user)->report, facts);
}

static void show_validated(void *user, const struct wt_train_validation *validation)
{
    wt_train_report_validated(&((struct show *)user)->report, validation);
}

static bool show_step(void *user, const struct wt_train_step *s)
{
    struct show *show = user;
    char note[128], nme[32] = "";
    if (show->quiet)
        return !wt_interrupted();
    if (!show->started)
        wt_progress_start(&show->progress, "steps", -1);
    show->started = true;
    if (!isnan(s->nme))
        snprintf(nme, sizeof nme, ", %s %.2f %%", show->error, s->nme);
    snprintf(note, sizeof note, "epoch %d, %d of %d, loss %.4f%s, %.1f faces/s, %d:%02d:%02d left",
             (int)s->epoch + 1, (int)s->batch + 1, (int)s->epoch_batches, s->loss, nme,
             s->faces_per_s, (int)(s->left / 3600), (int)(s->left / 60) % 60, (int)s->left % 60);
    wt_progress_update(&show->progress, (int64_t)s->step, note);
    wt_train_report_step(&show->report, s);
    return !wt_interrupted();
}

static void describe(const struct wt_train_report *r, const struct wt_train_options *o)
{
    char network[40] = "a detector", ranks[32] = "";
    if (r->recipe->task == WT_TASK_LANDMARKS)
        snprintf(network, sizeof network, "%d stacks", r->recipe->stacks);
    if (o->ranks)
        snprintf(ranks, sizeof ranks, " on each of %d ranks", o->ranks->ranks);
    wt_log(WT_LOG_INFO, "training %s of width %d in %s with %s kernels, %d threads%s", network,
           r->recipe->width, r->precision, r->kernels, r->threads, ranks);
}

enum wt_status wt_train_with_report(const struct wt_recipe *recipe, const struct wt_faces *faces,
                                    const struct wt_faces *validation,
                                    const struct wt_train_command *c)
{
    struct wt_model_file from = {0};
    struct show show = {.quiet = !wt_ranks_first(c->ranks),
                        .error = recipe->task == WT_TASK_DETECTOR ? "error" : "NME",
                        .report = {.folder = c->folder,
                                   .recipe = recipe,
                                   .faces = faces,
                                   .validation = validation,
                                   .source = c->source,
                                   .sources = c->sources,
                                   .threads = c->threads}};
    struct wt_train_options o = {.recipe = recipe,
                                 .faces = faces,
                                 .validation = validation,
                                 .folder = c->folder,
                                 .resume = c->resume,
                                 .threads = c->threads,
                                 .loader_threads = (c->threads + 3) / 4,
                                 .seed = c->seed,
                                 .begin = show_begin,
                                 .validated = show_validated,
                                 .ranks = c->ranks,
                                 .step = show_step,
                                 .user = &show};
    enum wt_status status = wt_cpu_parse_level(c->cpu_mask, &o.level);
    if (!status && c->from && wt_ranks_first(c->ranks))
        status = wt_model_file_init(&from, c->from);
    o.from = from.weights;
    status = wt_ranks_agree(c->ranks, status);
    if (!status) {
        show.report.precision = wt_train_bf16(recipe->precision, o.level) ? "bf16" : "f32";
        show.report.kernels = wt_cpu_level_name(o.level);
        wt_interrupt_catch();
        describe(&show.report, &o);
        status = wt_train_run(&o);
    }
    if (show.started)
        wt_progress_finish(&show.progress);
    bool stopped = wt_interrupted();
    if (!status && c->ranks)
        c->ranks->merge(c->ranks->user, &stopped, sizeof stopped);
    status = wt_train_report_finish(&show.report, status, stopped);
    if (!status && stopped)
        wt_log(WT_LOG_INFO, "stopped and saved; continue with --resume");
    wt_model_file_fini(&from);
    return status;
}
