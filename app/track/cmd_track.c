/* `wingtip track`: options and their checks. */
#include <stdio.h>
#include <string.h>

#include "base/outputs.h"
#include "base/status.h"
#include "teach/profile.h"
#include "track/track.h"

#define AT(field) offsetof(struct wt_track_settings, field)
static const struct wt_option options[] = {
    {WT_OPTION_POSITIONAL, "INPUT", 0, AT(input), NULL,
     "video, picture, folder of pictures, pattern (\"img_%04d.png\", \"*.jpg\"), or - for raw BGR "
     "frames on standard input",
     .required = true},
    {WT_OPTION_STRING, "--output", 'o', AT(output), "FILE",
     "annotated video (.mkv, .mp4); for one picture also a picture (.png, .jpg)"},
    {WT_OPTION_FLAG, "--no-audio", 0, AT(no_audio), NULL, WT_NO_AUDIO_HELP},
    {WT_OPTION_STRING, "--csv", 0, AT(csv), "FILE",
     "points with OpenFace's column names; - is standard output"},
    {WT_OPTION_FLAG, "--openface-exact", 0, AT(openface), NULL,
     "--csv with a blank behind each comma and zeros where there is no face, as OpenFace writes "
     "them"},
    {WT_OPTION_FLAG, "--csv-ellipses", 0, AT(csv_ellipses), NULL,
     "--csv with three more columns a point: half axes and angle of its ellipse"},
    {WT_OPTION_STRING, "--jsonl", 0, AT(jsonl), "FILE",
     "points and confidences, one JSON object for each frame; - is standard output"},
    {WT_OPTION_STRING, "--osf-udp", 0, AT(streams.osf), "HOST:PORT", WT_STREAM_OSF_HELP},
    {WT_OPTION_STRING, "--vmc", 0, AT(streams.vmc), "HOST:PORT", WT_STREAM_VMC_HELP},
    {WT_OPTION_STRING, "--virtual-camera", 0, AT(streams.camera), "DEVICE", WT_STREAM_CAMERA_HELP},
    {WT_OPTION_STRING, "--profile", 0, AT(profile), "NAME", WT_PROFILE_HELP},
    {WT_OPTION_STRING, "--profiles", 0, AT(profiles), "DIR", WT_PROFILES_HELP},
    {WT_OPTION_FLAG, "--heatmaps", 0, AT(heatmaps), NULL, "draw the points' heatmaps"},
    {WT_OPTION_FLAG, "--boundary", 0, AT(boundary), NULL, "draw the boundary map"},
    {WT_OPTION_FLAG, "--boxes", 0, AT(boxes), NULL, "draw the crops with id and confidence"},
    {WT_OPTION_FLAG, "--ellipses", 0, AT(ellipses), NULL,
     "draw how wide each point's heatmap is: an ellipse of half a standard deviation"},
    {WT_OPTION_FLAG, "--axes", 0, AT(axes), NULL, "draw the axes of the head"},
    {WT_OPTION_FLAG, "--no-landmarks", 0, AT(bare), NULL, "do not draw points and contours"},
    {WT_OPTION_INT, "--faces", 0, AT(faces), "N", "maximum number of faces to track", 1,
     WT_FACES_MAX},
    {WT_OPTION_REAL, "--search-every", 0, AT(search_every), "S", WT_SEARCH_EVERY_HELP, 0, 3600},
    {WT_OPTION_FLAG, "--smooth", 0, AT(smooth), NULL, "smooth points over time (the default)"},
    {WT_OPTION_FLAG, "--no-smooth", 0, AT(no_smooth), NULL, "do not smooth points over time"},
    {WT_OPTION_FLAG, "--stills", 0, AT(stills), NULL,
     "pictures are unrelated: search each for faces, number its faces from 1"},
    {WT_OPTION_FLAG, "--jitter", 0, AT(jitter), NULL,
     "write nothing, but print how much the points of a still head move from frame to frame, raw "
     "and smoothed"},
    {WT_OPTION_STRING, "--shard", 0, AT(shard_text), "I/N",
     "with --stills: only the I-th of N parts of the pictures; the parts' files one after another "
     "are the file of the whole"},
    {WT_OPTION_INT, "--stacks", 0, AT(stacks), "N", "use the first N stacks of the network, 0: all",
     0, 16},
    {WT_OPTION_STRING, "--size", 0, AT(size_text), "WxH", "size of raw frames, as in 640x480"},
    {WT_OPTION_REAL, "--fps", 0, AT(fps), "RATE", "frames a second of pictures and raw frames",
     0.01, 1000},
    {.name = NULL},
};
#undef AT

