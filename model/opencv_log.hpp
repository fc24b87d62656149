/* OpenCV prints an exception before it throws it. Our callers report a failure themselves, once and
 * with the file's name, so its text goes to our log at debug level instead of standard error.
 * Thread-safe; C++ wrappers only. */
#ifndef WT_MODEL_OPENCV_LOG_HPP
#define WT_MODEL_OPENCV_LOG_HPP

#include <mutex>

#include <opencv2/core.hpp>

#include "status.h"

namespace wt
{

inline int log_opencv_error(int, const char *function, const char *message, const char *, int,
                            void *)
{
    wt_log(WT_LOG_DEBUG, "OpenCV: %s: %s", function ? function : "?", message ? message : "?");
    return 0;
}

inline void route_opencv_errors()
{
    static std::once_flag once;
    std::call_once(once, [] { cv::redirectError(log_opencv_error); });
}

} // namespace wt

#endif
