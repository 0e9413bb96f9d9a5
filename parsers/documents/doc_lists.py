"""The automatic numbers of paragraphs in Word 97–2003 files, counted as Word counts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import unpack_from

from parsers.documents.numbering import in_format

_LEVELS = 9
# Codes of the formats (nfc) by their names in WordprocessingML.
_FORMATS: Mapping[int, str] = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 10: "ideographDigital",
    11: "japaneseCounting", 14: "decimalFullWidth", 15: "decimalHalfWidth", 16: "japaneseLegal",
    17: "japaneseDigitalTenThousand", 18: "decimalEnclosedCircle", 19: "decimalFullWidth2", 22: "decimalZero",
    26: "decimalEnclosedFullstop", 27: "decimalEnclosedParen", 28: "decimalEnclosedCircleChinese",
    29: "ideographEnclosedCircle", 30: "ideographTraditional", 31: "ideographZodiac", 33: "taiwaneseCounting",
    34: "ideographLegalTraditional", 35: "taiwaneseCountingThousand", 36: "taiwaneseDigital",
    37: "chineseCounting", 38: "chineseLegalSimplified", 39: "chineseCountingThousand", 255: "none",
}  # fmt: skip
_BULLET = 23
_LIST_SIZE, _LEVEL_SIZE, _OVERRIDE_SIZE = 28, 28, 16


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: where it starts, how its number is written, and the text around it.

    In ``text`` the characters with the codes 0 to 8 stand for the numbers of the levels.
    """

    start: int
    kind: int
    text: str


@dataclass(slots=True)
class Numbering:
    """Counts the numbered paragraphs of a document in their order."""

    lists: Mapping[int, list[Level]] = field(default_factory=dict)
    overrides: list[tuple[int, dict[int, int], dict[int, Level]]] = field(default_factory=list)
    _counted: dict[int, list[int | None]] = field(default_factory=dict)
    _begun: set[tuple[int, int]] = field(default_factory=set)

    def number(self, override: int, level: int) -> str:
        """What is printed before the next paragraph of a list; '' where that is no number."""
        if not 0 < override <= len(self.overrides) or not 0 <= level < _LEVELS:
            return ""
        name, starts, own = self.overrides[override - 1]
        levels = self.lists.get(name, [])
        if level >= len(levels) and level not in own:
            return ""
        counted = self._counted.setdefault(name, [None] * _LEVELS)
        restarted = level in starts and (override, level) not in self._begun
        self._begun.add((override, level))
        before = counted[level]
        shape = own.get(level) or levels[level]
        first = starts.get(level, shape.start)
        counted[level] = first if before is None or restarted else before + 1
        for deeper in range(level + 1, _LEVELS):
            counted[deeper] = None
        if shape.kind == _BULLET:
            return ""
        parts: list[str] = []
        for character in shape.text:
            code = ord(character)
            if code >= _LEVELS:
                parts.append(character)
                continue
            other = own.get(code) or (levels[code] if code < len(levels) else None)
            if other is None:
                return ""
            if counted[code] is None:
                counted[code] = other.start
            written = in_format(counted[code] or 0, _FORMATS.get(other.kind, ""))
            if written is None:
                return ""
            parts.append(written)
        return "".join(parts)


def read_numbering(lists: bytes, behind: bytes, overrides: bytes) -> Numbering:
    """The lists of a document: PlfLst, the levels that stand ``behind`` it, and PlfLfo.

    Raises struct.error where they are cut off.
    """
    if len(lists) < 2:
        return Numbering()
    (count,) = unpack_from("<H", lists, 0)
    position = 0
    found: dict[int, list[Level]] = {}
    for number in range(count):
        (name,) = unpack_from("<i", lists, 2 + number * _LIST_SIZE)
        simple = lists[2 + number * _LIST_SIZE + 26] & 1
        levels: list[Level] = []
        for _ in range(1 if simple else _LEVELS):
            level, position = _level(behind, position)
            levels.append(level)
        found[name] = levels
    return Numbering(found, _overrides(overrides))


def _level(data: bytes, position: int) -> tuple[Level, int]:
    start, kind = unpack_from("<iB", data, position)
    characters, paragraphs = data[position + 24], data[position + 25]
    position += _LEVEL_SIZE + characters + paragraphs
    (length,) = unpack_from("<H", data, position)
    text = "".join(map(chr, unpack_from(f"<{length}H", data, position + 2)))
    return Level(start, kind, text), position + 2 + length * 2


def _overrides(data: bytes) -> list[tuple[int, dict[int, int], dict[int, Level]]]:
    if len(data) < 4:
        return []
    (count,) = unpack_from("<I", data, 0)
    found: list[tuple[int, dict[int, int], dict[int, Level]]] = []
    position = 4 + count * _OVERRIDE_SIZE
    for number in range(count):
        (name,) = unpack_from("<i", data, 4 + number * _OVERRIDE_SIZE)
        levels = data[4 + number * _OVERRIDE_SIZE + 12]
        starts: dict[int, int] = {}
        own: dict[int, Level] = {}
        if levels or position + 4 <= len(data):
            position += 4
        for _ in range(levels):
            start, flags = unpack_from("<iI", data, position)
            position += 8
            if flags & 0x20:
                own[flags & 0xF], position = _level(data, position)
                start = own[flags & 0xF].start
            if flags & 0x10:
                starts[flags & 0xF] = start
        found.append((name, starts, own))
    return found
