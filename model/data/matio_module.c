/* The module wingtip-matio. */
#include "data/matio.h"

#define VALUE(name) .name = name,

extern const struct wt_matio_functions wt_matio_module_table;
__attribute__((visibility("default")))
const struct wt_matio_functions wt_matio_module_table = {WT_MATIO_FUNCTIONS(VALUE)};
