"""A compiled site in a machine of namespaces: its own files, service directories and programs.

What an image would have is laid over the shared tree; the daemons are this machine's Debian's.
Nothing here is written by hand: all comes from packager.compiled.
"""

import json
import os
import shutil
from pathlib import Path

from packager.compiled import Compiled
from packager.image import contents
from packager.isp import namespaces, wait
from packager.isp.namespaces import Machine
from services.site import places
from tests.lab.supervision.room import path_first

# Folders that get a layer of the machine's own, which holds what is written.
LAYERED = ("/etc", "/usr/bin", "/usr/libexec", "/var/lib", "/root")
LAYER = """
for folder in %s; do
    mkdir -p /run/layers$folder/up /run/layers$folder/work
    mount -t overlay -o lowerdir=$folder,upperdir=/run/layers$folder/up,\
workdir=/run/layers$folder/work overlay $folder
done
"""


class Box:
    """The machine of one site. boot(), then cables, then start()."""

    def __init__(self, machine: Machine, compiled: Compiled, programs: Path) -> None:
        self.machine = machine
        self.compiled = compiled
        self.programs = programs  # the frozen binary and its links

    def boot(self) -> None:
        """The init runs, with the PATH that it has on a device; nothing of the site does yet."""
        with path_first(places.PROGRAMS):
            self.machine.boot()
        self.machine.run("sh", "-ec", LAYER % " ".join(LAYERED))
        for folder in self.compiled.folders:
            self.machine.path(folder.path).mkdir(parents=True, exist_ok=True)
            self.machine.path(folder.path).chmod(folder.mode)
        for points in self.compiled.links:
            self.machine.path(points.path).unlink(missing_ok=True)
            self.machine.path(points.path).symlink_to(points.target)
        for each in self.compiled.files:
            target = self.machine.path(each.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            content = each.content.encode() if isinstance(each.content, str) else each.content
            target.write_bytes(content)
            target.chmod(each.mode)
        self._install_programs()
        for setting in self.compiled.sysctls:
            self.machine.run("sh", "-c", f"echo '{setting.value}' > /proc/sys/{setting.path}")

    def _install_programs(self) -> None:
        """The site's own programs, and no others."""
        folder = self.machine.path(places.PROGRAMS)
        folder.mkdir(parents=True)
        shutil.copy(self.programs / "frost", folder / "frost")
        for name in self.compiled.programs:
            if name != "frost" and (self.programs / name).exists():
                (folder / name).symlink_to("frost")
        for name in contents.TYPED & set(self.compiled.programs):
            self.machine.path(f"/usr/bin/{name}").symlink_to(f"{places.PROGRAMS}/{name}")

    def start(self) -> None:
        """What the early boot does: the service directories to s6-svscan, which starts the
        agent. Returns when the agent is ready."""
        scan = self.machine.path(places.SCAN)
        self.machine.path(places.LOG).mkdir(parents=True)
        for name in sorted(os.listdir(self.machine.path(places.INSTALLED_SCAN))):
            shutil.copytree(self.machine.path(f"{places.INSTALLED_SCAN}/{name}"), scan / name)
        self.machine.run("s6-svscanctl", "-a", places.SCAN)
        status = scan / "frost-agent" / "supervise" / "status"
        wait.until("s6-supervise runs the agent", status.exists)
        self.machine.await_ready("frost-agent")

    def frost(self, *words: str) -> str:
        """The operator's command inside; its output."""
        return self.machine.run("frost", *words)

    def log(self, lines: int = 12) -> str:
        """The end of what each service has said, for messages of failures."""
        folder = self.machine.path(places.LOG)
        found = [f"frost status:\n{self.machine.run('frost', 'status', check=False)}"]
        for name in sorted(os.listdir(folder)):
            current = folder / name / "current"
            if current.exists():
                said = current.read_text(errors="replace").splitlines()[-lines:]
                found.append("\n".join(f"  {name}: {line}" for line in said))
        return "\n".join(found)

    def await_states(self, deadline_s: float = 30.0, **states: str) -> None:
        """Wait until services are in these states; `_` for `-`."""
        wanted = {name.replace("_", "-"): state for name, state in states.items()}

        def look() -> dict[str, str]:
            lines = self.machine.run("frost", "status", "-j", check=False).splitlines()
            rows = [json.loads(line) for line in lines]
            return {row["name"]: row["state"] for row in rows if row["name"] in wanted}

        wait.until(
            f"the services are {wanted}",
            look,
            lambda seen: seen == wanted,
            deadline_s=deadline_s,
            evidence=self.log,
        )


def cable(one: Machine, name: str, box: Box, port: str, number: int) -> None:
    """A veth to the box's port, both ends down."""
    macs = (f"02:00:5e:00:53:{0x30 + number:02x}", f"02:00:5e:00:53:{0x40 + number:02x}")
    namespaces.cable(one, name, box.machine, port, macs)
