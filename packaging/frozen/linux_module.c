// The module `_linux`: thin system calls for agent/port/frozen/, and nothing clever.
//
// Paths and data are str or bytes-like; what comes from outside is bytes. Every failed call raises
// OSError(errno). Every descriptor is close-on-exec. A call that a signal interrupted is repeated
// where nothing is lost by it; poll() returns [] instead.
//
//   argv() -> list of bytes, argv[0] included     environ() -> dict of bytes
//   monotonic() -> float, seconds of CLOCK_MONOTONIC     random(n) -> n <= 256 octets
//   open(path, flags, mode=0o644) -> fd     close(fd)
//   memfd_create(name) -> fd of a new file in memory, that no folder has
//   read(fd, n) -> bytes, at most 65536; b"" at the end; None when there is nothing now (EAGAIN)
//   write(fd, data) -> octets written     fsync(fd)     flock(fd, operation)
//   set_nonblocking(fd)     status_flags(fd) -> F_GETFL's     pipe() -> (read end, write end)
//   mkdir(path, mode) rmdir(path) unlink(path) rename(from, to) symlink(target, path)
//   readlink(path) -> bytes     listdir(path) -> list of bytes, unsorted, without . and ..
//   chmod(path, mode)     chown(path, user, group): by number     mkfifo(path, mode)
//   lstat(path), stat(path) -> (mode, size, modification time in seconds as float, inode)
//   spawn(argv, environ, stdin, stdout, stderr) -> pid     posix_spawnp(3); environ: list of
//       b"NAME=value" or None for our own; a descriptor of -1 is inherited; empty signal mask
//   waitpid(pid, options) -> (pid, wait status)     kill(pid, signal)     getpid()
//   pidfd_open(pid) -> fd, readable when that process has ended
//   execve(argv, environ, input, output): this process becomes that program; no PATH; environ as
//       above; input and output (also for errors) become its descriptors, -1 leaves them
//   mount(source, target, type, flags, data)     umount2(target, flags)
//   switch_root(path): the mount on `path` becomes the root, of this process and, when it is
//       process 1, of the kernel     sync()     reboot(command), see reboot(2)
//   finit_module(fd, parameters, flags)
//   exit(code): _exit(2)     strerror(errno) -> str
//   inotify_init() -> fd, non-blocking     inotify_add_watch(fd, path, mask) -> watch
//   inotify_rm_watch(fd, watch)
//   signalfd(signals) -> fd, non-blocking; the signals are blocked
//   poll(fds, timeout in ms, -1 for ever) -> list of the fds with any event; ~fd waits for writing
//   socket(family, type, protocol) -> fd     bind(fd, sockaddr)     connect(fd, sockaddr)
//   listen(fd, backlog)     accept(fd) -> fd, None when nobody waits
//   getsockname(fd) -> sockaddr     sendto(fd, data, sockaddr, b"" for none) -> octets sent
//   recvmsg(fd, n) -> (data of at most 65536 octets, sockaddr, [(level, type, data)], flags),
//       None when there is nothing now; never waits
//   ioctl(fd, request, value) -> int: one that takes a pointer to an int; what is there then
//   setsockopt(fd, level, name, int or bytes)     getsockopt(fd, level, name) -> int
//   if_nametoindex(name) -> int, 0 when there is none
// The constants are those that differ between architectures (mips has its own for most).
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

#include "py/runtime.h"
#include "frost.h"

#define FIXED(F) \
    F(argv) F(environ) F(monotonic) F(random) F(close) F(read) F(write) F(fsync) F(flock) \
    F(set_nonblocking) F(status_flags) F(pipe) F(memfd_create) F(mkdir) F(rmdir) F(unlink) F(rename) \
    F(symlink) F(readlink) F(listdir) F(chmod) F(chown) F(mkfifo) F(lstat) F(stat) F(waitpid) F(kill) F(getpid) F(pidfd_open) F(exit) \
    F(strerror) F(inotify_init) F(inotify_add_watch) F(inotify_rm_watch) F(signalfd) F(poll) \
    F(socket) F(bind) F(connect) F(listen) F(accept) F(getsockname) F(sendto) F(recvmsg) F(getsockopt) \
    F(if_nametoindex) F(umount2) F(switch_root) F(sync) F(reboot) F(finit_module) F(ioctl)
#define VARIABLE(F) F(open) F(spawn) F(setsockopt) F(mount) F(execve)

#define CONSTANTS(C) \
    C(O_RDONLY) C(O_WRONLY) C(O_RDWR) C(O_CREAT) C(O_EXCL) C(O_TRUNC) C(O_APPEND) \
    C(O_NONBLOCK) C(O_DIRECTORY) C(O_NOFOLLOW) \
    C(SOL_SOCKET) C(SO_RCVBUF) C(SO_RCVBUFFORCE) C(SO_BINDTODEVICE) C(SO_ATTACH_FILTER) \
    C(SOCK_RAW) C(SOCK_DGRAM) C(SOCK_STREAM) \
    C(SIGCHLD) C(SIGTERM) C(SIGHUP) C(SIGINT) C(SIGUSR1) C(SIGUSR2) C(SIGKILL) C(SIGSTOP) \
    C(SIGCONT) C(SIGALRM) C(SIGPIPE) C(SIGQUIT) \
    C(E2BIG) C(EACCES) C(EADDRINUSE) C(EADDRNOTAVAIL) C(EAFNOSUPPORT) C(EAGAIN) C(EBADF) \
    C(EBUSY) C(ECHILD) C(ECONNREFUSED) C(EDQUOT) C(EEXIST) C(EFBIG) C(EHOSTUNREACH) C(EINTR) \
    C(EINVAL) C(EIO) C(EISDIR) C(ELOOP) C(EMFILE) C(EMSGSIZE) C(ENAMETOOLONG) C(ENETDOWN) \
    C(ENETUNREACH) C(ENOBUFS) C(ENODEV) C(ENOENT) C(ENOMEM) C(ENOSPC) C(ENOSYS) C(ENOTCONN) \
    C(ENOTDIR) C(ENOTEMPTY) C(ENXIO) C(EOPNOTSUPP) C(EPERM) C(EPIPE) C(EROFS) C(ESRCH) \
    C(ETIMEDOUT) C(EXDEV)

#define DECLARE_FIXED(name) extern const mp_obj_fun_builtin_fixed_t linux_##name##_obj;
#define DECLARE_VARIABLE(name) extern const mp_obj_fun_builtin_var_t linux_##name##_obj;
FIXED(DECLARE_FIXED)
VARIABLE(DECLARE_VARIABLE)

#define FUNCTION(name) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_PTR(&linux_##name##_obj)},
#define CONSTANT(name) {MP_ROM_QSTR(MP_QSTR_##name), MP_ROM_INT(name)},

static const mp_rom_map_elem_t linux_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__linux)},
    FIXED(FUNCTION)
    VARIABLE(FUNCTION)
    CONSTANTS(CONSTANT)
};
static MP_DEFINE_CONST_DICT(linux_globals, linux_globals_table);

const mp_obj_module_t linux_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&linux_globals,
};

MP_REGISTER_MODULE(MP_QSTR__linux, linux_module);
