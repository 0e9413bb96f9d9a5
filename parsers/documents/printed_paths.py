"""What drawn paths are on a page: rules of tables, patches of colour, or shapes that may be letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from parsers.documents.ruled import Rule
from parsers.schema import Box

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
# A filled box not thicker than this (in points) is a drawn line.
THICKEST_RULE = 3.0
# How far (in points) a straight line of a path may stray from the horizontal or vertical.
SLANT = 1.0
# Curved shapes up to this size (in points) may be letters drawn as outlines.
LARGEST_LETTER = 40.0
BAND = 24.0


class Patch(NamedTuple):
    """A filled box or a picture: where in the order of drawing, its box on the page, whether it is white."""

    order: int
    box: Box
    white: bool
    picture: bool


class Shape(NamedTuple):
    """A part of a path: the rules it draws, its box, whether it may be a letter or hides what is below."""

    rules: Sequence[Rule]
    box: Box
    letter: bool
    patch: bool


def shape_of(points: Sequence[Point], *, curved: bool, filled: bool, stroked: bool) -> Shape:
    """What a part of a path is, given as points on the page (two at least), each joined to the next."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    box = (min(xs), min(ys), max(xs), max(ys))
    width, height = box[2] - box[0], box[3] - box[1]
    straight = not curved and all(
        abs(x1 - x0) <= SLANT or abs(y1 - y0) <= SLANT for (x0, y0), (x1, y1) in pairwise(points)
    )
    thin = min(width, height) <= THICKEST_RULE
    rules: list[Rule] = []
    if stroked and straight:
        rules = [Rule(*start, *end) for start, end in pairwise(points) if start != end]
    elif filled and thin:
        rules = _thin_box(box)
    letter = not rules and not straight and max(width, height) <= LARGEST_LETTER
    return Shape(rules, box, letter, filled and straight and not thin)


def _thin_box(box: Box) -> list[Rule]:
    """The rule that a thin filled box draws; a dot may be part of a level or of an upright one."""
    left, top, right, bottom = box
    x, y = (left + right) / 2, (top + bottom) / 2
    level, upright = Rule(left, y, right, y), Rule(x, top, x, bottom)
    if max(right - left, bottom - top) <= THICKEST_RULE:
        return [level, upright]
    return [level] if right - left > bottom - top else [upright]


def product(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that does ``first``, then ``then``."""
    if then is IDENTITY:
        return first
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def moved(matrix: Matrix, x: float, y: float) -> Point:
    """A point moved by a matrix."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def by_height(patches: Iterable[Patch], height: float) -> dict[int, list[Patch]]:
    """The patches by the bands of the page that they reach into, see :func:`band_of`."""
    bands: dict[int, list[Patch]] = {}
    for patch in patches:
        top, bottom = max(patch.box[1], 0.0), min(patch.box[3], height)
        for band in range(band_of(top), band_of(bottom) + 1):
            bands.setdefault(band, []).append(patch)
    return bands


def band_of(y: float) -> int:
    """The band of the page that a height lies in."""
    return int(y // BAND)


def has_ground(patches: Iterable[Patch], order: int, x: float, y: float) -> bool:
    """Whether something that is not white was painted at a place before."""
    under = [patch for patch in patches if patch.order < order and lies_in(x, y, patch.box)]
    return bool(under) and not under[-1].white


def is_covered(patches: Iterable[Patch], order: int, x: float, y: float) -> bool:
    """Whether something was painted over a place later."""
    return any(patch.order > order and lies_in(x, y, patch.box) for patch in patches)


def lies_in(x: float, y: float, box: Box) -> bool:
    """Whether a point lies in a box."""
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def shown_area(box: Box, width: float, height: float) -> float:
    """How much of a page a box covers."""
    return max(0.0, min(box[2], width) - max(box[0], 0.0)) * max(0.0, min(box[3], height) - max(box[1], 0.0))


def whole_pages(patches: Iterable[Patch], width: float, height: float, share: float) -> Iterator[Patch]:
    """The pictures that fill a page."""
    for patch in patches:
        if patch.picture and shown_area(patch.box, width, height) >= share * width * height:
            yield patch
