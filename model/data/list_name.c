#include "data/list_name.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* No name is longer, and no search for its other quote needs to go on. */
enum { NAME_MAX_BYTES = 8192 };

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool ends_field(char c)
{
    return c == '\0' || blank(c);
}

/* Length of the quoted field at p, quotes included; 0: there is none. */
static size_t quoted(const char *p)
{
    const char quote = *p;
    if (quote != '"' && quote != '\'')
        return 0;
    for (size_t i = 1; i < NAME_MAX_BYTES && p[i]; i++) {
        if (quote == '"' && p[i] == '\\' && (p[i + 1] == '"' || p[i + 1] == '\\'))
            i++;
        else if (p[i] == quote && ends_field(p[i + 1]))
            return i > 1 ? i + 1 : 0;
    }
    return 0;
}

/* Length of the field at p, where a blank after a backslash is a part of it. */
static size_t bare(const char *p)
{
    size_t i = 0;
    while (!ends_field(p[i]) || (p[i] && i && p[i - 1] == '\\'))
        i++;
    return i;
}

size_t wt_list_field(const char *line)
{
    const size_t n = quoted(line);
    return n ? n : bare(line);
}

/* Takes quotes and escapes off a field of n bytes; returns where the name starts. */
static char *plain(char *field, size_t n)
{
    const char quote = quoted(field) == n ? field[0] : '\0';
    char *to = field;
    const char *from = quote ? field + 1 : field, *end = quote ? field + n - 1 : field + n;
    for (; from < end; from++) {
        const char next = from + 1 < end ? from[1] : '\0';
        if (*from == '\\' &&
            ((quote == '"' && (next == '"' || next == '\\')) || (!quote && next && blank(next))))
            from++;
        *to++ = *from;
    }
    *to = '\0';
    return field;
}

char *wt_list_name_first(char *line, char **rest)
{
    const size_t n = wt_list_field(line);
    *rest = line + n + (line[n] != '\0');
    line[n] = '\0';
    return plain(line, n);
}

char *wt_list_name_last(char *line, char **rest)
{
    const size_t length = strlen(line);
    const char last = length ? line[length - 1] : '\0';
    char *start = line + length, *found = NULL;
    while (start > line && !(blank(start[-1]) && (start - 1 == line || start[-2] != '\\')))
        start--;
    if (last == '"' || last == '\'') {
        const size_t back = length < NAME_MAX_BYTES ? length : NAME_MAX_BYTES;
        for (char *p = line + length - back; *p && !found; p++)
            if (*p == last && (p == line || blank(p[-1])) && quoted(p) == strlen(p))
                found = p;
    }
    start = found ? found : start;
    *rest = start > line ? line : line + length;
    char *name = plain(start, strlen(start));
    if (start > line)
        start[-1] = '\0';
    else
        *rest = name + strlen(name);
    return name;
}

bool wt_list_numeric(const char *word, size_t length)
{
    char *end;
    strtof(word, &end);
    return length && end == word + length;
}

size_t wt_list_name_words(const char *line, int most)
{
    size_t end = strlen(line);
    for (int words = 0; words <= most; words++) {
        while (end && blank(line[end - 1]))
            end--;
        size_t start = end;
        while (start && !blank(line[start - 1]))
            start--;
        if (!end || !wt_list_numeric(line + start, end - start))
            return end;
        end = start;
    }
    return 0;
}

const char *wt_list_name_after(const char *line)
{
    for (const char *p = line;;) {
        p += strspn(p, " \t");
        const size_t n = strcspn(p, " \t");
        if (!wt_list_numeric(p, n))
            return p;
        p += n;
    }
}

int wt_picture_ending(const char *ending)
{
    static const char *const known[] = {"jpg", "png",  "jpeg", "bmp",  "jfif", "jpe", "tif", "tiff",
                                        "gif", "webp", "avif", "heic", "heif", "hif", "jxl", "jp2",
                                        "j2k", "jpx",  "ppm",  "pgm",  "pbm",  "pnm", "pam", "pfm",
                                        "dib", "ras",  "sr",   "exr",  "hdr",  "pic", "tga", "ico"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcasecmp(ending, known[i]) == 0)
            return (int)i;
    return -1;
}

bool wt_picture_named(const char *name, size_t n)
{
    char ending[8];
    size_t length = 0;
    while (length < n && name[n - 1 - length] != '.')
        length++;
    if (length == n || length >= sizeof ending)
        return false;
    memcpy(ending, name + n - length, length);
    ending[length] = '\0';
    return wt_picture_ending(ending) >= 0;
}
