#include "track/cascades_cv.hpp"

#include "base/module.h"

const wt_cascades *wt_cascades_get()
{
    static wt_module module = {"wingtip-cascades.so", "model", "wt_cascades_table", nullptr};
    return static_cast<const wt_cascades *>(wt_module_table(&module));
}
