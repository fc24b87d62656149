/* Modules: shared libraries of ours that are opened when somebody first needs them. Each is linked
 * with a large library of the system and has one table of what is used of it, so that a command
 * which needs none of it does not wait until that library and all that it needs are loaded.
 *
 * Not plugins: a module belongs to the program and is installed with it. One that cannot be opened
 * ends the program, as the linker does where a library of the system is missing. Never closed.
 * Thread-safe. */
#ifndef WT_ENGINE_MODULE_H
#define WT_ENGINE_MODULE_H

#ifdef __cplusplus
extern "C" {
#endif

struct wt_module {
    const char *file;   /* below lib/wingtip where it is installed */
    const char *folder; /* of the build folder, where it is not */
    const char *symbol; /* its table */
    const void *table;  /* NULL until it is opened */
};

/* The module's table; opens it at the first call. Ends the program with status 1 and a line in the
 * log where that is not possible. */
const void *wt_module_table(struct wt_module *module);

#ifdef __cplusplus
}
#endif
#endif
