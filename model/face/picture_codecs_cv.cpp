#include "face/picture_codecs_cv.hpp"

#include "base/module.h"
#include "face/picture.h"

const wt_picture_codecs *wt_picture_codecs_get()
{
    static wt_module module = {"wingtip-pictures.so", "model", "wt_picture_codecs_table", nullptr};
    return static_cast<const wt_picture_codecs *>(wt_module_table(&module));
}

void wt_picture_open_codecs(void)
{
    wt_picture_codecs_get();
}
