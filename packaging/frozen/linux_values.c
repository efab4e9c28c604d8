// Python values in and out of the system calls of `_linux`.
#include <errno.h>
#include <string.h>

#include "py/runtime.h"
#include "frost.h"

unsigned char linux_received[LINUX_RECEIVE_MAX];

long long linux_check(long long result) {
    if (result == -1) {
        mp_raise_OSError(errno);
    }
    return result;
}

const char *linux_path(mp_obj_t object) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(object, &buffer, MP_BUFFER_READ);
    // A NUL would cut the name short: what was checked would not be what is opened.
    if (memchr(buffer.buf, 0, buffer.len) != NULL) {
        mp_raise_OSError(EINVAL);
    }
    char *copy = m_new(char, buffer.len + 1);
    memcpy(copy, buffer.buf, buffer.len);
    copy[buffer.len] = 0;
    return copy;
}

// An int or an unsigned int (a mask); anything larger is refused, since it
// would silently become another number.
int linux_int(mp_obj_t object) {
    int value = (int)mp_obj_get_int_truncated(object);
    if (!mp_obj_equal(object, mp_obj_new_int(value))
        && !mp_obj_equal(object, mp_obj_new_int_from_uint((unsigned int)value))) {
        mp_raise_OSError(EINVAL);
    }
    return value;
}

mp_obj_t linux_bytes(const void *data, size_t length) {
    return mp_obj_new_bytes(data, length);
}

char **linux_strings(mp_obj_t list) {
    size_t count;
    mp_obj_t *items;
    mp_obj_get_array(list, &count, &items);
    char **strings = m_new0(char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        strings[i] = (char *)linux_path(items[i]);
    }
    return strings;
}
