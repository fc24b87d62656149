/* What is inside a wt_model, for the tracker. Not for the application: see wingtip.h. */
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

#endif
