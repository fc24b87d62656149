/* The module wingtip-camera. */
#include "input/camera_module_cv.hpp"

using cv::VideoCapture;

extern "C" __attribute__((visibility("default"))) const wt_camera_module wt_camera_module_table = {
    [] { return new VideoCapture(); },
    [](VideoCapture *c) { delete c; },
    [](VideoCapture *c, const char *path) { return c->open(path, cv::CAP_V4L2); },
    [](VideoCapture *c, int property, double value) { return c->set(property, value); },
    [](const VideoCapture *c, int property) { return c->get(property); },
    [](VideoCapture *c) { return c->grab(); },
    [](VideoCapture *c, cv::Mat &to) { return c->retrieve(to); },
};
