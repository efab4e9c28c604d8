"""The images under test, built by `frostgate build` as people build them: once a run and target."""

import os
import subprocess
import sys
from pathlib import Path

from tests.machine import home
from tests.runtimes import ROOT

FOLDER = ROOT / "build" / "machine"
# Each target boots another format, so that few boots see many of them.
FORMATS = {"qemu-x86_64": "ext4", "qemu-aarch64": "squashfs", "qemu-malta": "initramfs"}
BUILD_S = 900.0  # the first time packages are fetched


def chosen() -> list[str]:
    """The targets to be tested: $FROST_MACHINES, or the one that `make check` tests."""
    names = os.environ.get("FROST_MACHINES", "qemu-x86_64").split()
    assert set(names) <= set(FORMATS), f"FROST_MACHINES: expected some of {' '.join(FORMATS)}"
    return names


def built(target: str) -> Path:
    """Build the home router for this target; the folder with the image."""
    folder = FOLDER / target
    folder.mkdir(parents=True, exist_ok=True)
    return build(home.site(folder), target, folder / "image")


def build(site: Path, target: str, image: Path, *more: str) -> Path:
    """What `frostgate build` makes of a site in the folder `image`."""
    words = ["build", str(site), "--target", target, "--format", FORMATS[target], *more]
    words += ["--output", str(image)]
    done = subprocess.run(
        [sys.executable, "-m", "packager", *words], cwd=ROOT, capture_output=True, text=True,
        timeout=BUILD_S, check=False, env={**os.environ, "PYTHONPATH": "packaging"},
    )  # fmt: skip
    assert done.returncode == 0, f"frostgate {' '.join(words)}:\n{done.stdout}{done.stderr}"
    return image
