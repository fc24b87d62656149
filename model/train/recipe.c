#include "train/recipe.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/bad_lines.h"
#include "face/scheme.h"
#include "weights/file.h"
#include "weights/text.h"

enum { OPTIONS_MAX = 128 };
static const size_t FILE_MAX_BYTES = (size_t)1 << 20;

struct reader {
    const char *path;
    struct wt_recipe *recipe;
    size_t folder;          /* length of the path up to and with the last slash */
    int given[OPTIONS_MAX]; /* line, by option; 0: not given */
    int line;
    struct wt_bad_lines bad;
};

static void *field(struct wt_recipe *r, const struct wt_recipe_option *o)
{
    return (char *)r + o->offset;
}

/* file:line: key: reason. Always FORMAT. */
WT_PRINTF(3, 4)
static enum wt_status bad(struct reader *r, const char *key, const char *format, ...)
{
    char reason[400];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return wt_bad_line(&r->bad, r->line, "%s: %s", wt_printable(key, strlen(key)).text, reason);
}

/* ---- values -----------------------------------------------------------------------------------
 */

/* A number within the option's range, whole if it has to be. */
static enum wt_status number(struct reader *r, const struct wt_recipe_option *o, const char *text,
                             bool whole, double *out)
{
    char *end;
    const double v = strtod(text, &end);
    if (end == text || *end || !isfinite(v))
        return bad(r, o->name, "\"%s\" is not a number", wt_printable(text, strlen(text)).text);
    if (whole && v != floor(v))
        return bad(r, o->name, "%s is not a whole number", wt_printable(text, strlen(text)).text);
    if (v < o->min || v > o->max)
        return bad(r, o->name, "%s is out of range (%g to %g)",
                   wt_printable(text, strlen(text)).text, o->min, o->max);
    *out = v;
    return WT_OK;
}

