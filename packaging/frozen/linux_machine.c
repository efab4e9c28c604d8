// The machine: mounts, kernel modules, its end. See linux_module.c for what each call means.
#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "py/runtime.h"
#include "frost.h"

static mp_obj_t linux_mount(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    const char *source = linux_path(args[0]), *target = linux_path(args[1]);
    const char *type = linux_path(args[2]), *data = linux_path(args[4]);
    unsigned long flags = (unsigned int)linux_int(args[3]);
    linux_check(mount(source, target, type, flags, data));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(linux_mount_obj, 5, 5, linux_mount);

static mp_obj_t linux_umount2(mp_obj_t target, mp_obj_t flags) {
    linux_check(umount2(linux_path(target), linux_int(flags)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_umount2_obj, linux_umount2);

// Not pivot_root(2): the kernel refuses that for an initramfs. "." stays reachable while the new
// root covers the old one.
static mp_obj_t linux_switch_root(mp_obj_t path) {
    linux_check(chdir(linux_path(path)));
    linux_check(mount(".", "/", NULL, MS_MOVE, NULL));
    linux_check(chroot("."));
    linux_check(chdir("/"));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_switch_root_obj, linux_switch_root);

static mp_obj_t linux_sync(void) {
    sync();
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_0(linux_sync_obj, linux_sync);

static mp_obj_t linux_reboot(mp_obj_t command) {
    linux_check(reboot(linux_int(command)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_reboot_obj, linux_reboot);

static mp_obj_t linux_finit_module(mp_obj_t fd, mp_obj_t parameters, mp_obj_t flags) {
    const char *words = linux_path(parameters);
    linux_check(syscall(SYS_finit_module, linux_int(fd), words, linux_int(flags)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_3(linux_finit_module_obj, linux_finit_module);

static mp_obj_t linux_ioctl(mp_obj_t fd, mp_obj_t request, mp_obj_t value) {
    int number = linux_int(value);
    linux_check(ioctl(linux_int(fd), (unsigned int)linux_int(request), &number));
    return mp_obj_new_int(number);
}
MP_DEFINE_CONST_FUN_OBJ_3(linux_ioctl_obj, linux_ioctl);

static mp_obj_t linux_execve(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    char **arguments = linux_strings(args[0]);
    char **variables = linux_strings(args[1]);
    int input = linux_int(args[2]), output = linux_int(args[3]);
    if (arguments[0] == NULL) {
        mp_raise_OSError(EINVAL);
    }
    frost_flush();
    // Those that are opened for this have numbers above 2: 0 to 2 are always open (main.c).
    if (input != -1) {
        linux_check(dup2(input, 0));
    }
    if (output != -1) {
        linux_check(dup2(output, 1));
        linux_check(dup2(output, 2));
    }
    // SIGPIPE is blocked by agent.port.process, and a mask outlives exec.
    sigset_t none;
    sigemptyset(&none);
    linux_check(sigprocmask(SIG_SETMASK, &none, NULL));
    linux_check(execve(arguments[0], arguments, variables));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(linux_execve_obj, 4, 4, linux_execve);
