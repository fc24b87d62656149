/* One const table per command drives parser, defaults, range checks and --help alike.
 *
 * Settings live in a struct of the command's; entries name a field by offset. Strings point into
 * argv. Errors are one line on standard error and exit status 2. */
#ifndef WT_APP_OPTIONS_H
#define WT_APP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/paths.h"
#include "face/decode.h"
#include "wingtip.h"

enum wt_option_kind {
    WT_OPTION_FLAG,       /* bool */
    WT_OPTION_INT,        /* int */
    WT_OPTION_REAL,       /* double */
    WT_OPTION_STRING,     /* const char * */
    WT_OPTION_CHOICE,     /* int: index into choices */
    WT_OPTION_WORDS,      /* int: a bit for each of the choices that is named, separated by commas;
                             "none", which is last in the choices, has none */
    WT_OPTION_SIZE,       /* int[2]: width and height, each min to max; 0, 0: not given */
    WT_OPTION_POSITIONAL, /* const char *, in order of the table; name is what help shows */
    WT_OPTION_REST,       /* struct wt_words: every positional after those; last in its table */
};

#define WT_WORDS_MAX 256

struct wt_words {
    int count;
    const char *word[WT_WORDS_MAX];
};

struct wt_option {
    enum wt_option_kind kind;
    const char *name; /* "--record", or "INPUT" for a positional */
    char letter;      /* 'o' for -o, 0: none */
    size_t offset;
    const char *value; /* what help shows for the value: "FILE", "N" */
    const char *help;
    double min, max;            /* INT, REAL */
    const char *const *choices; /* NULL-terminated */
    bool required;
    bool
        kept; /* also a key of the file of settings, without "--"; a flag then takes =yes and =no */
};

/* Settings that every command with a model has; first member of their settings struct. */
struct wt_common {
    const char *model; /* as given; NULL: the bundled one */
    int points;        /* index into {auto, 98, 68, 29} */
    int precision;     /* enum wt_precision */
    int threads;
    const char *cpu_mask;
    const char *detector;
    int seed;
    int log_level; /* enum wt_log_level */
    /* Private: what wt_common_resolve found; "": there is no such file. */
    struct wt_path model_path, detector_path;
};
/* Value of wt_common.points as a number: 0 (auto), 98, 68, 29. */
int wt_common_points(const struct wt_common *common);

struct wt_options; /* what a command line gave */

/* Was it on the command line? */
bool wt_options_given(const struct wt_options *options, const struct wt_option *option);

struct wt_command {
    const char *name;
    const char *summary;              /* one line */
    const char *details;              /* more for --help, or NULL */
    const struct wt_option *option;   /* ends with name NULL */
    const struct wt_option *more;     /* a second table of that kind, or NULL */
    bool common;                      /* also takes the common options */
    size_t settings_size;             /* zeroed before defaults */
    void (*defaults)(void *settings); /* or NULL */
    /* After the command line was read and before files are looked for: fills in what it left open
     * (wt_options_given), from a file of settings. NULL: nothing to do. */
    enum wt_status (*complete)(void *settings, const struct wt_options *options);
    int (*run)(void *settings); /* returns the exit status: 0 ok, 1 failed, 2 wrong use */
};

/* Exit status of a command that ended so: 0 ok, 2 for a wrong argument, else 1. A command reports
 * wrong use as `return wt_fail(WT_ERR_ARGUMENT, ...)` and ends with this. */
int wt_exit_status(enum wt_status status);

/* Parses argv (without program and command name) and runs; handles --help. */
int wt_command_main(const struct wt_command *command, int argc, char **argv);

extern const struct wt_command wt_command_label, wt_command_live, wt_command_track, wt_command_demo,
    wt_command_eval, wt_command_bench, wt_command_doctor, wt_command_replay, wt_command_train,
    wt_command_tune;
/* `model` and `profile` have subcommands, each with its own table. */
struct wt_subcommands;
extern const struct wt_subcommands wt_model_subcommands, wt_profile_subcommands;
extern const struct wt_command wt_command_quantize, wt_command_card; /* subcommands of `model` */

/* Help of options that several tables have. */
#define WT_SEARCH_EVERY_HELP "seconds in which a new face is found, at any frame rate; 0: 0.3"
#define WT_SEED_HELP "seed of all random sequences"
#define WT_THREADS_HELP "threads for the network, 1 to 64; 0: one per physical core"

#define WT_PROFILE_HELP                                                                            \
    "track with what this profile was taught: its offset and its network (see wingtip profile)"
#define WT_PROFILES_HELP "folder of the profiles; default: $XDG_DATA_HOME/wingtip/profiles"

/* Finds the files that --model and --detector mean. The parser does this once; only settings that
 * no parser filled need it. */
void wt_common_resolve(struct wt_common *common);

/* "haar", or the path of the weights that --detector means; without the option that of the bundled
 * ones, or NULL, the cascades, where those are missing. */
const char *wt_common_detector(const struct wt_common *common);

/* Path of the weights that --model means, or of the default ones; NULL, and a line in the log,
 * where those are missing. */
const char *wt_common_model_path(const struct wt_common *common);

/* Opens --model, or without it what keeps up with a camera of 30 frames a second and leaves room
 * for more than one face: the bundled weights where this computer runs them fast enough (measured,
 * some passes), else the bundled fast ones. why: one line that says which and why, at most size
 * bytes; "" with --model. Logs on failure; then *out is NULL. */
enum wt_status wt_common_open_live_model(const struct wt_common *common, struct wt_model **out,
                                         char *why, size_t size);

/* Opens --model, or the bundled weights; logs on failure. */
enum wt_status wt_common_open_model(const struct wt_common *common, int batch,
                                    struct wt_model **out);

#endif
