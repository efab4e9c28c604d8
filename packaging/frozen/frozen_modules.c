// Finding a frozen module by its path, in place of MicroPython's py/frozenmod.c. That one looks at
// every name for each question, and an import asks three for each part of a path: a third of what
// a small program's start took. Here the names are sorted, and a question is a binary search.
#include <string.h>

#include "py/emitglue.h"
#include "py/frozenmod.h"

// Null-separated, with an empty one at the end; the Makefile has them sorted.
extern const char mp_frozen_names[];
extern const mp_frozen_module_t *const mp_frozen_mpy_content[];

enum { MOST = 1024 };
static const char *names[MOST];
static size_t count;

static void index_names(void) {
    for (const char *name = mp_frozen_names; *name != '\0' && count < MOST; name += strlen(name) + 1) {
        names[count++] = name;
    }
}

// The first name that is not before `path` with the character `end` behind it ('\0' for none).
static size_t first_from(const char *path, size_t length, char end) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strncmp(names[middle], path, length);
        if (order == 0) {
            order = (unsigned char)names[middle][length] - (unsigned char)end;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_there(size_t place, const char *path, size_t length, char end) {
    return place < count && strncmp(names[place], path, length) == 0 && names[place][length] == end;
}

// What `path` is: a module, a folder with modules in it, or nothing. A module's code goes to `data`.
mp_import_stat_t mp_find_frozen_module(const char *path, int *frozen_type, void **data) {
    if (count == 0) {
        index_names();
    }
    if (frozen_type != NULL) {
        *frozen_type = MP_FROZEN_NONE;
    }
    size_t length = strlen(path);
    size_t place = first_from(path, length, '\0');
    if (is_there(place, path, length, '\0')) {
        if (frozen_type != NULL) {
            *frozen_type = MP_FROZEN_MPY;
            *data = (void *)mp_frozen_mpy_content[place];
        }
        return MP_IMPORT_STAT_FILE;
    }
    if (is_there(first_from(path, length, '/'), path, length, '/')) {
        return MP_IMPORT_STAT_DIR;
    }
    return MP_IMPORT_STAT_NO_EXIST;
}
