/* Reading and writing picture files (OpenCV behind a C interface). Thread-safe. */
#ifndef WT_MODEL_PICTURE_H
#define WT_MODEL_PICTURE_H

#include "wingtip.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_picture {
    struct wt_image image; /* BGR24, tightly packed */
    uint8_t *pixels;       /* owned; image.data points here */
    int frames;            /* pictures or pages in the file it was read from: this is the first */
};

/* Reads any format OpenCV or the fallback knows as 8-bit BGR, upright: turned and mirrored as EXIF
 * or the format's own fields say. At most 16384 pixels a side and 2^28 in all, which the file's
 * head tells before anything is decoded. A file with several pictures gets a warning that this is
 * the first. Errors: IO (missing, unreadable), FORMAT (not a picture, too large), MEMORY. */
enum wt_status wt_picture_read(struct wt_picture *out, const char *path);
/* The same without a line in the log: the reason goes to a buffer of `size` bytes, for callers that
 * have more to say. */
enum wt_status wt_picture_decode(struct wt_picture *out, const char *path, char *reason,
                                 size_t size);
void wt_picture_fini(struct wt_picture *picture);

/* Decoder of the formats that OpenCV does not know (GIF, AVIF, ...): fills pixels and image, as
 * they are stored. Errors: FORMAT, MEMORY; logs nothing. Thread-safe. */
typedef enum wt_status wt_picture_fallback(const uint8_t *bytes, size_t size,
                                           struct wt_picture *out);
/* Sets it for the whole program, before the first picture is read; NULL: there is none. */
void wt_picture_set_fallback(wt_picture_fallback *decode);

/* Opens the module with OpenCV's readers and writers, as the first call does that needs it. */
void wt_picture_open_codecs(void);

/* A smaller copy of width x height pixels, each the mean of the area it covers; also of grey
 * images, as BGR24. *out is zeroed before its first use and reused where it has the size. Errors:
 * MEMORY. */
enum wt_status wt_picture_shrink(const struct wt_image *image, int width, int height,
                                 struct wt_picture *out);

/* A picture file in memory. extension: ".png", ".jpg". *bytes is the caller's to free. Errors:
 * UNSUPPORTED, MEMORY. */
enum wt_status wt_picture_encode(const struct wt_image *image, const char *extension,
                                 uint8_t **bytes, size_t *size);

/* Format by extension (.png, .jpg, ...). Errors: IO, UNSUPPORTED. */
enum wt_status wt_picture_write(const struct wt_image *image, const char *path);

/* A square of an image (any format; left, top, side; grey where it lies outside) as a JPEG of
 * out_side pixels a side in memory, which the caller frees. For reports. Errors: ARGUMENT
 * (sizes), MEMORY. */
enum wt_status wt_picture_square_jpeg(const struct wt_image *image, int left, int top, int side,
                                      int out_side, uint8_t **bytes, size_t *size);

#ifdef __cplusplus
}
#endif
#endif
