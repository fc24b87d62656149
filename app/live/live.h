/* The live pipeline: a thread that reads the source, a thread that tracks and feeds the recorder,
 * and mailboxes between them and the caller. It draws nothing and does not depend on the window.
 *
 *   source --mailbox--> tracker --mailbox--> wt_live_take
 *                          +--> recorder
 *
 * All functions are for one thread, the caller's. A file plays at its own frame rate; if tracking
 * is slower, frames are left out. Settings and requests take effect at the next frame. */
#ifndef WT_APP_LIVE_H
#define WT_APP_LIVE_H

#include "base/paths.h"
#include "draw/view.h"
#include "face/offset.h"
#include "input/source.h"
#include "record/recorder.h"
#include "session/session.h"
#include "stream/stream.h"
#include "track/probe.h"

struct wt_live;

/* A tracked frame. The caller of wt_live_take owns it until wt_tracked_frame_release. */
struct wt_tracked_frame {
    struct wt_frame *frame;
    struct wt_result result;
    int64_t captured_us;     /* of wt_now_us: when it was to be seen; 0: tracked again, later */
    struct wt_result before; /* of the network that is compared with; see wt_live_compare */
    bool compared;           /* before says something */
    struct wt_probe *probe;  /* of the face that was asked for; see wt_live_probe; NULL: none */
    struct wt_live *live;    /* private */
    struct wt_tracked_frame *next; /* private */
};

struct wt_live_settings {
    struct wt_view view;     /* what a recording shows */
    int faces;               /* most faces, 1..WT_FACES_MAX */
    float search_every;      /* as in wt_tracker_options */
    int stacks;              /* of the network to use, 0: all */
    float smoothing;         /* strength relative to the usual, 0: none */
    double rate;             /* most frames a second that are tracked, and held; 0: the input's */
    double share;            /* most of all processors' time for the program, 0..1; 0: no limit */
    bool threads_fixed;      /* all threads of the model, always; else as few as do */
    struct wt_path detector; /* as in wt_tracker_options; "": the tracker's own choice */
    struct wt_session *session; /* of wt_live_start alone: taken over; faces are then searched for
                                   by the tracking thread, so that the same frames give the same.
                                   NULL: none */
};

#define WT_LIVE_PATH 4096
#define WT_LIVE_MICROPHONE 160

/* A recording that is asked for. */
struct wt_live_recording {
    struct wt_path path; /* no file is replaced: NAME-2.ENDING, ... where it is taken */
    struct wt_path stem; /* see wt_new_file_open_numbered; "": none */
    enum wt_record_content content;
    bool no_audio;                       /* leaves the sound of the input out */
    char microphone[WT_LIVE_MICROPHONE]; /* that is heard as well (input/microphone.h); "": none */
    bool lossless, hardware, results;    /* see struct wt_recorder_options */
};

struct wt_live_status {
    struct wt_source_info source;
    bool lost;  /* the camera is gone; it is being tried again */
    bool dark;  /* the camera sends black pictures */
    bool ended; /* the input has been shown to its end, and nothing else is asked for */
    bool paused;
    bool loop;
    int64_t place_us, duration_us; /* within the input; its length, -1: unknown or none */
    uint64_t tracked;              /* frames, since the start */
    /* of this input: read; read, but replaced by a newer one before tracking */
    uint64_t frames, left_out;
    unsigned asked; /* number of the newest request of wt_live_open that was dealt with; 0: none */
    bool asked_fails; /* it failed */
    double rate;      /* tracked frames a second */
    bool recording;
    bool record_waits;               /* a recording is to begin: see wt_live_record */
    bool record_wanted;              /* as asked for last: at once, whatever is still going on */
    struct wt_recorder_stats record; /* of the current recording */
    const struct wt_model *model;    /* in use; see wt_live_take_retired */
    int threads;                     /* of the network that work now */
    int eased_stacks, eased_faces;   /* what the governor took instead of the settings; 0: those */
    double load, share; /* tracking within a frame's time; the program's of all processors: of the
                           last second or so, 0: not yet known */
};

/* Takes ownership of source and model on success; nobody else uses them meanwhile. Errors: those of
 * wt_tracker_create; MEMORY. */
enum wt_status wt_live_start(struct wt_live **out, struct wt_source *source, struct wt_model *model,
                             const struct wt_live_settings *settings);
