/* Cameras: listing, choosing one, and reconnecting when one is unplugged. */
#include "base/paths.h"
#include "input/source_internal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "input/camera_v4l2.h"

#define CAMERAS_MAX 64

struct camera {
    const struct wt_camera_driver *driver;
    struct wt_source_spec spec;
    struct wt_camera_info which; /* the one that was opened first */
    void *device;                /* NULL: it has gone */
};

/* ---- listing ------------------------------------------------------------------------------- */

static bool read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool ok = fgets(line, (int)size, file) != NULL;
    fclose(file);
    if (ok)
        line[strcspn(line, "\n")] = 0;
    return ok;
}

/* A camera has two device nodes, one of them for metadata; only the driver knows which. If it
 * cannot be queried (busy, no permission), assume that the first node delivers the pictures. */
static bool captures_video(const char *device, const char *sys_folder)
{
    struct wt_path path;
    char line[16];
    struct v4l2_capability cap = {0};
    int fd = open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
        bool answered = ioctl(fd, VIDIOC_QUERYCAP, &cap) == 0;
        close(fd);
        if (answered) {
            uint32_t caps =
                cap.capabilities & V4L2_CAP_DEVICE_CAPS ? cap.device_caps : cap.capabilities;
            return caps & (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE);
        }
    }
    return wt_path_print(&path, "%s/index", sys_folder) ||
           !read_line(path.text, line, sizeof line) || atoi(line) == 0;
}

/* Keeps the list in order, and of too many those with the lowest numbers. */
static int insert(struct wt_camera_info *list, int count, int max, const struct wt_camera_info *c)
{
    int at = count;
    while (at > 0 && list[at - 1].index > c->index)
        at--;
    if (at >= max)
        return count;
    count = count < max ? count + 1 : max;
    memmove(&list[at + 1], &list[at], sizeof *list * (size_t)(count - at - 1));
    list[at] = *c;
    return count;
}

int wt_camera_list_in(const char *sys, const char *dev, struct wt_camera_info *out, int max)
{
    DIR *dir = opendir(sys);
    int count = 0;
    if (!dir)
        return 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        int end = 0, index = 0;
        struct wt_path folder, name;
        struct wt_camera_info c;
        if (sscanf(e->d_name, "video%d%n", &index, &end) != 1 || e->d_name[end] || index < 0)
            continue;
        c = (struct wt_camera_info){.index = index};
        if (snprintf(c.path, sizeof c.path, "%s/%s", dev, e->d_name) >= (int)sizeof c.path)
            continue;
        if (wt_path_print(&folder, "%s/%s", sys, e->d_name) ||
            wt_path_print(&name, "%s/%s/name", sys, e->d_name) ||
            !captures_video(c.path, folder.text))
            continue;
        if (!read_line(name.text, c.name, sizeof c.name))
            snprintf(c.name, sizeof c.name, "%.63s", e->d_name);
        count = insert(out, count, max, &c);
    }
    closedir(dir);
    return count;
}

int wt_camera_list(struct wt_camera_info *out, int max)
{
    return wt_camera_list_in("/sys/class/video4linux", "/dev", out, max);
}

/* ---- choosing ------------------------------------------------------------------------------ */

static bool all_digits(const char *s)
{
    return *s && s[strspn(s, "0123456789")] == 0;
}

static bool camera_matches(const struct wt_camera_info *c, const char *wanted)
{
    if (all_digits(wanted))
        return strlen(wanted) < 6 && c->index == atoi(wanted);
    if (wanted[0] == '/')
        return strcmp(c->path, wanted) == 0;
    return strcasestr(c->name, wanted) != NULL;
}

static enum wt_status fail_no_camera(const char *wanted, const struct wt_camera_info *list,
                                     int count)
{
    char known[700] = "";
    size_t used = 0;
    for (int i = 0; i < count && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%d \"%s\"", i ? ", " : "",
                                 list[i].index, list[i].name);
    if (count == 0)
        return wt_fail(WT_ERR_IO, "camera \"%s\": this machine has no camera", wanted);
    return wt_fail(WT_ERR_IO, "camera \"%s\" is not there; there is: %s", wanted, known);
}

/* A path may be a link with a stable name, as in /dev/v4l/by-id. */
static void resolve(const char *wanted, struct wt_path *path)
{
    if (wanted[0] != '/' || !realpath(wanted, path->text))
        snprintf(path->text, sizeof path->text, "%s", wanted);
}

