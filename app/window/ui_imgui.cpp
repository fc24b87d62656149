#include "window/ui_imgui.h"

#include <cfloat>
#include <cstring>
#include <new>

#include <backends/imgui_impl_opengl3.h>
#include <backends/imgui_impl_sdl.h>

#include "base/status.h"
#include "window/ui_imgui.hpp"

namespace
{
void load_fonts_anew(wt_ui *ui)
{
    wt_ui_load_fonts(ui, ui->scale);
    ImGui_ImplOpenGL3_DestroyFontsTexture();
    ImGui_ImplOpenGL3_CreateFontsTexture();
    ui->look.clear(); /* the same places in the texture may be other characters */
}

ImVec4 mix(ImVec4 a, ImVec4 b, float t)
{
    return ImVec4(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.z + (b.z - a.z) * t,
                  a.w + (b.w - a.w) * t);
}

/* The accent is the colour of the eyes' outlines; greys lean to blue as the window's ground does.
 */
void set_colors(bool light)
{
    light ? ImGui::StyleColorsLight() : ImGui::StyleColorsDark();
    ImVec4 *c = ImGui::GetStyle().Colors;
    const ImVec4 ground =
        light ? ImVec4(0.95f, 0.96f, 0.97f, 0.97f) : ImVec4(0.075f, 0.085f, 0.105f, 0.96f);
    const ImVec4 ink = light ? ImVec4(0.10f, 0.12f, 0.15f, 1) : ImVec4(0.93f, 0.95f, 0.97f, 1);
    const ImVec4 accent = light ? ImVec4(0.05f, 0.47f, 0.58f, 1) : ImVec4(0.25f, 0.72f, 0.82f, 1);
    const auto raised = [&](float t) {
        ImVec4 m = mix(ground, ink, t);
        m.w = 1;
        return m;
    };
    c[ImGuiCol_Text] = ink;
    c[ImGuiCol_TextDisabled] = raised(light ? 0.63f : 0.55f);
    c[ImGuiCol_WindowBg] = ground;
    c[ImGuiCol_PopupBg] = raised(0.03f);
    c[ImGuiCol_Border] = raised(0.14f);
    c[ImGuiCol_FrameBg] = raised(0.09f);
    c[ImGuiCol_FrameBgHovered] = raised(0.15f);
    c[ImGuiCol_FrameBgActive] = raised(0.2f);
    c[ImGuiCol_Button] = raised(0.13f);
    c[ImGuiCol_ButtonHovered] = raised(0.21f);
    c[ImGuiCol_ButtonActive] = mix(raised(0.2f), accent, 0.5f);
    c[ImGuiCol_Header] = raised(0.06f);
    c[ImGuiCol_HeaderHovered] = raised(0.12f);
    c[ImGuiCol_HeaderActive] = raised(0.18f);
    c[ImGuiCol_CheckMark] = accent;
    c[ImGuiCol_NavHighlight] = accent;
    /* A slider's number lies on them. */
    c[ImGuiCol_SliderGrab] = mix(accent, ground, 0.5f);
    c[ImGuiCol_SliderGrabActive] = mix(accent, ground, 0.42f);
    c[ImGuiCol_TextSelectedBg] = mix(ground, accent, 0.55f);
    c[ImGuiCol_ScrollbarBg] = ImVec4(0, 0, 0, 0);
    c[ImGuiCol_ScrollbarGrab] = raised(0.2f);
}

void set_style(float scale, bool light)
{
    ImGuiStyle &style = ImGui::GetStyle();
    style = ImGuiStyle();
    style.WindowRounding = 0;
    style.WindowBorderSize = 0;
    style.WindowPadding = ImVec2(12, 10);
    style.FrameRounding = style.GrabRounding = style.PopupRounding = 4;
    style.FramePadding = ImVec2(8, 4);
    style.ItemSpacing = ImVec2(8, 6);
    style.GrabMinSize = 14;
    style.ScrollbarSize = 11;
    style.ScaleAllSizes(scale);
    set_colors(light);
}

enum wt_status create(wt_ui *ui, SDL_Window *window, SDL_GLContext context)
{
    ui->context = ImGui::CreateContext();
    ImGuiIO &io = ImGui::GetIO();
    io.IniFilename = nullptr; /* writes no settings file */
    io.LogFilename = nullptr;
    io.ConfigFlags |= ImGuiConfigFlags_NoMouseCursorChange;
    wt_ui_load_fonts(ui, ui->scale);
    set_style(ui->scale, ui->light);
    ui->sdl = ImGui_ImplSDL2_InitForOpenGL(window, context);
    ui->gl = ui->sdl && ImGui_ImplOpenGL3_Init("#version 330 core");
    return ui->gl ? WT_OK : wt_fail(WT_ERR_UNSUPPORTED, "the panel cannot use this OpenGL");
}
} // namespace

