#include "config/prefs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "cli/input_options.h"
#include "cli/nearest.h"
#include "cli/options_table.h"
#include "stream/stream.h"

static const char *const show_words[] = {"landmarks", "heatmaps", "boundary", "boxes",
                                         "ellipses",  "axes",     "none",     NULL};
static const char *const mirror_words[] = {"auto", "yes", "no", NULL};
static const char *const status_words[] = {"full", "line", "off", NULL};
static const char *const theme_words[] = {"dark", "light", NULL};

static const char *const record_words[] = {"annotated", "raw", "both",
                                           NULL}; /* enum wt_record_content */

#define AT(field) offsetof(struct wt_prefs, field)
const struct wt_option wt_prefs_table[] = {
    {WT_OPTION_STRING, "--camera", 'c', AT(camera), "N|NAME", WT_OPTION_CAMERA_HELP, .kept = true},
    {WT_OPTION_SIZE, "--camera-size", 0, AT(camera_size), "WxH",
     "size to ask the camera for; default: 16:9, near 1280x720, at 24 frames a second or more", 16,
     8192, .kept = true},
    {WT_OPTION_REAL, "--fps", 0, AT(fps), "F",
     "camera: requested frame rate; pictures: frames a second; 0: the camera's own, or 30", 0, 1000,
     .kept = true},
    {WT_OPTION_FLAG, "--loop", 0, AT(loop), NULL, "start again at the end of the input",
     .kept = true},
    {WT_OPTION_STRING, "--screenshots", 0, AT(screenshots), "DIR",
     "folder for screenshots and recordings; default: the current one, and the videos folder",
     .kept = true},
    {WT_OPTION_CHOICE, "--record-what", 0, AT(record_content), NULL,
     "what recordings show: the picture with what is drawn on it, as it came, or both in two files",
     .choices = record_words, .kept = true},
    {WT_OPTION_FLAG, "--record-lossless", 0, AT(record_lossless), NULL,
     "record with FFV1, which keeps every pixel, instead of H.264", .kept = true},
    {WT_OPTION_FLAG, "--record-hardware", 0, AT(record_hardware), NULL,
     "record with a graphics card's encoder, where there is one", .kept = true},
    {WT_OPTION_FLAG, "--record-results", 0, AT(record_results), NULL,
     "beside each recording the points and confidences as JSON lines, with its time stamps",
     .kept = true},
    {WT_OPTION_FLAG, "--no-audio", 0, AT(no_audio), NULL,
     "leave the input's sound out of recordings", .kept = true},
    {WT_OPTION_STRING, "--microphone", 0, AT(microphone), "NAME",
     "record its sound as well: part of a microphone's name, or default", .kept = true},
    {WT_OPTION_STRING, "--profile", 0, AT(profile), "NAME", WT_PROFILE_HELP, .kept = true},
    {WT_OPTION_STRING, "--osf-udp", 0, AT(osf), "HOST:PORT", WT_STREAM_OSF_HELP, .kept = true},
    {WT_OPTION_STRING, "--vmc", 0, AT(vmc), "HOST:PORT", WT_STREAM_VMC_HELP, .kept = true},
    {WT_OPTION_STRING, "--virtual-camera", 0, AT(virtual_camera), "DEVICE", WT_STREAM_CAMERA_HELP,
     .kept = true},
    {WT_OPTION_FLAG, "--hard-frames", 0, AT(hard_frames), NULL,
     "look for frames worth a correction, at a twentieth of the time at most", .kept = true},
    {WT_OPTION_FLAG, "--keep-hard-frames", 0, AT(keep_hard_frames), NULL,
     "write them to a folder beside that of the profiles when the window closes", .kept = true},
    {WT_OPTION_INT, "--faces", 0, AT(faces), "N", "maximum number of faces to track", 1,
     WT_FACES_MAX, .kept = true},
    {WT_OPTION_REAL, "--search-every", 0, AT(search_every), "S", WT_SEARCH_EVERY_HELP, 0, 3600,
     .kept = true},
    {WT_OPTION_INT, "--stacks", 0, AT(stacks), "N", "stacks of the network to use, 0: all", 0, 16,
     .kept = true},
    {WT_OPTION_REAL, "--smoothing", 0, AT(smoothing), "S",
     "how much points are smoothed over time, 0 to 1; 0: not at all", 0, 1, .kept = true},
    {WT_OPTION_REAL, "--hold-rate", 0, AT(rate), "F",
     "track at most F frames a second, and hold that with fewer stacks and faces where it is "
     "needed; 0: every frame that there is time for",
     0, 240, .kept = true},
    {WT_OPTION_REAL, "--cpu-share", 0, AT(share), "P",
     "take at most P per cent of all processors, with fewer threads, stacks and faces; 0: no limit",
     0, 100, .kept = true},
    {WT_OPTION_WORDS, "--show", 0, AT(show), "LIST",
     "what to show, separated by commas: landmarks, heatmaps, boundary, boxes, "
     "ellipses, axes, none",
     .choices = show_words, .kept = true},
    {WT_OPTION_REAL, "--heatmap-opacity", 0, AT(heatmap_opacity), "A",
     "how opaque heatmaps are, 0.05 to 1", 0.05, 1, .kept = true},
    {WT_OPTION_CHOICE, "--heatmap-palette", 0, AT(heatmap_palette), NULL, "their colours",
     .choices = wt_palette_names, .kept = true},
    {WT_OPTION_REAL, "--boundary-opacity", 0, AT(boundary_opacity), "A",
     "how opaque the boundary is, 0.05 to 1", 0.05, 1, .kept = true},
    {WT_OPTION_CHOICE, "--boundary-palette", 0, AT(boundary_palette), NULL, "its colours",
     .choices = wt_palette_names, .kept = true},
    {WT_OPTION_CHOICE, "--mirror", 0, AT(mirror), NULL, "left-right; auto: cameras only",
     .choices = mirror_words, .kept = true},
    {WT_OPTION_CHOICE, "--status", 0, AT(status), NULL, "how much the status says",
     .choices = status_words, .kept = true},
    {WT_OPTION_CHOICE, "--theme", 0, AT(theme), NULL, "colours of panel and status",
     .choices = theme_words, .kept = true},
    {WT_OPTION_FLAG, "--legend", 0, AT(legend), NULL,
     "say in a corner of the picture what its colours mean", .kept = true},
    {WT_OPTION_REAL, "--text-size", 0, AT(text_size), "F",
     "size of text, relative to the screen's own", 0.5, 3, .kept = true},
    {WT_OPTION_SIZE, "--size", 0, AT(size), "WxH", "size of the window", 64, 16384, .kept = true},
    {WT_OPTION_FLAG, "--fullscreen", 'f', AT(fullscreen), NULL, "start in full screen",
     .kept = true},
    {WT_OPTION_FLAG, "--hints", 0, AT(hints), NULL, "say which keys show help and panel",
     .kept = true},
    {.name = NULL},
};
#undef AT

