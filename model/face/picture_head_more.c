/* The heads of formats that are containers: TIFF, HEIF, WebP. */
#include <string.h>

#include "face/picture_internal.h"

/* ---- TIFF ------------------------------------------------------------------------------------ */

enum { PAGES_MAX = 10000, ENTRIES_MAX = 1000000 };

struct tiff {
    struct wt_span file;
    bool big_endian, big; /* big: BigTIFF, offsets of 64 bits */
    uint64_t entries;     /* read so far: directories that overlap cost no more time than that */
};

static uint64_t tiff_number(const struct tiff *t, size_t at, int bytes)
{
    uint64_t n = 0;
    for (int i = 0; i < bytes; i++)
        n |= (uint64_t)wt_span_byte(t->file, at + (size_t)i)
             << 8 * (t->big_endian ? bytes - 1 - i : i);
    return n;
}

struct page {
    int64_t width, height;
    int orientation;
    bool reduced; /* a smaller copy of another page */
    bool light;
};

/* Value of a directory entry of one number; longer ones are not asked for. */
static uint64_t entry_value(const struct tiff *t, size_t at)
{
    const uint64_t type = tiff_number(t, at + 2, 2);
    const size_t value = at + (t->big ? 12 : 8);
    return type == 1    ? tiff_number(t, value, 1)
           : type == 3  ? tiff_number(t, value, 2)
           : type == 4  ? tiff_number(t, value, 4)
           : type == 16 ? tiff_number(t, value, 8)
                        : 0;
}

/* The first of an entry's numbers of 16 bits, which lie elsewhere where they do not fit in it. */
static uint64_t first_short(const struct tiff *t, size_t at)
{
    const size_t value = at + (t->big ? 12 : 8), room = t->big ? 8 : 4;
    const uint64_t count = tiff_number(t, at + 4, (int)room);
    return tiff_number(t, count * 2 <= room ? value : (size_t)tiff_number(t, value, (int)room), 2);
}

/* Reads the directory at `at`; returns where the next one is, 0: nowhere. */
static uint64_t read_page(struct tiff *t, size_t at, struct page *page)
{
    enum { SUBFILE = 254, WIDTH = 256, HEIGHT = 257, ORIENTATION = 274, SAMPLES = 339 };
    enum { IEEE_FLOAT = 3 };
    const size_t count_bytes = t->big ? 8 : 2, entry = t->big ? 20 : 12;
    const uint64_t count = tiff_number(t, at, (int)count_bytes);
    *page = (struct page){.orientation = 1};
    if (count > ENTRIES_MAX || at + count_bytes + count * entry > t->file.size ||
        (t->entries += count) > ENTRIES_MAX)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const size_t where = at + count_bytes + i * entry;
        const uint64_t value = entry_value(t, where);
        switch (tiff_number(t, where, 2)) {
        case SUBFILE:
            page->reduced = value & 1;
            break;
        case WIDTH:
            page->width = (int64_t)(value > INT32_MAX ? INT32_MAX : value);
            break;
        case HEIGHT:
            page->height = (int64_t)(value > INT32_MAX ? INT32_MAX : value);
            break;
        case ORIENTATION:
            page->orientation = value >= 1 && value <= 8 ? (int)value : 1;
            break;
        case SAMPLES: /* a number for each channel, all alike in what can be read */
            page->light = first_short(t, where) == IEEE_FLOAT;
            break;
        default:
            break;
        }
    }
    return tiff_number(t, at + count_bytes + (size_t)count * entry, t->big ? 8 : 4);
}

/* A chain of directories that bites its own tail ends with the most pages a file may have. */
void wt_head_tiff(struct wt_span file, struct wt_picture_head *head)
{
    struct tiff t = {.file = file, .big_endian = wt_span_byte(file, 0) == 'M'};
    struct page page;
    if (file.size < 8 || (memcmp(file.at, "II", 2) != 0 && memcmp(file.at, "MM", 2) != 0))
        return;
    t.big = tiff_number(&t, 2, 2) == 43;
    uint64_t at = t.big ? tiff_number(&t, 8, 8) : tiff_number(&t, 4, 4);
    int pages = 0;
    for (int i = 0; at >= 8 && at < file.size && i < PAGES_MAX; i++) {
        const uint64_t next = read_page(&t, (size_t)at, &page);
        if (i == 0) {
            head->width = page.width;
            head->height = page.height;
            head->orientation = page.orientation;
            head->light = page.light;
        }
        pages += !page.reduced;
        at = next;
    }
    head->frames = pages > 1 ? pages : 1;
}