static void defaults(void *settings)
{
    struct wt_track_settings *s = settings;
    s->faces = 4;
    s->fps = 30;
}

/* No output may destroy an input or another output. */
static enum wt_status check_files(const struct wt_track_settings *s)
{
    return wt_outputs_apart(&(struct wt_outputs){
        .in = {strcmp(s->input, "-") != 0 ? s->input : NULL, s->common.model, s->common.detector},
        .out = {s->output, s->csv, s->jsonl}});
}

static enum wt_status check(struct wt_track_settings *s)
{
    char rest;
    bool raw = strcmp(s->input, "-") == 0;
    bool writes = s->output || s->csv || s->jsonl;
    const struct wt_stream_options *streams = &s->streams;
    const bool sends = streams->osf || streams->vmc || streams->camera;
    if (!writes && !sends && !s->jitter)
        return wt_fail(WT_ERR_ARGUMENT,
                       "nothing to write: give -o FILE, --csv FILE or --jsonl FILE");
    if (wt_streams_check(streams))
        return WT_ERR_ARGUMENT;
    if (s->jitter && (writes || sends || s->stills || s->smooth || s->no_smooth))
        return wt_fail(WT_ERR_ARGUMENT,
                       "--jitter measures raw and smoothed points at once, and writes nothing: not "
                       "with %s",
                       s->stills ? "--stills"
                       : writes  ? "-o, --csv or --jsonl"
                       : sends   ? "--osf-udp, --vmc or --virtual-camera"
                                 : "--smooth");
    if (!s->csv && (s->openface || s->csv_ellipses))
        return wt_fail(WT_ERR_ARGUMENT, "%s is for --csv FILE",
                       s->openface ? "--openface-exact" : "--csv-ellipses");
    if (s->output && strcmp(s->output, "-") == 0)
        return wt_fail(WT_ERR_ARGUMENT, "-o: video cannot go to standard output");
    if (s->smooth && s->no_smooth)
        return wt_fail(WT_ERR_ARGUMENT, "--smooth and --no-smooth exclude each other");
    if (s->size_text && (sscanf(s->size_text, "%5dx%5d%c", &s->width, &s->height, &rest) != 2 ||
                         s->width < 1 || s->height < 1 || s->width > 16384 || s->height > 16384))
        return wt_fail(WT_ERR_ARGUMENT, "--size: \"%s\" is not a size such as 640x480",
                       s->size_text);
    if (raw && !s->size_text)
        return wt_fail(WT_ERR_ARGUMENT, "raw frames on standard input need --size WxH");
    if (!raw && s->size_text)
        return wt_fail(WT_ERR_ARGUMENT, "--size is for raw frames on standard input only");
    if (s->shard_text && s->output)
        return wt_fail(
            WT_ERR_ARGUMENT,
            "--shard: the parts of --csv and --jsonl can be put together, not those of -o");
    if (s->shard_text && !s->stills)
        return wt_fail(
            WT_ERR_ARGUMENT,
            "--shard divides pictures that are searched one by one: give --stills (a video "
            "cannot be divided: its faces are followed from frame to frame)");
    if (s->shard_text && raw)
        return wt_fail(WT_ERR_ARGUMENT, "--shard: raw frames on standard input cannot be divided");
    const enum wt_status status = wt_shard_parse(s->shard_text, &s->shard);
    return status ? status : check_files(s);
}

static int run(void *settings)
{
    struct wt_track_settings *s = settings;
    struct wt_profile *profile = NULL;
    enum wt_status status = check(s);
    if (!status)
        status = wt_profile_choose(&profile, s->profiles, s->profile, &s->common);
    if (!status) {
        s->offset = profile ? profile->offset : NULL;
        status = wt_track_run(s);
    }
    wt_profile_close(&profile);
    return wt_exit_status(status);
}

const struct wt_command wt_command_track = {
    .name = "track",
    .summary = "Track the faces of a video or of pictures, without a window.",
    .details = "Writes an annotated video with the input's own time stamps, and the points as "
               "CSV or JSON lines. Frames are counted from 1; pixel centres are at integers, the "
               "origin is the top left pixel.",
    .option = options,
    .common = true,
    .settings_size = sizeof(struct wt_track_settings),
    .defaults = defaults,
    .run = run,
};
