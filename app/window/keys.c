#include "window/keys.h"

#include <stddef.h>

const struct wt_key wt_keys[] = {
    {SDLK_l, WT_ACTION_LANDMARKS, 0, "L", "landmarks", "Show"},
    {SDLK_m, WT_ACTION_HEATMAPS, 0, "M", "heatmaps", NULL},
    {SDLK_b, WT_ACTION_BOUNDARY, 0, "B", "boundary", NULL},
    {SDLK_x, WT_ACTION_BOXES, 0, "X", "crop squares, ids, confidence", NULL},
    {SDLK_p, WT_ACTION_POINTS, 0, "P", "98, 68 or 29 points", NULL},
    {SDLK_v, WT_ACTION_MIRROR, 0, "V", "mirror", NULL},
    {SDLK_t, WT_ACTION_STATUS, 0, "T", "status", NULL},
    {SDLK_h, WT_ACTION_HELP, 0, "H, F1", "this help", NULL},
    {SDLK_F1, WT_ACTION_HELP, 0, NULL, NULL, NULL},

    {SDLK_o, WT_ACTION_SMOOTH, 0, "O", "smoothing over time", "Track"},
    {SDLK_MINUS, WT_ACTION_FACES, -1, "-  +", "fewer or more faces", NULL},
    {SDLK_PLUS, WT_ACTION_FACES, 1, NULL, NULL, NULL},
    {SDLK_EQUALS, WT_ACTION_FACES, 1, NULL, NULL, NULL},
    {SDLK_KP_MINUS, WT_ACTION_FACES, -1, NULL, NULL, NULL},
    {SDLK_KP_PLUS, WT_ACTION_FACES, 1, NULL, NULL, NULL},
    {SDLK_1, WT_ACTION_STACKS, 1, "1 .. 4", "stacks of the network; 0 all", NULL},
    {SDLK_2, WT_ACTION_STACKS, 2, NULL, NULL, NULL},
    {SDLK_3, WT_ACTION_STACKS, 3, NULL, NULL, NULL},
    {SDLK_4, WT_ACTION_STACKS, 4, NULL, NULL, NULL},
    {SDLK_0, WT_ACTION_STACKS, 0, NULL, NULL, NULL},

    {SDLK_SPACE, WT_ACTION_PAUSE, 0, "Space", "pause, go on", "Play"},
    {SDLK_PERIOD, WT_ACTION_STEP, 0, ".", "one frame", NULL},
    {SDLK_LEFT, WT_ACTION_JUMP, -5, "Left, Right", "5 seconds back, on", NULL},
    {SDLK_RIGHT, WT_ACTION_JUMP, 5, NULL, NULL, NULL},

    {SDLK_s, WT_ACTION_SCREENSHOT, 0, "S", "screenshot", "Keep"},
    {SDLK_r, WT_ACTION_RECORD, 0, "R", "record, stop", NULL},

    {SDLK_f, WT_ACTION_FULLSCREEN, 0, "F, F11", "full screen", "Window"},
    {SDLK_F11, WT_ACTION_FULLSCREEN, 0, NULL, NULL, NULL},
    {SDLK_q, WT_ACTION_QUIT, 0, "Q, Esc", "quit", NULL},
    {SDLK_ESCAPE, WT_ACTION_QUIT, 0, NULL, NULL, NULL},
    {0, WT_ACTION_NONE, 0, NULL, NULL, NULL},
};

const struct wt_key *wt_key_find(const SDL_Keysym *pressed)
{
    /* Keys with Ctrl, Alt or the system's key belong to the desktop. */
    if (pressed->mod & (KMOD_CTRL | KMOD_ALT | KMOD_GUI))
        return NULL;
    for (const struct wt_key *k = wt_keys; k->key; k++)
        if (k->key == pressed->sym)
            return k;
    return NULL;
}
