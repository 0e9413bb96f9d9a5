"""The parts of a Word 97–2003 binary file: its head, pieces of text, formatting runs, styles and lists.

Names in comments (FIB, CLX, PAPX, CHPX, sprm…) are those of Microsoft's open specification MS-DOC.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct, unpack_from

from parsers.schema import UnreadableDocument

_MAGIC = 0xA5EC
# nFib of Word 95 and before.
_LAST_OLD_VERSION = 0x69
_PAGE = 512
_DEEPEST_STYLE = 20
_NO_STYLE = 0x0FFF
_SMALLEST_STYLE = 8
_PLACES = (1, 1, 2, 4, 2, 2, -1, 3)
_DEFINE_TABLE = (0xD608, 0xD606)
_CHANGE_TABS = 0xC615
# sprmPHugePapx, its first form, and sprmPTableProps: the properties stand in the data stream.
_ELSEWHERE = frozenset((0x6645, 0x6646, 0x646B))
# Properties of the fast-save kind (Prm0) that change what text or table a piece is: inTable, ttp, marked deleted,
# field hidden, strike, hidden, raised, double strike.
_TELLING_SHORT = frozenset((0x18, 0x19, 0x41, 0x43, 0x57, 0x5C, 0x68, 0x73))
_TELLING = frozenset(
    (0x2416, 0x2417, 0x6649, 0x664A, 0x244B, 0x244C, 0x0800, 0x0802, 0x0837, 0x083C, 0x2A48, 0x2A53)
)
_TABLE_GROUP = 5
_UINT16 = Struct("<H")
_DOUBLE_BYTES = re.compile(rb"[\x81-\xfe]{2}")
_CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\u2010-\u2026]")


class NotSure(Exception):
    """This reader cannot be sure of a file. The message says in Chinese what the file is or holds."""


@dataclass(frozen=True, slots=True)
class Head:
    """The FIB: where things are. ``places`` are offset and length in the table stream, by number."""

    characters: int
    table: str
    places: tuple[tuple[int, int], ...]

    def part(self, number: int, table: bytes) -> bytes:
        """One structure of the table stream; empty if there is none. Raises ValueError if it is cut off."""
        if number >= len(self.places):
            return b""
        start, length = self.places[number]
        if start + length > len(table):
            raise ValueError("a structure reaches beyond the table stream")
        return table[start : start + length]


def read_head(main: bytes) -> Head:
    """The FIB of a WordDocument stream.

    Raises UnreadableDocument for a file with a password, NotSure for a file of an older Word, ValueError or
    struct.error for a damaged one.
    """
    magic, version = unpack_from("<HH", main, 0)
    (flags,) = unpack_from("<H", main, 10)
    if magic != _MAGIC or version <= _LAST_OLD_VERSION:
        raise NotSure("这是 Word 95 或更早版本的文件")
    if flags & 0x0100:
        raise UnreadableDocument("文件有密码保护，无法读取；请发布机关提供未加密的文件")
    place = 32
    (words,) = unpack_from("<H", main, place)
    place += 2 + words * 2
    (longs,) = unpack_from("<H", main, place)
    (characters,) = unpack_from("<i", main, place + 2 + 3 * 4)
    place += 2 + longs * 4
    (pairs,) = unpack_from("<H", main, place)
    values = unpack_from(f"<{pairs * 2}I", main, place + 2)
    if characters < 0:
        raise ValueError("a negative length of the text")
    return Head(
        characters, "1Table" if flags & 0x0200 else "0Table", tuple(zip(values[::2], values[1::2], strict=True))
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, by character positions, and where it stands in the main stream."""

    start: int
    end: int
    offset: int
    wide: bool

    def place(self, position: int) -> int:
        """The byte of a character."""
        return self.offset + (position - self.start) * (2 if self.wide else 1)