/* Finishes a recording, joins, frees; all tracked frames must have been released. Returns the first
 * failure since the start that has lost something: of a recording, of reading, of tracking; each
 * was logged. NULL-safe; sets NULL. */
enum wt_status wt_live_stop(struct wt_live **live);

/* The newest tracked frame, or NULL: none since the last call. Never waits. */
struct wt_tracked_frame *wt_live_take(struct wt_live *live);
/* NULL-safe; sets NULL. */
void wt_tracked_frame_release(struct wt_tracked_frame **tracked);

/* news: called on the chain's threads when there is a frame to take or the status has changed in a
 * way that shows; must not call back. NULL: none, the default. */
void wt_live_set_news(struct wt_live *live, void (*news)(void *user), void *user);

/* A frame that was just tracked, shown to a watcher on the tracking thread, which waits meanwhile:
 * tracker and model may be used during the call. */
struct wt_live_sight {
    struct wt_tracker *tracker;
    struct wt_model *model;
    int stacks; /* in use, 0: all */
    struct wt_frame *frame;
    const struct wt_result *result;
};

/* From the next frame on, each once; not frames that are tracked again with other settings. user
 * must live until wt_live_stop has returned. NULL: none, the default. */
void wt_live_set_watch(struct wt_live *live,
                       void (*watch)(void *user, const struct wt_live_sight *sight), void *user);

/* From the next frame on each frame has a probe of that face, of those channels (track/probe.h); id
 * 0: none, the default. A frame that stands is tracked again. */
void wt_live_probe(struct wt_live *live, uint32_t id, const int *channel, int channels);
/* From the next frame on; NULL: none. Takes a reference. */
void wt_live_set_offset(struct wt_live *live, struct wt_offset *offset);
void wt_live_configure(struct wt_live *live, const struct wt_live_settings *settings);
struct wt_live_status wt_live_get_status(struct wt_live *live);

/* Resuming after the end of the input plays it again. */
void wt_live_pause(struct wt_live *live, bool paused);
/* Pauses, and lets one frame through. */
void wt_live_step(struct wt_live *live);
/* Jumps by so much; not for cameras, and not while a recording runs. */
void wt_live_jump(struct wt_live *live, int64_t by_us);
/* Jumps to a time within the input; under the same conditions. */
void wt_live_seek(struct wt_live *live, int64_t time_us);
void wt_live_set_loop(struct wt_live *live, bool loop);
/* Opens another input; if that fails (which is logged), the current one stays. Ends a recording
 * that runs, and gives up jumps that were still to come; what is asked for later is of the new
 * input. Returns the request's number, see wt_live_status; a newer request may overtake it. */
unsigned wt_live_open(struct wt_live *live, const struct wt_source_spec *spec);

/* Tracks with another model from the next frame on; takes it over. The old one, or this one where
 * no tracker can be made of it (which is logged), is handed back by wt_live_take_retired. */
void wt_live_use_model(struct wt_live *live, struct wt_model *model);
/* on: each frame goes through `model`, too, without an offset, and its result is the frame's
 * `before`; NULL: through the model in use. Takes the model over, and closes it when it is not
 * needed any more. Recordings show what they show without. Where no tracker can be made of it,
 * which is logged, nothing is compared. */
void wt_live_compare(struct wt_live *live, bool on, struct wt_model *model);
/* A model that is not in use any more, for the caller to close once nothing of wt_model_describe is
 * in use either; NULL: none. Call it before wt_live_get_status: then the status's model lives at
 * least until the next call. */
struct wt_model *wt_live_take_retired(struct wt_live *live);

/* Streams for other programs, one output each. */
enum wt_live_stream {
    WT_LIVE_OSF,
    WT_LIVE_VMC,
    WT_LIVE_CAMERA,
    WT_LIVE_LINES,
    WT_LIVE_STREAMS,
};
/* From the next frame on; target: address, device or file, NULL or "": none. points: of the lines.
 * Ends what went there before, which may take a moment, but not of the tracking. Errors: those of
 * wt_streams_open; then there is none. */
enum wt_status wt_live_stream(struct wt_live *live, enum wt_live_stream which, const char *target,
                              int points);

/* Starts a recording with the next frame, but not before the jumps and the other input that have
 * been asked for are there; or NULL: ends it. Outcomes are notices. must: not to have recorded a
 * frame is a failure. */
void wt_live_record(struct wt_live *live, const struct wt_live_recording *recording, bool must);

#endif
