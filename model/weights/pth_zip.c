#include "weights/pth_zip.h"

#include <stdlib.h>
#include <string.h>

#include "weights/text.h"

enum {
    LOCAL_SIGNATURE = 0x04034b50,
    CENTRAL_SIGNATURE = 0x02014b50,
    END_SIGNATURE = 0x06054b50,
    END64_SIGNATURE = 0x06064b50,
    LOCATOR_SIGNATURE = 0x07064b50,
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    EXTRA_ZIP64 = 1,
};

/* A fuzzer never finds a valid checksum: its build ignores a wrong one. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { CHECKSUMS = 0 };
#else
enum { CHECKSUMS = 1 };
#endif

static uint64_t get(const uint8_t *p, int size)
{
    uint64_t v = 0;
    for (int i = size - 1; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

uint32_t wt_crc32(const uint8_t *bytes, size_t size)
{
    /* Four bits a step: a table that fits a cache line and needs no set-up. */
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static enum wt_status fail(const struct wt_zip *zip, const char *why)
{
    return wt_fail(WT_ERR_FORMAT, "%s: damaged zip archive: %s", zip->what, why);
}

struct directory {
    uint64_t offset, size, entries;
};

/* Values that do not fit the old record are in another one, which a locator points to. */
static enum wt_status read_end64(const struct wt_zip *zip, size_t end, struct directory *d)
{
    const uint8_t *locator, *p;
    uint64_t offset;
    if (end < LOCATOR_SIZE)
        return fail(zip, "no zip64 locator");
    locator = zip->bytes + end - LOCATOR_SIZE;
    offset = get(locator + 8, 8);
    if (get(locator, 4) != LOCATOR_SIGNATURE || end < LOCATOR_SIZE + END64_SIZE ||
        offset > end - LOCATOR_SIZE - END64_SIZE)
        return fail(zip, "no zip64 locator");
    p = zip->bytes + offset;
    if (get(p, 4) != END64_SIGNATURE || get(p + 16, 4) != 0 || get(p + 20, 4) != 0)
        return fail(zip, "no zip64 end of directory");
    *d = (struct directory){
        .entries = get(p + 32, 8), .size = get(p + 40, 8), .offset = get(p + 48, 8)};
    return WT_OK;
}

static enum wt_status read_end(const struct wt_zip *zip, struct directory *d)
{
    size_t at = 0, comment = 0;
    const uint8_t *p = NULL;
    bool found = false;

    for (; zip->size >= END_SIZE + comment && comment <= 0xffff && !found; comment++) {
        at = zip->size - END_SIZE - comment;
        p = zip->bytes + at;
        found = get(p, 4) == END_SIGNATURE && get(p + 20, 2) == comment;
    }
    if (!found)
        return fail(zip, "the directory at its end is missing; is the file cut off?");
    *d = (struct directory){
        .entries = get(p + 10, 2), .size = get(p + 12, 4), .offset = get(p + 16, 4)};
    if (d->entries == 0xffff || d->size == 0xffffffff || d->offset == 0xffffffff) {
        enum wt_status status = read_end64(zip, at, d);
        if (status)
            return status;
    } else if (get(p + 4, 2) != 0 || get(p + 6, 2) != 0) {
        return fail(zip, "it spans several disks");
    }
    if (d->offset > at || d->size > at - d->offset || d->entries > d->size / CENTRAL_SIZE)
        return fail(zip, "the directory does not fit the file");
    return WT_OK;
}

/* Sizes and offset of 2^32 - 1 mean: see the zip64 field among the extra ones. */
static bool read_zip64(const uint8_t *extra, size_t size, uint64_t *value[3])
{
    while (size >= 4) {
        size_t id = get(extra, 2), n = get(extra + 2, 2);
        extra += 4;
        size -= 4;
        if (n > size)
            return false;
        for (int i = 0; id == EXTRA_ZIP64 && i < 3; i++) {
            if (*value[i] != 0xffffffff)
                continue;
            if (n < 8)
                return false;
            *value[i] = get(extra, 8);
            extra += 8;
            size -= 8;
            n -= 8;
        }
        if (id == EXTRA_ZIP64)
            return true;
        extra += n;
        size -= n;
    }
    return *value[0] != 0xffffffff && *value[1] != 0xffffffff && *value[2] != 0xffffffff;
}

/* One record of the central directory at p, *left bytes before its end. */
static enum wt_status read_central(struct wt_zip *zip, const uint8_t **p, size_t *left)
{
    const uint8_t *c = *p;
    struct wt_zip_entry *e = &zip->entry[zip->entries];
    uint64_t packed, size, header, *large[3] = {&size, &packed, &header};
    size_t name, extra, record;

