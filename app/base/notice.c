#include "base/notice.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

static struct {
    pthread_mutex_t lock;
    char text[WT_NOTICE_SIZE];
    enum wt_notice_kind kind;
    int64_t at_us;
    struct wt_notice_entry list[WT_NOTICES]; /* a ring; the newest is at `count - 1` */
    unsigned count;
} latest = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void keep(enum wt_notice_kind kind, const char *text)
{
    pthread_mutex_lock(&latest.lock);
    snprintf(latest.text, sizeof latest.text, "%s", text);
    latest.kind = kind;
    latest.at_us = wt_now_us();
    struct wt_notice_entry *entry = &latest.list[latest.count++ % WT_NOTICES];
    snprintf(entry->text, sizeof entry->text, "%s", text);
    entry->kind = kind;
    entry->when = time(NULL);
    pthread_mutex_unlock(&latest.lock);
}

static void on_log(void *user, enum wt_log_level level, const char *line)
{
    static const char *const prefix[] = {"error: ", "warning: ", "", "debug: "};
    fprintf(stderr, "wingtip: %s%s\n", prefix[level], line);
    if (level <= WT_LOG_WARN)
        keep(level == WT_LOG_ERROR ? WT_NOTICE_ERROR : WT_NOTICE_WARNING, line);
}

void wt_notice_capture_log(enum wt_log_level level)
{
    wt_set_log(on_log, NULL, level);
}

void wt_notice_release_log(enum wt_log_level level)
{
    wt_set_log(NULL, NULL, level);
}

void wt_notice(enum wt_notice_kind kind, const char *format, ...)
{
    char text[WT_NOTICE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    keep(kind, text);
    wt_log(WT_LOG_DEBUG, "window: %s", text);
}

bool wt_notice_get(char text[WT_NOTICE_SIZE], enum wt_notice_kind *kind, int64_t now_us)
{
    pthread_mutex_lock(&latest.lock);
    int64_t life = latest.kind == WT_NOTICE_NEWS ? 3500000 : 7000000;
    bool fresh = latest.text[0] && now_us - latest.at_us < life;
    if (fresh) {
        snprintf(text, WT_NOTICE_SIZE, "%s", latest.text);
        *kind = latest.kind;
    }
    pthread_mutex_unlock(&latest.lock);
    return fresh;
}

unsigned wt_notice_list(struct wt_notice_entry out[WT_NOTICES], int *entries)
{
    pthread_mutex_lock(&latest.lock);
    const unsigned count = latest.count;
    *entries = count < WT_NOTICES ? (int)count : WT_NOTICES;
    for (int i = 0; i < *entries; i++)
        out[i] = latest.list[(count - 1 - (unsigned)i) % WT_NOTICES];
    pthread_mutex_unlock(&latest.lock);
    return count;
}
