#define _GNU_SOURCE
#include "private.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void free_buffers(struct camera *camera) {
    if (camera->memory != NULL)
        munmap(camera->memory, camera->buffer_count * camera->stride);
    close(camera->memory_fd);
    camera->memory = NULL;
    camera->memory_fd = -1;
    camera->buffer_count = 0;
}

static int nth_format(const struct camera *camera, unsigned n) {
    for (int k = 0; k < camera->mode_count; k++)
        if ((k == 0 || camera->modes[k].format != camera->modes[k - 1].format) && n-- == 0)
            return k;
    return -1;
}

static int mode_nearest(const struct camera *camera, const struct v4l2_pix_format *wish) {
    uint32_t format = camera->modes[0].format;
    int found = -1;
    long least = 0;
    for (int k = 0; k < camera->mode_count; k++)
        if (camera->modes[k].format == wish->pixelformat)
            format = wish->pixelformat;
    for (int k = 0; k < camera->mode_count; k++) {
        const struct mode *mode = &camera->modes[k];
        long off = labs((long)mode->width - (long)wish->width) +
                   labs((long)mode->height - (long)wish->height);
        if (mode->format == format && (found < 0 || off < least))
            found = k, least = off;
    }
    return found;
}

static int tell_format(const struct camera *camera, int index, struct v4l2_format *format) {
    const struct mode *mode = &camera->modes[index];
    memset(&format->fmt, 0, sizeof format->fmt);
    format->fmt.pix = (struct v4l2_pix_format){
        .width = mode->width,
        .height = mode->height,
        .pixelformat = mode->format,
        .field = V4L2_FIELD_NONE,
        .bytesperline = mode->format == V4L2_PIX_FMT_MJPEG ? 0 : mode->width * 2,
        .sizeimage = mode->width * mode->height * 2,
        .colorspace = V4L2_COLORSPACE_SRGB,
    };
    return 0;
}

static int set_format(struct camera *camera, struct v4l2_format *format) {
    if (own(camera, 0) != 0)
        return -1;
    if (camera->buffer_count > 0)
        return fail(EBUSY);
    camera->mode = mode_nearest(camera, &format->fmt.pix);
    camera->rate = camera->modes[camera->mode].rates[0];
    return tell_format(camera, camera->mode, format);
}

static int tell_rate(const struct camera *camera, struct v4l2_streamparm *parameters) {
    memset(&parameters->parm, 0, sizeof parameters->parm);
    parameters->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    parameters->parm.capture.timeperframe = (struct v4l2_fract){1, camera->rate};
    return 0;
}

static int set_rate(struct camera *camera, struct v4l2_streamparm *parameters) {
    if (own(camera, 0) != 0)
        return -1;
    if (camera->streaming)
        return fail(EBUSY);
    struct v4l2_fract wish = parameters->parm.capture.timeperframe;
    long rate = wish.numerator == 0 ? 0 : wish.denominator / wish.numerator;
    const struct mode *mode = &camera->modes[camera->mode];
    camera->rate = mode->rates[0];
    for (int k = 0; k < mode->rate_count && rate > 0; k++)
        if (labs((long)mode->rates[k] - rate) < labs((long)camera->rate - rate))
            camera->rate = mode->rates[k];
    return tell_rate(camera, parameters);
}

static int request_buffers(struct camera *camera, struct v4l2_requestbuffers *request) {
    if (own(camera, 1) != 0)
        return -1;
    if (camera->streaming)
        return fail(EBUSY);
    free_buffers(camera);
    if (request->count == 0) {
        disown(camera);
        return 0;
    }
    const struct mode *mode = &camera->modes[camera->mode];
    size_t page = sysconf(_SC_PAGESIZE);
    request->count = request->count > BUFFERS ? BUFFERS : request->count;
    camera->stride = (mode->width * mode->height * 2 + page - 1) / page * page;
    camera->buffer_count = request->count;
    memset(camera->buffers, 0, sizeof camera->buffers);
    camera->memory_fd = memfd_create("camera", MFD_CLOEXEC);
    size_t size = camera->buffer_count * camera->stride;
    if (ftruncate(camera->memory_fd, size) != 0)
        return fail(ENOMEM);
    camera->memory = (void *)syscall(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
                                     camera->memory_fd, 0);
    return 0;
}

static int tell_buffer(const struct camera *camera, uint32_t index, struct v4l2_buffer *told) {
    const struct buffer *buffer = &camera->buffers[index];
    if (index >= (uint32_t)camera->buffer_count)
        return fail(EINVAL);
    told->index = index;
    told->length = camera->stride;
    told->bytesused = buffer->bytes;
    told->m.offset = index * camera->stride;
    told->sequence = buffer->sequence;
    told->timestamp = buffer->time;
    told->field = V4L2_FIELD_NONE;
    told->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC |
                  (buffer->state == DONE ? V4L2_BUF_FLAG_DONE
                   : buffer->state != IDLE ? V4L2_BUF_FLAG_QUEUED : 0);
    return 0;
}

