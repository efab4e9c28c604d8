"""Builds the frozen binary: one static file that holds every program, for one target.

`python -m packager.freeze x86_64` makes build/x86_64/frost and a link for every program;
with `--check` also build/x86_64/frost-check, which holds the device and contract tests besides;
with `--programs ifwait,ra` build/x86_64/only/ifwait+ra/frost, which holds what these need.
Several targets are built two at a time, without make's output unless one fails. The compiler for
every target is zig's, with musl. The rules are packaging/frozen/Makefile.
"""

import argparse
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from packager.programs import (
    FreezeError,
    Program,
    chosen,
    modules_source,
    needed,
    programs_source,
    read_manifest,
    read_programs,
)
from packager.source import SourceError, prepare_source

ROOT = Path(__file__).resolve().parents[2]
FROZEN = ROOT / "packaging" / "frozen"

# Small processors: soft floats on mips (24Kc has no FPU) and on armv7 (NEON is optional there).
TARGETS = {
    "x86_64": "x86_64-linux-musl",
    "mips": "mips-linux-musleabi",
    "mipsel": "mipsel-linux-musleabi",
    "aarch64": "aarch64-linux-musl",
    "armv7": "arm-linux-musleabi",
    "riscv64": "riscv64-linux-musl",
}
CPU_FLAGS = {"armv7": "-mcpu=generic+v7a", "mips": "-mcpu=mips32r2", "mipsel": "-mcpu=mips32r2"}
CHECK = "frost-check"
# One build leaves a processor idle at times: names and the C library's parts are made one by one.
AT_ONCE = 2


def write_if_changed(path: Path, text: str) -> bool:
    """Whether it had to be written. An equal file is left alone: make would build again what
    depends on it."""
    changed = not path.is_file() or path.read_text() != text
    if changed:
        path.write_text(text)
    return changed


def zig_binary() -> Path:
    """The zig executable inside PyPI's `ziglang`."""
    spec = importlib.util.find_spec("ziglang")
    if spec is None or spec.origin is None:
        raise FreezeError("ziglang: not installed here; run `make setup`")
    return Path(spec.origin).parent / "zig"


def environment(build: Path) -> dict[str, str]:
    """What the tools get: no dates, no git, the same language and order everywhere."""
    # An outer make's variables would override those of MicroPython's makefiles.
    inherited = {name: os.environ[name] for name in os.environ if not name.startswith("MAKE")}
    inherited.pop("MFLAGS", None)
    return {
        **inherited,
        "ZIG": str(zig_binary()),
        "ZIG_GLOBAL_CACHE_DIR": str(build / "zig"),
        "ZIG_LOCAL_CACHE_DIR": str(build / "zig"),
        "MICROPY_GIT_TAG": "v1.25.0",
        "MICROPY_GIT_HASH": "none",
        "SOURCE_DATE_EPOCH": "0",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "0",
    }


def make(arguments: list[str], build: Path, quiet: bool) -> None:
    """Run make on all processors; its output is the user's, `quiet`: only when it fails."""
    command = ["make", "--no-print-directory", f"-j{os.cpu_count() or 1}", *arguments]
    output, errors = (subprocess.PIPE, subprocess.STDOUT) if quiet else (None, None)
    done = subprocess.run(command, env=environment(build), stdout=output, stderr=errors)
    if done.returncode != 0:
        sys.stderr.write((done.stdout or b"").decode(errors="replace"))
        raise FreezeError(f"failed: {' '.join(command)}")


def compiler(triple: str) -> str:
    """CC for make."""
    return f"{FROZEN / 'zigcc'} {triple}"


def build_mpy_cross(source: Path, build: Path, quiet: bool) -> Path:
    """MicroPython's bytecode compiler, for this machine. One build serves all targets."""
    host = build / "host" / source.name
    result = host / "mpy-cross"
    if not result.is_file():
        host.mkdir(parents=True, exist_ok=True)
        machine = f"{platform.machine()}-linux-musl"
        arguments = [
            f"CC={compiler(machine)}",
            f"BUILD={host}",
            f"PROG={result.name}",
            "COPT=-Os -DNDEBUG -DMICROPY_GCREGS_SETJMP=1",
            "CWARN=-w",
            # As in packaging/frozen/Makefile: both are then linked with one C library.
            "LDFLAGS_ARCH=-O2 -static -s -Wl,--gc-sections",
            "STRIP=",
            "SIZE=true",
        ]
        make(["-s", "-C", str(source / "mpy-cross"), *arguments], build, quiet)
    return result


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One build at a time in a folder: the tests and a user's make may meet."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def freeze(
    target: str,
    build: Path,
    check: bool = False,
    quiet: bool = False,
    only: tuple[str, ...] = (),
) -> Path:
    """Build one target into `build`, an absolute path; return the binary's folder.

    `only`: the programs to freeze, all unless given.
    """
    with alone(build):
        source = prepare_source(build)
        mpy_cross = build_mpy_cross(source, build, quiet)
    with alone(build / target):
        return build_target(target, build, source, mpy_cross, check, quiet, only)


