#include "picture.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "opencv_log.hpp"
#include "picture_check.h"
#include "status.h"

namespace
{

const int side_max = 16384;
const off_t file_max = (off_t)1 << 30;

enum wt_status read_file(std::vector<uint8_t> &bytes, const char *path)
{
    struct stat st;
    std::unique_ptr<FILE, int (*)(FILE *)> file(fopen(path, "rbe"), fclose);
    if (!file || fstat(fileno(file.get()), &st) != 0)
        return wt_fail(WT_ERR_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return wt_fail(WT_ERR_IO, "%s: not a file", path);
    if (st.st_size > file_max)
        return wt_fail(WT_ERR_FORMAT, "%s: larger than any picture we read", path);
    bytes.resize((size_t)st.st_size);
    if (fread(bytes.data(), 1, bytes.size(), file.get()) != bytes.size())
        return wt_fail(WT_ERR_IO, "%s: short read", path);
    return WT_OK;
}

enum wt_status write_file(const std::vector<uint8_t> &bytes, const char *path)
{
    const std::string part = std::string(path) + ".part";
    FILE *file = fopen(part.c_str(), "wbe");
    if (!file)
        return wt_fail(WT_ERR_IO, "%s: %s", path, strerror(errno));
    bool ok = fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    ok = fflush(file) == 0 && ok;
    int error = errno;
    ok = fclose(file) == 0 && ok;
    if (ok && rename(part.c_str(), path) == 0)
        return WT_OK;
    if (ok)
        error = errno;
    unlink(part.c_str());
    return wt_fail(WT_ERR_IO, "%s: %s", path, strerror(error));
}

} // namespace

enum wt_status wt_picture_read(struct wt_picture *out, const char *path)
{
    try {
        std::vector<uint8_t> bytes;
        const enum wt_status status = read_file(bytes, path);
        if (status)
            return status;
        if (const char *damage = wt_picture_damage(bytes.data(), bytes.size()))
            return wt_fail(WT_ERR_FORMAT, "%s: a picture, but %s", path, damage);
        wt::route_opencv_errors();
        cv::Mat mat;
        if (!bytes.empty()) {
            try {
                mat = cv::imdecode(bytes, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
            } catch (const cv::Exception &) {
                mat.release(); /* refused by its own limits */
            }
        }
        if (mat.empty() || mat.type() != CV_8UC3)
            return wt_fail(WT_ERR_FORMAT, "%s: not a picture, or a damaged one", path);
        if (mat.cols > side_max || mat.rows > side_max)
            return wt_fail(WT_ERR_FORMAT, "%s: %d x %d pixels, more than %d a side", path, mat.cols,
                           mat.rows, side_max);
        const size_t row = (size_t)mat.cols * 3;
        uint8_t *pixels = (uint8_t *)malloc(row * (size_t)mat.rows);
        if (!pixels)
            return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
        for (int y = 0; y < mat.rows; y++)
            memcpy(pixels + row * (size_t)y, mat.ptr(y), row);
        out->pixels = pixels;
        out->image = {pixels, mat.cols, mat.rows, (ptrdiff_t)row, WT_PIXEL_BGR24};
        return WT_OK;
    } catch (const std::exception &) {
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    }
}

void wt_picture_fini(struct wt_picture *picture)
{
    if (!picture)
        return;
    free(picture->pixels);
    *picture = {};
}

enum wt_status wt_picture_write(const struct wt_image *image, const char *path)
{
    try {
        wt::route_opencv_errors();
        const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
        if (!dot || (slash && dot < slash) || !cv::haveImageWriter(dot))
            return wt_fail(WT_ERR_UNSUPPORTED, "%s: no picture format has this file extension",
                           path);
        const bool gray = image->format == WT_PIXEL_GRAY8;
        cv::Mat mat(image->height, image->width, gray ? CV_8UC1 : CV_8UC3,
                    const_cast<uint8_t *>(image->data), (size_t)image->stride);
        if (image->format == WT_PIXEL_RGB24) {
            cv::Mat swapped(mat.size(), CV_8UC3);
            const int from_to[] = {0, 2, 1, 1, 2, 0};
            cv::mixChannels(&mat, 1, &swapped, 1, from_to, 3);
            mat = swapped;
        }
        std::vector<uint8_t> bytes;
        if (!cv::imencode(dot, mat, bytes))
            return wt_fail(WT_ERR_UNSUPPORTED, "%s: the picture cannot be encoded", path);
        return write_file(bytes, path);
    } catch (const cv::Exception &) {
        return wt_fail(WT_ERR_UNSUPPORTED, "%s: the picture cannot be encoded", path);
    } catch (const std::exception &) {
        return wt_fail(WT_ERR_MEMORY, "%s: out of memory", path);
    }
}
