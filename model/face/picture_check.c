#include "face/picture_check.h"

#include <stdbool.h>
#include <string.h>

#include "weights/pth_zip.h"

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static const char *check_png(const uint8_t *bytes, size_t size)
{
    enum { LENGTH = 4, TYPE = 4, CRC = 4 };
    for (size_t at = 8; size - at >= LENGTH + TYPE + CRC;) {
        size_t length = big_endian(bytes + at);
        const uint8_t *type = bytes + at + LENGTH;
        if (length > size - at - LENGTH - TYPE - CRC)
            break;
        if (wt_crc32(type, TYPE + length) != big_endian(type + TYPE + length))
            return "damaged (a checksum differs)";
        if (memcmp(type, "IEND", TYPE) == 0)
            return NULL;
        at += LENGTH + TYPE + length + CRC;
    }
    return "cut off";
}

/* Within the coded data of a scan a byte 255 is followed by 0 or a restart marker, so the first end
 * marker after the last start of a scan is the picture's. */
static const char *check_jpeg(const uint8_t *bytes, size_t size)
{
    bool scan = false, end = false;
    for (size_t i = 2; i + 1 < size; i++) {
        if (bytes[i] != 0xff)
            continue;
        if (bytes[i + 1] == 0xda) {
            scan = true;
            end = false;
        } else if (bytes[i + 1] == 0xd9 && scan) {
            end = true;
        }
    }
    return end ? NULL : "cut off";
}

const char *wt_picture_damage(const uint8_t *bytes, size_t size)
{
    if (size >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0)
        return check_png(bytes, size);
    if (size >= 2 && bytes[0] == 0xff && bytes[1] == 0xd8)
        return check_jpeg(bytes, size);
    return NULL;
}
