"""Characters on a page into lines, lines into paragraphs, and the text of a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from parsers.schema import Box

HIDDEN = "文字印在页面上但看不见"
COVERED_TEXT = "文字被图片或色块盖住"
UNKNOWN_CHARACTER = "字体没有说明这些字形是什么文字"
OVERPRINTED = "两个字符印在同一处"

# Two glyphs whose centres differ in height by less than this share of the lower one stand on one line.
SAME_LINE = 0.5
# A gap of this share of the height is a blank; between Chinese characters only one of a whole character is.
BLANK = 0.15
WIDE_BLANK = 1.0
# The same character printed again this near (as a share of its width) is a fake bold, not a second character.
FAKE_BOLD = 0.3
# A line that ends this many characters before the right margin ends its paragraph.
RAGGED = 2.2
INDENTED = 1.2
# A line that begins this many characters behind the left margin is centred or stands at the right: it ends there.
CENTRED = 4.0
# Lines this much further apart than most are parted by a paragraph's end.
PARTED = 1.5
OTHER_SIZE = 1.2
# Fonts' measures are true to this many points.
INEXACT = 1.0
# Cells with more text than this hold prose.
LONGEST_LABEL = 200

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WORDS_MEET = re.compile("[A-Za-z]{2}")
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、")
_ENDS_SENTENCE = re.compile(r"[。；：！？.;:!?]$")
_DIGITS = re.compile(r"[\d,，.]+(?:万?元)?")


class Glyph(NamedTuple):
    """One character, or one run of characters on one line as recognised in a picture, and the box it fills.

    ``confidence`` is that of the recognition, between 0 and 1, and None for a text layer. ``doubt`` says, in
    Chinese, why it is no evidence of what is printed there (hidden, without a known meaning); empty otherwise.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float | None = None
    doubt: str = ""


class Line(NamedTuple):
    """One line of print: its text, its box, the height of its characters, its lowest confidence, its doubt."""

    text: str
    box: Box
    size: float
    confidence: float | None = None
    doubt: str = ""


def lines_of(glyphs: Iterable[Glyph]) -> list[Line]:
    """The lines that glyphs stand on, from top to bottom; blanks are told by the gaps between glyphs."""
    rows: list[list[Glyph]] = []
    middles: list[float] = []
    for glyph in sorted(glyphs, key=lambda glyph: glyph.y0 + glyph.y1):
        middle, height = (glyph.y0 + glyph.y1) / 2, glyph.y1 - glyph.y0
        if rows:
            last = rows[-1][-1]
            if middle - middles[-1] < SAME_LINE * min(height, last.y1 - last.y0):
                rows[-1].append(glyph)
                middles[-1] += (middle - middles[-1]) / len(rows[-1])
                continue
        rows.append([glyph])
        middles.append(middle)
    return [line for row in rows if (line := _line(row))]


def _line(row: list[Glyph]) -> Line | None:
    """One line of its glyphs; None where they are blanks only."""
    row.sort(key=lambda glyph: (glyph.x0, glyph.x1))
    pieces: list[str] = []
    kept: list[Glyph] = []
    doubt = ""
    blank = False
    for glyph in row:
        if glyph.text.isspace() or not glyph.text:
            blank = True
            continue
        doubt = doubt or glyph.doubt
        if kept:
            last = kept[-1]
            width = min(last.x1 - last.x0, glyph.x1 - glyph.x0)
            overlap = last.x1 - glyph.x0
            if last.text == glyph.text and glyph.x0 - last.x0 < FAKE_BOLD * width:
                blank = False
                continue
            if overlap > 0.5 * width and width > 0.5:
                doubt = doubt or OVERPRINTED
            pieces.append(_between(last, glyph, -overlap, blank=blank))
        pieces.append(glyph.text)
        kept.append(glyph)
        blank = False
    if not kept:
        return None
    sure = [glyph.confidence for glyph in kept if glyph.confidence is not None]
    return Line(
        "".join(pieces),
        around([(glyph.x0, glyph.y0, glyph.x1, glyph.y1) for glyph in kept]),
        median([glyph.y1 - glyph.y0 for glyph in kept]),
        min(sure) if sure else None,
        doubt,
    )


