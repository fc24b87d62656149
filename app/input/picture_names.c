#include "input/picture_names.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/paths.h"
#include "input/source_internal.h"
#include "weights/text.h"

/* Folders that a pattern may lead through: links in a circle make them endless. */
#define FOLDERS_MAX 100000
#define NAMED 5 /* of those left out, so many are named */

/* What is left out, by reason. */
enum left_out { OTHER, FOLDER, SPECIAL, LEFT_OUT };

struct listing {
    struct wt_picture_names *names;
    const char *input;
    bool (*give_up)(void *user);
    void *user;
    int folders; /* opened so far */
    size_t left_out[LEFT_OUT];
    char named[LEFT_OUT][NAMED * (sizeof(struct wt_printable_text) + 2)];
};

void wt_picture_names_fini(struct wt_picture_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->path[i]);
    free(names->path);
    *names = (struct wt_picture_names){0};
}

static enum wt_status fail_memory(const struct listing *l)
{
    return wt_fail(WT_ERR_MEMORY, "%s: out of memory", l->input);
}

/* Takes the path over. */
static enum wt_status add(struct listing *l, char *path)
{
    struct wt_picture_names *names = l->names;
    if (names->count == names->room) {
        size_t room = names->room ? 2 * names->room : 64;
        char **grown = realloc(names->path, room * sizeof *grown);
        if (!grown) {
            free(path);
            return fail_memory(l);
        }
        names->path = grown;
        names->room = room;
    }
    names->path[names->count++] = path;
    return WT_OK;
}

/* folder "": the name alone. */
static char *join(const char *folder, const char *name, size_t n)
{
    char *path = NULL;
    const size_t length = strlen(folder);
    const char *slash = length && folder[length - 1] != '/' ? "/" : "";
    return asprintf(&path, "%s%s%.*s", folder, slash, (int)n, name) < 0 ? NULL : path;
}

/* ---- order --------------------------------------------------------------------------------- */

/* Digits compare as numbers: img9 comes before img10. */
static int natural(const char *a, const char *b)
{
    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            while (*a == '0')
                a++;
            while (*b == '0')
                b++;
            size_t na = strspn(a, "0123456789"), nb = strspn(b, "0123456789");
            if (na != nb)
                return na < nb ? -1 : 1;
            int order = strncmp(a, b, na);
            if (order)
                return order;
            a += na;
            b += nb;
        } else if (*a != *b) {
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        } else {
            a++;
            b++;
        }
    }
    return (*a != 0) - (*b != 0);
}

static int compare_names(const void *a, const void *b)
{
    const char *const *pa = a, *const *pb = b;
    int order = natural(*pa, *pb);
    return order ? order : strcmp(*pa, *pb); /* img01 and img1: any order, but always the same */
}

/* ---- what is a picture --------------------------------------------------------------------- */

static void leave_out(struct listing *l, enum left_out why, const char *path)
{
    const char *name = wt_base_name(path);
    char *text = l->named[why];
    const size_t used = strlen(text);
    if (l->left_out[why]++ < NAMED)
        snprintf(text + used, sizeof l->named[why] - used, "%s%s", used ? ", " : "",
                 wt_printable(name, strlen(name)).text);
}

static void report_left_out(const struct listing *l)
{
    static const char *const what[LEFT_OUT] = {[OTHER] = "files that are no pictures",
                                               [FOLDER] = "folders",
                                               [SPECIAL] = "pipes, devices, broken links"};
    for (int i = 0; i < LEFT_OUT; i++)
        if (l->left_out[i])
            wt_log(WT_LOG_WARN, "%s: left out: %s: %zu: %s%s", l->input, what[i], l->left_out[i],
                   l->named[i], l->left_out[i] > NAMED ? ", ..." : "");
}

/* Takes the path over: into the list where it is a picture. Nothing but a regular file is opened.
 */
static enum wt_status take(struct listing *l, char *path)
{
    struct stat st;
    const bool there = stat(path, &st) == 0;
    if (there && S_ISREG(st.st_mode) && wt_source_is_picture(path))
        return add(l, path);
    leave_out(l,
              !there || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) ? SPECIAL
              : S_ISDIR(st.st_mode)                                   ? FOLDER
                                                                      : OTHER,
              path);
    free(path);
    return WT_OK;
}

/* ---- folders and patterns ------------------------------------------------------------------ */

static enum wt_status open_folder(struct listing *l, const char *folder, DIR **dir)
{
    if (++l->folders > FOLDERS_MAX)
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: fits more than %d folders; name fewer of them",
                       l->input, FOLDERS_MAX);
    if (l->give_up && l->give_up(l->user))
        return wt_fail(WT_ERR_IO, "%s: stopped while pictures were looked for", l->input);
    *dir = opendir(*folder ? folder : ".");
    return WT_OK;
}

