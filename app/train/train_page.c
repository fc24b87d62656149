/* A training run's report as a page. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/paths.h"
#include "base/status.h"
#include "base/text_file.h"
#include "eval/eval_html.h"
#include "report/html.h"
#include "train/train_log.h"
#include "train/train_report.h"

enum { REFRESH = 30, RECENT = 100, DRAWN = 600, SAMPLES = 8, WORST = 4 };

struct page {
    FILE *f;
    const struct wt_train_report *report;
    struct wt_train_log log;
    int *failed; /* pictures that could not be read: warnings of a training, not counted */
};

static double last_of(const struct page *p, enum wt_train_column column)
{
    return p->log.count ? p->log.column[column][p->log.count - 1] : NAN;
}

static int epoch_of(const struct page *p, size_t row)
{
    return (int)p->log.column[WT_LOG_EPOCH][row] + 1;
}

struct duration {
    char text[32];
};

static struct duration duration(double seconds)
{
    struct duration d;
    const long s = lround(fmin(fmax(seconds, 0), 1e9));
    if (s < 60)
        snprintf(d.text, sizeof d.text, "%ld s", s);
    else if (s < 3600)
        snprintf(d.text, sizeof d.text, "%ld min %ld s", s / 60, s % 60);
    else
        snprintf(d.text, sizeof d.text, "%ld h %ld min", s / 3600, s / 60 % 60);
    return d;
}

/* ---- headline ------------------------------------------------------------------------------ */

static void put_state(const struct wt_train_report *r, char *text, size_t size)
{
    switch (r->state) {
    case WT_TRAIN_RUNNING:
        snprintf(text, size, "running, about %s left", duration(r->last.left).text);
        break;
    case WT_TRAIN_FINISHED:
        snprintf(text, size, "finished");
        break;
    case WT_TRAIN_EARLY:
        snprintf(text, size, "stopped early: no better validation for %d epochs",
                 r->recipe->patience);
        break;
    case WT_TRAIN_STOPPED:
        snprintf(text, size, "stopped; --resume continues");
        break;
    case WT_TRAIN_FAILED:
        snprintf(text, size, "ended by an error (%s); the files of the last save are good",
                 wt_status_text(r->status));
        break;
    }
}

static void put_head(const struct page *p)
{
    const struct wt_train_report *r = p->report;
    const struct wt_recipe *recipe = r->recipe;
    char title[300], subtitle[300], state[160];
    char *folder = realpath(r->folder, NULL);
    snprintf(title, sizeof title, "Training run %s", wt_base_name(folder ? folder : r->folder));
    free(folder);
    put_state(r, state, sizeof state);
    snprintf(subtitle, sizeof subtitle, "%d points \u00b7 %d stack%s of width %d \u00b7 %s",
             recipe->points, recipe->stacks, recipe->stacks == 1 ? "" : "s", recipe->width, state);
    wt_html_begin(p->f, "Wingtip \u00b7 training", title, subtitle,
                  r->state == WT_TRAIN_RUNNING ? REFRESH : 0);
}

static double recent_loss(const struct page *p, size_t *n)
{
    double sum = 0;
    *n = p->log.count < RECENT ? p->log.count : RECENT;
    for (size_t i = p->log.count - *n; i < p->log.count; i++)
        sum += p->log.column[WT_LOG_LOSS][i];
    return *n ? sum / (double)*n : NAN;
}

/* The error of the last validation, and of the best one. */
static void put_error_tiles(const struct page *p)
{
    const struct wt_train_log *log = &p->log;
    const double *nme = log->column[WT_LOG_NME];
    char note[96] = "comes at the end of the first epoch";
    if (!p->report->validation)
        return;
    if (log->validations)
        snprintf(note, sizeof note, "after epoch %d",
                 epoch_of(p, log->validation[log->validations - 1]));
    wt_html_tile(p->f, "tile main", "Validation NME",
                 log->validations ? nme[log->validation[log->validations - 1]] : NAN, 3, "%", note);
    if (!log->validations)
        return;
    snprintf(note, sizeof note, "after epoch %d", epoch_of(p, log->best));
    wt_html_tile(p->f, "tile", "Best NME", nme[log->best], 3, "%", note);
}

