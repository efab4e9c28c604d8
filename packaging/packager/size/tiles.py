"""Divides a rectangle among weights so that areas are proportional: a squarified treemap. Pure.

Bruls, Huizing, van Wijk, 'Squarified Treemaps' (2000): rows are filled along the shorter side while
that keeps their rectangles nearer to squares.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Rectangle(NamedTuple):
    """In the picture's units."""

    x: float
    y: float
    width: float
    height: float


def divide(weights: Sequence[float], room: Rectangle) -> list[Rectangle]:
    """A rectangle for each weight, in their order; give the largest first. Weights are above 0."""
    found: list[Rectangle] = []
    total = sum(weights)
    if not total:
        return []
    areas = [weight * room.width * room.height / total for weight in weights]
    at = 0
    while at < len(areas):
        side = min(room.width, room.height)
        end = at + 1
        while end < len(areas) and worst(areas[at : end + 1], side) <= worst(areas[at:end], side):
            end += 1
        rectangles, room = _row(areas[at:end], room)
        found += rectangles
        at = end
    return found


def worst(areas: Sequence[float], side: float) -> float:
    """The longest side to the shortest of the row's worst rectangle."""
    total = sum(areas)
    if not side or not total:
        return float("inf")
    return max(side**2 * max(areas) / total**2, total**2 / (side**2 * min(areas)))


def _row(areas: Sequence[float], room: Rectangle) -> tuple[list[Rectangle], Rectangle]:
    """A row along the shorter side, and the room that is left."""
    total = sum(areas)
    found = []
    x, y, width, height = room
    if width >= height:
        depth = total / height if height else 0
        for area in areas:
            length = area / depth if depth else 0
            found.append(Rectangle(x, y, depth, length))
            y += length
        return found, Rectangle(x + depth, room.y, max(0.0, width - depth), height)
    depth = total / width if width else 0
    for area in areas:
        length = area / depth if depth else 0
        found.append(Rectangle(x, y, length, depth))
        x += length
    return found, Rectangle(room.x, y + depth, width, max(0.0, height - depth))
