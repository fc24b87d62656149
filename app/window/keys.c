#include "window/keys.h"

#include <stddef.h>

const struct wt_key wt_keys[] = {
    {SDLK_l, SDL_SCANCODE_L, WT_ACTION_LANDMARKS, 0, "L", "landmarks", "Show"},
    {SDLK_m, SDL_SCANCODE_M, WT_ACTION_HEATMAPS, 0, "M", "heatmaps", NULL},
    {SDLK_b, SDL_SCANCODE_B, WT_ACTION_BOUNDARY, 0, "B", "boundary", NULL},
    {SDLK_x, SDL_SCANCODE_X, WT_ACTION_BOXES, 0, "X", "crop squares, ids, confidence", NULL},
    {SDLK_e, SDL_SCANCODE_E, WT_ACTION_ELLIPSES, 0, "E", "ellipses: how sure points are", NULL},
    {SDLK_a, SDL_SCANCODE_A, WT_ACTION_AXES, 0, "A", "the head's axes", NULL},
    {SDLK_i, SDL_SCANCODE_I, WT_ACTION_MICROSCOPE, 0, "I, click", "look into a point: microscope",
     NULL},
    {SDLK_p, SDL_SCANCODE_P, WT_ACTION_POINTS, 0, "P", "98, 68 or 29 points", NULL},
    {SDLK_v, SDL_SCANCODE_V, WT_ACTION_MIRROR, 0, "V", "mirror", NULL},
    {SDLK_t, SDL_SCANCODE_T, WT_ACTION_STATUS, 0, "T", "status: full, one line, none", NULL},
    {SDLK_TAB, SDL_SCANCODE_TAB, WT_ACTION_PANEL, 0, "Tab", "panel: everything", NULL},
    {SDLK_F6, SDL_SCANCODE_F6, WT_ACTION_PANEL_KEYS, 0, "F6",
     "panel with keys: arrows, Space, Enter", NULL},
    {SDLK_h, SDL_SCANCODE_H, WT_ACTION_HELP, 0, "H, F1", "this help", NULL},
    {SDLK_F1, SDL_SCANCODE_F1, WT_ACTION_HELP, 0, NULL, NULL, NULL},

    {SDLK_o, SDL_SCANCODE_O, WT_ACTION_SMOOTH, 0, "O", "smoothing over time", "Track"},
    {SDLK_MINUS, SDL_SCANCODE_MINUS, WT_ACTION_FACES, -1, "-  +", "fewer or more faces", NULL},
    {SDLK_PLUS, SDL_SCANCODE_UNKNOWN, WT_ACTION_FACES, 1, NULL, NULL, NULL},
    {SDLK_EQUALS, SDL_SCANCODE_EQUALS, WT_ACTION_FACES, 1, NULL, NULL, NULL},
    {SDLK_KP_MINUS, SDL_SCANCODE_KP_MINUS, WT_ACTION_FACES, -1, NULL, NULL, NULL},
    {SDLK_KP_PLUS, SDL_SCANCODE_KP_PLUS, WT_ACTION_FACES, 1, NULL, NULL, NULL},
    {SDLK_1, SDL_SCANCODE_1, WT_ACTION_STACKS, 1, "1 .. 4", "stacks of the network; 0 all", NULL},
    {SDLK_2, SDL_SCANCODE_2, WT_ACTION_STACKS, 2, NULL, NULL, NULL},
    {SDLK_3, SDL_SCANCODE_3, WT_ACTION_STACKS, 3, NULL, NULL, NULL},
    {SDLK_4, SDL_SCANCODE_4, WT_ACTION_STACKS, 4, NULL, NULL, NULL},
    {SDLK_0, SDL_SCANCODE_0, WT_ACTION_STACKS, 0, NULL, NULL, NULL},

    {SDLK_o, SDL_SCANCODE_O, WT_ACTION_OPEN, 0, "Ctrl O", "open a file; or drop one", "Play", true},
    {SDLK_SPACE, SDL_SCANCODE_SPACE, WT_ACTION_PAUSE, 0, "Space", "pause, go on", NULL},
    {SDLK_PERIOD, SDL_SCANCODE_PERIOD, WT_ACTION_STEP, 0, ".", "one frame", NULL},
    {SDLK_LEFT, SDL_SCANCODE_LEFT, WT_ACTION_JUMP, -5, "Left, Right", "5 seconds back, on", NULL},
    {SDLK_RIGHT, SDL_SCANCODE_RIGHT, WT_ACTION_JUMP, 5, NULL, NULL, NULL},

    {SDLK_s, SDL_SCANCODE_S, WT_ACTION_SCREENSHOT, 0, "S", "screenshot", "Keep"},
    {SDLK_r, SDL_SCANCODE_R, WT_ACTION_RECORD, 0, "R", "record, stop", NULL},

    {SDLK_c, SDL_SCANCODE_C, WT_ACTION_CORRECT, 0, "C", "correct points with the mouse", "Teach"},
    {SDLK_RETURN, SDL_SCANCODE_RETURN, WT_ACTION_ACCEPT, 0, "Enter", "keep them", NULL},
    {SDLK_KP_ENTER, SDL_SCANCODE_KP_ENTER, WT_ACTION_ACCEPT, 0, NULL, NULL, NULL},
    {SDLK_z, SDL_SCANCODE_Z, WT_ACTION_UNDO, 0, "Ctrl Z, Y", "take back, do again", NULL, true},
    {SDLK_y, SDL_SCANCODE_Y, WT_ACTION_REDO, 0, NULL, NULL, NULL, true},
    {SDLK_DELETE, SDL_SCANCODE_DELETE, WT_ACTION_HIDE, 0, "Delete", "a point that cannot be seen",
     NULL},
    {SDLK_g, SDL_SCANCODE_G, WT_ACTION_OTHER_SIDE, 0, "G", "from the face's other side", NULL},
    {SDLK_UP, SDL_SCANCODE_UP, WT_ACTION_NUDGE, -1, NULL, NULL, NULL},
    {SDLK_DOWN, SDL_SCANCODE_DOWN, WT_ACTION_NUDGE, 1, NULL, NULL, NULL},
    {SDLK_PAGEUP, SDL_SCANCODE_PAGEUP, WT_ACTION_OLDER, 1, "Page Up", "an earlier frame; Down",
     NULL},
    {SDLK_PAGEDOWN, SDL_SCANCODE_PAGEDOWN, WT_ACTION_OLDER, -1, NULL, NULL, NULL},
    {SDLK_BACKSPACE, SDL_SCANCODE_BACKSPACE, WT_ACTION_SKIP, 0, NULL, NULL, NULL},
    {SDLK_k, SDL_SCANCODE_K, WT_ACTION_COMPARE, 0, "K", "without the profile, with it", NULL},
    {SDLK_d, SDL_SCANCODE_D, WT_ACTION_SPLIT, 0, "D", "both, side by side", NULL},

    {SDLK_f, SDL_SCANCODE_F, WT_ACTION_FULLSCREEN, 0, "F, F11", "full screen", "Window"},
    {SDLK_F11, SDL_SCANCODE_F11, WT_ACTION_FULLSCREEN, 0, NULL, NULL, NULL},
    {SDLK_ESCAPE, SDL_SCANCODE_ESCAPE, WT_ACTION_BACK, 0, "Esc",
     "close help, microscope, panel, full screen; quit", NULL},
    {SDLK_q, SDL_SCANCODE_Q, WT_ACTION_QUIT, 0, "Q, Ctrl Q", "quit", NULL},
    {SDLK_q, SDL_SCANCODE_Q, WT_ACTION_QUIT, 0, NULL, NULL, NULL, true},
    {0, SDL_SCANCODE_UNKNOWN, WT_ACTION_NONE, 0, NULL, NULL, NULL},
};

