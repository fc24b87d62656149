#include "data/any_case.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool fits(char *out, size_t size, const char *folder, const char *name)
{
    const int n = snprintf(out, size, "%s%s", folder, name);
    return n >= 0 && (size_t)n < size;
}

/* The usual difference, found without a look at the folder, which may be large. */
static bool other_ending(const char *folder, const char *name, char *out, size_t size)
{
    char other[NAME_MAX + 1];
    const char *dot = strrchr(name, '.');
    if (!dot)
        return false;
    for (int upper = 0; upper < 2; upper++) {
        snprintf(other, sizeof other, "%s", name);
        for (char *c = other + (dot - name); *c; c++)
            *c = (char)(upper ? toupper((unsigned char)*c) : tolower((unsigned char)*c));
        if (fits(out, size, folder, other) && access(out, R_OK) == 0)
            return true;
    }
    return false;
}

static bool only_one(const char *folder, const char *name, char *out, size_t size)
{
    char found[NAME_MAX + 1];
    int count = 0;
    DIR *dir = opendir(folder[0] ? folder : ".");
    if (!dir)
        return false;
    for (struct dirent *e; (e = readdir(dir));)
        if (strcasecmp(e->d_name, name) == 0 && count++ == 0)
            snprintf(found, sizeof found, "%s", e->d_name);
    closedir(dir);
    return count == 1 && fits(out, size, folder, found) && access(out, R_OK) == 0;
}

bool wt_any_case(const char *path, char *out, size_t size)
{
    char folder[PATH_MAX], name[NAME_MAX + 1];
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const size_t length = (size_t)(base - path);
    if (length >= sizeof folder || strlen(base) >= sizeof name || !base[0])
        return false;
    memcpy(folder, path, length);
    folder[length] = '\0';
    memcpy(name, base, strlen(base) + 1);
    return other_ending(folder, name, out, size) || only_one(folder, name, out, size);
}

bool wt_readable_any_case(char *path)
{
    if (access(path, R_OK) == 0)
        return true;
    const int why = errno;
    if (why == ENOENT && wt_any_case(path, path, strlen(path) + 1))
        return true;
    errno = why;
    return false;
}
