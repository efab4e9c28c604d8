// The process, its children, signals, clocks. See linux_module.c for what each call means.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "py/runtime.h"
#include "frost.h"

extern char **environ;

static mp_obj_t linux_argv(void) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (int i = 0; i < frost_argc; i++) {
        mp_obj_list_append(list, linux_bytes(frost_argv[i], strlen(frost_argv[i])));
    }
    return list;
}
MP_DEFINE_CONST_FUN_OBJ_0(linux_argv_obj, linux_argv);

// As getenv(): of two entries with one name the first counts.
static mp_obj_t linux_environ(void) {
    mp_obj_t values = mp_obj_new_dict(0);
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        const char *equals = strchr(*entry, '=');
        if (equals == NULL || equals == *entry) {
            continue;
        }
        mp_obj_t name = linux_bytes(*entry, (size_t)(equals - *entry));
        mp_map_elem_t *slot = mp_map_lookup(
            mp_obj_dict_get_map(values), name, MP_MAP_LOOKUP_ADD_IF_NOT_FOUND);
        if (slot->value == MP_OBJ_NULL) {
            slot->value = linux_bytes(equals + 1, strlen(equals + 1));
        }
    }
    return values;
}
MP_DEFINE_CONST_FUN_OBJ_0(linux_environ_obj, linux_environ);

static mp_obj_t linux_monotonic(void) {
    struct timespec now;
    linux_check(clock_gettime(CLOCK_MONOTONIC, &now));
    return mp_obj_new_float((mp_float_t)now.tv_sec + (mp_float_t)now.tv_nsec / (mp_float_t)1e9);
}
MP_DEFINE_CONST_FUN_OBJ_0(linux_monotonic_obj, linux_monotonic);

static mp_obj_t linux_random(mp_obj_t size_in) {
    int size = linux_int(size_in);
    if (size < 0 || size > 256) { // what getrandom() gives whole, whatever signals arrive
        mp_raise_OSError(EINVAL);
    }
    unsigned char octets[256];
    ssize_t got;
    LINUX_RETRY(got, getrandom(octets, (size_t)size, 0));
    linux_check(got);
    return linux_bytes(octets, (size_t)got);
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_random_obj, linux_random);

static mp_obj_t linux_pipe(void) {
    int ends[2];
    linux_check(pipe2(ends, O_CLOEXEC));
    mp_obj_t items[] = {MP_OBJ_NEW_SMALL_INT(ends[0]), MP_OBJ_NEW_SMALL_INT(ends[1])};
    return mp_obj_new_tuple(2, items);
}
MP_DEFINE_CONST_FUN_OBJ_0(linux_pipe_obj, linux_pipe);

// Descriptors 0 to 2 of the child. One that is itself below 3 is first copied out of the way,
// so that exchanging two of them works.
static int prepare_descriptors(posix_spawn_file_actions_t *actions, const mp_obj_t *wanted,
    int *copies) {
    for (int target = 0; target < 3; target++) {
        int fd = linux_int(wanted[target]);
        copies[target] = -1;
        if (fd == -1) {
            continue;
        }
        if (fd < 3 && fd != target) {
            fd = copies[target] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
            if (fd == -1) {
                return errno;
            }
        }
        int error = posix_spawn_file_actions_adddup2(actions, fd, target);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

static mp_obj_t linux_spawn(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    char **arguments = linux_strings(args[0]);
    char **variables = args[1] == mp_const_none ? environ : linux_strings(args[1]);
    if (arguments[0] == NULL) {
        mp_raise_OSError(EINVAL);
    }
    for (int i = 2; i < 5; i++) {
        linux_int(args[i]); // raises here, where nothing is open yet
    }
    frost_flush();
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    int copies[3] = {-1, -1, -1};
    pid_t child = -1;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int error = prepare_descriptors(&actions, args + 2, copies);
    if (error == 0) {
        error = posix_spawnp(&child, arguments[0], &actions, &attributes, arguments, variables);
    }
    for (int i = 0; i < 3; i++) {
        if (copies[i] != -1) {
            close(copies[i]);
        }
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        mp_raise_OSError(error);
    }
    return mp_obj_new_int(child);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(linux_spawn_obj, 5, 5, linux_spawn);

static mp_obj_t linux_waitpid(mp_obj_t pid_in, mp_obj_t options_in) {
    int pid = linux_int(pid_in);
    int options = linux_int(options_in);
    int status = 0;
    pid_t child;
    LINUX_RETRY(child, waitpid(pid, &status, options));
    linux_check(child);
    mp_obj_t items[] = {mp_obj_new_int(child), mp_obj_new_int(status)};
    return mp_obj_new_tuple(2, items);
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_waitpid_obj, linux_waitpid);

static mp_obj_t linux_kill(mp_obj_t pid, mp_obj_t number) {
    linux_check(kill(linux_int(pid), linux_int(number)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_kill_obj, linux_kill);

static mp_obj_t linux_getpid(void) {
    return mp_obj_new_int(getpid());
}
MP_DEFINE_CONST_FUN_OBJ_0(linux_getpid_obj, linux_getpid);

static mp_obj_t linux_exit(mp_obj_t code) {
    int status = linux_int(code);
    frost_flush();
    _exit(status);
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_exit_obj, linux_exit);

static mp_obj_t linux_strerror(mp_obj_t number) {
    const char *text = strerror(linux_int(number));
    return mp_obj_new_str(text, strlen(text));
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_strerror_obj, linux_strerror);

static mp_obj_t linux_signalfd(mp_obj_t numbers) {
    size_t count;
    mp_obj_t *items;
    mp_obj_get_array(numbers, &count, &items);
    sigset_t mask;
    sigemptyset(&mask);
    for (size_t i = 0; i < count; i++) {
        linux_check(sigaddset(&mask, linux_int(items[i])));
    }
    linux_check(sigprocmask(SIG_BLOCK, &mask, NULL));
    return MP_OBJ_NEW_SMALL_INT(linux_check(signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC)));
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_signalfd_obj, linux_signalfd);

static mp_obj_t linux_pidfd_open(mp_obj_t pid) {
    return MP_OBJ_NEW_SMALL_INT(linux_check(syscall(SYS_pidfd_open, linux_int(pid), 0)));
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_pidfd_open_obj, linux_pidfd_open);

static mp_obj_t linux_poll(mp_obj_t filenos, mp_obj_t timeout_in) {
    size_t count;
    mp_obj_t *items;
    mp_obj_get_array(filenos, &count, &items);
    int timeout_ms = linux_int(timeout_in);
    struct pollfd *waited = m_new0(struct pollfd, count + 1);
    for (size_t i = 0; i < count; i++) {
        int fd = linux_int(items[i]);
        waited[i].fd = fd < 0 ? ~fd : fd;
        waited[i].events = fd < 0 ? POLLOUT : POLLIN;
    }
    frost_flush();
    mp_obj_t ready = mp_obj_new_list(0, NULL);
    int found = poll(waited, count, timeout_ms);
    if (found == -1 && errno != EINTR) {
        mp_raise_OSError(errno);
    }
    for (size_t i = 0; found > 0 && i < count; i++) {
        if (waited[i].revents != 0) {
            mp_obj_list_append(ready, items[i]);
        }
    }
    return ready;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_poll_obj, linux_poll);
