"""ssh into the router, from a computer on its LAN. One connection carries all commands."""

import subprocess
from pathlib import Path

from packager.isp import wait
from packager.isp.namespaces import Machine
from tests.runtimes import ROOT

KEY = ROOT / "build" / "machine" / "id_ed25519"  # kept, so that the same site gives the same image
ANSWER_S = 60.0


class LoginFailed(Exception):
    """ssh itself failed: nobody answered, or let us in."""


def public_key() -> str:
    """The line for the site's authorized keys; the pair is made once."""
    if not KEY.exists():
        KEY.parent.mkdir(parents=True, exist_ok=True)
        new = KEY.with_suffix(".new")
        new.unlink(missing_ok=True)
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "tests", "-f", str(new)]
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
        new.with_name(new.name + ".pub").rename(KEY.with_suffix(".pub"))
        new.rename(KEY)
    return KEY.with_suffix(".pub").read_text().strip()


class Login:
    """Commands on the router. `folder` holds the connection's socket and the known host key."""

    def __init__(self, machine: Machine, address: str, folder: Path) -> None:
        self.machine = machine
        self.address = address
        self.folder = folder

    def argv(self, *words: str, key: Path | None = KEY) -> list[str]:
        """ssh's command; key None: without any."""
        known = self.folder / "known_hosts"
        options = {
            "BatchMode": "yes",
            "ConnectTimeout": "20",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "StrictHostKeyChecking": "accept-new",
            "UserKnownHostsFile": str(known),
            "ServerAliveInterval": "5",
            "LogLevel": "ERROR",
        }
        if key:
            options |= {"ControlMaster": "auto", "ControlPersist": "yes",
                        "ControlPath": str(self.folder / "ssh")}  # fmt: skip
        found = ["ssh", "-F", "none", "-T"]
        for name, value in options.items():
            found += ["-o", f"{name}={value}"]
        found += ["-i", str(key)] if key else ["-o", "PubkeyAuthentication=no"]
        # Inside, so that the connection's process ends with that computer.
        return self.machine.enter(*found, f"root@{self.address}", "--", *words)

    def run(self, command: str, *, check: bool = True, deadline_s: float = ANSWER_S) -> str:
        """Run a shell command there; its output. AssertionError if it fails."""
        try:
            done = subprocess.run(
                self.argv(command), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=deadline_s, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise LoginFailed(f"ssh {self.address}: no answer in {deadline_s:.0f} s") from None
        if done.returncode == 255:
            raise LoginFailed(f"ssh {self.address}: {done.stderr.strip()}")
        if check and done.returncode:
            error = (done.stderr or done.stdout).strip()
            raise AssertionError(f"{command!r} on the router: {done.returncode}: {error}")
        return done.stdout

    def ask(self, command: str, deadline_s: float = 120.0) -> str:
        """The same for a command that may be repeated: again over a new connection when the old
        one has gone, with the LAN's link say."""

        def look() -> tuple[bool, str]:
            try:
                return True, self.run(command, deadline_s=40.0)
            except LoginFailed as error:
                self.close()
                return False, str(error)

        return wait.until(f"the router answers by ssh: {command}", look, lambda seen: seen[0],
                          deadline_s=deadline_s)[1]  # fmt: skip

    def refused(self) -> str:
        """What ssh says to somebody without a key."""
        done = subprocess.run(
            self.argv("true", key=None), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=ANSWER_S, check=False,
        )  # fmt: skip
        assert done.returncode, "expected to be turned away without a key, got in"
        return done.stderr.strip()

    def await_open(self, deadline_s: float = 120.0) -> None:
        """Wait until the router lets us in."""

        assert self.ask("echo in", deadline_s) == "in\n"

    def close(self) -> None:
        """End the connection; the next command makes another."""
        control = self.folder / "ssh"
        if control.exists():
            words = ["ssh", "-O", "exit", "-o", f"ControlPath={control}", self.address]
            self.machine.run(*words, check=False)
            control.unlink(missing_ok=True)

    def forget(self) -> None:
        """The host key is another one from now on."""
        (self.folder / "known_hosts").unlink(missing_ok=True)
