// Sockets of any family; addresses are raw sockaddr bytes, packed and parsed in Python.
// See linux_module.c for what each call means.
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "py/runtime.h"
#include "frost.h"

static mp_obj_t linux_socket(mp_obj_t family, mp_obj_t type, mp_obj_t protocol) {
    int fd = socket(linux_int(family), linux_int(type) | SOCK_CLOEXEC, linux_int(protocol));
    return MP_OBJ_NEW_SMALL_INT(linux_check(fd));
}
MP_DEFINE_CONST_FUN_OBJ_3(linux_socket_obj, linux_socket);

// The address is copied: the kernel wants it aligned, a slice of bytes need not be.
static socklen_t get_address(mp_obj_t object, struct sockaddr_storage *address) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(object, &buffer, MP_BUFFER_READ);
    if (buffer.len > sizeof(*address)) {
        mp_raise_OSError(EINVAL);
    }
    memcpy(address, buffer.buf, buffer.len);
    return (socklen_t)buffer.len;
}

static mp_obj_t linux_bind(mp_obj_t fd, mp_obj_t to) {
    struct sockaddr_storage address;
    socklen_t length = get_address(to, &address);
    linux_check(bind(linux_int(fd), (struct sockaddr *)&address, length));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_bind_obj, linux_bind);

static mp_obj_t linux_connect(mp_obj_t fd, mp_obj_t to) {
    struct sockaddr_storage address;
    socklen_t length = get_address(to, &address);
    linux_check(connect(linux_int(fd), (struct sockaddr *)&address, length));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_connect_obj, linux_connect);

static mp_obj_t linux_listen(mp_obj_t fd, mp_obj_t backlog) {
    linux_check(listen(linux_int(fd), linux_int(backlog)));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_listen_obj, linux_listen);

// Whoever gave up while waiting in the queue is as if nobody waited.
static mp_obj_t linux_accept(mp_obj_t fd_in) {
    int fd = linux_int(fd_in);
    int got;
    LINUX_RETRY(got, accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (got == -1 && (errno == EAGAIN || errno == ECONNABORTED)) {
        return mp_const_none;
    }
    return MP_OBJ_NEW_SMALL_INT(linux_check(got));
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_accept_obj, linux_accept);

static mp_obj_t linux_getsockname(mp_obj_t fd) {
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    linux_check(getsockname(linux_int(fd), (struct sockaddr *)&address, &length));
    return linux_bytes(&address, length);
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_getsockname_obj, linux_getsockname);

static mp_obj_t linux_sendto(mp_obj_t fd_in, mp_obj_t data, mp_obj_t to) {
    int fd = linux_int(fd_in);
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(data, &buffer, MP_BUFFER_READ);
    struct sockaddr_storage address;
    socklen_t length = get_address(to, &address);
    struct sockaddr *where = length == 0 ? NULL : (struct sockaddr *)&address;
    ssize_t sent;
    LINUX_RETRY(sent, sendto(fd, buffer.buf, buffer.len, MSG_NOSIGNAL, where, length));
    return mp_obj_new_int_from_ll(linux_check(sent));
}
MP_DEFINE_CONST_FUN_OBJ_3(linux_sendto_obj, linux_sendto);

static mp_obj_t control_list(struct msghdr *message) {
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control != NULL;
         control = CMSG_NXTHDR(message, control)) {
        size_t length = control->cmsg_len - CMSG_LEN(0);
        mp_obj_t items[] = {
            mp_obj_new_int(control->cmsg_level),
            mp_obj_new_int(control->cmsg_type),
            linux_bytes(CMSG_DATA(control), length),
        };
        mp_obj_list_append(list, mp_obj_new_tuple(MP_ARRAY_SIZE(items), items));
    }
    return list;
}

static mp_obj_t linux_recvmsg(mp_obj_t fd_in, mp_obj_t size_in) {
    int fd = linux_int(fd_in);
    int size = linux_int(size_in);
    if (size < 0) {
        mp_raise_OSError(EINVAL);
    }
    struct sockaddr_storage address;
    union {
        struct cmsghdr alignment;
        unsigned char octets[512];
    } control;
    struct iovec vector = {
        .iov_base = linux_received,
        .iov_len = (size_t)size < LINUX_RECEIVE_MAX ? (size_t)size : LINUX_RECEIVE_MAX,
    };
    struct msghdr message;
    memset(&message, 0, sizeof(message)); // musl pads it: an initialiser would leave that unset
    message.msg_name = &address;
    message.msg_namelen = sizeof(address);
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof(control);
    ssize_t got;
    LINUX_RETRY(got, recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
    if (got == -1 && errno == EAGAIN) {
        return mp_const_none;
    }
    linux_check(got);
    mp_obj_t items[] = {
        linux_bytes(linux_received, (size_t)got),
        linux_bytes(&address, message.msg_namelen),
        control_list(&message),
        mp_obj_new_int(message.msg_flags),
    };
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
MP_DEFINE_CONST_FUN_OBJ_2(linux_recvmsg_obj, linux_recvmsg);

static mp_obj_t linux_setsockopt(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    int fd = linux_int(args[0]);
    int level = linux_int(args[1]);
    int name = linux_int(args[2]);
    if (mp_obj_is_int(args[3])) {
        int value = linux_int(args[3]);
        linux_check(setsockopt(fd, level, name, &value, sizeof(value)));
    } else {
        mp_buffer_info_t buffer;
        mp_get_buffer_raise(args[3], &buffer, MP_BUFFER_READ);
        linux_check(setsockopt(fd, level, name, buffer.buf, (socklen_t)buffer.len));
    }
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(linux_setsockopt_obj, 4, 4, linux_setsockopt);

static mp_obj_t linux_getsockopt(mp_obj_t fd, mp_obj_t level, mp_obj_t name) {
    int value = 0;
    socklen_t length = sizeof(value);
    linux_check(getsockopt(linux_int(fd), linux_int(level), linux_int(name), &value, &length));
    return mp_obj_new_int(value);
}
MP_DEFINE_CONST_FUN_OBJ_3(linux_getsockopt_obj, linux_getsockopt);

static mp_obj_t linux_if_nametoindex(mp_obj_t name) {
    return mp_obj_new_int_from_uint(if_nametoindex(linux_path(name)));
}
MP_DEFINE_CONST_FUN_OBJ_1(linux_if_nametoindex_obj, linux_if_nametoindex);
