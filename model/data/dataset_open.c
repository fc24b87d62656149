#include "data/dataset_open.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/status.h"
#include "data/dataset_mat.h"

enum wt_status wt_dataset_open_any(struct wt_dataset *out, const char *path, const char *images)
{
    struct stat info;
    const size_t n = strlen(path);
    const bool folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    if (folder && images)
        return wt_fail(WT_ERR_ARGUMENT, "%s: .pts files have their pictures beside them", path);
    if (folder)
        return wt_dataset_open_pts(out, path);
    if (n > 4 && strcasecmp(path + n - 4, ".mat") == 0)
        return wt_dataset_open_mat(out, path, images);
    return wt_dataset_open_in(out, path, images);
}
