/* libavcodec and libavformat, in a module of their own (base/module.h), as they bring sixty
 * libraries with them and half of the commands need none: wt_av()->avcodec_open2(...). libavutil,
 * libswscale and libswresample are small and are called as usual. libavdevice, which brings fifty
 * more, is in another module, of microphones. Private to app/. Thread-safe. */
#ifndef WT_APP_LIBAV_H
#define WT_APP_LIBAV_H

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is used of them: a function that is called without being here is not found by the linker. */
#define WT_AV_FUNCTIONS(F)                                                                         \
    F(av_find_best_stream)                                                                         \
    F(av_find_input_format)                                                                        \
    F(av_guess_format)                                                                             \
    F(av_guess_frame_rate)                                                                         \
    F(av_guess_sample_aspect_ratio)                                                                \
    F(av_packet_alloc)                                                                             \
    F(av_packet_clone)                                                                             \
    F(av_packet_free)                                                                              \
    F(av_packet_make_refcounted)                                                                   \
    F(av_packet_move_ref)                                                                          \
    F(av_packet_rescale_ts)                                                                        \
    F(av_packet_unref)                                                                             \
    F(av_read_frame)                                                                               \
    F(av_seek_frame)                                                                               \
    F(av_stream_get_side_data)                                                                     \
    F(av_write_frame)                                                                              \
    F(av_write_trailer)                                                                            \
    F(avcodec_alloc_context3)                                                                      \
    F(avcodec_find_decoder)                                                                        \
    F(avcodec_find_encoder)                                                                        \
    F(avcodec_find_encoder_by_name)                                                                \
    F(avcodec_flush_buffers)                                                                       \
    F(avcodec_free_context)                                                                        \
    F(avcodec_get_name)                                                                            \
    F(avcodec_open2)                                                                               \
    F(avcodec_parameters_alloc)                                                                    \
    F(avcodec_parameters_copy)                                                                     \
    F(avcodec_parameters_free)                                                                     \
    F(avcodec_parameters_from_context)                                                             \
    F(avcodec_parameters_to_context)                                                               \
    F(avcodec_receive_frame)                                                                       \
    F(avcodec_receive_packet)                                                                      \
    F(avcodec_send_frame)                                                                          \
    F(avcodec_send_packet)                                                                         \
    F(avcodec_version)                                                                             \
    F(avformat_alloc_context)                                                                      \
    F(avformat_alloc_output_context2)                                                              \
    F(avformat_close_input)                                                                        \
    F(avformat_find_stream_info)                                                                   \
    F(avformat_free_context)                                                                       \
    F(avformat_index_get_entries_count)                                                            \
    F(avformat_index_get_entry)                                                                    \
    F(avformat_new_stream)                                                                         \
    F(avformat_open_input)                                                                         \
    F(avformat_query_codec)                                                                        \
    F(avformat_version)                                                                            \
    F(avformat_write_header)                                                                       \
    F(avio_alloc_context)                                                                          \
    F(avio_context_free)                                                                           \
    F(avio_flush)                                                                                  \
    F(avio_seek)                                                                                   \
    F(avio_size)

#define WT_AV_POINTER(name) __typeof__(name) *name;
struct wt_av_functions {
    WT_AV_FUNCTIONS(WT_AV_POINTER)
};

/* Opens the module at the first call. */
const struct wt_av_functions *wt_av(void);

#ifdef __cplusplus
}
#endif
#endif
