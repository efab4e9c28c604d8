"""What nft is told and what it answers, for both halves of agent/port/nft.py. Pure.

libnftables behind nft is the same code on both runtimes; only the name of its input differs.
"""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INPUT = b"ruleset"  # what errors call the input, whatever descriptor it came by
LONGEST_ERROR = 16384  # octets; below each wrong line nft puts a mark, 60,000 blanks to the right
LONGEST_LISTING = 2 << 20  # octets of JSON: what fits into the frozen heap twice, and parsed
LIST_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./"


def words(what: "str | tuple[str, ...]") -> list[str]:
    """The words that list a subject, or several kinds; [] for what could hold a further command.

    Options need no care: nft refuses them behind a command. Several subjects by name would hide
    each other: nft fetches only what the last one names.
    """
    several = not isinstance(what, str)
    found: list[str] = []
    for subject in (what,) if isinstance(what, str) else what:
        some = subject.split()
        strange = [1 for word in some for character in word if character not in LIST_CHARACTERS]
        if strange or not some or (several and len(some) > 1):
            return []
        found += ([";"] if found else []) + ["list"] + some
    return found


def refusal(error: bytes, name: bytes) -> str:
    """nft's error text, with the input's `name` replaced; it is never empty."""
    octets = error.replace(name + b":", INPUT + b":")[:LONGEST_ERROR]
    try:
        return str(octets, "utf-8") or "nft gives no reason\n"
    except UnicodeError:
        return "".join([chr(octet) if octet < 0x80 else "?" for octet in octets])


def is_missing(error: bytes) -> bool:
    """Whether a listing failed because its subject is not there (strerror of ENOENT)."""
    return b"Error: No such file or directory" in error


def is_forbidden(error: bytes) -> bool:
    """Whether the kernel refused for want of CAP_NET_ADMIN (strerror of EPERM)."""
    return b"Operation not permitted" in error


def objects(listing: bytes) -> "list[dict[str, Any]]":
    """The objects of nft's JSON (libnftables-json(5), a line for each subject), no metainfo."""
    lines = [json.loads(line)["nftables"] for line in listing.split(b"\n") if line]
    return [item for items in lines for item in items if "metainfo" not in item]
