#include "window/canvas_imgui.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "window/ui_imgui.hpp"

extern "C" float wt_canvas_handle_reach(const wt_ui *ui)
{
    return 12 * ui->scale;
}

extern "C" void wt_canvas_handle(wt_ui *ui, float x, float y, enum wt_handle kind)
{
    static const ImU32 fill[] = {IM_COL32(255, 255, 255, 235), IM_COL32(255, 205, 92, 255),
                                 IM_COL32(255, 205, 92, 90), IM_COL32(12, 15, 22, 60)};
    static const float size[] = {2.6f, 4.2f, 7.0f, 3.6f};
    ImDrawList *list = ImGui::GetBackgroundDrawList();
    const ImVec2 at(x, y);
    const float radius = size[kind] * ui->scale;
    list->AddCircleFilled(at, radius, fill[kind], 20);
    list->AddCircle(at, radius,
                    kind == WT_HANDLE_HIDDEN ? IM_COL32(255, 110, 110, 255)
                                             : IM_COL32(12, 15, 22, 230),
                    20, 1.3f * ui->scale);
}

extern "C" void wt_canvas_loupe(wt_ui *ui, const wt_loupe *l)
{
    const float half = 62 * ui->scale, away = 26 * ui->scale;
    /* Above and left of the mouse, or where there is room. */
    float x = l->x - away - half, y = l->y - away - half;
    if (x - half < l->left)
        x = l->x + away + half;
    if (y - half < l->top)
        y = l->y + away + half;
    x = std::min(std::max(x, l->left + half), std::max(l->right - half, l->left + half));
    y = std::min(std::max(y, l->top + half), std::max(l->bottom - half, l->top + half));
    const float du = half / l->zoom * l->pixel_u, dv = half / l->zoom * l->pixel_v;
    const float to_right = l->mirror ? -du : du;
    ImDrawList *list = ImGui::GetForegroundDrawList();
    const ImVec2 a(x - half, y - half), b(x + half, y + half);
    list->AddRectFilled(a, b, IM_COL32(12, 15, 22, 255), 6 * ui->scale);
    list->AddImageRounded((ImTextureID)(intptr_t)l->texture, a, b,
                          ImVec2(l->u - to_right, l->v - dv), ImVec2(l->u + to_right, l->v + dv),
                          IM_COL32_WHITE, 6 * ui->scale);
    const float gap = 5 * ui->scale;
    for (int pass = 0; pass < 2; pass++) {
        const ImU32 color = pass ? IM_COL32(255, 205, 92, 255) : IM_COL32(12, 15, 22, 160);
        const float thick = (pass ? 1.2f : 3.0f) * ui->scale;
        list->AddLine(ImVec2(a.x, y), ImVec2(x - gap, y), color, thick);
        list->AddLine(ImVec2(x + gap, y), ImVec2(b.x, y), color, thick);
        list->AddLine(ImVec2(x, a.y), ImVec2(x, y - gap), color, thick);
        list->AddLine(ImVec2(x, y + gap), ImVec2(x, b.y), color, thick);
    }
    list->AddRect(a, b, IM_COL32(255, 255, 255, 200), 6 * ui->scale, 0, 1.4f * ui->scale);
}

extern "C" void wt_ui_curve(wt_ui *ui, const char *label, const char *tip, const float *values,
                            int count)
{
    float most = 0;
    char text[48] = "";
    for (int i = 0; i < count; i++)
        if (values[i] > most)
            most = values[i];
    for (int i = count; i-- > 0;)
        if (!std::isnan(values[i])) {
            snprintf(text, sizeof text, "%.3g", (double)values[i]);
            break;
        }
    wt_ui_start_row(ui, label);
    ImGui::PlotLines("##curve", values, count, 0, text, 0, most > 0 ? most * 1.05f : 1,
                     ImVec2(0, 44 * ui->scale));
    wt_ui_note(ui, label, tip);
}

extern "C" void wt_ui_plot(wt_ui *ui, const char *label, const char *tip, const float *values,
                           int count, float low, float high, const char *unit)
{
    char text[48] = "";
    for (int i = 0; i < count; i++)
        if (!std::isnan(values[i])) {
            low = std::min(low, values[i]);
            high = std::max(high, values[i]);
        }
    if (count && !std::isnan(values[count - 1]))
        snprintf(text, sizeof text, "%.2f%s", (double)values[count - 1], unit);
    wt_ui_start_row(ui, label);
    ImGui::PushID(label);
    ImGui::PlotLines("##plot", values, count, 0, text, low, high, ImVec2(0, 36 * ui->scale));
    ImGui::PopID();
    wt_ui_note(ui, label, tip);
}

extern "C" void wt_ui_bar_of(wt_ui *, float done, const char *text)
{
    ImGui::ProgressBar(done, ImVec2(-1, 0), text);
}
