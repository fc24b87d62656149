#include "config/config_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

#define BLANKS " \t"

/* ---- one line ------------------------------------------------------------------------------ */

static char *copy(const char *text, size_t length)
{
    return strndup(text, length);
}

static size_t trimmed(const char *text, size_t length)
{
    while (length > 0 && strchr(BLANKS, text[length - 1]))
        length--;
    return length;
}

/* Nothing but blanks, or blanks and a comment? */
static bool is_rest(const char *text)
{
    text += strspn(text, BLANKS);
    return !*text || *text == '#';
}

/* The value at the start of text; *after gets what follows it. */
static char *read_value(const char *text, const char **after)
{
    if (text[0] == '"')
        for (const char *q = strchr(text + 1, '"'); q; q = strchr(q + 1, '"'))
            if (is_rest(q + 1)) {
                *after = q + 1;
                return copy(text + 1, (size_t)(q - text - 1));
            }
    size_t length = 0;
    while (text[length] && !(text[length] == '#' && (!length || strchr(BLANKS, text[length - 1]))))
        length++;
    length = trimmed(text, length);
    *after = text + length;
    return copy(text, length);
}

/* NULL, or why the line cannot be read. Memory that is missing leaves name or value NULL. */
static const char *read_line(struct wt_config_line *l)
{
    const char *text = l->raw + strspn(l->raw, BLANKS);
    if (!*text || *text == '#' || *text == ';')
        return NULL;
    if (*text == '[') {
        const char *close = strchr(text, ']');
        size_t length = close ? trimmed(text + 1, (size_t)(close - text - 1)) : 0;
        size_t skip = strspn(text + 1, BLANKS);
        l->lost = !close || length <= skip || !is_rest(close + 1);
        if (l->lost)
            return "not a section like [name]; its lines are not used";
        l->name = copy(text + 1 + skip, length - skip);
        return NULL;
    }
    const char *equals = strchr(text, '=');
    size_t length = equals ? trimmed(text, (size_t)(equals - text)) : 0;
    if (!length)
        return "not a line like key = value";
    l->name = copy(text, length);
    equals++;
    l->value = read_value(equals + strspn(equals, BLANKS), &l->rest);
    return NULL;
}

static void free_line(struct wt_config_line *l)
{
    free(l->raw);
    free(l->name);
    free(l->value);
    *l = (struct wt_config_line){0};
}

/* Takes raw over; NULL: out of memory. */
static enum wt_status make_line(struct wt_config_line *l, char *raw, const char **why)
{
    *l = (struct wt_config_line){.raw = raw};
    *why = raw ? read_line(l) : NULL;
    const char *text = raw ? raw + strspn(raw, BLANKS) : "";
    const bool meant = *text && *text != '#' && *text != ';' && !*why;
    if (raw && (!meant || (l->name && (*text == '[' || l->value))))
        return WT_OK;
    free_line(l);
    return wt_fail(WT_ERR_MEMORY, "out of memory for settings");
}

/* ---- all of them --------------------------------------------------------------------------- */

/* Takes raw over. */
static enum wt_status insert(struct wt_config_lines *lines, int at, char *raw, const char **why)
{
    struct wt_config_line line;
    enum wt_status status = make_line(&line, raw, why);
    if (status)
        return status;
    if (lines->count == lines->room) {
        int room = lines->room ? 2 * lines->room : 64;
        struct wt_config_line *more = realloc(lines->line, (size_t)room * sizeof *more);
        if (!more) {
            free_line(&line);
            return wt_fail(WT_ERR_MEMORY, "out of memory for settings");
        }
        lines->line = more;
        lines->room = room;
    }
    memmove(lines->line + at + 1, lines->line + at,
            (size_t)(lines->count - at) * sizeof *lines->line);
    lines->line[at] = line;
    lines->count++;
    return WT_OK;
}

static void take_out(struct wt_config_lines *lines, int at)
{
    free_line(&lines->line[at]);
    lines->count--;
    memmove(lines->line + at, lines->line + at + 1,
            (size_t)(lines->count - at) * sizeof *lines->line);
}

