/* A played camera's controls: how long it exposes. */
#ifndef WT_TEST_CONTROLS_H
#define WT_TEST_CONTROLS_H

/* As ioctl, for the camera of a folder whose file `exposure` holds "AUTOMATIC VALUE LEAST MOST
 * STEP": AUTOMATIC as in V4L2_CID_EXPOSURE_AUTO, 1 or 3, the others in 100 microseconds. Without
 * the file it has no such controls. */
int controls_answer(const char *folder, unsigned long request, void *argument);

#endif
