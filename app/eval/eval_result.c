#include "eval/eval_result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/paths.h"
#include "base/status.h"

/* ---- memory -------------------------------------------------------------------------------- */

struct block {
    struct block *next;
    _Alignas(16) char bytes[];
};

void *wt_eval_alloc(struct wt_eval_result *result, size_t size)
{
    struct block *b = calloc(1, sizeof *b + size);
    if (!b)
        return NULL;
    b->next = result->memory;
    result->memory = b;
    return b->bytes;
}

const char *wt_eval_copy(struct wt_eval_result *result, const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    char *copy = wt_eval_alloc(result, length + 1);
    return copy ? memcpy(copy, text, length) : NULL;
}

void wt_eval_result_fini(struct wt_eval_result *result)
{
    for (struct block *b = result->memory, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    *result = (struct wt_eval_result){0};
}

void wt_eval_adopt(struct wt_eval_result *result, struct wt_eval_result *from)
{
    struct block **end = (struct block **)&result->memory;
    while (*end)
        end = &(*end)->next;
    *end = from->memory;
    *from = (struct wt_eval_result){0};
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* The number's value after it has been written with that many decimals. */
static float rounded(float v, int decimals)
{
    char text[64];
    snprintf(text, sizeof text, "%.*f", decimals, (double)v);
    return strtof(text, NULL);
}

static const struct wt_point *round_points(struct wt_eval_result *result, const struct wt_point *p,
                                           int n)
{
    struct wt_point *copy = wt_eval_alloc(result, (size_t)n * sizeof *copy);
    for (int i = 0; copy && i < n; i++)
        copy[i] = (struct wt_point){rounded(p[i].x, 2), rounded(p[i].y, 2)};
    return copy;
}

/* A sample's image path relative to the root; the whole path if it is elsewhere. */
static const char *below(const char *root, const struct wt_sample *s)
{
    size_t length = strlen(root);
    if (!s->image)
        return s->name;
    return strncmp(s->image, root, length) == 0 ? s->image + length : s->image;
}

static bool take_row(struct wt_eval_result *result, struct wt_eval_row *row,
                     const struct wt_sample *s, const struct wt_eval_face *face)
{
    bool found = !isinf(face->nme), measured = isfinite(face->nme);
    *row = (struct wt_eval_row){.picture = s->picture,
                                .line = s->line,
                                .points = s->points,
                                .subsets = s->subsets,
                                .nme = face->nme,
                                .confidence = rounded(face->confidence, 4)};
    row->image = wt_eval_copy(result, below(result->images, s), SIZE_MAX);
    row->truth = round_points(result, s->point, s->points);
    row->found = found ? round_points(result, face->found, s->points) : NULL;
    float *error = measured ? wt_eval_alloc(result, (size_t)s->points * sizeof *error) : NULL;
    row->error = error;
    if (!row->image || !row->truth || (found && !row->found) || (measured && !error))
        return false;
    for (int i = 0; measured && i < s->points; i++)
        error[i] = rounded(face->error[i], 3);
    return true;
}

enum wt_status wt_eval_take(struct wt_eval_result *result, const struct wt_dataset *dataset,
                            const char *root, const struct wt_eval_face *face)
{
    const struct wt_sample *s = dataset->sample;
    bool ok = true;
    result->row = wt_eval_alloc(result, dataset->count * sizeof *result->row);
    result->images = wt_eval_copy(result, root, SIZE_MAX);
    ok = result->row && result->images;
    for (int i = 0; ok && i < dataset->subsets; i++)
        ok = (result->subset[i] = wt_eval_copy(result, dataset->subset[i], SIZE_MAX)) != NULL;
    for (size_t i = 0; ok && i < dataset->count; i++)
        ok = take_row(result, &result->row[i], &s[i], &face[i]);
    if (!ok)
        return wt_fail(WT_ERR_MEMORY, "out of memory for %zu faces", dataset->count);
    result->subsets = dataset->subsets;
    result->count = dataset->count;
    return WT_OK;
}

/* ---- figures ------------------------------------------------------------------------------- */

enum wt_status wt_eval_summarise(const struct wt_eval_result *result, int subset,
                                 struct wt_eval_summary *out)
{
    uint32_t wanted = subset < 0 ? 0 : UINT32_C(1) << subset;
    double *nme = malloc((result->count + 1) * sizeof *nme);
    *out = (struct wt_eval_summary){.faces = 0};
    if (!nme)
        return wt_fail(WT_ERR_MEMORY, "out of memory for %zu faces", result->count);
    for (size_t i = 0; i < result->count; i++) {
        const struct wt_eval_row *row = &result->row[i];
        if (subset >= 0 && !(row->subsets & wanted))
            continue;
        nme[out->faces++] = row->nme;
        out->found += !isinf(row->nme);
    }
    out->figures = wt_summarise(nme, out->faces);
    free(nme);
    return WT_OK;
}

bool wt_eval_may_miss(const struct wt_eval_result *result)
{
    return strcmp(result->crop, "detector") == 0;
}

bool wt_eval_same_style(const struct wt_eval_result *a, const struct wt_eval_result *b)
{
    if (!a->style || !b->style)
        return !a->style && !b->style;
    return strcmp(a->style_sha256, b->style_sha256) == 0 && a->style_reverse == b->style_reverse;
}

bool wt_eval_same_perturb(const struct wt_eval_result *a, const struct wt_eval_result *b)
{
    return a->perturb && b->perturb ? strcmp(a->perturb, b->perturb) == 0
                                    : a->perturb == b->perturb;
}

size_t wt_eval_points(const struct wt_eval_result *result, int points, double *mean)
{
    size_t n = 0, known[WT_POINTS_MAX] = {0};
    for (int k = 0; k < points; k++)
        mean[k] = 0;
    for (size_t i = 0; i < result->count; i++) {
        const struct wt_eval_row *row = &result->row[i];
        if (row->points != points || !row->error)
            continue;
        for (int k = 0; k < points; k++)
            if (!isnan(row->error[k])) {
                mean[k] += (double)row->error[k];
                known[k]++;
            }
        n++;
    }
    for (int k = 0; k < points; k++)
        mean[k] = known[k] ? mean[k] / (double)known[k] : NAN;
    return n;
}

int wt_eval_schemes(const struct wt_eval_result *result, int *points)
{
    static const int known[] = {98, 68, 29, 19};
    size_t faces[4] = {0};
    int n = 0;
    for (size_t i = 0; i < result->count; i++)
        for (int k = 0; k < 4; k++)
            faces[k] += result->row[i].points == known[k];
    for (;;) {
        int most = 0;
        for (int k = 1; k < 4; k++)
            most = faces[k] > faces[most] ? k : most;
        if (!faces[most])
            return n;
        points[n++] = known[most];
        faces[most] = 0;
    }
}

const char *const wt_eval_part_name[WT_EVAL_PARTS] = {"jaw",  "brows", "nose",
                                                      "eyes", "mouth", "pupils"};

int wt_eval_part(const struct wt_scheme *scheme, int point)
{
    static const struct {
        const char *word;
        int part;
    } words[] = {{"jaw", 0}, {"chin", 0},  {"brow", 1},  {"nose", 2},
                 {"eye", 3}, {"pupil", 5}, {"mouth", 4}, {"lip", 4}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(scheme->point_name[point], words[i].word))
            return words[i].part;
    return 0;
}

void wt_eval_parts(const struct wt_scheme *scheme, const double *point_mean,
                   double part[WT_EVAL_PARTS])
{
    int n[WT_EVAL_PARTS] = {0};
    for (int k = 0; k < WT_EVAL_PARTS; k++)
        part[k] = 0;
    for (int i = 0; i < scheme->points; i++) {
        int k = wt_eval_part(scheme, i);
        if (isnan(point_mean[i]))
            continue;
        part[k] += point_mean[i];
        n[k]++;
    }
    for (int k = 0; k < WT_EVAL_PARTS; k++)
        part[k] = n[k] ? part[k] / n[k] : NAN;
}

/* ---- words --------------------------------------------------------------------------------- */

struct word {
    const char *name, *text;
};

static const char *explanation_of(const struct word *words, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i].name, name) == 0)
            return words[i].text;
    return "";
}

