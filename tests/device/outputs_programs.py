"""What the outputs' host tests run as child processes, on either runtime: `FUNCTION ARG...`.

`frost-check tests.device.outputs_programs FUNCTION ARG...` or, on CPython,
`python -m tests.device.outputs_programs FUNCTION ARG...`. Arguments are text; a finding is an
AssertionError, an outputs error goes to standard output as one line.
"""

import sys

from agent import outputs
from agent.port import clock, files, poll, process

FILES = 6  # values of one publication in a storm


def values_of(token: str) -> dict[str, str]:
    """A publication that tells in every value which one it is; sometimes with fewer files."""
    number = int(token.split("-")[-1])
    count = FILES - number % 3
    return dict([("set/%d/token" % index, token) for index in range(count)] + [("token", token)])


def check_whole(values: dict[str, str]) -> str:
    """The publication's token; AssertionError when the values are not those of one."""
    token = values.get("token", "missing-0")
    assert values == values_of(token), values
    return token


def publish(root: str, service: str, token: str) -> None:
    """Publish values and memo of one token."""
    after = outputs.Snapshot(values_of(token), "memo " + token)
    outputs.update(root, service, lambda before: after)


def publish_values(root: str, service: str, *pairs: str) -> None:
    """Publish these values, each PATH=VALUE."""
    parts = [pair.partition("=") for pair in pairs]
    outputs.publish(root, service, {path: value for path, _, value in parts})


def renote(root: str, service: str, memo: str) -> None:
    """Change the memo alone."""
    outputs.update(root, service, lambda before: outputs.Snapshot(before.values, memo))


def clear(root: str, service: str) -> None:
    """Publish nothing any more."""
    outputs.clear(root, service)


def attempt(root: str, service: str, token: str) -> None:
    """Publish; say the error's line when it is refused."""
    try:
        publish(root, service, token)
    except outputs.OutputsError as error:
        print(error.args[0])


def publisher(root: str, services: str, name: str, count: str) -> None:
    """Publish so many times, over all services in turn."""
    names = services.split(",")
    for number in range(int(count)):
        publish(root, names[number % len(names)], "%s-%d" % (name, number))


def reader(root: str, services: str, stop: str) -> None:
    """Read all services until the file `stop` is there; print how many reads were whole."""
    total = 0
    while not files.kind(stop):
        for service in services.split(","):
            values = outputs.read(root, service)
            if values is not None:
                check_whole(values)
                total += 1
    print(total)


def watcher(root: str, services: str, stop: str, started: str) -> None:
    """Follow all services by their events alone; print the last token seen of each.

    Nothing is read but what an event (or an overflow) asked for.
    """
    watch = outputs.Watch(root)
    last = {}
    files.write(started, b"")
    deadline = clock.monotonic() + 600
    while clock.monotonic() < deadline:
        ending = files.kind(stop) != ""  # looked at before the events: what follows is the rest
        names = watch.read()
        for service in services.split(",") if names is None else names:
            values = outputs.read(root, service)
            last[service] = "" if values is None else check_whole(values)
        if ending and names == []:
            break
        poll.ready([watch.fileno()], 0.05)
    print(" ".join(["%s=%s" % (service, last[service]) for service in sorted(last)]))


def timed(root: str, count: str) -> None:
    """Print what a publication, an equal one and a read cost, in microseconds each."""
    fields = ("prefix", "length", "preferred", "valid", "preferred-until", "valid-until")
    values = {"state": "bound", "ifname": "wan", "dns": "2001:db8::1\n2001:db8::2"}
    for key in range(6):
        for field in fields:
            values["prefix/2001-db8-%d--_0123abcd/%s" % (key, field)] = "2001:db8:%d::" % key
    costs = [0.0, 0.0, 0.0]
    for number in range(int(count)):
        values["number"] = str(number)
        start = clock.monotonic()
        assert outputs.publish(root, "wan", values)
        middle = clock.monotonic()
        assert not outputs.publish(root, "wan", values)
        end = clock.monotonic()
        assert outputs.read(root, "wan") == values
        for index, cost in enumerate((middle - start, end - middle, clock.monotonic() - end)):
            costs[index] += cost
    print(len(values), "values:", [int(cost * 1000000 / int(count)) for cost in costs])


def run() -> None:
    """Call the function that the arguments name."""
    words = [word.decode() for word in process.argv()[1:]]
    getattr(sys.modules[__name__], words[0])(*words[1:])


if __name__ == "__main__":
    run()
