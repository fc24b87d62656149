/* A folder of one .pts file and its picture. */
#include <string.h>
#include <sys/stat.h>

#include "data/dataset.h"
#include "fuzz_file.h"

static char folder[100];

static void clear(void)
{
    char file[120];
    static const char *const name[] = {"a.pts", "a.jpg"};
    for (int i = 0; i < 2; i++) {
        snprintf(file, sizeof file, "%s/%s", folder, name[i]);
        unlink(file);
    }
    rmdir(folder);
}

static void put(const char *name, const void *bytes, size_t size)
{
    char file[120];
    snprintf(file, sizeof file, "%s/%s", folder, name);
    FILE *f = fopen(file, "wb");
    if (!f || fwrite(bytes, 1, size, f) != size || fclose(f))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wt_dataset d = {0};
    if (!*folder) {
        snprintf(folder, sizeof folder, "%s/wingtip-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (!mkdtemp(folder))
            abort();
        atexit(clear);
        put("a.jpg", "x", 1); /* only its presence matters */
    }
    put("a.pts", data, size);
    fuzz_path(data, 0);
    const enum wt_status status = wt_dataset_open_pts(&d, folder);
    fuzz_said(status);
    if (!status)
        wt_dataset_fini(&d);
    return 0;
}
