#include "base/fresh_file.h"

#include <time.h>

#include "base/folder.h"
#include "weights/new_file.h"

enum wt_status wt_fresh_file(struct wt_fresh_file *file, const char *folder, const char *ending)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local);
    const char *slash = folder ? "/" : "";
    enum wt_status status = folder ? wt_make_folders(folder, 0777) : WT_OK;
    folder = folder ? folder : "";
    if (!status)
        status = wt_path_print(&file->path, "%s%swingtip-%s%s", folder, slash, stamp, ending);
    return status ? status : wt_path_print(&file->stem, "%s%swingtip%s", folder, slash, ending);
}

enum wt_status wt_fresh_file_write(struct wt_fresh_file *file, const void *bytes, size_t size)
{
    struct wt_new_file out = {0};
    enum wt_status status = wt_new_file_open_numbered(&out, file->path.text, file->stem.text);
    if (!status)
        status = wt_new_file_commit(&out, wt_new_file_write(&out, bytes, size));
    if (!status)
        status = wt_path_print(&file->path, "%s", out.target);
    wt_new_file_close(&out);
    return status;
}
