/* Small helpers for OpenGL 3.3 core: programs from the shaders/ folder, textures. Needs a current
 * context; one thread. */
#ifndef WT_APP_GL_UTIL_H
#define WT_APP_GL_UTIL_H

#include <epoxy/gl.h>
#include <stdbool.h>
#include <stdint.h>

#include "wt_status.h"

/* The embedded shaders (generated at build time); the last entry has name NULL. */
struct wt_shader_text {
    const char *name, *text;
};
extern const struct wt_shader_text wt_shader_texts[];

#define WT_GL_UNIFORMS 8

/* NAME.vert and NAME.frag, each behind common.glsl. With WINGTIP_SHADER_DIR set they are read from
 * that folder. Zero before the first load. */
struct wt_gl_program {
    GLuint id;
    const char *name;
    const char *const *uniform; /* NULL-terminated names; at most WT_GL_UNIFORMS */
    GLint at[WT_GL_UNIFORMS];   /* their locations, in the same order */
    GLint window;               /* location of u_window */
    int64_t changed_ns;         /* private: newest of the files */
};

/* Errors: IO, UNSUPPORTED (does not compile; the driver's first line is logged). uniform must
 * outlive the program. */
enum wt_status wt_gl_program_load(struct wt_gl_program *program, const char *name,
                                  const char *const *uniform);
/* Loads again if a file in WINGTIP_SHADER_DIR has changed; if it does not compile, the old program
 * stays in use. */
void wt_gl_program_refresh(struct wt_gl_program *program);
void wt_gl_program_fini(struct wt_gl_program *program);
/* Makes it current for a window of that size. */
void wt_gl_program_use(const struct wt_gl_program *program, int width, int height);

/* Creates a texture bound to target, clamped, with the given filter. */
GLuint wt_gl_texture(GLenum target, GLint filter);

#endif
