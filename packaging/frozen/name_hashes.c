// The hash of a name (a qstr), in place of MicroPython's table of all: two octets that nothing
// compresses for each of some thousand names, of which a program looks up a few hundred. Here each
// is computed when it is first asked for and then kept.
#include "py/qstr.h"

// More names than any binary has. A page of this that no name falls into takes no memory.
enum { MOST = 16384 };
static uint16_t kept[MOST];

mp_uint_t qstr_hash(qstr name) {
    // 0 is the hash of nothing.
    if (name < MOST && kept[name] != 0) {
        return kept[name];
    }
    size_t length;
    const byte *text = qstr_data(name, &length);
    size_t hash = qstr_compute_hash(text, length);
    if (name < MOST) {
        kept[name] = (uint16_t)hash;
    }
    return hash;
}