def _between(last: Glyph, glyph: Glyph, gap: float, *, blank: bool) -> str:
    """The blank between two glyphs of a line."""
    height = min(last.y1 - last.y0, glyph.y1 - glyph.y0)
    if gap > WIDE_BLANK * height:
        return "  "
    if is_han(last.text[-1]) or is_han(glyph.text[0]):
        return ""
    return " " if blank or gap > BLANK * height else ""


def is_han(text: str) -> bool:
    """Whether a Chinese character stands in the text."""
    return _HAN.search(text) is not None


def around(boxes: Iterable[Box]) -> Box:
    """The box around boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def usual_pitch(lines: Sequence[Line]) -> float:
    """How far lines that follow each other usually lie apart; 0 where there are none."""
    pitches = [below.box[1] - above.box[1] for above, below in pairwise(lines) if below.box[1] > above.box[1]]
    return median(pitches) if pitches else 0.0


def goes_on(above: Line, below: Line, left: float, right: float, pitch: float) -> bool:
    """Whether a line goes on in the line below it, between the margins ``left`` and ``right``.

    ``pitch`` is how far lines usually lie apart, 0 where the two stand on different pages.
    """
    size = max(above.size, below.size)
    if size > OTHER_SIZE * min(above.size, below.size):
        return False
    if above.box[0] > left + CENTRED * above.size:
        return False
    if below.box[0] > left + INDENTED * below.size or above.box[2] < right - RAGGED * above.size:
        return False
    if pitch and below.box[1] - above.box[1] > max(PARTED * pitch, PARTED * size):
        return False
    return not (_HEADING.match(below.text) and _ENDS_SENTENCE.search(above.text))


def joined_lines(lines: Sequence[Line]) -> str:
    """Lines of one paragraph as one text: Chinese runs on, words in letters keep their blank."""
    text = ""
    for line in lines:
        if (
            text
            and text[-1].isascii()
            and text[-1].isalpha()
            and line.text[:1].isascii()
            and line.text[0].isalpha()
        ):
            text += " "
        text += line.text
    return text


def unwrapped(lines: Sequence[Line], box: Box, padding: float) -> tuple[Line, ...]:
    """The lines of a cell with a number that was too long for its cell on one line.

    ``padding`` is the room that the table leaves beside its rules, left and right together. A line to which no
    further digit could have been added goes on in the next; two numbers one over the other otherwise stay two.
    """
    if len(lines) < 2 or not all(_DIGITS.fullmatch(line.text) for line in lines):
        return tuple(lines)
    room = box[2] - box[0] - padding - INEXACT
    for line in lines[:-1]:
        width = line.box[2] - line.box[0]
        if width + width / len(line.text) < room:
            return tuple(lines)
    sure = [line.confidence for line in lines if line.confidence is not None]
    return (
        Line(
            joined_lines(lines),
            around(line.box for line in lines),
            lines[0].size,
            min(sure) if sure else None,
            next((line.doubt for line in lines if line.doubt), ""),
        ),
    )


def text_in_cell(lines: Sequence[Line]) -> str:
    """The text of a cell: a label on one line, prose by its paragraphs, numbers each on its line."""
    if len(lines) < 2:
        return lines[0].text if lines else ""
    whole = joined_lines(lines)
    if is_han(whole):
        return whole if len(whole) <= LONGEST_LABEL else "\n".join(_prose(lines))
    return "\n".join(line.text for line in lines)


def _prose(lines: Sequence[Line]) -> list[str]:
    left, right = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    pitch = usual_pitch(lines)
    found = [[lines[0]]]
    for above, below in pairwise(lines):
        if goes_on(above, below, left, right, pitch):
            found[-1].append(below)
        else:
            found.append([below])
    return [joined_lines(group) for group in found]
