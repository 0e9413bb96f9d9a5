"""One picture of a page into a printed page: its rules, and what two independent readings make of its text.

Path A finds the lines of the whole page and recognises them; path B recognises the lines of ink in each ruled cell
that is no plain label. A number is believed where both say the same. A cell without ink is empty.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np

from parsers.documents import scan_image
from parsers.documents.printed import Glyph, PrintedPage
from parsers.documents.recognition import Found, Image, Text, find_lines, recognise
from parsers.documents.ruled import Rule, RuledTable, tables_of
from parsers.documents.scan_image import RESOLUTION
from parsers.labels import plain
from parsers.schema import Box

POINTS = 72.0 / RESOLUTION
# A reading of which one character is less sure than this is no evidence of a number.
SURE = 0.6
_DIFFER = "两次识别结果不一致（“{}”与“{}”）"
_UNSURE = "识别把握不足（“{}”）"
_UNKNOWN = "有墨迹但无法识别"
_STROKE = "可能是斜线，不是数字（“{}”）"
_GAP = "数字之间有空隙（“{}”），可能不是一个数"
_SEVERAL = "文字越过了单元格的边线（“{}”）"

# Ink smaller than this, in inches, is dirt; a line of text is at least so high, a dash at least so wide.
_SPECK, _LOWEST_LINE, _DASH = 0.022, 0.05, 0.05
_INSET = 0.018
_BETWEEN_LINES = 0.012
# Digits of one number stand at most this much further apart than those of the page's other numbers do; where the
# page has few numbers, at most so many heights of a digit, middle to middle.
_WIDER_STEP, _WIDEST_STEP = 1.2, 0.95
_FEWEST_STEPS = 8
# A lone slanting stroke is no 1 and no 7: how much wider it is than each of its rows, how slim, how regular.
_STROKE_WIDTH, _STROKE_SLANT, _STROKE_SHAPE = 0.62, 0.22, 0.95
_SLASH = "/"
_LOOK_LIKE_STROKES = frozenset("17lI|")
_HALF_DIGIT = 0.3
_TALL_PART = 0.6
# The room a digit takes, with its share of the margins that a cell keeps free, in heights of a digit.
_ADVANCE = 0.85
# How near to a rule the box of a number is never drawn out, in heights of a digit.
_MARGIN = 0.2
_OUTSIDE = 0.03
# A page whose long lines are read with less confidence than this may stand on its head.
_UPRIGHT = 0.8
_FEWEST_TO_JUDGE = 4
_LONG_LINE = 4.0
_MOST_TO_JUDGE = 12
# How high the engine's boxes around lines of usual print are, in pixels, and what is too far from it.
_USUAL_LINE, _LOWEST_USUAL, _HIGHEST_USUAL = 40.0, 22.0, 62.0
_LARGEST_SCALE = 2.0
_TILE = 12 * RESOLUTION


_NUMBERING = re.compile(r"^\(?[\d一二三四五六七八九十]{1,2}[.、)]")
_HAN = re.compile("[\u4e00-\u9fff]")


class Reading(NamedTuple):
    """A line of path A on the page, in pixels."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    confidence: float


class InkLine(NamedTuple):
    """A line of ink in a cell, in pixels."""

    left: int
    top: int
    right: int
    bottom: int


class Task(NamedTuple):
    """A cell's line to be recognised on its own, and what path A read there (None where it saw none).

    ``room`` is how far the line could reach to the left and to the right, and 0 where it is its cell's only one.
    """

    line: InkLine
    other: Text | None
    crossing: bool
    room: float


