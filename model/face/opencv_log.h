/* OpenCV prints an exception before it throws it. Our callers report a failure themselves, once and
 * with the file's name, so its text goes to our log at debug level instead of standard error.
 * Thread-safe. */
#ifndef WT_MODEL_OPENCV_LOG_H
#define WT_MODEL_OPENCV_LOG_H

#ifdef __cplusplus
extern "C" {
#endif

void wt_route_opencv_errors(void);

#ifdef __cplusplus
}
#endif
#endif
