"""What runs on the router, asked over ssh: services with their processes, and how to kill them."""

from dataclasses import dataclass

from packager.isp import wait
from tests.machine.login import Login

SCAN = "/run/service"
# One command for all services: a login costs more than the answer.
LOOK = f"""cd {SCAN}; for name in *; do [ -d "$name/supervise" ] || continue
pid=$(s6-svstat -o pid "$name"); above=-1
[ "$pid" -gt 0 ] && above=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$pid/status 2>/dev/null)
echo "$name $pid ${{above:-0}} $(tr '\\0' ' ' </proc/$pid/cmdline 2>/dev/null)"; done"""


@dataclass(frozen=True)
class Service:
    """A service that runs: its process and the s6-supervise above it."""

    name: str
    pid: int
    supervisor: int
    command: str

    @property
    def is_holder(self) -> bool:
        """Whether it is a oneshot's: the process only stands for what has been done."""
        return self.command.startswith("frost-oneshot ")


def services(login: Login) -> dict[str, Service]:
    """Those that have a process now, by name; loggers and oneshots' holders too."""
    found = {}
    for line in login.ask(LOOK).splitlines():
        name, pid, above, *words = line.split()
        if int(pid) > 0 and int(above) > 0:  # 0: it has ended meanwhile
            found[name] = Service(name, int(pid), int(above), " ".join(words))
    return found


def await_anew(login: Login, before: Service) -> None:
    """Wait until the service runs with another process. The router itself looks: a question over
    ssh each time would take longer than most restarts."""
    look = f"""for n in $(seq 150); do pid=$(s6-svstat -o pid {SCAN}/{before.name})
[ "$pid" -gt 0 ] && [ "$pid" != {before.pid} ] && echo again && break; sleep 0.1; done"""
    wait.until(
        f"{before.name} runs again",
        lambda: login.ask(look).strip(),
        lambda seen: seen == "again",
        deadline_s=120.0,
        evidence=lambda: login.ask(f"frost why {before.name}; frost log -N 30; true"),
    )


def kill(login: Login, *pids: int) -> None:
    """SIGKILL them, a moment after the command for it has ended: the LAN may go with them."""
    words = " ".join(str(pid) for pid in pids)
    login.ask(f"(sleep 0.2; kill -9 {words}) >/dev/null 2>&1 &")
