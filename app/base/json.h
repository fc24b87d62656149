/* Writing reports as JSON, over cJSON. Stateless, thread-safe. */
#ifndef WT_APP_JSON_H
#define WT_APP_JSON_H

#include <cjson/cJSON.h>

#include "wt_status.h"

/* Adds a number rounded to `digits` significant digits; null if it is not finite, which JSON cannot
 * express. */
void wt_json_number(cJSON *object, const char *name, double value, int digits);

/* Prints the object to a file and deletes it; "-": standard output. NULL (memory ran out while it
 * was built) is an error. After a failure an existing file is unchanged. Errors: IO, MEMORY. */
enum wt_status wt_json_write(cJSON *object, const char *path);

#endif
