#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_parse(wt_weights_parse_pth, data, size);
    return 0;
}
