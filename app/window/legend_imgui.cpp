/* Draws the legend, in a corner or at an edge where it is not on a face. */
#include <algorithm>
#include <cmath>

#include "window/texts_imgui.h"
#include "window/ui_imgui.hpp"

namespace
{
enum { PLACES = 6 }; /* corners, and the middles of both sides */

float overlap(const wt_text_box &a, const wt_text_box &b)
{
    const float w = std::min(a.right, b.right) - std::max(a.left, b.left);
    const float h = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
    return w > 0 && h > 0 ? w * h : 0.0f;
}

/* Right edge first: the status begins at the left one. The upper right corner belongs to a button,
 * or to what tells that it records or rests: two lines at most. */
wt_text_box place(const wt_texts *t, int at, float w, float h, float margin)
{
    const float low = t->height - t->low - margin - h;
    const float x = at & 1 ? margin : t->width - margin - w;
    const float high = at & 1 ? margin : (t->recording && t->paused ? 11.5f : 6.0f) * margin;
    const float y = at < 2 ? low : at < 4 ? (t->height - h) / 2 : high;
    return {x, y, x + w, y + h};
}

/* The middle of a face: the half of it each way. */
wt_text_box middle(const wt_text_box &face)
{
    const float dx = (face.right - face.left) / 4, dy = (face.bottom - face.top) / 4;
    return {face.left + dx, face.top + dy, face.right - dx, face.bottom - dy};
}

/* What stands in the way of a box: of faces as much as it covers; more than anything else their
 * middles, the status, or too little room. */
float in_the_way(const wt_texts *t, const wt_text_box &box, const wt_text_box &status)
{
    const float never = 1e9f;
    float sum = box.left < 0 || box.top < 0 || overlap(box, status) > 0 ? never : 0.0f;
    for (int i = 0; i < t->faces; i++)
        sum += overlap(box, middle(t->face[i])) > 0 ? never : overlap(box, t->face[i]);
    return sum;
}

/* It stays where it is while that is good, and goes where everything is bad. */
bool choose(wt_ui *ui, const wt_texts *t, const wt_text_box &status, float w, float h, float margin,
            wt_text_box *box)
{
    *box = place(t, ui->legend_at, w, h, margin);
    float least = in_the_way(t, *box, status);
    const bool early = least < 1e9f && ImGui::GetTime() - ui->legend_since < 1.0;
    ui->waits = ui->waits || (least > 0 && early);
    if (least > 0 && !early) {
        const int before = ui->legend_at;
        for (int at = 0; at < PLACES; at++) {
            const wt_text_box other = place(t, at, w, h, margin);
            const float covers = in_the_way(t, other, status);
            if (covers >= 0.8f * least)
                continue;
            least = covers;
            ui->legend_at = at;
            *box = other;
        }
        if (ui->legend_at != before)
            ui->legend_since = ImGui::GetTime();
    }
    return least < 1e9f;
}

void draw_line(ImDrawList *list, const wt_legend_line &line, float x, float y, float sample,
               float scale, ImU32 color)
{
    const float size = ImGui::GetFontSize(), radius = 4.5f * scale, cy = y + size / 2;
    const auto rgb = [&](int i) {
        return IM_COL32(line.rgb[i][0], line.rgb[i][1], line.rgb[i][2], 255);
    };
    if (line.colors == 1) {
        list->AddCircleFilled(ImVec2(x + sample / 2, cy), radius + scale, IM_COL32(12, 15, 22, 140),
                              20);
        list->AddCircleFilled(ImVec2(x + sample / 2, cy), radius, rgb(0), 20);
    } else {
        const float step = sample / (float)line.colors;
        for (int i = 0; i < line.colors; i++)
            list->AddRectFilled(ImVec2(x + step * (float)i, cy - radius),
                                ImVec2(x + step * (float)(i + 1), cy + radius), rgb(i));
    }
    list->AddText(ImVec2(floorf(x + sample + 8 * scale), floorf(y)), color, line.text);
}
} // namespace

void wt_legend_draw(wt_ui *ui, const wt_texts *texts, const wt_text_box &status)
{
    const wt_legend &legend = texts->legend;
    const float scale = ui->scale, pad = 8 * scale, margin = 8 * scale;
    const float step = ImGui::GetFontSize() * 1.3f;
    float sample = 10 * scale, width = 0;
    for (int i = 0; i < legend.lines; i++) {
        sample = legend.line[i].colors > 1 ? 44 * scale : sample;
        width = std::max(width, ImGui::CalcTextSize(legend.line[i].text).x);
    }
    const float w = sample + 8 * scale + width + 2 * pad, h = step * (float)legend.lines + 2 * pad;
    wt_text_box box = {0, 0, 0, 0};
    const bool shown = legend.lines > 0 && choose(ui, texts, status, w, h, margin, &box);
    if (!shown)
        box = {0, 0, 0, 0};
    wt_ui_note_box(ui, "legend", box.left, box.top, box.right, box.bottom);
    if (!shown)
        return;
    const wt_ui_colors colors = wt_ui_colors_of(ui);
    ImDrawList *list = ImGui::GetBackgroundDrawList();
    list->AddRectFilled(ImVec2(box.left, box.top), ImVec2(box.right, box.bottom), colors.backdrop,
                        6 * scale);
    for (int i = 0; i < legend.lines; i++)
        draw_line(list, legend.line[i], box.left + pad, box.top + pad + step * (float)i, sample,
                  scale, colors.text);
}
