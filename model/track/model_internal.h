/* What is inside a wt_model, for the tracker; how long its pass takes, for the application. All
 * else about models is in wingtip.h. */
#ifndef WT_MODEL_MODEL_INTERNAL_H
#define WT_MODEL_MODEL_INTERNAL_H

#include "face/scheme.h"
#include "net/net.h"
#include "wingtip.h"

struct wt_model {
    struct wt_net *net;
    int batch;                      /* most faces in one pass */
    const struct wt_scheme *scheme; /* NULL: a number of points that we know no meaning of */
    struct wt_model_info info;      /* its strings are owned here */
    char *text[4];                  /* path, name, licence, trained_on */
    uint8_t *crops;                 /* [batch][input][input][3]: filled by whoever runs a pass */
};

#ifdef __cplusplus
extern "C" {
#endif

/* Time of a pass of one face, ms: the shortest of three after one that is not counted, unless that
 * one took longer than enough_ms: then its own. What is in the crop does not matter. Errors:
 * MEMORY. */
enum wt_status wt_model_time(struct wt_model *model, double enough_ms, double *ms);

/* From the next pass on at most so many of its threads compute, and the others sleep; 0: all. */
void wt_model_limit_threads(struct wt_model *model, int threads);

#ifdef __cplusplus
}
#endif

#endif