class View(NamedTuple):
    """How a page was turned to be read: against the clock by an angle, then clockwise by quarters."""

    angle: float
    quarters: int
    width: float
    height: float

    def on_picture(self, box: Box) -> Box:
        """A box on the page as read (shares of its sides) as the box around it on the picture as given."""
        corners = [self._point(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        top, bottom = min(y for _, y in corners), max(y for _, y in corners)
        return _share(left), _share(top), _share(right), _share(bottom)

    def _point(self, x: float, y: float) -> tuple[float, float]:
        for _ in range(self.quarters):
            x, y = y, 1 - x
        turn = math.radians(-self.angle)
        across, down = (x - 0.5) * self.width, (y - 0.5) * self.height
        return (
            0.5 + (across * math.cos(turn) + down * math.sin(turn)) / self.width,
            0.5 + (down * math.cos(turn) - across * math.sin(turn)) / self.height,
        )


def _share(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 4)


def read_page(page: Image, number: int) -> tuple[PrintedPage, View]:
    """What is printed on a picture of a page, and how the page was turned to be read."""
    page, readings, view = _upright(page)
    rules = [Rule(*(value * POINTS for value in rule)) for rule in scan_image.rules(page)]
    tables = tables_of(rules)
    grey = scan_image.cleaned(page)
    ink = _without_rules(scan_image.ink(grey), rules)
    glyphs: list[Glyph] = []
    tasks: list[Task] = []
    taken: set[int] = set()
    for table in tables:
        labels, more, used = _cells(table, readings, ink)
        glyphs += labels
        tasks += more
        taken |= used
    glyphs += [_glyph(reading) for place, reading in enumerate(readings) if place not in taken]
    glyphs += _settled(tasks, page, grey, ink)
    height, width = page.shape[:2]
    return PrintedPage(number, width * POINTS, height * POINTS, rules, glyphs), view


# --- the whole page ------------------------------------------------------------------------------------------


def _upright(page: Image) -> tuple[Image, list[Reading], View]:
    """The page scaled, straightened and turned upright, the lines of path A on it, and how it was turned."""
    page, angle = scan_image.straightened(scan_image.without_seals(scan_image.to_resolution(page)))
    quarters = 0
    lines = _lines(page)
    size = float(
        np.median([min(line.right - line.left, line.bottom - line.top) for line in lines] or [_USUAL_LINE])
    )
    if not _LOWEST_USUAL <= size <= _HIGHEST_USUAL:
        # The picture is no whole page: only the size of its print tells its resolution.
        page = scan_image.scaled(page, min(_USUAL_LINE / size, _LARGEST_SCALE))
        lines = _lines(page)
    height, width = page.shape[:2]
    tall = sum(not line.upright for line in lines)
    if tall > len(lines) - tall and len(lines) >= _FEWEST_TO_JUDGE:
        page, quarters = scan_image.turned(page, 1), 1
        lines = _lines(page)
    if _on_its_head(lines):
        page, quarters = scan_image.turned(page, 2), quarters + 2
        lines = _lines(page)
    texts = recognise([line.picture for line in lines])
    readings = [Reading(*line[:4], *text) for line, text in zip(lines, texts, strict=True) if text.text.strip()]
    return page, readings, View(angle, quarters, width, height)


def _lines(page: Image) -> list[Found]:
    """The lines of a page, which is cut at rows without ink where it is very long."""
    height = page.shape[0]
    if height <= _TILE * 1.5:
        return find_lines(page)
    ink = scan_image.ink(scan_image.cleaned(page)).sum(axis=1, dtype=np.int64)
    found: list[Found] = []
    top = 0
    while top < height:
        bottom = min(top + _TILE, height)
        if bottom < height:
            bottom -= int(np.argmin(ink[bottom - _TILE // 4 : bottom][::-1])) + 1
        found += [
            line._replace(top=line.top + top, bottom=line.bottom + top) for line in find_lines(page[top:bottom])
        ]
        top = bottom
    return found


def _on_its_head(lines: Sequence[Found]) -> bool:
    """Whether the longest lines are read better upside down."""
    long = sorted((line for line in lines if _shape(line) >= _LONG_LINE), key=_shape, reverse=True)
    pictures = [line.picture for line in long[:_MOST_TO_JUDGE]]
    if not pictures:
        return False
    upright = [text.confidence for text in recognise(pictures)]
    if float(np.median(upright)) >= _UPRIGHT:
        return False
    turned = [text.confidence for text in recognise([scan_image.turned(picture, 2) for picture in pictures])]
    return float(np.median(turned)) > float(np.median(upright))


def _shape(line: Found) -> float:
    return (line.right - line.left) / max(line.bottom - line.top, 1.0)


def _without_rules(ink: Image, rules: Sequence[Rule]) -> Image:
    """The ink without the rules."""
    for rule in rules:
        x0, y0, x1, y1 = (round(value / POINTS) for value in rule)
        cv2.line(ink, (x0, y0), (x1, y1), (0,), int(RESOLUTION * 0.02) | 1)
    return ink


# --- cells ---------------------------------------------------------------------------------------------------


def _cells(table: RuledTable, readings: Sequence[Reading], ink: Image) -> tuple[list[Glyph], list[Task], set[int]]:
    """A table's labels as read by path A, the lines that path B must read, and the readings dealt with."""
    glyphs: list[Glyph] = []
    tasks: list[Task] = []
    used: set[int] = set()
    near = [(place, reading) for place, reading in enumerate(readings) if _share_inside(reading, table.box) > 0.5]
    used.update(place for place, _ in near)
    for cell in table.cells:
        inside = [reading for _, reading in near if _share_inside(reading, cell.box) > 0]
        own = [reading for reading in inside if _share_inside(reading, cell.box) > 0.85]
        crossing = [r for r in inside if r not in own and _share_inside(r, cell.box) > 0.15]
        if own and not crossing and _is_label("".join(reading.text for reading in own)):
            glyphs += [_glyph(_tight(reading, cell.box, ink)) for reading in own]
            continue
        lines = _ink_lines(ink, cell.box)
        for line in lines:
            matching = [reading for reading in own if _beside(reading, line)]
            other = None
            if matching:
                matching.sort(key=lambda r: r.left)
                text = " ".join(r.text for r in matching)
                other = Text(text, min(r.confidence for r in matching))
            edges = min(line.left - cell.box[0] / POINTS, cell.box[2] / POINTS - line.right)
            room = max(edges - _MARGIN * (line.bottom - line.top), 0.0) if len(lines) > 1 else 0.0
            tasks.append(Task(line, other, bool(crossing), room))
    return glyphs, tasks, used


def _tight(reading: Reading, box: tuple[float, float, float, float], ink: Image) -> Reading:
    """A reading with the box of its ink inside its cell; the engine's own boxes are wider."""
    left, top, right, bottom = (value / POINTS for value in box)
    inset = RESOLUTION * _INSET
    left, right = int(max(left + inset, reading.left)), int(min(right - inset, reading.right))
    top, bottom = int(max(top + inset, reading.top)), int(min(bottom - inset, reading.bottom))
    part = ink[top:bottom, left:right]
    if not part.size or not part.any():
        return reading
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    return Reading(
        float(left + columns[0]),
        float(top + rows[0]),
        float(left + columns[-1] + 1),
        float(top + rows[-1] + 1),
        reading.text,
        reading.confidence,
    )


def _share_inside(reading: Reading, box: tuple[float, float, float, float]) -> float:
    """How much of a reading's box lies in a box given in points."""
    left, top, right, bottom = (value / POINTS for value in box)
    margin = RESOLUTION * _OUTSIDE
    width = min(reading.right - margin, right) - max(reading.left + margin, left)
    height = min(reading.bottom - margin, bottom) - max(reading.top + margin, top)
    area = max(reading.right - reading.left - 2 * margin, 1) * max(reading.bottom - reading.top - 2 * margin, 1)
    return max(width, 0.0) * max(height, 0.0) / area


def _beside(reading: Reading, line: InkLine) -> bool:
    """Whether a reading stands at the height of a line."""
    return min(reading.bottom, line.bottom) - max(reading.top, line.top) > 0.5 * (line.bottom - line.top)


def _is_label(text: str) -> bool:
    """Whether a text cannot be a number or a mark for nothing: Chinese, and no digit but a numbering."""
    compact = _NUMBERING.sub("", plain(text))
    return len(_HAN.findall(compact)) >= 2 and not any(character.isdigit() for character in compact)


def _ink_lines(ink: Image, box: tuple[float, float, float, float]) -> list[InkLine]:
    """The lines of ink in a cell, without dirt and what leans over from its rules."""
    inset = RESOLUTION * _INSET
    left, top, right, bottom = (round(value / POINTS) for value in box)
    left, top, right, bottom = int(left + inset), int(top + inset), int(right - inset), int(bottom - inset)
    part = ink[top:bottom, left:right].copy()
    if not part.size or not part.any():
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStats(part)
    speck = RESOLUTION * _SPECK
    for place in range(1, count):
        _, _, width, height, area = stats[place]
        small = max(width, height) < speck or area < speck * speck / 3
        if small and not _near_large(stats, place, speck):
            part[labels == place] = 0
    rows = np.flatnonzero(part.any(axis=1))
    if not len(rows):
        return []
    found = []
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > max(RESOLUTION * _BETWEEN_LINES, 1)) + 1):
        first, last = int(run[0]), int(run[-1]) + 1
        columns = np.flatnonzero(part[first:last].any(axis=0))
        wide = columns[-1] - columns[0] + 1
        if last - first < RESOLUTION * _LOWEST_LINE and wide < RESOLUTION * _DASH:
            continue
        found.append(InkLine(left + int(columns[0]), top + first, left + int(columns[-1]) + 1, top + last))
    return found


def _near_large(stats: cv2.typing.MatLike, place: int, speck: float) -> bool:
    """Whether a small piece of ink stands in a line with large ones: a decimal point, a broken stroke."""
    left, top, width, height, _ = stats[place]
    for other in range(1, len(stats)):
        x, y, wide, high, area = stats[other]
        if other == place or max(wide, high) < 2 * speck or area < speck * speck:
            continue
        beside = left <= x + wide + high * 0.5 and x <= left + width + high * 0.5
        if beside and y <= top + height and top <= y + high * 1.15:
            return True
    return False


# --- path B and the choice -----------------------------------------------------------------------------------


def _settled(tasks: Sequence[Task], page: Image, grey: Image, ink: Image) -> list[Glyph]:
    """The lines of cells as glyphs, each with a doubt where its two readings are no proof of it."""
    clean = np.dstack([grey] * 3)
    own = recognise([_cut(clean, task.line) for task in tasks])
    alone = [place for place, task in enumerate(tasks) if task.other is None]
    second = dict(zip(alone, recognise([_cut(page, tasks[p].line, wider=0.15) for p in alone]), strict=True))
    parts = [ink[task.line.top : task.line.bottom, task.line.left : task.line.right] for task in tasks]
    steps = [_steps(part) if _is_number(plain(text.text)) else [] for part, text in zip(parts, own, strict=True)]
    usual = [step for found in steps for step in found]
    widest = _WIDEST_STEP
    # A mark of thousands or of decimals takes some room too.
    marks = [sum(text.text.count(mark) for mark in ",，.") for text in own]
    if len(usual) >= _FEWEST_STEPS:
        widest = _WIDER_STEP * float(np.median(usual))
    return [
        _settle(
            task,
            text,
            task.other or second[place],
            parts[place],
            sum(step > widest for step in steps[place]) > marks[place],
        )
        for place, (task, text) in enumerate(zip(tasks, own, strict=True))
    ]


def _settle(task: Task, first: Text, second: Text, ink: Image, gap: bool) -> Glyph:
    line = task.line
    one, other = plain(first.text), plain(second.text)
    better = first if first.confidence >= second.confidence else second
    confidence = better.confidence if one == other else min(first.confidence, second.confidence)
    doubt, text = "", better.text or "?"
    if _SLASH in (one, other) and _is_stroke(ink):
        text = _SLASH
    elif not one and not other:
        doubt = _UNKNOWN
    elif one != other:
        doubt = _DIFFER.format(first.text, second.text)
    elif confidence < SURE:
        doubt = _UNSURE.format(first.text)
    elif task.crossing:
        doubt = _SEVERAL.format(first.text)
    elif one in _LOOK_LIKE_STROKES and _is_stroke(ink):
        doubt = _STROKE.format(first.text)
    elif gap:
        doubt = _GAP.format(first.text)
    # A digit takes more room than its ink, a 1 much more; whether a number is broken over lines is told by it.
    room = len(one) * _ADVANCE * (line.bottom - line.top) if one.isdigit() else 0.0
    wider = min(max(room - (line.right - line.left), 0.0) / 2, task.room)
    return Glyph(
        text,
        (line.left - wider) * POINTS,
        line.top * POINTS,
        (line.right + wider) * POINTS,
        line.bottom * POINTS,
        round(confidence, 4),
        doubt,
    )


def _cut(page: Image, line: InkLine, wider: float = 0.0) -> Image:
    """A line on a clean ground, with room around it."""
    part = page[line.top : line.bottom, line.left : line.right]
    height = part.shape[0]
    above = max(int(height * (0.2 + wider)), 2)
    beside = max(int(height * (0.35 + wider)), 2)
    if height < RESOLUTION * _LOWEST_LINE:
        above = max(above, int(RESOLUTION * 0.05))
    ground = int(np.percentile(part, 95))
    return np.asarray(
        cv2.copyMakeBorder(part, above, above, beside, beside, cv2.BORDER_CONSTANT, value=(ground,) * 3), np.uint8
    )


def _is_number(text: str) -> bool:
    """Whether a text is digits with their marks."""
    return text.replace(",", "").replace(".", "").isdigit()


def _steps(ink: Image) -> list[float]:
    """How far the digits of a line stand apart, middle to middle, in heights of the line.

    Digits that touch are one piece of ink: its first and last digits are taken to be of usual width.
    """
    height = ink.shape[0]
    columns = np.flatnonzero(ink.any(axis=0))
    edges: list[tuple[float, float]] = []
    for run in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
        if not len(run):
            continue
        first, last = int(run[0]), int(run[-1]) + 1
        rows = np.flatnonzero(ink[:, first:last].any(axis=1))
        if rows[-1] - rows[0] + 1 >= _TALL_PART * height:
            half = min((last - first) / 2, _HALF_DIGIT * height)
            edges.append((first + half, last - half))
    return [(after[0] - before[1]) / height for before, after in pairwise(edges)]


def _is_stroke(ink: Image) -> bool:
    """Whether ink is one slanting stroke: a mark for nothing that is easily read as 1."""
    height, width = ink.shape
    rows = [np.flatnonzero(row) for row in ink]
    places = np.array([(number, row.mean(), row[-1] - row[0] + 1) for number, row in enumerate(rows) if len(row)])
    if len(places) < 3 or width < _STROKE_SLANT * height or places[:, 2].max() > _STROKE_WIDTH * width:
        return False
    return bool(abs(np.corrcoef(places[:, 0], places[:, 1])[0, 1]) > _STROKE_SHAPE)


def _glyph(reading: Reading) -> Glyph:
    return Glyph(
        reading.text,
        reading.left * POINTS,
        reading.top * POINTS,
        reading.right * POINTS,
        reading.bottom * POINTS,
        round(reading.confidence, 4),
    )
