#include "face/picture_head.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "face/picture_internal.h"

/* No file has more; a count beyond it is nonsense or an attack on our time. */
#define FRAMES_MAX 100000

static bool starts(struct wt_span s, size_t at, const char *text, size_t n)
{
    return s.size >= at + n && memcmp(s.at + at, text, n) == 0;
}

/* Orientation of an EXIF block, which is a TIFF file. */
static void take_exif(struct wt_span block, struct wt_picture_head *head)
{
    struct wt_picture_head exif = {.orientation = 1};
    wt_head_tiff(block, &exif);
    head->orientation = exif.orientation;
}

/* ---- JPEG: ITU T.81, annex B ----------------------------------------------------------------- */

struct jpeg {
    int64_t width, height;
    struct wt_span exif; /* empty: none */
    bool several;        /* says that more pictures follow, of other sizes (CIPA DC-007) */
    size_t end;          /* behind its end marker, 0: it has none */
};

/* From the marker at or after `at` in coded data: skips bytes that are data. */
static size_t next_marker(struct wt_span s, size_t at)
{
    while (at + 1 < s.size) {
        const uint8_t *ff = memchr(s.at + at, 0xff, s.size - at - 1);
        if (!ff)
            break;
        at = (size_t)(ff - s.at);
        const uint8_t code = s.at[at + 1];
        if (code != 0 && code != 0xff && !(code >= 0xd0 && code <= 0xd7))
            return at;
        at += code == 0xff ? 1 : 2;
    }
    return s.size;
}

static bool starts_frame(uint32_t code)
{
    return code >= 0xc0 && code <= 0xcf && code != 0xc4 && code != 0xc8 && code != 0xcc;
}

static void read_jpeg(struct wt_span s, struct jpeg *j)
{
    enum { SOI = 0xd8, EOI = 0xd9, APP1 = 0xe1, APP2 = 0xe2 };
    *j = (struct jpeg){.end = 0};
    for (size_t at = 2; (at = next_marker(s, at)) < s.size;) {
        const uint32_t code = s.at[at + 1];
        const size_t length = wt_span_be16(s, at + 2);
        const struct wt_span body = wt_span_part(s, at + 4, length < 2 ? 0 : length - 2);
        if (code == EOI) {
            j->end = at + 2;
            return;
        }
        if (code == SOI || code == 0x01) { /* no length follows */
            at += 2;
            continue;
        }
        if (starts_frame(code) && !j->width) {
            j->height = wt_span_be16(body, 1);
            j->width = wt_span_be16(body, 3);
        } else if (code == APP1 && !j->exif.size && starts(body, 0, "Exif\0", 5)) {
            j->exif = wt_span_part(body, 6, body.size);
        } else if (code == APP2 && starts(body, 0, "MPF\0", 4)) {
            j->several = true;
        }
        at += 2 + (length < 2 ? 2 : length);
    }
}

size_t wt_jpeg_length(const uint8_t *bytes, size_t size)
{
    struct jpeg j;
    read_jpeg((struct wt_span){bytes, size}, &j);
    return j.end;
}

/* Pictures of one size one after the other are a video (MJPEG), of which cameras pad the frames
 * with zeros. Others behind a picture are previews, depth maps, films. */
static void head_jpeg(struct wt_span s, struct wt_picture_head *head)
{
    struct jpeg first, next;
    read_jpeg(s, &first);
    head->width = first.width;
    head->height = first.height;
    if (first.exif.size)
        take_exif(first.exif, head);
    size_t end = first.several ? 0 : first.end;
    while (end && head->frames < FRAMES_MAX) {
        while (end < s.size && s.at[end] == 0)
            end++;
        if (!starts(s, end, "\xff\xd8\xff", 3))
            break;
        read_jpeg(wt_span_part(s, end, s.size), &next);
        if (next.width != first.width || next.height != first.height)
            break;
        head->frames++;
        end = next.end ? end + next.end : 0;
    }
}

/* ---- PNG: W3C PNG, 5.3, 11.3.4.3 (eXIf); APNG ------------------------------------------------ */

static void head_png(struct wt_span s, struct wt_picture_head *head)
{
    enum { LENGTH = 4, TYPE = 4, CRC = 4 };
    for (size_t at = 8; at < s.size;) {
        const size_t length = wt_span_be32(s, at);
        const struct wt_span body = wt_span_part(s, at + LENGTH + TYPE, length);
        if (starts(s, at + LENGTH, "IHDR", 4)) {
            head->width = wt_span_be32(body, 0);
            head->height = wt_span_be32(body, 4);
        } else if (starts(s, at + LENGTH, "acTL", 4)) {
            const uint32_t n = wt_span_be32(body, 0);
            head->frames = n > FRAMES_MAX ? FRAMES_MAX : n < 1 ? 1 : (int)n;
        } else if (starts(s, at + LENGTH, "eXIf", 4)) {
            take_exif(body, head);
        }
        at += LENGTH + TYPE + length + CRC;
    }
}

/* ---- GIF89a ---------------------------------------------------------------------------------- */

