"""An ext4: a writable root on a disk, USB stick or eMMC.

mke2fs takes contents from a folder; owners, modes, devices and times are set in the image
afterwards, so that nobody needs to be root and no host file's time shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from packager.formats.staging import staged
from packager.formats.tools import FormatError, run
from packager.root.tree import Entry, Tree

BLOCK = 4096
# inode(7): the file's type in i_mode
TYPES = {"file": 0o100000, "folder": 0o040000, "link": 0o120000, "character": 0o020000,
         "block": 0o060000, "fifo": 0o010000}  # fmt: skip
# What a kernel of Debian 12 reads, and no mke2fs.conf of the machine decides.
FEATURES = (
    "none,has_journal,ext_attr,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,"
    "huge_file,dir_nlink,extra_isize,metadata_csum"
)
CONFIGURATION = "[defaults]\n\tblocksize = 4096\n\tinode_size = 256\n\tinode_ratio = 16384\n"


@dataclass(frozen=True)
class Ext4:
    """`size` in octets (0: what the tree needs and a quarter more, 16 MiB at least). `epoch` in s
    since 1970; 1 at least: for ext4 0 is 'never'."""

    size: int = 0
    label: str = "root"
    uuid: UUID = UUID("f4057600-0000-4000-8000-000000000002")
    seed: UUID = UUID("f4057600-0000-4000-8000-000000000003")
    epoch: int = 1


def write(tree: Tree, path: Path, options: Ext4 = Ext4()) -> int:
    """Write the tree as an ext4; returns its octets."""
    size = options.size or needed(tree)
    epoch = max(options.epoch, 1)
    path.unlink(missing_ok=True)
    with staged(tree, epoch) as root:
        configuration = root.parent / "mke2fs.conf"
        configuration.write_text(CONFIGURATION)
        environment = {"MKE2FS_CONFIG": str(configuration), "E2FSPROGS_FAKE_TIME": str(epoch)}
        command = ["mke2fs", "-q", "-F", "-O", FEATURES, "-b", str(BLOCK), "-I", "256", "-m", "0"]
        command += ["-L", options.label, "-U", str(options.uuid), "-o", "linux"]
        command += ["-E", f"hash_seed={options.seed},root_owner=0:0,lazy_itable_init=0"]
        command += ["-N", str(len(tree) * 5 // 4 + 1024), "-d", str(root)]
        run([*command, str(path.resolve()), f"{size // 1024}k"], path.parent, None, **environment)
        script = root.parent / "debugfs"
        script.write_text("".join(line + "\n" for line in _script(tree, epoch)))
        told = run(
            ["debugfs", "-w", "-f", str(script), str(path.resolve())],
            path.parent,
            None,
            **environment,
        )
    _no_complaint(told)
    return path.stat().st_size


def needed(tree: Tree) -> int:
    """Octets of an image that holds the tree with a quarter more and a journal."""
    blocks = sum(-(-entry.size // BLOCK) + 1 for entry in tree)
    return max(16 << 20, (blocks * BLOCK * 5 // 4 + (8 << 20)) // (1 << 20) * (1 << 20) + (1 << 20))


def _script(tree: Tree, epoch: int) -> Iterator[str]:
    for entry in tree:
        if '"' in entry.path or "\n" in entry.path:
            raise FormatError(f"{entry.path!r}: expected no '\"' in a path: debugfs knows none")
        name = f'"{entry.path}"'
        if entry.kind in ("character", "block", "fifo"):
            yield from _node(entry)
        yield f"sif {name} mode 0{TYPES[entry.kind] | entry.mode:o}"
        yield f"sif {name} uid {entry.uid}"
        yield f"sif {name} gid {entry.gid}"
        yield from _times(name, epoch)
    for name in ("/", "/lost+found"):
        yield from _times(name, epoch)


def _node(entry: Entry) -> Iterator[str]:
    # mknod takes a name in the working folder.
    folder, _, name = entry.path.rpartition("/")
    yield f'cd "{folder or "/"}"'
    if entry.kind == "fifo":
        yield f'mknod "{name}" p'
    else:
        letter = "c" if entry.kind == "character" else "b"
        yield 'mknod "{}" {} {} {}'.format(name, letter, *entry.device)
    yield "cd /"


def _times(name: str, epoch: int) -> Iterator[str]:
    for field in ("atime", "ctime", "mtime", "crtime"):
        yield f"sif {name} {field} @{epoch}"
        yield f"sif {name} {field}_extra 0"


def _no_complaint(told: str) -> None:
    """debugfs goes on after an error, and ends well: what it says besides its commands is one."""
    for line in told.splitlines():
        if (
            line
            and not line.startswith(("debugfs: ", "debugfs 1."))
            and "Allocated inode" not in line
        ):
            raise FormatError(f"debugfs: {line}")
