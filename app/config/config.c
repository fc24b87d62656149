#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/text_file.h"
#include "config/config_lines.h"
#include "weights/file.h"

#define CONFIG_LIMIT (1 << 20) /* bytes */

/* A change since the last save. */
enum what { SET, ADD, REMOVE };
struct change {
    enum what what;
    char *section, *key, *value;
};

struct kept {
    struct kept *next;
    char text[];
};

struct wt_config {
    struct wt_path path;
    bool file;   /* there is a path */
    bool broken; /* the file cannot be read or written: leave it alone */
    struct wt_config_lines lines;
    struct change *change;
    int changes, room;
    struct kept *kept;
};

bool wt_config_default_path(struct wt_path *path)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (base && base[0] == '/') /* the standard has others ignored */
        return !wt_path_print(path, "%s/wingtip/wingtip.conf", base);
    return home && home[0] && !wt_path_print(path, "%s/.config/wingtip/wingtip.conf", home);
}

/* A file that is not there has no lines. */
static enum wt_status read_lines(struct wt_config *c, struct wt_config_lines *lines, bool warn)
{
    uint8_t *text = NULL;
    size_t size = 0;
    struct stat st;
    if (stat(c->path.text, &st) && (errno == ENOENT || errno == ENOTDIR))
        return WT_OK;
    enum wt_status status = wt_file_read_text(c->path.text, CONFIG_LIMIT, &text, &size);
    if (!status && memchr(text, 0, size))
        status = wt_fail(WT_ERR_FORMAT, "%s: not a text file", c->path.text);
    if (!status)
        status = wt_config_lines_parse(lines, (const char *)text, warn ? c->path.text : NULL);
    free(text);
    return status;
}

enum wt_status wt_config_open(struct wt_config **out, const char *path)
{
    struct wt_config *c = calloc(1, sizeof *c);
    if (!c)
        return wt_fail(WT_ERR_MEMORY, "out of memory for settings");
    enum wt_status status = WT_OK;
    if (path && !wt_path_print(&c->path, "%s", path)) {
        c->file = true;
        status = read_lines(c, &c->lines, true);
        c->broken = status != WT_OK;
    }
    if (status == WT_ERR_MEMORY) {
        wt_config_destroy(&c);
        return status;
    }
    *out = c;
    return WT_OK;
}

static void forget_changes(struct wt_config *c)
{
    for (int i = 0; i < c->changes; i++) {
        free(c->change[i].section);
        free(c->change[i].key);
        free(c->change[i].value);
    }
    c->changes = 0;
}

void wt_config_destroy(struct wt_config **config)
{
    struct wt_config *c = *config;
    *config = NULL;
    if (!c)
        return;
    forget_changes(c);
    free(c->change);
    wt_config_lines_fini(&c->lines);
    while (c->kept) {
        struct kept *next = c->kept->next;
        free(c->kept);
        c->kept = next;
    }
    free(c);
}

const char *wt_config_path(const struct wt_config *c)
{
    return c->file ? c->path.text : NULL;
}

bool wt_config_entry(const struct wt_config *c, const char *section, int n,
                     struct wt_config_entry *out)
{
    int first, end;
    if (!wt_config_lines_section(&c->lines, section, &first, &end))
        return false;
    for (int i = first; i < end; i++) {
        const struct wt_config_line *l = &c->lines.line[i];
        if (!l->value || n-- > 0)
            continue;
        *out = (struct wt_config_entry){.key = l->name, .value = l->value, .line = i + 1};
        return true;
    }
    return false;
}

const char *wt_config_section(const struct wt_config *c, int n)
{
    for (int i = 0; i < c->lines.count; i++) {
        const struct wt_config_line *l = &c->lines.line[i];
        if (l->name && !l->value && n-- == 0)
            return l->name;
    }
    return NULL;
}

bool wt_config_has_section(const struct wt_config *c, const char *name)
{
    int first, end;
    return *name && wt_config_lines_section(&c->lines, name, &first, &end);
}

bool wt_config_name_ok(const char *name)
{
    size_t length = strlen(name);
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127 || *p == '[' || *p == ']')
            return false;
    return length >= 1 && length <= 40 && name[0] != ' ' && name[length - 1] != ' ';
}

