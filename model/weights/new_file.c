#include "weights/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENDING ".wingtip-part"
#define PARTS_MAX 100 /* programs that write the same name at once */
#define NUMBERS_MAX 10000
#define LINKS_MAX 16

static enum wt_status fail_errno(const char *path, int error)
{
    return error == ENOMEM ? wt_fail(WT_ERR_MEMORY, "%s: out of memory", path)
                           : wt_fail(WT_ERR_IO, "%s: cannot write: %s", path, strerror(error));
}

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* ---- the part ------------------------------------------------------------------------------ */

/* NAME.wingtip-part, .wingtip-part2, ...; a name near the longest there may be is cut. */
static char *part_name(const char *path, int n)
{
    char ending[32], *name = NULL;
    int room = n ? snprintf(ending, sizeof ending, ENDING "%d", n + 1)
                 : snprintf(ending, sizeof ending, ENDING);
    size_t folder = folder_length(path), base = strlen(path + folder);
    if (base > NAME_MAX - (size_t)room)
        base = NAME_MAX - (size_t)room;
    return asprintf(&name, "%.*s%s", (int)(folder + base), path, ending) < 0 ? NULL : name;
}

static bool is_at(int fd, const char *path)
{
    struct stat here, there;
    return fstat(fd, &here) == 0 && lstat(path, &there) == 0 && here.st_dev == there.st_dev &&
           here.st_ino == there.st_ino;
}

/* Removes a part that no living program writes. Its lock ended with the program that held it. */
static void clear_part(const char *path)
{
    struct stat st;
    int fd = lstat(path, &st) == 0 && S_ISREG(st.st_mode)
                 ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
                 : -1;
    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && is_at(fd, path))
        unlink(path);
    close(fd);
}

/* Creates it with a lock. -1: it is another program's, or errno says what is wrong. */
static int create_part(const char *path, mode_t mode)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return -1;
    /* In between, another program may have taken it for one that was left, and removed it. A file
     * system that knows no locks has no other program either, as far as we can tell. */
    bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    if (locked && is_at(fd, path))
        return fd;
    close(fd);
    errno = EEXIST;
    return -1;
}

