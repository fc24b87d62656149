/* The widgets. */
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include <imgui_internal.h> /* where keys begin in the panel */

#include "base/status.h"
#include "window/ui_imgui.hpp"

namespace
{
/* Logs where something is, if it has come or moved. */
void log_place(wt_ui *ui, ImGuiID id, const char *name, ImVec2 a, ImVec2 b)
{
    const wt_ui_place now = {id, (int)a.x, (int)a.y, (int)(b.x - a.x), (int)(b.y - a.y), ui->frame};
    int i = 0;
    while (i < ui->seen && ui->place[i].id != id)
        i++;
    if (i == (int)(sizeof ui->place / sizeof *ui->place))
        return;
    const wt_ui_place old = ui->place[i];
    if (i == ui->seen || old.frame + 1 < ui->frame || old.x != now.x || old.y != now.y ||
        old.w != now.w || old.h != now.h)
        wt_log(WT_LOG_DEBUG, "ui: %s %d %d %d %d", name, now.x, now.y, now.w, now.h);
    ui->place[i] = now;
    ui->seen = std::max(ui->seen, i + 1);
}

/* The widget that keys act on. */
bool has_keys(const wt_ui *ui)
{
    return ui->keys && !GImGui->NavDisableHighlight && ImGui::IsItemFocused();
}

/* Beside the mouse; for keys left of the panel, or where that leaves no room, below the widget. */
void draw_tip(wt_ui *ui, const char *tip, bool keys)
{
    const float width = 260 * ui->scale, gap = 6 * ui->scale;
    const ImVec2 a = ImGui::GetItemRectMin(), b = ImGui::GetItemRectMax();
    const float left = ImGui::GetWindowPos().x;
    const bool beside = left > width + 40 * ui->scale;
    wt_ui_need(ui, tip);
    if (keys)
        ImGui::SetNextWindowPos(beside ? ImVec2(left - gap, a.y) : ImVec2(b.x, b.y + gap), 0,
                                ImVec2(1, 0));
    ImGui::BeginTooltip();
    ImGui::PushTextWrapPos(width);
    ImGui::TextUnformatted(tip);
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
}
} // namespace

void wt_ui_note(wt_ui *ui, const char *name, const char *tip)
{
    const ImGuiID id = ImGui::GetID(name);
    log_place(ui, id, name, ImGui::GetItemRectMin(), ImGui::GetItemRectMax());
    if (ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled |
                             ImGuiHoveredFlags_AllowWhenBlockedByActiveItem))
        snprintf(ui->over, sizeof ui->over, "%s", name);
    const bool keys = has_keys(ui);
    if (keys && ui->keys_on != id) {
        ui->keys_on = id;
        wt_log(WT_LOG_DEBUG, "ui: keys on %s", name);
    }
    if (!tip || ImGui::GetIO().MouseDownDuration[0] >= 0 || (keys && ui->holds) ||
        !(keys || ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)))
        return;
    if (ui->rests_on != id)
        ui->rests_since = ImGui::GetTime();
    ui->rests = true;
    ui->rests_on = id;
    if (ImGui::GetTime() - ui->rests_since > 0.35)
        draw_tip(ui, tip, keys);
}

void wt_ui_note_box(wt_ui *ui, const char *name, float left, float top, float right, float bottom)
{
    ImGuiID id = 2166136261u; /* FNV-1a: texts over the picture belong to no window of ImGui's */
    for (const char *c = name; *c; c++)
        id = (id ^ (unsigned char)*c) * 16777619u;
    log_place(ui, id, name, ImVec2(left, top), ImVec2(right, bottom));
}

void wt_ui_start_row(wt_ui *ui, const char *label)
{
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(ui->row_name ? ui->row_name : label);
    ui->row_name = nullptr;
    ImGui::SameLine(116 * ui->scale);
    ImGui::SetNextItemWidth(-1);
}

namespace
{
struct Id {
    char text[96];
    explicit Id(const char *label)
    {
        snprintf(text, sizeof text, "##%s", label);
    }
};
} // namespace

