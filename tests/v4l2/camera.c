#define _GNU_SOURCE
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { OPEN = 64, PICTURES = 1000 };

static struct camera *opened[OPEN];
static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

int fail(int error) {
    errno = error;
    return -1;
}

static void path_of(const struct camera *camera, char *path, size_t room, const char *name) {
    snprintf(path, room, "%s/cameras/%d/%s", camera->root, camera->number, name);
}

static int is_plugged_in(const struct camera *camera) {
    char path[600];
    snprintf(path, sizeof path, "%s/dev/video%d", camera->root, camera->number);
    return access(path, F_OK) == 0;
}

static int has_fault(const struct camera *camera, const char *fault) {
    char path[600], said[32] = "";
    path_of(camera, path, sizeof path, "fault");
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    int read = fscanf(file, "%31s", said);
    fclose(file);
    return read == 1 && strcmp(said, fault) == 0;
}

static int read_modes(struct camera *camera) {
    char path[600], line[256], *rest;
    path_of(camera, path, sizeof path, "modes");
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return -1;
    if (fgets(line, sizeof line, file) != NULL)
        snprintf(camera->name, sizeof camera->name, "%.*s", (int)strcspn(line, "\n"), line);
    while (camera->mode_count < MODES && fgets(line, sizeof line, file) != NULL) {
        struct mode *mode = &camera->modes[camera->mode_count++];
        mode->format = v4l2_fourcc(line[0], line[1], line[2], line[3]);
        mode->width = strtoul(line + 4, &rest, 10);
        mode->height = strtoul(rest, &rest, 10);
        for (char *end; mode->rate_count < RATES; rest = end) {
            mode->rates[mode->rate_count] = strtoul(rest, &end, 10);
            if (end == rest)
                break;
            mode->rate_count++;
        }
    }
    fclose(file);
    return camera->mode_count > 0 ? 0 : -1;
}

int own(struct camera *camera, int keep) {
    if (camera->owner >= 0)
        return 0;
    char path[600];
    path_of(camera, path, sizeof path, "owner");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return fail(EBUSY);
    }
    if (keep)
        camera->owner = fd;
    else
        close(fd);
    return 0;
}

void disown(struct camera *camera) {
    if (camera->owner >= 0)
        close(camera->owner);
    camera->owner = -1;
}

int first_of(const struct camera *camera, enum state state) {
    int found = -1;
    for (int k = 0; k < camera->buffer_count; k++)
        if (camera->buffers[k].state == state &&
            (found < 0 || camera->buffers[k].order < camera->buffers[found].order))
            found = k;
    return found;
}

/* Put the picture of this moment into a buffer. */
static void finish(struct camera *camera, int index) {
    const struct mode *mode = &camera->modes[camera->mode];
    struct buffer *buffer = &camera->buffers[index];
    char path[600], name[64];
    snprintf(name, sizeof name, "%.4s-%ux%u/%03u", (const char *)&mode->format, mode->width,
             mode->height, camera->picture);
    path_of(camera, path, sizeof path, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t bytes = fd < 0 ? 0 : read(fd, camera->memory + index * camera->stride, camera->stride);
    close(fd);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    buffer->time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    buffer->bytes = bytes < 0 ? 0 : bytes;
    buffer->sequence = camera->sequence;
    buffer->order = ++camera->order;
    buffer->state = DONE;
    eventfd_write(camera->fd, 1);
}

static void next_picture(struct camera *camera) {
    const struct mode *mode = &camera->modes[camera->mode];
    char path[600], name[64];
    snprintf(name, sizeof name, "%.4s-%ux%u/%03u", (const char *)&mode->format, mode->width,
             mode->height, (camera->picture + 1) % PICTURES);
    path_of(camera, path, sizeof path, name);
    camera->picture = access(path, F_OK) == 0 ? camera->picture + 1 : 0;
}

/* One picture's time is over. As with USB, a picture goes into a buffer that was queued when it
   began to be sent; without one it is lost. */
static void tick(struct camera *camera) {
    camera->sequence++;
    if (!has_fault(camera, "frozen"))
        next_picture(camera);
    if (has_fault(camera, "stalled"))
        return;
    int filling = first_of(camera, FILLING), next = first_of(camera, QUEUED);
    if (filling >= 0)
        finish(camera, filling);
    if (next >= 0)
        camera->buffers[next].state = FILLING;
}

static void *sense(void *argument) {
    struct camera *camera = argument;
    struct timespec due;
    clock_gettime(CLOCK_MONOTONIC, &due);
    pthread_mutex_lock(&camera->lock);
    while (!camera->closing) {
        due.tv_nsec += 1000000000L / camera->rate;
        due.tv_sec += due.tv_nsec / 1000000000L;
        due.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&camera->stopped, &camera->lock, &due);
        if (camera->closing)
            break;
        if (!camera->gone && !is_plugged_in(camera)) {
            camera->gone = 1;
            eventfd_write(camera->fd, 1);
        }
        if (camera->streaming && !camera->gone)
            tick(camera);
    }
    pthread_mutex_unlock(&camera->lock);
    return NULL;
}

