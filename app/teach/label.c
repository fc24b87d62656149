#include "teach/label.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "base/text_file.h"
#include "data/list_name.h"
#include "weights/file.h"

#define MARK "# face "
#define SKIPPED " skipped"
#define HIDDEN " hidden"
enum { LIST_MAX = 1 << 30 };

enum wt_status wt_label_paths(const char *out, struct wt_path *start, struct wt_path *pictures)
{
    const char *base = wt_base_name(out), *dot = strrchr(base, '.');
    const int stem = (int)((dot && dot != base ? dot : out + strlen(out)) - out);
    const char *ending = dot && dot != base ? dot : "";
    enum wt_status status = wt_path_print(start, "%.*s.start%s", stem, out, ending);
    return status ? status : wt_path_print(pictures, "%.*s.pictures", stem, out);
}

void wt_label_print_name(FILE *f, const char *name)
{
    if (!strpbrk(name, " \t\"'\\#")) {
        fputs(name, f);
        return;
    }
    fputc('"', f);
    for (; *name; name++) {
        if (*name == '"' || *name == '\\')
            fputc('\\', f);
        fputc(*name, f);
    }
    fputc('"', f);
}

/* ---- reading ------------------------------------------------------------------------------- */

static enum wt_status other_list(const struct wt_label *l, int line)
{
    return wt_fail(WT_ERR_FORMAT,
                   "%s:%d: this list was not made by labelling the faces of its start; it stays as "
                   "it is: take another --out",
                   l->out.text, line);
}

/* The points of a line behind the name. */
static bool read_points(char *line, int points, struct wt_point *out)
{
    char *rest = NULL, *end;
    wt_list_name_first(line, &rest);
    for (int i = 0; i < 2 * points; i++) {
        const float value = strtof(rest, &end);
        if (end == rest)
            return false;
        *(i % 2 ? &out[i / 2].y : &out[i / 2].x) = value;
        rest = end;
    }
    return rest[strspn(rest, " \t\r")] == '\0';
}

/* " hidden 3 5": false: it is something else. */
static bool read_hidden(const char *text, int points, bool *hidden)
{
    char *end;
    memset(hidden, 0, (size_t)points * sizeof *hidden);
    if (!*text)
        return true;
    if (strncmp(text, HIDDEN, strlen(HIDDEN)) != 0)
        return false;
    for (text += strlen(HIDDEN); text[strspn(text, " ")]; text = end) {
        const long i = strtol(text, &end, 10);
        if (end == text || i < 0 || i >= points)
            return false;
        hidden[i] = true;
    }
    return true;
}

static enum wt_status read_labels(struct wt_label *l, char *text)
{
    int number = 0, at = 0;
    char *next;
    for (char *line = text; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        at++;
        char *after = NULL;
        if (strncmp(line, MARK, strlen(MARK)) == 0) {
            const long n = strtol(line + strlen(MARK), &after, 10);
            const bool skipped = strcmp(after, SKIPPED) == 0;
            if (n < 1 || n > (long)l->start.count ||
                (!skipped && !read_hidden(after, l->points, l->face[n - 1].hidden)))
                return other_list(l, at);
            l->face[n - 1].state = skipped ? WT_LABEL_SKIPPED : WT_LABEL_OPEN;
            number = skipped ? 0 : (int)n;
        } else if (*line != '#' && line[strspn(line, " \t\r")]) {
            if (!number || !read_points(line, l->points, l->face[number - 1].point))
                return other_list(l, at);
            l->face[number - 1].state = WT_LABEL_DONE;
            number = 0;
        }
    }
    return WT_OK;
}

static enum wt_status allocate(struct wt_label *l)
{
    const size_t count = l->start.count, points = (size_t)l->points;
    l->face = calloc(count, sizeof *l->face);
    l->storage = calloc(count * points, sizeof *l->storage);
    l->flags = calloc(count * points, sizeof *l->flags);
    if (!l->face || !l->storage || !l->flags)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", l->out.text);
    for (size_t i = 0; i < count; i++) {
        l->face[i].point = l->storage + i * points;
        l->face[i].hidden = l->flags + i * points;
        memcpy(l->face[i].point, l->start.sample[i].point, points * sizeof *l->storage);
    }
    return WT_OK;
}

