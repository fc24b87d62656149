/* What a picture file says of itself before it is decoded: its kind, size, how it is to be turned,
 * and whether there are more pictures in it. From the bytes alone; decodes nothing, allocates
 * nothing, and reads no byte outside the given ones. Stateless, thread-safe. */
#ifndef WT_MODEL_PICTURE_HEAD_H
#define WT_MODEL_PICTURE_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum wt_picture_kind {
    WT_PICTURE_UNKNOWN,
    WT_PICTURE_JPEG,
    WT_PICTURE_PNG,
    WT_PICTURE_WEBP,
    WT_PICTURE_TIFF,
    WT_PICTURE_GIF,
    WT_PICTURE_HEIF, /* HEIC, AVIF */
    WT_PICTURE_JXL,
    WT_PICTURE_BMP,
    WT_PICTURE_JP2, /* file or bare code stream */
    WT_PICTURE_PNM, /* PBM, PGM, PPM, PAM, PFM */
    WT_PICTURE_RAS, /* Sun raster */
    WT_PICTURE_EXR, /* OpenEXR */
    WT_PICTURE_HDR, /* Radiance */
    WT_PICTURE_KINDS
};

struct wt_picture_head {
    enum wt_picture_kind kind;
    int64_t width, height; /* as stored, before it is turned; 0: not known */
    int orientation;       /* 1..8 as in EXIF 2.32, 4.6.4 A: see face/orient.h */
    int frames;            /* pictures or pages, 1: this one alone; reduced copies do not count */
    bool light;            /* numbers with a fraction, in proportion to light, white at 1 */
};

/* The kind by the first bytes; 16 are enough. */
enum wt_picture_kind wt_picture_kind(const uint8_t *bytes, size_t size);

/* Fills *head as far as the bytes tell; they may be the beginning of a file only. */
void wt_picture_head(const uint8_t *bytes, size_t size, struct wt_picture_head *head);

/* What the kind is called, "JPEG". */
const char *wt_picture_kind_name(enum wt_picture_kind kind);

/* How far the first of several JPEG pictures goes; 0: it has no end. */
size_t wt_jpeg_length(const uint8_t *bytes, size_t size);

/* The first frame of an animated WebP: its chunks are bytes[at .. at + length), its corner (x, y)
 * in the canvas. false: there is none. */
struct wt_webp_frame {
    size_t at, length;
    uint32_t x, y, width, height;
};
bool wt_webp_first_frame(const uint8_t *bytes, size_t size, struct wt_webp_frame *frame);

#ifdef __cplusplus
}
#endif
#endif
