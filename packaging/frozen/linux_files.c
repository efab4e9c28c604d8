// Files and folders, locks, and inotify. See linux_module.c for what each call means.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "py/runtime.h"
#include "frost.h"

static mp_obj_t linux_open(size_t n_args, const mp_obj_t *args) {
    const char *path = linux_path(args[0]);
    int flags = linux_int(args[1]) | O_CLOEXEC;
    mode_t mode = n_args > 2 ? (mode_t)linux_int(args[2]) : 0644;
    int fd;
    // musl's open() repeats O_CLOEXEC by fcntl(), for kernels before 2.6.23: a fifth of all calls
    // of a hook's run.
    LINUX_RETRY(fd, (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode));
    return MP_OBJ_NEW_SMALL_INT(linux_check(fd));
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(linux_open_obj, 2, 3, linux_open);

static mp_obj_t linux_memfd_create(mp_obj_t name) {
    return MP_OBJ_NEW_SMALL_INT(linux_check(memfd_create(linux_path(name), MFD_CLOEXEC)));
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_memfd_create_obj, linux_memfd_create);

// Linux closes the descriptor even when close() is interrupted: no second try.
static mp_obj_t linux_close(mp_obj_t fd) {
    if (close(linux_int(fd)) == -1 && errno != EINTR) {
        mp_raise_OSError(errno);
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_close_obj, linux_close);

static mp_obj_t linux_read(mp_obj_t fd_in, mp_obj_t size_in) {
    int fd = linux_int(fd_in);
    int size = linux_int(size_in);
    if (size < 0) {
        mp_raise_OSError(EINVAL);
    }
    size_t wanted = (size_t)size < LINUX_RECEIVE_MAX ? (size_t)size : LINUX_RECEIVE_MAX;
    ssize_t got;
    LINUX_RETRY(got, read(fd, linux_received, wanted));
    if (got == -1 && errno == EAGAIN) {
        return mp_const_none;
    }
    linux_check(got);
    return linux_bytes(linux_received, (size_t)got);
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_read_obj, linux_read);

static mp_obj_t linux_write(mp_obj_t fd_in, mp_obj_t data) {
    int fd = linux_int(fd_in);
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(data, &buffer, MP_BUFFER_READ);
    frost_flush();
    ssize_t written;
    LINUX_RETRY(written, write(fd, buffer.buf, buffer.len));
    return mp_obj_new_int_from_ll(linux_check(written));
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_write_obj, linux_write);

static mp_obj_t linux_fsync(mp_obj_t fd_in) {
    int fd = linux_int(fd_in);
    int result;
    LINUX_RETRY(result, fsync(fd));
    linux_check(result);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_fsync_obj, linux_fsync);

static mp_obj_t linux_flock(mp_obj_t fd_in, mp_obj_t operation_in) {
    int fd = linux_int(fd_in);
    int operation = linux_int(operation_in);
    int result;
    LINUX_RETRY(result, flock(fd, operation));
    linux_check(result);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_flock_obj, linux_flock);

static mp_obj_t linux_set_nonblocking(mp_obj_t fd_in) {
    int fd = linux_int(fd_in);
    int flags = (int)linux_check(fcntl(fd, F_GETFL));
    linux_check(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_set_nonblocking_obj, linux_set_nonblocking);

static mp_obj_t linux_status_flags(mp_obj_t fd) {
    return mp_obj_new_int_from_ll(linux_check(fcntl(linux_int(fd), F_GETFL)));
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_status_flags_obj, linux_status_flags);

static mp_obj_t linux_mkdir(mp_obj_t path, mp_obj_t mode) {
    linux_check(mkdir(linux_path(path), (mode_t)linux_int(mode)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_mkdir_obj, linux_mkdir);

static mp_obj_t linux_mkfifo(mp_obj_t path, mp_obj_t mode) {
    linux_check(mkfifo(linux_path(path), (mode_t)linux_int(mode)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_mkfifo_obj, linux_mkfifo);

static mp_obj_t linux_chmod(mp_obj_t path, mp_obj_t mode) {
    linux_check(chmod(linux_path(path), (mode_t)linux_int(mode)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_chmod_obj, linux_chmod);

static mp_obj_t linux_chown(mp_obj_t path, mp_obj_t user, mp_obj_t group) {
    linux_check(chown(linux_path(path), (uid_t)linux_int(user), (gid_t)linux_int(group)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_3(linux_chown_obj, linux_chown);

static mp_obj_t linux_rmdir(mp_obj_t path) {
    linux_check(rmdir(linux_path(path)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_rmdir_obj, linux_rmdir);

static mp_obj_t linux_unlink(mp_obj_t path) {
    linux_check(unlink(linux_path(path)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_unlink_obj, linux_unlink);

static mp_obj_t linux_rename(mp_obj_t from, mp_obj_t to) {
    linux_check(rename(linux_path(from), linux_path(to)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_rename_obj, linux_rename);

static mp_obj_t linux_symlink(mp_obj_t target, mp_obj_t path) {
    linux_check(symlink(linux_path(target), linux_path(path)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_symlink_obj, linux_symlink);

static mp_obj_t linux_readlink(mp_obj_t path) {
    ssize_t length = readlink(linux_path(path), (char *)linux_received, LINUX_RECEIVE_MAX);
    linux_check(length);
    return linux_bytes(linux_received, (size_t)length);
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_readlink_obj, linux_readlink);

static mp_obj_t linux_listdir(mp_obj_t path) {
    const char *name = linux_path(path);
    mp_obj_t names = mp_obj_new_list(0, NULL);
    DIR *folder = opendir(name);
    if (folder == NULL) {
        mp_raise_OSError(errno);
    }
    // errno tells the end of the folder from an error; the appends may run out of memory only.
    struct dirent *entry;
    while (errno = 0, (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            mp_obj_list_append(names, linux_bytes(entry->d_name, strlen(entry->d_name)));
        }
    }
    int error = errno;
    closedir(folder);
    if (error != 0) {
        mp_raise_OSError(error);
    }
    return names;
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_listdir_obj, linux_listdir);

static mp_obj_t status_tuple(const struct stat *status) {
    mp_float_t modified = (mp_float_t)status->st_mtim.tv_sec
        + (mp_float_t)status->st_mtim.tv_nsec / (mp_float_t)1e9;
    mp_obj_t items[] = {
        mp_obj_new_int_from_uint(status->st_mode),
        mp_obj_new_int_from_ll(status->st_size),
        mp_obj_new_float(modified),
        mp_obj_new_int_from_ull(status->st_ino),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}

static mp_obj_t linux_lstat(mp_obj_t path) {
    struct stat status;
    linux_check(lstat(linux_path(path), &status));
    return status_tuple(&status);
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_lstat_obj, linux_lstat);

static mp_obj_t linux_stat(mp_obj_t path) {
    struct stat status;
    linux_check(stat(linux_path(path), &status));
    return status_tuple(&status);
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_stat_obj, linux_stat);

static mp_obj_t linux_inotify_init(void) {
    return MP_OBJ_NEW_SMALL_INT(linux_check(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)));
}
MP_DEFINE_CONST_FUN_OBJ_0(linux_inotify_init_obj, linux_inotify_init);

static mp_obj_t linux_inotify_add_watch(mp_obj_t fd, mp_obj_t path, mp_obj_t mask) {
    int watch = inotify_add_watch(linux_int(fd), linux_path(path), (uint32_t)linux_int(mask));
    return MP_OBJ_NEW_SMALL_INT(linux_check(watch));
}
MP_DEFINE_CONST_FUN_OBJ_3(linux_inotify_add_watch_obj, linux_inotify_add_watch);

static mp_obj_t linux_inotify_rm_watch(mp_obj_t fd, mp_obj_t watch) {
    linux_check(inotify_rm_watch(linux_int(fd), linux_int(watch)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_inotify_rm_watch_obj, linux_inotify_rm_watch);
