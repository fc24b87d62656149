/* In place of cascades_cv.cpp in libwingtip, which is linked with cascades_module_cv.cpp. */
#include "track/cascades_cv.hpp"

extern "C" const wt_cascades wt_cascades_table;

const wt_cascades *wt_cascades_get()
{
    return &wt_cascades_table;
}
