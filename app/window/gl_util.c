#include "window/gl_util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/paths.h"
#include "base/status.h"

#define SHADER_BYTES_MAX (1 << 20)

static const char *shader_dir(void)
{
    const char *dir = getenv("WINGTIP_SHADER_DIR");
    return dir && dir[0] ? dir : NULL;
}

static int64_t changed_at(const char *path)
{
    struct stat st;
    return stat(path, &st) ? 0 : (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

/* Newest change of a program's files; 0 with embedded shaders. */
static int64_t newest_change(const char *name)
{
    const char *dir = shader_dir();
    int64_t newest = 0;
    for (int i = 0; dir && i < 3; i++) {
        static const char *const suffix[] = {".vert", ".frag"};
        struct wt_path path;
        if (wt_path_print(&path, "%s/%s%s", dir, i < 2 ? name : "common.glsl",
                          i < 2 ? suffix[i] : ""))
            continue;
        int64_t at = changed_at(path.text);
        newest = at > newest ? at : newest;
    }
    return newest;
}

/* The text of a shader file, to be freed; NULL after a line in the log. */
static char *read_text(const char *file)
{
    const char *dir = shader_dir();
    for (const struct wt_shader_text *s = wt_shader_texts; !dir && s->name; s++)
        if (strcmp(s->name, file) == 0)
            return strdup(s->text);
    struct wt_path path;
    if (wt_path_print(&path, "%s/%s", dir ? dir : "shaders", file))
        return NULL;
    FILE *in = fopen(path.text, "rb");
    char *text = in ? malloc(SHADER_BYTES_MAX + 1) : NULL;
    if (text) {
        size_t got = fread(text, 1, SHADER_BYTES_MAX, in);
        text[got] = '\0';
    } else {
        wt_fail(WT_ERR_IO, "%s: cannot be read", path.text);
    }
    if (in)
        fclose(in);
    return text;
}

/* Logs the first line of the driver's message. */
static void report(const char *what, char *report_text)
{
    report_text[strcspn(report_text, "\r\n")] = '\0';
    wt_log(WT_LOG_ERROR, "shader %s: %s", what, report_text);
}

static GLuint compile(const char *name, GLenum type)
{
    char file[128], message[512] = "";
    snprintf(file, sizeof file, "%s.%s", name, type == GL_VERTEX_SHADER ? "vert" : "frag");
    char *common = read_text("common.glsl");
    char *text = common ? read_text(file) : NULL;
    GLuint shader = 0;
    if (text) {
        const char *parts[] = {"#version 330 core\n#line 1 1\n", common, "#line 1 0\n", text};
        shader = glCreateShader(type);
        GLint ok = 0;
        glShaderSource(shader, 4, parts, NULL);
        glCompileShader(shader);
        glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
        if (!ok) {
            glGetShaderInfoLog(shader, sizeof message, NULL, message);
            report(file, message);
            glDeleteShader(shader);
            shader = 0;
        }
    }
    free(text);
    free(common);
    return shader;
}

static GLuint link_program(const char *name)
{
    GLuint vertex = compile(name, GL_VERTEX_SHADER);
    GLuint fragment = vertex ? compile(name, GL_FRAGMENT_SHADER) : 0;
    GLuint id = 0;
    if (fragment) {
        GLint ok = 0;
        id = glCreateProgram();
        glAttachShader(id, vertex);
        glAttachShader(id, fragment);
        glLinkProgram(id);
        glGetProgramiv(id, GL_LINK_STATUS, &ok);
        if (!ok) {
            char message[512] = "";
            glGetProgramInfoLog(id, sizeof message, NULL, message);
            report(name, message);
            glDeleteProgram(id);
            id = 0;
        }
    }
    glDeleteShader(vertex);
    glDeleteShader(fragment);
    return id;
}

enum wt_status wt_gl_program_load(struct wt_gl_program *program, const char *name,
                                  const char *const *uniform)
{
    program->name = name;
    program->uniform = uniform;
    program->changed_ns = newest_change(name);
    GLuint id = link_program(name);
    if (!id)
        return WT_ERR_UNSUPPORTED; /* logged where it was found */
    wt_gl_program_fini(program);
    program->id = id;
    program->window = glGetUniformLocation(id, "u_window");
    for (int i = 0; uniform[i]; i++)
        program->at[i] = glGetUniformLocation(id, uniform[i]);
    return WT_OK;
}

void wt_gl_program_refresh(struct wt_gl_program *program)
{
    if (newest_change(program->name) != program->changed_ns)
        wt_gl_program_load(program, program->name, program->uniform);
}

void wt_gl_program_fini(struct wt_gl_program *program)
{
    if (program->id)
        glDeleteProgram(program->id);
    program->id = 0;
}

void wt_gl_program_use(const struct wt_gl_program *program, int width, int height)
{
    glUseProgram(program->id);
    glUniform2f(program->window, (float)width, (float)height);
}

GLuint wt_gl_texture(GLenum target, GLint filter)
{
    GLuint id = 0;
    glGenTextures(1, &id);
    glBindTexture(target, id);
    glTexParameteri(target, GL_TEXTURE_MIN_FILTER, filter);
    glTexParameteri(target, GL_TEXTURE_MAG_FILTER, filter);
    glTexParameteri(target, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(target, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glTexParameteri(target, GL_TEXTURE_MAX_LEVEL, 0);
    return id;
}
