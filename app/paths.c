#include "paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Folder and name into buffer; true when there is such a file and the path fits. */
static bool try_path(const char *folder, const char *middle, const char *name, char *buffer,
                     size_t size)
{
    int n = snprintf(buffer, size, "%s%s%s", folder, middle, name);
    return n > 0 && (size_t)n < size && access(buffer, R_OK) == 0;
}

/* Cuts the last part off a path; false at the root. */
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash || !path[0])
        return false;
    *slash = '\0';
    return true;
}

bool wt_asset_path(const char *name, char *buffer, size_t size)
{
    enum { LEVELS = 6 }; /* .build/release/app/wingtip needs 3 */
    char folder[4096];
    const char *chosen = getenv("WINGTIP_ASSETS");
    if (chosen && *chosen && try_path(chosen, "/", name, buffer, size))
        return true;
    ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (n > 0) {
        folder[n] = '\0';
        go_up(folder);
        if (try_path(folder, "/../share/wingtip/", name, buffer, size))
            return true;
        for (int i = 0; i < LEVELS && go_up(folder); i++)
            if (try_path(folder, "/assets/", name, buffer, size))
                return true;
    }
    snprintf(buffer, size, "%s", name);
    return false;
}
