/* Files that say which subsets a list's faces are in. */
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "data/bad_lines.h"
#include "data/list_name.h"
#include "weights/file.h"
#include "weights/text.h"

static const size_t FILE_MAX_BYTES = (size_t)1 << 28;
static const char BLANKS[] = " \t";

struct reader {
    const struct wt_dataset *dataset;
    const char *subset[WT_SUBSETS_MAX];
    int subsets;
    uint32_t *mask; /* [faces] */
    bool *seen;     /* [faces] */
    size_t next;    /* face after the last one found: files follow their list's order */
    struct wt_bad_lines bad;
};

/* Bit of a subset, which is new or known; 0: there are too many. */
static uint32_t bit_of(struct reader *r, const char *name)
{
    for (int i = 0; i < r->subsets; i++)
        if (strcmp(r->subset[i], name) == 0)
            return UINT32_C(1) << i;
    if (r->subsets == WT_SUBSETS_MAX)
        return 0;
    r->subset[r->subsets] = name;
    return UINT32_C(1) << r->subsets++;
}

/* First face of that image; the number of faces when there is none. */
static size_t find_image(const struct reader *r, const char *image)
{
    size_t n = r->dataset->count;
    for (size_t k = 0; k < n; k++) {
        size_t i = (r->next + k) % n;
        if (strcmp(r->dataset->sample[i].name, image) == 0)
            return i;
    }
    return n;
}

/* Cuts a line into the image's name and the names of its subsets; these NULL: it is not so. */
static char *split(const struct reader *r, char *text, char **names)
{
    char *last = text + strlen(text), *rest;
    while (last > text && !strchr(BLANKS, last[-1]))
        last--;
    if (last > text) { /* blanks that are neither in quotes nor escaped, as in the list */
        char *end = last - 1;
        while (end > text && strchr(BLANKS, end[-1]))
            end--;
        const char after = *end;
        *end = '\0';
        *names = last;
        if (strpbrk(text, BLANKS) && find_image(r, text) < r->dataset->count)
            return text;
        *end = after;
    }
    char *image = wt_list_name_first(text, &rest), *save;
    *names = strtok_r(rest, BLANKS, &save);
    if (*names && strtok_r(NULL, BLANKS, &save))
        *names = NULL;
    return image;
}

static enum wt_status take_line(struct reader *r, int line, char *text)
{
    uint32_t mask = 0;
    char *names;
    text += strspn(text, BLANKS);
    for (size_t n = strlen(text); n && strchr(BLANKS, text[n - 1]);)
        text[--n] = '\0';
    if (!*text || *text == '#')
        return WT_OK;
    char *image = split(r, text, &names);
    if (!names)
        return wt_bad_line(&r->bad, line, "not an image and its subsets with commas between");
    for (char *save, *name = strtok_r(names, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
        uint32_t bit = bit_of(r, name);
        if (!bit)
            return wt_bad_line(&r->bad, line, "more than %d subsets", WT_SUBSETS_MAX);
        mask |= bit;
    }
    size_t first = find_image(r, image);
    if (first == r->dataset->count)
        return wt_bad_line(&r->bad, line, "%s: not in the list",
                           wt_printable(image, strlen(image)).text);
    if (r->seen[first])
        return wt_bad_line(&r->bad, line, "%s: a second time",
                           wt_printable(image, strlen(image)).text);
    for (size_t i = 0; i < r->dataset->count; i++)
        if (strcmp(r->dataset->sample[i].name, image) == 0) {
            r->mask[i] = mask;
            r->seen[i] = true;
            r->next = i + 1;
        }
    return WT_OK;
}

static enum wt_status take_lines(struct reader *r, char *text, size_t size)
{
    if (memchr(text, '\0', size))
        return wt_fail(WT_ERR_FORMAT, "%s: not text", r->bad.path);
    for (int line = 1; text; line++) {
        char *end = strchr(text, '\n');
        if (end)
            *end++ = '\0';
        take_line(r, line, text);
        text = end;
    }
    enum wt_status status = wt_bad_lines_end(&r->bad);
    if (!status && !r->subsets)
        status = wt_fail(WT_ERR_FORMAT, "%s: no subset in this file", r->bad.path);
    return status;
}

enum wt_status wt_dataset_read_subsets(struct wt_dataset *dataset, const char *path)
{
    uint8_t *text = NULL;
    size_t size = 0;
    struct reader r = {.bad = {.path = path}, .dataset = dataset};
    enum wt_status status = wt_file_read_text(path, FILE_MAX_BYTES, &text, &size);
    if (!status) {
        r.mask = calloc(dataset->count, sizeof *r.mask);
        r.seen = calloc(dataset->count, sizeof *r.seen);
        if (!r.mask || !r.seen)
            status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    }
    if (!status)
        status = take_lines(&r, (char *)text, size);
    if (!status) {
        for (size_t i = 0; i < dataset->count; i++)
            dataset->sample[i].subsets = r.mask[i];
        memcpy(dataset->subset, r.subset, sizeof r.subset);
        dataset->subsets = r.subsets;
        free(dataset->subset_text); /* the names point into the text */
        dataset->subset_text = (char *)text;
        text = NULL;
    }
    free(text);
    free(r.mask);
    free(r.seen);
    return status;
}
