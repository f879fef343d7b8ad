/* A camera of Video4Linux that is not there: what the kernel's driver for USB cameras would do.

   The folder named by EMULATED_CAMERAS holds, for camera N:

     dev/videoN            a FIFO; it is there while the camera is plugged in
     sys/videoN/           as /sys/class/video4linux/videoN
     cameras/N/modes       its name, then a line for each size: FOURCC WIDTH HEIGHT RATE...
     cameras/N/fault       "frozen", "stalled", or empty
     cameras/N/owner       locked by the program whose buffers it fills
     cameras/N/FOURCC-WIDTHxHEIGHT/000, 001, ...   its pictures, shown over and over
*/
#ifndef CAMERA_H
#define CAMERA_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct camera;

/* Open camera `number`; the descriptor is ready for reading while a picture waits. NULL and
   errno where that fails. */
struct camera *camera_open(const char *root, int number, int flags);

/* The open camera of a descriptor; NULL where it is none, or belongs to the process this one was
   forked from. */
struct camera *camera_of(int fd);

int camera_fd(const struct camera *camera);

/* Whether it was unplugged; what was opened then is of no use any more. */
int camera_is_gone(struct camera *camera);

int camera_ioctl(struct camera *camera, uint32_t request, void *argument);

/* Map the buffer that begins at `offset`. */
void *camera_map(struct camera *camera, void *start, size_t length, int protection, int flags,
                 off_t offset);

/* Stop, and let go of everything but the descriptor. */
void camera_close(struct camera *camera);

#endif
