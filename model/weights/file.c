#include "weights/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum wt_status fail_errno(const char *path, const char *verb, int error)
{
    return wt_fail(WT_ERR_IO, "%s: cannot %s: %s", path, verb, strerror(error));
}

ssize_t wt_read_all(int fd, uint8_t *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = read(fd, bytes + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

static enum wt_status refuse(enum wt_status status, char *why, size_t room, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, room, format, arguments);
    va_end(arguments);
    return status;
}

enum wt_status wt_file_read_quiet(const char *path, size_t limit, uint8_t **bytes, size_t *size,
                                  char *why, size_t room)
{
    enum wt_status status = WT_OK;
    uint8_t *buffer = NULL;
    struct stat st;
    ssize_t n;
    /* O_NONBLOCK: a FIFO without a writer must give an error, not a wait for ever. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return refuse(WT_ERR_IO, why, room, "cannot open: %s", strerror(errno));
    if (fstat(fd, &st) < 0) {
        status = refuse(WT_ERR_IO, why, room, "cannot read: %s", strerror(errno));
        goto out;
    }
    if (!S_ISREG(st.st_mode)) {
        status = refuse(WT_ERR_IO, why, room, "not a regular file");
        goto out;
    }
    if ((uintmax_t)st.st_size > limit) {
        status =
            refuse(WT_ERR_UNSUPPORTED, why, room, "%jd bytes is more than the %zu that this reads",
                   (intmax_t)st.st_size, limit);
        goto out;
    }
    buffer = malloc((size_t)st.st_size + 1);
    if (!buffer) {
        status = refuse(WT_ERR_MEMORY, why, room, "no memory for %jd bytes", (intmax_t)st.st_size);
        goto out;
    }
    n = wt_read_all(fd, buffer, (size_t)st.st_size);
    if (n < 0) {
        status = refuse(WT_ERR_IO, why, room, "cannot read: %s", strerror(errno));
        goto out;
    }
    buffer[n] = 0;
    *bytes = buffer;
    *size = (size_t)n;
    buffer = NULL;
out:
    free(buffer);
    close(fd);
    return status;
}

enum wt_status wt_file_read(const char *path, size_t limit, uint8_t **bytes, size_t *size)
{
    char why[160] = "";
    const enum wt_status status = wt_file_read_quiet(path, limit, bytes, size, why, sizeof why);
    return status ? wt_fail(status, "%s: %s", path, why) : WT_OK;
}

/* Every end of line becomes one LF, in place; returns the new size. */
static size_t unify_line_ends(uint8_t *text, size_t size)
{
    const uint8_t *cr = memchr(text, '\r', size);
    size_t to = cr ? (size_t)(cr - text) : size;
    for (size_t from = to; from < size; from++) {
        const bool pair = text[from] == '\r' && from + 1 < size && text[from + 1] == '\n';
        if (!pair)
            text[to++] = text[from] == '\r' ? '\n' : text[from];
    }
    text[to] = 0;
    return to;
}

enum wt_status wt_file_read_text(const char *path, size_t limit, uint8_t **text, size_t *size)
{
    enum wt_status status = wt_file_read(path, limit, text, size);
    if (status)
        return status;
    if (*size >= 2 && (memcmp(*text, "\xFF\xFE", 2) == 0 || memcmp(*text, "\xFE\xFF", 2) == 0)) {
        free(*text);
        *text = NULL;
        return wt_fail(WT_ERR_FORMAT, "%s: text in UTF-16; save it as UTF-8", path);
    }
    if (*size >= 3 && memcmp(*text, "\xEF\xBB\xBF", 3) == 0)
        memmove(*text, *text + 3, *size -= 3);
    *size = unify_line_ends(*text, *size);
    return WT_OK;
}

/* stdio's buffer in front of it, with a descriptor of its own, as fclose closes that. */
static enum wt_status attach(struct wt_file_writer *w, enum wt_status status, const char *path)
{
    if (status)
        return status;
    int fd = fcntl(w->place.fd, F_DUPFD_CLOEXEC, 3);
    w->file = fd < 0 ? NULL : fdopen(fd, "wb");
    if (w->file)
        return WT_OK;
    status = fail_errno(path, "write", errno);
    if (fd >= 0)
        close(fd);
    wt_new_file_close(&w->place);
    return status;
}

enum wt_status wt_file_writer_init(struct wt_file_writer *w, const char *path)
{
    *w = (struct wt_file_writer){0};
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return wt_fail(WT_ERR_IO, "%s: exists and is not a regular file", path);
    return attach(w, wt_new_file_open(&w->place, path), path);
}

enum wt_status wt_file_writer_init_numbered(struct wt_file_writer *w, const char *path,
                                            const char *stem)
{
    *w = (struct wt_file_writer){0};
    return attach(w, wt_new_file_open_numbered(&w->place, path, stem), path);
}

void wt_file_writer_put(struct wt_file_writer *w, const void *bytes, size_t size)
{
    if (!w->error && size && fwrite(bytes, 1, size, w->file) != size)
        w->error = errno ? errno : EIO;
}

enum wt_status wt_file_writer_commit(struct wt_file_writer *w)
{
    if (fflush(w->file) != 0 && !w->error)
        w->error = errno ? errno : EIO;
    return wt_new_file_commit(&w->place, w->error);
}

void wt_file_writer_fini(struct wt_file_writer *w)
{
    if (w->file)
        fclose(w->file);
    wt_new_file_close(&w->place);
    *w = (struct wt_file_writer){0};
}