extern "C" float wt_ui_panel_width(const wt_ui *ui, int width)
{
    return floorf(std::min(330 * ui->scale, (float)width));
}

extern "C" void wt_ui_panel_begin(wt_ui *ui, float panel_width)
{
    const bool first = ui->keys_new;
    ui->keys_new = false;
    if (first)
        ImGui::SetNextWindowFocus();
    const ImVec2 all = ImGui::GetIO().DisplaySize;
    ImGui::SetNextWindowPos(ImVec2(all.x - panel_width, 0));
    ImGui::SetNextWindowSize(ImVec2(panel_width, all.y));
    ImGui::Begin("panel", nullptr,
                 ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                     ImGuiWindowFlags_NoSavedSettings |
                     (ui->keys ? ImGuiWindowFlags_None : ImGuiWindowFlags_NoNav));
    if (!first)
        return;
    ImGui::NavInitWindow(ImGui::GetCurrentWindow(), false);
    GImGui->NavDisableHighlight = false;
    GImGui->NavDisableMouseHover = true; /* until it moves */
}

extern "C" void wt_ui_panel_end(wt_ui *)
{
    ImGui::End();
}

extern "C" bool wt_ui_section(wt_ui *ui, const char *title, bool open_at_first, bool unfold)
{
    if (unfold)
        ImGui::SetNextItemOpen(true);
    const bool open = ImGui::CollapsingHeader(title, open_at_first ? ImGuiTreeNodeFlags_DefaultOpen
                                                                   : ImGuiTreeNodeFlags_None);
    wt_ui_note(ui, title, nullptr);
    if (unfold)
        ImGui::SetScrollHereY(0.0f);
    return open;
}

extern "C" void wt_ui_row_name(wt_ui *ui, const char *shown)
{
    ui->row_name = shown;
}

extern "C" bool wt_ui_check(wt_ui *ui, const char *label, const char *tip, bool *value)
{
    const bool changed = ImGui::Checkbox(label, value);
    wt_ui_note(ui, label, tip);
    return changed;
}

extern "C" bool wt_ui_slider(wt_ui *ui, const char *label, const char *tip, float *value, float min,
                             float max, const char *format, const char *zero)
{
    wt_ui_start_row(ui, label);
    const bool changed =
        ImGui::SliderFloat(Id(label).text, value, min, max, zero && *value <= min ? zero : format,
                           ImGuiSliderFlags_AlwaysClamp);
    wt_ui_note(ui, label, tip);
    return changed;
}

extern "C" bool wt_ui_slider_int(wt_ui *ui, const char *label, const char *tip, int *value, int min,
                                 int max, const char *zero)
{
    wt_ui_start_row(ui, label);
    const bool changed =
        ImGui::SliderInt(Id(label).text, value, min, max, zero && *value <= min ? zero : "%d",
                         ImGuiSliderFlags_AlwaysClamp);
    wt_ui_note(ui, label, tip);
    return changed;
}

extern "C" bool wt_ui_choice(wt_ui *ui, const char *label, const char *tip, int *index,
                             const char *const *names, int count, const char *none)
{
    bool picked = false;
    wt_ui_start_row(ui, label);
    for (int i = 0; i < count; i++)
        wt_ui_need(ui, names[i]);
    const bool open =
        ImGui::BeginCombo(Id(label).text, *index >= 0 && *index < count ? names[*index] : none);
    if (!open) {
        wt_ui_note(ui, label, tip);
        return false;
    }
    for (int i = 0; i < count; i++) {
        char name[160];
        ImGui::PushID(i);
        if (ImGui::Selectable(names[i], i == *index)) {
            *index = i;
            picked = true;
        }
        if (i == *index)
            ImGui::SetItemDefaultFocus();
        ImGui::PopID();
        snprintf(name, sizeof name, "%s: %s", label, names[i]);
        wt_ui_note(ui, name, nullptr);
    }
    ImGui::EndCombo();
    return picked;
}

extern "C" bool wt_ui_button(wt_ui *ui, const char *label, const char *tip, bool beside)
{
    if (beside)
        ImGui::SameLine();
    const bool pressed = ImGui::Button(label);
    wt_ui_note(ui, label, tip);
    return pressed;
}

