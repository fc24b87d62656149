/* The heads of single formats, behind wt_picture_head. Private to picture_head*.c. Each fills what
 * it finds into a head that says: unknown size, upright, one frame. */
#ifndef WT_MODEL_PICTURE_INTERNAL_H
#define WT_MODEL_PICTURE_INTERNAL_H

#include "face/picture_head.h"

/* A span of bytes; reading outside gives 0. */
struct wt_span {
    const uint8_t *at;
    size_t size;
};

static inline uint32_t wt_span_byte(struct wt_span s, size_t i)
{
    return i < s.size ? s.at[i] : 0;
}

static inline uint32_t wt_span_be16(struct wt_span s, size_t i)
{
    return wt_span_byte(s, i) << 8 | wt_span_byte(s, i + 1);
}

static inline uint32_t wt_span_be32(struct wt_span s, size_t i)
{
    return wt_span_be16(s, i) << 16 | wt_span_be16(s, i + 2);
}

static inline uint32_t wt_span_le16(struct wt_span s, size_t i)
{
    return wt_span_byte(s, i + 1) << 8 | wt_span_byte(s, i);
}

static inline uint32_t wt_span_le32(struct wt_span s, size_t i)
{
    return wt_span_le16(s, i + 2) << 16 | wt_span_le16(s, i);
}

/* The bytes from `at` on, at most `size` of them. */
static inline struct wt_span wt_span_part(struct wt_span s, size_t at, size_t size)
{
    if (at > s.size)
        at = s.size;
    return (struct wt_span){s.at + at, size < s.size - at ? size : s.size - at};
}

/* TIFF 6.0, also BigTIFF, and what EXIF blocks of other formats are. */
void wt_head_tiff(struct wt_span file, struct wt_picture_head *head);
/* ISO/IEC 23008-12, and AVIF on top of it. */
void wt_head_heif(struct wt_span file, struct wt_picture_head *head);
/* RIFF container of WebP. */
void wt_head_webp(struct wt_span file, struct wt_picture_head *head);

#endif
