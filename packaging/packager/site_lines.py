"""The line of a parameter in a call of several: Python tells only where the call begins. Pure.

A problem about `dns.cache` at the line of `Dns(` is moved to that of `cache=`, and one about
`site.users[1]` to that of the item, where the source leaves no doubt which call is meant.
"""

import ast
import re
from dataclasses import replace

from services.site.problems import Problem

# NAME.PARAMETER and items in it, as described.py tells them
PLACE = re.compile(r"[A-Za-z0-9_.-]+\.([a-z_][a-z0-9_]*)((?:\[\d+\])*)")
UNKNOWN = re.compile(r"expected a parameter of \w+, got '(\w+)'")


def refined(problems: list[Problem], source: str) -> list[Problem]:
    """The problems of one file with their lines as exact as the source allows."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return problems
    calls: dict[int, list[ast.Call]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            calls.setdefault(node.lineno, []).append(node)
    return [_refined(each, calls.get(each.where.line, [])) for each in problems]


def _refined(problem: Problem, calls: list[ast.Call]) -> Problem:
    place, unknown = PLACE.fullmatch(problem.subject), UNKNOWN.match(problem.text)
    if unknown:
        name, items = unknown[1], ""
    elif place:
        name, items = place[1], place[2]
    else:
        return problem
    found = [each for call in calls for each in call.keywords if each.arg == name]
    if len(found) != 1:
        return problem
    line, value = found[0].lineno, found[0].value
    for number in re.findall(r"\d+", items):
        if not isinstance(value, ast.Tuple) or int(number) >= len(value.elts):
            break
        if any(isinstance(each, ast.Starred) for each in value.elts):
            break
        value = value.elts[int(number)]
        line = value.lineno
    return replace(problem, where=replace(problem.where, line=line))