enum wt_status wt_config_lines_parse(struct wt_config_lines *lines, const char *text,
                                     const char *file)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        const char *why;
        enum wt_status status = insert(lines, lines->count, copy(text, length), &why);
        if (status)
            return status;
        if (why && file)
            wt_log(WT_LOG_WARN, "%s:%d: %.*s: %s", file, lines->count,
                   (int)(length < 60 ? length : 60), text, why);
        text += length + (text[length] == '\n');
    }
    return WT_OK;
}

void wt_config_lines_fini(struct wt_config_lines *lines)
{
    for (int i = 0; i < lines->count; i++)
        free_line(&lines->line[i]);
    free(lines->line);
    *lines = (struct wt_config_lines){0};
}

static bool starts_section(const struct wt_config_line *l)
{
    return l->lost || (l->name && !l->value);
}

bool wt_config_lines_section(const struct wt_config_lines *lines, const char *section, int *first,
                             int *end)
{
    int i = 0;
    if (*section)
        while (i < lines->count && !(starts_section(&lines->line[i]) && !lines->line[i].lost &&
                                     strcmp(lines->line[i].name, section) == 0))
            i++;
    if (*section && i++ == lines->count)
        return false;
    *first = i;
    while (i < lines->count && !starts_section(&lines->line[i]))
        i++;
    *end = i;
    return true;
}

/* `key = value`, in quotes where it would read differently without; NULL: out of memory. */
static char *format(const char *key, const char *value, const char *rest)
{
    const char *after;
    char *text = NULL, *same = read_value(value, &after);
    bool plain = same && strcmp(same, value) == 0 && strcspn(value, BLANKS) > 0;
    const char *quote = plain ? "" : "\"";
    if (asprintf(&text, "%s = %s%s%s%s", key, quote, value, quote, rest ? rest : "") < 0)
        text = NULL;
    free(same);
    return text;
}

enum wt_status wt_config_lines_set(struct wt_config_lines *lines, const char *section,
                                   const char *key, const char *value)
{
    int first, end, at = -1;
    const char *why;
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < ' ')
            return WT_ERR_FORMAT;
    if (!wt_config_lines_section(lines, section, &first, &end))
        return WT_OK; /* a section that somebody has removed meanwhile */
    for (int i = end - 1; i >= first; i--) {
        struct wt_config_line *l = &lines->line[i];
        if (!l->value || strcmp(l->name, key) != 0)
            continue;
        if (!*value)
            take_out(lines, i);
        else
            at = at < 0 ? i : at;
    }
    if (!*value)
        return WT_OK;
    const bool there = at >= 0;
    char *raw = format(key, value, there ? lines->line[at].rest : NULL);
    struct wt_config_line probe;
    if (make_line(&probe, raw ? strdup(raw) : NULL, &why)) {
        free(raw);
        return WT_ERR_MEMORY;
    }
    const bool holds = probe.value && strcmp(probe.value, value) == 0;
    free_line(&probe);
    if (!holds) {
        free(raw);
        return WT_ERR_FORMAT;
    }
    if (!there)
        for (at = end; end < lines->count && at > first && !*lines->line[at - 1].raw;)
            at--; /* before the blank lines in front of the next section */
    enum wt_status status = insert(lines, at, raw, &why);
    if (!status && there)
        take_out(lines, at + 1);
    return status;
}

enum wt_status wt_config_lines_add_section(struct wt_config_lines *lines, const char *name)
{
    int first, end;
    char *raw = NULL;
    const char *why;
    if (wt_config_lines_section(lines, name, &first, &end))
        return WT_OK;
    if (asprintf(&raw, "[%s]", name) < 0)
        raw = NULL;
    enum wt_status status = insert(lines, lines->count, strdup(""), &why);
    if (status) {
        free(raw);
        return status;
    }
    return insert(lines, lines->count, raw, &why);
}

void wt_config_lines_remove_section(struct wt_config_lines *lines, const char *name)
{
    int first, end;
    if (!*name || !wt_config_lines_section(lines, name, &first, &end))
        return;
    for (int i = end - 1; i >= first - 1; i--)
        take_out(lines, i);
}
