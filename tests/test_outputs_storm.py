"""Many publishers, readers and watchers at once; and long sequences against a model."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import outputs
from agent.generations import KEEP_MOST
from packager.isp.wait import until
from tests import runtimes
from tests.device import outputs_programs

MODULE = "tests.device.outputs_programs"
SERVICES = ["lan", "wan", "wan.5"]


@pytest.fixture
def root() -> Iterator[str]:
    """A root for outputs; on a tmpfs where there is one, as on a router."""
    shm = "/dev/shm"
    folder = tempfile.mkdtemp(prefix="fg-storm-", dir=shm if os.access(shm, os.W_OK) else None)
    yield folder + "/outputs"
    shutil.rmtree(folder)


def test_readers_and_watchers_in_a_storm_see_whole_publications_only(root: str) -> None:
    count = 500 * runtimes.SCALE
    names = ",".join(SERVICES)
    stop = os.path.join(os.path.dirname(root), "stop")
    with ExitStack() as children:

        def start(runtime: str, function: str, *words: str) -> "subprocess.Popen[str]":
            command = runtimes.command(runtime, MODULE, function, root, names, *words)
            child = subprocess.Popen(command, stdout=-1, stderr=subprocess.STDOUT, text=True)
            children.callback(child.kill)
            return child

        watchers = [start(name, "watcher", stop, stop + name) for name in runtimes.NAMES]
        until(
            "both watchers watch",
            lambda: (
                [child.poll() for child in watchers]
                + [os.path.exists(stop + name) for name in runtimes.NAMES]
            ),
            lambda seen: seen == [None, None, True, True],
        )
        readers = [start(name, "reader", stop) for name in runtimes.NAMES * 2]
        publishers = [
            start(name, "publisher", f"{name}{turn}", str(count))
            for turn in range(2)
            for name in runtimes.NAMES
        ]
        for child in publishers:
            assert child.communicate(timeout=600)[0] == "" and child.returncode == 0
        last = {
            name: outputs_programs.check_whole(outputs.read(root, name) or {}) for name in SERVICES
        }
        Path(stop).touch()
        said = [child.communicate(timeout=60)[0] for child in readers + watchers]
        assert [child.returncode for child in readers + watchers] == [0] * 6, said
    reads = [int(text) for text in said[:4]]
    assert min(reads) > 0
    assert said[4:] == [" ".join(f"{name}={last[name]}" for name in SERVICES) + "\n"] * 2
    kept = sorted(os.listdir(root + "/.gen"))
    assert len(kept) <= len(SERVICES) * (KEEP_MOST + 2), kept
    print(f"storm: {4 * count} publications, {sum(reads)} whole reads")


def test_first_publications_at_once_are_all_there_when_the_root_is_missing(root: str) -> None:
    """As at boot, when the services start together: each of them may make the folders."""
    turns = 20 * runtimes.SCALE
    names = {f"w{number}": runtimes.NAMES[number % 2] for number in range(6)}
    for turn in range(turns):
        top = f"{root}/{turn}/new/../outputs"
        children = [
            subprocess.Popen(
                runtimes.command(runtime, MODULE, "publish", top, name, "a-1"),
                stdout=-1,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for name, runtime in names.items()
        ]
        said = [(child.communicate(timeout=60)[0], child.returncode) for child in children]
        assert said == [("", 0)] * len(names)
        assert sorted(os.listdir(top)) == [".gen", *names]
        for name in names:
            assert outputs_programs.check_whole(outputs.read(top, name) or {}) == "a-1"
    print(f"first publications: {turns} times {len(names)} at once")


PATHS = st.sampled_from(["a", "b", "b/c", "b/d/e", "b/d", "f.g:h", "_"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=9)
VALUES = st.dictionaries(PATHS, TEXTS, max_size=5)
STEPS: st.SearchStrategy[tuple[str, str, dict[str, str]]] = st.one_of(
    st.tuples(st.just("publish"), st.sampled_from(SERVICES), VALUES),
    st.tuples(st.just("again"), st.sampled_from(SERVICES), st.just({})),
    st.tuples(st.just("note"), st.sampled_from(SERVICES), st.just({})),
    st.tuples(st.just("clear"), st.sampled_from(SERVICES), st.just({})),
)


def fits(values: dict[str, str]) -> bool:
    """Whether no path is both a value and a folder of values."""
    return not any(other.startswith(path + "/") for path in values for other in values)


@settings(max_examples=60 * runtimes.SCALE, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_any_sequence_of_publications_reads_as_a_dictionary_would(
    steps: list[tuple[str, str, dict[str, str]]],
) -> None:
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="fg-model-", dir=base) as root:
        watch = outputs.Watch(root)
        model: dict[str, dict[str, str]] = {}
        memos: dict[str, str] = {}
        for number, (what, service, values) in enumerate(steps):
            before = dict(model)
            if what == "publish" and not fits(values):
                with pytest.raises(outputs.OutputsError):
                    outputs.publish(root, service, values)
            elif what == "publish":
                model[service] = values
                changed = outputs.publish(root, service, values)
                assert changed == (model != before)
            elif what == "again":
                assert outputs.publish(root, service, model.get(service, {})) == (
                    service not in model
                )
                model.setdefault(service, {})
            elif what == "note" and service in model:
                memos[service] = str(number)
                note = outputs.Snapshot(model[service], str(number))
                assert not outputs.update(root, service, lambda now, note=note: note)  # type: ignore[misc]
            elif what == "clear":
                assert outputs.clear(root, service) == (service in model)
                model.pop(service, None)
                memos.pop(service, None)
            assert watch.read() == ([service] if model != before else [])
            assert {name: outputs.read(root, name) for name in SERVICES} == {
                name: model.get(name) for name in SERVICES
            }
            seen: list[outputs.Snapshot] = []
            outputs.update(root, service, seen.append)
            assert seen == [(model.get(service), memos.get(service, ""))]
        watch.close()
        left = os.listdir(root + "/.gen") if steps else []
        assert all(name.rpartition(".")[2].isdigit() or name.endswith(".lock") for name in left)
        assert len(left) <= len(SERVICES) * (KEEP_MOST + 2)
