#include "report/base64.h"

#include <limits.h>
#include <stdlib.h>

#include <libavutil/base64.h>

#include "base/status.h"

char *wt_base64(const uint8_t *bytes, size_t size)
{
    const size_t length = AV_BASE64_SIZE(size);
    char *text = length <= INT_MAX ? malloc(length) : NULL;
    if (!text)
        wt_fail(WT_ERR_MEMORY, "out of memory for a picture of %zu bytes", size);
    else
        av_base64_encode(text, (int)length, bytes, (int)size);
    return text;
}
