#include "modes.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- modes --------------------------------------------------------------------------------- */

static bool read_mode(struct mode *m, const char *line)
{
    char format[5] = "";
    int used = 0, more = 0;
    *m = (struct mode){0};
    if (sscanf(line, "%4s %dx%d%n", format, &m->width, &m->height, &used) != 3 ||
        strlen(format) != 4 || m->width < 1 || m->height < 1)
        return false;
    memcpy(&m->format, format, 4);
    while (m->rates < RATES_MAX && sscanf(line + used, "%lf%n", &m->rate[m->rates], &more) == 1) {
        m->rates++;
        used += more;
    }
    return m->rates > 0;
}

bool modes_read(struct modes *out, const char *folder)
{
    char path[300], line[200];
    snprintf(path, sizeof path, "%s/modes", folder);
    FILE *file = fopen(path, "re");
    bool good = file != NULL;
    out->count = 0;
    while (good && fgets(line, sizeof line, file))
        good = out->count < MODES_MAX && read_mode(&out->mode[out->count++], line);
    if (file)
        fclose(file);
    return good && out->count > 0;
}

static bool new_format(const struct modes *m, int i)
{
    for (int k = 0; k < i; k++)
        if (m->mode[k].format == m->mode[i].format)
            return false;
    return true;
}

bool modes_format(const struct modes *m, struct v4l2_fmtdesc *f)
{
    uint32_t index = 0;
    for (int i = 0; i < m->count && f->type == V4L2_BUF_TYPE_VIDEO_CAPTURE; i++) {
        if (!new_format(m, i) || index++ != f->index)
            continue;
        f->pixelformat = m->mode[i].format;
        f->flags = f->pixelformat == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0;
        snprintf((char *)f->description, sizeof f->description, "%.4s", (char *)&f->pixelformat);
        return true;
    }
    return false;
}

bool modes_size(const struct modes *m, struct v4l2_frmsizeenum *f)
{
    uint32_t index = 0;
    for (int i = 0; i < m->count; i++) {
        if (m->mode[i].format != f->pixel_format || index++ != f->index)
            continue;
        f->type = V4L2_FRMSIZE_TYPE_DISCRETE;
        f->discrete =
            (struct v4l2_frmsize_discrete){(uint32_t)m->mode[i].width, (uint32_t)m->mode[i].height};
        return true;
    }
    return false;
}

bool modes_interval(const struct modes *m, struct v4l2_frmivalenum *f)
{
    for (int i = 0; i < m->count; i++) {
        const struct mode *mode = &m->mode[i];
        if (mode->format != f->pixel_format || mode->width != (int)f->width ||
            mode->height != (int)f->height || f->index >= (uint32_t)mode->rates)
            continue;
        f->type = V4L2_FRMIVAL_TYPE_DISCRETE;
        f->discrete = (struct v4l2_fract){1000, (uint32_t)(1000 * mode->rate[f->index] + 0.5)};
        return true;
    }
    return false;
}

int modes_nearest(const struct modes *m, uint32_t format, uint32_t width, uint32_t height)
{
    int best = -1;
    double least = 0;
    for (int i = 0; i < m->count && best < 0; i++)
        best = m->mode[i].format == format ? i : -1;
    format = best < 0 ? m->mode[0].format : format;
    best = -1;
    for (int i = 0; i < m->count; i++) {
        const double off =
            fabs((double)m->mode[i].width * m->mode[i].height - (double)width * height);
        if (m->mode[i].format == format && (best < 0 || off < least)) {
            best = i;
            least = off;
        }
    }
    return best;
}

int mode_nearest_rate(const struct mode *m, double wanted)
{
    int best = 0;
    for (int i = 1; i < m->rates; i++)
        if (fabs(m->rate[i] - wanted) < fabs(m->rate[best] - wanted))
            best = i;
    return best;
}

uint32_t mode_stride(const struct mode *m)
{
    switch (m->format) {
    case V4L2_PIX_FMT_YUYV:
        return 2 * (uint32_t)m->width;
    case V4L2_PIX_FMT_MJPEG:
        return 0;
    default:
        return (uint32_t)m->width;
    }
}

size_t mode_bytes(const struct mode *m)
{
    const size_t pixels = (size_t)m->width * (size_t)m->height;
    return m->format == V4L2_PIX_FMT_NV12 ? pixels * 3 / 2 : pixels * 2;
}

size_t mode_size(const struct mode *m)
{
    return (mode_bytes(m) + 4095) / 4096 * 4096;
}

/* ---- pictures ------------------------------------------------------------------------------ */

/* The next frame's end. Of a JPEG the marker; within its data there is none such. */
static size_t end_of(const struct clip *c, size_t start, const struct mode *m)
{
    if (m->format != V4L2_PIX_FMT_MJPEG)
        return start + mode_bytes(m);
    const uint8_t *marker = memmem(c->bytes + start, c->size - start, "\xff\xd9", 2);
    return marker ? (size_t)(marker - c->bytes) + 2 : c->size + 1;
}

bool clip_open(struct clip *out, const char *folder, const struct mode *m)
{
    char path[300];
    struct stat status;
    snprintf(path, sizeof path, "%s/%.4s-%dx%d", folder, (const char *)&m->format, m->width,
             m->height);
    *out = (struct clip){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (fstat(fd, &status) == 0 && status.st_size > 0) {
        void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        out->bytes = bytes == MAP_FAILED ? NULL : bytes;
        out->size = (size_t)status.st_size;
    }
    close(fd);
    out->start = calloc(1, sizeof *out->start);
    while (out->bytes && out->start && out->start[out->frames] < out->size) {
        const size_t end = end_of(out, out->start[out->frames], m);
        size_t *longer = realloc(out->start, (out->frames + 2) * sizeof *longer);
        out->start = longer ? longer : out->start;
        if (!longer || end > out->size || end - out->start[out->frames] > mode_bytes(m))
            break;
        out->start[++out->frames] = end;
    }
    if (out->frames > 0 && out->start[out->frames] == out->size)
        return true;
    clip_close(out);
    return false;
}

void clip_close(struct clip *c)
{
    if (c->bytes)
        munmap((void *)c->bytes, c->size);
    free(c->start);
    *c = (struct clip){0};
}

const uint8_t *clip_frame(const struct clip *c, uint32_t number, size_t *bytes)
{
    const size_t i = number % c->frames;
    *bytes = c->start[i + 1] - c->start[i];
    return c->bytes + c->start[i];
}
