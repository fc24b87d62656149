#include "input/libav.h"

#include "base/module.h"

const struct wt_av_functions *wt_av(void)
{
    static struct wt_module module = {"wingtip-libav.so", "app", "wt_av_module_table", NULL};
    return wt_module_table(&module);
}
