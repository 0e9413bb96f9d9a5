"""Pictures of pages made fit for recognition: decoded, scaled, set straight, freed of seals; rules and ink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from parsers.documents.recognition import Image

# What the engine reads best, and the width of the page (A4) by which a picture's resolution is told.
RESOLUTION = 200
_PAGE_WIDTH, _PAGE_LENGTH = 8.27, 11.69
_CLOSE_ENOUGH = 0.92
_LARGEST_SCALE = 4.0
# Skew is looked for in this range and to this fineness, in degrees.
_MOST_SKEW, _COARSE, _FINE = 6.0, 0.5, 0.05
_LEAST_SKEW = 0.04
# A seal is about 4 cm wide and round; stamped titles are not.
_SEAL_INCHES = (0.7, 2.6)
_SEAL_ROUND = 0.6
_RED_SATURATION, _RED_VALUE = 60, 80
_STAMP_SHADE = 0.92
# Rules, in inches: the least length; what is long enough to begin a table with; what no strokes in line reach.
_SHORT_RULE, _WIDE_RULE, _HIGH_RULE, _WIDEST_TEXT = 0.13, 1.2, 0.8, 3.0
_RULE_WIDTH = 0.035
_NEAR = 0.03
_HIGHEST_STEP = 0.05
_DARKER_THAN_PAPER = 18
_SHARE_OF_STRENGTH, _COVERED, _LONGEST_GAP = 0.4, 0.8, 0.04
# Smoothing along a rule, in pixels, keeps rules of one pixel; noise reaches so many times its spread at most.
_SMOOTHED, _SPREADS = 3, 6.0
# The palest places of a rule, in percent of its length, are at least this share as dark as the rest.
_PALEST, _EVEN = 10, 0.5
_INK_DARKER = 38
# The darkest pixels, in percent, show how black the print is; paler than this is a page without print.
_DARKEST, _PALEST_PRINT = 0.5, 170.0


class Segment(NamedTuple):
    """A straight rule in pixels: horizontal where ``top == bottom``, vertical where ``left == right``."""

    left: float
    top: float
    right: float
    bottom: float


def decode(data: bytes, *, transparent: bool, many: bool) -> list[Image]:
    """The pictures of a file in colour (BGR), their EXIF orientation obeyed; [] for what cannot be decoded.

    ``transparent`` kinds of file may have see-through places, which become white paper.
    """
    buffer = np.frombuffer(data, np.uint8)
    try:
        if many:
            decoded, pages = cv2.imdecodemulti(buffer, cv2.IMREAD_COLOR)
            return [_colour(page) for page in pages] if decoded else []
        page = cv2.imdecode(buffer, cv2.IMREAD_UNCHANGED if transparent else cv2.IMREAD_COLOR)
    except cv2.error:
        return []
    return [] if page is None else [_colour(page)]


def _colour(picture: cv2.typing.MatLike) -> Image:
    """Eight bits, three channels, transparent places white."""
    page = np.asarray(picture)
    if page.dtype == np.uint16:
        page = (page // 256).astype(np.uint8)
    elif page.dtype != np.uint8:
        page = np.clip(page * (255.0 if page.max(initial=0) <= 1 else 1.0), 0, 255).astype(np.uint8)
    if page.ndim == 2:
        return np.asarray(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), np.uint8)
    if page.shape[2] == 2:
        page = np.dstack([page[:, :, 0]] * 3 + [page[:, :, 1]])
    if page.shape[2] == 4:
        opacity = page[:, :, 3:].astype(np.float32) / 255.0
        page = (page[:, :, :3] * opacity + 255.0 * (1.0 - opacity)).round().astype(np.uint8)
    return np.ascontiguousarray(page[:, :, :3], np.uint8)


def to_resolution(page: Image) -> Image:
    """The page at about the resolution that is read best, taking its width for that of a sheet of paper."""
    height, width = page.shape[:2]
    across = _PAGE_WIDTH if width < height * 1.1 else _PAGE_LENGTH
    scale = min(RESOLUTION * across / width, _LARGEST_SCALE)
    if _CLOSE_ENOUGH <= scale <= 1.0 / _CLOSE_ENOUGH:
        return page
    return scaled(page, scale)


def scaled(page: Image, scale: float) -> Image:
    """The page larger or smaller."""
    kind = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=kind), np.uint8)


def turned(page: Image, quarters: int) -> Image:
    """The page turned clockwise by so many quarters."""
    return np.ascontiguousarray(np.rot90(page, -quarters), np.uint8)


def straightened(page: Image) -> tuple[Image, float]:
    """The page without its skew, and the angle in degrees by which it was turned against the clock."""
    angle = _skew(page)
    if abs(angle) < _LEAST_SKEW:
        return page, 0.0
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    level = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(level, np.uint8), angle


def _skew(page: Image) -> float:
    """The angle in degrees to turn the page by, so that its lines and rules lie level.

    Level lines make the ink of the rows of pixels differ most from row to row.
    """
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), np.uint8)
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    large = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    around = np.arange(-_MOST_SKEW, _MOST_SKEW + _COARSE / 2, _COARSE)
    best = max(around, key=lambda angle: _levelness(_ink_of(small), float(angle)))
    ink = _ink_of(large)
    for step in (0.1, _FINE):
        around = np.arange(best - 5 * step, best + 5.5 * step, step)
        best = max(around, key=lambda angle: _levelness(ink, float(angle)))
    return float(best)


def _ink_of(grey: cv2.typing.MatLike) -> Image:
    paper = cv2.medianBlur(grey, 31)
    return np.asarray(np.where(cv2.subtract(paper, grey) > _INK_DARKER, 255, 0), np.uint8)


def _levelness(ink: Image, angle: float) -> float:
    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    rows = np.asarray(cv2.warpAffine(ink, turn, (width, height)), np.uint8).sum(axis=1, dtype=np.float64)
    return float(((rows[1:] - rows[:-1]) ** 2).sum())


def without_seals(page: Image) -> Image:
    """The page with its round red stamps taken for paper; black print under them stays, red titles stay red."""
    red = _red(page)
    if not red.any():
        return page
    gap = RESOLUTION // 16
    joined = cv2.dilate(red, np.ones((gap, gap), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    smallest, largest = (RESOLUTION * inches for inches in _SEAL_INCHES)
    result = page
    for left, top, width, height, _ in stats[1:count]:
        if (
            min(width, height) < smallest
            or max(width, height) > largest
            or min(width, height) < _SEAL_ROUND * max(width, height)
        ):
            continue
        if result is page:
            result = page.copy()
        part = result[top : top + height, left : left + width]
        # What lets red light through is paper; black print under the stamp does not.
        light = part[:, :, 2].astype(np.float32)
        inside = red[top : top + height, left : left + width] > 0
        stamp = max(float(np.median(light[inside])) * _STAMP_SHADE, 1.0)
        part[:] = np.minimum(light * (255.0 / stamp), 255.0).astype(np.uint8)[:, :, None]
    return result


def _red(page: Image) -> Image:
    colours = cv2.cvtColor(page, cv2.COLOR_BGR2HSV)
    low = cv2.inRange(colours, np.array((0, _RED_SATURATION, _RED_VALUE)), np.array((12, 255, 255)))
    high = cv2.inRange(colours, np.array((165, _RED_SATURATION, _RED_VALUE)), np.array((180, 255, 255)))
    return np.asarray(cv2.bitwise_or(low, high), np.uint8)


def cleaned(page: Image) -> Image:
    """Grey, smoothed, black on white: shades and coloured cells are taken out, faint print is made black."""
    grey = cv2.medianBlur(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), 3)
    small = cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), 21)
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    even = np.asarray(cv2.divide(grey, np.maximum(paper, 1), scale=255), np.float32)
    black = min(float(np.percentile(even, _DARKEST)), _PALEST_PRINT)
    return np.asarray(np.clip((even - black) * (255.0 / (255.0 - black)), 0, 255), np.uint8)


def ink(grey: Image) -> Image:
    """Where print stands on a cleaned page: 255, and 0 where none does."""
    around = cv2.blur(grey, (RESOLUTION // 4 | 1, RESOLUTION // 4 | 1))
    darker = cv2.subtract(around, grey)
    return np.asarray(np.where((darker > _INK_DARKER) | (grey < 110), 255, 0), np.uint8)


def rules(page: Image) -> list[Segment]:
    """The straight rules of a straightened page: long ones, and those between two others.

    Strokes of characters that lie in line look like short rules; they touch no table on both ends.
    """
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), np.uint8)
    level = _level_rules(grey)
    upright = [Segment(s.top, s.left, s.bottom, s.right) for s in _level_rules(np.ascontiguousarray(grey.T))]
    wide = [s for s in level if s.right - s.left >= RESOLUTION * _WIDE_RULE]
    high = [s for s in upright if s.bottom - s.top >= RESOLUTION * _HIGH_RULE]
    high = [s for s in high if sum(_meet(s, other) for other in wide) > 1]
    kept = [s for s in wide if s.right - s.left >= RESOLUTION * _WIDEST_TEXT or _ends_at(s, high)] + high
    rest = [s for s in (*level, *upright) if s not in kept]
    while True:
        more = [s for s in rest if _ends_at(s, kept)]
        if not more:
            return kept
        kept += more
        rest = [s for s in rest if s not in more]


def _level_rules(grey: Image) -> list[Segment]:
    """Level segments: thin, and darker than what is above and below along their whole length.

    Blurring along the rule first lets thin and grey rules stand out from the noise of a scan; the unblurred
    picture then tells them from rows of characters, which have gaps.
    """
    along = int(RESOLUTION * _SHORT_RULE)
    across = np.ones((int(RESOLUTION * _RULE_WIDTH) * 2 - 1, 1), np.uint8)
    strong = cv2.morphologyEx(cv2.blur(grey, (along | 1, 1)), cv2.MORPH_BLACKHAT, across)
    # Smoothed along the rule only: across it a hairline of one pixel would be gone.
    sharp = np.asarray(cv2.morphologyEx(cv2.blur(grey, (_SMOOTHED, 1)), cv2.MORPH_BLACKHAT, across), np.uint8)
    least = max(float(_DARKER_THAN_PAPER), _noise(sharp))
    dark = np.asarray(np.where(strong > _DARKER_THAN_PAPER, 255, 0), np.uint8)
    found: list[Segment] = []
    for length in (along, 4 * along):
        lines = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
        lines = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, np.ones((1, along // 2), np.uint8))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(lines)
        clumps = np.zeros(count, np.uint8)
        for number, (left, top, width, height, area) in enumerate(stats[1:count], 1):
            thick = area / width
            if thick > RESOLUTION * _RULE_WIDTH * 1.3 or height > max(thick * 3, RESOLUTION * _HIGHEST_STEP):
                clumps[number] = 255
                continue
            part = np.s_[max(top - 1, 0) : top + height + 1, left : left + width]
            middle = float(top + (height - 1) / 2)
            found += _drawn(sharp[part].max(axis=0), strong[part].max(axis=0), least, int(left), middle)
        # What hangs together with print beside it is looked at once more, for its long lines only.
        dark = np.asarray(clumps[labels], np.uint8)
    return found


def _noise(sharp: Image) -> float:
    """What nothing but the noise of the paper reaches hardly anywhere: most of a page is paper."""
    level = float(np.median(sharp))
    return level + _SPREADS * float(np.median(np.abs(sharp - level)))


def _drawn(sharp: Image, strong: Image, least: float, left: int, middle: float) -> list[Segment]:
    """The pieces of a segment that are drawn almost without gaps, nowhere paler than ``least``."""
    least = max(least, _SHARE_OF_STRENGTH * float(np.median(strong)))
    gap = int(RESOLUTION * _LONGEST_GAP)
    places = np.flatnonzero(sharp > least)
    found = []
    for piece in np.split(places, np.flatnonzero(np.diff(places) > gap) + 1):
        if len(piece) and len(piece) >= _COVERED * (piece[-1] - piece[0] + 1):
            first, last = float(left + piece[0]), float(left + piece[-1])
            if last - first >= RESOLUTION * _SHORT_RULE * 0.8 and _is_even(sharp[piece[0] : piece[-1] + 1]):
                found.append(Segment(first, middle, last, middle))
    return found


def _is_even(piece: Image) -> bool:
    """Whether a piece is about equally dark along its length, as a rule is and strokes in line are not."""
    pale, usual = np.percentile(piece, (_PALEST, 50))
    return bool(pale >= _EVEN * usual)


def _ends_at(rule: Segment, across: Sequence[Segment]) -> bool:
    """Whether both ends of a rule touch rules that run across it."""
    ends = ((rule.left, rule.top), (rule.right, rule.bottom))
    return all(any(_meet(Segment(x, y, x, y), other) for other in across) for x, y in ends)


def _meet(one: Segment, other: Segment) -> bool:
    near = RESOLUTION * _NEAR
    return (
        one.left <= other.right + near
        and other.left <= one.right + near
        and one.top <= other.bottom + near
        and other.top <= one.bottom + near
    )