const char *wt_eval_crop_text(const char *crop)
{
    static const struct word words[] = {
        {"truth", "square around the true points"},
        {"official", "published WFLW test: the list's box, enlarged until the true points fit"},
        {"strict", "the list's box, no use of the truth"},
        {"detector", "whole pictures, no use of the truth"},
    };
    return explanation_of(words, sizeof words / sizeof *words, crop);
}

const char *wt_eval_norm_text(const char *norm)
{
    static const struct word words[] = {
        {"ocular", "distance of the outer eye corners"},
        {"pupil", "distance of the pupils or eye centres"},
        {"box", "sqrt(width x height) of the list's box, or of the true points'"},
    };
    return explanation_of(words, sizeof words / sizeof *words, norm);
}

const char *wt_eval_style_text(const struct wt_eval_result *result, char *buffer, size_t size)
{
    if (result->style)
        snprintf(buffer, size, "found points moved by %s%s", result->style,
                 result->style_reverse ? ", backwards" : "");
    else
        snprintf(buffer, size, "as found");
    return buffer;
}

void wt_eval_label(const char *path, char *label, size_t size)
{
    const char *name = wt_base_name(path);
    size_t length = strlen(name);
    if (length > 5 && strcasecmp(name + length - 5, ".json") == 0)
        length -= 5;
    snprintf(label, size, "%.*s", (int)(length < size ? length : size), name);
}
