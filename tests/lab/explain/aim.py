"""Packets aimed at one rule: what its matches ask for, and those on the ways that lead to it.

Nothing here has to be right: a packet that misses is a random packet as well. So only what is
positive and simple is read, in nft's JSON.
"""

import ipaddress
import random
from typing import Any

Rule = dict[str, Any]
Wanted = dict[str, Any]  # iif, oif, saddr, daddr, protocol, sport, dport, type, code, flags, hops

PROTOCOLS = {"tcp": 6, "udp": 17, "udplite": 136, "sctp": 132, "dccp": 33, "icmp": 1,
             "icmpv6": 58, "esp": 50, "ah": 51}  # fmt: skip
FIELDS = {"saddr": "saddr", "daddr": "daddr", "sport": "sport", "dport": "dport", "type": "type",
          "code": "code", "hoplimit": "hops", "ttl": "hops", "protocol": "protocol",
          "nexthdr": "protocol"}  # fmt: skip
META = {"iifname": "iif", "oifname": "oif", "l4proto": "protocol"}
UNUSUAL = (51, 89, 139, 253)  # protocols that a rule may mean by what it excludes
LEADS = ("jump", "goto")


class Aim:
    """Knows a listing's rules and the ways to each chain."""

    def __init__(self, objects: list[dict[str, Any]], chance: random.Random, spy: str) -> None:
        self._random = chance
        self._elements: dict[tuple[str, str, str], list[Any]] = {}
        self._hooks: dict[tuple[str, str, str], str] = {}
        self._leading: dict[tuple[str, str, str], list[Rule]] = {}
        self.rules: list[Rule] = []
        for item in objects:
            for kind in ("set", "map"):
                if kind in item:
                    self._elements[_key(item[kind], "name")] = item[kind].get("elem") or []
            if item.get("chain", {}).get("hook"):
                self._hooks[_key(item["chain"], "name")] = item["chain"]["hook"]
            if "rule" in item and item["rule"]["table"] != spy:
                self.rules.append(item["rule"])
        for rule in self.rules:
            for target in self._targets(rule):
                self._leading.setdefault((rule["family"], rule["table"], target), []).append(rule)

    def at(self, rule: Rule) -> Wanted:
        """What a packet has that may meet this rule: "hook" and "family" besides the fields."""
        wanted: Wanted = {"family": rule["family"]}
        way = [(rule, "")]
        for _ in range(6):
            key = _key(way[0][0], "chain")
            if key in self._hooks:
                wanted["hook"] = self._hooks[key]
                break
            above = self._leading.get(key)
            if not above:
                break
            way.insert(0, (self._random.choice(above), key[2]))
        for each, target in way:
            for statement in each["expr"]:
                self._read(wanted, each, statement, target)
        return wanted

    def _read(self, wanted: Wanted, rule: Rule, statement: Any, target: str) -> None:
        if "match" in statement and statement["match"]["op"] in ("==", "in"):
            match = statement["match"]
            self._want(wanted, match["left"], self._pick(rule, match["right"], ""))
        if "match" in statement and statement["match"]["op"] not in ("==", "in"):
            left = statement["match"]["left"]
            if left == {"meta": {"key": "l4proto"}}:
                wanted["protocol"] = self._random.choice(UNUSUAL)
            elif "payload" in left and left["payload"].get("protocol") in PROTOCOLS:
                wanted["protocol"] = PROTOCOLS[left["payload"]["protocol"]]
        if "vmap" in statement:
            vmap = statement["vmap"]
            self._want(wanted, vmap["key"], self._pick(rule, vmap["data"], target))
        for word in ("dnat", "limit"):
            body = statement.get(word)
            inner = body.get("addr", body) if isinstance(body, dict) else None
            if isinstance(inner, dict) and "map" in inner:
                key, data = inner["map"]["key"], inner["map"]["data"]
                self._want(wanted, key, self._pick(rule, data, ""))

    def _want(self, wanted: Wanted, left: Any, value: Any) -> None:
        word = next(iter(left))
        body = left[word]
        if value is None:
            return
        if word == "concat" and isinstance(value, dict) and "concat" in value:
            for part, one in zip(body, value["concat"], strict=True):
                self._want(wanted, part, self._pick({}, one, ""))
        elif word == "&" and isinstance(value, int):
            mask = sum(body[1]) if isinstance(body[1], list) else body[1]
            if isinstance(mask, int):
                self._want(wanted, body[0], value | self._random.randrange(256) & ~mask)
        elif word == "meta" and body["key"] in META:
            wanted[META[body["key"]]] = value
        elif word == "payload" and "field" in body:
            if body["protocol"] in PROTOCOLS:
                wanted["protocol"] = PROTOCOLS[body["protocol"]]
            if body["field"] in FIELDS:
                wanted[FIELDS[body["field"]]] = value
            if (body["protocol"], body["field"]) == ("tcp", "flags"):
                wanted["flags"] = value
        elif word == "exthdr" and body.get("name") == "rt":
            wanted["routing"] = 0 if value is True else value
        elif word == "sctp chunk":
            wanted["protocol"] = PROTOCOLS["sctp"]

    def _pick(self, rule: Rule, right: Any, target: str) -> Any:
        """One of the values that stand on the right; of a map's those that lead to `target`."""
        if isinstance(right, str) and right[:1] == "@" and rule:
            elements = self._elements.get((rule["family"], rule["table"], right[1:]))
            right = {"set": elements or []}
        if isinstance(right, dict) and "set" in right:
            fitting = [
                each[0] if isinstance(each, list) else each
                for each in right["set"]
                if not target or (isinstance(each, list) and target in _leads(each[1]))
            ]
            right = self._random.choice(fitting) if fitting else None
        if isinstance(right, dict) and "elem" in right:
            right = right["elem"]["val"]
        if isinstance(right, dict) and "prefix" in right:
            network = ipaddress.ip_network(f"{right['prefix']['addr']}/{right['prefix']['len']}")
            return str(network[self._random.randrange(network.num_addresses)])
        if isinstance(right, dict) and "range" in right:
            low, high = right["range"]
            if isinstance(low, int):
                return self._random.randint(low, high)
            return str(self._random.choice([low, high]))
        if isinstance(right, (list, dict)) and not (isinstance(right, dict) and "concat" in right):
            flags = right.get("|", []) if isinstance(right, dict) else right
            numbers = [flag for flag in flags if isinstance(flag, int)]
            return self._random.choice(numbers) if numbers else None
        return None if right == "*" else right

    def _targets(self, rule: Rule) -> list[str]:
        found: list[str] = []
        for statement in rule["expr"]:
            found += _leads(statement)
            data = statement.get("vmap", {}).get("data")
            if isinstance(data, str):
                pairs = self._elements.get((rule["family"], rule["table"], data[1:]), [])
            else:
                pairs = data["set"] if data else []
            for pair in pairs:
                found += _leads(pair[1])
        return found


def _key(body: dict[str, Any], name: str) -> tuple[str, str, str]:
    return body["family"], body["table"], body[name]


def _leads(verdict: Any) -> list[str]:
    return [verdict[word]["target"] for word in LEADS if word in verdict]
