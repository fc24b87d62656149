#include "record/text_field.h"

#include <stdbool.h>
#include <string.h>

#include "base/escape.h"

void wt_put_csv_text(FILE *f, const char *separator, const char *text)
{
    const size_t n = strlen(text);
    const bool quoted = strpbrk(text, ",\"") || (n && (text[0] == ' ' || text[n - 1] == ' '));
    fputs(quoted ? ",\"" : separator, f);
    while (*text) {
        const struct wt_escaped e = wt_escape_next(text);
        if (*text == '"')
            fputc('"', f);
        fputs(e.text, f);
        text += e.taken;
    }
    if (quoted)
        fputc('"', f);
}

void wt_put_json_text(FILE *f, const char *text)
{
    fputc('"', f);
    while (*text) {
        const struct wt_escaped e = wt_escape_next(text);
        const unsigned char c = (unsigned char)*text;
        if (!e.valid)
            fprintf(f, "\\%s", e.text); /* a backslash is written as two */
        else if (c < 0x20 || c == 0x7f)
            fprintf(f, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            fprintf(f, "\\%c", c);
        else
            fwrite(text, 1, e.taken, f);
        text += e.taken;
    }
    fputc('"', f);
}
