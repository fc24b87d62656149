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

/* Those of a script that were seen, of its font, into the same one. */
void add_others(wt_ui *ui, float scale, int script)
{
    ImFontGlyphRangesBuilder builder;
    bool any = false;
    for (int i = 0; i < ui->others.Size; i++)
        if (wt_script_of(ui->others[i]) == (enum wt_script)script) {
            builder.AddChar(ui->others[i]);
            any = true;
        }
    if (!any || !ui->other_font[script][0])
        return;
    ImVector<ImWchar> *ranges = &ui->other_ranges[script];
    ranges->clear(); /* must live until the fonts are built */
    builder.BuildRanges(ranges);
    ImFontConfig config;
    config.MergeMode = true;
    ImGui::GetIO().Fonts->AddFontFromFileTTF(ui->other_font[script], font_size * scale, &config,
                                             ranges->Data);
}

void find_other(wt_ui *ui, unsigned character)
{
    const int script = wt_script_of(character);
    struct wt_path path;
    if (ui->other_looked[script])
        return;
    ui->other_looked[script] = true;
    if (!wt_fallback_font_find(character, &path)) {
        wt_log(WT_LOG_DEBUG, "fonts: none for other characters");
        return;
    }
    snprintf(ui->other_font[script], sizeof ui->other_font[script], "%s", path.text);
    wt_log(WT_LOG_DEBUG, "fonts: other characters from %s", path.text);
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
    for (int script = 0; script < WT_SCRIPTS; script++)
        add_others(ui, scale, script);
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
        find_other(ui, c);
        if (ui->other_font[wt_script_of(c)][0])
            ui->others.push_back((ImWchar)c);
    }
}

extern "C" bool wt_ui_again(const wt_ui *ui)
{
    return ui->others_built < ui->others.Size;
}
