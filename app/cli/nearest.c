#include "cli/nearest.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

/* Distance of two words in edits (Levenshtein); words longer than the buffer are far from all. */
static int edit_distance(const char *a, const char *b)
{
    enum { MAX = 40 };
    int row[MAX + 1];
    int n = (int)strlen(a), m = (int)strlen(b);
    if (n > MAX || m > MAX)
        return INT_MAX;
    for (int j = 0; j <= m; j++)
        row[j] = j;
    for (int i = 1; i <= n; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int change = diagonal + (a[i - 1] != b[j - 1]);
            int least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = change < least ? change : least;
        }
    }
    return row[m];
}

void wt_nearest_start(struct wt_nearest *n, const char *word)
{
    *n = (struct wt_nearest){.word = word, .distance = 2 + (int)strlen(word) / 4};
}

void wt_nearest_offer(struct wt_nearest *n, const char *candidate)
{
    size_t length = strlen(n->word);
    /* An abbreviated word ("--rec") counts as one edit. */
    bool prefix = length >= 2 && strncmp(candidate, n->word, length) == 0;
    int d = prefix ? 1 : edit_distance(n->word, candidate);
    if (d < n->distance) {
        n->distance = d;
        n->best = candidate;
    }
}
