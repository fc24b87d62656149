#include "window/texts_imgui.h"

#include <algorithm>
#include <cmath>

#include "base/shorten.h"
#include "window/ui_imgui.hpp"

namespace
{
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

float width_of(const char *from, const char *to, void *)
{
    return ImGui::GetFont()->CalcTextSizeA(ImGui::GetFontSize(), FLT_MAX, 0.0f, from, to).x;
}

/* A text on its own background, centred at x, its top at y. Returns its bottom. */
float draw_banner(ImDrawList *list, float x, float y, ImU32 color, ImU32 backdrop, const char *text,
                  float scale, float room)
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

float overlap(const wt_text_box &a, const wt_text_box &b)
{
    const float w = std::min(a.right, b.right) - std::max(a.left, b.left);
    const float h = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
    return w > 0 && h > 0 ? w * h : 0.0f;
}

/* What a box of that size covers of faces in a corner: 0 top left, 1 bottom left, 2 top right, 3
 * bottom right. */
float covered(const wt_texts *t, int corner, float w, float h, float margin, wt_text_box *box)
{
    const float x = corner & 2 ? t->width - margin - w : margin;
    const float y = corner & 1 ? std::max(margin, t->height - t->low - margin - h) : margin;
    *box = {x, y, x + w, y + h};
    float sum = 0.0f;
    for (int i = 0; i < t->faces; i++)
        sum += overlap(*box, t->face[i]);
    return sum;
}

/* The corner where the least of faces is covered. It does not jump about: only from a face, and not
 * more often than once a second. */
float choose_corner(wt_ui *ui, const wt_texts *t, float w, float h, float margin, wt_text_box *box)
{
    float least = covered(t, ui->corner, w, h, margin, box);
    const bool early = ImGui::GetTime() - ui->corner_since < 1.0;
    ui->waits = ui->waits || (least > 0.0f && early);
    if (least <= 0.0f || early)
        return least;
    const int before = ui->corner;
    for (int corner = 0; corner < 4; corner++) {
        wt_text_box there;
        const float covers = covered(t, corner, w, h, margin, &there);
        if (covers >= 0.8f * least)
            continue;
        least = covers;
        ui->corner = corner;
        *box = there;
    }
    if (ui->corner != before)
        ui->corner_since = ImGui::GetTime();
    return least;
}

/* Shows as many lines as leave most of the picture visible: all, or the first ones, or a brief line
 * where more would cover a face, or the main ones would be cut off. */
wt_text_box draw_status(wt_ui *ui, ImDrawList *list, const wt_texts *texts)
{
    const float scale = ui->scale, pad = 8.0f * scale, margin = 8.0f * scale;
    const float step = ImGui::GetFontSize() * 1.22f, most = texts->width - 2 * margin - 2 * pad;
    const wt_ui_colors colors = wt_ui_colors_of(ui);
    const int room = std::max(1, (int)((0.30f * texts->height - 2 * pad) / step));
    const int counts[] = {std::min(texts->lines, room), std::min(texts->main_lines, room), 1};
    const wt_text_line *text = texts->line;
    wt_text_box box;
    float shown = 0.0f;
    int lines = 0;
    for (int t = 0; t < 3; t++) {
        float width = 0.0f, rest = 0.0f;
        lines = counts[t];
        text = t < 2 && lines > 1 ? texts->line : &texts->brief;
        for (int i = 0; i < lines; i++) {
            float &widest = i < std::max(texts->main_lines, 1) ? width : rest;
            widest = std::max(widest, text_size(text[i].text).w);
        }
        const bool cut = width > most;
        /* a long name takes half of a large window at most */
        const float half = std::max(0.5f * most, 32.0f * ImGui::GetFontSize());
        width = std::min(std::max(width, std::min(rest, half)), most);
        shown = width;
        width += 2 * pad;
        const float height = 2 * pad + step * (float)lines - (step - ImGui::GetFontSize());
        if (choose_corner(ui, texts, width, height, margin, &box) <= 0.0f && !cut)
            break;
    }
    list->AddRectFilled(ImVec2(box.left, box.top), ImVec2(box.right, box.bottom), colors.backdrop,
                        6.0f * scale);
    list->PushClipRect(ImVec2(box.left, box.top), ImVec2(box.right - 0.5f * pad, box.bottom), true);
    for (int i = 0; i < lines; i++) {
        const wt_text_line &line = text[i];
        char fits[WT_TEXT_SIZE];
        draw_text(list, box.left + pad, box.top + pad + step * (float)i,
                  line.warn  ? colors.warn
                  : line.dim ? colors.dim
                             : colors.text,
                  wt_shorten(fits, sizeof fits, line.text, shown, width_of, nullptr));
    }
    list->PopClipRect();
    return box;
}

/* At the top right, or below the status if that is there. Returns its bottom. */
float draw_recording(ImDrawList *list, const wt_texts *texts, const wt_ui_colors &colors,
                     float scale, float right, const wt_text_box &taken)
{
    float pad = 8.0f * scale, margin = 8.0f * scale, radius = 5.0f * scale;
    Size size = text_size(texts->recording_text);
    float left = right - margin - size.w - 2 * pad - 2.0f * radius - 0.8f * pad;
    const bool clash = left < taken.right + margin && taken.top < margin + size.h + 1.4f * pad;
    float top = clash ? taken.bottom + margin : margin;
    float bottom = top + size.h + 1.4f * pad;
    list->AddRectFilled(ImVec2(left, top), ImVec2(right - margin, bottom), colors.backdrop,
                        6.0f * scale);
    list->AddCircleFilled(ImVec2(left + pad + radius, (top + bottom) / 2.0f), radius,
                          IM_COL32(255, 84, 84, 255), 24);
    draw_text(list, left + pad + 2 * radius + 0.8f * pad, top + 0.7f * pad,
              texts->recording_warn ? colors.warn : colors.text, texts->recording_text);
    return bottom;
}

void draw_paused(ImDrawList *list, const wt_ui_colors &colors, float scale, float right, float top)
{
    float pad = 8.0f * scale, size = 14.0f * scale, left = right - pad - size - 2 * pad;
    list->AddRectFilled(ImVec2(left, top), ImVec2(right - pad, top + size + 2 * pad),
                        colors.backdrop, 6.0f * scale);
    for (int i = 0; i < 2; i++) {
        float x = left + pad + i * size * 0.6f;
        list->AddRectFilled(ImVec2(x, top + pad), ImVec2(x + size * 0.36f, top + pad + size),
                            colors.text, 1.0f * scale);
    }
}

/* The help is laid out twice: without drawing, to measure it, then with drawing. Groups stay
 * together: a column ends before a heading once it is full enough. */
struct Help {
    ImDrawList *list; /* NULL: measure only */
    wt_ui_colors colors;
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

Help help_in(const wt_ui *ui, int columns, float fit)
{
    Help h = {nullptr, wt_ui_colors_of(ui), ui->scale * fit, fit, columns, 0.0f, 0.0f, 0};
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
    h.list->AddRectFilled(ImVec2(x, y), ImVec2(x + label + 12.0f * h.scale, y + down), h.colors.key,
                          4.0f * h.scale);
    draw_text(h.list, x + 6.0f * h.scale, text, h.colors.text, k->label, 0.0f, h.fit);
    draw_text(h.list, x + h.key + 10.0f * h.scale, text, h.colors.dim, k->help, 0.0f, h.fit);
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
                draw_text(h.list, x, top + (row + 0.2f) * step, h.colors.warn, k->group, 0.0f,
                          h.fit);
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
void draw_help(const wt_ui *ui, ImDrawList *list, float width, float height)
{
    const float scale = ui->scale;
    Help help = help_in(ui, 1, 1.0f);
    Size inner = run_help(help, 0.0f, 0.0f);
    float pad = 14.0f * scale;
    if (inner.h + 2 * pad > height && width > height) {
        help = help_in(ui, 2, 1.0f);
        inner = run_help(help, 0.0f, 0.0f);
    }
    float fit = std::min(1.0f, std::min((width - 2 * pad) / inner.w, (height - 2 * pad) / inner.h));
    if (fit < 1.0f) {
        help = help_in(ui, help.columns, std::max(fit, 0.4f));
        inner = run_help(help, 0.0f, 0.0f);
        pad *= help.fit;
    }
    float w = inner.w + 2 * pad, h = inner.h + 2 * pad;
    float left = std::max(0.0f, (width - w) / 2.0f), top = std::max(0.0f, (height - h) / 2.0f);
    list->AddRectFilled(ImVec2(left, top), ImVec2(left + w, top + h), help.colors.help,
                        8.0f * scale);
    help.list = list;
    run_help(help, left + pad, top + pad);
}

/* taken: the status; no label is placed under it. */
void draw_labels(ImDrawList *list, const wt_texts *texts, const wt_ui_colors &colors, float scale,
                 const wt_text_box &taken)
{
    for (int i = 0; i < texts->labels; i++) {
        const wt_text_label &label = texts->label[i];
        float pad = 4.0f * scale;
        Size size = text_size(label.text);
        float x = std::min(std::max(label.at.x, 0.0f), texts->width - size.w - 2 * pad);
        float y = std::max(label.at.y - size.h - 2 * pad, 0.0f);
        if (overlap({x, y, x + size.w + 2 * pad, y + size.h + 1.5f * pad}, taken) > 0.0f) {
            x = std::min(std::max(label.below.x, 0.0f), texts->width - size.w - 2 * pad);
            y = label.below.y + pad;
        }
        list->AddRectFilled(ImVec2(x, y), ImVec2(x + size.w + 2 * pad, y + size.h + 1.5f * pad),
                            colors.backdrop, 3.0f * scale);
        draw_text(list, x + pad, y + 0.7f * pad, colors.text, label.text);
    }
}

/* A banner that ends at `bottom`, or above the status where that is in the way. Returns its top. */
float put_banner(wt_ui *ui, ImDrawList *list, const wt_texts *texts, const wt_text_box &taken,
                 const char *name, float bottom, ImU32 color, const char *text)
{
    const float scale = ui->scale, room = texts->width, middle = room / 2.0f;
    const float height = banner_height(text, scale, room);
    const float half = text_size(text, room - 36.0f * scale).w / 2.0f + 9.0f * scale;
    wt_text_box box = {middle - half, bottom - height, middle + half, bottom};
    if (overlap(box, taken) > 0.0f && taken.top - 6.0f * scale > height) {
        box.bottom = taken.top - 6.0f * scale;
        box.top = box.bottom - height;
    }
    draw_banner(list, middle, box.top, color, wt_ui_colors_of(ui).backdrop, text, scale, room);
    wt_ui_note_box(ui, name, box.left, box.top, box.right, box.bottom);
    return box.top;
}

/* Bottom upwards: the message, the hint. taken: the status. */
void draw_banners(wt_ui *ui, ImDrawList *list, const wt_texts *texts, const wt_text_box &taken)
{
    const wt_ui_colors colors = wt_ui_colors_of(ui);
    const float scale = ui->scale, room = texts->width, middle = room / 2.0f;
    float bottom = texts->height - texts->low - 12.0f * scale;
    if (texts->message[0]) {
        const ImU32 color[] = {colors.text, colors.warn, colors.error};
        bottom = put_banner(ui, list, texts, taken, "message", bottom, color[texts->message_kind],
                            texts->message) -
                 6.0f * scale;
    }
    if (texts->hint[0])
        put_banner(ui, list, texts, taken, "hint", bottom, colors.dim, texts->hint);
    if (texts->trouble[0])
        draw_banner(list, middle, texts->height / 2.0f - ImGui::GetFontSize(), colors.warn,
                    colors.backdrop, texts->trouble, scale, room);
}
} // namespace

namespace
{
/* What comes from outside the program: names of files, cameras, profiles. */
void need_texts(wt_ui *ui, const wt_texts *t)
{
    for (int i = 0; i < t->lines; i++)
        wt_ui_need(ui, t->line[i].text);
    wt_ui_need(ui, t->hint);
    wt_ui_need(ui, t->trouble);
    wt_ui_need(ui, t->message);
}
} // namespace

extern "C" void wt_texts_draw(wt_ui *ui, const wt_texts *texts)
{
    need_texts(ui, texts);
    ImDrawList *list = ImGui::GetBackgroundDrawList();
    const float scale = ui->scale;
    const wt_ui_colors colors = wt_ui_colors_of(ui);
    wt_text_box taken = {0, 0, 0, 0};
    if (texts->status && !texts->help) /* one text at a time */
        taken = draw_status(ui, list, texts);
    ui->status = ImVec4(taken.left, taken.top, taken.right, taken.bottom);
    wt_ui_note_box(ui, "status", taken.left, taken.top, taken.right, taken.bottom);
    if (!texts->help)
        wt_legend_draw(ui, texts, taken);
    draw_labels(list, texts, colors, scale, taken);
    const float right = texts->width - texts->high;
    float right_top = 8.0f * scale;
    if (texts->recording)
        right_top += draw_recording(list, texts, colors, scale, right, taken);
    if (texts->paused)
        draw_paused(list, colors, scale, right, right_top);
    draw_banners(ui, list, texts, taken);
    if (texts->help)
        draw_help(ui, list, texts->width, texts->height);
}
