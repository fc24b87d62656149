#include "base/fresh_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/status.h"

enum wt_status wt_fresh_file(const char *folder, const char *extension, char *path, size_t size)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local);
    for (int n = 1; n < 1000; n++) {
        char number[16] = "";
        if (n > 1)
            snprintf(number, sizeof number, "-%d", n);
        if (snprintf(path, size, "%s%swingtip-%s%s%s", folder ? folder : "", folder ? "/" : "",
                     stamp, number, extension) >= (int)size)
            return wt_fail(WT_ERR_IO, "%s: the name is too long", folder);
        int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
        if (fd >= 0) {
            close(fd);
            return WT_OK;
        }
        if (errno != EEXIST)
            return wt_fail(WT_ERR_IO, "%s: %s", path, strerror(errno));
    }
    return wt_fail(WT_ERR_IO, "%s: no free name", path);
}

void wt_fresh_file_drop(const char *path)
{
    struct stat st;
    if (!stat(path, &st) && S_ISREG(st.st_mode) && st.st_size == 0)
        unlink(path);
}
