"""The size report as one HTML file: the treemap, and tables that say the same. Pure.

No script, no font, no address: it can be opened from a disk and sent by mail.
"""

from collections.abc import Sequence
from html import escape

from agent.report import plain
from packager.size import table, treemap
from packager.size.contents import Contents
from packager.size.groups import Group

STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,'DejaVu Sans',sans-serif;max-width:1100px;margin:1.5rem auto;
padding:0 1rem;background:#fff;color:#1a1a1a}
svg{width:100%;height:auto}
h1{font-size:1.3rem}summary{font-weight:600;cursor:pointer;margin:.8rem 0}
table{border-collapse:collapse;width:100%}
th,td{padding:.2rem .6rem;text-align:left;border-bottom:1px solid #8885;vertical-align:top;
overflow-wrap:anywhere}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td.part{padding-left:2rem}
@media(prefers-color-scheme:dark){body{background:#16181b;color:#f2f2f2}}
"""


def render(contents: Contents) -> str:
    """The whole file."""
    title = f"{contents.name}: {table.shown(contents.image)}"
    views = ("package", "reason", "folder", "file") if contents.has_packages else ("folder", "file")
    lines = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{_html(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{_html(title)}</h1>",
        f"<p>{contents.size:,} octets of contents. {_html(table.method(contents))}</p>",
        treemap.draw(contents),
    ]
    for number, view in enumerate(views):
        rows = table.VIEWS[view](contents)
        lines += _table(contents, view, rows[:200], len(rows), number == 0)
    if contents.programs:
        lines += _programs(contents)
    return "\n".join([*lines, "</body></html>", ""])


def _table(
    contents: Contents, view: str, rows: Sequence[Group], count: int, is_open: bool
) -> list[str]:
    more = f", the first {len(rows)} of {count}" if count > len(rows) else ""
    lines = [
        f"<details{' open' if is_open else ''}><summary>By {view}{more}</summary><table>",
        '<thead><tr><th class="n">packed<th class="n">share<th class="n">octets<th class="n">files'
        f"<th>{view}<th>why</tr></thead><tbody>",
    ]
    total = contents.size if contents.method == "unknown" else contents.packed
    for row in rows:
        lines.append(_row(contents, row, total, ""))
        lines += [_row(contents, part, total, ' class="part"') for part in row.parts]
    return [*lines, "</tbody></table></details>"]


def _row(contents: Contents, row: Group, total: int, kind: str) -> str:
    is_known = contents.method != "unknown"
    share = table.percent(row.packed if is_known else row.size, total)
    numbers = (
        table.shown(row.packed) if is_known else "-",
        share,
        f"{row.size:,}",
        f"{row.files:,}",
    )
    cells = "".join(f'<td class="n">{number}' for number in numbers)
    return f"<tr>{cells}<td{kind}>{_html(row.name)}<td>{_html(row.why)}</tr>"


def _programs(contents: Contents) -> list[str]:
    lines = [
        f"<details open><summary>Programs</summary><p>{_html(table.PROGRAMS)}</p><table><thead><tr>"
        '<th class="n">packed<th class="n">own<th class="n">with shared<th>program'
        "<th>modules that no other program needs</tr></thead><tbody>"
    ]
    for each in contents.programs:
        modules = _html(", ".join(each.modules))
        lines.append(
            f'<tr><td class="n">{table.shown(contents.packed_part(each.own))}'
            f'<td class="n">{each.own:,}<td class="n">{each.whole:,}'
            f"<td>{_html(each.name)}<td>{modules}</tr>"
        )
    return [*lines, "</tbody></table></details>"]


def _html(text: str) -> str:
    return escape(plain(text))
