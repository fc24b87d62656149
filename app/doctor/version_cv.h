/* OpenCV's version at run time. Thread-safe. */
#ifndef WT_APP_VERSION_CV_H
#define WT_APP_VERSION_CV_H

#ifdef __cplusplus
extern "C" {
#endif

/* Never NULL; constant. */
const char *wt_opencv_version(void);

#ifdef __cplusplus
}
#endif
#endif
