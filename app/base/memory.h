/* Memory of this process, as the kernel accounts for it. Thread-safe. */
#ifndef WT_APP_MEMORY_H
#define WT_APP_MEMORY_H

#include <stdint.h>

/* Bytes; name: a line of /proc/self/status, such as "VmRSS" (resident) or "VmHWM" (its highest).
 * -1: unknown. */
int64_t wt_process_memory(const char *name);

#endif
