/* What wingtip-microphone has: libavdevice. A module (base/module.h), private to microphone.c. */
#ifndef WT_APP_MICROPHONE_MODULE_H
#define WT_APP_MICROPHONE_MODULE_H

#include <libavdevice/avdevice.h>

struct wt_microphone_module {
    __typeof__(avdevice_register_all) *register_all;
    __typeof__(avdevice_list_input_sources) *list_input_sources;
    __typeof__(avdevice_free_list_devices) *free_list_devices;
};

#endif
