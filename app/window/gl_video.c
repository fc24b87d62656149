#include "window/gl_video.h"

#include <stdlib.h>
#include <string.h>

enum { FRAME, RECT, MIRROR };
static const char *const uniforms[] = {"u_frame", "u_rect", "u_mirror", NULL};

enum wt_status wt_gl_video_init(struct wt_gl_video *video)
{
    enum wt_status status = wt_gl_program_load(&video->program, "video", uniforms);
    if (status)
        return status;
    video->texture = wt_gl_texture(GL_TEXTURE_2D, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAX_LEVEL, 1000);
    glGenVertexArrays(1, &video->array);
    glGetIntegerv(GL_MAX_TEXTURE_SIZE, &video->size_max);
    return WT_OK;
}

void wt_gl_video_fini(struct wt_gl_video *video)
{
    wt_gl_program_fini(&video->program);
    glDeleteTextures(1, &video->texture);
    glDeleteVertexArrays(1, &video->array);
    video->texture = video->array = 0;
}

/* Every step-th pixel of every step-th row, tightly packed; NULL: out of memory. */
static uint8_t *subsample(const struct wt_image *image, int step, int width, int height)
{
    uint8_t *out = malloc((size_t)width * height * 3);
    for (int y = 0; out && y < height; y++) {
        const uint8_t *row = image->data + image->stride * (ptrdiff_t)y * step;
        for (int x = 0; x < width; x++)
            memcpy(out + 3 * ((size_t)y * width + x), row + 3 * (ptrdiff_t)x * step, 3);
    }
    return out;
}

void wt_gl_video_upload(struct wt_gl_video *video, const struct wt_image *image)
{
    int largest = image->width > image->height ? image->width : image->height, step = 1;
    while (largest / step > video->size_max)
        step++;
    int width = image->width / step, height = image->height / step;
    /* OpenGL accepts only strides that are a whole number of pixels. */
    bool direct = step == 1 && image->stride > 0 && image->stride % 3 == 0;
    uint8_t *copy = direct ? NULL : subsample(image, step, width, height);
    const uint8_t *data = direct ? image->data : copy;
    if (!data)
        return;
    glBindTexture(GL_TEXTURE_2D, video->texture);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, direct ? (GLint)(image->stride / 3) : 0);
    if (width != video->width || height != video->height)
        glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB8, width, height, 0, GL_BGR, GL_UNSIGNED_BYTE, data);
    else
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width, height, GL_BGR, GL_UNSIGNED_BYTE, data);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    video->width = width;
    video->height = height;
    free(copy);
    /* Mipmaps are made only when a large picture is drawn small; see draw. */
    bool large = (int64_t)width * height > 1280 * 960;
    if (large)
        glGenerateMipmap(GL_TEXTURE_2D);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER,
                    large ? GL_LINEAR_MIPMAP_LINEAR : GL_LINEAR);
}

void wt_gl_video_draw(struct wt_gl_video *video, const struct wt_layout *l)
{
    if (!video->width)
        return;
    wt_gl_program_use(&video->program, l->window_width, l->window_height);
    const GLint *at = video->program.at;
    glActiveTexture(GL_TEXTURE0);
    glBindTexture(GL_TEXTURE_2D, video->texture);
    glUniform1i(at[FRAME], 0);
    glUniform4f(at[RECT], l->left, l->top, l->right, l->bottom);
    glUniform1i(at[MIRROR], l->mirror);
    glBindVertexArray(video->array);
    glDisable(GL_BLEND);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}
