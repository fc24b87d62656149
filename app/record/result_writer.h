/* Results as text files: CSV with OpenFace's column names, so that scripts made for it work, or
 * JSON lines, one object a frame. Numbers never depend on the locale. One thread.
 *
 * CSV: a header, then a row per face, and one with success 0 and empty fields for a frame without a
 * face: frame (from 1; of pictures: which of them), face_id, timestamp (seconds), confidence,
 * success, x_0.., y_0.. (pixels of the frame, centres at integers). Then measures of the face
 * (pose.h, opening.h, smile.h), each an empty field where it is unknown: pose_Tx, pose_Ty, pose_Tz
 * (mm), pose_Rx, pose_Ry, pose_Rz (radians: pitch, yaw, roll), in OpenFace's coordinates and under
 * the camera that it assumes, but of another point of the head, the middle between the outer eye
 * corners; eye_opening_left, eye_opening_right, mouth_opening, smile, mouth_width (ratios, left as
 * in the picture); eyes_shut (0 or 1), blinks (of this face_id until this frame; blink.h). Then
 * c_0.., the points' confidences (0..1), and where asked for major_0.., minor_0.. (half axes of
 * their ellipses, pixels), angle_0.. (of the major one, degrees from x to y). OpenFace itself
 * writes a blank behind each comma, which most readers take for a part of the names, and zeros
 * where there is no face: so does this with `openface`.
 *
 * JSON: {"frame":1,"time":0.0,"faces":[{"id":1,"confidence":0.9,"points":[[x,y],...],
 * "point_confidence":[...],"point_ellipse":[[major,minor,angle],...],"pose":{"pitch":0.0,"yaw":0.0,
 * "roll":0.0,"x":0.0,"y":0.0,"z":600.0},"eye_opening":[0.3,0.3],"mouth_opening":0.0,"smile":0.0,
 * "mouth_width":0.6,"eyes_shut":false,"blinks":0}]}, with degrees and mm, and null for what is
 * unknown. A face whose blink ends with this frame also has
 * "blink":{"start":0.5,"end":0.7,"eye_opening":0.05}: its times, and the smallest opening. Where
 * frames are pictures with names, CSV has a last column `picture`, and JSON has "picture" behind
 * "time"; blinks are not known there. */
#ifndef WT_APP_RESULT_WRITER_H
#define WT_APP_RESULT_WRITER_H

#include <stdio.h>

#include "draw/view.h"
#include "weights/new_file.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wt_result_format {
    WT_RESULT_CSV,
    WT_RESULT_JSONL,
    WT_RESULT_CSV_ROWS, /* without the header: to be put behind another file */
};

struct wt_result_writer;

struct wt_result_writer_options {
    enum wt_result_format format;
    int points;    /* columns of the CSV, as in wt_view.points, but not 0 */
    bool openface; /* CSV: a blank behind each comma and zeros where there is no face, exactly as
                      OpenFace writes them */
    bool ellipses; /* CSV: columns for the points' ellipses; JSON always has them */
    bool numbered; /* never replace a file: take another name (new_file.h) */
    bool early;    /* under its name from the first frame on, if it replaces no file */
    FILE *to; /* write there instead, the caller's to close; path is for messages. NULL: none */
};

/* path "-": standard output. What is there stays whole until the writer is closed. Errors: IO,
 * MEMORY. */
enum wt_status wt_result_writer_open(struct wt_result_writer **out, const char *path,
                                     const struct wt_result_writer_options *options);

/* The name of the next frame's picture, any bytes, which the caller keeps until it is written.
 * Called before the first frame: all frames have one. */
void wt_result_writer_name(struct wt_result_writer *writer, const char *name);

/* frame: from 0. image: the frame that the faces are of, for its size. Errors: IO, reported once
 * however often it is called again. */
enum wt_status wt_result_writer_write(struct wt_result_writer *writer, int64_t frame,
                                      int64_t time_us, const struct wt_image *image,
                                      const struct wt_result *result);

/* Closes, and puts the file into its place, if `keep` says so. IO on failure (logged, unless a
 * write already was): then a file that was there is unchanged, and a new one has the frames that
 * were written whole. NULL-safe; sets *writer to NULL. */
enum wt_status wt_result_writer_close(struct wt_result_writer **writer, enum wt_keep keep);

#ifdef __cplusplus
}
#endif

#endif
