#include "eval/eval_compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/json.h"
#include "base/status.h"

/* ---- pairs --------------------------------------------------------------------------------- */

static bool same_face(const struct wt_eval_row *a, const struct wt_eval_row *b)
{
    return a->line == b->line && strcmp(a->image, b->image) == 0;
}

/* Row of b with that face: both lists usually have the same order, so the search continues where
 * the last one ended. */
static const struct wt_eval_row *partner(const struct wt_eval_result *b,
                                         const struct wt_eval_row *row, size_t *next)
{
    for (size_t k = 0; k < b->count; k++) {
        size_t i = (*next + k) % b->count;
        if (same_face(row, &b->row[i])) {
            *next = i + 1;
            return &b->row[i];
        }
    }
    return NULL;
}

enum wt_status wt_eval_pair(const struct wt_eval_result *a, const struct wt_eval_result *b,
                            uint64_t seed, struct wt_paired *out)
{
    double *nme = malloc(2 * (a->count + 1) * sizeof *nme);
    size_t n = 0, next = 0;
    if (!nme)
        return wt_fail(WT_ERR_MEMORY, "out of memory for %zu faces", a->count);
    double *other = nme + a->count;
    for (size_t i = 0; i < a->count; i++) {
        const struct wt_eval_row *row = partner(b, &a->row[i], &next);
        if (row) {
            nme[n] = a->row[i].nme;
            other[n++] = row->nme;
        }
    }
    enum wt_status status = wt_bootstrap(nme, other, n, WT_EVAL_ROUNDS, seed, out);
    free(nme);
    return status;
}

void wt_eval_differences(const struct wt_eval_result *a, const struct wt_eval_result *b, char *text,
                         size_t size)
{
    const struct {
        const char *name;
        bool differ;
    } items[] = {
        {"list", strcmp(a->list_sha256, b->list_sha256) != 0},
        {"crop", strcmp(a->crop, b->crop) != 0},
        {"crop factor", strcmp(a->crop, b->crop) == 0 && !isnan(a->crop_factor) &&
                            fabs(a->crop_factor - b->crop_factor) > 1e-5},
        {"decoder", strcmp(a->decoder, b->decoder) != 0},
        {"normaliser", strcmp(a->norm, b->norm) != 0},
        {"label style", !wt_eval_same_style(a, b)},
        {"perturbation", !wt_eval_same_perturb(a, b)},
        {"part of the list", a->part != b->part || a->parts != b->parts},
    };
    size_t used = 0;
    *text = '\0';
    for (size_t i = 0; i < sizeof items / sizeof *items && used < size; i++)
        if (items[i].differ)
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", items[i].name);
}

/* ---- the comparison ------------------------------------------------------------------------ */

enum { FIGURES = 6 };
static const char *const figure_name[FIGURES] = {"NME", "median", "FR8", "FR10", "AUC8", "AUC10"};
static const char *const figure_key[FIGURES] = {"nme", "median", "fr8", "fr10", "auc8", "auc10"};

static void figures_of(const struct wt_summary *s, double v[FIGURES])
{
    const double all[FIGURES] = {s->nme, s->median, s->fr8, s->fr10, s->auc8, s->auc10};
    memcpy(v, all, sizeof all);
}

struct comparison {
    const struct wt_eval_result *of[2];
    const char *const *name;
    double figure[2][FIGURES];
    size_t faces[2], found[2];
    int subsets; /* of the first that the second has too */
    const char *subset[WT_SUBSETS_MAX];
    double subset_nme[WT_SUBSETS_MAX][2];
    char differences[128];
    struct wt_paired paired;
};

static enum wt_status compare_subsets(struct comparison *c)
{
    const struct wt_eval_result *a = c->of[0], *b = c->of[1];
    enum wt_status status = WT_OK;
    for (int i = 0; i < a->subsets; i++)
        for (int k = 0; k < b->subsets && !status; k++) {
            struct wt_eval_summary s[2];
            if (strcmp(a->subset[i], b->subset[k]) != 0)
                continue;
            status = wt_eval_summarise(a, i, &s[0]);
            if (!status)
                status = wt_eval_summarise(b, k, &s[1]);
            if (status)
                break;
            c->subset[c->subsets] = a->subset[i];
            c->subset_nme[c->subsets][0] = s[0].figures.nme;
            c->subset_nme[c->subsets++][1] = s[1].figures.nme;
        }
    return status;
}

