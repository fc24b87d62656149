#include "cli/progress.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/status.h"

#define TERMINAL_STEP 0.1 /* seconds between two lines */
#define PLAIN_STEP 5.0
#define BAR 24

void wt_progress_start(struct wt_progress *p, const char *what, int64_t total)
{
    *p = (struct wt_progress){
        .what = what, .total = total, .start = wt_now_s(), .terminal = isatty(STDERR_FILENO)};
    p->shown = p->terminal ? 0 : p->start;
}

static WT_PRINTF(3, 4) void append(char *line, size_t size, const char *format, ...)
{
    size_t used = strlen(line);
    va_list args;
    va_start(args, format);
    vsnprintf(line + used, size - used, format, args);
    va_end(args);
}

static void append_bar(char *line, size_t size, double share)
{
    char bar[BAR + 1];
    int full = (int)lrint(share * BAR);
    for (int i = 0; i < BAR; i++)
        bar[i] = i < full ? '#' : '-';
    bar[BAR] = 0;
    append(line, size, "[%s] ", bar);
}

static void append_time(char *line, size_t size, double seconds)
{
    int64_t s = (int64_t)ceil(seconds);
    if (s >= 3600)
        append(line, size, ", %d:%02d:%02d left", (int)(s / 3600), (int)(s / 60 % 60),
               (int)(s % 60));
    else
        append(line, size, ", %d:%02d left", (int)(s / 60), (int)(s % 60));
}

static void show(struct wt_progress *p, double time, const char *note, bool last)
{
    char line[256] = "";
    double elapsed = fmax(time - p->start, 1e-6), rate = (double)p->done / elapsed;
    /* A video's total may be an estimate: never show more than the total. */
    int64_t total = p->total > 0 && p->done > p->total ? p->done : p->total;
    if (total > 0 && p->terminal)
        append_bar(line, sizeof line, (double)p->done / (double)total);
    append(line, sizeof line, "%lld", (long long)p->done);
    if (total > 0)
        append(line, sizeof line, " of %lld", (long long)total);
    append(line, sizeof line, " %s, %.*f/s", p->what, rate < 10 ? 2 : 1, rate);
    if (total > p->done && p->done > 0 && !last)
        append_time(line, sizeof line, (double)(total - p->done) / rate);
    if (note && *note)
        append(line, sizeof line, ", %s", note);
    if (p->terminal)
        fprintf(stderr, "\r%s\033[K%s", line, last ? "\n" : "");
    else
        fprintf(stderr, "%s\n", line);
    fflush(stderr);
    p->shown = time;
}

void wt_progress_update(struct wt_progress *p, int64_t done, const char *note)
{
    double time = wt_now_s();
    p->done = done;
    if (time - p->shown >= (p->terminal ? TERMINAL_STEP : PLAIN_STEP))
        show(p, time, note, false);
}

void wt_progress_now(struct wt_progress *p, int64_t done, const char *note)
{
    p->done = done;
    show(p, wt_now_s(), note, false);
}

void wt_progress_finish(struct wt_progress *p)
{
    show(p, wt_now_s(), NULL, true);
}
