"""Random mistakes in good sites: each is told with a line, or harmless; never a traceback.

The examples are parsed, some of their parameters, names and values are changed, and what comes of
it is checked. A site without problems has to compile to a graph that the agent reads.
"""

import ast
import random
import re
from pathlib import Path
from typing import Any

import pytest

from agent.graph import read
from packager.checks.everything import checked
from packager.compiled import compile
from packager.targets import find_target
from services.site.problems import Problem
from tests.runtimes import SCALE

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
TARGET = find_target("qemu-x86_64")
MUTANTS = 100  # of each example; nft is not asked, which takes most of a check's time

WORDS: tuple[Any, ...] = (
    *(None, True, 0, -1, 70000, 1.5, float("inf"), ..., (), (1,), ("a", "b"), [], {}, b"octets"),
    *("", "lan", "eth9", "a/b", "192.168.1.1/24", "fe80::1", "x" * 200, "a\nb", "\udc80", "\x00"),
)


class Mutator(ast.NodeTransformer):
    """Does one thing to the `number`th place where it can be done."""

    def __init__(self, rng: random.Random, number: int) -> None:
        self.rng, self.left = rng, number

    def _is_here(self) -> bool:
        self.left -= 1
        return self.left == -1

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if node.keywords and self._is_here():
            which = self.rng.randrange(len(node.keywords))
            keyword = node.keywords[which]
            action = self.rng.choice(("drop", "rename", "retype", "swap", "list"))
            if action == "drop":
                del node.keywords[which]
            elif action == "rename" and keyword.arg:
                keyword.arg = self._misspelt(keyword.arg)
            elif action == "retype":
                keyword.value = ast.Constant(self.rng.choice(WORDS))
            elif action == "swap":
                other = self.rng.choice(node.keywords)
                keyword.value, other.value = other.value, keyword.value
            else:
                keyword.value = ast.List([keyword.value], ast.Load())
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if self._is_here():
            node.attr = self._misspelt(node.attr)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if isinstance(node.ctx, ast.Load) and self._is_here():
            node.id = self.rng.choice((self._misspelt(node.id), *NAMES))
        return node

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        self.generic_visit(node)
        if node.elts and self._is_here():
            which = self.rng.randrange(len(node.elts))
            if self.rng.random() < 0.5:
                del node.elts[which]
            else:
                node.elts.append(self.rng.choice((node.elts[which], ast.Constant("eth1"))))
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if self._is_here():
            return ast.Constant(self.rng.choice(WORDS))
        return node

    def _misspelt(self, word: str) -> str:
        at = self.rng.randrange(len(word))
        return (word[:at] + word[at + 1 :]) or "x"


NAMES = ("wan", "lan", "wan6", "dns", "firewall", "port", "Ssh", "Ethernet", "Site")


def mutant(text: str, rng: random.Random) -> str:
    """The site with one to three mistakes."""
    tree = ast.parse(text)
    for _ in range(rng.randint(1, 3)):
        places = sum(isinstance(node, ast.expr) for node in ast.walk(tree))
        Mutator(rng, rng.randrange(places)).visit(tree)
    return ast.unparse(ast.fix_missing_locations(tree))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_mistakes_are_told_or_harmless(
    example: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = example.read_text()
    told = harmless = 0
    for seed in range(MUTANTS * SCALE):
        source = mutant(text, random.Random(f"{example.stem} {seed}"))
        path = tmp_path / "site.py"
        path.write_text(source, errors="surrogatepass")
        # A machine of QEMU's has no radio.
        target = None if example.stem == "access_point" else TARGET
        site, problems = checked(path, target, nft="")
        if problems:
            told += 1
            assert_told_well(problems, path, source)
        else:
            harmless += 1
            assert site is not None, source
            read.read(compile(site).graph, "graph")
    capsys.readouterr()
    assert told > harmless / 4 and harmless > 0
    print(f"{example.stem}: {told} mutants told, {harmless} harmless")


def assert_told_well(problems: list[Problem], path: Path, source: str) -> None:
    """At a line of the site, in one line each, and about the site: not about our own code."""
    lines = source.count("\n") + 1
    for each in problems:
        text = f"{each}\n\n{source}"
        assert each.where.file == str(path), text
        assert 1 <= each.where.line <= lines, text
        assert "\n" not in str(each).replace("\\n", ""), text
        assert not re.search(r"its definition \w+ fails", each.text), text
