"""firewall: the ruleset as files of the image, closed from before the first link on."""

from firewall.ruleset import write
from firewall.ruleset.compose import compose
from firewall.ruleset.model import Firewall, IcmpLimit, Output, Zone
from firewall.ruleset.model import Link as NamedLink
from firewall.ruleset.problems import RulesetError
from services.link.definition import Link
from services.model import (
    Claim,
    Debian,
    File,
    Module,
    Program,
    Ref,
    Resource,
    Service,
    Unit,
    kinds,
    longrun,
    oneshot,
    parameter,
)
from services.site.checked import wrong_parts
from services.site.conditions import ServiceIs
from services.site.problems import here, is_ours, shown, tell
from services.site.types import misfits

FOLDER = "/etc/frost/firewall"
# What rules and loader use; the kernel would load them on demand, if there were somebody to do it.
MODULES = (
    *("nf_tables", "nf_conntrack", "nf_conntrack_netlink", "nfnetlink_log", "nft_chain_nat"),
    *("nft_ct", "nft_limit", "nft_log", "nft_masq", "nft_nat", "nft_objref", "nft_redir"),
    *("nft_fib_ipv4", "nft_fib_ipv6", "nft_reject_ipv4", "nft_reject_ipv6"),
)
OFFLOAD = ("nf_flow_table", "nf_flow_table_inet", "nft_flow_offload")


def zone(name: str, *members: Link | Output, icmp: IcmpLimit | None = None) -> Zone:
    """A zone of links, by their services or by the outputs that name them."""
    where = here()
    if not isinstance(name, str):
        tell(where, "zone", f"expected the zone's name, got {shown(name)}")
        name = "unknown"
    known = []
    for number, each in enumerate(members):
        wrong = [] if isinstance(each, Output) else list(misfits(each, Link | Ref))
        for _, text in wrong:
            tell(where, f"zone {name}", f"member {number}: {text}")
        if not wrong:
            known.append(NamedLink(each.ifname) if isinstance(each, Link) else each)
    return Zone(name, tuple(known), icmp or IcmpLimit(), where)


class PacketFilter(Service):
    """The firewall. It is closed before any link comes up, and forwarding begins when the ruleset
    is in."""

    name: str = parameter("the name of the service", kinds.SERVICE_NAME, default="firewall")
    ruleset: Firewall = parameter("zones and rulegroups: firewall/ruleset/README.md")

    def check(self) -> None:
        found = list(wrong_parts(self.ruleset, Firewall, self.where, "ruleset"))
        # What stock rulegroups are given wrong comes up in many of them: the first says it
        sites = [each for each in found if not is_ours(each[0].file)]
        for where, subject, text in sites or found[:1]:
            tell(self.where if is_ours(where.file) else where, subject, text)

    def units(self) -> tuple[Unit, ...]:
        """What closes, and what loads the ruleset and follows the network."""
        base = f"{self.name}-base"
        return (
            oneshot(
                base,
                *("firewall", "-b"),
                stop=("firewall", "-bu"),
                early=True,
                description="nothing gets in or through",
                where=self.where,
            ),
            longrun(
                self.name,
                *("firewall", "-u", FOLDER),
                needs=ServiceIs(base, where=self.where),  # the base never comes over the ruleset
                notify=True,
                outputs=("taken",),
                description="the ruleset, its zones and sets",
                where=self.where,
            ),
        )

    def resources(self) -> tuple[Resource, ...]:
        modules = MODULES + (OFFLOAD if self.ruleset and self.ruleset.offload else ())
        return (
            Program("frost-firewall", self.where),
            Debian("nftables", ("usr/sbin/nft",), self.where),
            *(Module(name, where=self.where) for name in modules),
            *(
                File(f"{FOLDER}/{name}", text, where=self.where)
                for name, text in self._files().items()
            ),
            Claim("packet filter", "the kernel's", self.where),
        )

    def _files(self) -> dict[str, str]:
        """The folder that the loader reads; what the ruleset gets wrong is told."""
        if not isinstance(self.ruleset, Firewall):
            return {}  # told already
        try:
            return write.files(compose(self.ruleset))
        except RulesetError as error:
            for problem in error.problems:
                subject = f"rulegroup {problem.group}" if problem.group else self.name
                rule = f"rule {problem.rule}: " if problem.rule else ""
                tell(problem.where, subject, rule + problem.text)
            return {}