static int queue(struct camera *camera, struct v4l2_buffer *wish) {
    if (wish->index >= (uint32_t)camera->buffer_count ||
        camera->buffers[wish->index].state != IDLE)
        return fail(EINVAL);
    camera->buffers[wish->index].state = QUEUED;
    camera->buffers[wish->index].order = ++camera->order;
    return tell_buffer(camera, wish->index, wish);
}

static int dequeue(struct camera *camera, struct v4l2_buffer *told) {
    eventfd_t one;
    struct pollfd ready = {camera->fd, POLLIN, 0};
    if (!camera->streaming)
        return fail(EINVAL);
    while (first_of(camera, DONE) < 0 && !camera->gone) {
        if (camera->nonblocking)
            return fail(EAGAIN);
        pthread_mutex_unlock(&camera->lock);
        poll(&ready, 1, 100);
        pthread_mutex_lock(&camera->lock);
    }
    if (camera->gone)
        return fail(ENODEV);
    eventfd_read(camera->fd, &one);
    int index = first_of(camera, DONE);
    camera->buffers[index].state = IDLE;
    return tell_buffer(camera, index, told);
}

static int stream(struct camera *camera, int on) {
    eventfd_t one;
    if (own(camera, 1) != 0)
        return -1;
    camera->streaming = on;
    for (int k = 0; k < camera->buffer_count && !on; k++)
        camera->buffers[k].state = IDLE;
    while (!on && eventfd_read(camera->fd, &one) == 0)
        continue;
    return 0;
}

static int tell_capabilities(const struct camera *camera, struct v4l2_capability *told) {
    memset(told, 0, sizeof *told);
    strcpy((char *)told->driver, "uvcvideo");
    memcpy(told->card, camera->name, sizeof told->card);
    snprintf((char *)told->bus_info, sizeof told->bus_info, "usb-emulated-%d", camera->number);
    told->version = 0x060100;
    told->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    told->capabilities = told->device_caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
}

static int list_format(const struct camera *camera, struct v4l2_fmtdesc *told) {
    int index = nth_format(camera, told->index);
    if (index < 0)
        return fail(EINVAL);
    told->pixelformat = camera->modes[index].format;
    told->flags = told->pixelformat == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0;
    memcpy(told->description, &told->pixelformat, 4);
    return 0;
}

static int list_size(const struct camera *camera, struct v4l2_frmsizeenum *told) {
    unsigned n = told->index;
    for (int k = 0; k < camera->mode_count; k++)
        if (camera->modes[k].format == told->pixel_format && n-- == 0) {
            told->type = V4L2_FRMSIZE_TYPE_DISCRETE;
            told->discrete.width = camera->modes[k].width;
            told->discrete.height = camera->modes[k].height;
            return 0;
        }
    return fail(EINVAL);
}

static int list_interval(const struct camera *camera, struct v4l2_frmivalenum *told) {
    for (int k = 0; k < camera->mode_count; k++) {
        const struct mode *mode = &camera->modes[k];
        if (mode->format == told->pixel_format && mode->width == told->width &&
            mode->height == told->height && told->index < (uint32_t)mode->rate_count) {
            told->type = V4L2_FRMIVAL_TYPE_DISCRETE;
            told->discrete = (struct v4l2_fract){1, mode->rates[told->index]};
            return 0;
        }
    }
    return fail(EINVAL);
}

int answer(struct camera *camera, uint32_t request, void *argument) {
    switch (request) {
    case VIDIOC_QUERYCAP: return tell_capabilities(camera, argument);
    case VIDIOC_G_INPUT: return *(int *)argument = 0;
    case VIDIOC_S_INPUT: return *(int *)argument == 0 ? 0 : fail(EINVAL);
    case VIDIOC_ENUM_FMT: return list_format(camera, argument);
    case VIDIOC_ENUM_FRAMESIZES: return list_size(camera, argument);
    case VIDIOC_ENUM_FRAMEINTERVALS: return list_interval(camera, argument);
    case VIDIOC_G_FMT: return tell_format(camera, camera->mode, argument);
    case VIDIOC_TRY_FMT:
        return tell_format(
            camera, mode_nearest(camera, &((struct v4l2_format *)argument)->fmt.pix), argument);
    case VIDIOC_S_FMT: return set_format(camera, argument);
    case VIDIOC_G_PARM: return tell_rate(camera, argument);
    case VIDIOC_S_PARM: return set_rate(camera, argument);
    case VIDIOC_REQBUFS: return request_buffers(camera, argument);
    case VIDIOC_QUERYBUF:
        return tell_buffer(camera, ((struct v4l2_buffer *)argument)->index, argument);
    case VIDIOC_QBUF: return queue(camera, argument);
    case VIDIOC_DQBUF: return dequeue(camera, argument);
    case VIDIOC_STREAMON: return stream(camera, 1);
    case VIDIOC_STREAMOFF: return stream(camera, 0);
    case VIDIOC_QUERYCTRL:
    case VIDIOC_G_CTRL:
    case VIDIOC_S_CTRL: return fail(EINVAL);
    default: return fail(ENOTTY);
    }
}
