/* The module wingtip-camera. */
#include "input/camera_module_cv.hpp"

extern "C" __attribute__((visibility("default")))
const wt_camera_module wt_camera_module_table = {[] { return new cv::VideoCapture(); }};