static void put_tiles(const struct page *p)
{
    const struct wt_train_report *r = p->report;
    const double seconds = last_of(p, WT_LOG_SECONDS), left = r->last.left;
    char note[96];
    size_t n;
    const double loss = recent_loss(p, &n);
    fputs("<section class=\"tiles\">\n", p->f);
    put_error_tiles(p);
    snprintf(note, sizeof note, "mean of the last %zu steps", n);
    wt_html_tile(p->f, "tile", "Loss", loss, 3, "", note);
    snprintf(note, sizeof note, "epoch %d of %d", (int)r->last.epoch + 1, r->recipe->epochs);
    wt_html_tile(p->f, "tile", "Done", 100 * seconds / (seconds + left), 0, "%", note);
    snprintf(note, sizeof note, "%s so far", duration(seconds).text);
    wt_html_tile(p->f, "tile", "Speed", r->last.faces_per_s, 1, "faces/s", note);
    fputs("</section>\n", p->f);
}

/* ---- curves -------------------------------------------------------------------------------- */

/* Mean over each of up to DRAWN stretches of rows. Returns how many there are. */
static size_t thin_out(const double *v, size_t count, double *out)
{
    const size_t n = count < DRAWN ? count : DRAWN;
    for (size_t i = 0; i < n; i++) {
        const size_t from = i * count / n, to = (i + 1) * count / n;
        double sum = 0;
        for (size_t k = from; k < to; k++)
            sum += v[k];
        out[i] = sum / (double)(to - from);
    }
    return n;
}

/* Moving mean of up to `reach` values on each side. At the start the window is shortened
 * symmetrically, so that a steep fall is not averaged away; at the end it is one-sided and lags
 * instead of jumping with the last value. */
static void smooth(const double *v, size_t n, size_t reach, double *out)
{
    for (size_t i = 0; i < n; i++) {
        const size_t back = i < reach ? i : reach;
        const size_t to = i + back < n ? i + back : n - 1;
        double sum = 0;
        for (size_t k = i - back; k <= to; k++)
            sum += v[k];
        out[i] = sum / (double)(to - (i - back) + 1);
    }
}

static void range(const double *v, size_t n, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (isfinite(v[i])) {
            *low = fmin(*low, v[i]);
            *high = fmax(*high, v[i]);
        }
}

static struct wt_axis step_axis(const struct page *p)
{
    const double last = last_of(p, WT_LOG_STEP);
    struct wt_axis a = wt_axis_fit("step", 0, last, false);
    if (last > 0)
        a.to = last; /* the whole width, independent of the grid */
    return a;
}

static void put_loss(const struct page *p)
{
    double x[DRAWN], y[DRAWN], mean[DRAWN], low, high;
    char note[200];
    struct wt_chart chart;
    const size_t n = thin_out(p->log.column[WT_LOG_STEP], p->log.count, x);
    thin_out(p->log.column[WT_LOG_LOSS], p->log.count, y);
    range(y, n, &low, &high);
    smooth(y, n, n / 40, mean);
    snprintf(
        note, sizeof note,
        "Mean over a batch\u2019s map cells, summed over the stacks. Pale: %s; dark: its moving "
        "mean. %" PRIu64 " steps are an epoch.",
        p->log.count > DRAWN ? "the mean of a few steps" : "every step",
        p->report->facts.epoch_batches);
    wt_html_section(p->f, "Loss", note);
    fputs("<figure class=\"ced\">\n", p->f);
    wt_chart_begin(&chart, p->f, step_axis(p), wt_axis_fit("loss", low, high, true),
                   "Loss by step");
    chart.pale = true;
    wt_chart_line(&chart, x, y, n, 0);
    wt_chart_line(&chart, x, mean, n, 0);
    wt_chart_end(&chart);
    fputs("</figure>\n</section>\n", p->f);
}

