/* The file of settings: lines of `key = value`, and sections `[NAME]`, the presets, with lines of
 * their own. It is the user's: comments, order, and keys of other versions stay as they are when
 * the program writes a value. It knows no key; what they mean is in prefs.h. One thread.
 *
 * A `#` at the start of a line or after a blank begins a comment; a value in double quotes is taken
 * as it stands. */
#ifndef WT_APP_CONFIG_H
#define WT_APP_CONFIG_H

#include "base/paths.h"

struct wt_config;

/* $XDG_CONFIG_HOME/wingtip/wingtip.conf, by default in ~/.config. false: there is no home. */
bool wt_config_default_path(struct wt_path *path);

/* path: the file, which need not exist; NULL: none is read, and nothing is ever written. Lines that
 * are neither key nor section are warned about, as `file:line: reason`, and stay. A file that
 * cannot be read is warned about, and never written. Errors: MEMORY. */
enum wt_status wt_config_open(struct wt_config **out, const char *path);
/* NULL-safe; sets NULL. Does not save. */
void wt_config_destroy(struct wt_config **config);

/* For messages; NULL: there is no file. */
const char *wt_config_path(const struct wt_config *config);

struct wt_config_entry {
    const char *key, *value; /* until the next change of config */
    int line;
};
/* The n-th line with a key, in the file's order. section: "" for the lines before any section. */
bool wt_config_entry(const struct wt_config *config, const char *section, int n,
                     struct wt_config_entry *out);
/* The name of the n-th preset; NULL: there are fewer. Until the next change. */
const char *wt_config_section(const struct wt_config *config, int n);
bool wt_config_has_section(const struct wt_config *config, const char *name);

/* Is it a name for a preset: 1 to 40 bytes of text without control characters and brackets, no
 * blank at its ends? */
bool wt_config_name_ok(const char *name);

/* Sets a key, in its last line there or in a new one; value "": removes its lines. Errors: MEMORY,
 * FORMAT (a value that no line can hold). */
enum wt_status wt_config_set(struct wt_config *config, const char *section, const char *key,
                             const char *value);
enum wt_status wt_config_add_section(struct wt_config *config, const char *name);
void wt_config_remove_section(struct wt_config *config, const char *name);

/* Carries the changes since the last save out on the file as it is now (somebody may have edited
 * it meanwhile), beside it and then moved over it; folders are made. After a failure, which is
 * logged once, nothing more is written. Errors: IO, MEMORY. */
enum wt_status wt_config_save(struct wt_config *config);

/* A copy of text that lives as long as config. NULL: out of memory. */
const char *wt_config_keep(struct wt_config *config, const char *text);

#endif
