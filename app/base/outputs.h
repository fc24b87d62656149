/* Before a command works, perhaps for hours: would what it writes destroy what it reads, and can it
 * be written at all? Not a writer. Thread-safe. */
#ifndef WT_APP_OUTPUTS_H
#define WT_APP_OUTPUTS_H

#include "base/status.h"

/* Names of files, of standard output ("-") and, as inputs, of bundled weights. NULL: not given. */
struct wt_outputs {
    const char *in[8], *out[4];
};

/* No output is an input, or the same file as another output, under whatever names. Errors:
 * ARGUMENT. */
enum wt_status wt_outputs_apart(const struct wt_outputs *files);

/* The same, and every output that is a file can be written (as by weights/file.h). Errors: also IO.
 */
enum wt_status wt_outputs_check(const struct wt_outputs *files);

#endif
