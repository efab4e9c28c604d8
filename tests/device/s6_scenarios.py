"""What agent.s6 does with a real s6-svscan; tests/test_s6_real.py starts one for each scenario.

A scenario gets the top folder, which has scan/, and the words that start a oneshot's holder.
"""

from agent.generations import remove_tree
from agent.port import files, process
from agent.s6 import control, directory, install, strays, values
from agent.s6.paths import Paths
from tests.device.s6_room import (
    Room,
    command_lines,
    has_children,
    has_ended,
    is_another,
    is_deaf,
    is_down,
    is_ending,
    is_over,
    parent,
    ready,
    sessions,
    started,
    until,
)
from tests.device.s6_services import oneshot, secret_file, service, variable


def a_longrun_has_its_environment_and_its_log(top: str, *holder: str) -> None:
    room = Room(top, holder)
    script = (
        'echo "$SERVICE" "$FROST_SCAN" "$FROST_OUTPUTS" "${NOTIFY_FD-none}" "$A" "$DNS" "${B+set}"'
    )
    script += '; test "$FROST_PID" = $$; echo $? ; id -un; cat data/key; echo error >&2'
    script += "; exec sleep 1000"
    web = service(
        "web",
        run=("sh", "-c", script),
        user="nobody",
        literals=(("A", 'x "$y" \\z'), ("B", "")),
        references=(secret_file("key", "vpn/key"), variable("DNS", "wan/dns")),
    )
    room.add(web)
    both = {"env DNS": "2001:db8::1\n2001:db8::2", "file key": "s3cret"}
    assert values.write_values(room.scan, web, both)
    room.start("web")
    expected = ['web %s/scan %s/outputs none x "$y" \\z 2001:db8::1' % (top, top)]
    expected += ["2001:db8::2 set", "0", "nobody", "s3cret", "error"]
    assert room.logged("web", 6) == ["web: " + line for line in expected]


def a_oneshot_that_succeeds_is_ready_and_holds_until_it_is_undone(top: str, *holder: str) -> None:
    room = Room(top, holder)
    room.add(
        oneshot(
            "once",
            run=("sh", "-c", "echo did; test -e /proc/self/fd/3 && echo leak"),
            stop=("echo", "undid"),
        )
    )
    # `test` fails and so the command does: 1
    assert control.command(room.scan, "once", "o")
    assert room.end("once").exit == 1
    assert (
        install.install(
            room.scan,
            oneshot("once", run=("echo", "did"), stop=("echo", "undid"), digest="2"),
            room.paths,
        )
        is False
    )
    up = room.start("once", True)
    assert room.status("once") == up
    assert control.command(room.scan, "once", "d")
    assert room.end("once").exit == 0
    assert room.logged("once", 4) == ["once: did", "once: undid"] * 2


def a_oneshot_that_fails_is_down_with_its_exit_code(top: str, *holder: str) -> None:
    room = Room(top, holder)
    cases = (("exit 42", 42), ("kill -9 $$", 137), ("exec /nowhere", 127))
    for number, (script, code) in enumerate(cases):
        name = "bad%d" % number
        room.add(oneshot(name, run=("sh", "-c", "echo last words; " + script)))
        assert control.command(room.scan, name, "o")
        seen = room.end(name)
        assert (seen.exit, seen.ready) == (code, False), name
        assert room.logged(name, 1)[0] == name + ": last words"
    room.add(oneshot("missing", run=("/nowhere",)))
    assert control.command(room.scan, "missing", "o")
    assert room.end("missing").exit == 127
    assert "/nowhere" in room.logged("missing", 1)[0]


def stopping_a_oneshot_at_work_ends_its_command_before_stop_runs(top: str, *holder: str) -> None:
    room = Room(top, holder)
    work = "trap 'echo told; sleep 0.2; echo tidied; exit 0' TERM; echo at work; "
    work += "while :; do sleep 0.01; done"
    room.add(oneshot("once", run=("sh", "-c", work), stop=("echo", "undone")))
    room.start("once")
    room.logged("once", 1)
    assert control.command(room.scan, "once", "d")
    assert room.end("once").exit == 143
    expected = ["once: at work", "once: told", "once: tidied", "once: undone"]
    assert room.logged("once", 4) == expected


def a_holder_that_is_killed_out_of_the_blue_undoes_nothing(top: str, *holder: str) -> None:
    room = Room(top, holder)
    room.add(oneshot("once", run=("echo", "did"), stop=("echo", "undid")))
    for _ in range(2):
        process.kill(room.start("once", True).pid, process.SIGKILL)
        assert room.end("once").exit == -9
    room.start("once", True)
    assert control.command(room.scan, "once", "d")
    room.end("once")
    assert room.logged("once", 4) == ["once: did"] * 3 + ["once: undid"]


