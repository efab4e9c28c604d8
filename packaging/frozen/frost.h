// What the C files of the frozen binary share.
#ifndef FROST_H
#define FROST_H

#include <stddef.h>
#include "py/obj.h"

// One line of packaging/frozen/programs; the table is generated (packaging/packager/freeze.py).
struct frost_program {
    const char *name;
    const char *module;
    size_t heap_kib;
};
extern const struct frost_program frost_programs[];
extern const size_t frost_programs_count;

extern int frost_argc;
extern char **frost_argv;

// Write out what print() has gathered: before anything else is written, and before the end.
void frost_flush(void);

// --- linux_values.c: Python values in and out ---------------------------------------------------
// Raise OSError(errno) when a system call said -1; otherwise hand its result on.
long long linux_check(long long result);
// A path or name: str or bytes-like, without an inner NUL. It lives as long as the current call.
const char *linux_path(mp_obj_t object);
int linux_int(mp_obj_t object);
mp_obj_t linux_bytes(const void *data, size_t length);
// NULL-terminated array of strings from a list of bytes.
char **linux_strings(mp_obj_t list);

// Repeat a call that a signal interrupted; only for calls that lose nothing by it.
#define LINUX_RETRY(result, call) do { (result) = (call); } while ((result) == -1 && errno == EINTR)

// One buffer for everything that is received: pages that no message fills are never resident,
// and the heap only gets what really came.
#define LINUX_RECEIVE_MAX (65536)
extern unsigned char linux_received[LINUX_RECEIVE_MAX];

#endif