wt_ui_colors wt_ui_colors_of(const wt_ui *ui)
{
    if (ui->light)
        return {IM_COL32(18, 24, 32, 255),    IM_COL32(70, 80, 92, 255),
                IM_COL32(140, 84, 0, 255),    IM_COL32(176, 24, 24, 255),
                IM_COL32(246, 248, 250, 228), IM_COL32(246, 248, 250, 240),
                IM_COL32(0, 0, 0, 26)};
    return {IM_COL32(255, 255, 255, 255), IM_COL32(190, 198, 208, 255), IM_COL32(255, 205, 92, 255),
            IM_COL32(255, 140, 130, 255), IM_COL32(12, 15, 22, 210),    IM_COL32(12, 15, 22, 225),
            IM_COL32(255, 255, 255, 34)};
}

extern "C" enum wt_status wt_ui_create(wt_ui **out, SDL_Window *window, SDL_GLContext context,
                                       float scale)
{
    wt_ui *ui = new (std::nothrow) wt_ui();
    if (!ui)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    ui->scale = scale;
    enum wt_status status;
    try {
        status = create(ui, window, context);
    } catch (...) {
        status = wt_fail(WT_ERR_MEMORY, "the panel ran out of memory");
    }
    if (status) {
        wt_ui_destroy(&ui);
        return status;
    }
    *out = ui;
    return WT_OK;
}

extern "C" void wt_ui_destroy(wt_ui **ui)
{
    if (!*ui)
        return;
    if ((*ui)->gl)
        ImGui_ImplOpenGL3_Shutdown();
    if ((*ui)->sdl)
        ImGui_ImplSDL2_Shutdown();
    if ((*ui)->context)
        ImGui::DestroyContext((*ui)->context);
    delete *ui;
    *ui = nullptr;
}

extern "C" void wt_ui_event(wt_ui *, const SDL_Event *event)
{
    ImGui_ImplSDL2_ProcessEvent(event);
    if (event->type != SDL_KEYDOWN && event->type != SDL_KEYUP)
        return;
    /* As they were when the key was pressed; the backend asks how they are now. */
    ImGuiIO &io = ImGui::GetIO();
    io.KeyCtrl = event->key.keysym.mod & KMOD_CTRL;
    io.KeyShift = event->key.keysym.mod & KMOD_SHIFT;
    io.KeyAlt = event->key.keysym.mod & KMOD_ALT;
}

extern "C" void wt_ui_set_look(wt_ui *ui, float scale, bool light)
{
    if (scale == ui->scale && light == ui->light)
        return;
    const bool other_size = scale != ui->scale;
    ui->scale = scale;
    ui->light = light;
    try {
        set_style(scale, light);
        if (other_size) {
            load_fonts_anew(ui);
        }
    } catch (...) {
        wt_fail(WT_ERR_MEMORY, "the panel ran out of memory");
    }
}

extern "C" float wt_ui_scale(const wt_ui *ui)
{
    return ui->scale;
}

extern "C" bool wt_ui_light(const wt_ui *ui)
{
    return ui->light;
}

extern "C" void wt_ui_begin(wt_ui *ui)
{
    if (wt_ui_again(ui)) { /* the last frame had characters that were not there yet */
        try {
            load_fonts_anew(ui);
        } catch (...) {
            ui->others_built = ui->others.Size;
            wt_fail(WT_ERR_MEMORY, "the panel ran out of memory");
        }
    }
    ImGui_ImplOpenGL3_NewFrame();
    ImGui_ImplSDL2_NewFrame();
    ImGuiIO &io = ImGui::GetIO();
    /* Draw in pixels: sizes scale with the text, not with the desktop's units. */
    const ImVec2 pixels = io.DisplayFramebufferScale;
    io.DisplaySize = ImVec2(io.DisplaySize.x * pixels.x, io.DisplaySize.y * pixels.y);
    /* Where the window's own events have the mouse: the desktop's idea of it, which the backend
     * asks for, stands still in X11 while a button is held. */
    int x, y;
    SDL_GetMouseState(&x, &y);
    io.MousePos = SDL_GetMouseFocus() ? ImVec2((float)x * pixels.x, (float)y * pixels.y)
                                      : ImVec2(-FLT_MAX, -FLT_MAX);
    io.DisplayFramebufferScale = ImVec2(1.0f, 1.0f);
    ImGui::NewFrame();
    ui->frame++;
    if (!ui->rests)
        ui->rests_on = 0;
    ui->rests = false;
    ui->waits = false;
}

