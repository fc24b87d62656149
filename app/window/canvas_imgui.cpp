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

namespace
{
ImU32 ink(enum wt_canvas_color color)
{
    static const ImU32 of[] = {IM_COL32(255, 255, 255, 255), IM_COL32(255, 92, 92, 255),
                               IM_COL32(92, 230, 120, 255)};
    return of[color];
}
} // namespace

extern "C" void wt_canvas_line(wt_ui *ui, const wt_point *point, int count,
                               enum wt_canvas_color color)
{
    ImDrawList *list = ImGui::GetBackgroundDrawList();
    for (int pass = 0; pass < 2; pass++)
        for (int i = 1; i < count; i++)
            list->AddLine(ImVec2(point[i - 1].x, point[i - 1].y), ImVec2(point[i].x, point[i].y),
                          pass ? ink(color) : IM_COL32(12, 15, 22, 110),
                          (pass ? 1.1f : 2.6f) * ui->scale);
}

extern "C" void wt_canvas_dots(wt_ui *ui, const wt_point *point, int count,
                               enum wt_canvas_color color)
{
    ImDrawList *list = ImGui::GetBackgroundDrawList();
    for (int i = 0; i < count; i++) {
        list->AddCircleFilled(ImVec2(point[i].x, point[i].y), 2.6f * ui->scale,
                              IM_COL32(12, 15, 22, 200), 12);
        list->AddCircleFilled(ImVec2(point[i].x, point[i].y), 1.8f * ui->scale, ink(color), 12);
    }
}

namespace
{
/* Where words of that box end at the bottom: above the status where it is in their way. */
float label_bottom(const wt_ui *ui, const wt_divider *d, float left, float right, float height)
{
    const float gap = 10 * ui->scale, bottom = d->bottom - d->low - gap;
    const ImVec4 &s = ui->status;
    const bool beside = right <= s.x || left >= s.z || bottom <= s.y || bottom - height >= s.w;
    return beside ? bottom : s.y - gap;
}

/* Words beside the line, as far as there is room for them. */
void side_label(wt_ui *ui, const wt_divider *d, const char *text, bool after)
{
    const wt_ui_colors color = wt_ui_colors_of(ui);
    wt_ui_need(ui, text);
    const ImVec2 size = ImGui::CalcTextSize(text);
    const float pad = 6 * ui->scale, gap = 10 * ui->scale;
    const float width = size.x + 2 * pad, height = size.y + 2 * pad;
    const float x = after ? d->x + gap : d->x - gap - width;
    const float y = label_bottom(ui, d, x, x + width, height) - height;
    ImDrawList *list = ImGui::GetBackgroundDrawList();
    if (x < d->left || x + width > d->right || y < d->top)
        return;
    list->AddRectFilled(ImVec2(x, y), ImVec2(x + width, y + height), color.backdrop, 5 * ui->scale);
    list->AddText(ImVec2(x + pad, y + pad), color.text, text);
    wt_ui_note_box(ui, after ? "divider after" : "divider before", x, y, x + width, y + height);
}
} // namespace

extern "C" void wt_canvas_divider(wt_ui *ui, const wt_divider *d)
{
    ImDrawList *list = ImGui::GetBackgroundDrawList();
    const ImU32 bright = d->held ? IM_COL32(255, 205, 92, 255) : IM_COL32(255, 255, 255, 235);
    const ImU32 dark = IM_COL32(12, 15, 22, 170);
    const float middle = floorf(0.5f * (d->top + d->bottom)) + 0.5f, r = 11 * ui->scale;
    list->AddLine(ImVec2(d->x, d->top), ImVec2(d->x, d->bottom), dark, 4 * ui->scale);
    list->AddLine(ImVec2(d->x, d->top), ImVec2(d->x, d->bottom), bright, 1.6f * ui->scale);
    list->AddCircleFilled(ImVec2(d->x, middle), r, bright, 32);
    list->AddCircle(ImVec2(d->x, middle), r, dark, 32, 1.5f * ui->scale);
    for (int side = -1; side <= 1; side += 2) {
        const float tip = d->x + side * 0.62f * r, base = d->x + side * 0.22f * r;
        list->AddTriangleFilled(ImVec2(tip, middle), ImVec2(base, middle - 0.36f * r),
                                ImVec2(base, middle + 0.36f * r), IM_COL32(12, 15, 22, 255));
    }
    side_label(ui, d, d->before, false);
    side_label(ui, d, d->after, true);
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

extern "C" void wt_ui_ced(wt_ui *ui, const char *name, const char *tip, const float *const curve[3],
                          int count)
{
    static const enum wt_canvas_color color[] = {WT_CANVAS_RED, WT_CANVAS_WHITE, WT_CANVAS_GREEN};
    const ImVec2 size(ImGui::GetContentRegionAvail().x, 84 * ui->scale);
    ImGui::Dummy(size);
    const ImVec2 a = ImGui::GetItemRectMin(), b = ImGui::GetItemRectMax();
    ImDrawList *list = ImGui::GetWindowDrawList();
    /* The colours are made for a dark ground. */
    list->AddRectFilled(a, b, IM_COL32(24, 30, 40, 255), 4 * ui->scale);
    const float pad = 5 * ui->scale, width = size.x - 2 * pad, height = size.y - 2 * pad;
    for (int i = 1; i < 10; i++) {
        const float x = a.x + pad + width * (float)i / 10;
        list->AddLine(ImVec2(x, a.y + pad), ImVec2(x, b.y - pad), IM_COL32(255, 255, 255, 22), 1);
    }
    const ImU32 dim = IM_COL32(190, 198, 208, 255);
    list->AddText(ImVec2(a.x + pad, a.y + pad), dim, "100 %");
    const char *end = "NME 10 %";
    const ImVec2 text = ImGui::CalcTextSize(end);
    list->AddText(ImVec2(b.x - pad - text.x, b.y - pad - text.y), dim, end);
    for (int k = 0; k < 3; k++)
        for (int i = 1; curve[k] && i < count; i++) {
            if (std::isnan(curve[k][i]) || std::isnan(curve[k][i - 1]))
                continue;
            const float step = width / (float)(count - 1), x = a.x + pad + step * (float)i;
            list->AddLine(ImVec2(x - step, b.y - pad - height * curve[k][i - 1] / 100),
                          ImVec2(x, b.y - pad - height * curve[k][i] / 100), ink(color[k]),
                          1.6f * ui->scale);
        }
    wt_ui_note(ui, name, tip);
}