/* Behind the sub-blocks at `at`. */
static size_t skip_blocks(struct wt_span s, size_t at)
{
    while (at < s.size && s.at[at])
        at += 1 + s.at[at];
    return at + 1;
}

static void head_gif(struct wt_span s, struct wt_picture_head *head)
{
    const uint32_t flags = wt_span_byte(s, 10);
    int frames = 0;
    head->width = wt_span_le16(s, 6);
    head->height = wt_span_le16(s, 8);
    for (size_t at = 13 + (flags & 0x80 ? (size_t)3 << ((flags & 7) + 1) : 0);
         at < s.size && frames < FRAMES_MAX;) {
        if (s.at[at] == 0x21) { /* extension */
            at = skip_blocks(s, at + 2);
        } else if (s.at[at] == 0x2c) { /* image */
            const uint32_t local = wt_span_byte(s, at + 9);
            frames++;
            at = skip_blocks(s, at + 10 + (local & 0x80 ? (size_t)3 << ((local & 7) + 1) : 0) + 1);
        } else {
            break;
        }
    }
    head->frames = frames > 1 ? frames : 1;
}

/* ---- formats with a size and no more --------------------------------------------------------- */

static void head_bmp(struct wt_span s, struct wt_picture_head *head)
{
    if (wt_span_le32(s, 14) == 12) { /* OS/2 */
        head->width = wt_span_le16(s, 18);
        head->height = wt_span_le16(s, 20);
    } else {
        head->width = (int32_t)wt_span_le32(s, 18);
        head->height = (int32_t)wt_span_le32(s, 22);
        head->height = head->height < 0 ? -head->height : head->height; /* from the top */
    }
}

static void head_ras(struct wt_span s, struct wt_picture_head *head)
{
    head->width = wt_span_be32(s, 4);
    head->height = wt_span_be32(s, 8);
}

/* ISO/IEC 15444-1: the size is in the marker SIZ, and in the box ihdr around the code stream. */
static void head_jp2(struct wt_span s, struct wt_picture_head *head)
{
    if (starts(s, 0, "\xff\x4f\xff\x51", 4)) {
        head->width = (int64_t)wt_span_be32(s, 8) - wt_span_be32(s, 16);
        head->height = (int64_t)wt_span_be32(s, 12) - wt_span_be32(s, 20);
        return;
    }
    for (size_t at = 12; at + 8 <= s.size;) {
        const uint32_t length = wt_span_be32(s, at);
        if (starts(s, at + 4, "jp2h", 4)) { /* ihdr is the first box in it */
            head->height = wt_span_be32(s, at + 16);
            head->width = wt_span_be32(s, at + 20);
            return;
        }
        if (length < 8)
            return;
        at += length;
    }
}

/* The next number of a PNM header; comments run to the end of their lines. 0: none. */
static int64_t pnm_number(struct wt_span s, size_t *at)
{
    int64_t n = 0;
    while (*at < s.size && (isspace(s.at[*at]) || s.at[*at] == '#')) {
        if (s.at[*at] == '#')
            while (*at < s.size && s.at[*at] != '\n')
                ++*at;
        else
            ++*at;
    }
    for (; *at < s.size && isdigit(s.at[*at]) && n < INT32_MAX; ++*at)
        n = 10 * n + (s.at[*at] - '0');
    return n;
}

/* The number behind a word of a PAM header. */
static int64_t pam_number(struct wt_span s, const char *word)
{
    const struct wt_span head = wt_span_part(s, 0, 1024);
    const uint8_t *p = memmem(head.at, head.size, word, strlen(word));
    size_t at = p ? (size_t)(p - head.at) + strlen(word) : head.size;
    return pnm_number(head, &at);
}

static void head_pnm(struct wt_span s, struct wt_picture_head *head)
{
    size_t at = 2;
    head->light = s.at[1] == 'F' || s.at[1] == 'f'; /* PFM */
    if (s.at[1] == '7') {
        head->width = pam_number(s, "WIDTH");
        head->height = pam_number(s, "HEIGHT");
    } else {
        head->width = pnm_number(s, &at);
        head->height = pnm_number(s, &at);
    }
}

/* ---- OpenEXR, "Technical Introduction to OpenEXR", and Radiance ------------------------------ */

static void head_exr(struct wt_span s, struct wt_picture_head *head)
{
    static const char window[] = "dataWindow\0box2i";
    const struct wt_span part = wt_span_part(s, 0, 4096);
    const uint8_t *p = memmem(part.at, part.size, window, sizeof window);
    head->light = true;
    if (!p)
        return;
    const size_t at = (size_t)(p - s.at) + sizeof window + 4; /* behind its length */
    const int64_t left = (int32_t)wt_span_le32(s, at), top = (int32_t)wt_span_le32(s, at + 4);
    const int64_t width = (int32_t)wt_span_le32(s, at + 8) - left + 1;
    const int64_t height = (int32_t)wt_span_le32(s, at + 12) - top + 1;
    head->width = width > 0 ? width : 0;
    head->height = height > 0 ? height : 0;
}

