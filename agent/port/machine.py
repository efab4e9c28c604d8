"""What only the first process of a machine does: mounts, modules, its end. All of it needs root.

Errors are OSError with .errno; paths are text. Flags are mount(2)'s and umount2(2)'s, the same on
every architecture.
mount(source, target, kind, flags=0, data=""): kind is the file system's name; "" where the flags
make it of no meaning. unmount(target, flags=0).
switch_root(path): what is mounted on `path` is "/" from now on, for this process, its children and,
when it is process 1, the kernel itself. What was "/" stays below it, out of reach.
load_module(path, parameters=""): finit_module(2); EEXIST: it is there. A name that does not end in
.ko is left to the kernel to decompress (Linux 5.17).
head(path, size, skip=0) -> at most so many octets of a file's or device's beginning, at most
65536; skip: behind so many others, as many at most.
sync(): waits until everything is on the disks.
end(how): "halt", "poweroff" or "reboot", at once: nothing is stopped or written before. It only
returns in a process namespace of its own, whose first process then dies.
keys(hard): what ctrl-alt-del does. True: the kernel reboots at once; False: process 1 gets SIGINT.
become(argv, environ, input="", output=""): this process becomes that program, named by its path.
The paths are opened as its standard input, and output and error; "" leaves what is there.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.cpython.machine import (
        become,
        end,
        head,
        keys,
        load_module,
        mount,
        switch_root,
        sync,
        unmount,
    )
elif sys.implementation.name == "micropython":
    from agent.port.frozen.machine import (
        become,
        end,
        head,
        keys,
        load_module,
        mount,
        switch_root,
        sync,
        unmount,
    )
else:
    from agent.port.cpython.machine import (
        become,
        end,
        head,
        keys,
        load_module,
        mount,
        switch_root,
        sync,
        unmount,
    )

__all__ = [
    "become",
    "end",
    "head",
    "keys",
    "load_module",
    "mount",
    "switch_root",
    "sync",
    "unmount",
]
