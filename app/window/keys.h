/* The keys of the window: one table for handling, help and tips. Constant. */
#ifndef WT_APP_KEYS_H
#define WT_APP_KEYS_H

#include <SDL_keyboard.h>
#include <SDL_keycode.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum wt_action {
    WT_ACTION_NONE,
    WT_ACTION_HELP,
    WT_ACTION_PANEL,
    WT_ACTION_PANEL_KEYS, /* keys act on it, or on the picture again */
    WT_ACTION_OPEN,
    WT_ACTION_LANDMARKS,
    WT_ACTION_HEATMAPS,
    WT_ACTION_BOUNDARY,
    WT_ACTION_BOXES,
    WT_ACTION_ELLIPSES,
    WT_ACTION_AXES,
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
    WT_ACTION_CORRECT,
    WT_ACTION_ACCEPT,
    WT_ACTION_UNDO,
    WT_ACTION_REDO,
    WT_ACTION_HIDE,       /* the chosen point */
    WT_ACTION_OTHER_SIDE, /* from the other half of the face */
    WT_ACTION_NUDGE,      /* argument: pixels down */
    WT_ACTION_OLDER,      /* argument: frames */
    WT_ACTION_SKIP,       /* wingtip label: no label for this face */
    WT_ACTION_COMPARE,
    WT_ACTION_SPLIT,
    WT_ACTION_MICROSCOPE,
    WT_ACTION_BACK, /* closes what is open, at last the window */
    WT_ACTION_QUIT,
    WT_ACTIONS
};

struct wt_key {
    SDL_Keycode key;
    SDL_Scancode place; /* of the key on a keyboard of another alphabet */
    enum wt_action action;
    int argument;
    const char *label; /* for the help, with those of the keys that follow without one */
    const char *help;  /* NULL: belongs to the line above */
    const char *group; /* heading before this line, or NULL */
    bool ctrl;         /* with Ctrl */
};

/* Ends with key 0. */
extern const struct wt_key wt_keys[];

/* By what the key writes; on keyboards without Latin letters by its place. NULL: no action. */
const struct wt_key *wt_key_find(const SDL_Keysym *pressed);
/* The label of an action's first key, for tips. */
const char *wt_key_label(enum wt_action action);

#ifdef __cplusplus
}
#endif

#endif