void wt_prefs_defaults(struct wt_prefs *prefs)
{
    prefs->show = WT_SHOW_LANDMARKS;
    prefs->heatmap_opacity = 0.45; /* WT_HEAT_OPACITY and WT_OPACITY, as people write them */
    prefs->boundary_opacity = 0.85;
    prefs->faces = 4;
    prefs->smoothing = WT_SMOOTHING_USUAL;
    prefs->text_size = 1.0;
    prefs->hints = true;
    prefs->hard_frames = true;
}

/* The n-th setting of both tables; NULL: there are fewer. */
static const struct wt_option *setting(int n)
{
    const struct wt_option *const tables[] = {wt_prefs_table, wt_common_table};
    for (int t = 0; t < 2; t++)
        for (const struct wt_option *o = tables[t]; o->name; o++)
            if (o->kept && n-- == 0)
                return o;
    return NULL;
}

static const char *key_of(const struct wt_option *o)
{
    return o->name + 2; /* without the dashes */
}

static const struct wt_option *find(const char *key)
{
    const struct wt_option *o;
    for (int i = 0; (o = setting(i)); i++)
        if (strcmp(key_of(o), key) == 0)
            return o;
    return NULL;
}

static void warn_unknown(const char *file, const struct wt_config_entry *e)
{
    struct wt_nearest nearest;
    const struct wt_option *o;
    wt_nearest_start(&nearest, e->key);
    for (int i = 0; (o = setting(i)); i++)
        wt_nearest_offer(&nearest, key_of(o));
    if (nearest.best)
        wt_log(WT_LOG_WARN, "%s:%d: %.60s: unknown key; did you mean %s?", file, e->line, e->key,
               nearest.best);
    else
        wt_log(WT_LOG_WARN, "%s:%d: %.60s: unknown key", file, e->line, e->key);
}

