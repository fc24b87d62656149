/* OpenCV's readers and writers of picture files, in a module of their own (base/module.h): with
 * their libraries they are more than half of what the program would load when it starts. The
 * functions are OpenCV's, and throw what those throw. Thread-safe. */
#ifndef WT_MODEL_PICTURE_CODECS_CV_HPP
#define WT_MODEL_PICTURE_CODECS_CV_HPP

#include <string>
#include <vector>

namespace cv
{
class Mat;
class _InputArray;
} // namespace cv

struct wt_picture_codecs {
    cv::Mat (*decode)(const cv::_InputArray &bytes, int flags);
    bool (*encode)(const std::string &extension, const cv::_InputArray &image,
                   std::vector<unsigned char> &bytes, const std::vector<int> &options);
    bool (*can_write)(const std::string &extension);
};

/* Opens the module at the first call. */
const wt_picture_codecs *wt_picture_codecs_get();

#endif
