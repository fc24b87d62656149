/* Feeds every file of a folder to a fuzz target, in a build without libFuzzer:
 *   replay FOLDER
 * What fuzzing once found stays fixed. No file at all is a failure. */
#include <dirent.h>
#include <stdio.h>

#include "fuzz.h"
#include "weights/file.h"

int main(int argc, char **argv)
{
    struct dirent *entry;
    int files = 0;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (!folder) {
        fprintf(stderr, "usage: replay FOLDER\n");
        return 2;
    }
    while ((entry = readdir(folder))) {
        char path[4096];
        uint8_t *bytes = NULL, *copy;
        size_t size;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        if (wt_file_read(path, 1 << 20, &bytes, &size))
            return 1;
        copy = malloc(size ? size : 1); /* exact, so that the sanitizer sees every overrun */
        if (!copy)
            return 1;
        memcpy(copy, bytes, size);
        free(bytes);
        LLVMFuzzerTestOneInput(copy, size);
        free(copy);
        files++;
    }
    closedir(folder);
    printf("%d files\n", files);
    return files == 0;
}
