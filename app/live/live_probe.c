/* What the network gives for one face, in every stack, beside the result. */
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "live/live_internal.h"

/* ---- main thread --------------------------------------------------------------------------- */

void wt_live_probe(struct wt_live *live, uint32_t id, const int *channel, int channels)
{
    channels = channels < WT_PROBE_CHANNELS ? channels : WT_PROBE_CHANNELS;
    pthread_mutex_lock(&live->lock);
    live->probe_id = id;
    live->probe_channels = id ? channels : 0;
    for (int i = 0; i < live->probe_channels; i++)
        live->probe_channel[i] = channel[i];
    live->probe_version++;
    pthread_mutex_unlock(&live->lock);
}

/* ---- track thread -------------------------------------------------------------------------- */

/* Frames are used again: their probes go with the first one that needs none. */
void wt_live_probe_frame(struct wt_live *live, struct wt_tracked_frame *tracked)
{
    pthread_mutex_lock(&live->lock);
    const uint32_t id = live->probe_id;
    const int channels = live->probe_channels;
    int channel[WT_PROBE_CHANNELS];
    memcpy(channel, live->probe_channel, sizeof channel);
    pthread_mutex_unlock(&live->lock);
    if (!id) {
        free(tracked->probe);
        tracked->probe = NULL;
    } else if (!tracked->probe) {
        tracked->probe = calloc(1, sizeof *tracked->probe);
        if (!tracked->probe) /* this frame goes without */
            wt_fail(WT_ERR_MEMORY, "out of memory for the microscope");
    }
    if (tracked->probe) {
        tracked->probe->id = id;
        tracked->probe->channels = channels;
        memcpy(tracked->probe->channel, channel, sizeof channel);
    }
    wt_tracker_set_probe(live->tracker, tracked->probe);
}
