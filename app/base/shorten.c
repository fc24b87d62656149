#include "base/shorten.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool begins_character(const char *p)
{
    return (*p & 0xc0) != 0x80;
}

char *wt_shorten(char *out, size_t size, const char *text, float room, wt_text_width *width,
                 void *user)
{
    static const char gap[] = "...";
    const char *end = text + strlen(text), *head = text, *tail = end;
    if (width(text, end, user) <= room) {
        snprintf(out, size, "%s", text);
        return out;
    }
    const float half = (room - width(gap, gap + 3, user)) / 2;
    for (const char *p = text + 1; p < end; p++)
        if (begins_character(p)) {
            if (width(text, p, user) > half)
                break;
            head = p;
        }
    for (const char *p = end - 1; p > head; p--)
        if (begins_character(p)) {
            if (width(p, end, user) > half)
                break;
            tail = p;
        }
    snprintf(out, size, "%.*s%s%s", (int)(head - text), text, gap, tail);
    return out;
}
