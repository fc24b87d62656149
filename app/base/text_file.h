/* A text file that is written whole or not at all. One thread. */
#ifndef WT_APP_TEXT_FILE_H
#define WT_APP_TEXT_FILE_H

#include <stdio.h>

#include "wt_status.h"

struct wt_text_file {
    FILE *f; /* to print to */
    char *text;
    size_t size;
    const char *path;
};

/* path must outlive the object. Errors: MEMORY. */
enum wt_status wt_text_file_begin(struct wt_text_file *file, const char *path);
/* Writes what was printed and ends the object, also after a failure. status: of the work so far;
 * after a failure nothing is written and an existing file is unchanged. Errors: IO, MEMORY. */
enum wt_status wt_text_file_end(struct wt_text_file *file, enum wt_status status);

#endif
