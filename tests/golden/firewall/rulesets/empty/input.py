from firewall.ruleset.model import Firewall

FIREWALL = Firewall((), ())