extern "C" bool wt_ui_picture(wt_ui *ui, const char *name, const char *tip, unsigned texture,
                              const char *text, bool beside, int columns, bool on)
{
    if (beside)
        ImGui::SameLine();
    const ImGuiStyle &style = ImGui::GetStyle();
    const float all = ImGui::GetWindowContentRegionMax().x - ImGui::GetWindowContentRegionMin().x;
    const float side = floorf((all - style.ItemSpacing.x * (float)(columns - 1)) / (float)columns);
    const float line = ImGui::GetTextLineHeight() + 4 * ui->scale;
    const bool pressed = ImGui::InvisibleButton(Id(name).text, ImVec2(side, side + line));
    const ImVec2 a = ImGui::GetItemRectMin(), b(a.x + side, a.y + side);
    ImDrawList *list = ImGui::GetWindowDrawList();
    if (texture)
        list->AddImageRounded((ImTextureID)(intptr_t)texture, a, b, ImVec2(0, 0), ImVec2(1, 1),
                              IM_COL32_WHITE, 4 * ui->scale);
    else
        list->AddRectFilled(a, b, ImGui::GetColorU32(ImGuiCol_FrameBg), 4 * ui->scale);
    if (on || ImGui::IsItemHovered() || has_keys(ui))
        list->AddRect(a, b, ImGui::GetColorU32(on ? ImGuiCol_CheckMark : ImGuiCol_Text),
                      4 * ui->scale, 0, 2 * ui->scale);
    wt_ui_need(ui, text);
    const float width = ImGui::CalcTextSize(text).x;
    list->AddText(ImVec2(a.x + std::max(0.0f, (side - width) / 2), b.y + 2 * ui->scale),
                  ImGui::GetColorU32(ImGuiCol_Text), text);
    wt_ui_note(ui, name, tip);
    return pressed;
}

extern "C" void wt_ui_beside(wt_ui *)
{
    ImGui::SameLine();
}

extern "C" bool wt_ui_field(wt_ui *ui, const char *label, const char *tip, char *text, size_t size,
                            bool focus)
{
    wt_ui_start_row(ui, label);
    wt_ui_need(ui, text);
    if (focus)
        ImGui::SetKeyboardFocusHere();
    const bool entered =
        ImGui::InputText(Id(label).text, text, size, ImGuiInputTextFlags_EnterReturnsTrue);
    wt_ui_note(ui, label, tip);
    return entered;
}

extern "C" void wt_ui_text(wt_ui *ui, const char *text, bool warn)
{
    wt_ui_need(ui, text);
    ImGui::PushStyleColor(ImGuiCol_Text,
                          warn ? ImGui::ColorConvertU32ToFloat4(wt_ui_colors_of(ui).warn)
                               : ImGui::GetStyle().Colors[ImGuiCol_TextDisabled]);
    ImGui::PushTextWrapPos(0.0f);
    ImGui::TextUnformatted(text);
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
}

extern "C" void wt_ui_strip(wt_ui *ui, const uint8_t (*rgb)[3], int colors, const char *low,
                            const char *high)
{
    const float left = 116 * ui->scale, height = 9 * ui->scale;
    ImGui::Dummy(ImVec2(1, height));
    ImGui::SameLine(left);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    const ImVec2 l = ImGui::CalcTextSize(low), h = ImGui::CalcTextSize(high);
    const float gap = 6 * ui->scale, from = at.x + l.x + gap, to = at.x + width - h.x - gap;
    ImDrawList *list = ImGui::GetWindowDrawList();
    for (int i = 0; i < colors; i++) {
        const float a = from + (to - from) * (float)i / (float)colors;
        const float b = from + (to - from) * (float)(i + 1) / (float)colors;
        list->AddRectFilled(ImVec2(a, at.y + 3 * ui->scale),
                            ImVec2(b, at.y + 3 * ui->scale + height),
                            IM_COL32(rgb[i][0], rgb[i][1], rgb[i][2], 255));
    }
    const ImU32 dim = ImGui::GetColorU32(ImGuiCol_TextDisabled);
    list->AddText(ImVec2(at.x, at.y), dim, low);
    list->AddText(ImVec2(at.x + width - h.x, at.y), dim, high);
    ImGui::Dummy(ImVec2(width, l.y));
}

