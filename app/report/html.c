#include "report/html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/base64.h>

#include "weights/text.h"

/* Colours are variables, defined for light and dark mode; print uses the light ones. */
static const char style[] =
    ":root{--paper:#f6f7f9;--card:#fff;--ink:#16191d;--soft:#5b6470;--line:#e1e5ea;--grid:#e9ecf0;"
    "--track:#edf0f3;--accent:#2457d6;--good:#0a7f5a;--bad:#c2321f;--s0:#2457d6;--s1:#d9670f;"
    "--s2:#0a8f6b;--s3:#8b3fd1;--s4:#c8246f;--s5:#3f6f8c}\n"
    "@media (prefers-color-scheme:dark){:root{--paper:#111418;--card:#1a1e24;--ink:#e8ebef;"
    "--soft:#98a2ae;--line:#2b313a;--grid:#262c34;--track:#262c34;--accent:#7ba3ff;--good:#4cc79b;"
    "--bad:#ff8371;--s0:#7ba3ff;--s1:#ffac5e;--s2:#4fd0a5;--s3:#c79bff;--s4:#ff86b9;--s5:#93bfd8}}"
    "\n"
    "*{box-sizing:border-box}html{color-scheme:light dark}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"
    "'Segoe UI',Roboto,'Helvetica Neue','DejaVu Sans',sans-serif}\n"
    "main{max-width:1080px;margin:0 auto;padding:48px 24px 32px}\n"
    "header{margin-bottom:28px}.eyebrow{margin:0;color:var(--accent);font-size:12px;font-weight:"
    "600;"
    "letter-spacing:.1em;text-transform:uppercase}\n"
    "h1{margin:4px 0 2px;font-size:32px;line-height:1.2;letter-spacing:-.02em;"
    "overflow-wrap:anywhere}\n"
    "h2{margin:0 0 2px;font-size:19px;letter-spacing:-.01em}h3{margin:0 0 8px;font-size:14px}"
    "h3.next{margin:26px 0 -4px}\n"
    ".sub,.note{margin:0;color:var(--soft);overflow-wrap:anywhere}.note{margin-bottom:16px;"
    "font-size:13.5px;max-width:74ch}\n"
    "section{margin-top:20px;padding:24px;background:var(--card);border:1px solid var(--line);"
    "border-radius:14px}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;padding:"
    "0;"
    "background:none;border:0}\n"
    ".tile{padding:16px 18px;background:var(--card);border:1px solid "
    "var(--line);border-radius:14px}\n"
    ".tile b{display:block;font-size:30px;line-height:1.25;font-weight:650;letter-spacing:-.02em;"
    "font-variant-numeric:tabular-nums}.tile b small{font-size:15px;font-weight:500;"
    "color:var(--soft);margin-left:3px}\n"
    ".tile span{color:var(--soft);font-size:13px}.tile.main{border-color:var(--accent)}\n"
    ".scroll{overflow-x:auto}table{width:100%;border-collapse:collapse;"
    "font-variant-numeric:tabular-nums;font-size:14px}\n"
    "th{color:var(--soft);font-weight:500;font-size:12.5px}th,td{padding:7px 10px;text-align:right;"
    "border-bottom:1px solid var(--line);white-space:nowrap}\n"
    "th:first-child,td:first-child{text-align:left;padding-left:0}td.text,th.text{text-align:left;"
    "white-space:normal;overflow-wrap:anywhere}td.text{min-width:140px}th:last-child,td:last-child{"
    "padding-right:0}\n"
    "tbody tr:last-child td{border-bottom:0}tr.all td{font-weight:600}\n"
    ".bar{display:block;min-width:90px;height:8px;border-radius:4px;background:var(--track)}"
    ".bar i{display:block;height:8px;border-radius:4px;background:var(--accent)}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:4px "
    "20px;margin:0}dt{color:var(--soft)}"
    "dd{margin:0;overflow-wrap:anywhere}pre{margin:12px 0 0;white-space:pre-wrap;"
    "overflow-wrap:anywhere}pre,code{font:12.5px/1.5 ui-monospace,'DejaVu Sans Mono',"
    "monospace;overflow-wrap:anywhere}\n"
    "figure{margin:0}svg{display:block;width:100%;height:auto}svg text{fill:var(--soft);"
    "font:12px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}\n"
    "@media screen{.ced{overflow-x:auto}.ced svg{min-width:560px}}\n"
    ".grid{stroke:var(--grid)}.axis{stroke:var(--soft)}.mark{stroke:var(--soft);"
    "stroke-dasharray:4 4;opacity:.7}.plot{fill:none;stroke-width:2.2;stroke-linejoin:round}"
    ".pale{opacity:.3;stroke-width:1.2}.dots{stroke-width:7;stroke-linecap:round}\n"
    ".s0{stroke:var(--s0)}.s1{stroke:var(--s1)}.s2{stroke:var(--s2)}.s3{stroke:var(--s3)}"
    ".s4{stroke:var(--s4)}.s5{stroke:var(--s5)}.again{stroke-dasharray:7 4}\n"
    ".swatch{display:inline-block;width:18px;height:10px;margin-right:8px}\n"
    ".two{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:32px;"
    "align-items:center}@media screen and (max-width:760px){.two{grid-template-columns:1fr}}\n"
    ".contour{fill:none;stroke:var(--line);stroke-width:1.6}.dot{stroke:var(--card);stroke-width:1}"
    ".named{font-weight:600}\n"
    ".faces{display:grid;grid-template-columns:repeat(auto-fill,minmax(210px,1fr));gap:18px;margin-"
    "top:14px}"
    ".faces "
    "svg{border-radius:10px;background:var(--track)}figcaption{margin-top:6px;font-size:13px;"
    "line-height:1.4;color:var(--soft);overflow-wrap:anywhere}figcaption b{color:var(--ink);"
    "font-size:15px}\n"
    ".t circle{fill:none;stroke:#2be38b;stroke-width:1.1}.p circle{fill:#ff3d6e;stroke:#fff;"
    "stroke-width:.35}.e line{stroke:#ffe45c;stroke-width:.8}\n"
    ".controls{margin-right:18px;font-size:14px}"
    ".ring,.spot{display:inline-block;width:10px;height:10px;margin-right:5px;border-radius:50%}"
    ".ring{border:2px solid #14b870}.spot{background:#ff3d6e}\n"
    ".off{accent-color:var(--accent);margin:0 6px 0 0}"
    "#true-points:not(:checked)~.faces .t,#found-points:not(:checked)~.faces .p,"
    "#links:not(:checked)~.faces .e{display:none}\n"
    ".good{color:var(--good)}.bad{color:var(--bad)}details{margin-top:16px}"
    "summary{cursor:pointer;color:var(--accent)}.columns{columns:3 240px;margin-top:12px}"
    ".columns div{display:flex;justify-content:space-between;gap:12px;font-size:13px;"
    "font-variant-numeric:tabular-nums;break-inside:avoid}\n"
    "footer{margin-top:24px;color:var(--soft);font-size:12.5px;overflow-wrap:anywhere}\n"
    "@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#ccc;--grid:#ddd;"
    "--track:#eee;--accent:#2457d6;--good:#0a7f5a;--bad:#c2321f;--s0:#2457d6;--s1:#d9670f;"
    "--s2:#0a8f6b;--s3:#8b3fd1;--s4:#c8246f;--s5:#3f6f8c}"
    "*{-webkit-print-color-adjust:exact;print-color-adjust:exact}body{font-size:11px}"
    "main{max-width:none;padding:0}h1{font-size:22px}h2{font-size:14px}header{margin-bottom:12px}"
    "section{margin-top:10px;padding:12px 14px;border-radius:8px;break-inside:avoid}"
    "section.long{break-inside:auto}figure{break-inside:avoid}.controls,.off,details{display:none}"
    ".tiles{grid-template-columns:repeat(5,1fr);gap:8px}.tile{padding:8px 10px;border-radius:8px}"
    ".tile b{font-size:18px}.tile b small{font-size:10px}.tile span,.note,th{font-size:10px}"
    ".note{margin-bottom:8px}.scroll{overflow:visible}table,figcaption,figcaption b{font-size:10px}"
    "th,td{padding:3px 6px}.bar{min-width:50px}.ced{width:78%;margin:0 auto}.two{gap:20px}"
    ".shape{width:88%;margin:0 auto}.faces{grid-template-columns:repeat(4,1fr);gap:10px}"
    "code{font-size:9px}}\n";