def freeze_all(targets: list[str], build: Path, check: bool, only: tuple[str, ...] = ()) -> None:
    """Build targets, AT_ONCE at a time, and tell each; FreezeError names the first that failed."""
    quiet = len(targets) > 1
    with ThreadPoolExecutor(AT_ONCE) as pool:
        started = [pool.submit(freeze, target, build, check, quiet, only) for target in targets]
        for target, future in zip(targets, started, strict=True):
            try:
                binary = future.result() / "frost"
            except (FreezeError, SourceError) as error:
                pool.shutdown(cancel_futures=True)
                raise FreezeError(f"{target}: {error}") from None
            print(f"{binary}: {binary.stat().st_size} bytes", flush=True)


def build_target(
    target: str,
    build: Path,
    source: Path,
    mpy_cross: Path,
    check: bool,
    quiet: bool,
    only: tuple[str, ...],
) -> Path:
    """What freeze() does while it has the target's folder for itself."""
    folder = build / target
    subset = folder / "only" / "+".join(only) if only else folder
    subset.mkdir(parents=True, exist_ok=True)
    programs = read_programs((FROZEN / "programs").read_text())
    checked = [*programs, Program(CHECK, "packaging.frozen.frost_check", 1024)]
    device_files, check_files = read_manifest((FROZEN / "manifest").read_text(), ROOT)
    if only:
        programs = chosen(programs, only)
        device_files = needed(programs, device_files, ROOT)
    else:
        write_if_changed(folder / "check_programs.c", programs_source(checked))
    write_if_changed(subset / "programs.c", programs_source(programs))
    write_if_changed(subset / "modules.mk", modules_source(device_files, check_files))
    # A new compiler or another MicroPython makes all objects anew.
    made_by = f"ziglang {importlib.metadata.version('ziglang')}, {source}, {_configured()}\n"
    if write_if_changed(folder / "toolchain", made_by):
        # MicroPython's lists of modules and names keep those of a module that is left out.
        shutil.rmtree(folder / "genhdr", ignore_errors=True)
    arguments = [
        f"MICROPYTHON={source}",
        f"BUILD={folder}",
        f"SUBSET={subset}",
        f"ROOT={ROOT}",
        f"CC={compiler(TARGETS[target])}",
        f"CFLAGS_EXTRA={CPU_FLAGS.get(target, '')}",
        f"LDFLAGS_EXTRA={CPU_FLAGS.get(target, '')}",
        f"MPY_CROSS={mpy_cross}",
        f"HOST_PYTHON={sys.executable}",
    ]
    make(["-C", str(FROZEN), *arguments, "frost", *(["check"] if check else [])], build, quiet)
    link_programs(subset, programs, "frost")
    if check:
        (folder / "check").mkdir(exist_ok=True)
        link_programs(folder / "check", programs, f"../{CHECK}")
    return subset


def _configured() -> str:
    """What tells one configuration of MicroPython from another."""
    files = [FROZEN / "Makefile", FROZEN / "mpconfigport.h"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def link_programs(folder: Path, programs: list[Program], binary: str) -> None:
    """A link to the binary for every program's name."""
    for program in programs:
        link = folder / program.name
        if program.name == binary or (link.is_symlink() and os.readlink(link) == binary):
            continue
        link.unlink(missing_ok=True)
        link.symlink_to(binary)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="freeze", description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="+", metavar="TARGET", help=" ".join(TARGETS))
    parser.add_argument("--check", action="store_true", help="build frost-check as well")
    parser.add_argument("--build", type=Path, default=ROOT / "build", help="default: build")
    parser.add_argument("--programs", metavar="NAME,...", default="", help="freeze these only")
    given = parser.parse_args(arguments)
    only = tuple(name for name in given.programs.split(",") if name)
    if only and given.check:
        print("freeze: expected --check or --programs, got both", file=sys.stderr)
        return 100
    for target in given.targets:
        if target not in TARGETS:
            expected = " ".join(TARGETS)
            print(f"freeze: expected a target of {expected}, got {target!r}", file=sys.stderr)
            return 100
    try:
        freeze_all(given.targets, given.build.resolve(), given.check, only)
    except FreezeError as error:
        print(f"freeze: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
