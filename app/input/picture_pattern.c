/* Patterns of file names. The C library's fnmatch() and glob() take time that grows with a power
 * of the number of stars, and glob() walks folders without an end where links lead in circles. */
#include <string.h>

#include "input/picture_names.h"

/* The set at p, behind its `[`: does it hold c? *next: behind its `]`, NULL: it has none. */
static bool in_set(const char *p, const char *end, unsigned char c, const char **next)
{
    bool found = false;
    const bool none_of = p < end && (*p == '!' || *p == '^');
    p += none_of;
    *next = NULL;
    for (const char *first = p; p < end && (*p != ']' || p == first); p++) {
        if (*p == '\\' && p + 1 < end)
            p++;
        unsigned char low = (unsigned char)*p, high = low;
        if (p + 2 < end && p[1] == '-' && p[2] != ']') {
            high = (unsigned char)p[2];
            p += 2;
        }
        found = found || (c >= low && c <= high);
    }
    if (p < end)
        *next = p + 1;
    return found != none_of;
}

/* Bytes of the character at s. */
static size_t character(const char *s)
{
    size_t n = 1;
    while (((unsigned char)s[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* Takes one step of the pattern that is no star; false: s does not fit it. */
static bool step(const char **p, const char *end, const char **s)
{
    const char *next = *p + 1;
    if (**p == '?') {
        *s += character(*s);
    } else if (**p == '[') {
        const bool fits = in_set(*p + 1, end, (unsigned char)**s, &next);
        if (!next) { /* a bracket that nothing closes stands for itself */
            next = *p + 1;
            if (**s != '[')
                return false;
        } else if (!fits) {
            return false;
        }
        ++*s;
    } else {
        if (**p == '\\' && next < end)
            ++*p;
        if (**p != **s)
            return false;
        next = *p + 1;
        ++*s;
    }
    *p = next;
    return true;
}

/* Only the last star is ever tried again: an earlier one that takes more bytes cannot help. */
bool wt_pattern_fits(const char *pattern, size_t n, const char *name)
{
    const char *p = pattern, *end = pattern + n, *s = name;
    const char *star = NULL, *retry = NULL;
    for (;;) {
        if (p < end && *p == '*') {
            star = ++p;
            retry = s;
        } else if (p == end && !*s) {
            return true;
        } else if (p < end && *s && step(&p, end, &s)) {
            continue;
        } else if (star && *retry) {
            p = star;
            s = ++retry;
        } else {
            return false;
        }
    }
}
