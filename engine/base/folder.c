#include "base/folder.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool wt_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum wt_status wt_make_folders(const char *path, unsigned mode)
{
    char part[PATH_MAX];
    const int n = snprintf(part, sizeof part, "%s", path);
    if (n < 0 || (size_t)n >= sizeof part)
        return wt_fail(WT_ERR_ARGUMENT, "%.60s...: the path is too long", path);
    for (char *p = part; *p; p++) {
        if (*p != '/' || p == part)
            continue;
        *p = '\0';
        mkdir(part, mode); /* one that is there, or cannot be made: the last one says so */
        *p = '/';
    }
    if (mkdir(path, mode) == 0)
        return WT_OK;
    const int error = errno == EEXIST ? ENOTDIR : errno;
    if (wt_is_folder(path))
        return WT_OK;
    return wt_fail(WT_ERR_IO, "%s: cannot make this folder: %s", path, strerror(error));
}
