#include "base/escape.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The code point at p and its length in bytes; length 0: not well-formed (RFC 3629, section 4). The
 * NUL at the text's end is no continuation byte, so nothing behind it is read. */
static uint32_t code_point(const unsigned char *p, size_t *length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t n = *p < 0x80                 ? 1
                     : *p >= 0xc2 && *p < 0xe0 ? 2
                     : *p >= 0xe0 && *p < 0xf0 ? 3
                     : *p >= 0xf0 && *p < 0xf5 ? 4
                                               : 0;
    uint32_t code = n == 1 ? *p : n ? *p & (0x7fU >> n) : 0;
    *length = 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3fU);
    }
    if (n && code >= least[n] && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000))
        *length = n;
    return code;
}

/* Does it do something instead of being seen? */
static bool commands(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

struct wt_escaped wt_escape_next(const char *text)
{
    static const char letters[] = "\aa\bb\tt\nn\vv\ff\rr";
    const unsigned char *p = (const unsigned char *)text;
    struct wt_escaped e = {.taken = 1};
    size_t n;
    const uint32_t code = code_point(p, &n);
    const char *letter = NULL;
    for (const char *l = letters; *l && !letter; l += 2)
        letter = (unsigned char)*l == *p ? l + 1 : NULL;
    e.valid = n > 0;
    if (n)
        e.taken = n;
    if (!n || (code < 0x80 && commands(code) && !letter))
        snprintf(e.text, sizeof e.text, "\\x%02x", *p);
    else if (letter)
        snprintf(e.text, sizeof e.text, "\\%c", *letter);
    else if (commands(code))
        snprintf(e.text, sizeof e.text, "\\u%04x", (unsigned)code);
    else
        memcpy(e.text, p, n);
    e.length = strlen(e.text);
    return e;
}

char *wt_escape(const char *text, char *out, size_t size)
{
    size_t used = 0;
    while (*text) {
        const struct wt_escaped e = wt_escape_next(text);
        if (used + e.length >= size)
            break;
        memcpy(out + used, e.text, e.length);
        used += e.length;
        text += e.taken;
    }
    out[used] = '\0';
    return out;
}

struct wt_escaped_line wt_escaped_line(const char *text)
{
    struct wt_escaped_line line;
    wt_escape(text, line.text, sizeof line.text);
    return line;
}
