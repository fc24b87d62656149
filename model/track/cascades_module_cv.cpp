/* The module wingtip-cascades. */
#include "track/cascades_cv.hpp"

#include <memory>

#include <opencv2/objdetect.hpp>

static cv::CascadeClassifier *load(const std::string &path)
{
    std::unique_ptr<cv::CascadeClassifier> cascade(new cv::CascadeClassifier);
    return cascade->load(path) && !cascade->empty() ? cascade.release() : nullptr;
}

static void destroy(cv::CascadeClassifier *cascade)
{
    delete cascade;
}

static void find(cv::CascadeClassifier *cascade, const cv::Mat &grey, double step, int least,
                 int side, std::vector<cv::Rect> &boxes, std::vector<int> &neighbours)
{
    cascade->detectMultiScale(grey, boxes, neighbours, step, least, 0, cv::Size(side, side));
}

extern "C" __attribute__((visibility("default")))
const wt_cascades wt_cascades_table = {load, destroy, find};
