#include "window/gl_heat.h"

#include <string.h>

#include "face/crop.h"

#define COLORMAP_SIZE 256

enum { MERGE_MAPS, MERGE_POINTS, MERGE_SHOWN };
static const char *const merge_uniforms[] = {"u_maps", "u_points", "u_shown", NULL};
enum { DRAW_MERGED, DRAW_COLORMAP, DRAW_WEIGHT, DRAW_CORNERS };
static const char *const draw_uniforms[] = {"u_merged", "u_colormap", "u_weight", "u_corners",
                                            NULL};

enum wt_status wt_gl_heat_init(struct wt_gl_heat *heat)
{
    enum wt_status status = wt_gl_program_load(&heat->merge, "merge", merge_uniforms);
    if (!status)
        status = wt_gl_program_load(&heat->draw, "heat", draw_uniforms);
    if (status)
        return status;
    heat->colormap = wt_gl_texture(GL_TEXTURE_2D, GL_LINEAR);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGB8, COLORMAP_SIZE, 2, 0, GL_RGB, GL_UNSIGNED_BYTE, NULL);
    heat->palette[0] = heat->palette[1] = WT_PALETTES; /* none yet */
    glGenVertexArrays(1, &heat->array);
    return WT_OK;
}

void wt_gl_heat_fini(struct wt_gl_heat *heat)
{
    wt_gl_program_fini(&heat->merge);
    wt_gl_program_fini(&heat->draw);
    for (int i = 0; i < WT_FACES_MAX; i++) {
        glDeleteTextures(1, &heat->slot[i].maps);
        glDeleteTextures(1, &heat->slot[i].merged);
        glDeleteFramebuffers(1, &heat->slot[i].target);
    }
    memset(heat->slot, 0, sizeof heat->slot);
    glDeleteTextures(1, &heat->colormap);
    glDeleteVertexArrays(1, &heat->array);
    heat->colormap = heat->array = 0;
}

void wt_gl_heat_refresh(struct wt_gl_heat *heat)
{
    wt_gl_program_refresh(&heat->merge);
    wt_gl_program_refresh(&heat->draw);
    heat->merged_valid = false;
}

void wt_gl_heat_invalidate(struct wt_gl_heat *heat)
{
    heat->merged_valid = false;
}

/* The model's points that the view's scheme is computed from, one bit each: those whose position
 * affects a converted point. */
static void points_in_use(const struct wt_view *view, int points, GLuint shown[4])
{
    memset(shown, 0, 4 * sizeof *shown);
    for (int i = 0; i < points; i++) {
        struct wt_face probe = {.points = points};
        struct wt_point out[WT_POINTS_MAX];
        probe.point[i].x = 1.0f;
        int n = wt_view_points(view, &probe, out);
        for (int k = 0; k < n; k++)
            if (out[k].x != 0.0f)
                shown[i >> 5] |= 1u << (i & 31);
    }
}

/* The network may change at run time, and with it the number of layers and the side. */
static void create_slot(struct wt_gl_heat_slot *slot, int layers, int side)
{
    if (!slot->maps) {
        slot->maps = wt_gl_texture(GL_TEXTURE_2D_ARRAY, GL_NEAREST);
        slot->merged = wt_gl_texture(GL_TEXTURE_2D, GL_LINEAR);
        glGenFramebuffers(1, &slot->target);
        glBindFramebuffer(GL_FRAMEBUFFER, slot->target);
        glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, slot->merged,
                               0);
    }
    glBindTexture(GL_TEXTURE_2D, slot->merged);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RG16F, side, side, 0, GL_RG, GL_FLOAT, NULL);
    glBindTexture(GL_TEXTURE_2D_ARRAY, slot->maps);
    glTexImage3D(GL_TEXTURE_2D_ARRAY, 0, GL_R32F, side, side, layers, 0, GL_RED, GL_FLOAT, NULL);
    slot->layers = layers;
    slot->side = side;
}