/* With the mouse's place, so that who has moved it there knows that this has been seen; and what
 * was pressed, which may have moved away just before. */
static void log_mouse(wt_ui *ui, ImVec2 mouse)
{
    if (ImGui::IsMouseClicked(0))
        wt_log(WT_LOG_DEBUG, "ui: pressed %s", ui->over[0] ? ui->over : "nothing");
    char now[sizeof ui->over_said] = "nothing";
    if (ui->over[0])
        snprintf(now, sizeof now, "%s at %d %d", ui->over, (int)mouse.x, (int)mouse.y);
    if (strcmp(now, ui->over_said) != 0)
        wt_log(WT_LOG_DEBUG, "ui: mouse on %s", now);
    memcpy(ui->over_said, now, sizeof now);
    ui->over[0] = '\0';
}

static void append(ImVector<char> *to, const void *from, size_t size)
{
    const int end = to->Size;
    to->resize(end + (int)size);
    if (size)
        memcpy(to->Data + end, from, size);
}

static bool looks_otherwise(wt_ui *ui, const ImDrawData *data)
{
    ui->look.swap(ui->look_before);
    ui->look.resize(0);
    append(&ui->look, &data->DisplaySize, sizeof data->DisplaySize);
    for (int i = 0; i < data->CmdListsCount; i++) {
        const ImDrawList *list = data->CmdLists[i];
        for (const ImDrawCmd &c : list->CmdBuffer) {
            append(&ui->look, &c.ClipRect, sizeof c.ClipRect);
            append(&ui->look, &c.TextureId, sizeof c.TextureId);
            append(&ui->look, &c.ElemCount, sizeof c.ElemCount);
        }
        append(&ui->look, list->VtxBuffer.Data, (size_t)list->VtxBuffer.size_in_bytes());
        append(&ui->look, list->IdxBuffer.Data, (size_t)list->IdxBuffer.size_in_bytes());
    }
    return ui->look.Size != ui->look_before.Size ||
           memcmp(ui->look.Data, ui->look_before.Data, (size_t)ui->look.Size) != 0;
}

extern "C" bool wt_ui_end(wt_ui *ui)
{
    const ImGuiIO &io = ImGui::GetIO();
    log_mouse(ui, io.MousePos);
    /* The wish is the frame's at its start: Enter may have ended the typing since. */
    const bool typing = io.WantTextInput && ImGui::IsAnyItemActive();
    if (typing != ui->typing)
        wt_log(WT_LOG_DEBUG, "ui: typing %s", typing ? "begins" : "ends");
    ui->typing = typing;
    ImGui::Render();
    ui->has_mouse = io.WantCaptureMouse;
    ui->holds = ImGui::IsAnyItemActive() ||
                ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
    return looks_otherwise(ui, ImGui::GetDrawData());
}

extern "C" void wt_ui_paint(wt_ui *)
{
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

extern "C" bool wt_ui_waits(const wt_ui *ui)
{
    return ui->waits;
}

extern "C" bool wt_ui_typing(const wt_ui *ui)
{
    return ui->typing;
}

extern "C" bool wt_ui_holds(const wt_ui *ui)
{
    return ui->holds;
}

extern "C" void wt_ui_set_keys(wt_ui *ui, bool on)
{
    ImGuiIO &io = ImGui::GetIO();
    if (on == ui->keys)
        return;
    ui->keys = ui->keys_new = on;
    ui->keys_on = 0;
    if (on)
        io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
    else
        io.ConfigFlags &= ~ImGuiConfigFlags_NavEnableKeyboard;
}

extern "C" bool wt_ui_has_mouse_down(const wt_ui *)
{
    return ImGui::IsMouseDown(0);
}

extern "C" bool wt_ui_has_mouse(const wt_ui *ui)
{
    return ui->has_mouse;
}
