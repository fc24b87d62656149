/* Tests whether this computer can open the window. Asks SDL for a hidden window with OpenGL 3.3 in
 * a child process, so that a driver that crashes or hangs only ends the child. One thread; before
 * other threads are started. */
#ifndef WT_APP_GL_PROBE_H
#define WT_APP_GL_PROBE_H

#include <stdbool.h>

struct wt_gl_probe {
    bool works;
    bool software;  /* drawn by the processor */
    char text[400]; /* "VERSION, RENDERER", or why not */
};

struct wt_gl_probe wt_gl_probe(void);

#endif
