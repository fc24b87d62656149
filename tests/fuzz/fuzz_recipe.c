#include "fuzz_file.h"
#include "train/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_recipe recipe;
    fuzz_said(wt_recipe_read(&recipe, fuzz_path(data, size)));
    wt_recipe_fini(&recipe);
    return 0;
}
