"""Faults that are planted in the interpreter; random packets have to notice each."""

from typing import NamedTuple


class Fault(NamedTuple):
    """In firewall/command/`file`, `old` becomes `new`."""

    name: str
    file: str
    old: str
    new: str


FAULTS = (
    Fault("a range ends before its last", "matching.py", "low <= one <= high", "low <= one < high"),
    Fault("a prefix is one bit shorter", "matching.py", ">> (width - length) == 0",
          ">> (width - length + 1) == 0"),
    Fault("unequal is equal", "matching.py", 'fits(left, right, sets) == (op == "==")',
          "fits(left, right, sets)"),
    Fault("less is at most", "matching.py", "return one < other", "return one <= other"),
    Fault("flags must all be set", "matching.py", "(bits & wanted) != 0",
          "(bits & wanted) == wanted"),
    Fault("no catch-all", "matching.py", 'if key == "*":', 'if key == "**":'),
    Fault("no wildcards for links", "matching.py", 'if right[-1:] == "*":', 'if right == "*":'),
    Fault("half a concatenation", "matching.py", "for part, asked in pairs]",
          "for part, asked in list(pairs)[:1]]"),
    Fault("the ethertype is the host's", "matching.py",
          "return SWAPPED.get(number(right), number(right))", "return number(right)"),
    Fault("a protocol is not asked for", "expressions.py",
          "if wanted is not None and wanted != packet.protocol:", "if False:"),
    Fault("no mask", "expressions.py", "return kind, left[1] & mask", "return kind, left[1]"),
    Fault("conntrack is there from the beginning", "expressions.py",
          "if not packet.tracked and not packet.exempt:", "if False:"),
    Fault("what is not tracked has a status", "expressions.py",
          'if not packet.tracked or packet.state in ("invalid", "untracked"):', "if False:"),
    Fault("a routing header is never there", "expressions.py",
          'there = name == "rt" and packet.routing is not None', "there = False"),
    Fault("any SCTP chunk will do", "expressions.py",
          '1 if body["name"] == packet.chunk else 0', "0"),
    Fault("goto returns", "walk.py", 'if verdict is None and word == "jump":',
          "if verdict is None:"),
    Fault("jump does not return", "walk.py", 'if verdict is None and word == "jump":', "if False:"),
    Fault("return is accept", "walk.py", 'if word == "return":\n                return None',
          'if word == "return":\n                return "accept", ""'),
    Fault("the policy is accept", "walk.py", 'verdict = (chain.policy, "")',
          'verdict = ("accept", "")'),
    Fault("a limit is exceeded", "walk.py", "return BREAK if over else None",
          "return None if over else BREAK"),
    Fault("a map without the key matches", "walk.py", "return BREAK if found is None else self",
          "return None if found is None else self"),
    Fault("accept ends all", "walk.py", 'if verdict[0] != "accept":', "if verdict:"),
    Fault("notrack does nothing", "walk.py", 'self.packet.state = "untracked"', "pass"),
    Fault("marks are not set", "walk.py", "self.packet.fields[name] = found[1]", "pass"),
    Fault("nat chains are asked by all packets", "walk.py",
          "return not begins or nat", "return nat"),
    Fault("NAT keeps the port", "nat.py", '_set(packet, "th " + side[1], chosen)', "pass"),
    Fault("NAT keeps the address", "nat.py", '_set(packet, packet.ip + " " + side[0], goal)',
          "pass"),
    Fault("translated to the same is translated", "nat.py", "elif before != after:", "else:"),
    Fault("the last NAT counts", "nat.py", "packet.translated.append(kind)", "pass"),
    Fault("an own address is no local one", "facts.py",
          'return LOCAL if found.kind == "local" else _type6(address)', "return _type6(address)"),
    Fault("any way back will do", "facts.py", "self._uses(found, link)", "True"),
    Fault("the first route is the best", "facts.py", "if best is None or (route.length,",
          "if best is None or (best is None,"),
    Fault("hops are counted after the rules", "journey.py", "packet.fields[hops] -= 1", "pass"),
    Fault("dnat never leads to the router", "journey.py",
          "if packet.facts.is_local(packet.family, destination):", "if False:"),
    Fault("a denial's chain decides", "groups.py", "found, chain = one, one.chain", "break"),
    Fault("ND is tracked", "packet.py", 'return "untracked"', 'return "new"'),
    Fault("any ICMPv6 begins a flow", "packet.py",
          '"new" if number in ICMPV6_BEGINS else "invalid"', '"new"'),
    Fault("any flags begin a flow", "packet.py",
          '"new" if flags in (2, 16) else "invalid"', '"new"'),
    Fault("the first chain registered is first", "ruleset.py",
          "self.order = (place, self.priority, -table,",
          "self.order = (place, self.priority, table,"),
    Fault("chains are in no order", "ruleset.py", "sorted(found, key=lambda chain: chain.order)",
          "sorted(found, key=lambda chain: chain.name)"),
)  # fmt: skip
