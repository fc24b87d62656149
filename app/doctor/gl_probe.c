#include "doctor/gl_probe.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <SDL.h>
#include <SDL_opengl.h>

#include "base/clock.h"
#include "window/window.h"

enum { PATIENCE_MS = 15000 };

/* What the child sends: one byte, '+' or '-', then the text. */
static void send_message(int fd, char sign, const char *text)
{
    char message[400];
    int n = snprintf(message, sizeof message, "%c%s", sign, text);
    size_t length = n < (int)sizeof message ? (size_t)n : sizeof message - 1;
    if (write(fd, message, length) < 0)
        _exit(1);
}

static void probe_here(int fd)
{
    char text[400];
    typedef const GLubyte *(APIENTRY * get_string_fn)(GLenum);
    const char *why = wt_window_no_display();
    if (why) {
        snprintf(text, sizeof text, "no display to open a window on (%s)", why);
        send_message(fd, '-', text);
        return;
    }
    const char *driver = SDL_GetCurrentVideoDriver();
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 3);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
    SDL_Window *window =
        SDL_CreateWindow("wingtip", 0, 0, 64, 64, SDL_WINDOW_OPENGL | SDL_WINDOW_HIDDEN);
    SDL_GLContext context = window ? SDL_GL_CreateContext(window) : NULL;
    get_string_fn get_string = context ? (get_string_fn)SDL_GL_GetProcAddress("glGetString") : NULL;
    if (!get_string) {
        snprintf(text, sizeof text, "%s (video driver %s)", SDL_GetError(), driver);
        send_message(fd, '-', text);
        return;
    }
    snprintf(text, sizeof text, "%s, %s (video driver %s)", (const char *)get_string(GL_VERSION),
             (const char *)get_string(GL_RENDERER), driver);
    send_message(fd, '+', text);
}

/* Collects the child's message until the pipe's end or a timeout. */
static int collect_message(int fd, char *message, int size)
{
    int64_t until = wt_now_us() + (int64_t)PATIENCE_MS * 1000;
    int n = 0;
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = (until - wt_now_us()) / 1000;
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            return -1;
        ssize_t got = read(fd, message + n, (size_t)(size - 1 - n));
        if (got <= 0)
            break;
        n += (int)got;
    }
    message[n] = '\0';
    return n;
}

struct wt_gl_probe wt_gl_probe(void)
{
    struct wt_gl_probe probe = {.text = "could not be tried"};
    char message[400];
    int ends[2], status = 0;
    if (pipe(ends) != 0)
        return probe;
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        /* Drivers print to standard error; the result comes through the pipe. */
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        probe_here(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    int n = child > 0 ? collect_message(ends[0], message, sizeof message) : 0;
    close(ends[0]);
    if (child > 0) {
        if (n < 0)
            kill(child, SIGKILL);
        waitpid(child, &status, 0);
    }
    if (n < 0)
        snprintf(probe.text, sizeof probe.text, "the driver did not answer");
    else if (n == 0 && child > 0)
        snprintf(probe.text, sizeof probe.text, "the driver crashed (status %d)", status);
    else if (n > 0) {
        probe.works = message[0] == '+';
        snprintf(probe.text, sizeof probe.text, "%s", message + 1);
    }
    probe.software = strstr(probe.text, "llvmpipe") || strstr(probe.text, "softpipe");
    return probe;
}
