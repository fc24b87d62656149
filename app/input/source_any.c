/* The input when none is given. */
#include "base/paths.h"
#include "base/status.h"
#include "input/source.h"

/* Most cameras that are tried. */
#define CAMERAS 8

static enum wt_status open_clip(struct wt_source **out, bool loop)
{
    struct wt_path clip;
    if (!wt_asset_path(WT_ASSET_CLIP, clip.text, sizeof clip.text))
        return wt_fail(WT_ERR_IO,
                       "no camera found, and the demo clip %s is missing; give an input "
                       "with --input FILE",
                       WT_ASSET_CLIP);
    struct wt_source_spec spec = {.input = clip.text, .loop = loop};
    return wt_source_open(out, &spec);
}

enum wt_status wt_source_open_any(struct wt_source **out, const struct wt_source_spec *wanted,
                                  bool loop_clip, const char **note)
{
    struct wt_source_spec spec = *wanted;
    struct wt_camera_info camera[CAMERAS];
    if (spec.camera || spec.input)
        return wt_source_open(out, &spec);
    const int count = wt_camera_list(camera, CAMERAS);
    for (int i = 0; i < count; i++) { /* why one cannot be used is logged */
        spec.camera = camera[i].path;
        const enum wt_status status = wt_source_open(out, &spec);
        if (!status || status == WT_ERR_MEMORY)
            return status;
    }
    if (count > 1) {
        *note = "no camera can be used: demo clip";
    } else if (count == 1) {
        *note = "the camera cannot be used: demo clip";
    } else {
        wt_log(WT_LOG_INFO, "no camera found: the demo clip is shown");
        *note = "no camera found: demo clip";
    }
    return open_clip(out, loop_clip);
}
