/* Bytes of the packets that other programs take; nothing is sent here. Pure functions on the
 * caller's memory. */
#ifndef WT_APP_PACKET_H
#define WT_APP_PACKET_H

#include "stream/signals.h"

/* OpenSeeFace's: little-endian, a block for each face, one after another in one datagram. Block:
 * double time (unix, seconds), int32 id (the slot), float width, height, right eye, left eye (0
 * shut .. 1 open), byte 1: the pose is known, float error (pixels), quaternion x y z w, Euler
 * angles (degrees) and translation of the head; then floats: 68 confidences, 68 times y, x, 70
 * times x, -y, -z, 14 features. The layout is that which OpenSeeFace's facetracker.py sends and its
 * OpenSee.cs reads; of the 68 points 66 are those of 300W without the inner corners of the mouth,
 * the last two the pupils (of 98 points; else the middles of the eyes, with confidence 0). Their
 * pose has its origin in the tip of the nose and is the mirrored solution that their clients
 * expect: facing the camera is (180, 0, 90) degrees. The 3D points are estimates: the seen points,
 * put on a curved surface that turns with the head. */
#define WT_OSF_FACE 1785
#define WT_OSF_ROOM (WT_OSF_FACE * WT_FACES_MAX)

/* Returns the bytes written: a multiple of WT_OSF_FACE, 0 without a face. */
size_t wt_osf_packet(uint8_t out[WT_OSF_ROOM], double unix_time, const struct wt_image *image,
                     const struct wt_signal *signal, int count);

/* One OSC bundle of the Virtual Motion Capture protocol: /VMC/Ext/OK (1 with a face, else 0),
 * /VMC/Ext/T (seconds since the start), and of the face in the lowest slot /VMC/Ext/Bone/Pos "Head"
 * (position 0, rotation in Unity's axes), /VMC/Ext/Blend/Val "Blink_L", "Blink_R", "A" (mouth),
 * /VMC/Ext/Blend/Apply. OSC 1.0: opensoundcontrol.stanford.edu/spec-1_0.html; VMC:
 * protocol.vmc.info. */
#define WT_VMC_ROOM 512

size_t wt_vmc_bundle(uint8_t out[WT_VMC_ROOM], double seconds, const struct wt_signal *signal,
                     int count);

#endif