/* ---- changes ------------------------------------------------------------------------------- */

static enum wt_status apply(struct wt_config_lines *lines, const struct change *change)
{
    if (change->what == ADD)
        return wt_config_lines_add_section(lines, change->section);
    if (change->what == SET)
        return wt_config_lines_set(lines, change->section, change->key, change->value);
    wt_config_lines_remove_section(lines, change->section);
    return WT_OK;
}

static enum wt_status make_change(struct wt_config *c, enum what what, const char *section,
                                  const char *key, const char *value)
{
    const struct change asked = {what, (char *)section, (char *)key, (char *)value};
    enum wt_status status = apply(&c->lines, &asked);
    if (status || !c->file || c->broken)
        return status;
    if (c->changes == c->room) {
        int room = c->room ? 2 * c->room : 32;
        struct change *more = realloc(c->change, (size_t)room * sizeof *more);
        if (!more)
            return wt_fail(WT_ERR_MEMORY, "out of memory for settings");
        c->change = more;
        c->room = room;
    }
    struct change copy = {what, strdup(section), strdup(key), strdup(value)};
    if (!copy.section || !copy.key || !copy.value) {
        free(copy.section);
        free(copy.key);
        free(copy.value);
        return wt_fail(WT_ERR_MEMORY, "out of memory for settings");
    }
    c->change[c->changes++] = copy;
    return WT_OK;
}

enum wt_status wt_config_set(struct wt_config *c, const char *section, const char *key,
                             const char *value)
{
    return make_change(c, SET, section, key, value);
}

enum wt_status wt_config_add_section(struct wt_config *c, const char *name)
{
    return make_change(c, ADD, name, "", "");
}

void wt_config_remove_section(struct wt_config *c, const char *name)
{
    make_change(c, REMOVE, name, "", "");
}

/* ---- saving -------------------------------------------------------------------------------- */

static const char heading[] =
    "# Settings of Wingtip's window, which writes here what is changed in it.\n"
    "# A key is a long option of `wingtip live --help`, which wins over it. Lines below\n"
    "# [NAME] are a preset: chosen in the window, or with --preset NAME.\n\n";

static enum wt_status write_lines(struct wt_config *c, const struct wt_config_lines *lines)
{
    struct wt_text_file out;
    struct wt_path folder;
    const char *file = c->path.text, *slash = strrchr(file, '/');
    const int length = slash ? (int)(slash - file) : 0;
    /* Readable by the user alone, as the standard for such folders has it. */
    enum wt_status status = wt_path_print(&folder, "%.*s%s", length, file, slash ? "/" : "./");
    if (!status)
        status = wt_make_folders(folder.text, 0700);
    if (!status)
        status = wt_text_file_begin(&out, c->path.text);
    for (int i = 0; i < lines->count && !status; i++)
        fprintf(out.f, "%s\n", lines->line[i].raw);
    return status ? status : wt_text_file_end(&out, WT_OK);
}

enum wt_status wt_config_save(struct wt_config *c)
{
    struct wt_config_lines fresh = {0};
    if (!c->file || c->broken || !c->changes)
        return WT_OK;
    enum wt_status status = read_lines(c, &fresh, false);
    if (!status && !fresh.count)
        status = wt_config_lines_parse(&fresh, heading, NULL);
    for (int i = 0; i < c->changes && !status; i++)
        status = apply(&fresh, &c->change[i]);
    if (!status)
        status = write_lines(c, &fresh);
    if (status) {
        c->broken = true;
        wt_config_lines_fini(&fresh);
    } else {
        wt_config_lines_fini(&c->lines);
        c->lines = fresh;
    }
    forget_changes(c);
    return status;
}

const char *wt_config_keep(struct wt_config *c, const char *text)
{
    size_t size = strlen(text) + 1;
    struct kept *kept = malloc(sizeof *kept + size);
    if (!kept)
        return NULL;
    memcpy(kept->text, text, size);
    kept->next = c->kept;
    c->kept = kept;
    return kept->text;
}