extern "C" void wt_ui_off_begin(wt_ui *, bool off)
{
    ImGui::BeginDisabled(off);
}

extern "C" void wt_ui_off_end(wt_ui *)
{
    ImGui::EndDisabled();
}

/* ---- buttons over the picture ---------------------------------------------------------------- */

namespace
{
float icon_side(const wt_ui *ui)
{
    return floorf(26 * ui->scale);
}

void rect(ImDrawList *d, ImVec2 c, float x0, float y0, float x1, float y1, ImU32 color, float round)
{
    d->AddRectFilled(ImVec2(c.x + x0, c.y + y0), ImVec2(c.x + x1, c.y + y1), color, round);
}

void draw_frame_corners(ImDrawList *d, ImVec2 c, float r, float thick, ImU32 color)
{
    for (int i = 0; i < 4; i++) {
        const float sx = i & 1 ? 1.0f : -1.0f, sy = i & 2 ? 1.0f : -1.0f;
        const ImVec2 at(c.x + sx * r, c.y + sy * r);
        d->AddLine(at, ImVec2(at.x - sx * r * 0.7f, at.y), color, thick);
        d->AddLine(at, ImVec2(at.x, at.y - sy * r * 0.7f), color, thick);
    }
}

/* c: the middle; s: one pixel of an ordinary screen. */
void draw_icon(ImDrawList *d, enum wt_ui_icon icon, ImVec2 c, float s, ImU32 color)
{
    const ImU32 red = ImGui::GetColorU32(IM_COL32(255, 84, 84, 255)); /* fades, too */
    switch (icon) {
    case WT_ICON_PLAY:
        d->AddTriangleFilled(ImVec2(c.x - 5 * s, c.y - 7 * s), ImVec2(c.x - 5 * s, c.y + 7 * s),
                             ImVec2(c.x + 8 * s, c.y), color);
        break;
    case WT_ICON_PAUSE:
        rect(d, c, -6 * s, -7 * s, -2 * s, 7 * s, color, s);
        rect(d, c, 2 * s, -7 * s, 6 * s, 7 * s, color, s);
        break;
    case WT_ICON_RECORD:
        d->AddCircleFilled(c, 6.5f * s, red, 24);
        break;
    case WT_ICON_STOP:
        rect(d, c, -6 * s, -6 * s, 6 * s, 6 * s, red, s);
        break;
    case WT_ICON_PICTURE:
        d->AddRect(ImVec2(c.x - 8 * s, c.y - 5 * s), ImVec2(c.x + 8 * s, c.y + 7 * s), color, 2 * s,
                   0, 1.6f * s);
        rect(d, c, -3 * s, -7.5f * s, 3 * s, -4.5f * s, color, s);
        d->AddCircle(ImVec2(c.x, c.y + s), 3.3f * s, color, 20, 1.6f * s);
        break;
    case WT_ICON_FULL:
        draw_frame_corners(d, c, 7 * s, 1.8f * s, color);
        break;
    case WT_ICON_PANEL:
        for (int i = -1; i <= 1; i++)
            rect(d, c, -7 * s, ((float)i * 5 - 1) * s, 7 * s, ((float)i * 5 + 1) * s, color, s);
        break;
    case WT_ICON_LOOP:
        d->PathArcTo(c, 6.5f * s, 0.6f, 5.6f, 24);
        d->PathStroke(color, 0, 1.8f * s);
        d->AddTriangleFilled(ImVec2(c.x + 8.5f * s, c.y - 5 * s),
                             ImVec2(c.x + 1.5f * s, c.y - 3 * s),
                             ImVec2(c.x + 7 * s, c.y + 1.2f * s), color);
        break;
    }
}
} // namespace

