"""The port's local sockets, on the runtime that runs this."""

from agent.port import errno, files, local, poll, process
from tests.contract.test_process import number_of


def path() -> str:
    """A socket's path of our own."""
    return "/tmp/fg-local-%d" % process.pid()


def pair() -> "tuple[local.Listener, local.Connection, local.Connection]":
    """A listener, the end that connected, the end that was accepted."""
    listener = local.Listener(path(), 0o600)
    ours = local.connect(path())
    assert poll.ready([listener.fileno()], 5) == [listener.fileno()]
    theirs = listener.accept()
    assert theirs is not None
    return listener, ours, theirs


def test_what_is_written_is_read_and_the_end_is_told() -> None:
    listener, ours, theirs = pair()
    assert listener.accept() is None
    assert (ours.read(), theirs.read()) == (None, None)
    assert ours.write(b"status\n\xff") == 8
    assert poll.ready([theirs.fileno()], 5) == [theirs.fileno()]
    assert theirs.read() == b"status\n\xff"
    assert theirs.write(b"answer") == 6
    theirs.close()
    assert ours.read() == b"answer"
    assert ours.read() == b""
    assert number_of(ours.write, b"x") == errno.EPIPE
    ours.close()
    listener.close()
    assert files.kind(path()) == ""


def test_writing_never_waits_for_a_reader() -> None:
    listener, ours, theirs = pair()
    block = b"x" * 65536
    taken = 0
    while True:
        count = ours.write(block)
        if not count:
            break
        taken += count
    assert poll.ready([ours.fileno()], 0, [ours.fileno()]) == []
    got = 0
    while got < taken:
        got += len(theirs.read() or b"")
    assert poll.ready([ours.fileno()], 5, [ours.fileno()]) == [ours.fileno()]
    assert ours.write(b"x") == 1
    for end in (ours, theirs, listener):
        end.close()


def test_a_connection_can_be_ready_for_reading_and_for_writing() -> None:
    listener, ours, theirs = pair()
    theirs.write(b"x")
    both = [ours.fileno(), ours.fileno()]
    assert poll.ready([ours.fileno()], 5, [ours.fileno()]) == both
    assert poll.ready([], 5, [ours.fileno()]) == [ours.fileno()]
    for end in (ours, theirs, listener):
        end.close()


def test_nobody_listens_is_an_error_of_connect() -> None:
    assert number_of(local.connect, path()) == errno.ENOENT
    files.write(path(), b"")
    assert number_of(local.connect, path()) == errno.ECONNREFUSED
    files.remove_file(path())
    assert number_of(local.connect, "/tmp/" + "x" * 103) is not None
    assert number_of(local.Listener, "/tmp/" + "x" * 103, 0o600) is not None


def test_a_socket_left_by_a_killed_listener_is_replaced() -> None:
    files.write(path(), b"")
    listener = local.Listener(path(), 0o660)
    assert files.mode(path()) == 0o660
    local.connect(path()).close()
    listener.close()