static void merge(struct wt_gl_heat *heat, const struct wt_result *result,
                  const struct wt_view *view)
{
    GLint viewport[4];
    GLboolean scissor = glIsEnabled(GL_SCISSOR_TEST);
    glGetIntegerv(GL_VIEWPORT, viewport);
    glDisable(GL_SCISSOR_TEST);
    glDisable(GL_BLEND);
    glBindVertexArray(heat->array);
    glActiveTexture(GL_TEXTURE0);
    for (int i = 0; i < result->faces; i++) {
        const struct wt_face *face = &result->face[i];
        struct wt_gl_heat_slot *slot = &heat->slot[i];
        GLuint shown[4];
        if (!face->maps)
            continue;
        if (slot->layers != face->points + 1 || slot->side != face->map_size)
            create_slot(slot, face->points + 1, face->map_size);
        wt_gl_program_use(&heat->merge, slot->side, slot->side);
        glViewport(0, 0, slot->side, slot->side);
        points_in_use(view, face->points, shown);
        glBindTexture(GL_TEXTURE_2D_ARRAY, slot->maps);
        glTexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 0, 0, 0, slot->side, slot->side, slot->layers,
                        GL_RED, GL_FLOAT, face->maps);
        glBindFramebuffer(GL_FRAMEBUFFER, slot->target);
        glUniform1i(heat->merge.at[MERGE_MAPS], 0);
        glUniform1i(heat->merge.at[MERGE_POINTS], face->points);
        glUniform1uiv(heat->merge.at[MERGE_SHOWN], 4, shown);
        glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    }
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glViewport(viewport[0], viewport[1], viewport[2], viewport[3]);
    if (scissor)
        glEnable(GL_SCISSOR_TEST);
    heat->merged_valid = true;
    heat->merged_points = view->points;
}

static void draw_face(const struct wt_gl_heat *heat, const struct wt_gl_heat_slot *slot,
                      const struct wt_face *face, const struct wt_layout *layout)
{
    /* edges of the crop: centres are at integers */
    const float low = -0.5f, high = (float)face->input_size - 0.5f;
    struct wt_affine to_frame = wt_affine_invert(&face->frame_to_crop);
    struct wt_point corners[4];
    for (int i = 0; i < 4; i++) {
        struct wt_point c = {i & 1 ? high : low, i & 2 ? high : low};
        corners[i] = wt_layout_point(layout, wt_affine_apply(&to_frame, c));
    }
    glUniform2fv(heat->draw.at[DRAW_CORNERS], 4, &corners[0].x);
    glBindTexture(GL_TEXTURE_2D, slot->merged);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

/* With the colour map's texture bound. */
static void choose_palettes(struct wt_gl_heat *heat, const struct wt_view *view)
{
    const enum wt_palette wanted[2] = {view->heatmap_palette, view->boundary_palette};
    uint8_t colors[COLORMAP_SIZE][3];
    for (int row = 0; row < 2; row++) {
        if (heat->palette[row] == wanted[row])
            continue;
        heat->palette[row] = wanted[row];
        for (int i = 0; i < COLORMAP_SIZE; i++)
            wt_colormap(wanted[row], (float)i / (COLORMAP_SIZE - 1.0f), colors[i]);
        glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, row, COLORMAP_SIZE, 1, GL_RGB, GL_UNSIGNED_BYTE,
                        colors);
    }
}

static float opacity(bool shown, float wanted, float usual)
{
    return !shown ? 0.0f : wanted > 0.0f ? wanted : usual;
}

void wt_gl_heat_draw(struct wt_gl_heat *heat, const struct wt_result *result,
                     const struct wt_view *view, const struct wt_layout *layout)
{
    if (!view->heatmaps && !view->boundary)
        return;
    if (!heat->merged_valid || heat->merged_points != view->points)
        merge(heat, result, view);
    wt_gl_program_use(&heat->draw, layout->window_width, layout->window_height);
    glBindVertexArray(heat->array);
    glEnable(GL_BLEND);
    glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
    glActiveTexture(GL_TEXTURE1);
    glBindTexture(GL_TEXTURE_2D, heat->colormap);
    choose_palettes(heat, view);
    glActiveTexture(GL_TEXTURE0);
    glUniform1i(heat->draw.at[DRAW_MERGED], 0);
    glUniform1i(heat->draw.at[DRAW_COLORMAP], 1);
    glUniform2f(heat->draw.at[DRAW_WEIGHT],
                opacity(view->heatmaps, view->heatmap_opacity, WT_HEAT_OPACITY),
                opacity(view->boundary, view->boundary_opacity, WT_OPACITY));
    for (int i = 0; i < result->faces; i++)
        if (result->face[i].maps)
            draw_face(heat, &heat->slot[i], &result->face[i], layout);
}
