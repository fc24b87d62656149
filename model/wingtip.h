/* Wingtip: face landmarks, heatmaps and boundary maps from video frames, on the CPU.
 *
 * This is the one public header of libwingtip (it includes wt_status.h, installed beside it); it is
 * plain C and needs nothing but the C library.
 * It is for: opening a weights file, tracking faces through a sequence of frames, and reading
 * points, heatmaps, boundary map and confidence of every face. It deliberately is not: a camera,
 * a window, a recorder or a trainer.
 *
 * Coordinates: pixel centres are at integers, origin at the top left pixel, x right, y down.
 * Colour: 8 bits a channel. Times: microseconds of the caller's clock.
 *
 * Errors: functions that can fail return enum wt_status; the reason is reported once, as one line,
 * through the log callback (wt_set_log; standard error by default). Out parameters are untouched
 * on failure unless said otherwise.
 *
 * Threads: a wt_model may be shared by several trackers of one thread; a wt_model, and everything
 * made from it, must be used by one thread at a time. Different models are independent.
 * The library runs its own worker threads inside a call; none outlives the call's work.
 */
#ifndef WINGTIP_H
#define WINGTIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wt_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Version of the library, "major.minor.patch". */
const char *wt_version(void);

/* ---- pictures ------------------------------------------------------------------------------ */

enum wt_pixel { WT_PIXEL_BGR24, WT_PIXEL_RGB24, WT_PIXEL_GRAY8 };

struct wt_image {
    const uint8_t *data;
    int width, height; /* 1..16384 */
    ptrdiff_t stride;  /* bytes from a row to the next */
    enum wt_pixel format;
};

struct wt_point {
    float x, y;
};

/* x' = m[0] x + m[1] y + m[2],  y' = m[3] x + m[4] y + m[5] */
struct wt_affine {
    float m[6];
};

/* ---- model --------------------------------------------------------------------------------- */

struct wt_model;

enum wt_precision {
    WT_PRECISION_AUTO, /* the fastest whose accuracy holds: int8 for calibrated weights on CPUs
                          that multiply bytes fast, else bf16 with AMX, else f32 */
    WT_PRECISION_F32,
    WT_PRECISION_BF16, /* products of bfloat16, sums in float32; slow on CPUs without AVX512-BF16 */
    WT_PRECISION_INT8, /* products of bytes, for calibrated weights (wingtip model quantize); slow
                          on CPUs without AVX-VNNI, AVX-512 VNNI or AMX */
};

struct wt_model_options {
    int threads; /* worker threads, 1..64; 0: one per physical core */
    int batch;   /* most faces in one forward pass, 1..16; 0: 1 */
    enum wt_precision precision;
    const char *cpu_mask; /* highest instruction set: "c", "blas", "sse2", "avx2", "avxvnni",
                           "avx512", "avx512vnni", "avx512bf16", "amx"; on arm64 "c", "blas",
                           "neon", "dotprod", "i8mm"; NULL: best */
};

struct wt_model_info {
    int stacks, width, points;
    int input_size;         /* side of the square crop, pixels: 128, 192 or 256 */
    int map_size;           /* side of a heatmap: a quarter of it */
    float crop_factor;      /* crop side / mean side of the points' bounding box */
    int64_t parameters;     /* learned numbers */
    const char *path;       /* file it came from */
    const char *name;       /* from the file's metadata; "" if not stated, as the next two */
    const char *licence;    /* what the weights may be used for */
    const char *trained_on; /* training data */
    const char *kernels;    /* instruction set in use: "c", "sse2", "avx2", ... */
    const char *precision;  /* arithmetic in use: "f32", "bf16", "int8" */
    int threads;
};

/* Opens a weights file (safetensors). options may be NULL: all defaults. The file is read whole
 * and closed. Errors: IO, FORMAT, UNSUPPORTED, MEMORY, ARGUMENT. */
enum wt_status wt_model_open(struct wt_model **out, const char *path,
                             const struct wt_model_options *options);

/* NULL-safe; sets *model to NULL. Trackers made from it must be destroyed first. */
void wt_model_close(struct wt_model **model);

/* Strings live as long as the model. NULL: all zeros. */
struct wt_model_info wt_model_describe(const struct wt_model *model);

/* ---- tracking ------------------------------------------------------------------------------ */

#define WT_POINTS_MAX 128
#define WT_FACES_MAX 32

/* How wide a heatmap's peak is, as an ellipse of one standard deviation. A network that is sure
 * gives what it was taught: a circle of 1.75 cells (7 pixels of the crop); a point that may lie
 * anywhere along an edge gives a long one along it. */
