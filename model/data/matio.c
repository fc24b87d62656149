#include "data/matio.h"

#include "base/module.h"

const struct wt_matio_functions *wt_matio(void)
{
    static struct wt_module module = {"wingtip-matio.so", "model", "wt_matio_module_table", NULL};
    return wt_module_table(&module);
}
