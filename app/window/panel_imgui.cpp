#include "window/panel_imgui.h"

#include <algorithm>
#include <cstdio>
#include <new>

#include <backends/imgui_impl_opengl3.h>
#include <backends/imgui_impl_sdl.h>
#include <imgui.h>

#include "base/status.h"

struct wt_panel_ui {
    ImGuiContext *context;
    float scale;
    bool sdl, gl;
};

namespace
{
const float font_size = 15.0f;
const ImU32 white = IM_COL32(255, 255, 255, 255);
const ImU32 grey = IM_COL32(190, 198, 208, 255);
const ImU32 amber = IM_COL32(255, 205, 92, 255);
const ImU32 red = IM_COL32(255, 84, 84, 255);
const ImU32 backdrop = IM_COL32(12, 15, 22, 178);
const ImU32 key_backdrop = IM_COL32(255, 255, 255, 34);

/* Characters for file names, camera names and licences: Latin, Greek, Cyrillic, punctuation. */
const ImWchar glyphs[] = {0x20, 0x24f, 0x370, 0x52f, 0x2010, 0x2027, 0};

void load_font(float scale)
{
    static const char *const path = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
    ImGuiIO &io = ImGui::GetIO();
    io.Fonts->Clear();
    FILE *there = fopen(path, "rb");
    ImFont *font = nullptr;
    if (there) {
        fclose(there);
        ImFontConfig config;
        config.OversampleH = 2;
        font = io.Fonts->AddFontFromFileTTF(path, font_size * scale, &config, glyphs);
    }
    if (!font) {
        ImFontConfig config;
        config.SizePixels = 13.0f * scale;
        io.Fonts->AddFontDefault(&config);
    }
}

struct Size {
    float w, h;
};

/* fit: a smaller size where there is little room. */
Size text_size(const char *text, float wrap = 0.0f, float fit = 1.0f)
{
    ImVec2 s = ImGui::GetFont()->CalcTextSizeA(ImGui::GetFontSize() * fit, FLT_MAX, wrap, text);
    return {s.x, s.y};
}

void draw_text(ImDrawList *list, float x, float y, ImU32 color, const char *text, float wrap = 0.0f,
               float fit = 1.0f)
{
    list->AddText(ImGui::GetFont(), ImGui::GetFontSize() * fit, ImVec2(floorf(x), floorf(y)), color,
                  text, nullptr, wrap);
}

/* A text on its own background, centred at x, its top at y. Returns its bottom. */
float draw_banner(ImDrawList *list, float x, float y, ImU32 color, const char *text, float scale,
                  float room)
{
    float pad = 9.0f * scale;
    Size size = text_size(text, room - 4.0f * pad);
    float left = x - size.w / 2.0f - pad, top = y;
    list->AddRectFilled(ImVec2(left, top),
                        ImVec2(left + size.w + 2 * pad, top + size.h + 1.4f * pad), backdrop,
                        6.0f * scale);
    draw_text(list, left + pad, top + 0.7f * pad, color, text, room - 4.0f * pad);
    return top + size.h + 1.4f * pad;
}

float banner_height(const char *text, float scale, float room)
{
    float pad = 9.0f * scale;
    return text_size(text, room - 4.0f * pad).h + 1.4f * pad;
}

/* Shows as many lines as leave most of the picture visible. Returns its bottom right corner. */
Size draw_status(ImDrawList *list, const wt_panel *panel, float scale, Size room)
{
    float pad = 8.0f * scale, margin = 8.0f * scale, width = 0.0f;
    float step = ImGui::GetFontSize() * 1.22f;
    float most = room.w - 2 * margin - 2 * pad;
    int lines = std::min(panel->lines, std::max(1, (int)((0.30f * room.h - 2 * pad) / step)));
    for (int i = 0; i < lines; i++)
        width = std::max(width, text_size(panel->line[i].text).w);
    width = std::min(width, most);
    float bottom = margin + 2 * pad + step * lines - (step - ImGui::GetFontSize());
    list->AddRectFilled(ImVec2(margin, margin), ImVec2(margin + width + 2 * pad, bottom), backdrop,
                        6.0f * scale);
    list->PushClipRect(ImVec2(margin, margin), ImVec2(margin + width + 1.5f * pad, bottom), true);
    for (int i = 0; i < lines; i++) {
        const wt_panel_line &line = panel->line[i];
        draw_text(list, margin + pad, margin + pad + step * i,
                  line.warn  ? amber
                  : line.dim ? grey
                             : white,
                  line.text);
    }
    list->PopClipRect();
    return {margin + width + 2 * pad, bottom};
}

/* At the top right, or below the status if there is no room. Returns its bottom. */
float draw_recording(ImDrawList *list, const wt_panel *panel, float scale, float right, Size taken)
{
    float pad = 8.0f * scale, margin = 8.0f * scale, radius = 5.0f * scale;
    Size size = text_size(panel->recording_text);
    float left = right - margin - size.w - 2 * pad - 2.0f * radius - 0.8f * pad;
    float top = left < taken.w + margin ? taken.h + margin : margin;
    float bottom = top + size.h + 1.4f * pad;
    list->AddRectFilled(ImVec2(left, top), ImVec2(right - margin, bottom), backdrop, 6.0f * scale);
    list->AddCircleFilled(ImVec2(left + pad + radius, (top + bottom) / 2.0f), radius, red, 24);
    draw_text(list, left + pad + 2 * radius + 0.8f * pad, top + 0.7f * pad,
              panel->recording_warn ? amber : white, panel->recording_text);
    return bottom;
}

void draw_paused(ImDrawList *list, float scale, float right, float top)
{
    float pad = 8.0f * scale, size = 14.0f * scale, left = right - pad - size - 2 * pad;
    list->AddRectFilled(ImVec2(left, top), ImVec2(right - pad, top + size + 2 * pad), backdrop,
                        6.0f * scale);
    for (int i = 0; i < 2; i++) {
        float x = left + pad + i * size * 0.6f;
        list->AddRectFilled(ImVec2(x, top + pad), ImVec2(x + size * 0.36f, top + pad + size), white,
                            1.0f * scale);
    }
}

/* The help is laid out twice: without drawing, to measure it, then with drawing. Groups stay
 * together: a column ends before a heading once it is full enough. */
struct Help {
    ImDrawList *list; /* NULL: measure only */
    float scale, fit;
    int columns;
    float key, text; /* widths of the two parts of a column */
    int rows;        /* target height of a column */
};

int help_entries()
{
    int n = 0;
    for (const wt_key *k = wt_keys; k->key; k++)
        n += (k->help ? 1 : 0) + (k->group ? 1 : 0);
    return n;
}

Help help_in(float scale, int columns, float fit)
{
    Help h = {nullptr, scale * fit, fit, columns, 0.0f, 0.0f, 0};
    for (const wt_key *k = wt_keys; k->key; k++) {
        if (!k->help)
            continue;
        h.key = std::max(h.key, text_size(k->label, 0.0f, fit).w + 12.0f * h.scale);
        h.text = std::max(h.text, text_size(k->help, 0.0f, fit).w);
    }
    h.rows = (help_entries() + columns - 1) / columns;
    return h;
}

void draw_help_line(const Help &h, const wt_key *k, float x, float y, float step)
{
    float label = text_size(k->label, 0.0f, h.fit).w, down = 0.88f * step;
    float text = y + (down - ImGui::GetFontSize() * h.fit) / 2.0f;
    h.list->AddRectFilled(ImVec2(x, y), ImVec2(x + label + 12.0f * h.scale, y + down), key_backdrop,
                          4.0f * h.scale);
    draw_text(h.list, x + 6.0f * h.scale, text, white, k->label, 0.0f, h.fit);
    draw_text(h.list, x + h.key + 10.0f * h.scale, text, grey, k->help, 0.0f, h.fit);
}

/* Returns the size of what lies inside the margins. */
Size run_help(const Help &h, float left, float top)
{
    float step = ImGui::GetFontSize() * h.fit * 1.5f;
    float column = h.key + 10.0f * h.scale + h.text, between = 26.0f * h.scale;
    float x = left;
    int row = 0, at = 1, most = 0;
    for (const wt_key *k = wt_keys; k->key; k++) {
        if (k->group && at < h.columns && row >= h.rows - 3) {
            x += column + between;
            at++;
            row = 0;
        }
        if (k->group) {
            if (h.list)
                draw_text(h.list, x, top + (row + 0.2f) * step, amber, k->group, 0.0f, h.fit);
            row++;
        }
        if (k->help) {
            if (h.list)
                draw_help_line(h, k, x, top + row * step, step);
            row++;
        }
        most = std::max(most, row);
    }
    return {column * at + between * (at - 1), step * most};
}

/* One column if the window is high enough, else two; a smaller font if that does not fit. */
void draw_help(ImDrawList *list, float scale, float width, float height)
{
    Help help = help_in(scale, 1, 1.0f);
    Size inner = run_help(help, 0.0f, 0.0f);
    float pad = 14.0f * scale;
    if (inner.h + 2 * pad > height && width > height) {
        help = help_in(scale, 2, 1.0f);
        inner = run_help(help, 0.0f, 0.0f);
    }
    float fit = std::min(1.0f, std::min((width - 2 * pad) / inner.w, (height - 2 * pad) / inner.h));
    if (fit < 1.0f) {
        help = help_in(scale, help.columns, std::max(fit, 0.4f));
        inner = run_help(help, 0.0f, 0.0f);
        pad *= help.fit;
    }
    float w = inner.w + 2 * pad, h = inner.h + 2 * pad;
    float left = std::max(0.0f, (width - w) / 2.0f), top = std::max(0.0f, (height - h) / 2.0f);
    list->AddRectFilled(ImVec2(left, top), ImVec2(left + w, top + h), IM_COL32(12, 15, 22, 225),
                        8.0f * scale);
    help.list = list;
    run_help(help, left + pad, top + pad);
}

/* taken: the bottom right corner of the status; no label is placed under it. */
void draw_labels(ImDrawList *list, const wt_panel *panel, float scale, float width, Size taken)
{
    for (int i = 0; i < panel->labels; i++) {
        const wt_panel_label &label = panel->label[i];
        float pad = 4.0f * scale;
        Size size = text_size(label.text);
        float x = std::min(std::max(label.at.x, 0.0f), width - size.w - 2 * pad);
        float y = std::max(label.at.y - size.h - 2 * pad, 0.0f);
        if (x < taken.w && y < taken.h) {
            x = std::min(std::max(label.below.x, 0.0f), width - size.w - 2 * pad);
            y = label.below.y + pad;
        }
        list->AddRectFilled(ImVec2(x, y), ImVec2(x + size.w + 2 * pad, y + size.h + 1.5f * pad),
                            backdrop, 3.0f * scale);
        draw_text(list, x + pad, y + 0.7f * pad, white, label.text);
    }
}

void draw_all(const wt_panel_ui *ui, const wt_panel *panel)
{
    ImDrawList *list = ImGui::GetForegroundDrawList();
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    float scale = ui->scale, middle = size.x / 2.0f;
    Size taken = {0.0f, 0.0f};
    if (panel->status && !panel->help) /* one text at a time */
        taken = draw_status(list, panel, scale, Size{size.x, size.y});
    draw_labels(list, panel, scale, size.x, taken);
    float right_top = 8.0f * scale;
    if (panel->recording)
        right_top += draw_recording(list, panel, scale, size.x, taken);
    if (panel->paused)
        draw_paused(list, scale, size.x, right_top);
    float bottom = size.y - 12.0f * scale;
    if (panel->message) {
        static const ImU32 colors[] = {white, amber, IM_COL32(255, 140, 130, 255)};
        bottom -= banner_height(panel->message, scale, size.x);
        draw_banner(list, middle, bottom, colors[panel->message_kind], panel->message, scale,
                    size.x);
        bottom -= 6.0f * scale;
    }
    if (panel->hint) {
        bottom -= banner_height(panel->hint, scale, size.x);
        draw_banner(list, middle, bottom, grey, panel->hint, scale, size.x);
    }
    if (panel->trouble)
        draw_banner(list, middle, size.y / 2.0f - ImGui::GetFontSize(), amber, panel->trouble,
                    scale, size.x);
    if (panel->help)
        draw_help(list, scale, size.x, size.y);
}

enum wt_status create(wt_panel_ui *ui, SDL_Window *window, SDL_GLContext context)
{
    ui->context = ImGui::CreateContext();
    ImGuiIO &io = ImGui::GetIO();
    io.IniFilename = nullptr; /* writes no settings file */
    io.LogFilename = nullptr;
    io.ConfigFlags |= ImGuiConfigFlags_NoMouseCursorChange;
    load_font(ui->scale);
    ui->sdl = ImGui_ImplSDL2_InitForOpenGL(window, context);
    ui->gl = ui->sdl && ImGui_ImplOpenGL3_Init("#version 330 core");
    return ui->gl ? WT_OK : wt_fail(WT_ERR_UNSUPPORTED, "the text panel cannot use this OpenGL");
}
} // namespace

