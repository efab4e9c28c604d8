"""The packet filter's rules, shown to libnftables as the device will load them.

Problems have the line of the rule where that is the site's; of stock rulegroups the service's.
"""

from collections.abc import Iterator

from firewall.ruleset import check as shown_to_nft
from firewall.ruleset.compose import compose
from firewall.ruleset.model import Where
from firewall.ruleset.problems import RulesetError
from packager.gathered import Gathered, of_service
from services.model import Service
from services.site.problems import Problem


def check(found: Gathered, nft: str) -> Iterator[Problem]:
    """What composing and nft refuse. nft: the program; "" to compose alone."""
    for service, firewall in found.firewalls:
        if service.name in found.blurred:
            continue
        try:
            composed = compose(firewall)
            if nft:
                shown_to_nft.check(composed, nft)
        except RulesetError as error:
            for each in error.problems:
                yield _told(service, each.where, each.group, each.rule, each.text)
        except OSError as error:
            text = f"its rules can't be shown to nft: {error}; install nftables and util-linux"
            yield Problem(service.where, service.name, text)
    loaders = [service for service, _ in found.firewalls]
    for service in loaders[1:]:
        text = f"expected one packet filter, got a second; the first is at {loaders[0].where}"
        yield Problem(service.where, service.name, text)


def _told(service: Service, where: Where, group: str, rule: int, text: str) -> Problem:
    """With its place in the firewall, and the service's line where the rule's own is ours."""
    place = f"rulegroup {group}: " if group else ""
    place += f"rule {rule}: " if rule else ""
    return of_service(service, Problem(where, service.name, place + text))