extern "C" float wt_ui_bar_begin(wt_ui *ui, bool top, float right, float alpha)
{
    const ImVec2 all = ImGui::GetIO().DisplaySize;
    const float pad = 4 * ui->scale, margin = 8 * ui->scale;
    const float height = icon_side(ui) + 2 * pad;
    const float width = top ? icon_side(ui) + 2 * pad : right - 2 * margin;
    ImGui::PushStyleVar(ImGuiStyleVar_Alpha, alpha);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(pad, pad));
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(pad, pad));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 6 * ui->scale);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, ImVec2(1, 1));
    ImGui::PushStyleColor(ImGuiCol_WindowBg, wt_ui_colors_of(ui).backdrop);
    ImGui::PushStyleColor(ImGuiCol_Button, IM_COL32(0, 0, 0, 0));
    ImGui::SetNextWindowPos(ImVec2(right - margin - width, top ? margin : all.y - margin - height));
    ImGui::SetNextWindowSize(ImVec2(width, height));
    ImGui::Begin(top ? "corner" : "bar", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                     ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoNav |
                     ImGuiWindowFlags_NoFocusOnAppearing);
    return height + margin;
}

extern "C" void wt_ui_bar_end(wt_ui *)
{
    ImGui::End();
    ImGui::PopStyleColor(2);
    ImGui::PopStyleVar(5);
}

extern "C" bool wt_ui_icon(wt_ui *ui, enum wt_ui_icon icon, const char *name, const char *tip,
                           bool on)
{
    const float side = icon_side(ui);
    if (ImGui::GetCursorPosX() > ImGui::GetStyle().WindowPadding.x + 1)
        ImGui::SameLine();
    const bool pressed = ImGui::Button(Id(name).text, ImVec2(side, side));
    const ImVec2 a = ImGui::GetItemRectMin(), b = ImGui::GetItemRectMax();
    draw_icon(ImGui::GetWindowDrawList(), icon, ImVec2((a.x + b.x) / 2, (a.y + b.y) / 2), ui->scale,
              ImGui::GetColorU32(on ? ImGuiCol_CheckMark : ImGuiCol_Text));
    wt_ui_note(ui, name, tip);
    ImGui::SameLine();
    return pressed;
}

extern "C" bool wt_ui_seek(wt_ui *ui, const char *name, const char *tip, float *place, int spare,
                           const char *text)
{
    const float side = icon_side(ui), pad = ImGui::GetStyle().ItemSpacing.x;
    const float shown = ImGui::CalcTextSize(text).x + pad;
    const float width =
        ImGui::GetContentRegionAvail().x - shown - (float)spare * (side + pad) - pad;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList *list = ImGui::GetWindowDrawList();
    bool moved = false;
    if (width > 2 * side) {
        ImGui::InvisibleButton(Id(name).text, ImVec2(width, side));
        const bool held = ImGui::IsItemActive(), over = ImGui::IsItemHovered();
        const float radius = (held || over ? 6.0f : 5.0f) * ui->scale, left = at.x + radius;
        const float length = width - 2 * radius, middle = at.y + side / 2, half = 2 * ui->scale;
        if (held) {
            const float x = (ImGui::GetIO().MousePos.x - left) / length;
            *place = std::min(std::max(x, 0.0f), 1.0f);
            moved = true;
        }
        const float x = left + length * std::min(std::max(*place, 0.0f), 1.0f);
        list->AddRectFilled(ImVec2(left, middle - half), ImVec2(left + length, middle + half),
                            ImGui::GetColorU32(ImGuiCol_ScrollbarGrab), half);
        list->AddRectFilled(ImVec2(left, middle - half), ImVec2(x, middle + half),
                            ImGui::GetColorU32(ImGuiCol_CheckMark), half);
        list->AddCircleFilled(ImVec2(x, middle), radius, ImGui::GetColorU32(ImGuiCol_Text), 20);
        wt_ui_note(ui, name, tip);
        ImGui::SameLine();
    }
    const ImVec2 here = ImGui::GetCursorScreenPos();
    list->AddText(ImVec2(here.x, here.y + (side - ImGui::GetFontSize()) / 2),
                  ImGui::GetColorU32(ImGuiCol_Text), text);
    ImGui::Dummy(ImVec2(shown - pad, side));
    ImGui::SameLine();
    return moved;
}
