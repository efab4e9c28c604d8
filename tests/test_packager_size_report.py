"""frostgate size: its texts, comparisons, budgets and pictures."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager import __main__ as command
from packager.root import tree as t
from packager.size import (
    budget,
    contents,
    difference,
    groups,
    image,
    page,
    table,
    tiles,
    treemap,
)
from packager.size.contents import Contents, Item, SizeError
from services.model import Budget
from tests.sized import built_in, hostile, small_tree, stated

GOLDEN = Path(__file__).resolve().parent / "golden" / "size"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_in(tmp_path_factory.mktemp("size"))


def check_golden(name: str, text: str, update: bool) -> None:
    path = GOLDEN / name
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text, "pytest --update-golden writes it anew"


# Texts


def test_the_report_reads(update_golden: bool) -> None:
    views = ("package", "reason", "folder", "file")
    check_golden("report.txt", table.report(stated(), views, 4), update_golden)


def test_every_table_has_as_many_rows_as_asked_for() -> None:
    lines = table.report(stated(), ("package",), 1).splitlines()
    rest = [line.split() for line in lines if line.endswith("more)")]
    assert rest == [
        *[["1.6", "MB", "19", "%", "3,704,788", "5", "(4", "more)"]],
        *[["911", "B", "1,956", "(1", "more)"]],
    ]
    assert "ifwait" not in "".join(lines)
    assert "ifwait" in table.report(stated(), ("package",), 0)


def test_the_comparison_reads(update_golden: bool) -> None:
    old = stated()
    items = [replace(i, packed=i.packed + 900) if "libc.so" in i.path else i for i in old.items]
    items = [i for i in items if "libgmp" not in i.path]
    items.append(Item("/usr/sbin/chronyd", 300_000, 130_000, "chrony", "time runs chronyd"))
    new = replace(old, name="new.squashfs", image=8_372_900, items=tuple(items))
    found = difference.compare(old, new)
    check_golden("difference.txt", difference.report(found), update_golden)
    told = difference.as_json(found)
    assert told["octets"] == {"old": 8_480_000, "new": 8_372_900}
    assert told["packages"][0] == {"name": "libgmp10", "old": 238_000, "new": None,
                                   "change": -238_000}  # fmt: skip
    same = difference.compare(old, old)
    assert (same.packages, same.files) == ((), ())


def test_json_has_every_file_once_and_sums_agree(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["size", "-j", str(built)]) == 0
    told = json.loads(capsys.readouterr().out)
    keys = "image target octets besides size method unscaled rest packages folders reasons files"
    assert list(told) == [*keys.split(), "programs"]
    for view in ("packages", "folders", "reasons", "files"):
        assert sum(row["size"] for row in told[view]) == told["size"], view
        assert sum(row["packed"] for row in told[view]) + told["rest"] == told["octets"], view


def test_reasons_tell_what_would_go_and_what_is_shared() -> None:
    found = {group.name: group for group in groups.by_reason(stated())}
    assert found["dns runs dnsmasq"].packed == 438_000
    assert [part.name for part in found["dns runs dnsmasq"].parts] == [
        "dnsmasq-base needs libgmp10 through libhogweed6",
        "dns runs dnsmasq",
    ]
    assert found["needed by dns and ssh"].packed == 860_000


@pytest.mark.parametrize(
    "octets, text",
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (99_940, "99.9 kB"), (99_951, "100 kB"),
     (999_499, "999 kB"), (999_500, "1.0 MB"), (13_066_240, "13.1 MB"), (-2_500, "-2.5 kB")],
)  # fmt: skip
def test_octets_for_people(octets: int, text: str) -> None:
    assert table.shown(octets) == text


def test_wrong_usage_and_what_is_no_image(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["size"]) == 100
    assert command.main(["size", "a", "b"]) == 100
    assert command.main(["size", "--diff", "a", "b", "--svg", "x"]) == 100
    assert command.main(["size", str(tmp_path / "nonesuch")]) == 111
    (tmp_path / "text").write_text("text")
    assert command.main(["size", str(tmp_path / "text")]) == 1
    assert [line for line in capsys.readouterr().err.splitlines() if "expected" in line] == [
        "frostgate size: expected one IMAGE, got 0; two are compared by --diff OLD NEW",
        "frostgate size: expected one IMAGE, got 2; two are compared by --diff OLD NEW",
        "frostgate size: expected --diff OLD NEW alone, with -j or -n at most",
        f"frostgate size: {tmp_path}/text: expected a squashfs image, a tar, or an image with its "
        "manifest text.json beside it",
    ]


# Budgets


def annotated(found: Contents) -> dict[str, object]:
    extra = contents.written(found)
    packed = extra.pop("packed")
    rows = [{"path": i.path, "kind": i.kind, "size": i.size, "package": i.package,
             "reason": i.reason, "chain": list(i.chain), "packed": packed[i.path]}
            for i in found.items]  # fmt: skip
    return {"frostgate-image": 1, "target": found.target, "entries": rows, **extra}


def test_a_budget_tells_what_is_over_and_what_weighs_most() -> None:
    limits = Budget(image=8_000_000, root=1_500_000, programs=270_000)
    assert budget.over(annotated(stated()), limits) == [
        (
            "image",
            "expected at most 8,000,000 octets of the image, got 8,480,000, 480,000 too many; "
            "the largest: kernel 6.9 MB, libc6 860 kB, frostgate 273 kB",
        ),
        (
            "root",
            "expected at most 1,500,000 octets of all but kernel and modules, as squashfs, got "
            "1,571,000, 71,000 too many; the largest: libc6 860 kB, frostgate 273 kB, libgmp10 "
            "238 kB",
        ),
        (
            "programs",
            "expected at most 270,000 octets of our programs, as squashfs, got 273,000, 3,000 too "
            "many; the dearest: ra 18.1 kB, ifwait 911 B",
        ),
    ]


def test_a_budget_that_is_kept_or_not_given_says_nothing() -> None:
    exact = Budget(image=8_480_000, root=1_571_000, programs=273_000)
    for limits in (exact, Budget(), None):
        assert budget.over(annotated(stated()), limits) == []


def test_a_budget_needs_a_manifest_with_sizes() -> None:
    bare = t.manifest(small_tree(), "x")
    for limits in (Budget(image=1), Budget(root=1), Budget(programs=1)):
        with pytest.raises(SizeError, match="expected a manifest with"):
            budget.over(bare, limits)


def test_a_budget_of_squashfs_counts_squashfs_in_every_format() -> None:
    scaled = replace(stated(), method="estimated", scaled=True, unscaled=stated().packed * 2)
    [(what, text)] = budget.over(annotated(scaled), Budget(root=1_600_000))
    assert what == "root" and "got 3,142,000" in text


def test_a_budget_of_the_overlay_counts_what_is_in_folders_that_are_kept() -> None:
    found = annotated(stated()) | {"kept": ["/usr/lib", "/usr/lib/x", "/usr/libexec"]}
    limit = 3 * 4096 + 600_000
    assert budget.over(found, Budget(overlay=limit)) == [
        (
            "overlay",
            "expected at most 612,288 octets of what the image has in folders that are kept, in "
            "blocks of 4 KiB, got 3,264,512, 2,652,224 too many; the largest: /usr/lib 2.7 MB, "
            "/usr/libexec 590 kB",
        )
    ]
    assert budget.over(found, Budget(overlay=3_264_512)) == []
    assert budget.over(annotated(stated()), Budget(overlay=1)) == []


# Pictures


def rectangles(text: str, kind: str) -> list[tuple[float, int]]:
    """(area, octets) of the rectangles of a class."""
    found = ElementTree.fromstring(text).iter(f"{SVG}rect")
    return [(float(r.get("width", 0)) * float(r.get("height", 0)), int(r.get("data-octets", 0)))
            for r in found if r.get("class") == kind]  # fmt: skip


def test_areas_are_proportional_and_fill_the_picture(built: Path) -> None:
    for found in (stated(), image.load(built)):
        for kind in ("tm-t", "tm-o"):
            shown = rectangles(treemap.draw(found), kind)
            assert sum(octets for _, octets in shown) == found.packed
            room = treemap.WIDTH * (treemap.HEIGHT - treemap.HEAD)
            for area, octets in shown:
                assert area == pytest.approx(room * octets / found.packed, rel=0.01, abs=2)


@settings(deadline=None)
@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=60))
def test_rectangles_do_not_overlap(weights: list[int]) -> None:
    weights.sort(reverse=True)
    room = tiles.Rectangle(0, 0, 400, 300)
    found = tiles.divide(weights, room)
    for weight, at in zip(weights, found, strict=True):
        assert at.width * at.height == pytest.approx(400 * 300 * weight / sum(weights), rel=1e-6)
        assert at.x >= -1e-6 and at.x + at.width <= 400 + 1e-6
        assert at.y >= -1e-6 and at.y + at.height <= 300 + 1e-6
    for i, a in enumerate(found):
        for b in found[:i]:
            wide = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
            high = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
            assert min(wide, high) < 1e-6


def test_every_rectangle_has_a_title_and_every_package_a_label() -> None:
    root = ElementTree.fromstring(treemap.draw(stated()))
    assert [r.get("data-octets") for r in root.iter(f"{SVG}rect")
            if r.get("class") == "tm-t" and r.find(f"{SVG}title") is None] == []  # fmt: skip
    parts = [g for g in root.iter(f"{SVG}g") if g.get("tabindex") == "0"]
    assert [g.get("aria-label", "").split()[0] for g in parts] == [
        "kernel", "libc6", "frostgate", "libgmp10", "dnsmasq-base"]  # fmt: skip
    assert "dnsmasq-base needs libgmp10 through libhogweed6" in parts[3].get("aria-label", "")


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.values: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.values += [value or "" for name, value in attrs if name in ("href", "src", "xmlns")]


def test_hostile_names_stay_text_and_nothing_is_loaded() -> None:
    drawn, made = treemap.draw(hostile()), page.render(hostile())
    root = ElementTree.fromstring(drawn)
    assert {e.tag.removeprefix(SVG) for e in root.iter()} == {
        "svg", "title", "desc", "style", "rect", "text", "g"}  # fmt: skip
    plain = "</title><script>alert(1)</script>\"'&amp;\\x1b[31m\\u202e"
    assert (root.findtext(f"{SVG}title") or "").startswith(plain)
    parsed = Page()
    parsed.feed(made)
    assert "script" not in parsed.tags
    assert parsed.values == ["http://www.w3.org/2000/svg"]
    for text in (drawn, made, table.report(hostile(), ("package", "reason", "file"))):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]|url\(|@import", text)


def test_the_page_has_the_tables_beside_the_picture(built: Path, tmp_path: Path) -> None:
    svg, html = tmp_path / "a.svg", tmp_path / "a.html"
    assert command.main(["size", str(built), "--svg", str(svg), "--html", str(html)]) == 0
    text = html.read_text()
    assert svg.read_text() in text
    assert "<td>dnsmasq-base needs libgmp10 through libhogweed6" in text
    assert "prefers-color-scheme:dark" in text