static enum wt_status choose(struct camera *camera)
{
    struct wt_camera_info list[CAMERAS_MAX];
    struct wt_path wanted;
    int count = camera->driver->list(camera->driver->user, list, CAMERAS_MAX);
    resolve(camera->spec.camera, &wanted);
    for (int i = 0; i < count; i++) {
        if (camera_matches(&list[i], wanted.text)) {
            camera->which = list[i];
            return WT_OK;
        }
    }
    return fail_no_camera(camera->spec.camera, list, count);
}

/* A camera that was plugged in again may have another number: find it by name, and among several of
 * that name prefer the old number. */
static bool find_again(const struct camera *camera, struct wt_camera_info *found)
{
    struct wt_camera_info list[CAMERAS_MAX];
    int count = camera->driver->list(camera->driver->user, list, CAMERAS_MAX), best = -1;
    for (int i = 0; i < count; i++)
        if (strcmp(list[i].name, camera->which.name) == 0 &&
            (best < 0 || list[i].index == camera->which.index))
            best = i;
    if (best >= 0)
        *found = list[best];
    return best >= 0;
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool reconnect(struct camera *camera, struct wt_frame **out)
{
    struct wt_camera_info now;
    struct wt_source_info info = {0};
    if (!find_again(camera, &now))
        return false;
    if (camera->driver->open(camera->driver->user, &now, &camera->spec, &camera->device, &info) !=
        WT_OK) {
        camera->device = NULL;
        return false;
    }
    /* It is back only when it delivers a frame: a node appears before the camera is ready. */
    if (camera->driver->read(camera->device, out) != WT_OK) {
        camera->driver->close(camera->device);
        camera->device = NULL;
        return false;
    }
    return true;
}

static enum wt_status camera_read(void *self, struct wt_frame **out)
{
    struct camera *c = self;
    if (c->device) {
        enum wt_status status = c->driver->read(c->device, out);
        if (status == WT_OK)
            return WT_OK;
        if (status == WT_ERR_MEMORY)
            return wt_fail(status, "out of memory for a frame");
        c->driver->close(c->device);
        c->device = NULL;
        wt_log(WT_LOG_WARN, "camera \"%s\" has gone; waiting for it to come back", c->which.name);
        return WT_ERR_LOST;
    }
    int64_t until = wt_now_us() + (int64_t)c->driver->wait_ms * 1000;
    do {
        if (reconnect(c, out)) {
            wt_log(WT_LOG_INFO, "camera \"%s\" is back", c->which.name);
            return WT_OK;
        }
        usleep((useconds_t)c->driver->retry_ms * 1000);
    } while (wt_now_us() < until);
    return WT_ERR_LOST;
}

static void camera_let_go(void *self)
{
    struct camera *c = self;
    if (c->device)
        c->driver->close(c->device);
    c->device = NULL;
}

static void camera_close(void *self)
{
    camera_let_go(self);
    free(self);
}

static void fail_to_open(const struct wt_camera_info *camera, enum wt_status status)
{
    char why[200];
    wt_camera_fault(camera->path, why, sizeof why);
    wt_fail(status, "camera \"%s\" (%s): %s", camera->name, camera->path, why);
}

enum wt_status wt_source_open_camera_with(struct wt_source_opened *out,
                                          const struct wt_source_spec *spec,
                                          const struct wt_camera_driver *driver)
{
    static const struct wt_source_backend backend = {
        .read = camera_read, .close = camera_close, .let_go = camera_let_go};
    struct camera *c = calloc(1, sizeof *c);
    if (!c)
        return wt_fail(WT_ERR_MEMORY, "out of memory for a camera");
    c->driver = driver;
    c->spec = *spec;
    struct wt_source_info info = {.kind = WT_SOURCE_CAMERA, .frames = -1};
    enum wt_status status = choose(c);
    if (status == WT_OK) {
        snprintf(info.name, sizeof info.name, "%s", c->which.name);
        status = driver->open(driver->user, &c->which, spec, &c->device, &info);
        if (status == WT_ERR_MEMORY)
            wt_fail(status, "out of memory for camera \"%s\"", c->which.name);
        else if (status != WT_OK)
            fail_to_open(&c->which, status);
    }
    if (status != WT_OK) {
        free(c);
        return status;
    }
    c->spec.camera = c->spec.input = NULL; /* the caller's strings may be freed */
    *out = (struct wt_source_opened){.backend = &backend, .self = c, .info = info};
    return WT_OK;
}

enum wt_status wt_source_open_camera(struct wt_source_opened *out,
                                     const struct wt_source_spec *spec)
{
    return wt_source_open_camera_with(out, spec, &wt_camera_driver_v4l2);
}
