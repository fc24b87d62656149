/* The module wingtip-libav. */
#include "input/libav.h"

#define VALUE(name) .name = name,

extern const struct wt_av_functions wt_av_module_table;
__attribute__((visibility("default")))
const struct wt_av_functions wt_av_module_table = {WT_AV_FUNCTIONS(VALUE)};