void wt_html_begin(FILE *f, const char *eyebrow, const char *title, const char *subtitle,
                   int refresh)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n",
          f);
    if (refresh)
        fprintf(f, "<meta http-equiv=\"refresh\" content=\"%d\"/>\n", refresh);
    fputs("<title>", f);
    wt_html_text(f, title);
    fprintf(f, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n<header>\n", style);
    fputs("<p class=\"eyebrow\">", f);
    wt_html_text(f, eyebrow);
    fputs("</p>\n<h1>", f);
    wt_html_text(f, title);
    fputs("</h1>\n<p class=\"sub\">", f);
    wt_html_text(f, subtitle);
    fputs("</p>\n</header>\n", f);
}

void wt_html_end(FILE *f, const char *small)
{
    fputs("<footer>", f);
    wt_html_text(f, small);
    fputs("</footer>\n</main>\n</body>\n</html>\n", f);
}

void wt_html_section(FILE *f, const char *title, const char *note)
{
    fputs("<section>\n<h2>", f);
    wt_html_text(f, title);
    fputs("</h2>\n<p class=\"note\">", f);
    wt_html_text(f, note);
    fputs("</p>\n", f);
}

void wt_html_tile(FILE *f, const char *class, const char *label, double v, int decimals,
                  const char *unit, const char *note)
{
    fprintf(f, "<div class=\"%s\"><span>", class);
    wt_html_text(f, label);
    fputs("</span><b>", f);
    wt_html_number(f, v, decimals);
    fputs("<small>", f);
    wt_html_text(f, unit);
    fputs("</small></b><span>", f);
    wt_html_text(f, note);
    fputs("</span></div>\n", f);
}

