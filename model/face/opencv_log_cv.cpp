#include "face/opencv_log.h"

#include <mutex>

#include <opencv2/core.hpp>

#include "base/status.h"

static int log_error(int, const char *function, const char *message, const char *, int, void *)
{
    wt_log(WT_LOG_DEBUG, "OpenCV: %s: %s", function ? function : "?", message ? message : "?");
    return 0;
}

void wt_route_opencv_errors(void)
{
    static std::once_flag once;
    std::call_once(once, [] { cv::redirectError(log_error); });
}
