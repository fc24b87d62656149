/* Makes pickles, streams and zip archives byte by byte, honest ones and others. */
#ifndef WT_TESTS_PICKLE_MAKER_H
#define WT_TESTS_PICKLE_MAKER_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    uint8_t data[1 << 17];
    size_t size;
};

static inline void put(struct bytes *b, const void *data, size_t size)
{
    if (size > sizeof b->data - b->size)
        abort();
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

static inline void put_number(struct bytes *b, uint64_t value, int size)
{
    for (int i = 0; i < size; i++, value >>= 8)
        put(b, &(uint8_t){(uint8_t)value}, 1);
}

/* A string literal with its NULs. */
#define PUT(b, literal) put(b, literal, sizeof literal - 1)

static inline void put_text(struct bytes *b, const char *text)
{
    PUT(b, "X");
    put_number(b, strlen(text), 4);
    put(b, text, strlen(text));
}

static inline void put_int(struct bytes *b, int64_t value)
{
    PUT(b, "\x8a\x08");
    put_number(b, (uint64_t)value, 8);
}

static inline void put_tuple(struct bytes *b, int n, const int64_t *values)
{
    PUT(b, "(");
    for (int i = 0; i < n; i++)
        put_int(b, values[i]);
    PUT(b, "t");
}

/* A tensor as torch._utils._rebuild_tensor_v2 gets it. */
struct maker_tensor {
    const char *name, *class, *key;
    int64_t count, offset;
    int dims, strides;
    int64_t size[10], stride[10];
};

static inline void put_tensor(struct bytes *b, const struct maker_tensor *t)
{
    if (t->name)
        put_text(b, t->name);
    PUT(b, "ctorch._utils\n_rebuild_tensor_v2\n((");
    put_text(b, "storage");
    PUT(b, "ctorch\n");
    put(b, t->class, strlen(t->class));
    PUT(b, "\n");
    put_text(b, t->key);
    put_text(b, "cpu");
    put_int(b, t->count);
    PUT(b, "tQ");
    put_int(b, t->offset);
    put_tuple(b, t->dims, t->size);
    put_tuple(b, t->strides, t->stride);
    PUT(b, "\x89}tR");
}

static inline void put_stream_head(struct bytes *b)
{
    PUT(b, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.");
    PUT(b, "\x80\x02M\xe9\x03.");
    PUT(b, "\x80\x02}X\x0d\x00\x00\x00little_endian\x88s.");
}

/* The list of one key, and its storage of floats 0, 1, ... */
static inline void put_stream_tail(struct bytes *b, const char *key, uint64_t stated, int floats)
{
    PUT(b, "\x80\x02](");
    if (key)
        put_text(b, key);
    PUT(b, "e.");
    if (key)
        put_number(b, stated, 8);
    for (int i = 0; i < floats; i++) {
        float f = (float)i;
        put(b, &f, sizeof f);
    }
}

struct maker_entry {
    const char *name, *data;
    uint32_t size;
    /* lies, where not 0 */
    uint32_t crc_xor;
    uint16_t flags, method;
    uint32_t local_shift, size_shift;
    const char *local_name;
    int zip64; /* sizes and offset in the extra field */
};

struct maker_zip {
    const struct maker_entry *entry;
    int entries;
    /* lies in the end record, added to the truth */
    int more_entries, more_size, more_offset, disk;
    int zip64; /* end record of zip64 too */
    const char *comment;
};

static inline uint32_t maker_crc(const char *data, size_t size)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= (uint8_t)data[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static inline void put_central(struct bytes *b, const struct maker_entry *e, size_t at)
{
    uint32_t size = e->size + e->size_shift, offset = (uint32_t)at + e->local_shift;
    PUT(b, "PK\x01\x02\x00\x00\x00\x00");
    put_number(b, e->flags, 2);
    put_number(b, e->method, 2);
    put_number(b, 0, 4);
    put_number(b, maker_crc(e->data, e->size) ^ e->crc_xor, 4);
    put_number(b, e->zip64 ? UINT32_MAX : size, 4);
    put_number(b, e->zip64 ? UINT32_MAX : size, 4);
    put_number(b, strlen(e->name), 2);
    put_number(b, e->zip64 ? 32 : 0, 2);
    put_number(b, 0, 10);
    put_number(b, e->zip64 ? UINT32_MAX : offset, 4);
    put(b, e->name, strlen(e->name));
    if (e->zip64) {
        PUT(b, "\xfe\xca\x00\x00\x01\x00\x18\x00");
        put_number(b, size, 8);
        put_number(b, size, 8);
        put_number(b, offset, 8);
    }
}

static inline void put_zip(struct bytes *b, const struct maker_zip *z)
{
    size_t at[16], start, size;
    for (int i = 0; i < z->entries; i++) {
        const struct maker_entry *e = &z->entry[i];
        const char *name = e->local_name ? e->local_name : e->name;
        at[i] = b->size;
        PUT(b, "PK\x03\x04");
        put_number(b, 0, 22);
        put_number(b, strlen(name), 2);
        put_number(b, 3, 2);
        put(b, name, strlen(name));
        PUT(b, "pad");
        put(b, e->data, e->size);
    }
    start = b->size;
    for (int i = 0; i < z->entries; i++)
        put_central(b, &z->entry[i], at[i]);
    size = b->size - start;
    if (z->zip64) {
        size_t end = b->size;
        PUT(b, "PK\x06\x06");
        put_number(b, 44, 8);
        put_number(b, 0, 12);
        put_number(b, (uint64_t)(z->entries + z->more_entries), 8);
        put_number(b, (uint64_t)(z->entries + z->more_entries), 8);
        put_number(b, size + (uint64_t)z->more_size, 8);
        put_number(b, start + (uint64_t)z->more_offset, 8);
        PUT(b, "PK\x06\x07\x00\x00\x00\x00");
        put_number(b, end + (uint64_t)z->disk, 8);
        put_number(b, 1, 4);
    }
    PUT(b, "PK\x05\x06");
    put_number(b, z->zip64 ? 0 : (uint64_t)z->disk, 2);
    put_number(b, 0, 4);
    put_number(b, z->zip64 ? UINT16_MAX : (uint64_t)(z->entries + z->more_entries), 2);
    put_number(b, z->zip64 ? UINT32_MAX : size + (uint64_t)z->more_size, 4);
    put_number(b, z->zip64 ? UINT32_MAX : start + (uint64_t)z->more_offset, 4);
    put_number(b, z->comment ? strlen(z->comment) : 0, 2);
    if (z->comment)
        put(b, z->comment, strlen(z->comment));
}

/* A checkpoint with that pickle and a storage "0" of two floats; what was in `to` before is gone.
 */
static inline void put_pickle_zip(struct bytes *to, const struct bytes *object)
{
    const struct maker_entry e[] = {
        {"a/data.pkl", (const char *)object->data, (uint32_t)object->size},
        {"a/data/0", "\0\0\0\0\0\0\x80\x3f", 8}};
    to->size = 0;
    put_zip(to, &(struct maker_zip){.entry = e, .entries = 2});
}

#endif