/* ---- HEIF ------------------------------------------------------------------------------------ */

/* The box at `at`, and where the next one starts. */
struct box {
    const char *type;
    struct wt_span body;
    size_t next;
};

static bool read_box(struct wt_span s, size_t at, struct box *box)
{
    if (at > s.size || s.size - at < 8)
        return false;
    uint64_t length = wt_span_be32(s, at);
    size_t head = 8;
    if (length == 1) {
        length = (uint64_t)wt_span_be32(s, at + 8) << 32 | wt_span_be32(s, at + 12);
        head = 16;
    } else if (length == 0) {
        length = s.size - at; /* to the end */
    }
    if (length < head)
        return false;
    box->type = (const char *)s.at + at + 4;
    box->next = length > s.size - at ? s.size : at + (size_t)length;
    box->body = wt_span_part(s, at + head, (size_t)(box->next - at) - head);
    return box->next > at;
}

static bool find_box(struct wt_span s, const char *type, struct wt_span *body)
{
    struct box box;
    for (size_t at = 0; read_box(s, at, &box); at = box.next)
        if (memcmp(box.type, type, 4) == 0) {
            *body = box.body;
            return true;
        }
    return false;
}

/* Orientations as matrices: EXIF's number of what follows after turning by quarter turns against
 * the clock, or mirroring. Each row: orientation before -> after. */
static int turn_left(int orientation)
{
    static const int after[9] = {0, 8, 5, 6, 7, 4, 1, 2, 3};
    return after[orientation];
}

static int mirror(int orientation, bool left_right)
{
    static const int after[2][9] = {{0, 4, 3, 2, 1, 8, 7, 6, 5}, {0, 2, 1, 4, 3, 6, 5, 8, 7}};
    return after[left_right][orientation];
}

/* Property `index` (from 1) of the picture: 6.5.3 ispe, 6.5.10 irot, 6.5.12 imir. */
static void take_property(struct wt_span ipco, uint32_t index, struct wt_picture_head *head)
{
    struct box box;
    uint32_t i = 0;
    for (size_t at = 0; read_box(ipco, at, &box); at = box.next) {
        if (++i != index)
            continue;
        if (memcmp(box.type, "ispe", 4) == 0) {
            head->width = wt_span_be32(box.body, 4);
            head->height = wt_span_be32(box.body, 8);
        } else if (memcmp(box.type, "irot", 4) == 0) {
            for (uint32_t k = wt_span_byte(box.body, 0) & 3; k > 0; k--)
                head->orientation = turn_left(head->orientation);
        } else if (memcmp(box.type, "imir", 4) == 0) {
            head->orientation = mirror(head->orientation, wt_span_byte(box.body, 0) & 1);
        }
        return;
    }
}

/* 9.3.1: which properties belong to which item, in the order in which they apply. */
static void take_properties(struct wt_span ipma, struct wt_span ipco, uint32_t item,
                            struct wt_picture_head *head)
{
    const bool wide_item = wt_span_byte(ipma, 0) >= 1, wide_index = wt_span_byte(ipma, 3) & 1;
    const uint32_t entries = wt_span_be32(ipma, 4);
    size_t at = 8;
    for (uint32_t i = 0; i < entries && at < ipma.size; i++) {
        const uint32_t id = wide_item ? wt_span_be32(ipma, at) : wt_span_be16(ipma, at);
        at += wide_item ? 4 : 2;
        const uint32_t count = wt_span_byte(ipma, at++);
        for (uint32_t k = 0; k < count; k++, at += wide_index ? 2 : 1)
            if (id == item)
                take_property(ipco,
                              wide_index ? wt_span_be16(ipma, at) & 0x7fff
                                         : wt_span_byte(ipma, at) & 0x7f,
                              head);
        if (id == item)
            return;
    }
}

