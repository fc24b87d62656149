/* Writing protocol buffers into growing memory: the few wire types that ONNX needs.
 *
 * A nested message is opened, filled and closed; its length goes in front of it at closing. When
 * memory runs out, the buffer is marked and further calls do nothing. One thread at a time.
 * Source: https://protobuf.dev/programming-guides/encoding/ */
#ifndef WT_MODEL_PROTOBUF_H
#define WT_MODEL_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wt_protobuf {
    uint8_t *bytes;
    size_t size, capacity;
    bool failed;
};

void wt_protobuf_fini(struct wt_protobuf *p);
void wt_protobuf_int(struct wt_protobuf *p, int field, int64_t value);
void wt_protobuf_float(struct wt_protobuf *p, int field, float value);
void wt_protobuf_bytes(struct wt_protobuf *p, int field, const void *bytes, size_t size);
void wt_protobuf_text(struct wt_protobuf *p, int field, const char *text);
/* Bytes as they are, without a tag. */
void wt_protobuf_raw(struct wt_protobuf *p, const void *bytes, size_t size);
/* Tag and length of a field whose `size` bytes follow from elsewhere. */
void wt_protobuf_head(struct wt_protobuf *p, int field, uint64_t size);
/* Returns what close needs. */
size_t wt_protobuf_open(struct wt_protobuf *p, int field);
void wt_protobuf_close(struct wt_protobuf *p, size_t opened);

#endif