static int open_part(struct wt_new_file *file, const char *stem, mode_t mode)
{
    struct stat st;
    int fd = -1;
    for (int n = 0; n < PARTS_MAX; n++) { /* what was left, until a name that was never taken */
        char *name = part_name(stem, n);
        bool taken = name && lstat(name, &st) == 0;
        if (taken)
            clear_part(name);
        free(name);
        if (!taken)
            break;
    }
    for (int n = 0; n < PARTS_MAX && fd < 0; n++) {
        free(file->part);
        file->part = part_name(stem, n);
        if (!file->part) {
            errno = ENOMEM;
            return -1;
        }
        fd = create_part(file->part, mode);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    return fd;
}

/* ---- where it goes ------------------------------------------------------------------------- */

/* A link to a file that is not there yet: the path of that file. NULL: errno. */
static char *follow_links(const char *path)
{
    char *target = strdup(path), text[PATH_MAX];
    for (int i = 0; target && i < LINKS_MAX; i++) {
        ssize_t n = readlink(target, text, sizeof text - 1);
        if (n < 0)
            return target;
        text[n] = 0;
        char *next = NULL;
        int folder = text[0] == '/' ? 0 : (int)folder_length(target);
        if (asprintf(&next, "%.*s%s", folder, target, text) < 0)
            next = NULL;
        free(target);
        target = next;
    }
    free(target);
    errno = target ? ELOOP : ENOMEM;
    return NULL;
}

/* Is it what standard output or error go to? Then it is written behind what they have written. */
static int standard_stream(const struct stat *st)
{
    struct stat other;
    for (int fd = 1; fd <= 2; fd++)
        if (fstat(fd, &other) == 0 && other.st_dev == st->st_dev && other.st_ino == st->st_ino)
            return fd;
    return -1;
}

/* Returns 0, or errno. mode: of the file that it replaces, else as the umask wants it. */
static int find_place(struct wt_new_file *file, const char *path, mode_t *mode)
{
    struct stat st;
    *mode = 0666;
    if (!*path)
        return ENOENT;
    if (stat(path, &st) != 0) {
        if (errno != ENOENT)
            return errno;
        file->regular = true;
        file->target = follow_links(path);
        return file->target ? 0 : errno;
    }
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    int standard = standard_stream(&st);
    file->regular = S_ISREG(st.st_mode) && standard < 0;
    file->replaces = file->regular;
    if (file->regular && faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0)
        return errno;
    file->target = file->regular ? realpath(path, NULL) : strdup(path);
    if (!file->target)
        return errno;
    if (!file->regular) {
        file->fd = standard >= 0 ? fcntl(standard, F_DUPFD_CLOEXEC, 3)
                                 : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return file->fd < 0 ? errno : 0;
    }
    *mode = st.st_mode & 0777;
    return 0;
}

enum wt_status wt_new_file_open(struct wt_new_file *file, const char *path)
{
    mode_t mode;
    *file = (struct wt_new_file){.fd = -1};
    int error = find_place(file, path, &mode);
    if (!error && file->regular && (file->fd = open_part(file, file->target, mode)) < 0)
        error = errno;
    if (!error)
        return WT_OK;
    free(file->part);
    free(file->target);
    *file = (struct wt_new_file){0};
    return fail_errno(path, error);
}

enum wt_status wt_new_file_open_numbered(struct wt_new_file *file, const char *path,
                                         const char *stem)
{
    *file = (struct wt_new_file){.regular = true, .numbered = true};
    int error = 0;
    file->target = strdup(path);
    if (!file->target)
        error = ENOMEM;
    else if (!*path)
        error = ENOENT;
    else if ((file->fd = open_part(file, stem ? stem : path, 0666)) < 0)
        error = errno;
    if (!error)
        return WT_OK;
    free(file->part);
    free(file->target);
    *file = (struct wt_new_file){0};
    return fail_errno(path, error);
}

/* ---- writing and moving -------------------------------------------------------------------- */

int wt_new_file_write(struct wt_new_file *file, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size) {
        ssize_t n = write(file->fd, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : EIO;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

/* Moves to a name that nothing has. Returns 0, or errno: EEXIST. */
static int move_to_free(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    /* A file system that cannot do it at once: the name is taken first. */
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno;
    close(fd);
    return rename(from, to) == 0 ? 0 : errno;
}

static int move_numbered(struct wt_new_file *file)
{
    char *wanted = file->target;
    size_t folder = folder_length(wanted);
    const char *dot = strrchr(wanted + folder, '.');
    int name = dot && dot > wanted + folder ? (int)(dot - wanted) : (int)strlen(wanted);
    int error = move_to_free(file->part, wanted);
    for (int n = 2; error == EEXIST && n < NUMBERS_MAX; n++) {
        char *next = NULL;
        if (asprintf(&next, "%.*s-%d%s", name, wanted, n, wanted + name) < 0) {
            error = ENOMEM;
            break;
        }
        error = move_to_free(file->part, next);
        if (file->target != wanted)
            free(file->target);
        file->target = next;
    }
    if (file->target != wanted)
        free(wanted);
    return error;
}

/* The move itself must reach the disk too. A file system that cannot do it is no failure. */
static void sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const size_t length = folder_length(path);
    if (snprintf(folder, sizeof folder, "%.*s", length ? (int)length : 1, length ? path : ".") >=
        (int)sizeof folder)
        return;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
}

enum wt_status wt_new_file_place(struct wt_new_file *file)
{
    if (!file->part)
        return WT_OK;
    int error = file->numbered                          ? move_numbered(file)
                : rename(file->part, file->target) != 0 ? errno
                                                        : 0;
    if (error) {
        enum wt_status status =
            wt_fail(WT_ERR_IO, "%s: cannot be put into place: %s; what was written is in %s",
                    file->target, strerror(error), file->part);
        free(file->part);
        file->part = NULL; /* not to be removed */
        return status;
    }
    free(file->part);
    file->part = NULL;
    return WT_OK;
}

enum wt_status wt_new_file_commit(struct wt_new_file *file, int error)
{
    if (!error && file->regular && fsync(file->fd) != 0)
        error = errno;
    if (error)
        return fail_errno(file->target, error);
    enum wt_status status = wt_new_file_place(file);
    if (!status && file->regular)
        sync_folder(file->target);
    return status;
}

bool wt_new_file_stays(const struct wt_new_file *file, enum wt_keep keep)
{
    return file->target && (keep == WT_KEEP_ALL || (keep == WT_KEEP_NEW && !file->replaces));
}

void wt_new_file_close(struct wt_new_file *file)
{
    if (file->target && file->fd >= 0)
        close(file->fd);
    if (file->part)
        unlink(file->part);
    free(file->part);
    free(file->target);
    *file = (struct wt_new_file){0};
}
