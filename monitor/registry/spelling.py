"""By what names are found that people type: the name itself, its pinyin, and the initials of its pinyin."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

BETWEEN = "|"
"""Stands around every name, so that the beginning of one can be looked for."""
MOST_READINGS = 12
_PLACE_ENDINGS = ("特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "省", "市", "县", "区", "旗", "盟")


@dataclass(frozen=True, slots=True)
class Spelled:
    """Names as they are looked for: each between two marks, in small letters.

    ``initials`` also holds those of less usual readings (重庆: cq, zq), as long as only one character is read so.
    """

    names: str
    initials: str
    pinyin: str


def spelled(names: Iterable[str]) -> Spelled:
    """The names of one organ or place."""
    plain = list(dict.fromkeys(filter(None, map(folded, names))))
    readings = [_usual(name) for name in plain]
    initials = [each for name, reading in zip(plain, readings, strict=True) for each in _initials(name, reading)]
    return Spelled(_joined(plain), _joined(initials), _joined("".join(reading) for reading in readings))


def place_names(name: str) -> tuple[str, ...]:
    """A place by its name and by what is left without 省, 市, 县 and the like, where that is a name."""
    for ending in _PLACE_ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name, name[: -len(ending)]
    return (name,)


def folded(text: str) -> str:
    """Text as names are kept here and words are looked for: one width, small letters, no blanks and brackets."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(character for character in plain if character.isalnum())


def _joined(parts: Iterable[str]) -> str:
    found = list(dict.fromkeys(filter(None, parts)))
    return BETWEEN + BETWEEN.join(found) + BETWEEN if found else ""


def _usual(name: str) -> list[str]:
    """The pinyin of each character, as it is read in this name; what has none stays as it is."""
    from pypinyin import lazy_pinyin  # it loads for half a second, which only a change of the register is worth

    apart: Any = list
    return list(lazy_pinyin(name, errors=apart))


def _initials(name: str, reading: list[str]) -> Iterator[str]:
    usual = "".join(each[:1] for each in reading)
    yield usual
    if len(reading) != len(name):
        return
    given = 1
    for place, character in enumerate(name):
        for other in _first_letters(character):
            if other != usual[place] and given < MOST_READINGS:
                given += 1
                yield usual[:place] + other + usual[place + 1 :]


@cache
def _first_letters(character: str) -> tuple[str, ...]:
    """The initials of all readings of a character."""
    from pypinyin import Style, pinyin

    read = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(each[:1] for each in read[0] if each[:1].isascii())) if read else ()
