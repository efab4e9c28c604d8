"""What runs on the router, asked over ssh: services with their processes, and how to kill them."""

from dataclasses import dataclass

from packager.isp import wait
from tests.machine.login import Login

SCAN = "/run/service"
# One command for all services, with as few processes as can be: an emulated machine is slow.
LOOK = f"""cd {SCAN}; for name in *; do [ -d "$name/supervise" ] || continue
pid=$(s6-svstat -o pid "$name"); [ "$pid" -gt 0 ] || continue; program=; above=
while read -r key value rest; do case $key in Name:) program=$value ;; PPid:) above=$value; break ;;
esac; done 2>/dev/null </proc/$pid/status; [ "$above" ] && echo "$name $pid $above $program"; done
true"""
# From words `name:pid`: which services have yet to run with another process, after 15 s at most.
AWAIT = f"""cd {SCAN}; end=$(($(date +%s) + 15))
while [ $# -gt 0 ] && [ $(date +%s) -lt $end ]; do left=
for each; do pid=$(s6-svstat -o pid "${{each%:*}}")
[ "$pid" -gt 0 ] && [ "$pid" != "${{each#*:}}" ] || left="$left $each"; done
set -- $left; [ $# = 0 ] || sleep 0.1; done; echo left: $*"""


@dataclass(frozen=True)
class Service:
    """A service that runs: its process and the s6-supervise above it."""

    name: str
    pid: int
    supervisor: int
    program: str

    @property
    def is_holder(self) -> bool:
        """Whether it is a oneshot's: the process only stands for what has been done."""
        return self.program == "frost-oneshot"


def services(login: Login) -> dict[str, Service]:
    """Those that have a process now, by name; loggers and oneshots' holders too."""
    found = {}
    for line in login.ask(LOOK).splitlines():
        name, pid, above, program = line.split()
        found[name] = Service(name, int(pid), int(above), program)
    return found


def await_anew(login: Login, before: list[Service]) -> None:
    """Wait until these services run with other processes. The router itself looks: a question over
    ssh each time would take longer than most restarts."""
    words = " ".join(f"{each.name}:{each.pid}" for each in before)
    wait.until(
        f"{len(before)} services run again",
        lambda: login.ask(f"set -- {words}; {AWAIT}").strip(),
        lambda seen: seen == "left:",
        deadline_s=120.0,
        evidence=lambda: login.ask("frost status; frost log -N 30; true"),
    )


def kill(login: Login, *pids: int) -> None:
    """SIGKILL them, a moment after the command for it has ended: the LAN may go with them."""
    words = " ".join(str(pid) for pid in pids)
    login.ask(f"(sleep 0.2; kill -9 {words}) >/dev/null 2>&1 &")