static void head_hdr(struct wt_span s, struct wt_picture_head *head)
{
    (void)s;
    head->light = true;
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool is_pnm(struct wt_span s)
{
    const uint32_t kind = wt_span_byte(s, 1);
    return s.size >= 3 && s.at[0] == 'P' && isspace(s.at[2]) &&
           ((kind >= '1' && kind <= '7') || kind == 'F' || kind == 'f');
}

/* A film has other brands than a picture does; "mif1" and "msf1" stand for both families. */
static bool is_heif(struct wt_span s)
{
    static const char brand[][5] = {"avif", "avis", "heic", "heix", "hevc", "hevx",
                                    "heim", "heis", "hevm", "hevs", "mif1", "msf1"};
    for (size_t i = 0; starts(s, 4, "ftyp", 4) && i < sizeof brand / sizeof *brand; i++)
        if (starts(s, 8, brand[i], 4))
            return true;
    return false;
}

enum wt_picture_kind wt_picture_kind(const uint8_t *bytes, size_t size)
{
    static const struct {
        const char *bytes;
        size_t count;
        enum wt_picture_kind kind;
    } magic[] = {
        {"\x89PNG\r\n\x1a\n", 8, WT_PICTURE_PNG},
        {"\xff\xd8\xff", 3, WT_PICTURE_JPEG},
        {"GIF87a", 6, WT_PICTURE_GIF},
        {"GIF89a", 6, WT_PICTURE_GIF},
        {"BM", 2, WT_PICTURE_BMP},
        {"II*\0", 4, WT_PICTURE_TIFF},
        {"MM\0*", 4, WT_PICTURE_TIFF},
        {"II+\0", 4, WT_PICTURE_TIFF},
        {"MM\0+", 4, WT_PICTURE_TIFF},
        {"\0\0\0\x0cjP  \r\n\x87\n", 12, WT_PICTURE_JP2},
        {"\xff\x4f\xff\x51", 4, WT_PICTURE_JP2},
        {"\0\0\0\x0cJXL \r\n\x87\n", 12, WT_PICTURE_JXL},
        {"\xff\x0a", 2, WT_PICTURE_JXL},
        {"\x59\xa6\x6a\x95", 4, WT_PICTURE_RAS},
        {"\x76\x2f\x31\x01", 4, WT_PICTURE_EXR},
        {"#?RADIANCE", 10, WT_PICTURE_HDR},
        {"#?RGBE", 6, WT_PICTURE_HDR},
    };
    const struct wt_span s = {bytes, size};
    for (size_t i = 0; i < sizeof magic / sizeof *magic; i++)
        if (starts(s, 0, magic[i].bytes, magic[i].count))
            return magic[i].kind;
    if (starts(s, 0, "RIFF", 4) && starts(s, 8, "WEBP", 4))
        return WT_PICTURE_WEBP;
    if (is_heif(s))
        return WT_PICTURE_HEIF;
    return is_pnm(s) ? WT_PICTURE_PNM : WT_PICTURE_UNKNOWN;
}

void wt_picture_head(const uint8_t *bytes, size_t size, struct wt_picture_head *head)
{
    static void (*const read[WT_PICTURE_KINDS])(struct wt_span, struct wt_picture_head *) = {
        [WT_PICTURE_JPEG] = head_jpeg,    [WT_PICTURE_PNG] = head_png,
        [WT_PICTURE_WEBP] = wt_head_webp, [WT_PICTURE_TIFF] = wt_head_tiff,
        [WT_PICTURE_GIF] = head_gif,      [WT_PICTURE_HEIF] = wt_head_heif,
        [WT_PICTURE_BMP] = head_bmp,      [WT_PICTURE_JP2] = head_jp2,
        [WT_PICTURE_PNM] = head_pnm,      [WT_PICTURE_RAS] = head_ras,
        [WT_PICTURE_EXR] = head_exr,      [WT_PICTURE_HDR] = head_hdr,
    };
    *head = (struct wt_picture_head){
        .kind = wt_picture_kind(bytes, size), .orientation = 1, .frames = 1};
    if (read[head->kind])
        read[head->kind]((struct wt_span){bytes, size}, head);
}

const char *wt_picture_kind_name(enum wt_picture_kind kind)
{
    static const char *const name[WT_PICTURE_KINDS] = {
        [WT_PICTURE_UNKNOWN] = "unknown", [WT_PICTURE_JPEG] = "JPEG",
        [WT_PICTURE_PNG] = "PNG",         [WT_PICTURE_WEBP] = "WebP",
        [WT_PICTURE_TIFF] = "TIFF",       [WT_PICTURE_GIF] = "GIF",
        [WT_PICTURE_HEIF] = "HEIF",       [WT_PICTURE_JXL] = "JPEG XL",
        [WT_PICTURE_BMP] = "BMP",         [WT_PICTURE_JP2] = "JPEG 2000",
        [WT_PICTURE_PNM] = "PNM",         [WT_PICTURE_RAS] = "Sun raster",
        [WT_PICTURE_EXR] = "OpenEXR",     [WT_PICTURE_HDR] = "Radiance",
    };
    return name[kind];
}
