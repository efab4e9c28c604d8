// The frozen binary: one file, many names. The name that it is called by picks the program
// (packaging/frozen/programs), whose module is imported from frozen code and nowhere else, and
// whose run() is called. argv and environ stay bytes: programs take them from `_linux`.
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "py/builtin.h"
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mperrno.h"
#include "py/runtime.h"
#include "shared/runtime/gchelper.h"
#include "frost.h"

// Deep enough for any program here, and far from the 8 MiB that a main thread gets.
#define FROST_STACK (256 * 1024)
// A program that wants more than this is broken; it gets MemoryError, the router keeps its memory.
#define FROST_HEAP_LIMIT (16 * 1024 * 1024)
// A collection at the latest after so many octets: in a full heap what is kept lies scattered, and
// no large piece is left between, though most of it is free.
#define FROST_COLLECT_AFTER (FROST_HEAP_LIMIT / 2)

enum { EXIT_ERROR = 1, EXIT_USAGE = 100, EXIT_SYSTEM = 111 };

int frost_argc;
char **frost_argv;

// --- Output ------------------------------------------------------------------------------------

struct output {
    int fd;
    size_t length;
    char text[512];
};
static struct output standard_output = {.fd = 1};
static struct output standard_error = {.fd = 2};

static void flush(struct output *output) {
    for (size_t done = 0; done < output->length;) {
        ssize_t written = write(output->fd, output->text + done, output->length - done);
        if (written == -1 && errno != EINTR) {
            break; // nobody reads: print() has no way to say so, programs use process.write
        }
        done += written == -1 ? 0 : (size_t)written;
    }
    output->length = 0;
}

// A line leaves in one write, so that lines of several processes never mix in one log.
static void put(struct output *output, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        output->text[output->length++] = text[i];
        if (text[i] == '\n' || output->length == sizeof(output->text)) {
            flush(output);
        }
    }
}

void frost_print(const char *text, size_t length) {
    put(&standard_output, text, length);
}

void frost_flush(void) {
    if (standard_output.length != 0) {
        flush(&standard_output);
    }
}

static void print_error(void *data, const char *text, size_t length) {
    (void)data;
    put(&standard_error, text, length);
}
const mp_print_t frost_stderr = {NULL, print_error};

static void say(const char *text) {
    put(&standard_error, text, strlen(text));
}

// What a stranger chose, as agent.report.show() has it: nothing reaches a terminal but ASCII text.
static void say_escaped(const char *text) {
    static const char digits[] = "0123456789abcdef";
    for (const unsigned char *next = (const unsigned char *)text; *next != '\0'; next++) {
        char escape[] = {'\\', 'x', digits[*next >> 4], digits[*next & 15]};
        bool plain = *next >= 0x20 && *next <= 0x7e && *next != '\\';
        put(&standard_error, plain ? (const char *)next : escape, plain ? 1 : sizeof(escape));
    }
}

// One of descriptors 0 to 2 that is closed would be the number of our first socket, and what is
// meant for people would go there. open() hands out the lowest number that is free.
static void open_standard_descriptors(void) {
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= 2);
    if (fd > 2) {
        close(fd);
    }
}

// --- What MicroPython's core asks of a port ------------------------------------------------------

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    gc_collect_end();
}

// How much the heap may still grow.
size_t gc_get_max_new_split(void) {
    size_t used = 0;
    for (mp_state_mem_area_t *area = &MP_STATE_MEM(area); area != NULL; area = area->next) {
        used += (size_t)((char *)area->gc_pool_end - (char *)area->gc_alloc_table_start);
    }
    return used < FROST_HEAP_LIMIT ? FROST_HEAP_LIMIT - used : 0;
}

// There is no file system to import from: whatever lies in the working directory is not ours.
mp_import_stat_t mp_import_stat(const char *path) {
    (void)path;
    return MP_IMPORT_STAT_NO_EXIST;
}