/* A keyboard that writes Latin letters means them, wherever they are. One of another alphabet means
 * places; and every one does with digits, which French keyboards write with Shift only. */
static bool by_place(SDL_Scancode place)
{
    const bool digit = place >= SDL_SCANCODE_1 && place <= SDL_SCANCODE_0;
    return digit || SDL_GetScancodeFromKey(SDLK_a) == SDL_SCANCODE_UNKNOWN;
}

const struct wt_key *wt_key_find(const SDL_Keysym *pressed)
{
    /* Keys with Alt or the system's key belong to the desktop, and most of those with Ctrl. */
    if (pressed->mod & (KMOD_ALT | KMOD_GUI))
        return NULL;
    const bool ctrl = pressed->mod & KMOD_CTRL;
    for (const struct wt_key *k = wt_keys; k->key; k++)
        if (k->key == pressed->sym && k->ctrl == ctrl)
            return k;
    for (const struct wt_key *k = wt_keys; k->key && by_place(pressed->scancode); k++)
        if (k->place != SDL_SCANCODE_UNKNOWN && k->place == pressed->scancode && k->ctrl == ctrl)
            return k;
    return NULL;
}

const char *wt_key_label(enum wt_action action)
{
    for (const struct wt_key *k = wt_keys; k->key; k++)
        if (k->action == action && k->label)
            return k->label;
    return "";
}
