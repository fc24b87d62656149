#include "base/outputs.h"

#include <string.h>
#include <sys/stat.h>

#include "base/paths.h"
#include "weights/file.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool is_stream(const char *name)
{
    return strcmp(name, "-") == 0;
}

/* The folder that a file lies in, or will lie in. */
static bool folder_of(const char *path, struct stat *st)
{
    struct wt_path folder;
    const int length = (int)(wt_base_name(path) - path);
    if (wt_path_print(&folder, "%.*s", length ? length : 1, length ? path : "."))
        return false;
    return stat(folder.text, st) == 0;
}

/* Files that do not exist yet can be the same too. */
static bool same(const char *a, const char *b)
{
    struct stat x, y;
    if (strcmp(a, b) == 0 || wt_same_file(a, b))
        return true;
    return strcmp(wt_base_name(a), wt_base_name(b)) == 0 && folder_of(a, &x) && folder_of(b, &y) &&
           x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool is_input(const char *in, const char *out)
{
    struct wt_path weights;
    return same(in, out) ||
           (wt_weights_path(in, weights.text, sizeof weights.text) && same(weights.text, out));
}

enum wt_status wt_outputs_apart(const struct wt_outputs *files)
{
    for (size_t i = 0; i < COUNT(files->out); i++) {
        const char *out = files->out[i];
        for (size_t j = 0; out && j < i; j++)
            if (files->out[j] && same(files->out[j], out))
                return wt_fail(WT_ERR_ARGUMENT, "%s: named as output twice",
                               is_stream(out) ? "standard output" : out);
        for (size_t j = 0; out && !is_stream(out) && j < COUNT(files->in); j++)
            if (files->in[j] && is_input(files->in[j], out))
                return wt_fail(WT_ERR_ARGUMENT, "%s: would overwrite the input", out);
    }
    return WT_OK;
}

enum wt_status wt_outputs_check(const struct wt_outputs *files)
{
    enum wt_status status = wt_outputs_apart(files);
    for (size_t i = 0; i < COUNT(files->out) && !status; i++) {
        struct wt_file_writer w = {.file = NULL};
        if (files->out[i] && !is_stream(files->out[i]))
            status = wt_file_writer_init(&w, files->out[i]);
        wt_file_writer_fini(&w);
    }
    return status;
}
