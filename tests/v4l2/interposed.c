/* Stands between a program and libc: paths of cameras lead to the emulated ones. */
#define _GNU_SOURCE
#include "camera.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char DEVICE[] = "/dev/video", SYSTEM[] = "/sys/class/video4linux";

static const char *root(void) {
    return getenv("EMULATED_CAMERAS");
}

static int starts(const char *path, const char *with) {
    return strncmp(path, with, strlen(with)) == 0;
}

/* Where `path` leads; `room` holds the answer. */
static const char *redirected(const char *path, char *room, size_t size) {
    if (path == NULL || root() == NULL)
        return path;
    if (starts(path, SYSTEM))
        snprintf(room, size, "%s/sys%s", root(), path + strlen(SYSTEM));
    else if (starts(path, DEVICE) || strcmp(path, "/dev") == 0 || strcmp(path, "/dev/") == 0)
        snprintf(room, size, "%s%s", root(), path);
    else
        return path;
    return room;
}

/* Descriptor of an emulated camera; -2 where `path` is none. */
static int open_camera(const char *path, int flags) {
    int number;
    if (path == NULL || root() == NULL || sscanf(path, "/dev/video%d", &number) != 1)
        return -2;
    struct camera *camera = camera_open(root(), number, flags);
    return camera == NULL ? -1 : camera_fd(camera);
}

static int open_any(int folder, const char *path, int flags, mode_t mode) {
    char room[1024];
    int fd = open_camera(path, flags);
    if (fd != -2)
        return fd;
    return syscall(SYS_openat, folder, redirected(path, room, sizeof room), flags, mode);
}

#define OPENED(folder, path, flags)                                                                \
    va_list rest;                                                                                  \
    va_start(rest, flags);                                                                         \
    mode_t mode = (flags) & O_CREAT ? va_arg(rest, mode_t) : 0;                                     \
    va_end(rest);                                                                                  \
    return open_any(folder, path, flags, mode);

int open(const char *path, int flags, ...) { OPENED(AT_FDCWD, path, flags) }
int open64(const char *path, int flags, ...) { OPENED(AT_FDCWD, path, flags | O_LARGEFILE) }
int openat(int folder, const char *path, int flags, ...) { OPENED(folder, path, flags) }
int openat64(int folder, const char *path, int flags, ...) {
    OPENED(folder, path, flags | O_LARGEFILE)
}
int __open_2(const char *path, int flags) { return open_any(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) {
    return open_any(AT_FDCWD, path, flags | O_LARGEFILE, 0);
}

/* A function of libc whose argument `path` is replaced. */
#define REDIRECT(result, name, parameters, ...)                                                    \
    result name parameters {                                                                       \
        static result(*next) parameters;                                                           \
        char room[1024];                                                                           \
        if (next == NULL)                                                                          \
            next = (result(*) parameters)dlsym(RTLD_NEXT, #name);                                  \
        path = redirected(path, room, sizeof room);                                                \
        return next(__VA_ARGS__);                                                                  \
    }

#pragma GCC diagnostic ignored "-Wnonnull-compare"
REDIRECT(DIR *, opendir, (const char *path), path)
REDIRECT(int, stat, (const char *path, struct stat *told), path, told)
REDIRECT(int, stat64, (const char *path, struct stat64 *told), path, told)
REDIRECT(int, lstat, (const char *path, struct stat *told), path, told)
REDIRECT(int, lstat64, (const char *path, struct stat64 *told), path, told)
REDIRECT(int, fstatat, (int folder, const char *path, struct stat *told, int flags), folder, path,
         told, flags)
REDIRECT(int, fstatat64, (int folder, const char *path, struct stat64 *told, int flags), folder,
         path, told, flags)
REDIRECT(int, statx,
         (int folder, const char *path, int flags, unsigned mask, struct statx *told), folder,
         path, flags, mask, told)
REDIRECT(int, access, (const char *path, int mode), path, mode)
REDIRECT(int, inotify_add_watch, (int fd, const char *path, uint32_t mask), fd, path, mask)

int ioctl(int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    struct camera *camera = camera_of(fd);
    if (camera != NULL)
        return camera_ioctl(camera, request, argument);
    return syscall(SYS_ioctl, fd, request, argument);
}

void *mmap(void *start, size_t length, int protection, int flags, int fd, off_t offset) {
    struct camera *camera = fd < 0 ? NULL : camera_of(fd);
    if (camera != NULL)
        return camera_map(camera, start, length, protection, flags, offset);
    return (void *)syscall(SYS_mmap, start, length, protection, flags, fd, offset);
}

void *mmap64(void *start, size_t length, int protection, int flags, int fd, off64_t offset) {
    return mmap(start, length, protection, flags, fd, offset);
}

/* The kernel reports a camera that was unplugged as an error, and never as ready. */
int poll(struct pollfd *fds, nfds_t count, int timeout) {
    struct timespec limit = {timeout / 1000, timeout % 1000 * 1000000L};
    int ready = syscall(SYS_ppoll, fds, count, timeout < 0 ? NULL : &limit, NULL, 0);
    for (nfds_t k = 0; k < count && ready > 0; k++) {
        struct camera *camera = fds[k].fd < 0 ? NULL : camera_of(fds[k].fd);
        if (camera != NULL && camera_is_gone(camera))
            fds[k].revents = POLLERR | POLLHUP;
    }
    return ready;
}

int close(int fd) {
    struct camera *camera = fd < 0 ? NULL : camera_of(fd);
    if (camera != NULL)
        camera_close(camera);
    return syscall(SYS_close, fd);
}
