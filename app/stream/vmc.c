#include <math.h>
#include <string.h>

#include "stream/packet.h"

/* OSC: big-endian, everything in units of four bytes. */
static uint8_t *put_word(uint8_t *at, uint32_t word)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(word >> shift);
    return at;
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
    const size_t length = strlen(text), room = (length / 4 + 1) * 4;
    memset(at, 0, room);
    memcpy(at, text, length);
    return at + room;
}

static uint8_t *put_float(uint8_t *at, double value)
{
    const float v = isfinite(value) ? (float)value : 0.0f;
    uint32_t word;
    memcpy(&word, &v, sizeof word);
    return put_word(at, word);
}

/* A message of a bundle begins with its length, which is known at its end. */
static uint8_t *begin(uint8_t *at, const char *address, const char *types)
{
    return put_text(put_text(at + 4, address), types);
}

static uint8_t *end(uint8_t *from, uint8_t *at)
{
    put_word(from, (uint32_t)(at - from - 4));
    return at;
}

static uint8_t *put_blend(uint8_t *from, const char *name, double value)
{
    return end(from, put_float(put_text(begin(from, "/VMC/Ext/Blend/Val", ",sf"), name), value));
}

/* Unity's axes of an avatar are x to its right, y up, z forward: all of ours negated, and so
 * the matrix has the same numbers. */
static uint8_t *put_head(uint8_t *from, const struct wt_signal *s)
{
    double q[4] = {0, 0, 0, 1};
    uint8_t *at = put_text(begin(from, "/VMC/Ext/Bone/Pos", ",sfffffff"), "Head");
    if (s->posed)
        wt_signal_quaternion(s->rotation, q);
    for (int i = 0; i < 3; i++)
        at = put_float(at, 0.0);
    for (int i = 0; i < 4; i++)
        at = put_float(at, q[i]);
    return end(from, at);
}

size_t wt_vmc_bundle(uint8_t out[WT_VMC_ROOM], double seconds, const struct wt_signal *signal,
                     int count)
{
    const struct wt_signal *s = count > 0 ? &signal[0] : NULL;
    for (int i = 1; i < count; i++)
        s = signal[i].slot < s->slot ? &signal[i] : s;
    uint8_t *at = put_text(out, "#bundle");
    at = put_word(put_word(at, 0), 1); /* now */
    at = end(at, put_word(begin(at, "/VMC/Ext/OK", ",i"), s != NULL));
    at = end(at, put_float(begin(at, "/VMC/Ext/T", ",f"), seconds));
    if (s) {
        at = put_head(at, s);
        at = put_blend(at, "Blink_L", 1.0 - s->open[WT_SIGNAL_LEFT]);
        at = put_blend(at, "Blink_R", 1.0 - s->open[WT_SIGNAL_RIGHT]);
        at = put_blend(at, "A", s->mouth);
        at = end(at, begin(at, "/VMC/Ext/Blend/Apply", ","));
    }
    return (size_t)(at - out);
}
