/* The lines of a file of settings. Private to config*.c. One thread. */
#ifndef WT_APP_CONFIG_LINES_H
#define WT_APP_CONFIG_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "wt_status.h"

struct wt_config_line {
    char *raw;        /* as it stands in the file */
    char *name;       /* the key, or the name of the section that starts here; NULL: neither */
    char *value;      /* of a key; NULL: the line starts a section */
    const char *rest; /* in raw: blanks and comment behind the value */
    bool lost;        /* starts a section whose name cannot be read: its lines belong to none */
};

struct wt_config_lines {
    struct wt_config_line *line;
    int count, room;
};

/* text: with LF at the ends of lines. file: for warnings about lines that cannot be read; NULL:
 * none. On failure what was read so far is there, to be freed. Errors: MEMORY. */
enum wt_status wt_config_lines_parse(struct wt_config_lines *lines, const char *text,
                                     const char *file);
void wt_config_lines_fini(struct wt_config_lines *lines);

/* First and last + 1 of a section's lines, without its name; false: there is none. */
bool wt_config_lines_section(const struct wt_config_lines *lines, const char *section, int *first,
                             int *end);
/* value "": the key's lines go. Errors: MEMORY, FORMAT (no line can hold it; not logged). */
enum wt_status wt_config_lines_set(struct wt_config_lines *lines, const char *section,
                                   const char *key, const char *value);
enum wt_status wt_config_lines_add_section(struct wt_config_lines *lines, const char *name);
void wt_config_lines_remove_section(struct wt_config_lines *lines, const char *name);

#endif