def a_command_that_only_a_kill_stops_is_undone(top: str, *holder: str) -> None:
    room = Room(top, holder)
    work = "trap '' TERM; echo at work; while :; do sleep 0.01; done"
    room.add(oneshot("once", run=("sh", "-c", work), stop=("echo", "undone")))
    room.start("once")
    room.logged("once", 1)
    assert control.command(room.scan, "once", "d")
    marker = room.scan + "/once/stopping"
    until("the holder's having heard it", lambda: files.kind(marker) == "file")
    assert control.kill(room.scan, "once")
    assert room.end("once").exit == -9
    assert room.logged("once", 2) == ["once: at work", "once: undone"]
    assert files.kind(marker) == ""


def s6_passes_over_a_start_while_the_finish_script_runs(top: str, *holder: str) -> None:
    room = Room(top, holder)
    room.add(
        oneshot("once", run=("true",), stop=("sh", "-c", "until test -e go; do sleep 0.1; done"))
    )
    room.start("once", True)
    assert control.command(room.scan, "once", "d")
    until("the finish script", is_ending, room, "once")
    assert (room.status("once").pid, room.status("once").exit) == (0, 0)
    assert control.command(room.scan, "once", "o")
    files.write(room.scan + "/once/go", b"")
    ended = room.end("once")
    assert room.status("once") == ended
    assert room.start("once", True).pid


def the_agent_is_a_service_of_its_own(top: str, *holder: str) -> None:
    room = Room(top, holder)
    script = 'test "$SERVICE,$A" = frost-agent,1 && echo >&3; exec sleep 1000'
    paths = Paths(*(room.paths[:6] + (("sh", "-c", script),)))
    rendered = directory.daemon(paths, [("A", "1")])
    files.make_folder(top + "/log")
    assert install.put(room.scan, "frost-agent", rendered, "1", []) is True
    assert install.installed(room.scan) == {}
    assert control.rescan(room.scan)
    room.supervised("frost-agent")
    first = until("its readiness", ready, room, "frost-agent")
    process.kill(first.pid, process.SIGKILL)
    until("another", is_another, room, "frost-agent", first.pid)
    assert control.command(room.scan, "frost-agent", "d")
    room.end("frost-agent")


def killing_ends_the_whole_process_group(top: str, *holder: str) -> None:
    room = Room(top, holder)
    for added in (
        service("dog", run=("sh", "-c", "trap '' TERM; sleep 1000; exit 1")),
        oneshot("once", run=("sh", "-c", "trap '' TERM; sleep 1000; exit 1")),
    ):
        room.add(added)
        up = room.start(added.name)
        until("its child", has_children, up.pid)
        assert control.kill(room.scan, added.name)
        assert room.end(added.name).exit == -9
        until("the group's end", is_over, up.pid)
        assert not control.kill(room.scan, added.name)


def a_directory_is_brought_up_to_date_under_a_running_service(top: str, *holder: str) -> None:
    room = Room(top, holder)
    old = service(
        "web",
        run=("sh", "-c", "echo old; exec sleep 1000"),
        literals=(("OLD", "1"),),
        references=(variable("GONE", "a/b"), variable("KEPT", "a/c")),
        notify=True,
    )
    room.add(old)
    values.write_values(room.scan, old, {"env GONE": "1", "env KEPT": "2"})
    up = room.start("web")
    room.logged("web", 1)
    script = 'echo new "${OLD-}" "${GONE-}" "$KEPT"; exec sleep 1000'
    new = service(
        "web", run=("sh", "-c", script), references=(variable("KEPT", "a/c"),), digest="new"
    )
    assert install.install(room.scan, new, room.paths) is False
    assert install.installed(room.scan) == {"web": "new"}
    assert room.status("web") == up
    assert files.listing(room.scan + "/web") == ["data", "down", "env", "event", "log", "run"] + [
        "supervise"
    ]
    assert files.listing(room.scan + "/web/env") == [
        "FROST_OUTPUTS",
        "FROST_SCAN",
        "KEPT",
        "SERVICE",
    ]
    assert control.command(room.scan, "web", "d")
    assert room.end("web").exit == -15
    room.start("web")
    assert room.logged("web", 2) == ["web: old", "web: new   2"]


def nothing_remains_of_what_is_taken_out(top: str, *holder: str) -> None:
    room = Room(top, holder)
    web = "web-%d" % process.pid()  # nobody else on this machine has an s6-supervise of that name
    room.add(service(web))
    room.add(service("other"))
    other = room.start("other")
    room.start(web)
    assert control.command(room.scan, web, "d")
    room.end(web)
    assert install.uninstall(room.scan, web) is True
    assert install.uninstall(room.scan, web) is False
    assert install.installed(room.scan) == {"other": "0123456789abcdef"}
    until("all of web to go", lambda: not install.sweep(room.scan))
    assert files.listing(room.scan) == [".s6-svscan", "other"]
    # It stops listening a moment before it has ended.
    until(
        "the s6-supervise of web to end",
        lambda: not [line for line in command_lines() if line[:2] == ["s6-supervise", web]],
    )
    assert room.status("other") == other
    # the name is free again
    room.add(service(web, digest="again"))
    assert room.start(web).pid


