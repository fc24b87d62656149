#include "base/text_file.h"

#include <stdlib.h>

#include "weights/file.h"

enum wt_status wt_text_file_begin(struct wt_text_file *file, const char *path)
{
    *file = (struct wt_text_file){.path = path};
    file->f = open_memstream(&file->text, &file->size);
    return file->f ? WT_OK : wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
}

enum wt_status wt_text_file_end(struct wt_text_file *file, enum wt_status status)
{
    struct wt_file_writer w = {0};
    if (file->f && fclose(file->f) && !status)
        status = wt_fail(WT_ERR_MEMORY, "%s: out of memory", file->path);
    if (!status)
        status = wt_file_writer_init(&w, file->path);
    if (!status) {
        wt_file_writer_put(&w, file->text, file->size);
        status = wt_file_writer_commit(&w);
    }
    wt_file_writer_fini(&w);
    free(file->text);
    *file = (struct wt_text_file){0};
    return status;
}