static enum wt_status choice(struct reader *r, const char *key, const char *const *choices,
                             const char *text, int *out)
{
    char all[200] = "";
    size_t used = 0;
    for (int i = 0; choices[i]; i++) {
        if (strcmp(choices[i], text) == 0) {
            *out = i;
            return WT_OK;
        }
        if (used < sizeof all)
            used +=
                (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", choices[i]);
    }
    return bad(r, key, "\"%s\" is not one of %s", wt_printable(text, strlen(text)).text, all);
}

/* A path of its own, from the recipe's folder on. */
static enum wt_status path(struct reader *r, const char *text, char **out)
{
    const size_t folder = text[0] == '/' ? 0 : r->folder, length = strlen(text) + 1;
    char *s = malloc(folder + length);
    if (!s)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", r->path);
    memcpy(s, r->path, folder);
    memcpy(s + folder, text, length);
    *out = s;
    return WT_OK;
}

static enum wt_status numbers(struct reader *r, const struct wt_recipe_option *o, char *text)
{
    int n = 0;
    for (char *save, *word = strtok_r(text, " \t,", &save); word;
         word = strtok_r(NULL, " \t,", &save)) {
        double v;
        enum wt_status status = number(r, o, word, true, &v);
        if (status)
            return status;
        if (n == WT_RECIPE_STEPS)
            return bad(r, o->name, "more than %d numbers", WT_RECIPE_STEPS);
        if (n && v <= r->recipe->step[n - 1])
            return bad(r, o->name, "%s does not come after the number before it", word);
        r->recipe->step[n++] = (int)v;
    }
    r->recipe->steps = n;
    return WT_OK;
}

static enum wt_status set(struct reader *r, const struct wt_recipe_option *o, char *text)
{
    static const char *const yes_no[] = {"no", "yes", NULL};
    struct wt_recipe *recipe = r->recipe;
    void *at = field(recipe, o);
    enum wt_status status = WT_OK;
    double v = 0;
    int i = 0;
    switch (o->kind) {
    case WT_RECIPE_BOOL:
        if (!(status = choice(r, o->name, yes_no, text, &i)))
            *(bool *)at = i;
        return status;
    case WT_RECIPE_CHOICE:
        return choice(r, o->name, o->choices, text, at);
    case WT_RECIPE_INT:
        if (!(status = number(r, o, text, true, &v)))
            *(int *)at = (int)v;
        return status;
    case WT_RECIPE_REAL:
        return number(r, o, text, false, at);
    case WT_RECIPE_FLOAT:
        if (!(status = number(r, o, text, false, &v)))
            *(float *)at = (float)v;
        return status;
    case WT_RECIPE_PATH:
        return path(r, text, at);
    case WT_RECIPE_PATHS:
        if (recipe->sources == WT_RECIPE_SOURCES)
            return bad(r, o->name, "more than %d sources", WT_RECIPE_SOURCES);
        status = path(r, text, &recipe->data[recipe->sources]);
        recipe->sources += !status;
        return status;
    case WT_RECIPE_NUMBERS:
        return numbers(r, o, text);
    case WT_RECIPE_GROUP:
        break;
    }
    return WT_OK;
}

/* ---- lines ------------------------------------------------------------------------------------
 */

static char *trim(char *s)
{
    size_t n = strlen(s);
    while (n && strchr(" \t\r", s[n - 1]))
        s[--n] = '\0';
    return s + strspn(s, " \t");
}

/* Ends the line before a comment: # at its start or after a blank. */
static void cut_comment(char *s)
{
    for (char *p = s; (p = strchr(p, '#')); p++)
        if (p == s || p[-1] == ' ' || p[-1] == '\t') {
            *p = '\0';
            return;
        }
}

static int find(const char *key)
{
    const struct wt_recipe_option *o = wt_recipe_options();
    for (int i = 0; o[i].name; i++)
        if (o[i].kind != WT_RECIPE_GROUP && strcmp(o[i].name, key) == 0)
            return i;
    return -1;
}

static enum wt_status take_line(struct reader *r, char *text, size_t length)
{
    if (!wt_utf8_valid(text, length))
        return bad(r, "line", "not text");
    cut_comment(text);
    char *key = trim(text);
    if (!*key)
        return WT_OK;
    char *equals = strchr(key, '=');
    if (!equals)
        return bad(r, key, "a line is: key = value");
    *equals = '\0';
    char *value = trim(equals + 1);
    key = trim(key);
    const int i = find(key);
    if (i < 0)
        return bad(r, key, "unknown key; known are those of: wingtip train --help-recipe");
    const struct wt_recipe_option *o = &wt_recipe_options()[i];
    if (!*value)
        return bad(r, key, "no value after the =");
    if (r->given[i] && o->kind != WT_RECIPE_PATHS)
        return bad(r, key, "given before, in line %d", r->given[i]);
    r->given[i] = r->line;
    return set(r, o, value);
}

/* ---- the whole --------------------------------------------------------------------------------
 */

/* What no line alone can tell. Reported at the line that gave the key, if one did. */
static void check_whole(struct reader *r)
{
    struct wt_recipe *recipe = r->recipe;
    const struct wt_loss papers = wt_loss_defaults(recipe->loss.kind);
    if (!r->given[find("omega")])
        recipe->loss.omega = papers.omega;
    if (!r->given[find("epsilon")])
        recipe->loss.epsilon = papers.epsilon;
    r->line = r->given[find("points")];
    if (!wt_scheme_get(recipe->points))
        bad(r, "points", "no scheme has %d points; known are 98, 68, 29, 19", recipe->points);
    r->line = r->given[find("width")];
    if (recipe->width % 16)
        bad(r, "width", "%d is not a multiple of 16", recipe->width);
    r->line = r->given[find("input")];
    if (!wt_input_fits(recipe->augment.input))
        bad(r, "input", "%d is not 128, 192 or 256", recipe->augment.input);
    r->line = r->given[find("side_max")];
    if (recipe->frames.side_max < recipe->frames.side_min)
        bad(r, "side_max", "less than side_min");
    r->line = r->given[find("border_constant")];
    if (recipe->augment.border_constant + recipe->augment.border_replicate > 1)
        bad(r, "border_constant", "with border_replicate more than 1");
}

static enum wt_status take_lines(struct reader *r, char *text, size_t size)
{
    for (char *p = text, *end = text + size; p < end;) {
        char *stop = memchr(p, '\n', (size_t)(end - p));
        stop = stop ? stop : end;
        *stop = '\0';
        r->line++;
        if (take_line(r, p, (size_t)(stop - p)) == WT_ERR_MEMORY)
            return WT_ERR_MEMORY;
        p = stop + 1;
    }
    check_whole(r);
    return wt_bad_lines_end(&r->bad);
}

enum wt_status wt_recipe_read(struct wt_recipe *recipe, const char *file)
{
    const char *slash = strrchr(file, '/');
    struct reader r = {.path = file,
                       .bad = {.path = file},
                       .recipe = recipe,
                       .folder = slash ? (size_t)(slash - file) + 1 : 0};
    uint8_t *text = NULL;
    size_t size = 0;
    wt_recipe_init(recipe);
    enum wt_status status = wt_file_read_text(file, FILE_MAX_BYTES, &text, &size);
    if (!status)
        status = take_lines(&r, (char *)text, size);
    free(text);
    if (status)
        wt_recipe_fini(recipe);
    return status;
}

void wt_recipe_fini(struct wt_recipe *recipe)
{
    for (int i = 0; i < recipe->sources; i++)
        free(recipe->data[i]);
    free(recipe->validation);
    *recipe = (struct wt_recipe){.sources = 0};
}

/* ---- printing ---------------------------------------------------------------------------------
 */

/* `# text`, wrapped. */
static void print_comment(FILE *out, const char *text)
{
    int column = fprintf(out, "#");
    while (*text) {
        const size_t n = strcspn(text, " ");
        if (column + 1 + (int)n > 78)
            column = fprintf(out, "\n#") - 1;
        column += fprintf(out, " %.*s", (int)n, text);
        text += n + strspn(text + n, " ");
    }
    fputc('\n', out);
}

static void print_value(const struct wt_recipe *recipe, const struct wt_recipe_option *o, FILE *out)
{
    const void *at = (const char *)recipe + o->offset;
    char number[40];
    switch (o->kind) {
    case WT_RECIPE_BOOL:
        fprintf(out, "%s = %s\n", o->name, *(const bool *)at ? "yes" : "no");
        break;
    case WT_RECIPE_CHOICE:
        fprintf(out, "%s = %s\n", o->name, o->choices[*(const int *)at]);
        break;
    case WT_RECIPE_INT:
        fprintf(out, "%s = %d\n", o->name, *(const int *)at);
        break;
    case WT_RECIPE_REAL:
        snprintf(number, sizeof number, "%.15g", *(const double *)at);
        fprintf(out, "%s = %s\n", o->name, number);
        break;
    case WT_RECIPE_FLOAT:
        fprintf(out, "%s = %.7g\n", o->name, (double)*(const float *)at);
        break;
    case WT_RECIPE_PATH:
        fprintf(out, *(char *const *)at ? "%s = %s\n" : "# %s =\n", o->name, *(char *const *)at);
        break;
    case WT_RECIPE_PATHS:
        for (int i = 0; i < recipe->sources; i++)
            fprintf(out, "%s = %s\n", o->name, recipe->data[i]);
        if (!recipe->sources)
            fprintf(out, "# %s =\n", o->name);
        break;
    case WT_RECIPE_NUMBERS:
        fprintf(out, recipe->steps ? "%s =" : "# %s =", o->name);
        for (int i = 0; i < recipe->steps; i++)
            fprintf(out, " %d", recipe->step[i]);
        fputc('\n', out);
        break;
    case WT_RECIPE_GROUP:
        break;
    }
}

static void print_option(const struct wt_recipe *recipe, const struct wt_recipe_option *o,
                         FILE *out)
{
    char text[600], all[128] = "";
    if (o->kind == WT_RECIPE_GROUP) {
        fprintf(out, "\n# ---- %s ----\n", o->name);
        return;
    }
    size_t used = 0;
    for (int i = 0; o->choices && o->choices[i] && used < sizeof all; i++)
        used +=
            (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", o->choices[i]);
    if (o->choices)
        snprintf(text, sizeof text, "%s (%s)", o->help, all);
    else if (o->max > o->min)
        snprintf(text, sizeof text, "%s (%g to %g)", o->help, o->min, o->max);
    else
        snprintf(text, sizeof text, "%s", o->help);
    fputc('\n', out);
    print_comment(out, text);
    print_value(recipe, o, out);
}

void wt_recipe_print(const struct wt_recipe *recipe, FILE *out)
{
    for (const struct wt_recipe_option *o = wt_recipe_options(); o->name; o++)
        print_option(recipe, o, out);
}