static enum wt_status put_error(const struct page *p)
{
    const struct wt_train_log *log = &p->log;
    const size_t n = log->validations;
    char name[48];
    double low, high, *x = calloc(2 * n + 1, sizeof *x), *y = x ? x + n : NULL;
    struct wt_chart chart;
    if (!x)
        return wt_fail(WT_ERR_MEMORY, "out of memory for %zu validations", n);
    for (size_t i = 0; i < n; i++) {
        x[i] = log->column[WT_LOG_STEP][log->validation[i]];
        y[i] = log->column[WT_LOG_NME][log->validation[i]];
    }
    range(y, n, &low, &high);
    wt_html_section(p->f, "Validation error",
                    "Mean NME of the validation faces, cropped around their true points, after "
                    "each epoch. The dashed line is at the best one, which is kept in "
                    "best.safetensors.");
    fputs("<figure class=\"ced\">\n", p->f);
    wt_chart_begin(&chart, p->f, step_axis(p), wt_axis_fit("NME, %", low, high, true),
                   "Validation NME by step");
    if (n) {
        snprintf(name, sizeof name, "%.2f", log->column[WT_LOG_NME][log->best]);
        wt_chart_mark(&chart, log->column[WT_LOG_STEP][log->best], name);
    }
    wt_chart_line(&chart, x, y, n, 0);
    if (n <= 60)
        wt_chart_dots(&chart, x, y, n);
    wt_chart_end(&chart);
    fputs("</figure>\n</section>\n", p->f);
    free(x);
    return WT_OK;
}

static void put_rate(const struct page *p)
{
    double x[DRAWN], y[DRAWN], low, high;
    struct wt_chart chart;
    const size_t n = thin_out(p->log.column[WT_LOG_STEP], p->log.count, x);
    thin_out(p->log.column[WT_LOG_RATE], p->log.count, y);
    range(y, n, &low, &high);
    wt_html_section(p->f, "Learning rate", "As the schedule and the warm-up had it at each step.");
    fputs("<figure class=\"ced\">\n", p->f);
    wt_chart_begin(&chart, p->f, step_axis(p), wt_axis_fit("rate", 0, high, false),
                   "Learning rate by step");
    wt_chart_line(&chart, x, y, n, 0);
    wt_chart_end(&chart);
    fputs("</figure>\n</section>\n", p->f);
}

/* ---- the last validation ------------------------------------------------------------------- */

static enum wt_status put_distribution(const struct page *p)
{
    const struct wt_eval_result *r = &p->report->result;
    struct wt_eval_summary all;
    char note[200];
    enum wt_status status = wt_eval_summarise(r, -1, &all);
    if (status)
        return status;
    snprintf(note, sizeof note,
             "Last validation: share of faces with an NME of at most so much (CED). FR8 %.2f %%, "
             "FR10 %.2f %%, AUC8 %.2f %%, AUC10 %.2f %%.",
             all.figures.fr8, all.figures.fr10, all.figures.auc8, all.figures.auc10);
    wt_html_section(p->f, "Distribution of errors", note);
    status = wt_eval_html_ced(p->f, r, NULL, 0);
    fputs("</section>\n", p->f);
    return status;
}

/* Some faces that are the same on every page, and the currently worst ones. */
static enum wt_status put_faces(const struct page *p)
{
    const struct wt_eval_result *r = &p->report->result;
    const struct wt_eval_row *row[SAMPLES];
    const int n = r->count < SAMPLES ? (int)r->count : SAMPLES;
    for (int i = 0; i < n; i++)
        row[i] = &r->row[(size_t)i * r->count / (size_t)n];
    wt_html_section(p->f, "Faces of the last validation",
                    "True points and those that the network finds, for faces spread over the list, "
                    "which stay the same, and for the largest errors.");
    wt_eval_html_controls(p->f);
    enum wt_status status = wt_eval_html_faces(p->f, r, row, n, p->failed);
    const int worst = n < WORST ? n : WORST;
    if (!status)
        status = wt_eval_worst(r, row, worst);
    fputs("<h3 class=\"next\">The largest errors</h3>\n", p->f);
    if (!status)
        status = wt_eval_html_faces(p->f, r, row, worst, p->failed);
    fputs("</section>\n", p->f);
    return status;
}

/* ---- facts --------------------------------------------------------------------------------- */

static void put_data(const struct page *p)
{
    const struct wt_train_report *r = p->report;
    char text[300];
    snprintf(text, sizeof text, "%zu faces, %zu an epoch", wt_faces_count(r->faces),
             wt_faces_epoch_size(r->faces));
    wt_html_fact(p->f, "Trained on", text, "");
    for (int i = 0; i < r->sources; i++)
        wt_html_fact(p->f, i ? "" : "Sources", r->source[i], "");
    if (r->validation) {
        snprintf(text, sizeof text, "%zu faces", wt_faces_count(r->validation));
        wt_html_fact(p->f, "Validation", r->recipe->validation, text);
    }
}