def an_orphan_is_found_beside_the_second_copy(top: str, *holder: str) -> None:
    room = Room(top, holder)
    # One keeps its environment and has a session leader for a child; one wipes its environment.
    room.add(service("open", run=("sh", "-c", "setsid sleep 1000 & exec sleep 1000")))
    room.add(service("shy", run=("env", "-i", "sleep", "1000")))
    first = {name: room.start(name).pid for name in ("open", "shy")}
    until("the child", lambda: len(sessions(room.scan, "open")) == 2)
    for name in sorted(first):
        strays.remember(room.scan, name, first[name])
    assert strays.find(room.scan, first) == {}
    for name in sorted(first):
        process.kill(parent(first[name]), process.SIGKILL)
        # Nobody listens until s6-svscan has put another in its place, the old status stays.
        until("the end of s6-supervise", is_deaf, room.scan, name)
        assert not control.command(room.scan, name, "o")
    for name in sorted(first):
        room.supervised(name)
        until("a status of its own", is_down, room, name)
    known = {name: [(first[name], started(first[name]))] for name in first}
    assert strays.find(room.scan, {"open": 0, "shy": 0}) == known
    assert strays.find(top + "/other", {"open": 0}) == {}
    second = {name: room.start(name).pid for name in ("open", "shy")}
    assert strays.find(room.scan, second) == known
    for name in sorted(first):
        pid, start = known[name][0]
        assert (strays.alive(pid, start), strays.alive(pid, start + 1)) == (True, False)
        process.kill(pid, process.SIGKILL)
        until("its end", has_ended, pid, start)
    assert strays.find(room.scan, second) == {}


def values_are_whole_private_and_go_when_they_are_gone(top: str, *holder: str) -> None:
    room = Room(top, holder)
    references = (secret_file("key", "vpn/key"), variable("DNS", "a/b"), variable("MTU", "a/c"))
    web = service("web", user="nobody", references=references)
    assert install.install(room.scan, web, room.paths)
    folder = room.scan + "/web/"
    first = {"env DNS": "1\n2", "file key": "k", "env MTU": ""}
    assert values.write_values(room.scan, web, first) is True
    assert values.read_values(room.scan, web) == first
    assert values.write_values(room.scan, web, first) is False
    texts = [files.read(folder + name) for name in ("env/DNS", "env/MTU", "data/key")]
    assert texts == [b"1\n2\n", b"\n", b"k\n"]
    assert [files.mode(folder + name) for name in ("env/DNS", "data/key")] == [0o644, 0o600]
    who = [b"s6-setuidgid", b"nobody", b"cat", (folder + "data/key").encode()]
    assert process.wait(process.spawn(who)) == 0
    files.write(folder + "data/.key.part", b"left by a killed agent")
    assert values.write_values(room.scan, web, {"file key": "k2"}) is True
    assert values.read_values(room.scan, web) == {"file key": "k2"}
    names = ["FROST_OUTPUTS", "FROST_SCAN", "SERVICE"]
    assert [files.listing(folder + name) for name in ("env", "data")] == [
        names,
        [".frostgate", "key"],
    ]
    for text, fields in (("a\0b", {}), ("k", {"user": "nobody-here"})):
        stranger = service("web", references=references, **fields)
        try:
            values.write_values(room.scan, stranger, {"file key": text})
        except install.InstallError as error:
            assert ("nobody-here" in "%s" % error) == bool(fields)
            continue
        raise AssertionError("no error")
    assert values.read_values(room.scan, web) == {"file key": "k2"}


def a_folder_of_somebody_else_is_left_alone(top: str, *holder: str) -> None:
    room = Room(top, holder)
    files.make_folder(room.scan + "/web")
    files.write(room.scan + "/web/run", b"theirs")
    try:
        install.install(room.scan, service("web"), room.paths)
    except install.InstallError as error:
        text = "%s/web: expected a service directory made by frostgate, got another; remove it"
        assert "%s" % error == text % room.scan
    else:
        raise AssertionError("no error")
    assert (install.uninstall(room.scan, "web"), install.installed(room.scan)) == (False, {})
    assert files.listing(room.scan + "/web") == ["run"]
    assert files.read(room.scan + "/web/run") == b"theirs"
    remove_tree(room.scan + "/web")  # s6-svscan would try to run it
