/* What both fuzz targets check: a parser takes the bytes, or refuses them in exactly one line. */
#ifndef WT_TESTS_FUZZ_H
#define WT_TESTS_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "weights/weights.h"

/* libFuzzer's entry; replay.c calls it too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_count_line(void *user, enum wt_log_level level, const char *line)
{
    *(int *)user += level == WT_LOG_ERROR && !strchr(line, '\n');
}

static inline void fuzz_parse(enum wt_status (*parse)(struct wt_weights **, const void *, size_t,
                                                      const char *),
                              const uint8_t *data, size_t size)
{
    struct wt_weights *w = NULL;
    int lines = 0;
    wt_set_log(fuzz_count_line, &lines, WT_LOG_ERROR);
    enum wt_status status = parse(&w, data, size, "input");
    if (lines != (status != WT_OK) || (status == WT_OK) != (w != NULL))
        abort();
    for (size_t i = 0; w && i < w->count; i++) {
        volatile float last; /* every tensor's memory is there to its end */
        if (!w->tensor[i].name[0] && i > 0)
            abort(); /* sorted: only the first can be empty */
        if (w->tensor[i].count)
            last = w->tensor[i].data[w->tensor[i].count - 1];
        (void)last;
    }
    wt_weights_destroy(&w);
}

#endif
