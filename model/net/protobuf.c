#include "net/protobuf.h"

#include <stdlib.h>
#include <string.h>

enum { VARINT = 0, DELIMITED = 2, FIXED32 = 5, VARINT_MAX = 10 };

void wt_protobuf_fini(struct wt_protobuf *p)
{
    free(p->bytes);
    *p = (struct wt_protobuf){0};
}

static bool reserve(struct wt_protobuf *p, size_t more)
{
    size_t capacity = p->capacity ? p->capacity : 4096;
    uint8_t *bytes;
    if (p->failed)
        return false;
    while (capacity - p->size < more)
        capacity *= 2;
    if (capacity == p->capacity)
        return true;
    bytes = realloc(p->bytes, capacity);
    if (!bytes) {
        p->failed = true;
        return false;
    }
    p->bytes = bytes;
    p->capacity = capacity;
    return true;
}

void wt_protobuf_raw(struct wt_protobuf *p, const void *bytes, size_t size)
{
    if (size && reserve(p, size)) {
        memcpy(p->bytes + p->size, bytes, size);
        p->size += size;
    }
}

static size_t encode(uint8_t to[VARINT_MAX], uint64_t v)
{
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        to[n++] = (uint8_t)(v | 0x80);
    to[n++] = (uint8_t)v;
    return n;
}

static void varint(struct wt_protobuf *p, uint64_t v)
{
    uint8_t b[VARINT_MAX];
    wt_protobuf_raw(p, b, encode(b, v));
}

static void tag(struct wt_protobuf *p, int field, int type)
{
    varint(p, (uint64_t)field << 3 | (uint64_t)type);
}

void wt_protobuf_int(struct wt_protobuf *p, int field, int64_t value)
{
    tag(p, field, VARINT);
    varint(p, (uint64_t)value);
}

void wt_protobuf_float(struct wt_protobuf *p, int field, float value)
{
    tag(p, field, FIXED32);
    wt_protobuf_raw(p, &value, sizeof value);
}

void wt_protobuf_head(struct wt_protobuf *p, int field, uint64_t size)
{
    tag(p, field, DELIMITED);
    varint(p, size);
}

void wt_protobuf_bytes(struct wt_protobuf *p, int field, const void *bytes, size_t size)
{
    wt_protobuf_head(p, field, size);
    wt_protobuf_raw(p, bytes, size);
}

void wt_protobuf_text(struct wt_protobuf *p, int field, const char *text)
{
    wt_protobuf_bytes(p, field, text, strlen(text));
}

size_t wt_protobuf_open(struct wt_protobuf *p, int field)
{
    tag(p, field, DELIMITED);
    return p->size;
}

void wt_protobuf_close(struct wt_protobuf *p, size_t opened)
{
    uint8_t b[VARINT_MAX];
    size_t length = p->size - opened, n = encode(b, length);
    if (!reserve(p, n))
        return;
    memmove(p->bytes + opened + n, p->bytes + opened, length);
    memcpy(p->bytes + opened, b, n);
    p->size += n;
}
