/* `--shard 2/5`: the second of five parts of a job that is divided between computers. Parts are
 * consecutive and as equal as possible; together they are the whole. Stateless, thread-safe. */
#ifndef WT_APP_SHARD_H
#define WT_APP_SHARD_H

#include <stddef.h>

#include "wt_status.h"

struct wt_shard {
    int part, parts; /* part from 1; parts 0: the whole */
};

/* text NULL: the whole. Errors: ARGUMENT. */
enum wt_status wt_shard_parse(const char *text, struct wt_shard *out);

/* Which of `count` items: from *first up to but not including *end. Errors: ARGUMENT: fewer items
 * than parts (`what`: their name for the message). */
enum wt_status wt_shard_range(struct wt_shard shard, size_t count, const char *what, size_t *first,
                              size_t *end);

#endif
