#include "window/scope_imgui.h"

#include <algorithm>
#include <cmath>

#include "window/ui_imgui.hpp"

namespace
{
const ImU32 bright = IM_COL32(255, 255, 255, 255), dark = IM_COL32(12, 15, 22, 190);

void draw_cross(const wt_ui *ui, ImDrawList *list, ImVec2 at)
{
    const float arm = 7 * ui->scale, gap = 2 * ui->scale;
    for (int pass = 0; pass < 2; pass++) {
        const ImU32 color = pass ? IM_COL32(255, 205, 92, 255) : dark;
        const float thick = (pass ? 1.4f : 3.2f) * ui->scale;
        for (int side = -1; side <= 1; side += 2) {
            list->AddLine(ImVec2(at.x + side * gap, at.y), ImVec2(at.x + side * arm, at.y), color,
                          thick);
            list->AddLine(ImVec2(at.x, at.y + side * gap), ImVec2(at.x, at.y + side * arm), color,
                          thick);
        }
    }
}

void draw_marks(const wt_ui *ui, const wt_scope_image *image, ImVec2 a, ImVec2 b)
{
    ImDrawList *list = ImGui::GetWindowDrawList();
    const auto place = [&](wt_point p) {
        return ImVec2(a.x + p.x * (b.x - a.x), a.y + p.y * (b.y - a.y));
    };
    list->PushClipRect(a, b, true);
    for (int i = 0; i < image->marks; i++) {
        const wt_scope_mark *m = &image->mark[i];
        if (m->kind == WT_SCOPE_CROSS) {
            draw_cross(ui, list, place(m->a));
            continue;
        }
        list->AddRect(place(m->a), place(m->b), dark, 0, 0, 3.2f * ui->scale);
        list->AddRect(place(m->a), place(m->b), bright, 0, 0, 1.4f * ui->scale);
    }
    list->PopClipRect();
}

void draw_missing(ImVec2 a, ImVec2 b, const char *text)
{
    ImDrawList *list = ImGui::GetWindowDrawList();
    list->AddRectFilled(a, b, ImGui::GetColorU32(ImGuiCol_FrameBg));
    const ImVec2 size = ImGui::CalcTextSize(text);
    list->AddText(ImVec2(floorf((a.x + b.x - size.x) / 2), floorf((a.y + b.y - size.y) / 2)),
                  ImGui::GetColorU32(ImGuiCol_Text), text);
}

void draw_image(wt_ui *ui, const wt_scope_image *image, float side)
{
    ImGui::BeginGroup();
    ImGui::Dummy(ImVec2(side, side));
    const ImVec2 a = ImGui::GetItemRectMin(), b = ImGui::GetItemRectMax();
    if (image->there) {
        ImGui::GetWindowDrawList()->AddImage((ImTextureID)(intptr_t)image->texture, a, b,
                                             ImVec2(image->from.x, image->from.y),
                                             ImVec2(image->to.x, image->to.y));
        draw_marks(ui, image, a, b);
    } else {
        draw_missing(a, b, image->missing);
    }
    wt_ui_note(ui, image->name, nullptr);
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + side);
    ImGui::TextDisabled("%s", image->caption);
    ImGui::PopTextWrapPos();
    ImGui::EndGroup();
}

void draw_row(wt_ui *ui, const wt_scope_images *row)
{
    const float gap = ImGui::GetStyle().ItemSpacing.x, all = ImGui::GetContentRegionAvail().x;
    const float side = floorf((all - gap * (float)(row->columns - 1)) / (float)row->columns);
    if (row->title[0])
        ImGui::TextUnformatted(row->title);
    for (int i = 0; i < row->images; i++) {
        if (i)
            ImGui::SameLine();
        draw_image(ui, &row->image[i], side);
    }
}

void draw_lines(wt_ui *ui, const wt_scope_view *view)
{
    for (int i = 0; i < view->lines; i++) {
        const wt_scope_line *line = &view->line[i];
        if (line->label[0]) {
            ImGui::TextDisabled("%s", line->label);
            ImGui::SameLine(116 * ui->scale);
        }
        if (line->warn)
            ImGui::PushStyleColor(ImGuiCol_Text, wt_ui_colors_of(ui).warn);
        ImGui::PushTextWrapPos(0.0f);
        ImGui::TextUnformatted(line->text);
        ImGui::PopTextWrapPos();
        if (line->warn)
            ImGui::PopStyleColor();
    }
}
} // namespace

extern "C" float wt_scope_width(const wt_ui *ui, int width)
{
    return floorf(std::min(372 * ui->scale, (float)width));
}

extern "C" enum wt_scope_press wt_scope_draw(wt_ui *ui, const wt_scope_view *view, float right,
                                             float width)
{
    enum wt_scope_press press = WT_SCOPE_NOTHING;
    ImGui::SetNextWindowPos(ImVec2(right - width, 0));
    ImGui::SetNextWindowSize(ImVec2(width, ImGui::GetIO().DisplaySize.y));
    ImGui::Begin("microscope", nullptr,
                 ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                     ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoNav |
                     ImGuiWindowFlags_NoFocusOnAppearing);
    if (wt_ui_button(ui, "Close microscope", "key: Esc", false))
        press = WT_SCOPE_CLOSED;
    if (wt_ui_button(ui, "Previous", "the point before", true))
        press = WT_SCOPE_PREVIOUS;
    if (wt_ui_button(ui, "Next", "the point after", true))
        press = WT_SCOPE_NEXT;
    ImGui::PushTextWrapPos(0.0f);
    ImGui::TextUnformatted(view->title);
    ImGui::PopTextWrapPos();
    for (int i = 0; i < view->rows; i++)
        draw_row(ui, &view->row[i]);
    draw_lines(ui, view);
    ImGui::End();
    return press;
}