static void put_facts(const struct page *p)
{
    const struct wt_train_report *r = p->report;
    const struct wt_train_log *log = &p->log;
    const struct wt_recipe *recipe = r->recipe;
    char text[300];
    wt_html_section(p->f, "The run", "Its settings and its progress.");
    fputs("<dl>\n", p->f);
    snprintf(text, sizeof text, "%d points, %d stack%s of width %d", recipe->points, recipe->stacks,
             recipe->stacks == 1 ? "" : "s", recipe->width);
    wt_html_fact(p->f, "Network", text, "");
    wt_html_fact(p->f, "Started from", r->facts.from ? r->facts.from : "random weights", "");
    put_data(p);
    snprintf(text, sizeof text, "%" PRIu64, r->facts.seed);
    wt_html_fact(p->f, "Seed", text, "");
    snprintf(text, sizeof text, "%s, %s kernels, %d thread%s", r->precision, r->kernels, r->threads,
             r->threads == 1 ? "" : "s");
    wt_html_fact(p->f, "Arithmetic", text, "");
    snprintf(text, sizeof text, "%.0f of at most %" PRIu64 ", %d faces each",
             last_of(p, WT_LOG_STEP), r->facts.epoch_batches * (uint64_t)recipe->epochs,
             recipe->batch);
    wt_html_fact(p->f, "Steps", text, "");
    wt_html_fact(p->f, "Time", duration(last_of(p, WT_LOG_SECONDS)).text, "");
    if (log->validations) {
        snprintf(text, sizeof text, "NME %.3f %% after epoch %d",
                 log->column[WT_LOG_NME][log->best], epoch_of(p, log->best));
        wt_html_fact(p->f, "Best weights", "best.safetensors", text);
    }
    fputs("</dl>\n</section>\n", p->f);
}

/* The values without their explanations, as a recipe that can be used again. */
static enum wt_status put_recipe(const struct page *p)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return wt_fail(WT_ERR_MEMORY, "out of memory for a recipe");
    wt_recipe_print(p->report->recipe, out);
    if (fclose(out)) {
        free(text);
        return wt_fail(WT_ERR_MEMORY, "out of memory for a recipe");
    }
    wt_html_section(p->f, "The recipe",
                    "As a file for --recipe; wingtip train --help-recipe says what the keys are.");
    fputs("<pre class=\"columns\">", p->f);
    for (char *save, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (line[0] != '#' || strncmp(line, "# ----", 6) == 0) {
            fputs(line[0] == '#' && line != text ? "\n" : "", p->f);
            wt_html_text(p->f, line);
            fputc('\n', p->f);
        }
    fputs("</pre>\n</section>\n", p->f);
    free(text);
    return WT_OK;
}

/* ---- the page ------------------------------------------------------------------------------ */

static enum wt_status put_page(const struct page *p)
{
    const struct wt_train_report *r = p->report;
    enum wt_status status = WT_OK;
    char small[128], when[32];
    struct tm local;
    const time_t now = time(NULL);
    put_head(p);
    put_tiles(p);
    put_loss(p);
    if (p->log.validations)
        status = put_error(p);
    put_rate(p);
    if (!status && r->result.count)
        status = put_distribution(p);
    if (!status && r->result.count)
        status = put_faces(p);
    put_facts(p);
    if (!status)
        status = put_recipe(p);
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", localtime_r(&now, &local));
    snprintf(small, sizeof small, "wingtip %s train \u00b7 written %s", wt_version(), when);
    wt_html_end(p->f, small);
    return status;
}

enum wt_status wt_train_page(const struct wt_train_report *report, const char *path)
{
    int failed = 0;
    struct page page = {.report = report, .failed = &failed};
    struct wt_text_file file = {0};
    struct wt_path log;
    enum wt_status status = wt_path_print(&log, "%s/log.csv", report->folder);
    if (!status)
        status = wt_train_log_read(&page.log, log.text, (double)report->validated);
    if (!status) {
        status = wt_text_file_begin(&file, path);
        page.f = file.f;
        if (!status)
            status = put_page(&page);
        status = wt_text_file_end(&file, status);
    }
    wt_train_log_fini(&page.log);
    return !status && failed ? WT_ERR_IO : status;
}
