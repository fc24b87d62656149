#include "teach/profile_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/status.h"
#include "teach/profile_tree.h"
#include "weights/text.h"

enum { NAME_BYTES = 64, LOCK_TRIES = 500, LOCK_WAIT_NS = 20000000 };

/* Hidden folders, .NAME.KIND-PID: being made; being removed; replaced where two folders cannot
 * change places in one step. */
#define MAKING ".new-"
#define GOING ".gone-"
#define REPLACED ".old-"

enum wt_status wt_profile_store_init(struct wt_profile_store *store, const char *folder)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (folder)
        return wt_path_print(&store->folder, "%s", folder);
    if (data && data[0] == '/') /* others are to be ignored, says the specification */
        return wt_path_print(&store->folder, "%s/wingtip/profiles", data);
    if (!home || !home[0])
        return wt_fail(WT_ERR_ARGUMENT,
                       "profiles: neither XDG_DATA_HOME nor HOME is set; name a folder with "
                       "--profiles");
    return wt_path_print(&store->folder, "%s/.local/share/wingtip/profiles", home);
}

static bool name_fits(const char *name)
{
    const size_t n = strlen(name);
    bool fits = n > 0 && n <= NAME_BYTES && wt_utf8_valid(name, n) && !strchr(" .-", name[0]) &&
                name[n - 1] != ' ';
    for (size_t i = 0; i < n && fits; i++)
        fits = (unsigned char)name[i] >= ' ' && name[i] != 0x7f && name[i] != '/';
    return fits;
}

enum wt_status wt_profile_name_check(const char *name)
{
    return name_fits(name)
               ? WT_OK
               : wt_fail(WT_ERR_ARGUMENT,
                         "\"%s\" is no name for a profile: 1 to %d bytes without slashes, no dot, "
                         "hyphen or blank first",
                         wt_printable(name, strlen(name)).text, NAME_BYTES);
}

enum wt_status wt_profile_path(const struct wt_profile_store *store, const char *name,
                               const char *file, struct wt_path *path)
{
    return wt_path_print(path, "%s/%s%s%s", store->folder.text, name, file ? "/" : "",
                         file ? file : "");
}

bool wt_profile_exists(const struct wt_profile_store *store, const char *name)
{
    struct wt_path path;
    return name_fits(name) && !wt_profile_path(store, name, NULL, &path) && wt_is_folder(path.text);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum wt_status wt_profile_names(const struct wt_profile_store *store, char ***names, size_t *count)
{
    DIR *dir = opendir(store->folder.text);
    char **list = NULL;
    size_t n = 0;
    enum wt_status status = WT_OK;
    if (!dir && errno != ENOENT)
        return wt_fail(WT_ERR_IO, "%s: cannot read: %s", store->folder.text, strerror(errno));
    for (const struct dirent *e; dir && !status && (e = readdir(dir));) {
        if (!wt_profile_exists(store, e->d_name))
            continue;
        char **more = realloc(list, (n + 1) * sizeof *list);
        list = more ? more : list;
        if (more && (list[n] = strdup(e->d_name)))
            n++;
        else
            status = wt_fail(WT_ERR_MEMORY, "out of memory for the names of profiles");
    }
    if (dir)
        closedir(dir);
    if (status) {
        while (n > 0)
            free(list[--n]);
        free(list);
        return status;
    }
    if (n)
        qsort(list, n, sizeof *list, by_name);
    *names = list;
    *count = n;
    return WT_OK;
}

/* ---- locking ------------------------------------------------------------------------------- */

static int lock(const char *folder, int how, enum wt_status *status)
{
    struct wt_path path;
    if (wt_path_print(&path, "%s/.lock", folder)) {
        *status = WT_ERR_ARGUMENT;
        return -1;
    }
    const bool writes = how == LOCK_EX;
    int fd = open(path.text, O_RDWR | O_CLOEXEC | (writes ? O_CREAT : 0), 0666);
    if (fd < 0 && !writes)
        fd = open(path.text, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        if (writes)
            *status = wt_fail(WT_ERR_IO, "%s: cannot write: %s", path.text, strerror(errno));
        return -1; /* nothing was ever changed here, or it cannot be by us */
    }
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, how | LOCK_NB) == 0)
            return fd;
        if (errno != EWOULDBLOCK && errno != EINTR)
            break;
        nanosleep(&(struct timespec){.tv_nsec = LOCK_WAIT_NS}, NULL);
    }
    *status =
        wt_fail(WT_ERR_IO, "%s: another program is changing profiles: %s", folder, strerror(errno));
    close(fd);
    return -1;
}

int wt_profile_lock(const struct wt_profile_store *store, enum wt_status *status)
{
    return lock(store->folder.text, LOCK_SH, status);
}

/* Where a text comes last in another: names of profiles may hold it too. */
static const char *last_of(const char *text, const char *part)
{
    const char *found = NULL;
    for (const char *p = text; (p = strstr(p, part)); p++)
        found = p;
    return found;
}

/* What killed programs have left. Under the lock nobody else is at it. */
static void sweep(const char *folder)
{
    DIR *dir = opendir(folder);
    for (const struct dirent *e; dir && (e = readdir(dir));) {
        struct wt_path path, target;
        const char *old = last_of(e->d_name, REPLACED);
        const bool ours = old || strstr(e->d_name, MAKING) || strstr(e->d_name, GOING);
        if (e->d_name[0] != '.' || !ours || wt_path_print(&path, "%s/%s", folder, e->d_name))
            continue;
        if (old &&
            !wt_path_print(&target, "%s/%.*s", folder, (int)(old - e->d_name - 1), e->d_name + 1) &&
            !wt_is_folder(target.text) && rename(path.text, target.text) == 0)
            continue;
        wt_remove_tree(path.text);
    }
    if (dir)
        closedir(dir);
}

