#include "track/detector_cv.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <unistd.h>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "base/status.h"
#include "face/crop.h"
#include "face/opencv_log.h"
#include "track/cascades_cv.hpp"

static const int side_max = 480; /* the frame is scaled down to this */
static const int window = 20;    /* side of the cascades' training windows, pixels */

static const char frontal_name[] = "haarcascade_frontalface_alt2.xml";
static const char profile_name[] = "haarcascade_profileface.xml";

static const char *const folders[] = {
    "/usr/share/opencv4/haarcascades", "/usr/local/share/opencv4/haarcascades",
    "/usr/share/opencv/haarcascades",  "/usr/local/share/opencv/haarcascades",
    "/usr/share/OpenCV/haarcascades",  "/opt/homebrew/share/opencv4/haarcascades",
};

struct forget_cascade {
    void operator()(cv::CascadeClassifier *cascade) const
    {
        wt_cascades_get()->destroy(cascade);
    }
};
using cascade_ptr = std::unique_ptr<cv::CascadeClassifier, forget_cascade>;

struct wt_haar {
    cascade_ptr frontal, profile;
    cv::Ptr<cv::CLAHE> equalise;
    cv::Mat grey, small, mirrored; /* kept, so that a search allocates little */
    std::vector<cv::Rect> boxes;
    std::vector<int> neighbours;
};

static bool has_cascades(const std::string &folder)
{
    return access((folder + "/" + frontal_name).c_str(), R_OK) == 0 &&
           access((folder + "/" + profile_name).c_str(), R_OK) == 0;
}

static enum wt_status find_folder(std::string &out)
{
    const char *named = getenv("WINGTIP_HAAR_DIR");
    if (named && *named) {
        out = named;
        if (has_cascades(out))
            return WT_OK;
        return wt_fail(WT_ERR_IO, "face detector: WINGTIP_HAAR_DIR=%s does not hold %s and %s",
                       named, frontal_name, profile_name);
    }
    for (const char *folder : folders) {
        out = folder;
        if (has_cascades(out))
            return WT_OK;
    }
    return wt_fail(WT_ERR_IO,
                   "face detector: %s not found; install the package opencv-data, or set "
                   "WINGTIP_HAAR_DIR to the folder that holds it",
                   frontal_name);
}

static enum wt_status load(cascade_ptr &cascade, const std::string &path)
{
    try {
        cascade.reset(wt_cascades_get()->load(path));
    } catch (const cv::Exception &) {
        /* not XML at all; reported below */
    }
    return cascade ? WT_OK : wt_fail(WT_ERR_FORMAT, "%s: not a cascade", path.c_str());
}

enum wt_status wt_haar_create(struct wt_haar **out)
{
    try {
        wt_route_opencv_errors();
        std::unique_ptr<wt_haar> haar(new wt_haar);
        std::string folder;
        enum wt_status status = find_folder(folder);
        if (!status)
            status = load(haar->frontal, folder + "/" + frontal_name);
        if (!status)
            status = load(haar->profile, folder + "/" + profile_name);
        if (status)
            return status;
        haar->equalise = cv::createCLAHE(2.0, cv::Size(8, 8));
        *out = haar.release();
        return WT_OK;
    } catch (const std::exception &e) {
        return wt_fail(WT_ERR_MEMORY, "face detector: %s", e.what());
    }
}

void wt_haar_destroy(struct wt_haar **haar)
{
    if (!haar)
        return;
    delete *haar;
    *haar = NULL;
}

/* Grey, scaled down and perhaps equalised into haar->small; returns small pixels per frame pixel.
 */
static double prepare(struct wt_haar *haar, const struct wt_image *image, bool equalise)
{
    const bool gray = image->format == WT_PIXEL_GRAY8;
    const cv::Mat frame(image->height, image->width, gray ? CV_8UC1 : CV_8UC3,
                        const_cast<uint8_t *>(image->data), (size_t)image->stride);
    const double scale = std::min(1.0, (double)side_max / std::max(image->width, image->height));
    const cv::Size size(std::max(1, (int)(image->width * scale + 0.5)),
                        std::max(1, (int)(image->height * scale + 0.5)));
    /* Scaling first leaves fewer pixels to turn grey. */
    if (scale < 1)
        cv::resize(frame, haar->grey, size, 0, 0, cv::INTER_AREA);
    else
        frame.copyTo(haar->grey);
    if (!gray)
        cv::cvtColor(haar->grey, haar->small,
                     image->format == WT_PIXEL_BGR24 ? cv::COLOR_BGR2GRAY : cv::COLOR_RGB2GRAY);
    else
        haar->grey.copyTo(haar->small);
    if (equalise)
        haar->equalise->apply(haar->small, haar->small);
    return scale;
}

enum wt_status wt_haar_find(struct wt_haar *haar, const struct wt_image *image,
                            const struct wt_haar_pass *pass, float min_side,
                            struct wt_haar_hit *out, int max, int *found)
{
    *found = 0;
    assert(wt_image_check(image) == WT_OK);
    if (std::min(image->width, image->height) < window)
        return WT_OK;
    try {
        const double scale = prepare(haar, image, pass->equalise);
        if (std::min(haar->small.cols, haar->small.rows) < window)
            return WT_OK;
        /* squares larger than the picture cannot be found; keeps a wild min_side harmless */
        const int longer = std::max(haar->small.cols, haar->small.rows);
        const double wanted = min_side > 0 ? min_side * scale : (double)pass->fraction * longer;
        const double least = std::min(std::max(wanted, (double)window), (double)longer);
        for (int kind = WT_HAAR_FRONTAL; kind <= WT_HAAR_PROFILE_MIRRORED; kind++) {
            if (!(pass->kinds & 1u << kind))
                continue;
            const cv::Mat *where = &haar->small;
            if (kind == WT_HAAR_PROFILE_MIRRORED) {
                cv::flip(haar->small, haar->mirrored, 1);
                where = &haar->mirrored;
            }
            const cascade_ptr &cascade = kind == WT_HAAR_FRONTAL ? haar->frontal : haar->profile;
            wt_cascades_get()->find(cascade.get(), *where, pass->step, pass->neighbours, (int)least,
                                    haar->boxes, haar->neighbours);
            for (size_t i = 0; i < haar->boxes.size() && *found < max; i++) {
                cv::Rect r = haar->boxes[i];
                if (kind == WT_HAAR_PROFILE_MIRRORED)
                    r.x = haar->small.cols - r.x - r.width;
                /* pixel centres at integers: small pixel i covers frame (i..i+1)/scale - 0.5 */
                out[(*found)++] = {(enum wt_haar_kind)kind, (float)(r.x / scale - 0.5),
                                   (float)(r.y / scale - 0.5), (float)(r.width / scale),
                                   (float)haar->neighbours[i]};
            }
        }
        return WT_OK;
    } catch (const std::exception &e) {
        *found = 0;
        return wt_fail(WT_ERR_MEMORY, "face detector: %s", e.what());
    }
}
