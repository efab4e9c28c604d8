"""The picture in docs/ is that of the transition table."""

from pathlib import Path

from agent.supervision.table import ROWS, STATES
from packager import states
from packager.picture.graphviz import mark

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_the_picture_is_drawn_from_the_table_as_it_is() -> None:
    text = states.draw()
    hint = "run `make docs`"
    assert (DOCS / "agent-states.dot").read_text() == text, hint
    assert (DOCS / "agent-states.svg").read_text().endswith(mark("agent-states.dot", text)), hint


def test_every_row_is_in_the_picture() -> None:
    lines = states.draw().splitlines()
    for state, guard, after, action, _ in ROWS:
        label = f"{guard} [{action}]" if action else guard
        arrow = next(line for line in lines if line.startswith(f"  {state} -> {after} "))
        assert label in arrow.partition('label="')[2].split('"')[0].split("\\l")


def test_every_state_can_be_reached_and_left() -> None:
    assert {row[2] for row in ROWS} == {row[0] for row in ROWS} == set(STATES)
