#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weights/file.h"

void wt_json_number(cJSON *object, const char *name, double value, int digits)
{
    char text[64];
    if (!isfinite(value)) {
        cJSON_AddNullToObject(object, name);
        return;
    }
    snprintf(text, sizeof text, "%.*g", digits, value);
    cJSON_AddNumberToObject(object, name, strtod(text, NULL));
}

enum wt_status wt_json_write(cJSON *object, const char *path)
{
    struct wt_file_writer w = {0};
    enum wt_status status = WT_OK;
    char *text = object ? cJSON_Print(object) : NULL;
    cJSON_Delete(object);
    if (!text)
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    if (strcmp(path, "-") == 0) {
        printf("%s\n", text);
    } else {
        status = wt_file_writer_init(&w, path);
        if (!status) {
            wt_file_writer_put(&w, text, strlen(text));
            wt_file_writer_put(&w, "\n", 1);
            status = wt_file_writer_commit(&w);
        }
        wt_file_writer_fini(&w);
    }
    cJSON_free(text);
    return status;
}
