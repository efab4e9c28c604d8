"""TCP and SCTP in all their states: RFC 6092 REC-31, 32, 35, 38 to 40."""

from tests.lab.firewall.case import Case, icmp6
from tests.lab.firewall.shapes import (
    SCTPChunkAbort,
    SCTPChunkCookieAck,
    SCTPChunkCookieEcho,
    SCTPChunkData,
    SCTPChunkHeartbeatReq,
    SCTPChunkInit,
    SCTPChunkInitAck,
    SCTPChunkShutdown,
    SCTPChunkShutdownAck,
    SCTPChunkShutdownComplete,
    ends,
    sctp,
    tcp,
)
from tests.lab.firewall.suite import case

REC31, REC32, REC35 = "RFC 6092 REC-31", "RFC 6092 REC-32", "RFC 6092 REC-35"
REC38, REC39, REC40 = "RFC 6092 REC-38", "RFC 6092 REC-39", "RFC 6092 REC-40"
INVALID = "RFC 6092 REC-10"
ESTABLISHED_S, TRANSITORY_S = 7440, 240
LONGEST_S = 432000
MARGIN_S = 5  # between a packet and the look at conntrack, on a busy machine
OURS, THEIRS = 1000, 5000  # initial sequence numbers


def leave(c: Case, flags: str, seq: int = 0, ack: int = 0, lan: str = "lan0", **more):
    """A segment from inside arrives outside. Sequence numbers are relative."""
    segment = tcp(c, True, flags, OURS + seq, THEIRS + ack, **more)
    return c.send(lan, ends(c, True, lan) / segment).arrives("wan")


def come(c: Case, flags: str, seq: int = 0, ack: int = 0, lan: str = "lan0", **more):
    """A segment from outside arrives inside."""
    segment = tcp(c, False, flags, THEIRS + seq, OURS + ack, **more)
    return c.send("wan", ends(c, False, lan) / segment).arrives(lan)


def shake(c: Case, lan: str = "lan0") -> None:
    """The three-way handshake."""
    scale = [("MSS", 1400), ("WScale", 7)]
    leave(c, "S", lan=lan, options=scale).leaves(
        "tcp", TRANSITORY_S - MARGIN_S, LONGEST_S, "SYN_SENT"
    )
    come(c, "SA", 0, 1, lan, options=scale).leaves(
        "tcp", TRANSITORY_S - MARGIN_S, LONGEST_S, "SYN_RECV"
    )
    leave(c, "A", 1, 1, lan).leaves("tcp", ESTABLISHED_S, LONGEST_S, "ESTABLISHED")


for lan in ("lan0", "guest0", "open0"):

    @case(REC31, "MUST", f"a TCP flow from {lan}: handshake, data both ways, an orderly end")
    def _(c: Case, lan: str = lan) -> None:
        shake(c, lan)
        leave(c, "PA", 1, 1, lan)
        come(c, "PA", 1, 1, lan)
        leave(c, "FA", 1, 1, lan)
        come(c, "A", 1, 2, lan)
        come(c, "FA", 1, 2, lan)
        leave(c, "A", 2, 2, lan)


@case(REC31, "MUST", "simultaneous open: SYNs cross, then SYN-ACKs")
def _(c: Case) -> None:
    leave(c, "S")
    come(c, "S").leaves("tcp", TRANSITORY_S - MARGIN_S, LONGEST_S, "SYN_SENT2")
    leave(c, "SA", 0, 1)
    come(c, "SA", 0, 1)
    leave(c, "A", 1, 1)
    come(c, "A", 1, 1)


@case(REC31, "MUST", "SYNs may be sent again, and so may the answer")
def _(c: Case) -> None:
    leave(c, "S")
    leave(c, "S")
    come(c, "SA", 0, 1)
    come(c, "SA", 0, 1)
    leave(c, "A", 1, 1)


@case(REC31, "MUST", "a half-closed flow carries data on, the far end closed first")
def _(c: Case) -> None:
    shake(c)
    come(c, "FA", 1, 1)
    leave(c, "A", 1, 2)
    leave(c, "PA", 1, 2)
    come(c, "A", 2, 1)
    leave(c, "FA", 1, 2)
    come(c, "A", 2, 2)


@case(REC31, "MUST", "a reset ends the flow and passes, from either end")
def _(c: Case) -> None:
    shake(c)
    come(c, "R", 1, 0)


@case(REC31, "MUST", "a refused connection's reset passes")
def _(c: Case) -> None:
    leave(c, "S")
    come(c, "RA", 0, 1)


@case(REC31, "MUST", "after TIME-WAIT's ACK the same ports may be used again")
def _(c: Case) -> None:
    shake(c)
    leave(c, "FA", 1, 1)
    come(c, "FA", 1, 2)
    leave(c, "A", 2, 2)
    segment = tcp(c, True, "S", OURS + 100000, 0)
    c.send("lan0", ends(c, True) / segment).arrives("wan")


@case(REC32, "MUST", "a flow that was not seen to begin is picked up from inside")
def _(c: Case) -> None:
    leave(c, "A", 1, 1).leaves("tcp", TRANSITORY_S - MARGIN_S, LONGEST_S)
    come(c, "A", 1, 1)
    leave(c, "PA", 1, 1)


@case(REC32, "MUST", "its windows are not enforced: segments far beyond pass")
def _(c: Case) -> None:
    leave(c, "A", 1, 1, window=100)
    come(c, "A", 1, 1, window=100)
    come(c, "PA", 1000000, 1)
    leave(c, "PA", 900000, 1000001)