def read_pieces(clx: bytes, characters: int) -> list[Piece]:
    """The piece table up to the end of the main text.

    Raises NotSure where a fast save has left changes of table or visibility beside the text.
    """
    position = 0
    changes: list[bytes] = []
    while position < len(clx) and clx[position] == 1:
        (length,) = unpack_from("<H", clx, position + 1)
        changes.append(clx[position + 3 : position + 3 + length])
        position += 3 + length
    if position >= len(clx) or clx[position] != 2:
        raise ValueError("no piece table")
    (length,) = unpack_from("<I", clx, position + 1)
    table = clx[position + 5 : position + 5 + length]
    count = (len(table) - 4) // 12
    if count < 1:
        raise ValueError("an empty piece table")
    ends = unpack_from(f"<{count + 1}I", table, 0)
    pieces: list[Piece] = []
    for number in range(count):
        start, end = ends[number], min(ends[number + 1], characters)
        if start >= characters:
            break
        if end < start or (number and start != ends[number]):
            raise ValueError("pieces that overlap")
        _, offset, change = unpack_from("<HIH", table, (count + 1) * 4 + number * 8)
        _refuse_telling(change, changes)
        narrow = bool(offset & 0x40000000)
        offset &= 0x3FFFFFFF
        pieces.append(Piece(start, end, offset // 2 if narrow else offset, not narrow))
    return pieces


def _refuse_telling(change: int, changes: list[bytes]) -> None:
    if change & 1:
        number = change >> 1
        group = changes[number] if number < len(changes) else b""
        telling = any(code in _TELLING or code >> 10 & 7 == _TABLE_GROUP for code, _ in modifiers(group))
    else:
        telling = (change >> 1 & 0x7F) in _TELLING_SHORT
    if telling:
        raise NotSure("文件由 Word 快速保存，修改与正文分开存放")


def read_text(main: bytes, pieces: list[Piece], *, chinese: bool) -> str:
    """The main text, one character of the result for each character position.

    A piece of single bytes is Western; in a ``chinese`` file one that is whole as GB18030 is that, and each double
    byte gives its character and a NUL, so that positions stay.
    """
    parts: list[str] = []
    total = 0
    for piece in pieces:
        count = piece.end - piece.start
        total += count
        raw = main[piece.offset : piece.offset + count * (2 if piece.wide else 1)]
        if len(raw) < count * (2 if piece.wide else 1) or total > len(main):
            raise ValueError("text beyond the end of the file")
        if piece.wide:
            text = raw.decode("utf-16-le", "replace")
            if len(text) != count:
                text = "".join(map(chr, unpack_from(f"<{count}H", raw)))
        else:
            text = _two_places(raw) if chinese and _DOUBLE_BYTES.search(raw) else ""
            text = text or raw.decode("cp1252", "replace")
        parts.append(text)
    return "".join(parts)


def _two_places(raw: bytes) -> str:
    """A piece as GB18030 with a NUL behind each double byte; '' where that does not give Chinese."""
    try:
        text = raw.decode("gbk")
    except UnicodeDecodeError:
        return ""
    if any(character > "\x7f" and not _CHINESE.match(character) for character in text):
        return ""
    return "".join([character + "\0" if character > "\x7f" else character for character in text])


# --- properties --------------------------------------------------------------------------------------------


def modifiers(group: bytes) -> Iterator[tuple[int, bytes]]:
    """The properties of a group (grpprl): code (sprm) and operand. A group that is cut off ends there."""
    position, length = 0, len(group)
    while position + 2 <= length:
        (code,) = _UINT16.unpack_from(group, position)
        position += 2
        size = _PLACES[code >> 13]
        if size < 0:
            if position >= length:
                return
            if code in _DEFINE_TABLE:
                if position + 2 > length:
                    return
                size = _UINT16.unpack_from(group, position)[0] + 1
            elif code == _CHANGE_TABS and group[position] == 255:
                deleted = group[position + 1] if position + 1 < length else 0
                behind = position + 2 + 4 * deleted
                added = group[behind] if behind < length else 0
                size = 3 + 4 * deleted + 3 * added
            else:
                size = group[position] + 1
        if position + size > length:
            return
        yield code, group[position : position + size]
        position += size


@dataclass(slots=True)
class Formatting:
    """The runs of one kind (paragraphs, characters) in the order of the bytes they cover."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    groups: list[bytes] = field(default_factory=list)

    def at(self, offset: int) -> bytes:
        """The properties of the run that covers a byte; empty if none does."""
        number = bisect_right(self.starts, offset) - 1
        return self.groups[number] if number >= 0 and offset < self.ends[number] else b""


def read_formatting(main: bytes, table: bytes, *, paragraphs: bool) -> Formatting:
    """The runs that a bin table lists (PlcBtePapx, PlcBteChpx), each with its bytes.

    The bytes of a paragraph begin with the number of its style.
    """
    count = (len(table) - 4) // 8
    numbers = unpack_from(f"<{count}I", table, (count + 1) * 4) if count > 0 else ()
    found: list[tuple[int, int, bytes]] = []
    for number in sorted({number & 0x3FFFFF for number in numbers}):
        page = main[number * _PAGE : (number + 1) * _PAGE]
        if len(page) < _PAGE:
            raise ValueError("a page of formatting beyond the end of the file")
        runs = page[511]
        width = 13 if paragraphs else 1
        if (runs + 1) * 4 + runs * width > 511:
            raise ValueError("a page of formatting with too many runs")
        offsets = unpack_from(f"<{runs + 1}I", page, 0)
        for run in range(runs):
            at = page[(runs + 1) * 4 + run * width] * 2
            found.append((offsets[run], offsets[run + 1], _group(page, at, paragraphs=paragraphs)))
    found.sort(key=lambda run: run[0])
    return Formatting([run[0] for run in found], [run[1] for run in found], [run[2] for run in found])


def _group(page: bytes, at: int, *, paragraphs: bool) -> bytes:
    if at == 0:
        return b""
    size = page[at]
    if not paragraphs:
        return page[at + 1 : at + 1 + size]
    if size:
        return page[at + 1 : at + size * 2]
    return page[at + 2 : at + 2 + page[at + 1] * 2]


def with_data(group: bytes, data: bytes) -> bytes:
    """A group of properties with those that it only points to in the data stream."""
    if len(group) < 6:
        return group
    more = b""
    for code, operand in modifiers(group):
        if code in _ELSEWHERE:
            (offset,) = unpack_from("<I", operand)
            (length,) = unpack_from("<H", data, offset)
            more += data[offset + 2 : offset + 2 + length]
    return group + more


# --- styles ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Style:
    """One style: its number among the built-in ones, what it is based on, and its properties."""

    built_in: int = _NO_STYLE
    base: int = _NO_STYLE
    paragraph: bytes = b""
    character: bytes = b""


def read_styles(sheet: bytes) -> list[Style]:
    """The style sheet (STSH). An empty slot is an empty style."""
    if len(sheet) < 6:
        return []
    head, count, fixed = unpack_from("<HHH", sheet, 0)
    position = 2 + head
    styles: list[Style] = []
    for _ in range(count):
        if position + 2 > len(sheet):
            break
        (length,) = unpack_from("<H", sheet, position)
        styles.append(_style(sheet[position + 2 : position + 2 + length], fixed) if length else Style())
        position += 2 + length
    return styles


def _style(data: bytes, fixed: int) -> Style:
    if len(data) < fixed + 2 or fixed < _SMALLEST_STYLE:
        return Style()
    first, second, third = unpack_from("<HHH", data, 0)
    kind, base, parts = second & 0xF, second >> 4, third & 0xF
    (name,) = unpack_from("<H", data, fixed)
    position = fixed + 2 + name * 2 + 2
    groups: list[bytes] = []
    for _ in range(parts):
        position += position & 1
        if position + 2 > len(data):
            break
        (length,) = unpack_from("<H", data, position)
        groups.append(data[position + 2 : position + 2 + length])
        position += 2 + length
    paragraph = character = b""
    if kind == 1:
        paragraph = groups[0][2:] if groups else b""
        character = groups[1] if len(groups) > 1 else b""
    elif kind == 2:
        character = groups[0] if groups else b""
    return Style(first & _NO_STYLE, base, paragraph, character)


def lineage(styles: list[Style], number: int) -> list[Style]:
    """A style and what it is based on, the base first. Circles end after some steps."""
    found: list[Style] = []
    while number < len(styles) and len(found) < _DEEPEST_STYLE:
        found.append(styles[number])
        number = styles[number].base
    return found[::-1]
