/* OpenCV's readers and writers of picture files, in a module of their own (base/module.h): with
 * their libraries they are more than half of what the program would load when it starts. The
 * functions are OpenCV's, and throw what those throw. Thread-safe. */
#ifndef WT_MODEL_PICTURE_CODECS_CV_HPP
#define WT_MODEL_PICTURE_CODECS_CV_HPP

#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

struct wt_picture_codecs {
    cv::Mat (*decode)(cv::InputArray bytes, int flags);
    bool (*encode)(const cv::String &extension, cv::InputArray image, std::vector<uchar> &bytes,
                   const std::vector<int> &options);
    bool (*can_write)(const cv::String &extension);
};

/* Opens the module at the first call. */
const wt_picture_codecs *wt_picture_codecs_get();

#endif
