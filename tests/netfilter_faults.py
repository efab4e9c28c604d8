"""Faults to plant in the half of the port that speaks to netfilter: tests/test_port_faults.py."""

from tests.port_fault import FROZEN, Fault

FILTER = "agent/port/nfnetlink.py"
ATTRIBUTES = "attributes(octets, start, end)"


def netfilter(function: str) -> tuple[str, str]:
    return "tests.contract.test_netfilter", function


FORGET = netfilter("test_connections_of_an_address_are_forgotten_in_either_direction")
TRANSLATED = netfilter("test_a_connection_is_found_by_what_is_behind_its_translation")
GIVEN = netfilter("test_a_connection_is_found_by_the_address_that_it_was_given")
MANY = netfilter("test_many_connections_are_forgotten_and_no_other_one")
PACKET = netfilter("test_a_logged_packet_is_told_with_prefix_links_and_octets")
LONG_PACKET = netfilter("test_a_long_packet_is_told_by_its_beginning")
OWNER = netfilter("test_a_group_has_one_owner")
CHANGED = netfilter("test_changes_of_rulesets_are_told_by_table")
LOST = netfilter("test_lost_changes_are_told_once")


def netfilter_faults(runtime: str) -> list[Fault]:
    """Most is shared code; the socket is each runtime's own."""
    socket = runtime + "netfilter.py"
    return [
        Fault("a datagram is all", socket, "in (NLMSG_ERROR, NLMSG_DONE)", "> 0", MANY),
        Fault("refusals pass", socket, "if failed:", "if False:", OWNER),
        Fault("no answer is known", socket, "of == self._number and ", "False and ", FORGET),
        Fault("no group", "agent/rulesets.py", "nfnetlink.NFTABLES_GROUP", "0", CHANGED),
        Fault("sources alone", FILTER, ATTRIBUTES + ":", "list(%s)[:1]:" % ATTRIBUTES, GIVEN),
        Fault("no replies", FILTER, "_CTA_TUPLE_REPLY) and", "_CTA_TUPLE_ORIG) and", TRANSLATED),
        Fault("all are found", FILTER, "if found:", "if True:", MANY),
        Fault("links are swapped", FILTER, "_NFULA_PREFIX = 4, 5", "_NFULA_PREFIX = 5, 4", PACKET),
        Fault("whole packets", FILTER, '">IBB", size', '">IBB", 9000', LONG_PACKET),
        Fault("gone is new", FILTER, '0xA02: ("del"', '0xA02: ("new"', CHANGED),
        Fault(
            "losses pass", "agent/rulesets.py", " " * 16 + "raise\n", " " * 16 + "continue\n", LOST
        ),
    ]


BATCH, LISTING, RULESETS = "agent/port/nf_batch.py", "agent/port/nf_listing.py", "agent/rulesets.py"


def rulesets(function: str) -> tuple[str, str]:
    return "tests.contract.test_rulesets", function


WRITTEN = rulesets("test_each_type_is_written_as_nft_writes_it")
WHOLE = rulesets("test_a_transaction_is_whole_or_not_at_all_over_both_tables")
ALREADY = rulesets("test_what_is_there_already_is_no_error_and_what_is_mapped_otherwise_is")
PUT = rulesets("test_many_elements_are_put_and_too_many_refused")
LISTED = rulesets("test_what_there_is_is_told_as_nft_lists_it")
DISTURBED = rulesets("test_a_listing_that_was_disturbed_is_done_again")
NO_RIGHTS = rulesets("test_who_may_not_is_told_so")


def element_faults(runtime: str) -> list[Fault]:
    """The codec is shared; what sends it is each runtime's own."""
    sent = "sendto(self._socket.fd, octets" if runtime == FROZEN else "sendto(octets"
    return [
        Fault("refusals pass", RULESETS, "        if failed:\n", "        if False:\n", WHOLE),
        Fault("nothing is sent", runtime + "netfilter.py", sent, sent + "[:0]", WRITTEN),
        Fault(
            "no end",
            BATCH,
            "elements += [element(first, timeout_s), _end(_after(last))]",
            "elements += [element(first, timeout_s)]",
            WRITTEN,
        ),
        Fault("ends are last", BATCH, "_end(_after(last))", "_end(last)", WRITTEN),
        Fault("nothing below", BATCH, "if not elements and", "if False and", WRITTEN),
        Fault("no note", BATCH, ", attribute(_USERDATA, _OPEN)", "", WRITTEN),
        Fault("seconds", BATCH, "timeout_s * 1000", "timeout_s * 100", WRITTEN),
        Fault("little-endian", BATCH, 'pack(">Q", timeout_s', 'pack("<Q", timeout_s', WRITTEN),
        Fault("jump is goto", BATCH, "0xFFFFFFFD", "0xFFFFFFFC", WRITTEN),
        Fault("no key's end", BATCH, "_KEY_END, last) if last", "_KEY_END, last) if 0", WRITTEN),
        Fault("under the rate", BATCH, "(5, 1))", "(5, 0))", WRITTEN),
        Fault("a batch of its own", BATCH, "0x10, 0x11, 10", "0x10, 0x11, 9", WRITTEN),
        Fault("exclusive", BATCH, "= 0x400, 0x8000", "= 0x600, 0x8000", ALREADY),
        Fault("one message", BATCH, "PART = 250", "PART = 10000", PUT),
        Fault("first failure", RULESETS, "failed or failure", "failure", WHOLE),
        Fault(
            "waits",
            RULESETS,
            "            elif failed:\n                break",
            "            elif 0:\n                break",
            NO_RIGHTS,
        ),
        Fault("fields swapped", LISTING, "words.insert(0, ", "words.append(", LISTED),
        Fault(
            "no maps to objects", LISTING, "if bits & (_MAP | _OBJECT)", "if bits & _MAP", LISTED
        ),
        Fault("anonymous", LISTING, "if bits & _ANONYMOUS", "if False", LISTED),
        Fault("verdicts", LISTING, "0xFFFFFF00", "0xFFFFFF01", LISTED),
        Fault("torn", LISTING, "if flags & _NLM_F_DUMP_INTR", "if False", DISTURBED),
    ]
