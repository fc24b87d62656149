/* What wingtip-camera has: OpenCV's videoio, which brings more than two hundred libraries with it.
 * A module (base/module.h), private to camera_cv.cpp. */
#ifndef WT_APP_CAMERA_MODULE_CV_HPP
#define WT_APP_CAMERA_MODULE_CV_HPP

#include <opencv2/videoio.hpp>

struct wt_camera_module {
    cv::VideoCapture *(*create)(); /* the caller's to delete; throws std::bad_alloc */
};

#endif
