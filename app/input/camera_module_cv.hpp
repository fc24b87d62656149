/* What wingtip-camera has: OpenCV's videoio, which brings more than two hundred libraries with it.
 * A module (base/module.h), private to camera_cv.cpp. */
#ifndef WT_APP_CAMERA_MODULE_CV_HPP
#define WT_APP_CAMERA_MODULE_CV_HPP

#include <opencv2/videoio.hpp>

/* cv::VideoCapture's own functions, as they are; they throw what those throw. */
struct wt_camera_module {
    cv::VideoCapture *(*create)();
    void (*destroy)(cv::VideoCapture *capture);
    bool (*open)(cv::VideoCapture *capture, const char *path);
    bool (*set)(cv::VideoCapture *capture, int property, double value);
    double (*get)(const cv::VideoCapture *capture, int property);
    bool (*grab)(cv::VideoCapture *capture);
    bool (*retrieve)(cv::VideoCapture *capture, cv::Mat &to);
};

#endif
