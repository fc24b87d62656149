#include "cli/input_options.h"

#include <string.h>

#include "base/status.h"

enum wt_status wt_input_choose(struct wt_input_choice *c, const char *command)
{
    if ((c->camera != NULL) + (c->input != NULL) + (c->file != NULL) > 1)
        return wt_fail(WT_ERR_ARGUMENT, "%s: only one of --camera, --input and FILE", command);
    c->input = c->input ? c->input : c->file;
    if (c->input && strcmp(c->input, "-") == 0)
        return wt_fail(WT_ERR_ARGUMENT,
                       "%s reads cameras and files; for raw frames on standard input see: "
                       "wingtip track --help",
                       command);
    return WT_OK;
}
