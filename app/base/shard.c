#include "base/shard.h"

#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

enum { PARTS_MAX = 100000 };

enum wt_status wt_shard_parse(const char *text, struct wt_shard *out)
{
    struct wt_shard s = {0};
    char rest;
    if (text && (sscanf(text, "%7d/%7d%c", &s.part, &s.parts, &rest) != 2 || s.part < 1 ||
                 s.parts < s.part || s.parts > PARTS_MAX || text[0] < '0' || text[0] > '9'))
        return wt_fail(WT_ERR_ARGUMENT,
                       "--shard: \"%s\" is not a part such as 2/5, the second of five", text);
    *out = s;
    return WT_OK;
}

enum wt_status wt_shard_range(struct wt_shard shard, size_t count, const char *what, size_t *first,
                              size_t *end)
{
    if (shard.parts && (size_t)shard.parts > count)
        return wt_fail(WT_ERR_ARGUMENT, "--shard: %d parts, but only %zu %s", shard.parts, count,
                       what);
    size_t parts = shard.parts ? (size_t)shard.parts : 1;
    size_t part = shard.parts ? (size_t)shard.part - 1 : 0;
    *first = count * part / parts;
    *end = count * (part + 1) / parts;
    return WT_OK;
}
