#include "base/paths.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/folder.h"

enum wt_status wt_path_print(struct wt_path *path, const char *format, ...)
{
    va_list args;
    path->text[0] = '\0';
    va_start(args, format);
    const int n = vsnprintf(path->text, sizeof path->text, format, args);
    va_end(args);
    return n >= 0 && (size_t)n < sizeof path->text
               ? WT_OK
               : wt_fail(WT_ERR_ARGUMENT, "%.60s...: the path is too long", path->text);
}

/* Folder and name into buffer; true when there is such a file and the path fits. */
static bool try_path(const char *folder, const char *middle, const char *name, char *buffer,
                     size_t size)
{
    int n = snprintf(buffer, size, "%s%s%s", folder, middle, name);
    return n > 0 && (size_t)n < size && access(buffer, R_OK) == 0;
}

/* XDG_VIDEOS_DIR="$HOME/..." or "/..." of a line of user-dirs.dirs. */
static bool videos_line(const char *line, const char *home, struct wt_path *path)
{
    char name[PATH_MAX];
    if (sscanf(line, " XDG_VIDEOS_DIR = \"%4000[^\"]\"", name) != 1)
        return false;
    int n = strncmp(name, "$HOME", 5) == 0
                ? snprintf(path->text, sizeof path->text, "%s%s", home, name + 5)
                : snprintf(path->text, sizeof path->text, "%s", name);
    return n > 0 && (size_t)n < sizeof path->text && wt_is_folder(path->text);
}

bool wt_videos_folder(struct wt_path *path)
{
    const char *home = getenv("HOME"), *config = getenv("XDG_CONFIG_HOME");
    char line[PATH_MAX + 64];
    bool found = false;
    if (!home || !*home)
        return false;
    int n = config && *config
                ? snprintf(path->text, sizeof path->text, "%s/user-dirs.dirs", config)
                : snprintf(path->text, sizeof path->text, "%s/.config/user-dirs.dirs", home);
    FILE *f = n > 0 && (size_t)n < sizeof path->text ? fopen(path->text, "re") : NULL;
    while (f && !found && fgets(line, sizeof line, f))
        found = videos_line(line, home, path);
    if (f)
        fclose(f);
    if (found)
        return true;
    n = snprintf(path->text, sizeof path->text, "%s/Videos", home);
    return n > 0 && (size_t)n < sizeof path->text && wt_is_folder(path->text);
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

bool wt_program_path(struct wt_path *path)
{
    const ssize_t n = readlink("/proc/self/exe", path->text, sizeof path->text - 1);
    path->text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* A bundled file: in the chosen folder, beside the installed program, or in the source tree.
 * installed: below share/wingtip, with its slash; source: below the tree's root. */
static bool find(const char *installed, const char *source, const char *name, char *buffer,
                 size_t size)
{
    enum { LEVELS = 6 }; /* .build/release/app/wingtip needs 3 */
    struct wt_path own;
    char middle[64], *folder = own.text;
    const char *chosen = getenv("WINGTIP_ASSETS");
    snprintf(middle, sizeof middle, "/%s", installed);
    if (chosen && *chosen && try_path(chosen, middle, name, buffer, size))
        return true;
    if (!wt_program_path(&own))
        return false;
    go_up(folder);
    snprintf(middle, sizeof middle, "/../share/wingtip/%s", installed);
    if (try_path(folder, middle, name, buffer, size))
        return true;
    for (int i = 0; i < LEVELS && go_up(folder); i++)
        if (try_path(folder, source, name, buffer, size))
            return true;
    return false;
}

bool wt_asset_path(const char *name, char *buffer, size_t size)
{
    const bool found = find("", "/assets/", name, buffer, size);
    if (!found)
        snprintf(buffer, size, "%s", name);
    return found;
}

/* Resolves a name: the file of that name, if it exists; else, for a name without a slash, the
 * bundled file, with its ending or without; else the name unchanged. */
static bool named(const char *name, const char *ending, const char *installed, const char *source,
                  char *buffer, size_t size)
{
    const char *const try[] = {ending, ""};
    char file[256];
    for (int i = 0; i < 2 && !strchr(name, '/') && access(name, F_OK) != 0; i++) {
        const int n = snprintf(file, sizeof file, "%s%s", name, try[i]);
        if ((size_t)n < sizeof file && find(installed, source, file, buffer, size))
            return true;
    }
    return (size_t)snprintf(buffer, size, "%s", name) < size;
}

bool wt_recipe_path(const char *name, char *buffer, size_t size)
{
    return named(name, ".recipe", "recipes/", "/model/recipes/", buffer, size);
}

const char *wt_weights_whole_name(const char *name)
{
    static const char *const other[][2] = {{"accurate", "wingtip-98"},
                                           {"fast", "wingtip-98-fast"},
                                           {"free", "wingtip-98-free"},
                                           {"fast-free", "wingtip-98-fast-free"}};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (strcmp(name, other[i][0]) == 0)
            return other[i][1];
    return name;
}

bool wt_weights_path(const char *name, char *buffer, size_t size)
{
    if (access(name, F_OK) != 0)
        name = wt_weights_whole_name(name);
    return named(name, ".safetensors", "", "/assets/", buffer, size);
}

const char *wt_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

bool wt_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}
