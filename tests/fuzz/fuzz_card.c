/* What is said about a weights file: statements out of its metadata, its network, its storage. */
#include "fuzz_file.h"
#include "weights/card.h"
#include "weights/model_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_model_file m = {0};
    const enum wt_status status = wt_model_file_init(&m, fuzz_path(data, size));
    fuzz_said(status);
    if (!status) {
        for (const struct wt_card_fact *f = wt_card_fact; f->key; f++)
            (void)wt_card_get(m.weights, f->key);
        (void)wt_model_file_storage(&m);
        wt_model_file_fini(&m);
    }
    return 0;
}
