#include "clip_points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool clip_points_read(struct clip_points *out, const char *path, int person)
{
    char *line = NULL, *p;
    size_t size = 0;
    FILE *f = fopen(path, "r");
    memset(out, 0, sizeof *out);
    if (!f)
        return false;
    while (getline(&line, &size, f) > 0) {
        const long frame = strtol(line, &p, 10), who = *p == ',' ? strtol(p + 1, &p, 10) : -1;
        if (frame < 0 || frame >= CLIP_FRAMES || who != person)
            continue;
        for (int i = 0; i < CLIP_POINTS; i++) {
            out->point[frame][i].x = strtof(p + 1, &p);
            out->point[frame][i].y = strtof(p + 1, &p);
        }
        out->there[frame] = true;
        if (out->frames <= frame)
            out->frames = (int)frame + 1;
    }
    fclose(f);
    free(line);
    return out->frames > 0;
}
