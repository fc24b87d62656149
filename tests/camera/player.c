/* Plays Video4Linux cameras to the program that it is preloaded into: what the program, and OpenCV
 * in it, asks of /dev/videoN and /sys/class/video4linux is answered from the folder
 * $WINGTIP_CAMERAS. What a camera is, and what can happen to it, is said in README.md.
 *
 * Here are the calls that are taken over; everything else goes to the kernel as it was asked. */
#undef _FILE_OFFSET_BITS /* the calls are defined here under both of their names */

#include "device.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYS_FOLDER "/sys/class/video4linux"

/* Recursive: what is done here opens and closes files as well. */
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

/* Where a path of the system is played from; NULL: it is not. */
static const char *played(const char *path, char out[static 512])
{
    const char *root = getenv("WINGTIP_CAMERAS");
    int number, end = 0;
    if (!root || !path)
        return NULL;
    if (strncmp(path, SYS_FOLDER, strlen(SYS_FOLDER)) == 0)
        snprintf(out, 512, "%s%s", root, path + strlen(SYS_FOLDER));
    else if (sscanf(path, "/dev/video%d%n", &number, &end) == 1 && !path[end])
        snprintf(out, 512, "%s/video%d", root, number);
    else
        return NULL;
    return out;
}

static int open_any(const char *path, int flags, mode_t mode)
{
    char folder[512];
    if (!played(path, folder) || strncmp(path, "/dev/", 5) != 0)
        return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    pthread_mutex_lock(&lock);
    int fd = device_open(folder);
    pthread_mutex_unlock(&lock);
    return fd;
}

#pragma GCC visibility push(default) /* nothing else can be seen from outside */

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return open_any(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    pthread_mutex_lock(&lock);
    struct device *d = device_find(fd);
    int result = d ? device_answer(d, request & 0xffffffffu, argument) : 0;
    pthread_mutex_unlock(&lock);
    return d ? result : (int)syscall(SYS_ioctl, fd, request, argument);
}

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (fd >= 0) {
        pthread_mutex_lock(&lock);
        const struct device *d = device_find(fd);
        fd = d ? device_memory(d) : fd;
        pthread_mutex_unlock(&lock);
    }
    return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}
void *mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
    __attribute__((alias("mmap")));

int close(int fd)
{
    pthread_mutex_lock(&lock);
    struct device *d = device_find(fd);
    if (d) {
        device_close(d);
    }
    pthread_mutex_unlock(&lock);
    return (int)syscall(SYS_close, fd);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    pthread_mutex_lock(&lock);
    struct device *d = device_find(fd);
    const ssize_t result = d ? device_write(d, bytes, size) : 0;
    pthread_mutex_unlock(&lock);
    return d ? result : (ssize_t)syscall(SYS_write, fd, bytes, size);
}

int access(const char *path, int how)
{
    char other[512];
    if (!played(path, other))
        return (int)syscall(SYS_faccessat, AT_FDCWD, path, how, 0);
    if (in_state(other, "denied", NULL)) {
        errno = EACCES;
        return -1;
    }
    return (int)syscall(SYS_faccessat, AT_FDCWD, other, F_OK, 0);
}

/* A program that has a camera's `held` open is one that has the camera open. */
ssize_t readlink(const char *path, char *text, size_t size)
{
    const char *root = getenv("WINGTIP_CAMERAS");
    ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, path, text, size);
    char held[512] = "";
    int number, end = 0;
    if (!root || n <= 0 || (size_t)n >= sizeof held || strncmp(text, root, strlen(root)) != 0)
        return n;
    memcpy(held, text, (size_t)n);
    if (sscanf(held + strlen(root), "/video%d/held%n", &number, &end) != 1 || !end)
        return n;
    snprintf(held, sizeof held, "/dev/video%d", number);
    n = (ssize_t)strlen(held) < (ssize_t)size ? (ssize_t)strlen(held) : (ssize_t)size;
    memcpy(text, held, (size_t)n);
    return n;
}

typedef DIR *opendir_fn(const char *);
DIR *opendir(const char *path)
{
    char other[512];
    opendir_fn *next = (opendir_fn *)dlsym(RTLD_NEXT, "opendir");
    return next(played(path, other) ? other : path);
}

typedef FILE *fopen_fn(const char *, const char *);
FILE *fopen(const char *path, const char *how)
{
    char other[512];
    fopen_fn *next = (fopen_fn *)dlsym(RTLD_NEXT, "fopen");
    return next(played(path, other) ? other : path, how);
}
FILE *fopen64(const char *path, const char *how) __attribute__((alias("fopen")));

#pragma GCC visibility pop
