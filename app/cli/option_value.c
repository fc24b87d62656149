/* The values of options: from text to their place in the settings, and back. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_table.h"

/* Why a value does not fit; always false, so that it can end a function. */
struct reason {
    char *text;
    size_t size;
};
static bool refuse(struct reason why, const char *format, ...) WT_PRINTF(2, 3);

static bool refuse(struct reason why, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why.text, why.size, format, arguments);
    va_end(arguments);
    return false;
}

/* strtol and strtod skip blanks: " 3" is as wrong as "3 ". */
static bool whole(const char *text, const char *end)
{
    return end != text && !*end && !strchr(" \t\n\v\f\r", text[0]);
}

static bool set_int(const struct wt_option *o, int *field, const char *text, struct reason why)
{
    bool bounded = o->min != 0 || o->max != 0;
    double min = bounded ? o->min : INT_MIN, max = bounded ? o->max : INT_MAX;
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (!whole(text, end))
        return refuse(why, "\"%s\" is not a whole number", text);
    if (errno == ERANGE || v < min || v > max)
        return refuse(why, "%s is out of range (%.0f to %.0f)", text, min, max);
    *field = (int)v;
    return true;
}

static bool set_real(const struct wt_option *o, double *field, const char *text, struct reason why)
{
    bool bounded = o->min != 0 || o->max != 0;
    char *end;
    double v = strtod(text, &end);
    if (!whole(text, end) || isnan(v))
        return refuse(why, "\"%s\" is not a number", text);
    if (bounded && (!isfinite(v) || v < o->min || v > o->max))
        return refuse(why, "%s is out of range (%g to %g)", text, o->min, o->max);
    if (!isfinite(v))
        return refuse(why, "%s is out of range", text);
    *field = v;
    return true;
}

/* The index of the first `length` bytes of text among the choices, or -1. */
static int find_choice(const struct wt_option *o, const char *text, size_t length)
{
    for (int i = 0; o->choices[i]; i++)
        if (strlen(o->choices[i]) == length && !strncmp(o->choices[i], text, length))
            return i;
    return -1;
}

static bool refuse_choice(const struct wt_option *o, const char *text, size_t length,
                          struct reason why)
{
    char all[256] = "";
    size_t used = 0;
    for (int i = 0; o->choices[i] && used < sizeof all; i++)
        used +=
            (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", o->choices[i]);
    return refuse(why, "\"%.*s\" is not one of %s", (int)(length < 200 ? length : 200), text, all);
}

static bool set_choice(const struct wt_option *o, int *field, const char *text, struct reason why)
{
    int i = find_choice(o, text, strlen(text));
    if (i < 0)
        return refuse_choice(o, text, strlen(text), why);
    *field = i;
    return true;
}

/* A word's bit is that of its place; "none" has none. */
static bool set_words(const struct wt_option *o, int *field, const char *text, struct reason why)
{
    int bits = 0;
    if (!*text)
        return refuse(why, "the value is empty");
    while (*text) {
        text += strspn(text, " \t");
        size_t length = strcspn(text, ","), word = length;
        while (word > 0 && strchr(" \t", text[word - 1]))
            word--;
        int i = find_choice(o, text, word);
        if (i < 0)
            return refuse_choice(o, text, word, why);
        if (strcmp(o->choices[i], "none") != 0)
            bits |= 1 << i;
        text += length;
        text += *text == ',';
    }
    *field = bits;
    return true;
}

static bool set_size(const struct wt_option *o, int field[2], const char *text, struct reason why)
{
    int width, height;
    char rest;
    if (sscanf(text, "%5dx%5d%c", &width, &height, &rest) != 2 || !strchr("123456789", text[0]) ||
        width < o->min || height < o->min || width > o->max || height > o->max)
        return refuse(why, "%s is not a size like 1280x720 (%.0f to %.0f)", text, o->min, o->max);
    field[0] = width;
    field[1] = height;
    return true;
}

static bool set_flag(bool *field, const char *text, struct reason why)
{
    static const char *const words[] = {"no", "yes", "off", "on", "false", "true"};
    for (int i = 0; i < 6; i++)
        if (strcmp(text, words[i]) == 0) {
            *field = i % 2;
            return true;
        }
    return refuse(why, "\"%s\" is not yes or no", text);
}

bool wt_option_set(const struct wt_option *o, void *settings, const char *text, char *reason,
                   size_t size)
{
    void *field = (unsigned char *)settings + o->offset;
    struct reason why = {reason, size};
    switch (o->kind) {
    case WT_OPTION_FLAG:
        return set_flag(field, text, why);
    case WT_OPTION_INT:
        return set_int(o, field, text, why);
    case WT_OPTION_REAL:
        return set_real(o, field, text, why);
    case WT_OPTION_CHOICE:
        return set_choice(o, field, text, why);
    case WT_OPTION_WORDS:
        return set_words(o, field, text, why);
    case WT_OPTION_SIZE:
        return set_size(o, field, text, why);
    case WT_OPTION_STRING:
    case WT_OPTION_POSITIONAL:
    case WT_OPTION_REST:
        break;
    }
    if (!*text)
        return refuse(why, "the value is empty");
    if (o->kind != WT_OPTION_REST) {
        *(const char **)field = text;
        return true;
    }
    struct wt_words *words = field;
    if (words->count == WT_WORDS_MAX)
        return refuse(why, "more than %d of them", WT_WORDS_MAX);
    words->word[words->count++] = text;
    return true;
}

static void print_words(const struct wt_option *o, int bits, char *buffer, size_t size)
{
    size_t used = 0;
    snprintf(buffer, size, "none");
    for (int i = 0; o->choices[i] && used < size; i++)
        if (bits >> i & 1)
            used += (size_t)snprintf(buffer + used, size - used, "%s%s", used ? "," : "",
                                     o->choices[i]);
}

void wt_option_print(const struct wt_option *o, const void *settings, char *buffer, size_t size)
{
    const void *field = (const unsigned char *)settings + o->offset;
    const int *whole_number = field;
    const char *text = "";
    switch (o->kind) {
    case WT_OPTION_INT:
        snprintf(buffer, size, "%d", *whole_number);
        return;
    case WT_OPTION_REAL:
        snprintf(buffer, size, "%g", *(const double *)field);
        return;
    case WT_OPTION_WORDS:
        print_words(o, *whole_number, buffer, size);
        return;
    case WT_OPTION_SIZE:
        buffer[0] = '\0';
        if (whole_number[0] > 0)
            snprintf(buffer, size, "%dx%d", whole_number[0], whole_number[1]);
        return;
    case WT_OPTION_CHOICE:
        text = o->choices[*whole_number];
        break;
    case WT_OPTION_FLAG:
        text = *(const bool *)field ? "yes" : "no";
        break;
    case WT_OPTION_STRING:
    case WT_OPTION_POSITIONAL:
        text = *(const char *const *)field ? *(const char *const *)field : "";
        break;
    case WT_OPTION_REST:
        break;
    }
    snprintf(buffer, size, "%s", text);
}
