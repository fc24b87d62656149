#include "eval/eval_json.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_eval_result result = {0};
    fuzz_said(wt_eval_read_json(&result, fuzz_path(data, size)));
    wt_eval_result_fini(&result);
    return 0;
}
