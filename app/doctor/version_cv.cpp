#include "doctor/version_cv.h"

#include <string>

#include <opencv2/core/utility.hpp>

const char *wt_opencv_version(void)
{
    static const std::string text = [] {
        try {
            return cv::getVersionString();
        } catch (...) {
            return std::string("unknown");
        }
    }();
    return text.c_str();
}
