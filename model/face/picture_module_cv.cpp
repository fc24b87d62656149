/* The module wingtip-pictures. */
#include "face/picture_codecs_cv.hpp"

#include <opencv2/imgcodecs.hpp>

extern "C" __attribute__((visibility("default")))
const wt_picture_codecs wt_picture_codecs_table = {cv::imdecode, cv::imencode, cv::haveImageWriter};