    if (*left < CENTRAL_SIZE || get(c, 4) != CENTRAL_SIGNATURE)
        return fail(zip, "a directory record is missing");
    name = get(c + 28, 2);
    extra = get(c + 30, 2);
    record = CENTRAL_SIZE + name + extra + get(c + 32, 2);
    if (record > *left)
        return fail(zip, "a directory record is cut off");
    packed = get(c + 20, 4);
    size = get(c + 24, 4);
    header = get(c + 42, 4);
    if (!read_zip64(c + CENTRAL_SIZE + name, extra, large))
        return fail(zip, "a zip64 field is cut off");
    *e = (struct wt_zip_entry){.name = (const char *)c + CENTRAL_SIZE,
                               .name_size = name,
                               .header = header,
                               .size = size,
                               .crc = (uint32_t)get(c + 16, 4),
                               .flags = (uint16_t)get(c + 8, 2),
                               .method = (uint16_t)get(c + 10, 2)};
    if (e->method == 0 && packed != size)
        return fail(zip, "a stored entry has two sizes");
    if (header > zip->directory || size > zip->size)
        return fail(zip, "an entry lies outside the file");
    zip->entries++;
    *p += record;
    *left -= record;
    return WT_OK;
}

static int compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

static int by_name(const void *a, const void *b)
{
    const struct wt_zip_entry *x = a, *y = b;
    return compare(x->name, x->name_size, y->name, y->name_size);
}

static enum wt_status check_entries(struct wt_zip *zip)
{
    uint64_t total = 0;
    if (zip->entries)
        qsort(zip->entry, zip->entries, sizeof *zip->entry, by_name);
    for (size_t i = 0; i < zip->entries; i++) {
        if (i && by_name(&zip->entry[i - 1], &zip->entry[i]) == 0)
            return fail(zip, "a name is there twice");
        /* Entries that share bytes could be many times the file: that much work is refused. */
        total += zip->entry[i].method == 0 ? zip->entry[i].size : 0;
        if (total > zip->size)
            return fail(zip, "entries overlap");
    }
    return WT_OK;
}

enum wt_status wt_zip_init(struct wt_zip *zip, const uint8_t *bytes, size_t size, const char *what)
{
    struct directory d = {0};
    const uint8_t *p;
    size_t left;
    enum wt_status status;

    *zip = (struct wt_zip){.what = what, .bytes = bytes, .size = size};
    status = read_end(zip, &d);
    if (status)
        return status;
    zip->directory = (size_t)d.offset;
    zip->entry = calloc((size_t)d.entries + 1, sizeof *zip->entry);
    if (!zip->entry)
        return wt_fail(WT_ERR_MEMORY, "%s: no memory for the zip directory", what);
    p = bytes + d.offset;
    left = (size_t)d.size;
    for (uint64_t i = 0; i < d.entries && !status; i++)
        status = read_central(zip, &p, &left);
    if (!status)
        status = check_entries(zip);
    if (status)
        wt_zip_fini(zip);
    return status;
}

void wt_zip_fini(struct wt_zip *zip)
{
    free(zip->entry);
    *zip = (struct wt_zip){0};
}

struct wt_zip_entry *wt_zip_find(struct wt_zip *zip, const char *name, size_t name_size)
{
    struct wt_zip_entry key = {.name = name, .name_size = name_size};
    return zip->entries ? bsearch(&key, zip->entry, zip->entries, sizeof *zip->entry, by_name)
                        : NULL;
}

enum wt_status wt_zip_data(struct wt_zip *zip, struct wt_zip_entry *e, const uint8_t **data)
{
    struct wt_printable_text s = wt_printable(e->name, e->name_size);
    const uint8_t *p = zip->bytes + e->header;
    size_t room = zip->directory - e->header, skip;

    if (e->method != 0 || e->flags & 1)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: the archive's entry \"%s\" is %s", zip->what,
                       s.text, e->flags & 1 ? "encrypted" : "compressed");
    if (room < LOCAL_SIZE || get(p, 4) != LOCAL_SIGNATURE)
        return fail(zip, "an entry's header is missing");
    skip = LOCAL_SIZE + get(p + 26, 2) + get(p + 28, 2);
    if (skip > room || e->size > room - skip || get(p + 26, 2) != e->name_size ||
        memcmp(p + LOCAL_SIZE, e->name, e->name_size) != 0)
        return fail(zip, "an entry does not match its directory record");
    if (CHECKSUMS && !e->checked && wt_crc32(p + skip, e->size) != e->crc)
        return wt_fail(WT_ERR_FORMAT, "%s: the checksum of \"%s\" is wrong: the file is damaged",
                       zip->what, s.text);
    e->checked = true;
    *data = p + skip;
    return WT_OK;
}