static enum wt_status list_folder(struct listing *l, const char *folder)
{
    DIR *dir = NULL;
    enum wt_status status = open_folder(l, folder, &dir);
    if (!status && !dir)
        return wt_fail(WT_ERR_IO, "%s: %s", folder, strerror(errno));
    for (struct dirent *e; !status && (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.') {
            char *path = join(folder, e->d_name, strlen(e->d_name));
            status = path ? take(l, path) : fail_memory(l);
        }
    if (dir)
        closedir(dir);
    return status;
}

static enum wt_status expand(struct listing *l, const char *folder, const char *pattern);

/* A step of a pattern without wildcards. */
static enum wt_status expand_name(struct listing *l, const char *folder, const char *pattern,
                                  size_t n, const char *rest)
{
    struct stat st;
    char *path = join(folder, pattern, n);
    if (!path)
        return fail_memory(l);
    if (!*rest && stat(path, &st) == 0)
        return take(l, path);
    enum wt_status status = *rest ? expand(l, path, rest) : WT_OK;
    free(path);
    return status;
}

/* Everything that the rest of a pattern, which starts with no slash, fits in a folder. */
static enum wt_status expand(struct listing *l, const char *folder, const char *pattern)
{
    const size_t n = strcspn(pattern, "/");
    const char *rest = pattern + n + strspn(pattern + n, "/");
    DIR *dir = NULL;
    if (strcspn(pattern, "*?[") >= n)
        return expand_name(l, folder, pattern, n, rest);
    enum wt_status status = open_folder(l, folder, &dir);
    for (struct dirent *e; !status && dir && (e = readdir(dir)) != NULL;) {
        if ((e->d_name[0] == '.' && pattern[0] != '.') || !wt_pattern_fits(pattern, n, e->d_name))
            continue;
        const bool folder_like =
            e->d_type == DT_DIR || e->d_type == DT_LNK || e->d_type == DT_UNKNOWN;
        char *path = *rest && !folder_like ? NULL : join(folder, e->d_name, strlen(e->d_name));
        if (!path && (!*rest || folder_like)) {
            status = fail_memory(l);
        } else if (path && *rest) {
            status = expand(l, path, rest);
            free(path);
        } else if (path) {
            status = take(l, path);
        }
    }
    if (dir)
        closedir(dir);
    return status;
}

static enum wt_status list_pattern(struct listing *l, const char *pattern)
{
    const size_t root = strspn(pattern, "/");
    return expand(l, root ? "/" : "", pattern + root);
}

/* ---- counters ------------------------------------------------------------------------------ */

/* "%d", "%5d" or "%05d" within a file name, parsed by hand: the pattern is the user's and must not
 * be passed to printf. */
struct counter {
    char prefix[NAME_MAX + 1];
    const char *suffix;
    size_t width; /* at least so many digits */
};

static bool counter_parse(struct counter *c, const char *name)
{
    const char *percent = strchr(name, '%');
    if (!percent || (size_t)(percent - name) > NAME_MAX)
        return false;
    memcpy(c->prefix, name, (size_t)(percent - name));
    c->prefix[percent - name] = 0;
    const char *p = percent + 1;
    c->width = 0;
    for (; isdigit((unsigned char)*p); p++) {
        c->width = c->width * 10 + (size_t)(*p - '0');
        if (c->width > NAME_MAX)
            return false;
    }
    c->suffix = p + 1;
    return *p == 'd' && !strchr(c->suffix, '%');
}

static bool counter_matches(const struct counter *c, const char *name)
{
    size_t prefix = strlen(c->prefix);
    if (strncmp(name, c->prefix, prefix) != 0)
        return false;
    size_t digits = strspn(name + prefix, "0123456789");
    if (digits == 0 || digits < c->width ||
        (digits > c->width && name[prefix] == '0' && digits > 1))
        return false;
    return strcmp(name + prefix + digits, c->suffix) == 0;
}

static enum wt_status list_counter(struct listing *l, const char *pattern)
{
    struct wt_path folder = {""};
    struct counter counter;
    DIR *dir = NULL;
    const char *slash = strrchr(pattern, '/'), *name = slash ? slash + 1 : pattern;
    if ((size_t)(name - pattern) >= sizeof folder.text || strchr(name, '%') == NULL ||
        !counter_parse(&counter, name))
        return wt_fail(WT_ERR_ARGUMENT,
                       "%s: a pattern needs one %%d in its file name, as in img_%%04d.png",
                       pattern);
    memcpy(folder.text, pattern, (size_t)(name - pattern));
    enum wt_status status = open_folder(l, folder.text, &dir);
    if (!status && !dir)
        return wt_fail(WT_ERR_IO, "%s: %s", folder.text[0] ? folder.text : ".", strerror(errno));
    for (struct dirent *e; !status && (e = readdir(dir)) != NULL;)
        if (counter_matches(&counter, e->d_name)) {
            char *path = join(folder.text, e->d_name, strlen(e->d_name));
            status = path ? take(l, path) : fail_memory(l);
        }
    if (dir)
        closedir(dir);
    return status;
}

/* ---- all ----------------------------------------------------------------------------------- */

static size_t common_folders(const struct wt_picture_names *names)
{
    const char *first = names->count ? names->path[0] : "";
    size_t common = (size_t)(wt_base_name(first) - first);
    for (size_t i = 1; i < names->count; i++) {
        size_t same = 0;
        while (same < common && first[same] == names->path[i][same])
            same++;
        while (same && first[same - 1] != '/')
            same--;
        common = same;
    }
    return common;
}

enum wt_status wt_picture_names_list(struct wt_picture_names *names, const char *input,
                                     bool (*give_up)(void *user), void *user)
{
    struct listing l = {.names = names, .input = input, .give_up = give_up, .user = user};
    struct stat st;
    const bool there = stat(input, &st) == 0;
    enum wt_status status;
    if (there && S_ISDIR(st.st_mode)) {
        status = list_folder(&l, input);
    } else if (there) {
        char *path = strdup(input);
        status = path ? add(&l, path) : fail_memory(&l);
    } else {
        status = strchr(input, '%') ? list_counter(&l, input) : list_pattern(&l, input);
    }
    if (status)
        return status;
    if (names->count == 0 && there)
        return wt_fail(WT_ERR_IO, "%s: no pictures in this folder", input);
    report_left_out(&l);
    if (names->count == 0)
        return wt_fail(WT_ERR_IO, "%s: no %s such a name", input,
                       l.left_out[OTHER] + l.left_out[FOLDER] + l.left_out[SPECIAL] ? "picture has"
                                                                                    : "file has");
    qsort(names->path, names->count, sizeof *names->path, compare_names);
    names->common = common_folders(names);
    return WT_OK;
}
