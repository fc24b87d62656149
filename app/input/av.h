/* What the users of libav share. Private to app/. Thread-safe. */
#ifndef WT_APP_AV_H
#define WT_APP_AV_H

#ifdef __cplusplus
extern "C" {
#endif

/* Routes libav's messages into ours, as debug messages; our own code reports their consequences.
 * May be called often. */
void wt_av_init(void);

/* Makes GIF, AVIF and what else libav decodes and OpenCV does not readable as pictures, everywhere
 * in the program. Before threads start; may be called often. */
void wt_picture_av_init(void);

/* A short text for a libav error. */
struct wt_av_text {
    char text[128];
};
struct wt_av_text wt_av_error(int error);

#ifdef __cplusplus
}
#endif

#endif
