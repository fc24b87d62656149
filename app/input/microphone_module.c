/* The module wingtip-microphone. */
#include "input/microphone_module.h"

extern const struct wt_microphone_module wt_microphone_module_table;
__attribute__((visibility("default")))
const struct wt_microphone_module wt_microphone_module_table = {
    avdevice_register_all,
    avdevice_list_input_sources,
    avdevice_free_list_devices,
};
