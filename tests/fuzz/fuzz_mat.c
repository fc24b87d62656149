#include "data/dataset_mat.h"
#include "data/mat_check.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_dataset d = {0};
    (void)wt_mat_plausible(data, size);
    const enum wt_status status = wt_dataset_open_mat(&d, fuzz_path(data, size), NULL);
    fuzz_said(status);
    if (!status)
        wt_dataset_fini(&d);
    return 0;
}