/* What no parser knows: is it there? Only the file's values are asked, so that a run does not end
 * because a file that was used once has gone. */
static bool usable(const struct wt_option *o, const char *value, char *why, size_t size)
{
    struct wt_path path;
    if (strcmp(o->name, "--model") != 0 || !wt_weights_path(value, path.text, sizeof path.text) ||
        access(path.text, R_OK) == 0)
        return true;
    snprintf(why, size, "%.200s: no such weights", value);
    return false;
}

void wt_prefs_read(struct wt_prefs *prefs, struct wt_config *config, const char *section,
                   const struct wt_options *options)
{
    struct wt_config_entry e;
    const char *file = wt_config_path(config);
    for (int n = 0; wt_config_entry(config, section, n, &e); n++) {
        const struct wt_option *o = find(e.key);
        char why[512];
        if (!o) {
            warn_unknown(file, &e);
            continue;
        }
        if (options && wt_options_given(options, o))
            continue;
        const char *value = wt_config_keep(config, e.value);
        if (value && (!usable(o, value, why, sizeof why) ||
                      !wt_option_set(o, prefs, value, why, sizeof why)))
            wt_log(WT_LOG_WARN, "%s:%d: %s: %s", file, e.line, e.key, why);
    }
}

/* Of the window or the program itself: no part of a preset. */
static bool of_the_window(const struct wt_option *o)
{
    return strcmp(o->name, "--size") == 0 || strcmp(o->name, "--hints") == 0;
}

enum wt_status wt_prefs_write(const struct wt_prefs *now, const struct wt_prefs *before,
                              struct wt_config *config, const char *section)
{
    const struct wt_option *o;
    enum wt_status status = WT_OK;
    for (int i = 0; (o = setting(i)) && !status; i++) {
        char value[PATH_MAX], old[PATH_MAX] = "";
        wt_option_print(o, now, value, sizeof value);
        if (before)
            wt_option_print(o, before, old, sizeof old);
        if (strcmp(value, old) == 0 || (!before && of_the_window(o)))
            continue;
        status = wt_config_set(config, section, key_of(o), value);
        if (status == WT_ERR_FORMAT) {
            wt_log(WT_LOG_WARN, "%s: \"%.60s\" cannot be remembered", key_of(o), value);
            status = WT_OK;
        }
    }
    return status;
}

float wt_prefs_smooth_strength(const struct wt_prefs *prefs)
{
    /* Usual in the middle; the ends are a sixth and six times as strong. */
    return prefs->smoothing > 0.0
               ? powf(6.0f, 2.0f * (float)(prefs->smoothing - WT_SMOOTHING_USUAL))
               : 0.0f;
}

double wt_prefs_smoothing_of(float strength)
{
    if (!(strength > 0))
        return 0;
    const double s = WT_SMOOTHING_USUAL + log((double)strength) / (2 * log(6.0));
    return fmin(1, fmax(0.01, round(100 * s) / 100));
}

struct wt_view wt_prefs_view(const struct wt_prefs *prefs)
{
    return (struct wt_view){
        .landmarks = prefs->show & WT_SHOW_LANDMARKS,
        .heatmaps = prefs->show & WT_SHOW_HEATMAPS,
        .boundary = prefs->show & WT_SHOW_BOUNDARY,
        .boxes = prefs->show & WT_SHOW_BOXES,
        .ellipses = prefs->show & WT_SHOW_ELLIPSES,
        .axes = prefs->show & WT_SHOW_AXES,
        .heatmap_opacity = (float)prefs->heatmap_opacity,
        .boundary_opacity = (float)prefs->boundary_opacity,
        .heatmap_palette = (enum wt_palette)prefs->heatmap_palette,
        .boundary_palette = (enum wt_palette)prefs->boundary_palette,
        .points = wt_common_points(&prefs->common),
    };
}
