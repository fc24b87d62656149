#include "data/label_style.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/bad_lines.h"
#include "weights/file.h"
#include "weights/text.h"

static const size_t FILE_MAX_BYTES = (size_t)1 << 20;
/* A style's shifts are some hundredths; a shift of more than the eye distance means a file of
 * another kind. */
static const float SHIFT_MAX = 1;

/* ---- file ---------------------------------------------------------------------------------- */

/* A finite number that fills its word. */
static bool parse_shift(const char *word, float *out)
{
    char *end;
    *out = strtof(word, &end);
    return end != word && !*end && fabsf(*out) <= SHIFT_MAX;
}

static enum wt_status take_line(struct wt_label_style *out, struct wt_bad_lines *bad, int *seen,
                                int line, char *text)
{
    static const char blanks[] = " \t\r";
    char *rest, *word[4], *end;
    int words = 0;
    for (char *w = strtok_r(text, blanks, &rest); w && words < 4; w = strtok_r(NULL, blanks, &rest))
        word[words++] = w;
    if (!words || word[0][0] == '#')
        return WT_OK;
    if (words != 3)
        return wt_bad_line(bad, line, "not a point's index and its shift across and down");
    const long i = strtol(word[0], &end, 10);
    if (end == word[0] || *end || i < 0 || i >= WT_LABEL_STYLE_POINTS)
        return wt_bad_line(bad, line, "\"%s\" is no point from 0 to %d",
                           wt_printable(word[0], strlen(word[0])).text, WT_LABEL_STYLE_POINTS - 1);
    if (seen[i])
        return wt_bad_line(bad, line, "point %ld a second time, after line %d", i, seen[i]);
    seen[i] = line;
    float *const shift[2] = {&out->shift[i].x, &out->shift[i].y};
    for (int k = 0; k < 2; k++)
        if (!parse_shift(word[k + 1], shift[k]))
            return wt_bad_line(bad, line, "\"%s\" is no shift in eye distances, from -%g to %g",
                               wt_printable(word[k + 1], strlen(word[k + 1])).text,
                               (double)SHIFT_MAX, (double)SHIFT_MAX);
    return WT_OK;
}

static enum wt_status take_lines(struct wt_label_style *out, const char *path, char *text)
{
    struct wt_bad_lines bad = {.path = path};
    int seen[WT_LABEL_STYLE_POINTS] = {0}; /* line of each point; 0: none yet */
    for (int line = 1; text; line++) {
        char *end = strchr(text, '\n');
        if (end)
            *end++ = '\0';
        take_line(out, &bad, seen, line, text);
        text = end;
    }
    enum wt_status status = wt_bad_lines_end(&bad);
    for (int i = 0; i < WT_LABEL_STYLE_POINTS && !status; i++)
        if (!seen[i])
            status = wt_fail(WT_ERR_FORMAT, "%s: point %d is missing", path, i);
    return status;
}

enum wt_status wt_label_style_read(struct wt_label_style *out, const char *path)
{
    struct wt_label_style style = {.reverse = false};
    uint8_t *text = NULL;
    size_t size = 0;
    enum wt_status status = wt_file_read_text(path, FILE_MAX_BYTES, &text, &size);
    if (!status && memchr(text, '\0', size))
        status = wt_fail(WT_ERR_FORMAT, "%s: not text", path);
    if (!status)
        status = take_lines(&style, path, (char *)text);
    if (!status)
        *out = style;
    free(text);
    return status;
}

/* ---- points -------------------------------------------------------------------------------- */

/* d cos(a) and d sin(a) of the formula. */
static struct wt_point frame_of(const struct wt_point *p)
{
    /* The six points that 68 points have too; the lids' middles are left out. */
    static const uint8_t eye[2][6] = {{60, 61, 63, 64, 65, 67}, {68, 69, 71, 72, 73, 75}};
    const float d = hypotf(p[72].x - p[60].x, p[72].y - p[60].y);
    struct wt_point line = {0, 0};
    for (int i = 0; i < 6; i++) {
        line.x += p[eye[1][i]].x - p[eye[0][i]].x;
        line.y += p[eye[1][i]].y - p[eye[0][i]].y;
    }
    const float length = hypotf(line.x, line.y);
    if (!(length > 0))
        return (struct wt_point){0, 0};
    return (struct wt_point){d * line.x / length, d * line.y / length};
}

/* to[j] = from[j] + sign * d R(a) shift[j], d and a of the points in frame. */
static void move(const struct wt_label_style *style, const struct wt_point *frame,
                 const struct wt_point *from, float sign, struct wt_point *to)
{
    const struct wt_point f = frame_of(frame);
    for (int i = 0; i < WT_LABEL_STYLE_POINTS; i++) {
        const struct wt_point s = style->shift[i];
        to[i] = (struct wt_point){from[i].x + sign * (s.x * f.x - s.y * f.y),
                                  from[i].y + sign * (s.x * f.y + s.y * f.x)};
    }
}

void wt_label_style_apply(const struct wt_label_style *style, struct wt_point *p)
{
    /* Backwards the frame is that of the unknown points: each iteration reduces its error by a
     * factor of about the shift's size. */
    enum { ROUNDS = 8 };
    struct wt_point q[WT_LABEL_STYLE_POINTS], guess[WT_LABEL_STYLE_POINTS];
    memcpy(q, p, sizeof q);
    memcpy(guess, p, sizeof guess);
    if (!style->reverse) {
        move(style, q, q, 1, p);
        return;
    }
    for (int round = 0; round < ROUNDS; round++) {
        move(style, guess, q, -1, p);
        memcpy(guess, p, sizeof guess);
    }
}