@case(REC35, "MUST", "an established flow lasts at least 7440 s")
def _(c: Case) -> None:
    shake(c)
    come(c, "PA", 1, 1).leaves("tcp", ESTABLISHED_S, LONGEST_S, "ESTABLISHED", "[ASSURED]")


@case(REC35, "MUST", "transitory states last at least 240 s: the inside closes first")
def _(c: Case) -> None:
    shake(c)
    leave(c, "FA", 1, 1).leaves("tcp", TRANSITORY_S - MARGIN_S, LONGEST_S, "FIN_WAIT")
    come(c, "A", 1, 2).leaves("tcp", TRANSITORY_S - MARGIN_S, LONGEST_S, "CLOSE_WAIT")
    come(c, "FA", 1, 2).leaves("tcp", TRANSITORY_S - MARGIN_S, LONGEST_S, "LAST_ACK")


@case(REC35, "MUST", "a flow with unacknowledged data lasts at least 240 s")
def _(c: Case) -> None:
    shake(c)
    for _ in range(6):
        leave(c, "PA", 1, 1)
    c.steps[-1].leaves("tcp", TRANSITORY_S - MARGIN_S, LONGEST_S, "ESTABLISHED")


# --- SCTP

TAG_OURS, TAG_THEIRS = 0x11111111, 0x22222222


def init(tag: int) -> SCTPChunkInit:
    """INIT with the sender's tag."""
    return SCTPChunkInit(init_tag=tag, a_rwnd=65536, n_out_streams=1, n_in_streams=1)


def init_ack(tag: int) -> SCTPChunkInitAck:
    """Its answer."""
    return SCTPChunkInitAck(init_tag=tag, a_rwnd=65536, n_out_streams=1, n_in_streams=1)


def exchange(c: Case, outbound: bool, chunk, lan: str = "lan0"):
    """A chunk passes; its verification tag is the receiver's, or 0 with INIT."""
    tag = 0 if type(chunk) is SCTPChunkInit else (TAG_THEIRS if outbound else TAG_OURS)
    packet = ends(c, outbound, lan) / sctp(c, outbound, chunk, tag)
    return c.send(lan if outbound else "wan", packet).arrives("wan" if outbound else lan)


def associate(c: Case, lan: str = "lan0") -> None:
    """The four-way handshake."""
    wait = (TRANSITORY_S - MARGIN_S, LONGEST_S)
    exchange(c, True, init(TAG_OURS), lan).leaves("sctp", *wait)
    exchange(c, False, init_ack(TAG_THEIRS), lan).leaves("sctp", *wait)
    exchange(c, True, SCTPChunkCookieEcho(cookie=c.token), lan).leaves("sctp", *wait)
    exchange(c, False, SCTPChunkCookieAck(), lan).leaves(
        "sctp", ESTABLISHED_S, LONGEST_S, "ESTABLISHED"
    )


for lan in ("lan0", "guest0", "open0"):

    @case(REC38, "MUST", f"an SCTP association from {lan}: handshake, data, shutdown")
    def _(c: Case, lan: str = lan) -> None:
        associate(c, lan)
        exchange(c, True, SCTPChunkData(tsn=1, data=c.token), lan)
        exchange(c, False, SCTPChunkData(tsn=1, data=c.token), lan)
        exchange(c, True, SCTPChunkShutdown(cumul_tsn_ack=1), lan)
        exchange(c, False, SCTPChunkShutdownAck(), lan)
        exchange(c, True, SCTPChunkShutdownComplete(), lan)


@case(REC38, "MUST", "simultaneous open: INITs cross")
def _(c: Case) -> None:
    exchange(c, True, init(TAG_OURS))
    exchange(c, False, init(TAG_THEIRS))
    exchange(c, True, init_ack(TAG_OURS))
    exchange(c, False, init_ack(TAG_THEIRS))
    exchange(c, True, SCTPChunkCookieEcho(cookie=c.token))
    exchange(c, False, SCTPChunkCookieAck())


@case(REC38, "MUST", "an abort passes")
def _(c: Case) -> None:
    associate(c)
    exchange(c, False, SCTPChunkAbort())


@case(REC38, "HOUSE", "a heartbeat of an association that was not seen to begin passes")
def _(c: Case) -> None:
    exchange(c, True, SCTPChunkHeartbeatReq()).leaves("sctp", TRANSITORY_S - MARGIN_S, LONGEST_S)


for lan in ("lan0", "guest0"):

    @case(REC39, "MUST", f"an unsolicited INIT to {lan} is answered with type 1 code 1")
    def _(c: Case, lan: str = lan) -> None:
        packet = ends(c, False, lan) / sctp(c, False, init(TAG_THEIRS), 0)
        c.send("wan", packet).denied(REC39, icmp6(1, 1))


@case(REC39, "HOUSE", "other unsolicited chunks are dropped")
def _(c: Case) -> None:
    packet = ends(c, False) / sctp(c, False, SCTPChunkData(data=c.token), TAG_OURS)
    c.send("wan", packet).denied(INVALID)


@case(REC40, "MUST", "an established association lasts at least 7440 s")
def _(c: Case) -> None:
    associate(c)
    exchange(c, False, SCTPChunkData(tsn=1, data=c.token)).leaves(
        "sctp", ESTABLISHED_S, LONGEST_S, "ESTABLISHED"
    )


@case(REC40, "MUST", "transitory states last at least 240 s")
def _(c: Case) -> None:
    wait = (TRANSITORY_S - MARGIN_S, LONGEST_S)
    associate(c)
    exchange(c, True, SCTPChunkShutdown(cumul_tsn_ack=1)).leaves("sctp", *wait)
    exchange(c, False, SCTPChunkShutdownAck()).leaves("sctp", *wait)
