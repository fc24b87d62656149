/* Damaged copies of a file, fed to a parser: it must take them, or refuse them in one line. */
#ifndef WT_TESTS_MUTATE_H
#define WT_TESTS_MUTATE_H

#include "capture.h"
#include "weights/file.h"
#include "weights/weights.h"

typedef enum wt_status parse_fn(struct wt_weights **out, const void *bytes, size_t size,
                                const char *what);

/* A copy of exactly that size, so that the sanitizer sees the first byte read beyond it. */
static inline enum wt_status parse_copy(parse_fn *parse, const void *bytes, size_t size)
{
    struct wt_weights *w = NULL;
    void *copy = malloc(size ? size : 1);
    enum wt_status status;
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    log_capture_start(&capture.log);
    status = parse(&w, copy, size, "file");
    assert_true(status ? !w : w != NULL);
    if (status ? !one_line_reported() : capture.log.errors != 0)
        fail_msg("status %d with %d error lines: %s", status, capture.log.errors, capture.log.last);
    wt_weights_destroy(&w);
    free(copy);
    return status;
}

static inline uint8_t *source_bytes(const char *name, size_t *size)
{
    char path[1200];
    uint8_t *bytes = NULL;
    assert_int_equal(wt_file_read(source_path(name, path, sizeof path), 1 << 20, &bytes, size),
                     WT_OK);
    return bytes;
}

/* Every beginning of the file is refused. */
static inline void refuse_truncated(parse_fn *parse, const char *name)
{
    size_t size;
    uint8_t *bytes = source_bytes(name, &size);
    assert_int_equal(parse_copy(parse, bytes, size), WT_OK);
    for (size_t n = 0; n < size; n++)
        if (parse_copy(parse, bytes, n) == WT_OK)
            fail_msg("%s: the first %zu of %zu bytes were taken", name, n, size);
    free(bytes);
}

static inline uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13; /* Marsaglia's xorshift */
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

/* One to four bytes changed, or a stretch copied elsewhere, again and again from a fixed seed. */
static inline void survive_damage(parse_fn *parse, const char *name, int rounds)
{
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff, '"', '{', '[', '(', 'R'};
    size_t size;
    uint8_t *bytes = source_bytes(name, &size), *copy = malloc(size);
    uint32_t seed = 20;
    int taken = 0;
    assert_non_null(copy);
    for (int i = 0; i < rounds; i++) {
        memcpy(copy, bytes, size);
        for (uint32_t k = 1 + next_random(&seed) % 4; k > 0; k--) {
            size_t at = next_random(&seed) % size, from = next_random(&seed) % size;
            size_t n = 1 + next_random(&seed) % 32;
            uint32_t how = next_random(&seed) % 4;
            if (how == 0 && at + n <= size && from + n <= size)
                memmove(copy + at, copy + from, n);
            else if (how == 1)
                copy[at] ^= (uint8_t)(1u << next_random(&seed) % 8);
            else if (how == 2)
                copy[at] = telling[next_random(&seed) % sizeof telling];
            else
                copy[at] = (uint8_t)next_random(&seed);
        }
        taken += parse_copy(parse, copy, size) == WT_OK;
    }
    print_message("%s: %d of %d damaged copies could still be read\n", name, taken, rounds);
    assert_true(taken < rounds);
    free(copy);
    free(bytes);
}

#endif
