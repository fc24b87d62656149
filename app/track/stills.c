#include "track/stills.h"

#include <omp.h>
#include <stdlib.h>

#include "base/status.h"
#include "cli/interrupt.h"

/* Pictures of a window: more keep the threads evenly busy, fewer need less memory. */
#define PER_THREAD 4

enum wt_status wt_stills_init(struct wt_stills *stills, const struct wt_model *model,
                              const struct wt_tracker_options *options)
{
    *stills = (struct wt_stills){.count = 0};
    enum wt_status status = wt_twins_init(&stills->twins, model, options);
    if (status)
        return status;
    stills->room = PER_THREAD * stills->twins.count;
    stills->still = calloc((size_t)stills->room, sizeof *stills->still);
    return stills->still ? WT_OK
                         : wt_fail(WT_ERR_MEMORY, "out of memory for %d pictures", stills->room);
}

void wt_stills_fini(struct wt_stills *stills)
{
    wt_stills_clear(stills);
    for (int i = 0; stills->still && i < stills->room; i++)
        wt_result_fini(&stills->still[i].result);
    free(stills->still);
    wt_twins_fini(&stills->twins);
    *stills = (struct wt_stills){.count = 0};
}

bool wt_stills_add(struct wt_stills *stills, struct wt_frame *frame)
{
    struct wt_still *still = &stills->still[stills->count++];
    still->frame = frame;
    still->done = false;
    return stills->count < stills->room;
}

void wt_stills_clear(struct wt_stills *stills)
{
    for (int i = 0; i < stills->count; i++)
        wt_frame_unref(&stills->still[i].frame);
    stills->count = 0;
}

static void track(struct wt_tracker *tracker, struct wt_still *still)
{
    wt_tracker_reset(tracker);
    still->status =
        wt_tracker_track(tracker, &still->frame->image, still->frame->time_us, &still->result);
    still->done = true;
}

/* Measured against one picture after the other, each on all threads: 2 threads, AMD EPYC under
 * other load, 23 pairs of runs of `track --stills --csv`. Median ratio of wall times 0.95 (16 pairs
 * of 100 pictures of 288 x 288) and 0.96 (7 pairs of 60 photographs), below 1 in 16 of the 23; the
 * user time is the same. It takes more memory: 427 MB instead of 228, and 590 instead of 275. */
void wt_stills_track(struct wt_stills *stills)
{
#pragma omp parallel num_threads(stills->twins.count)
    {
        const enum wt_log_level level = wt_fail_level(WT_LOG_DEBUG);
        struct wt_tracker *tracker = stills->twins.tracker[omp_get_thread_num()];
#pragma omp for schedule(monotonic : dynamic)
        for (int i = 0; i < stills->count; i++)
            if (!wt_interrupted())
                track(tracker, &stills->still[i]);
        wt_fail_level(level);
    }
}

enum wt_status wt_stills_check(struct wt_stills *stills, struct wt_still *still)
{
    if (still->status)
        track(stills->twins.tracker[0], still);
    return still->status;
}
