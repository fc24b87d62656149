#include "weights/text.h"

#include <stdint.h>
#include <string.h>

/* Length of the well-formed sequence at p, 0 if there is none. */
static size_t sequence(const uint8_t *p, size_t left)
{
    /* First byte's range, then the range of the second: RFC 3629, section 4. */
    static const struct {
        uint8_t first, last, low, high, size;
    } form[] = {
        {0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
        if (*p < form[i].first || *p > form[i].last)
            continue;
        if (left < form[i].size)
            return 0;
        if (form[i].size > 1 && (p[1] < form[i].low || p[1] > form[i].high))
            return 0;
        for (size_t k = 2; k < form[i].size; k++)
            if (p[k] < 0x80 || p[k] > 0xbf)
                return 0;
        return form[i].size;
    }
    return 0;
}

bool wt_utf8_valid(const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    while (size) {
        size_t n = sequence(p, size);
        if (!n)
            return false;
        p += n;
        size -= n;
    }
    return true;
}

struct wt_printable_text wt_printable(const void *bytes, size_t size)
{
    struct wt_printable_text s;
    const uint8_t *p = bytes;
    size_t n = size < 63 ? size : 63;
    for (size_t i = 0; i < n; i++)
        s.text[i] = p[i] >= 0x20 && p[i] < 0x7f ? (char)p[i] : '?';
    memcpy(s.text + n, size > n ? "..." : "", size > n ? 4 : 1);
    return s;
}
