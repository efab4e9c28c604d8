"""The kernel's packet filter, by way of nft(8)'s own language.

apply(text, check=False) -> "" when nft took it, else nft's error text. `text` (text or octets) is
what `nft -f` reads. It is one transaction over all tables that it names: whole or not at all. With
`check` nothing changes: nft and the kernel say whether they would take it (`nft -c`). An error
begins `ruleset:LINE:COLUMNS: `, then come the line and a mark below it. The text is cut after
16 KiB, and octets that are no UTF-8 are "?".
listing(what, elements=True, numeric=False) -> what `nft -j list WHAT` shows ("ruleset",
"table inet guard", "set inet guard lan"), as a list of dicts with one key each, in nft's order,
without its metainfo; [] when there is no such thing. A tuple of kinds ("chains", "sets") lists all
of them in one call. `elements` false leaves out what sets and maps hold (`nft -t`); `numeric` shows
protocols, priorities and all symbols as numbers (`nft -n`).
EINVAL: nft does not know WHAT, or it is no plain words. EFBIG: more than 2 MiB of JSON.
EPERM: not root.

Both raise ENOENT where nft or libnftables is missing, EIO when nft died under it: then nobody knows
whether a transaction happened.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent.port.cpython.nft import apply, listing
elif sys.implementation.name == "micropython":
    from agent.port.frozen.nft import apply, listing
else:
    from agent.port.cpython.nft import apply, listing

__all__ = ["apply", "listing"]
