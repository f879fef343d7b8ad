/* What the parts of an emulated camera share. */
#ifndef PRIVATE_H
#define PRIVATE_H

#include "camera.h"

#include <pthread.h>
#include <sys/time.h>

enum { MODES = 32, RATES = 8, BUFFERS = 32 };
enum state { IDLE, QUEUED, FILLING, DONE };

struct mode {
    uint32_t format, width, height, rates[RATES];
    int rate_count;
};

struct buffer {
    enum state state;
    uint32_t bytes, sequence;
    uint64_t order; /* of being queued, then of being done */
    struct timeval time;
};

struct camera {
    int fd, number, nonblocking, owner; /* owner: descriptor of the lock; -1 where it is not ours */
    pid_t pid;
    char root[512], name[32];
    struct mode modes[MODES];
    int mode_count, mode, rate;
    struct buffer buffers[BUFFERS];
    int buffer_count, memory_fd, streaming, gone, closing;
    uint8_t *memory;
    size_t stride;
    uint64_t order;
    uint32_t sequence, picture;
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    pthread_t sensor;
};

/* -1 and errno. */
int fail(int error);

/* Lock the camera for this descriptor, for good if `keep`; EBUSY where another has it. */
int own(struct camera *camera, int keep);

void disown(struct camera *camera);

/* The first buffer of a state, by order; -1 where there is none. */
int first_of(const struct camera *camera, enum state state);

/* The answer to an ioctl, the camera being locked and plugged in. */
int answer(struct camera *camera, uint32_t request, void *argument);

void free_buffers(struct camera *camera);

#endif
