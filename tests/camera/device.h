/* A played camera's driver: what it answers to ioctl, and its frames. A device's descriptor is a
 * timer's, so that it becomes readable when a frame is there: select and poll work on it as they
 * are. Its buffers are one memory file. A camera runs on while nobody takes its frames: those that
 * find no buffer are lost, as with a real one. The caller lets one thread in at a time. */
#ifndef WT_TEST_DEVICE_H
#define WT_TEST_DEVICE_H

#include <stdbool.h>
#include <sys/types.h>

struct device;

/* A descriptor, as open gives it, for the camera of a folder; -1 with errno. */
int device_open(const char *folder);
/* NULL: the descriptor is no camera's. */
struct device *device_find(int fd);
/* As ioctl. */
int device_answer(struct device *d, unsigned long request, void *argument);
/* As write, to an output. */
ssize_t device_write(struct device *d, const void *bytes, size_t size);
/* The memory file in which mmap's offsets are. */
int device_memory(const struct device *d);
/* All but the descriptor itself, which the caller closes. */
void device_close(struct device *d);

/* Is the camera in this state now? *number, unless NULL: what stands after the word, else 0. */
bool in_state(const char *folder, const char *state, int *number);

#endif
