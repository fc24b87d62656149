#include "data/mat_check.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* MAT-File Format, "Level 5 MAT-File Format". */
enum { HEADER = 128, VERSION = 124, ENDIAN = 126, DEPTH_MAX = 16, DIMS_MAX = 32 };
enum { TYPE_INT8 = 1, TYPE_UINT8 = 2, TYPE_INT32 = 5, TYPE_UINT32 = 6 };
enum { TYPE_MATRIX = 14, TYPE_COMPRESSED = 15, TYPE_UTF8 = 16, TYPE_LAST = 18 };
enum { FLAG_COMPLEX = 0x800 };
enum { CLASS_CELL = 1, CLASS_STRUCT = 2, CLASS_CHAR = 4, CLASS_DOUBLE = 6, CLASS_LAST = 15 };

/* What a variable may grow to: deflate makes 1032 times as much of a byte at most. */
#define INFLATED_MAX ((size_t)1 << 31)

struct span {
    const uint8_t *at;
    size_t size;
    bool swapped; /* bytes of the other order than little-endian */
};

static uint32_t u32(struct span s, size_t at)
{
    const uint8_t *p = s.at + at;
    return s.swapped ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
                     : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* A tagged element; small ones have their data within the tag. */
struct element {
    uint32_t type;
    struct span body;
};

/* Takes the next element off; false: there is none, or it is longer than what is left. */
static bool next(struct span *s, struct element *e)
{
    if (s->size < 8)
        return false;
    const uint32_t first = u32(*s, 0);
    const bool small = first >> 16 != 0;
    const size_t length = small ? first >> 16 : u32(*s, 4);
    if (small ? length > 4 : length > s->size - 8)
        return false;
    e->type = small ? first & 0xffff : first;
    e->body = (struct span){s->at + (small ? 4 : 8), length, s->swapped};
    /* data is padded to 8 bytes, but for that of compressed elements */
    size_t whole = small ? 8 : 8 + (e->type == TYPE_COMPRESSED ? length : (length + 7) / 8 * 8);
    whole = whole < s->size ? whole : s->size;
    s->at += whole;
    s->size -= whole;
    return true;
}

/* Product of the dimensions; false: beyond any file. */
static bool count_values(struct span dims, uint64_t *count)
{
    const size_t n = dims.size / 4;
    *count = 1;
    if (n < 2 || n > DIMS_MAX || dims.size % 4)
        return false;
    for (size_t i = 0; i < n; i++) {
        *count *= u32(dims, 4 * i);
        if (*count > UINT32_MAX)
            return false;
    }
    return true;
}

static bool check_matrix(struct span s, int depth);

/* `count` matrices one after the other. An empty one is a tag alone. */
static bool check_cells(struct span s, uint64_t count, int depth)
{
    struct element e;
    if (count > s.size / 8)
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (!next(&s, &e) || e.type != TYPE_MATRIX ||
            (e.body.size && !check_matrix(e.body, depth + 1)))
            return false;
    return true;
}

/* Takes the next element off, which must be of that type and have that many bytes at least. */
static bool expect(struct span *s, uint32_t type, size_t least, struct element *e)
{
    return next(s, e) && e->type == type && e->body.size >= least;
}

static bool expect_name(struct span *s, struct element *e)
{
    return next(s, e) && (e->type == TYPE_INT8 || e->type == TYPE_UINT8);
}

/* Names of fields, then as many cells as there are fields of all elements. */
static bool check_struct(struct span s, uint64_t count, int depth)
{
    struct element length, names;
    if (!expect(&s, TYPE_INT32, 4, &length) || length.body.size != 4 || !expect_name(&s, &names))
        return false;
    const uint32_t each = u32(length.body, 0);
    const uint64_t fields = each ? names.body.size / each : 0;
    return fields * each == names.body.size && count * fields <= UINT32_MAX &&
           check_cells(s, count * fields, depth);
}

/* Takes the values of a table off: as many as it says. */
static bool check_values(struct span *s, uint64_t count)
{
    static const uint8_t bytes_of[TYPE_LAST + 1] = {
        [TYPE_INT8] = 1,   [TYPE_UINT8] = 1, [3] = 2, [4] = 2,  [TYPE_INT32] = 4,
        [TYPE_UINT32] = 4, [7] = 4,          [9] = 8, [12] = 8, [13] = 8,
        [TYPE_UTF8] = 1,   [17] = 2,         [18] = 4};
    struct element e;
    if (!next(s, &e) || e.type > TYPE_LAST || !bytes_of[e.type])
        return false;
    return e.type == TYPE_UTF8 ? count <= e.body.size && e.body.size <= 4 * count
                               : e.body.size == count * bytes_of[e.type];
}

/* libmatio takes what it meets for what should be there, so all must be as the format has it. */
static bool check_matrix(struct span s, int depth)
{
    struct element flags, dims, name;
    uint64_t count;
    if (depth > DEPTH_MAX || !expect(&s, TYPE_UINT32, 8, &flags) || flags.body.size != 8 ||
        !expect(&s, TYPE_INT32, 8, &dims) || !count_values(dims.body, &count) ||
        !expect_name(&s, &name))
        return false;
    const uint32_t class = u32(flags.body, 0) & 0xff;
    if (class == CLASS_CELL)
        return check_cells(s, count, depth);
    if (class == CLASS_STRUCT)
        return check_struct(s, count, depth);
    if (class != CLASS_CHAR && (class < CLASS_DOUBLE || class > CLASS_LAST))
        return false;
    const bool complex = u32(flags.body, 0) & FLAG_COMPLEX;
    return (count == 0 && !s.size) ||
           (check_values(&s, count) && (!complex || check_values(&s, count)));
}

/* All that a compressed element holds, in memory of malloc; NULL: damaged, or no memory. */
static uint8_t *inflate_all(struct span from, size_t *size)
{
    size_t room = 4 * from.size + 256;
    uint8_t *out = malloc(room), *grown;
    z_stream z = {.next_in = (Bytef *)from.at, .avail_in = (uInt)from.size};
    if (!out || inflateInit(&z) != Z_OK) {
        free(out);
        return NULL;
    }
    int rc = Z_OK;
    *size = 0;
    while (rc == Z_OK) {
        if (*size == room) {
            grown = room < INFLATED_MAX / 2 ? realloc(out, 2 * room) : NULL;
            if (!grown)
                break;
            out = grown;
            room *= 2;
        }
        z.next_out = out + *size;
        z.avail_out = (uInt)(room - *size);
        rc = inflate(&z, Z_NO_FLUSH);
        *size = room - z.avail_out;
    }
    inflateEnd(&z);
    if (rc == Z_STREAM_END)
        return out;
    free(out);
    return NULL;
}

static bool check_compressed(struct span packed)
{
    size_t size;
    uint8_t *bytes = inflate_all(packed, &size);
    struct span s = {bytes, size, packed.swapped};
    struct element e;
    const bool ok = bytes && next(&s, &e) && e.type == TYPE_MATRIX && check_matrix(e.body, 0);
    free(bytes);
    return ok;
}

bool wt_mat_plausible(const uint8_t *bytes, size_t size)
{
    if (size < HEADER)
        return false;
    const bool little = memcmp(bytes + ENDIAN, "IM", 2) == 0;
    if (!little && memcmp(bytes + ENDIAN, "MI", 2) != 0)
        return false; /* level 4, or no MATLAB file */
    if (bytes[VERSION + little] != 1)
        return bytes[VERSION + little] == 2; /* 7.3, which is HDF5 */
    struct span s = {bytes + HEADER, size - HEADER, !little};
    struct element e;
    while (s.size >= 8) {
        if (!next(&s, &e))
            return false;
        if (e.type == TYPE_COMPRESSED ? !check_compressed(e.body)
                                      : e.type == TYPE_MATRIX && !check_matrix(e.body, 0))
            return false;
    }
    return true;
}
