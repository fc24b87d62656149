#include "base/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"

/* Cuts the last part off a path; false at the root. */
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return false;
    *slash = '\0';
    return true;
}

static bool is_there(char path[PATH_MAX], const char *above, const char *folder, const char *file)
{
    const int n = snprintf(path, PATH_MAX, "%s/%s/%s", above, folder, file);
    return n > 0 && n < PATH_MAX && access(path, R_OK) == 0;
}

/* Beside the installed program, or in the build folder. */
static bool find(const struct wt_module *module, char path[PATH_MAX])
{
    enum { LEVELS = 3 }; /* tests/kernels/test_plan of a build folder */
    char folder[PATH_MAX];
    const ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
    folder[n > 0 ? n : 0] = '\0';
    if (!go_up(folder))
        return false;
    if (is_there(path, folder, "../" WT_MODULES, module->file))
        return true;
    for (int i = 0; i < LEVELS && go_up(folder); i++)
        if (is_there(path, folder, module->folder, module->file))
            return true;
    return false;
}

/* Among the names that the whole process sees, as if the program were linked with it: our handlers
 * of other libraries' messages count on that. */
static const void *open_table(const struct wt_module *module)
{
    char path[PATH_MAX];
    if (!find(module, path)) {
        wt_log(WT_LOG_ERROR, "%s, a part of this program, is missing; it belongs into %s",
               module->file, "../" WT_MODULES " beside the program");
        return NULL;
    }
    void *library = dlopen(path, RTLD_LAZY | RTLD_GLOBAL);
    const void *table = library ? dlsym(library, module->symbol) : NULL;
    if (!table)
        wt_log(WT_LOG_ERROR, "%s cannot be opened: %s", module->file, dlerror());
    return table;
}

const void *wt_module_table(struct wt_module *module)
{
    const void *table = __atomic_load_n(&module->table, __ATOMIC_ACQUIRE);
    if (table)
        return table;
    table = open_table(module); /* two threads at once get the same */
    if (!table)
        _exit(1); /* other threads may be at work on what exit() would destroy */
    __atomic_store_n(&module->table, table, __ATOMIC_RELEASE);
    return table;
}