void wt_head_heif(struct wt_span file, struct wt_picture_head *head)
{
    struct wt_span meta, pitm, iprp, ipco, ipma, moov;
    if (find_box(file, "moov", &moov) && memcmp(file.at + 8, "avis", 4) == 0)
        head->frames = 2; /* a sequence; how long is for the decoder to say */
    if (!find_box(file, "meta", &meta))
        return;
    meta = wt_span_part(meta, 4, meta.size);
    if (!find_box(meta, "pitm", &pitm) || !find_box(meta, "iprp", &iprp) ||
        !find_box(iprp, "ipco", &ipco) || !find_box(iprp, "ipma", &ipma))
        return;
    const uint32_t item = wt_span_byte(pitm, 0) ? wt_span_be32(pitm, 4) : wt_span_be16(pitm, 4);
    take_properties(ipma, ipco, item, head);
}

/* ---- WebP ------------------------------------------------------------------------------------ */

static uint32_t le24(struct wt_span s, size_t i)
{
    return wt_span_le16(s, i) | wt_span_byte(s, i + 2) << 16;
}

/* The chunk at `at`: type, body, and the next one's place; chunks are padded to even lengths. */
static bool read_chunk(struct wt_span s, size_t at, struct box *chunk)
{
    if (at > s.size || s.size - at < 8)
        return false;
    const size_t length = wt_span_le32(s, at + 4);
    chunk->type = (const char *)s.at + at;
    chunk->body = wt_span_part(s, at + 8, length);
    chunk->next = at + 8 + length + (length & 1);
    return true;
}

static void take_size(const struct box *chunk, struct wt_picture_head *head)
{
    if (memcmp(chunk->type, "VP8X", 4) == 0) {
        head->width = 1 + (int64_t)le24(chunk->body, 4);
        head->height = 1 + (int64_t)le24(chunk->body, 7);
    } else if (memcmp(chunk->type, "VP8 ", 4) == 0 && !head->width) {
        head->width = wt_span_le16(chunk->body, 6) & 0x3fff;
        head->height = wt_span_le16(chunk->body, 8) & 0x3fff;
    } else if (memcmp(chunk->type, "VP8L", 4) == 0 && !head->width) {
        const uint32_t bits = wt_span_le32(chunk->body, 1);
        head->width = 1 + (bits & 0x3fff);
        head->height = 1 + (bits >> 14 & 0x3fff);
    }
}

void wt_head_webp(struct wt_span file, struct wt_picture_head *head)
{
    struct box chunk;
    int frames = 0;
    for (size_t at = 12; read_chunk(file, at, &chunk); at = chunk.next) {
        take_size(&chunk, head);
        frames += memcmp(chunk.type, "ANMF", 4) == 0;
        if (memcmp(chunk.type, "EXIF", 4) == 0) {
            struct wt_picture_head exif = {.orientation = 1};
            const bool marked = chunk.body.size > 6 && memcmp(chunk.body.at, "Exif\0", 5) == 0;
            wt_head_tiff(wt_span_part(chunk.body, marked ? 6 : 0, chunk.body.size), &exif);
            head->orientation = exif.orientation;
        }
    }
    head->frames = frames > 1 ? frames : 1;
}

bool wt_webp_first_frame(const uint8_t *bytes, size_t size, struct wt_webp_frame *frame)
{
    const struct wt_span file = {bytes, size};
    struct box chunk;
    for (size_t at = 12; read_chunk(file, at, &chunk); at = chunk.next)
        if (memcmp(chunk.type, "ANMF", 4) == 0 && chunk.body.size > 16) {
            *frame = (struct wt_webp_frame){.at = (size_t)(chunk.body.at - bytes) + 16,
                                            .length = chunk.body.size - 16,
                                            .x = 2 * le24(chunk.body, 0),
                                            .y = 2 * le24(chunk.body, 3),
                                            .width = 1 + le24(chunk.body, 6),
                                            .height = 1 + le24(chunk.body, 9)};
            return true;
        }
    return false;
}
