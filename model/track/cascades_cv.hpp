/* OpenCV's cascade classifiers. The program has them in a module of their own (base/module.h): with
 * what OpenCV's objdetect needs they are a fifth of what it would load when it starts. libwingtip
 * is linked with them. Functions throw what OpenCV's throw. */
#ifndef WT_MODEL_CASCADES_CV_HPP
#define WT_MODEL_CASCADES_CV_HPP

#include <string>
#include <vector>

namespace cv
{
class CascadeClassifier;
class Mat;
template <typename T> class Rect_;
} // namespace cv

struct wt_cascades {
    /* NULL: the file is no cascade. One thread at a time for each. */
    cv::CascadeClassifier *(*load)(const std::string &path);
    void (*destroy)(cv::CascadeClassifier *cascade);
    /* Squares of at least side pixels, and how many windows agree in each; step: from one window
     * size to the next. */
    void (*find)(cv::CascadeClassifier *cascade, const cv::Mat &grey, double step, int least,
                 int side, std::vector<cv::Rect_<int>> &boxes, std::vector<int> &neighbours);
};

/* Opens the module at the first call. Thread-safe. */
const wt_cascades *wt_cascades_get();

#endif
