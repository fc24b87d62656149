#include "data/dataset.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_dataset d = {0};
    const enum wt_status status = wt_dataset_open(&d, fuzz_path(data, size));
    fuzz_said(status);
    if (!status)
        wt_dataset_fini(&d);
    return 0;
}
