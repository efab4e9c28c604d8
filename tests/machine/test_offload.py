"""The loader's flow offload where it works: on Debian's own kernel, which has flowtables.

guest/offload.sh is the scenario; here is what goes into the machine, and what it must tell.
"""

import os
import re
from pathlib import Path

import pytest

from firewall.ruleset import write
from firewall.ruleset.compose import compose
from tests.machine import image, kernel, machine, site
from tests.runtimes import ROOT

BUILD = ROOT / "build" / "x86_64"
# Nothing in the machine loads modules on demand. Those that these need come by themselves.
MODULES = (
    ("crc32c_generic", "veth", "nf_conntrack_netlink", "nfnetlink_log", "nf_flow_table_inet")
    + tuple(f"nft_{name}" for name in ("chain_nat", "ct", "flow_offload", "limit", "log", "masq"))
    + tuple(f"nft_{name}" for name in ("fib_ipv4", "fib_ipv6", "objref"))
    + tuple(f"nft_reject_{family}" for family in ("ipv4", "ipv6"))
)
SCRIPT = "offload.sh"


@pytest.fixture
def initramfs(tmp_path: Path) -> bytes:
    if os.uname().machine != "x86_64":
        pytest.skip("needs an x86_64 Debian: the machine's programs are the host's own")
    if not (BUILD / "frost-check").exists():
        pytest.skip("no frozen build: make frozen-check TARGET=x86_64")
    write.write(compose(site.FIREWALL), tmp_path / "site")
    write.write(compose(site.WITHOUT), tmp_path / "without")
    files = {
        "/frost/frost-check": BUILD / "frost-check",
        "/frost/firewall": BUILD / "frost",
        "/frost/frost": BUILD / "frost",
        "/frost/frost-firewall": BUILD / "frost",
        "/site": tmp_path / "site",
        "/without": tmp_path / "without",
    }
    try:
        return image.initramfs(kernel.fetched(), MODULES, SCRIPT, files)
    except kernel.Missing as missing:
        pytest.skip(str(missing))


def test_known_flows_take_the_flowtable_as_long_as_the_rules_let_them(
    initramfs: bytes, tmp_path: Path
) -> None:
    try:
        told = machine.run(kernel.fetched(), initramfs, tmp_path)
    except kernel.Missing as missing:
        pytest.skip(str(missing))
    passed = [line for line in told if line.startswith("ok ")]
    assert "ok all" in told, "\n".join(told)
    seconds = re.findall(r"\((.*) s\)", passed[-2])[0]
    print(f"{len(passed) - 1} checks of flow offload, {seconds} s in a machine of Debian's kernel")
