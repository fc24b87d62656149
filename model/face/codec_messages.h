/* Messages of the libraries that decode JPEG and PNG. They print lines of their own to standard
 * error, whatever OpenCV's log is set to; here they become debug lines of our log. Works where this
 * is linked into a program; the shared library leaves other programs' decoders alone. */
#ifndef WT_MODEL_CODEC_MESSAGES_H
#define WT_MODEL_CODEC_MESSAGES_H

#ifdef __cplusplus
extern "C" {
#endif

/* Has no effect but that the linker takes the file. */
void wt_route_codec_messages(void);

#ifdef __cplusplus
}
#endif
#endif
