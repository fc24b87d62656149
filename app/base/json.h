/* Writing reports as JSON, over cJSON. Stateless, thread-safe. */
#ifndef WT_APP_JSON_H
#define WT_APP_JSON_H

#include <cjson/cJSON.h>

#include "wt_status.h"

/* A number rounded to `digits` significant ones, so that a report has no noise; null for what is
 * not finite, which JSON cannot say. */
void wt_json_number(cJSON *object, const char *name, double value, int digits);

/* Prints the object to a file and deletes it; "-": standard output. NULL (memory ran out while it
 * was built) is an error. An existing file is as it was after a failure. Errors: IO, MEMORY. */
enum wt_status wt_json_write(cJSON *object, const char *path);

#endif
