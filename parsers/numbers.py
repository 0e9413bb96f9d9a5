"""Numbers as reports print them in the cells of the form (domain.md parts 2 and 4.9, portals.md part 9)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from parsers.labels import BOOKMARK, INVISIBLE, plain
from parsers.schema import CellState, Number, number_to_json

LONGEST_INTEGER = 12
YUAN_IN_WAN = Decimal(10_000)

_EMPTY_MARKS = re.compile(r"[/\\\-–—―─－﹣一]*")
_ZERO_WORDS = frozenset(("无", "零", "〇", "○"))
_COUNT_UNITS = "件|条|个|项|宗|次|份|人|起|例"
_PATTERN = re.compile(
    r"(?P<sign>[+\-−–—﹣]|增加?|减少?)?"
    r"(?P<digits>[1-9]\d{0,2}(?:,\d{3})+|\d+)(?P<decimals>\.\d+)?"
    rf"(?P<unit>{_COUNT_UNITS}|万元|元)?"
    r"(?P<note>\((?=[\u4e00-\u9fff])[^()]*\))?"
)
_MINUS = frozenset("-−–—﹣减")
# Where a number cannot be less than nothing, a dash before it is a mark for nothing with a number too many.
_DASHES = frozenset("–—")
# A blank inside a number is kept only as a mark of thousands; 「1 0」 may be two numbers.
_INNER_BLANK = re.compile(r"\d\s+[\d.,]|[.,]\s+\d")
_SPACED_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell's text says: its state, the value where there is one, and the unit printed in the cell.

    ``zero_word`` marks 无 or 零 read as 0 (U-07). A value in 元 is not yet converted.
    """

    state: CellState
    value: Number | None = None
    unit: str | None = None
    zero_word: bool = False


BLANK = Reading(CellState.BLANK)
UNREADABLE = Reading(CellState.UNREADABLE)


@lru_cache(maxsize=4096)
def read_number(text: str, *, amount: bool = False, signed: bool = False) -> Reading:
    """Read one cell. ``amount`` allows 元 and 万元 instead of 件, ``signed`` the words 增 and 减.

    Empty, ``/`` and dashes are blank; 无 and 零 are a told zero; integers and decimals may have full-width digits,
    thousands marks, a sign, a unit, and a note in brackets (``22（其中修订16件）``). All else is unreadable,
    also a number of more digits than a count or an amount can have, and one with a circled or raised digit.
    """
    stripped = BOOKMARK.sub("", text).strip(" \t\r\n\f\u3000\xa0" + INVISIBLE)
    if not stripped.isascii() and any(_is_foreign_digit(character) for character in stripped):
        return UNREADABLE
    compact = plain(stripped)
    if _EMPTY_MARKS.fullmatch(compact):
        return BLANK if compact != "一" else UNREADABLE
    if compact in _ZERO_WORDS:
        return Reading(CellState.REPORTED, 0, zero_word=True)
    match = _PATTERN.fullmatch(compact)
    if not match or (_INNER_BLANK.search(stripped) and not _SPACED_THOUSANDS.fullmatch(stripped)):
        return UNREADABLE
    sign, unit = match["sign"] or "", match["unit"]
    if sign in _DASHES and not signed:
        return UNREADABLE
    if (len(sign) > 0 and sign[0] in "增减" and not signed) or (unit in ("元", "万元")) != (
        amount and unit is not None
    ):
        return UNREADABLE
    digits = match["digits"].replace(",", "")
    if len(digits) > LONGEST_INTEGER:
        return UNREADABLE
    value: Number = int(digits)
    if match["decimals"]:
        value = _whole(Decimal(digits + match["decimals"]))
    if sign and sign[0] in _MINUS:
        value = -value
    return Reading(CellState.REPORTED, value, unit) if _keeps_its_digits(value) else UNREADABLE


def in_wan(value: Number) -> Number:
    """An amount in 元 as 万元."""
    return _whole(Decimal(value) / YUAN_IN_WAN)


def _is_foreign_digit(character: str) -> bool:
    """Whether a character is a digit neither ASCII nor full-width: circled, raised, of another script."""
    return character.isdigit() and character not in "0123456789０１２３４５６７８９"


def _whole(value: Decimal) -> Number:
    return int(value) if value == value.to_integral_value() else value


def _keeps_its_digits(value: Number) -> bool:
    try:
        number_to_json(value)
        if isinstance(value, Decimal):
            number_to_json(value / YUAN_IN_WAN)
    except ValueError:
        return False
    return True
