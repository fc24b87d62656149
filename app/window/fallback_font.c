#include "window/fallback_font.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

/* ---- is it a font? ----------------------------------------------------------------------------
 */

static uint32_t number(const uint8_t *p, int bytes)
{
    uint32_t v = 0;
    for (int i = 0; i < bytes; i++)
        v = v << 8 | p[i];
    return v;
}

static bool read_at(FILE *f, uint32_t at, uint8_t *out, size_t size)
{
    return fseek(f, (long)at, SEEK_SET) == 0 && fread(out, 1, size, f) == size;
}

/* Where the first font of the file begins; false: this is no font. */
static bool find_start(FILE *f, uint32_t *start)
{
    uint8_t head[16];
    *start = 0;
    if (!read_at(f, 0, head, sizeof head))
        return false;
    if (memcmp(head, "ttcf", 4) == 0) {
        *start = number(head + 12, 4);
        if (!read_at(f, *start, head, 4))
            return false;
    }
    return number(head, 4) == 0x00010000 || memcmp(head, "OTTO", 4) == 0 ||
           memcmp(head, "true", 4) == 0;
}

/* Bits of the tables that a renderer needs; outlines are glyf with loca, or CFF. */
enum { CMAP = 1, HEAD = 2, HHEA = 4, HMTX = 8, MAXP = 16, GLYF = 32, LOCA = 64, CFF = 128 };
enum { NEEDED = CMAP | HEAD | HHEA | HMTX | MAXP };

static int table_bit(const uint8_t *tag)
{
    static const char names[8][5] = {"cmap", "head", "hhea", "hmtx",
                                     "maxp", "glyf", "loca", "CFF "};
    for (int i = 0; i < 8; i++)
        if (memcmp(tag, names[i], 4) == 0)
            return 1 << i;
    return 0;
}

static bool check_tables(FILE *f, uint64_t size)
{
    uint8_t count[2], entry[16];
    uint32_t start;
    int found = 0;
    if (!find_start(f, &start) || !read_at(f, start + 4, count, sizeof count))
        return false;
    for (uint32_t i = 0; i < number(count, 2); i++) {
        if (!read_at(f, start + 12 + 16 * i, entry, sizeof entry))
            return false;
        const uint64_t end = (uint64_t)number(entry + 8, 4) + number(entry + 12, 4);
        if (end > size)
            return false;
        found |= number(entry + 12, 4) > 0 ? table_bit(entry) : 0;
    }
    return (found & NEEDED) == NEEDED && ((found & (GLYF | LOCA)) == (GLYF | LOCA) || found & CFF);
}

bool wt_font_usable(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    const bool sized = fseek(f, 0, SEEK_END) == 0;
    const long size = sized ? ftell(f) : -1;
    const bool good = size > 0 && check_tables(f, (uint64_t)size);
    fclose(f);
    return good;
}

/* ---- where is one? ----------------------------------------------------------------------------
 */

/* The widest first; each with the scripts that it has, as bits. */
enum { CHINESE = 1 << WT_SCRIPT_CHINESE, KOREAN = 1 << WT_SCRIPT_KOREAN };
static const struct {
    const char *path;
    int scripts;
} places[] = {
    {"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", CHINESE | KOREAN},
    {"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", CHINESE | KOREAN},
    {"/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", CHINESE | KOREAN},
    {"/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", CHINESE},
    {"/usr/share/fonts/truetype/nanum/NanumGothic.ttf", KOREAN},
};

enum wt_script wt_script_of(uint32_t c)
{
    if ((c >= 0x1100 && c <= 0x11ff) || (c >= 0x3130 && c <= 0x318f) ||
        (c >= 0xa960 && c <= 0xa97f) || (c >= 0xac00 && c <= 0xd7ff))
        return WT_SCRIPT_KOREAN;
    const bool chinese = (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xf900 && c <= 0xfaff) ||
                         (c >= 0xfe30 && c <= 0xfe4f) || (c >= 0xff00 && c <= 0xffef) ||
                         (c >= 0x20000 && c <= 0x3ffff);
    return chinese ? WT_SCRIPT_CHINESE : WT_SCRIPT_OTHER;
}

static bool ask_fontconfig(uint32_t character, struct wt_path *path)
{
    char command[160], line[PATH_MAX];
    bool found = false;
    /* upright ones of usual weight first */
    snprintf(command, sizeof command,
             "for like in :weight=80:slant=0 ''; do fc-list \":charset=%x$like\" -f '%%{file}\\n'; "
             "done 2>/dev/null",
             (unsigned)character);
    FILE *list = popen(command, "r");
    if (!list)
        return false;
    while (fgets(line, sizeof line, list)) {
        line[strcspn(line, "\n")] = '\0';
        if (!found && wt_font_usable(line))
            found = !wt_path_print(path, "%s", line);
    }
    pclose(list);
    return found;
}

bool wt_fallback_font_find(uint32_t character, struct wt_path *path)
{
    const char *wanted = getenv(WT_FALLBACK_FONT);
    if (wanted && wanted[0] && wt_font_usable(wanted))
        return !wt_path_print(path, "%s", wanted);
    if (wanted && wanted[0])
        wt_log(WT_LOG_WARN, "%.300s: no font that can be used (" WT_FALLBACK_FONT ")", wanted);
    if (wanted)
        return false;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i].scripts >> wt_script_of(character) & 1 && wt_font_usable(places[i].path))
            return !wt_path_print(path, "%s", places[i].path);
    return ask_fontconfig(character, path);
}
