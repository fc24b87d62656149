/* The fonts of the window's text: its own, and another one for what that has not. */
#include <cstdio>

#include <imgui.h>
#include <imgui_internal.h>

#include "base/status.h"
#include "window/fallback_font.h"
#include "window/ui_imgui.hpp"

namespace
{
const float font_size = 15.0f;

/* Characters for file names, camera names and licences: Latin, Greek, Cyrillic, punctuation. */
const ImWchar glyphs[] = {0x20, 0x24f, 0x370, 0x52f, 0x2010, 0x2027, 0x2190, 0x2193, 0};

/* So many others at most; a text in one language has far fewer. */
const int others_most = 3000;

bool is_own(unsigned c)
{
    for (const ImWchar *range = glyphs; *range; range += 2)
        if (c >= range[0] && c <= range[1])
            return true;
    return c < 0x20;
}

/* Those that were seen, of the other font, into the same one. */
void add_others(wt_ui *ui, float scale)
{
    if (!ui->other_font[0] || ui->others.empty())
        return;
    ImFontGlyphRangesBuilder builder;
    for (int i = 0; i < ui->others.Size; i++)
        builder.AddChar(ui->others[i]);
    ui->other_ranges.clear(); /* must live until the fonts are built */
    builder.BuildRanges(&ui->other_ranges);
    ImFontConfig config;
    config.MergeMode = true;
    ImGui::GetIO().Fonts->AddFontFromFileTTF(ui->other_font, font_size * scale, &config,
                                             ui->other_ranges.Data);
}

void find_other(wt_ui *ui, unsigned character)
{
    struct wt_path path;
    ui->other_looked = true;
    if (!wt_fallback_font_find(character, &path)) {
        wt_log(WT_LOG_DEBUG, "fonts: none for other characters");
        return;
    }
    snprintf(ui->other_font, sizeof ui->other_font, "%s", path.text);
    wt_log(WT_LOG_DEBUG, "fonts: other characters from %s", ui->other_font);
}
} // namespace

void wt_ui_load_fonts(wt_ui *ui, float scale)
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
    add_others(ui, scale);
    ui->others_built = ui->others.Size;
}

extern "C" void wt_ui_need(wt_ui *ui, const char *text)
{
    for (const char *at = text; *at;) {
        if ((unsigned char)*at < 0x80) { /* nearly all are */
            at++;
            continue;
        }
        unsigned c = 0;
        at += ImTextCharFromUtf8(&c, at, nullptr);
        if (is_own(c) || c > 0xffff || c == 0xfffd || ui->others.Size >= others_most ||
            ui->others.contains((ImWchar)c))
            continue;
        if (!ui->other_looked)
            find_other(ui, c);
        if (ui->other_font[0])
            ui->others.push_back((ImWchar)c);
    }
}

extern "C" bool wt_ui_again(const wt_ui *ui)
{
    return ui->others_built < ui->others.Size;
}