enum wt_status wt_label_open(struct wt_label **out, const char *path)
{
    struct wt_path start, pictures;
    uint8_t *text = NULL;
    size_t size = 0;
    struct wt_label *l = calloc(1, sizeof *l);
    if (!l)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    enum wt_status status = wt_path_print(&l->out, "%s", path);
    if (!status)
        status = wt_label_paths(path, &start, &pictures);
    if (!status)
        status = wt_dataset_open(&l->start, start.text);
    l->points = l->start.points;
    if (!status && l->points < 1)
        status = wt_fail(WT_ERR_FORMAT, "%s: faces with different numbers of points", start.text);
    if (!status)
        status = allocate(l);
    if (!status && access(path, F_OK) == 0) {
        status = wt_file_read_text(path, LIST_MAX, &text, &size);
        if (!status)
            status = read_labels(l, (char *)text);
    }
    free(text);
    if (status)
        wt_label_close(&l);
    *out = l;
    return status;
}

void wt_label_close(struct wt_label **label)
{
    struct wt_label *l = *label;
    if (!l)
        return;
    wt_dataset_fini(&l->start);
    free(l->face);
    free(l->storage);
    free(l->flags);
    free(l);
    *label = NULL;
}

/* ---- labelling ----------------------------------------------------------------------------- */

int wt_label_next_open(const struct wt_label *l, int from)
{
    const int count = (int)l->start.count;
    for (int i = 0; i < count; i++) {
        const int at = (from + i) % count;
        if (l->face[at].state == WT_LABEL_OPEN)
            return at;
    }
    return -1;
}

void wt_label_count(const struct wt_label *l, int *done, int *skipped)
{
    *done = *skipped = 0;
    for (size_t i = 0; i < l->start.count; i++) {
        *done += l->face[i].state == WT_LABEL_DONE;
        *skipped += l->face[i].state == WT_LABEL_SKIPPED;
    }
}

static void print_face(FILE *f, const struct wt_label *l, size_t i)
{
    const struct wt_label_face *face = &l->face[i];
    if (face->state == WT_LABEL_OPEN)
        return;
    fprintf(f, MARK "%zu%s", i + 1, face->state == WT_LABEL_SKIPPED ? SKIPPED : "");
    for (int k = 0, n = 0; face->state == WT_LABEL_DONE && k < l->points; k++)
        if (face->hidden[k])
            fprintf(f, "%s %d", n++ ? "" : HIDDEN, k);
    fputc('\n', f);
    if (face->state == WT_LABEL_SKIPPED)
        return;
    wt_label_print_name(f, l->start.sample[i].name);
    for (int k = 0; k < l->points; k++)
        fprintf(f, " %.3f %.3f", (double)face->point[k].x, (double)face->point[k].y);
    fputc('\n', f);
}

static enum wt_status write_list(const struct wt_label *l)
{
    struct wt_text_file text;
    enum wt_status status = wt_text_file_begin(&text, l->out.text);
    if (status)
        return status;
    fprintf(text.f, "# Faces labelled by hand; the numbers are those of the start.\n");
    for (size_t i = 0; i < l->start.count; i++)
        print_face(text.f, l, i);
    return wt_text_file_end(&text, WT_OK);
}

enum wt_status wt_label_set(struct wt_label *l, int face, enum wt_label_state state,
                            const struct wt_point *point, const bool *hidden)
{
    const enum wt_label_state before = l->face[face].state;
    wt_label_touch(l, face, point, hidden);
    l->face[face].state = state;
    const enum wt_status status = write_list(l);
    if (status)
        l->face[face].state = before;
    return status;
}

void wt_label_touch(struct wt_label *l, int face, const struct wt_point *point, const bool *hidden)
{
    memcpy(l->face[face].point, point, (size_t)l->points * sizeof *point);
    memcpy(l->face[face].hidden, hidden, (size_t)l->points * sizeof *hidden);
}
