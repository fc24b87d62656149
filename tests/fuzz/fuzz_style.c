#include "data/label_style.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_label_style style = {0};
    fuzz_said(wt_label_style_read(&style, fuzz_path(data, size)));
    return 0;
}
