#include "kernels/runs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { QUADS = WT_RUNS_INPUTS / 4, SUMS = 4 * WT_RUNS_OUTPUTS };

struct quad {
    int at, largest;
    int8_t weight[WT_RUNS_OUTPUTS][4];
    int sum[SUMS]; /* of positive weights, of negative ones; for each sum of 16 bits */
};

struct run {
    int quads, quad[WT_RUN_QUADS];
    int sum[SUMS];
};

size_t wt_runs_bytes(int k, int nr)
{
    return (size_t)nr / WT_RUNS_OUTPUTS * (sizeof(struct wt_runs) + (size_t)k * WT_RUNS_OUTPUTS);
}

static struct wt_runs *block_of(void *panel, int k, int c)
{
    return (struct wt_runs *)((char *)panel + wt_runs_bytes(k, c / WT_RUNS_OUTPUTS * 8));
}

void wt_runs_put(void *panel, int k, int i, int c, int weight)
{
    block_of(panel, k, c)->weight[i / 4][c % WT_RUNS_OUTPUTS][i % 4] = (int8_t)weight;
}

static void read_quad(const struct wt_runs *r, int i, struct quad *q)
{
    *q = (struct quad){.at = 4 * i};
    memcpy(q->weight, r->weight[i], sizeof q->weight);
    for (int c = 0; c < WT_RUNS_OUTPUTS; c++)
        for (int k = 0; k < 4; k++) {
            int w = q->weight[c][k];
            q->sum[4 * c + k / 2 * 2 + (w < 0)] += abs(w);
        }
    for (int s = 0; s < SUMS; s++)
        q->largest = q->largest > q->sum[s] ? q->largest : q->sum[s];
    assert(q->largest <= WT_RUN_SUM);
}

static int by_size(const void *a, const void *b)
{
    const struct quad *x = a, *y = b;
    return x->largest != y->largest ? y->largest - x->largest : x->at - y->at;
}

static int by_length(const void *a, const void *b)
{
    const struct run *x = a, *y = b;
    return x->quads != y->quads ? y->quads - x->quads : x->quad[0] - y->quad[0];
}

/* Adds a quad to a run if there is room for it. */
static int join(struct run *run, const struct quad *q, int index)
{
    if (run->quads == WT_RUN_QUADS)
        return 0;
    for (int s = 0; s < SUMS; s++)
        if (run->sum[s] + q->sum[s] > WT_RUN_SUM)
            return 0;
    for (int s = 0; s < SUMS; s++)
        run->sum[s] += q->sum[s];
    run->quad[run->quads++] = index;
    return 1;
}

/* Each quad, the largest first, to the first run that has room: near the fewest runs. */
static void choose(struct wt_runs *r, int quads)
{
    struct quad quad[QUADS];
    struct run run[QUADS] = {{0}};
    int runs = 0, n = 0;
    for (int i = 0; i < quads; i++)
        read_quad(r, i, &quad[i]);
    qsort(quad, (size_t)quads, sizeof *quad, by_size);
    for (int i = 0; i < quads; i++) {
        int to = 0;
        while (!join(&run[to], &quad[i], i))
            to++;
        runs = runs > to ? runs : to + 1;
    }
    qsort(run, (size_t)runs, sizeof *run, by_length);
    for (int i = 0; i < runs; i++) {
        r->runs[WT_RUN_QUADS - run[i].quads]++;
        for (int k = 0; k < run[i].quads; k++, n++) {
            const struct quad *q = &quad[run[i].quad[k]];
            r->at[n] = (uint16_t)q->at;
            memcpy(r->weight[n], q->weight, sizeof q->weight);
        }
    }
}

void wt_runs_choose(void *panel, int k, int nr)
{
    for (int c = 0; c < nr; c += WT_RUNS_OUTPUTS)
        choose(block_of(panel, k, c), k / 4);
}
