/* What tests of HTML reports share. */
#ifndef WT_TESTS_PAGE_CHECK_H
#define WT_TESTS_PAGE_CHECK_H

#include "support.h"

#include <ctype.h>

static inline char *read_text(const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = calloc(1, 4 << 20);
    assert_non_null(text);
    assert_true(fread(text, 1, (4 << 20) - 1, f) > 0);
    fclose(f);
    return text;
}

/* Does the text start with the word? strncmp's replacement in the address sanitizer looks for the
 * end of the whole page each time. */
static inline bool starts_with(const char *text, const char *word)
{
    while (*word && *text == *word)
        text++, word++;
    return !*word;
}

/* Is it well-formed: every element closed in turn, attributes quoted, no bare & or <? */
static inline void check_well_formed(const char *p)
{
    char open[64][32];
    int depth = 0, elements = 0;
    static const char doctype[] = "<!DOCTYPE html>\n";
    assert_true(starts_with(p, doctype));
    for (p += strlen(doctype); *p; p++) {
        if (*p == '&' && !starts_with(p, "&amp;") && !starts_with(p, "&lt;") &&
            !starts_with(p, "&gt;") && !starts_with(p, "&quot;"))
            fail_msg("bare & at: %.60s", p);
        if (*p != '<')
            continue;
        bool closes = p[1] == '/';
        p += 1 + closes;
        char name[32] = "";
        size_t n = 0;
        for (; n < sizeof name - 1 && (islower((unsigned char)*p) || isdigit((unsigned char)*p));
             p++)
            name[n++] = *p;
        if (n == 0 || n == sizeof name - 1)
            fail_msg("bare < at: %.60s", p - n);
        for (; *p && *p != '>'; p++) {
            if (*p == '<')
                fail_msg("< inside <%s>", name);
            if (*p == '=' && p[1] != '"')
                fail_msg("attribute of <%s> without quotes", name);
            if (*p == '"')
                for (p++; *p != '"'; p++)
                    assert_true(*p);
        }
        elements++;
        if (closes) {
            if (depth == 0 || strcmp(open[--depth], name) != 0)
                fail_msg("</%s> closes <%s>", name, open[depth]);
        } else if (p[-1] != '/') {
            assert_true(depth < 64);
            memcpy(open[depth++], name, sizeof name);
        }
    }
    assert_int_equal(depth, 0);
    assert_true(elements > 100);
}

static inline int count(const char *text, const char *what)
{
    int n = 0;
    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        n++;
    return n;
}

/* Nothing from elsewhere. */
static inline void check_self_contained(const char *page)
{
    static const char *const bad[] = {"http:", "https:", "<script", "@import", "url(", "<link"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (strstr(page, bad[i]))
            fail_msg("%s in the page", bad[i]);
}

#endif
