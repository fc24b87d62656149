#include "teach/profile_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/status.h"
#include "teach/profile_store.h"
#include "weights/file.h"

enum { FILES_OPEN = 16 };
static const size_t FILE_MAX_BYTES = (size_t)1 << 30;

/* ---- removing ------------------------------------------------------------------------------ */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

bool wt_remove_tree(const char *folder)
{
    return nftw(folder, remove_one, FILES_OPEN, FTW_DEPTH | FTW_PHYS) == 0;
}

/* ---- flushing ------------------------------------------------------------------------------ */

static int sync_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -1;
    /* Not every file system flushes folders; files all do. */
    const int failed = fsync(fd) != 0 && type == FTW_F && errno != EINVAL ? errno : 0;
    close(fd);
    errno = failed;
    return failed ? -1 : 0;
}

enum wt_status wt_sync_tree(const char *folder)
{
    return nftw(folder, sync_one, FILES_OPEN, FTW_DEPTH | FTW_PHYS) == 0
               ? WT_OK
               : wt_fail(WT_ERR_IO, "%s: cannot write: %s", folder, strerror(errno));
}

void wt_sync_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

/* ---- copying ------------------------------------------------------------------------------- */

static enum wt_status copy_file(const char *from, const char *to, bool links)
{
    struct wt_file_writer w = {.file = NULL};
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (links && link(from, to) == 0)
        return WT_OK;
    enum wt_status status = wt_file_read(from, FILE_MAX_BYTES, &bytes, &size);
    if (!status)
        status = wt_file_writer_init(&w, to);
    if (!status) {
        wt_file_writer_put(&w, bytes, size);
        status = wt_file_writer_commit(&w);
    }
    wt_file_writer_fini(&w);
    free(bytes);
    return status;
}

enum wt_status wt_copy_tree(const char *from, const char *to, bool links)
{
    DIR *dir = opendir(from);
    enum wt_status status = WT_OK;
    if (!dir)
        return wt_fail(WT_ERR_IO, "%s: cannot read: %s", from, strerror(errno));
    if (mkdir(to, 0700) != 0)
        status = wt_fail(WT_ERR_IO, "%s: cannot make: %s", to, strerror(errno));
    for (const struct dirent *e; !status && (e = readdir(dir));) {
        struct wt_path a, b;
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        status = wt_path_print(&a, "%s/%s", from, e->d_name);
        if (!status)
            status = wt_path_print(&b, "%s/%s", to, e->d_name);
        if (!status && lstat(a.text, &st) != 0)
            status = wt_fail(WT_ERR_IO, "%s: cannot read: %s", a.text, strerror(errno));
        if (!status)
            status = S_ISDIR(st.st_mode) ? wt_copy_tree(a.text, b.text, links)
                                         : copy_file(a.text, b.text, links);
    }
    closedir(dir);
    return status;
}
