#include "data/dataset.h"
#include "fuzz_file.h"

/* Faces without a file: their names are what the lines are compared with. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char name[3][20] = {"a.jpg", "b c.jpg", "d/e.png"};
    struct wt_sample sample[3] = {{.name = name[0]}, {.name = name[1]}, {.name = name[2]}};
    for (int i = 0; i < 3; i++)
        sample[i].image = name[i];
    struct wt_dataset d = {.sample = sample, .count = 3};
    fuzz_said(wt_dataset_read_subsets(&d, fuzz_path(data, size)));
    free(d.subset_text); /* all that it keeps */
    return 0;
}
