/* The keys of the window: one table for handling and for the help overlay. Constant. */
#ifndef WT_APP_KEYS_H
#define WT_APP_KEYS_H

#include <SDL_keyboard.h>
#include <SDL_keycode.h>

enum wt_action {
    WT_ACTION_NONE,
    WT_ACTION_HELP,
    WT_ACTION_LANDMARKS,
    WT_ACTION_HEATMAPS,
    WT_ACTION_BOUNDARY,
    WT_ACTION_BOXES,
    WT_ACTION_POINTS,
    WT_ACTION_SMOOTH,
    WT_ACTION_STACKS, /* argument: how many, 0: all */
    WT_ACTION_FACES,  /* argument: one more or one less */
    WT_ACTION_PAUSE,
    WT_ACTION_STEP,
    WT_ACTION_JUMP, /* argument: seconds */
    WT_ACTION_SCREENSHOT,
    WT_ACTION_RECORD,
    WT_ACTION_FULLSCREEN,
    WT_ACTION_MIRROR,
    WT_ACTION_STATUS,
    WT_ACTION_QUIT,
    WT_ACTIONS
};

struct wt_key {
    SDL_Keycode key;
    enum wt_action action;
    int argument;
    const char *label; /* for the help, with those of the keys that follow without one */
    const char *help;  /* NULL: belongs to the line above */
    const char *group; /* heading before this line, or NULL */
};

/* Ends with key 0. */
extern const struct wt_key wt_keys[];

/* NULL: the key has no action. */
const struct wt_key *wt_key_find(const SDL_Keysym *pressed);

#endif