static void print_row(const char *name, double a, double b, int decimals)
{
    const double v[3] = {a, b, b - a};
    printf("%-16s", WT_SHOWN(name));
    for (int k = 0; k < 3; k++)
        if (isnan(v[k]))
            printf(" %10s", "-");
        else
            printf(k == 2 ? " %+10.*f" : " %10.*f", decimals, v[k]);
    printf("\n");
}

static void print_comparison(const struct comparison *c)
{
    const struct wt_paired *p = &c->paired;
    for (int k = 0; k < 2; k++)
        printf("%c  %s: %s, %s; crop %s, decoder %s, normaliser %s; %zu faces, %zu found\n",
               'A' + k, WT_SHOWN(c->name[k]), WT_SHOWN(c->of[k]->model),
               WT_SHOWN(c->of[k]->precision), WT_SHOWN(c->of[k]->crop), WT_SHOWN(c->of[k]->decoder),
               WT_SHOWN(c->of[k]->norm), c->faces[k], c->found[k]);
    if (*c->differences)
        printf("Different protocols: %s.\n", c->differences);
    printf("\n%-16s %10s %10s %10s\n", "%", "A", "B", "B - A");
    for (int i = 0; i < FIGURES; i++)
        print_row(figure_name[i], c->figure[0][i], c->figure[1][i], i < 2 ? 3 : 2);
    if (c->subsets)
        printf("\n%-16s %10s %10s %10s\n", "NME % by subset", "A", "B", "B - A");
    for (int i = 0; i < c->subsets; i++)
        print_row(c->subset[i], c->subset_nme[i][0], c->subset_nme[i][1], 3);
    printf("\n");
    if (p->faces < 2)
        printf("No confidence interval: fewer than 2 faces were found in both.\n");
    else
        printf(
            "Over the %zu faces found in both, the NME of B minus that of A is %+.3f points; 95 %% "
            "confidence\ninterval %+.3f to %+.3f (paired bootstrap, %d resamples; B is better in "
            "%.1f %% of them).\n",
            p->faces, p->difference, p->low, p->high, WT_EVAL_ROUNDS, p->better);
}

static enum wt_status write_comparison(const struct comparison *c, const char *path)
{
    cJSON *j = cJSON_CreateObject();
    for (int k = 0; k < 2; k++) {
        cJSON *side = cJSON_AddObjectToObject(j, k ? "b" : "a");
        cJSON_AddStringToObject(side, "file", c->name[k]);
        cJSON_AddStringToObject(side, "network", c->of[k]->model);
        wt_json_number(side, "faces", (double)c->faces[k], 15);
        wt_json_number(side, "found", (double)c->found[k], 15);
        for (int i = 0; i < FIGURES; i++)
            wt_json_number(side, figure_key[i], c->figure[k][i], 6);
        cJSON *subsets = cJSON_AddObjectToObject(side, "subset_nme");
        for (int i = 0; i < c->subsets; i++)
            wt_json_number(subsets, c->subset[i], c->subset_nme[i][k], 6);
    }
    cJSON_AddStringToObject(j, "differing_protocol", c->differences);
    cJSON *paired = cJSON_AddObjectToObject(j, "paired");
    wt_json_number(paired, "faces", (double)c->paired.faces, 15);
    wt_json_number(paired, "difference", c->paired.difference, 6);
    wt_json_number(paired, "low", c->paired.low, 6);
    wt_json_number(paired, "high", c->paired.high, 6);
    wt_json_number(paired, "better", c->paired.better, 6);
    wt_json_number(paired, "resamples", WT_EVAL_ROUNDS, 15);
    return wt_json_write(j, path);
}

enum wt_status wt_eval_compare(const struct wt_eval_result *a, const struct wt_eval_result *b,
                               const char *const name[2], uint64_t seed, const char *json)
{
    struct comparison c = {.of = {a, b}, .name = name};
    enum wt_status status = WT_OK;
    for (int k = 0; k < 2 && !status; k++) {
        struct wt_eval_summary s;
        status = wt_eval_summarise(c.of[k], -1, &s);
        figures_of(&s.figures, c.figure[k]);
        c.faces[k] = s.faces;
        c.found[k] = s.found;
    }
    if (!status)
        status = compare_subsets(&c);
    if (!status)
        status = wt_eval_pair(a, b, seed, &c.paired);
    if (status)
        return status;
    wt_eval_differences(a, b, c.differences, sizeof c.differences);
    if (!json || strcmp(json, "-") != 0)
        print_comparison(&c);
    return json ? write_comparison(&c, json) : WT_OK;
}
