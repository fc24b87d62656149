#include "input/av.h"

#include <pthread.h>
#include <stdarg.h>
#include <string.h>

#include <libavutil/error.h>
#include <libavutil/log.h>

#include "base/status.h"

static void on_message(void *object, int level, const char *format, va_list args)
{
    char line[512];
    int print_prefix = 1;
    if (level > AV_LOG_WARNING || !wt_log_enabled(WT_LOG_DEBUG))
        return;
    av_log_format_line(object, level, format, args, line, sizeof line, &print_prefix);
    line[strcspn(line, "\n")] = 0;
    if (*line)
        wt_log(WT_LOG_DEBUG, "libav: %s", line);
}

static void route(void)
{
    av_log_set_callback(on_message);
}

void wt_av_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, route);
}

struct wt_av_text wt_av_error(int error)
{
    struct wt_av_text t = {""};
    av_strerror(error, t.text, sizeof t.text);
    return t;
}
