/* `train --recipe FILE --out DIR`: the run itself, with its progress on the terminal. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd_train.h"
#include "cpu.h"
#include "progress.h"
#include "train.h"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    interrupted = signal;
}

/* The first Ctrl-C saves and ends; a second one ends the program at once. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    interrupted = 0;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

struct show {
    struct wt_progress progress;
    bool started;
};

static bool show_step(void *user, const struct wt_train_step *s)
{
    struct show *show = user;
    char note[128], nme[32] = "";
    if (!show->started)
        wt_progress_start(&show->progress, "steps", -1);
    show->started = true;
    if (!isnan(s->nme))
        snprintf(nme, sizeof nme, ", NME %.2f %%", s->nme);
    snprintf(note, sizeof note, "epoch %d, %d of %d, loss %.4f%s, %.1f faces/s, %d:%02d:%02d left",
             (int)s->epoch + 1, (int)s->batch + 1, (int)s->epoch_batches, s->loss, nme,
             s->faces_per_s, (int)(s->left / 3600), (int)(s->left / 60) % 60, (int)s->left % 60);
    wt_progress_update(&show->progress, (int64_t)s->step, note);
    return !interrupted;
}

static enum wt_status load_start(struct wt_weights **out, const char *path)
{
    const size_t length = strlen(path);
    const bool checkpoint = length > 4 && strcmp(path + length - 4, ".pth") == 0;
    return checkpoint ? wt_weights_import_pth(out, path) : wt_weights_load(out, path);
}

enum wt_status wt_train_go(const struct wt_recipe *recipe, const struct wt_faces *faces,
                           const struct wt_faces *validation, const struct wt_train_command *c)
{
    struct show show = {.started = false};
    struct wt_weights *from = NULL;
    struct wt_train_options o = {.recipe = recipe,
                                 .faces = faces,
                                 .validation = validation,
                                 .folder = c->folder,
                                 .resume = c->resume,
                                 .threads = c->threads,
                                 .loader_threads = (c->threads + 3) / 4,
                                 .seed = c->seed,
                                 .step = show_step,
                                 .user = &show};
    enum wt_status status = wt_cpu_parse_level(c->cpu_mask, &o.level);
    if (!status && c->from)
        status = load_start(&from, c->from);
    o.from = from;
    if (!status) {
        catch_signals();
        wt_log(WT_LOG_INFO, "training %d stacks of width %d in %s with %s kernels, %d threads",
               recipe->stacks, recipe->width,
               wt_train_bf16(recipe->precision, o.level) ? "bf16" : "f32",
               wt_cpu_level_name(o.level), c->threads);
        status = wt_train_run(&o);
    }
    if (show.started)
        wt_progress_finish(&show.progress);
    if (!status && interrupted)
        wt_log(WT_LOG_INFO, "stopped and saved; go on with --resume");
    wt_weights_destroy(&from);
    return status;
}
