// How MicroPython is configured for frostgate's frozen binary. docs/frozen.md tells what each
// switch costs in bytes. Everything that a program runs is frozen into the binary, and every
// system call goes through `_linux`: so there is no compiler, no file system and no socket here.
#ifndef FROST_MPCONFIGPORT_H
#define FROST_MPCONFIGPORT_H

#include <alloca.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

typedef intptr_t mp_int_t;
typedef uintptr_t mp_uint_t;
typedef long long mp_off_t;
#define MP_SSIZE_MAX INTPTR_MAX
#define MP_STATE_PORT MP_STATE_VM

// --- Frozen modules and nothing else -----------------------------------------------------------
#define MICROPY_ENABLE_COMPILER (0)
#define MICROPY_MODULE_FROZEN_MPY (1)
#define MICROPY_QSTR_EXTRA_POOL mp_qstr_frozen_const_pool
// The finder of packages is compiled in by "external import", but sys.path holds `.frozen` alone
// (main.c) and mp_import_stat() finds nothing.
#define MICROPY_ENABLE_EXTERNAL_IMPORT (1)
#define MICROPY_PY_SYS_PATH_ARGV_DEFAULTS (0)
#define MICROPY_PERSISTENT_CODE_LOAD (0)
#define MICROPY_PY_SYS_ARGV (0)
#define MICROPY_PY_BUILTINS_COMPILE (0)
#define MICROPY_PY_BUILTINS_EVAL_EXEC (0)
#define MICROPY_PY_BUILTINS_EXECFILE (0)
#define MICROPY_PY_BUILTINS_HELP (0)
#define MICROPY_PY_BUILTINS_INPUT (0)
#define MICROPY_HELPER_REPL (0)
#define MICROPY_PY_SYS_PS1_PS2 (0)

// --- Memory ------------------------------------------------------------------------------------
#define MICROPY_ENABLE_GC (1)
// The first heap is small (packaging/frozen/programs names it); it grows when a collection has
// freed too little, up to FROST_HEAP_LIMIT (main.c).
#define MICROPY_GC_SPLIT_HEAP (1)
#define MICROPY_GC_SPLIT_HEAP_AUTO (1)
// setjmp() finds the registers on every target; the hand-written ones doubt clang.
#define MICROPY_GCREGS_SETJMP (1)
#define MICROPY_ENABLE_FINALISER (0)
#define MICROPY_ALLOC_PATH_MAX (256)
#define MICROPY_STACK_CHECK (1)
// Room below the limit for the C code that does not check.
#define MICROPY_STACK_CHECK_MARGIN (4096)
#define MICROPY_ENABLE_SCHEDULER (0)
#define MICROPY_KBD_EXCEPTION (0)
#define MICROPY_OPT_COMPUTED_GOTO (1)

// --- The language ------------------------------------------------------------------------------
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MPZ_DIG_SIZE (16) // the same on 32 and 64 bits: frozen constants are made of digits
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_DOUBLE)
#define MICROPY_FLOAT_USE_NATIVE_FLT16 (0)
#define MICROPY_ERROR_REPORTING (MICROPY_ERROR_REPORTING_NORMAL)
#define MICROPY_ENABLE_SOURCE_LINE (1)
#define MICROPY_QSTR_BYTES_IN_HASH (0) // name_hashes.c computes them
#define MICROPY_PY_BUILTINS_STR_UNICODE_CHECK (1)
#define MICROPY_PY_BUILTINS_COMPLEX (0)
#define MICROPY_CAN_OVERRIDE_BUILTINS (0)
// What no device code says; its tests run on the frozen binary.
#define MICROPY_PY_ASYNC_AWAIT (0)
#define MICROPY_PY_DESCRIPTORS (0)
#define MICROPY_PY_DELATTR_SETATTR (0)
#define MICROPY_PY_ALL_SPECIAL_METHODS (0)
#define MICROPY_PY_REVERSE_SPECIAL_METHODS (0)
#define MICROPY_MODULE_GETATTR (0)
#define MICROPY_PY_BUILTINS_FILTER (0)
#define MICROPY_PY_BUILTINS_MEMORYVIEW (0)
#define MICROPY_PY_BUILTINS_POW3 (0)
#define MICROPY_PY_BUILTINS_RANGE_ATTRS (0)
#define MICROPY_PY_BUILTINS_SLICE_ATTRS (0)
#define MICROPY_PY_BUILTINS_SLICE_INDICES (0)
#define MICROPY_PY_BUILTINS_STR_CENTER (0)
#define MICROPY_PY_GENERATOR_PEND_THROW (0)

// --- The library: builtins, sys, gc, struct, json, hashlib, collections --------------------------
#define MICROPY_PY_SYS_PLATFORM "linux"
#define MICROPY_PY_SYS_STDFILES (0)
#define MICROPY_PY_SYS_STDIO_BUFFER (0)
#define MICROPY_PY_SYS_EXC_INFO (0)
#define MICROPY_PY_IO (1) // json reads from a StringIO
#define MICROPY_PY_IO_IOBASE (0)
#define MICROPY_PY_IO_BYTESIO (0)
#define MICROPY_STREAMS_NON_BLOCK (0)
#define MICROPY_PY_HASHLIB_SHA256 (1)
#define MICROPY_PY_JSON_SEPARATORS (1)
#define MICROPY_PY_BINASCII (0)
#define MICROPY_PY_ERRNO (0)
#define MICROPY_PY_COLLECTIONS_DEQUE (0)
#define MICROPY_PY_MATH (0)
#define MICROPY_PY_CMATH (0)
#define MICROPY_PY_ARRAY (0) // bytearray is a builtin
#define MICROPY_PY_RE (0)
#define MICROPY_PY_TIME (0)
#define MICROPY_PY_OS (0)
#define MICROPY_PY_SELECT (0)
#define MICROPY_PY_RANDOM (0)
#define MICROPY_PY_ASYNCIO (0)
#define MICROPY_PY_DEFLATE (0)
#define MICROPY_PY_HEAPQ (0)
#define MICROPY_PY_FRAMEBUF (0)
#define MICROPY_PY_UCTYPES (0)
#define MICROPY_PY_PLATFORM (0)
#define MICROPY_PY_MACHINE (0)
#define MICROPY_PY_MICROPYTHON (0)
#define MICROPY_PY_MICROPYTHON_MEM_INFO (0)
#define MICROPY_PY_MICROPYTHON_RINGIO (0)
#define MICROPY_VFS (0)

// --- Output: print() goes to descriptor 1, a whole line in one write ----------------------------
void frost_print(const char *text, size_t length);
#define MP_PLAT_PRINT_STRN(text, length) frost_print(text, length)
extern const struct _mp_print_t frost_stderr;
#define MICROPY_ERROR_PRINTER (&frost_stderr)

#endif
