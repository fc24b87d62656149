#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t wt_process_memory(const char *name)
{
    char line[256];
    int64_t bytes = -1;
    size_t length = strlen(name);
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            bytes = strtoll(line + length + 1, NULL, 10) * 1024;
    if (f)
        fclose(f);
    return bytes;
}