// The builtin comes with the io module, which json needs. Files are opened through the port.
static mp_obj_t refuse_open(size_t n_args, const mp_obj_t *args, mp_map_t *keywords) {
    (void)n_args;
    (void)args;
    (void)keywords;
    mp_raise_NotImplementedError(MP_ERROR_TEXT("open: use agent.port.files"));
}
MP_DEFINE_CONST_FUN_OBJ_KW(mp_builtin_open_obj, 0, refuse_open);

void nlr_jump_fail(void *value) {
    (void)value;
    say("frost: internal error: an exception that nothing catches\n");
    _exit(EXIT_ERROR);
}

// --- Programs ------------------------------------------------------------------------------------

static const struct frost_program *find_program(const char *called) {
    const char *slash = strrchr(called, '/');
    const char *name = slash == NULL ? called : slash + 1;
    // The kernel starts /init or /sbin/init, whatever these are links to.
    if (strcmp(name, "init") == 0) {
        name = "frost-init";
    }
    for (size_t i = 0; i < frost_programs_count; i++) {
        if (strcmp(name, frost_programs[i].name) == 0) {
            return &frost_programs[i];
        }
    }
    say("frost: called as '");
    say_escaped(name);
    say("': expected one of");
    for (size_t i = 0; i < frost_programs_count; i++) {
        say(" ");
        say(frost_programs[i].name);
    }
    say("\n");
    return NULL;
}

// sys.exit(): none is 0, a number itself, anything else is shown and 1, as on CPython.
static int exit_code(mp_obj_t exception) {
    mp_obj_t value = mp_obj_exception_get_value(exception);
    mp_int_t code;
    if (value == mp_const_none) {
        return 0;
    }
    if (mp_obj_get_int_maybe(value, &code)) {
        return (int)(code & 0xff);
    }
    mp_obj_print_helper(&frost_stderr, value, PRINT_STR);
    say("\n");
    return EXIT_ERROR;
}

static int run(const struct frost_program *program) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_sys_path = mp_obj_new_list(0, NULL);
        mp_obj_list_append(mp_sys_path, MP_OBJ_NEW_QSTR(MP_QSTR__dot_frozen));
        // A "from" list, even an empty one, makes the import hand out the innermost module.
        qstr module_name = qstr_from_str(program->module);
        mp_obj_t module =
            mp_import_name(module_name, mp_const_empty_tuple, MP_OBJ_NEW_SMALL_INT(0));
        mp_call_function_0(mp_load_attr(module, MP_QSTR_run));
        nlr_pop();
        return 0;
    }
    mp_obj_t exception = MP_OBJ_FROM_PTR(nlr.ret_val);
    if (mp_obj_is_subclass_fast(
        MP_OBJ_FROM_PTR(mp_obj_get_type(exception)), MP_OBJ_FROM_PTR(&mp_type_SystemExit))) {
        return exit_code(exception);
    }
    mp_obj_print_exception(&frost_stderr, exception);
    return EXIT_ERROR;
}

// Not inlined: the stack's top must lie above every variable that points into the heap.
static MP_NOINLINE int start(const struct frost_program *program) {
    size_t size = program->heap_kib * 1024;
    char *heap = malloc(size);
    if (heap == NULL) {
        say("frost: no memory for the first heap\n");
        return EXIT_SYSTEM;
    }
    gc_init(heap, heap + size);
    MP_STATE_MEM(gc_alloc_threshold) = FROST_COLLECT_AFTER / MICROPY_BYTES_PER_GC_BLOCK;
    mp_init();
    int code = run(program);
    frost_flush();
    flush(&standard_error);
    return code;
}

int main(int argc, char **argv) {
    mp_cstack_init_with_sp_here(FROST_STACK);
    frost_argc = argc;
    frost_argv = argv;
    open_standard_descriptors();
    const struct frost_program *program = find_program(argc > 0 ? argv[0] : "");
    return program == NULL ? EXIT_USAGE : start(program);
}