/* ---- changing ------------------------------------------------------------------------------ */

static enum wt_status open_change(struct wt_profile_change *c, const struct wt_profile_store *store,
                                  const char *name, const char *kind)
{
    c->lock = -1;
    c->name = name;
    c->store = store->folder;
    enum wt_status status = wt_profile_name_check(name);
    if (!status)
        status = wt_profile_path(store, name, NULL, &c->target);
    if (!status)
        status =
            wt_path_print(&c->temp, "%s/.%s%s%d", store->folder.text, name, kind, (int)getpid());
    if (!status)
        status =
            wt_make_folders(store->folder.text, 0700); /* pictures of people: for the user alone */
    if (!status)
        c->lock = lock(store->folder.text, LOCK_EX, &status);
    if (!status)
        sweep(store->folder.text);
    return status;
}

static void unlock(struct wt_profile_change *c)
{
    if (c->lock >= 0)
        close(c->lock);
    c->lock = -1;
}

enum wt_status wt_profile_change_begin(struct wt_profile_change *c,
                                       const struct wt_profile_store *store, const char *name)
{
    enum wt_status status = open_change(c, store, name, MAKING);
    if (!status && wt_is_folder(c->target.text))
        status = wt_copy_tree(c->target.text, c->temp.text, true);
    else if (!status && mkdir(c->temp.text, 0700) != 0)
        status = wt_fail(WT_ERR_IO, "%s: cannot make: %s", c->temp.text, strerror(errno));
    if (status) {
        if (c->lock >= 0)
            wt_remove_tree(c->temp.text);
        unlock(c);
    }
    return status;
}

/* temp in target's place, and what was there in temp's. */
static enum wt_status exchange(struct wt_profile_change *c)
{
    struct wt_path old;
    if (!wt_is_folder(c->target.text))
        return rename(c->temp.text, c->target.text) == 0 ? WT_OK : WT_ERR_IO;
    if (renameat2(AT_FDCWD, c->temp.text, AT_FDCWD, c->target.text, RENAME_EXCHANGE) == 0)
        return WT_OK;
    /* Not every file system can. */
    if (wt_path_print(&old, "%s/.%s" REPLACED "%d", c->store.text, c->name, (int)getpid()) ||
        rename(c->target.text, old.text) != 0)
        return WT_ERR_IO;
    if (rename(c->temp.text, c->target.text) == 0) {
        c->temp = old;
        return WT_OK;
    }
    const int error = errno;
    rename(old.text, c->target.text);
    errno = error;
    return WT_ERR_IO;
}

enum wt_status wt_profile_change_end(struct wt_profile_change *c, enum wt_status status)
{
    if (!status)
        status = wt_sync_tree(c->temp.text);
    if (!status && exchange(c))
        status = wt_fail(WT_ERR_IO, "%s: cannot write: %s", c->target.text, strerror(errno));
    if (!status)
        wt_sync_folder(c->store.text);
    wt_profile_change_drop(c);
    return status;
}

void wt_profile_change_drop(struct wt_profile_change *c)
{
    wt_remove_tree(c->temp.text);
    unlock(c);
}

enum wt_status wt_profile_delete(const struct wt_profile_store *store, const char *name)
{
    struct wt_profile_change c;
    enum wt_status status = wt_profile_name_check(name);
    if (!status && !wt_profile_exists(store, name))
        status = wt_fail(WT_ERR_ARGUMENT, "no profile \"%s\" in %s", name, store->folder.text);
    if (status)
        return status;
    status = open_change(&c, store, name, GOING);
    if (!status && rename(c.target.text, c.temp.text) != 0)
        status = wt_fail(WT_ERR_IO, "%s: cannot remove: %s", c.target.text, strerror(errno));
    if (!status && !wt_remove_tree(c.temp.text))
        status =
            wt_fail(WT_ERR_IO, "%s: cannot remove all of it: %s", c.temp.text, strerror(errno));
    if (c.lock >= 0)
        wt_sync_folder(store->folder.text);
    unlock(&c);
    return status;
}

enum wt_status wt_profile_rename(const struct wt_profile_store *store, const char *from,
                                 const char *to)
{
    struct wt_profile_change c;
    struct wt_path target;
    enum wt_status status = wt_profile_name_check(from);
    if (!status)
        status = wt_profile_name_check(to);
    if (!status && !wt_profile_exists(store, from))
        status = wt_fail(WT_ERR_ARGUMENT, "no profile \"%s\" in %s", from, store->folder.text);
    if (!status)
        status = wt_profile_path(store, to, NULL, &target);
    if (status)
        return status;
    status = open_change(&c, store, from, GOING);
    if (!status && access(target.text, F_OK) == 0)
        status = wt_fail(WT_ERR_ARGUMENT, "there is a profile \"%s\" already", to);
    if (!status && rename(c.target.text, target.text) != 0)
        status = wt_fail(WT_ERR_IO, "%s: cannot rename: %s", c.target.text, strerror(errno));
    if (!status)
        wt_sync_folder(store->folder.text);
    unlock(&c);
    return status;
}