struct wt_ellipse {
    float major, minor; /* half axes, pixels; major >= minor >= 0 */
    float angle;        /* of the major one, radians from x to y, -pi/2..pi/2 */
};

struct wt_face {
    uint32_t id;      /* stable while the face is followed, and for a second after it went out of
                         sight; 1.. ; never used again after that. Another person in the same place,
                         as after a cut, has another one */
    float confidence; /* 0..1: mean over the points */
    int points;       /* as in wt_model_info, like the next two */
    int input_size, map_size;
    struct wt_point point[WT_POINTS_MAX];           /* frame pixels, smoothed if asked for */
    float point_confidence[WT_POINTS_MAX];          /* 0..1, from the heatmap's peak */
    struct wt_ellipse point_ellipse[WT_POINTS_MAX]; /* in the frame, not smoothed */
    struct wt_affine frame_to_crop; /* frame pixels -> crop pixels, input_size a side */
    const float *maps; /* [points + 1][map_size][map_size], last one the boundary map; NULL if not
                        * asked for. Map cell (row i, column j) has its centre at crop pixel
                        * (4 j + 1.5, 4 i + 1.5). Owned by the result. */
};

struct wt_result {
    int faces;
    struct wt_face face[WT_FACES_MAX];      /* in order of id */
    double detect_ms, forward_ms, total_ms; /* spent on this frame; detect_ms 0: not run; in the
                                               background: of the search that has just ended */
    bool detector_ran;
    int unfollowed;      /* faces that the last search saw beyond max_faces, as far as it looked */
    float *storage;      /* private: backs the maps */
    size_t storage_size; /* private */
};

struct wt_tracker;

struct wt_tracker_options {
    int max_faces;        /* 1..WT_FACES_MAX; 0: 1 */
    const char *detector; /* "haar" or NULL: OpenCV's cascades; else the path of a detector's
                             weights */
    float min_confidence; /* a face below it is lost, 0..1; 0: 0.35 */
    float search_every;   /* seconds in which a new face is found, by the frames' times, at any
                             rate; 0: 0.3 */
    bool smooth;          /* One Euro filters over time: head, points (off: raw) */
    bool maps;            /* fill wt_face.maps */
    bool background; /* search for faces on a thread of the tracker's own, so that no call waits
                        for the detector: for live pictures. A new face then appears some frames
                        later (the first frame, also after a reset, is searched at once), and runs
                        are not repeatable. Fixed when the tracker is made. */
    int stacks;      /* use the first n stacks only; 0: all */
    float smooth_strength; /* relative to the usual: 2 is twice as smooth, and lags more; 0: 1 */
};

/* options may be NULL: all defaults (no smoothing, no maps). The model must outlive the tracker.
 * Errors: ARGUMENT, IO (detector's data files), MEMORY. */
enum wt_status wt_tracker_create(struct wt_tracker **out, struct wt_model *model,
                                 const struct wt_tracker_options *options);
void wt_tracker_destroy(struct wt_tracker **tracker);

/* Changes options from the next frame on; detector and background cannot be changed. Errors:
 * ARGUMENT; then nothing is changed. */
enum wt_status wt_tracker_configure(struct wt_tracker *tracker,
                                    const struct wt_tracker_options *options);

/* Forgets all faces (a cut, another input). Ids go on counting. NULL-safe. */
void wt_tracker_reset(struct wt_tracker *tracker);

/* Finds or follows faces in the next frame. time_us: capture time, not decreasing. *result must
 * have been zeroed before its first use (struct wt_result r = {0}); it is overwritten and its
 * storage reused. Errors: ARGUMENT (no tracker or result, image), MEMORY; then result->faces is 0.
 */
enum wt_status wt_tracker_track(struct wt_tracker *tracker, const struct wt_image *image,
                                int64_t time_us, struct wt_result *result);

/* Frees what the result owns and zeroes it. NULL-safe. */
void wt_result_fini(struct wt_result *result);

/* ---- schemes ------------------------------------------------------------------------------- */

/* Converts points between annotation schemes: 98 -> 68, 98 -> 29, or n -> n (a copy).
 * to: room for `to_points` points. Errors: UNSUPPORTED pair, ARGUMENT (no points); nothing is
 * logged. */
enum wt_status wt_points_convert(const struct wt_point *from, int from_points, struct wt_point *to,
                                 int to_points);

#ifdef __cplusplus
}
#endif
#endif