extern "C" enum wt_status wt_panel_create(wt_panel_ui **out, SDL_Window *window,
                                          SDL_GLContext context, float scale)
{
    wt_panel_ui *ui = new (std::nothrow) wt_panel_ui{nullptr, scale, false, false};
    if (!ui)
        return wt_fail(WT_ERR_MEMORY, "out of memory");
    enum wt_status status;
    try {
        status = create(ui, window, context);
    } catch (...) {
        status = wt_fail(WT_ERR_MEMORY, "the text panel ran out of memory");
    }
    if (status) {
        wt_panel_destroy(&ui);
        return status;
    }
    *out = ui;
    return WT_OK;
}

extern "C" void wt_panel_destroy(wt_panel_ui **ui)
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

extern "C" void wt_panel_event(wt_panel_ui *, const SDL_Event *event)
{
    ImGui_ImplSDL2_ProcessEvent(event);
}

extern "C" void wt_panel_set_scale(wt_panel_ui *ui, float scale)
{
    if (scale == ui->scale)
        return;
    ui->scale = scale;
    try {
        load_font(scale);
        ImGui_ImplOpenGL3_DestroyFontsTexture();
        ImGui_ImplOpenGL3_CreateFontsTexture();
    } catch (...) {
        wt_fail(WT_ERR_MEMORY, "the text panel ran out of memory");
    }
}

extern "C" void wt_panel_draw(wt_panel_ui *ui, const wt_panel *panel)
{
    try {
        ImGui_ImplOpenGL3_NewFrame();
        ImGui_ImplSDL2_NewFrame();
        ImGuiIO &io = ImGui::GetIO();
        /* Draw in pixels: sizes scale with the text, not with the desktop's units. */
        io.DisplaySize = ImVec2(io.DisplaySize.x * io.DisplayFramebufferScale.x,
                                io.DisplaySize.y * io.DisplayFramebufferScale.y);
        io.DisplayFramebufferScale = ImVec2(1.0f, 1.0f);
        ImGui::NewFrame();
        draw_all(ui, panel);
        ImGui::Render();
        ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    } catch (...) {
        /* This frame has no text; the next one may succeed. */
    }
}
