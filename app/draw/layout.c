#include "draw/layout.h"

#include <math.h>

struct wt_layout wt_layout_fit(int window_width, int window_height, int frame_width,
                               int frame_height, bool mirror)
{
    struct wt_layout l = {.window_width = window_width,
                          .window_height = window_height,
                          .frame_width = frame_width,
                          .frame_height = frame_height,
                          .mirror = mirror};
    float across = (float)window_width / frame_width, down = (float)window_height / frame_height;
    float scale = fminf(across, down);
    float width = fmaxf(1.0f, roundf(frame_width * scale));
    float height = fmaxf(1.0f, roundf(frame_height * scale));
    l.left = floorf((window_width - width) / 2.0f);
    l.top = floorf((window_height - height) / 2.0f);
    l.right = l.left + width;
    l.bottom = l.top + height;
    l.scale = sqrtf(width / frame_width * (height / frame_height));
    return l;
}

struct wt_point wt_layout_point(const struct wt_layout *l, struct wt_point p)
{
    float u = (p.x + 0.5f) / l->frame_width, v = (p.y + 0.5f) / l->frame_height;
    if (l->mirror)
        u = 1.0f - u;
    return (struct wt_point){l->left + u * (l->right - l->left), l->top + v * (l->bottom - l->top)};
}