struct camera *camera_open(const char *root, int number, int flags) {
    struct camera *camera = calloc(1, sizeof *camera);
    camera->number = number;
    camera->pid = getpid();
    camera->nonblocking = flags & O_NONBLOCK;
    camera->owner = camera->memory_fd = -1;
    snprintf(camera->root, sizeof camera->root, "%s", root);
    if (!is_plugged_in(camera) || read_modes(camera) != 0) {
        free(camera);
        errno = ENOENT;
        return NULL;
    }
    camera->rate = camera->modes[0].rates[0];
    camera->fd = eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK | (flags & O_CLOEXEC ? EFD_CLOEXEC : 0));
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&camera->stopped, &clock);
    pthread_mutex_init(&camera->lock, NULL);
    pthread_create(&camera->sensor, NULL, sense, camera);
    pthread_mutex_lock(&table);
    for (int k = 0; k < OPEN; k++)
        if (opened[k] == NULL) {
            opened[k] = camera;
            break;
        }
    pthread_mutex_unlock(&table);
    return camera;
}

struct camera *camera_of(int fd) {
    struct camera *found = NULL;
    pthread_mutex_lock(&table);
    for (int k = 0; k < OPEN; k++)
        if (opened[k] != NULL && opened[k]->fd == fd && opened[k]->pid == getpid())
            found = opened[k];
    pthread_mutex_unlock(&table);
    return found;
}

int camera_fd(const struct camera *camera) {
    return camera->fd;
}

void camera_close(struct camera *camera) {
    pthread_mutex_lock(&table);
    for (int k = 0; k < OPEN; k++)
        if (opened[k] == camera)
            opened[k] = NULL;
    pthread_mutex_unlock(&table);
    pthread_mutex_lock(&camera->lock);
    camera->closing = 1;
    pthread_cond_broadcast(&camera->stopped);
    pthread_mutex_unlock(&camera->lock);
    pthread_join(camera->sensor, NULL);
    free_buffers(camera);
    disown(camera);
    free(camera);
}

void *camera_map(struct camera *camera, void *start, size_t length, int protection, int flags,
                 off_t offset) {
    return (void *)syscall(SYS_mmap, start, length, protection, flags, camera->memory_fd, offset);
}

int camera_is_gone(struct camera *camera) {
    pthread_mutex_lock(&camera->lock);
    int gone = camera->gone;
    pthread_mutex_unlock(&camera->lock);
    return gone;
}

int camera_ioctl(struct camera *camera, uint32_t request, void *argument) {
    pthread_mutex_lock(&camera->lock);
    int result = camera->gone ? fail(ENODEV) : answer(camera, request, argument);
    pthread_mutex_unlock(&camera->lock);
    return result;
}
