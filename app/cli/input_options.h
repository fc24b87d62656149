/* Options of the commands that look at a camera or a file, whichever is given. Stateless,
 * thread-safe. */
#ifndef WT_APP_INPUT_OPTIONS_H
#define WT_APP_INPUT_OPTIONS_H

#include "cli/options.h"

/* In a command's settings. */
struct wt_input_choice {
    const char *camera, *input, *file; /* file: as input, without the option's name */
};

/* Rows of a command's table; offset: of the member of that name. */
#define WT_OPTION_FILE(offset)                                                                     \
    {                                                                                              \
        WT_OPTION_POSITIONAL, "FILE", 0, offset, NULL, "the same as --input FILE"                  \
    }
#define WT_OPTION_CAMERA(offset)                                                                   \
    {                                                                                              \
        WT_OPTION_STRING, "--camera", 'c', offset, "N|NAME", WT_OPTION_CAMERA_HELP                 \
    }
#define WT_OPTION_INPUT(offset)                                                                    \
    {                                                                                              \
        WT_OPTION_STRING, "--input", 'i', offset, "FILE", WT_OPTION_INPUT_HELP                     \
    }

#define WT_OPTION_CAMERA_HELP                                                                      \
    "camera by number, device or part of its name; without camera and input: the first one there " \
    "is, else the demo clip"
#define WT_OPTION_INPUT_HELP                                                                       \
    "video, picture, folder or pattern of pictures (\"img_%04d.png\", \"*.jpg\")"

/* Checks that at most one is given, and makes input of file. command: its name, for messages.
 * Errors: ARGUMENT. */
enum wt_status wt_input_choose(struct wt_input_choice *choice, const char *command);

#endif
