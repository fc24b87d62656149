/* RFC 8794 (EBML), sections 4 to 6: an element is its id, its size and so many bytes. RFC 9559
 * (Matroska), 4.5: a file is an EBML header and a segment. */
#include "input/matroska_end.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#define EBML_HEADER 0x1A45DFA3u
#define SEGMENT 0x18538067u
#define UNKNOWN UINT64_MAX

/* Big-endian, in as many bytes as the first one's leading zero bits say, and one; a size is without
 * the bit that ends them. Returns false at the end of the file, or for no number. */
static bool read_number(FILE *f, bool size, uint64_t *out)
{
    const int first = fgetc(f);
    int more = 0;
    if (first <= 0)
        return false;
    while (!(first << more & 0x80))
        more++;
    uint64_t ones = (0x80u >> more) - 1, value = size ? (uint64_t)first & ones : (uint64_t)first;
    for (int i = 0; i < more; i++) {
        const int next = fgetc(f);
        if (next == EOF)
            return false;
        value = value << 8 | (uint64_t)next;
        ones = ones << 8 | 0xff;
    }
    *out = size && value == ones ? UNKNOWN : value;
    return true;
}

/* The size of an element of that kind, which comes next; its content then comes next. */
static bool read_element(FILE *f, uint64_t kind, uint64_t *size)
{
    uint64_t id;
    return read_number(f, false, &id) && id == kind && read_number(f, true, size);
}

bool wt_matroska_is_cut(const char *path)
{
    struct stat st;
    uint64_t size;
    bool cut = false;
    /* a pipe's bytes are gone, and an address is no file */
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    FILE *f = fopen(path, "rbe");
    if (!f)
        return false;
    if (read_element(f, EBML_HEADER, &size) && size < 4096 && fseek(f, (long)size, SEEK_CUR) == 0 &&
        read_element(f, SEGMENT, &size) && size != UNKNOWN) {
        const uint64_t at = (uint64_t)ftell(f), there = (uint64_t)st.st_size;
        cut = at > there || size > there - at;
    }
    fclose(f);
    return cut;
}
