"""Dates as portals and reports print them."""

from __future__ import annotations

import re
from datetime import date

_CHINESE_DIGITS = {character: str(value) for value, character in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
    "Ｏ": "0",
    "Ο": "0",
}
_TO_ASCII = str.maketrans("０１２３４５６７８９．／－—–−", "0123456789./----")

_IN_DIGITS = re.compile(
    r"(?<![\d./-])((?:19|20)\d{2})\s*(?:"
    r"([-./])\s*(\d{1,2})\s*\2\s*(\d{1,2})(?![\d./-])"
    r"|年\s*(\d{1,2}|元)\s*月\s*(\d{1,2})"
    # 日 may be missing where nothing else can be counted: at an end, before punctuation or a time of day.
    r"(?:\s*[日号]|(?=\s*(?:$|[，。；,;|\]】)）\n]|\d{1,2}:\d{2})))"
    r")"
)
_IN_WORDS = re.compile(
    r"([一二][〇零○ＯΟ一二三四五六七八九]{3})\s*年\s*([一二三四五六七八九十]{1,2}|元)\s*月\s*"
    r"([一二三四五六七八九十]{1,3})\s*[日号]"
)


def find_date(text: str) -> date | None:
    """The first full date (year, month and day) in a text, or None.

    Reads ``2024-03-08``, ``2024/3/8``, ``2024.3.8``, ``2024年3月8日`` with full-width digits and blanks, and
    ``二〇二四年三月八日``; 元月 is January, and 日 may be missing where the text ends or a time of day follows.
    A time of day is ignored; a date that no calendar has is passed over.
    Chinese local dates are meant; there is no zone to convert.
    """
    found: list[tuple[int, date]] = []
    for match in _IN_DIGITS.finditer(text.translate(_TO_ASCII)):
        year, month, day = match[1], match[3] or match[5], match[4] or match[6]
        calendar_date = _calendar_date(int(year), 1 if month == "元" else int(month), int(day))
        if calendar_date:
            found.append((match.start(), calendar_date))
            break
    for match in _IN_WORDS.finditer(text):
        year = "".join(_CHINESE_DIGITS[character] for character in match[1])
        month_number = 1 if match[2] == "元" else chinese_number(match[2])
        calendar_date = _calendar_date(int(year), month_number, chinese_number(match[3]))
        if calendar_date:
            found.append((match.start(), calendar_date))
            break
    return min(found)[1] if found else None


def chinese_number(text: str) -> int:
    """A number up to 99 in Chinese numerals (``十二``, ``三十一``); 0 where it is none."""
    tens, has_ten, ones = text.partition("十")
    if not has_ten:
        return int(_CHINESE_DIGITS.get(text, "0")) if len(text) == 1 else 0
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return int(_CHINESE_DIGITS.get(tens, "1")) * 10 + int(_CHINESE_DIGITS.get(ones, "0"))


def chinese_year(text: str) -> int | None:
    """A year of four Chinese digits (``二〇二二``), or None."""
    digits = [_CHINESE_DIGITS.get(character) for character in text]
    if len(digits) != 4 or None in digits:
        return None
    return int("".join(digit for digit in digits if digit))


def _calendar_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
