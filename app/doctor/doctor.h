/* What `wingtip doctor` finds: a list of lines, each with a mark. One thread. */
#ifndef WT_APP_DOCTOR_H
#define WT_APP_DOCTOR_H

#include "base/status.h"
#include "cli/options.h"

enum wt_mark {
    WT_MARK_INFO,
    WT_MARK_OK,
    WT_MARK_WARN, /* something works less well, or not at all, but the rest does */
    WT_MARK_FAIL, /* no tracking without it */
};

struct wt_finding {
    const char *section;
    char name[48];
    enum wt_mark mark;
    char text[512];
};

enum { WT_FINDINGS_MAX = 128 };

struct wt_doctor {
    const struct wt_common *common;
    struct wt_finding finding[WT_FINDINGS_MAX];
    int count;
    char error[512]; /* last error line since the last finding */
};

/* Adds a line; if the list is full, it is ignored. */
void wt_doctor_add(struct wt_doctor *d, const char *section, enum wt_mark mark, const char *name,
                   const char *format, ...) WT_PRINTF(5, 6);

/* Each checks one subject and adds its lines. */
typedef void wt_check_fn(struct wt_doctor *d);
wt_check_fn wt_check_cpu, wt_check_model, wt_check_detector, wt_check_cameras, wt_check_window,
    wt_check_video, wt_check_files, wt_check_libraries;

#endif