void wt_html_fact(FILE *f, const char *name, const char *text, const char *more)
{
    fputs("<dt>", f);
    wt_html_text(f, name);
    fputs("</dt><dd>", f);
    wt_html_text(f, text);
    if (*more) {
        fputs(": ", f);
        wt_html_text(f, more);
    }
    fputs("</dd>\n", f);
}

void wt_html_text(FILE *f, const char *text)
{
    bool utf8 = wt_utf8_valid(text, strlen(text));
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        switch (*p) {
        case '<':
            fputs("&lt;", f);
            break;
        case '>':
            fputs("&gt;", f);
            break;
        case '&':
            fputs("&amp;", f);
            break;
        case '"':
            fputs("&quot;", f);
            break;
        default:
            fputc(*p < 0x20 || *p == 0x7f || (*p > 0x7f && !utf8) ? '?' : *p, f);
        }
}

void wt_html_base64(FILE *f, const uint8_t *bytes, size_t size)
{
    enum { STEP = 3 * 256 }; /* whole groups of three: no padding in between */
    char text[AV_BASE64_SIZE(STEP)];
    for (size_t at = 0; at < size; at += STEP)
        fputs(av_base64_encode(text, sizeof text, bytes + at,
                               (int)(size - at < STEP ? size - at : STEP)),
              f);
}

void wt_html_number(FILE *f, double v, int decimals)
{
    if (isfinite(v))
        fprintf(f, "%.*f", decimals, v);
    else
        fputs("-", f);
}

const char *wt_html_heat(double level, char text[8])
{
    static const double stop[][3] = {
        {42, 157, 143}, {138, 177, 89}, {240, 178, 62}, {231, 111, 60}, {196, 30, 58}};
    enum { LAST = sizeof stop / sizeof *stop - 1 };
    double at = fmin(fmax(isnan(level) ? 0 : level, 0), 1) * LAST;
    int i = at < LAST ? (int)at : LAST - 1;
    int rgb[3];
    for (int c = 0; c < 3; c++)
        rgb[c] = (int)(stop[i][c] + (at - i) * (stop[i + 1][c] - stop[i][c]) + 0.5);
    snprintf(text, 8, "#%02x%02x%02x", rgb[0] & 255, rgb[1] & 255, rgb[2] & 255);
    return text;
}
