"""Word 97–2003 binary files (.doc, and .wps of Kingsoft, which is the same) into the plain model.

Text boxes, footnotes, headers and comments are left out: they stand behind the main text. Of a field its result is
read, and neither hidden text nor what a revision has deleted. A file that this reader cannot be sure of is handed
to LibreOffice, where it is installed.
"""

from __future__ import annotations

import io
import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import unpack_from
from typing import Any, NamedTuple

import olefile

from parsers.documents.doc_file import (
    Formatting,
    Head,
    NotSure,
    Piece,
    Style,
    lineage,
    modifiers,
    read_formatting,
    read_head,
    read_pieces,
    read_styles,
    read_text,
    with_data,
)
from parsers.documents.doc_lists import Numbering, read_numbering
from parsers.documents.doc_rows import TABLE_MODIFIERS, shape_of
from parsers.documents.flow import Flow, Line, Run, joined
from parsers.documents.model import DOC, Document
from parsers.documents.office import read_with_office
from parsers.schema import UnreadableDocument

_DAMAGED = "Word 文件已损坏或不完整，无法读取；请重新下载"
# Numbers of the structures in the table stream.
_STYLES, _CHARACTER_RUNS, _PARAGRAPH_RUNS, _CLX, _LISTS, _OVERRIDES = 1, 12, 13, 33, 73, 74
_CHINESE = frozenset((0x0804, 0x0404, 0x0C04, 0x1004))
_PARAGRAPH_END = re.compile("[\r\x07\x0c]")
_CONTROL = re.compile("([\x00-\x08\x0b-\x1f])")
_SHOWN = {"\x0b": "\n", "\x0e": "\n", "\x1e": "-"}
_PICTURES = frozenset("\x01\x08")
_FIELD_BEGINS, _FIELD_RESULT, _FIELD_ENDS = "\x13", "\x14", "\x15"
# A field whose code seems to go on longer than this has lost its end; no text is hidden for it.
_LONGEST_FIELD_CODE = 3
_BODY_TEXT = 9
_HEADINGS = range(1, 10)
_SYMBOL = "\ufffd"
_CODE_PAGE, _TITLE, _WIDE_TEXT = 1, 2, 31
_MOST_PROPERTIES = 64
_PAGES = {65001: "utf-8", 936: "gb18030", 950: "big5", 1200: "utf-16-le"}


def read_doc(data: bytes) -> Document:
    """Read a Word 97–2003 file.

    Raises UnreadableDocument for a damaged file, one with a password, and one of another program or an older Word
    where LibreOffice is not installed or cannot read it.
    """
    try:
        return _read(data)
    except NotSure as reason:
        return read_with_office(data, ".doc", str(reason), DOC)
    except (struct.error, ValueError, IndexError, KeyError, OverflowError) as problem:
        if isinstance(problem, UnreadableDocument):
            raise
        raise UnreadableDocument(_DAMAGED) from None


def _read(data: bytes) -> Document:
    if not data.startswith(olefile.MAGIC):
        raise NotSure("这是旧式文字处理软件的文件")
    main, tables, other, title = _streams(data)
    head = read_head(main)
    table = tables.get(head.table, b"")
    pieces = read_pieces(head.part(_CLX, table), head.characters)
    chinese = bool({*unpack_from("<H", main, 6), *unpack_from("<H", main, 60)} & _CHINESE)
    text = read_text(main, pieces, chinese=chinese)
    walk = _Walk(
        text,
        pieces,
        read_formatting(main, head.part(_PARAGRAPH_RUNS, table), paragraphs=True),
        read_formatting(main, head.part(_CHARACTER_RUNS, table), paragraphs=False),
        read_styles(head.part(_STYLES, table)),
        _numbering(head, table),
        other,
    )
    walk.over()
    return Document(DOC, walk.flow.blocks(), {}, title)


def _numbering(head: Head, table: bytes) -> Numbering:
    """The lists of the document; none where they are damaged, since the text is whole without their numbers."""
    try:
        lists = head.part(_LISTS, table)
        behind = table[sum(head.places[_LISTS]) :] if lists else b""
        return read_numbering(lists, behind, head.part(_OVERRIDES, table))
    except (struct.error, ValueError, IndexError):
        return Numbering()


def _streams(data: bytes) -> tuple[bytes, dict[str, bytes], bytes, str]:
    """The main stream, the table streams, the data stream, and the title of the file's properties."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            if not file.exists("WordDocument"):
                raise NotSure("这不是 Word 97–2003 的文件，可能出自 Works 或其他软件")
            main = file.openstream("WordDocument").read()
            tables = {name: file.openstream(name).read() for name in ("0Table", "1Table") if file.exists(name)}
            other = file.openstream("Data").read() if file.exists("Data") else b""
            name = "\x05SummaryInformation"
            title = _title(file.openstream(name).read()) if file.exists(name) else ""
            return main, tables, other, title
    except NotSure:
        raise
    except Exception:  # noqa: BLE001 - olefile raises whatever a broken file makes it meet
        raise UnreadableDocument(_DAMAGED) from None


def _title(properties: bytes) -> str:
    """The title in a stream of properties; '' where there is none that can be read.

    olefile's own reader of properties follows counts that a hostile file makes endless.
    """
    try:
        (section,) = unpack_from("<I", properties, 44)
        (count,) = unpack_from("<I", properties, section + 4)
        pairs = unpack_from(f"<{min(count, _MOST_PROPERTIES) * 2}I", properties, section + 8)
        places = dict(zip(pairs[::2], pairs[1::2], strict=True))
        kind, length = unpack_from("<II", properties, section + places[_TITLE])
        start = section + places[_TITLE] + 8
        if kind == _WIDE_TEXT:
            title = properties[start : start + length * 2].decode("utf-16-le", "replace")
        else:
            page = (
                unpack_from("<H", properties, section + places[_CODE_PAGE] + 4)[0] if _CODE_PAGE in places else 0
            )
            title = properties[start : start + length].decode(_PAGES.get(page, "cp1252"), "replace")
    except (struct.error, KeyError):
        return ""
    return " ".join(title.partition("\0")[0].split())


# --- properties --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Paragraph:
    """What the properties of a paragraph say."""

    style: int = 0
    in_table: bool = False
    ends_row: bool = False
    level: int | None = None
    inner_cell: bool = False
    inner_row: bool = False
    numbered: int = 0
    number_level: int = 0
    outline: int = _BODY_TEXT
    table: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def depth(self) -> int:
        """In how many tables it stands."""
        if self.level is not None and self.level > 0:
            return self.level
        return 1 if self.in_table or self.ends_row else 0

    def take(self, group: bytes) -> None:
        """Apply the properties of a group."""
        for code, operand in modifiers(group):
            if code == 0x2416:
                self.in_table = operand[0] != 0
            elif code == 0x2417:
                self.ends_row = operand[0] != 0
            elif code == 0x6649:
                (self.level,) = unpack_from("<i", operand)
            elif code == 0x664A:
                self.level = (self.level or 0) + unpack_from("<i", operand)[0]
            elif code == 0x244B:
                self.inner_cell = operand[0] != 0
            elif code == 0x244C:
                self.inner_row = operand[0] != 0
            elif code == 0x460B:
                (self.numbered,) = unpack_from("<H", operand)
            elif code == 0x260A:
                self.number_level = operand[0]
            elif code == 0x2640:
                self.outline = operand[0]
            elif code in TABLE_MODIFIERS:
                self.table.append((code, operand))


class _Characters(NamedTuple):
    """What the properties of some characters say; None where they leave it to the style."""

    hidden: int | None = None
    deleted: bool = False
    struck: int | None = None
    struck_twice: int | None = None
    raised: int | None = None
    height: int = 0
    style: int | None = None
    symbol: bool = False


_PLAIN = _Characters()


def _characters(group: bytes) -> _Characters:
    values: dict[str, Any] = {}
    for code, operand in modifiers(group):
        if code == 0x083C:
            values["hidden"] = operand[0]
        elif code == 0x0800:
            values["deleted"] = operand[0] != 0
        elif code == 0x0837:
            values["struck"] = operand[0]
        elif code == 0x2A53:
            values["struck_twice"] = operand[0]
        elif code == 0x2A48:
            values["raised"] = operand[0]
        elif code == 0x4845:
            (values["height"],) = unpack_from("<h", operand)
        elif code == 0x4A30:
            (values["style"],) = unpack_from("<H", operand)
        elif code == 0x6A09:
            values["symbol"] = True
    return _Characters(**values) if values else _PLAIN


class _Make(NamedTuple):
    """How characters look in the end."""

    hidden: bool = False
    struck: bool = False
    raised: int = 0
    height: int = 0


def _toggle(value: int | None, style: bool) -> bool:
    """A property that is off, on, or (0x80, 0x81) as the style has it or the reverse of it."""
    if value is None:
        return style
    return style != (value & 1 == 1) if value & 0x80 else value != 0


# --- the walk ----------------------------------------------------------------------------------------------


class _Stretch(NamedTuple):
    """Characters, by position, whose properties are not plain."""

    start: int
    end: int
    characters: _Characters


@dataclass(slots=True)
class _Walk:
    """The walk over the paragraphs of the main text."""

    text: str
    pieces: list[Piece]
    paragraphs: Formatting
    runs: Formatting
    styles: list[Style]
    numbering: Numbering
    data: bytes
    flow: Flow = field(default_factory=Flow)
    stretches: list[_Stretch] = field(default_factory=list)
    piece_starts: list[int] = field(default_factory=list)
    fields: list[bool] = field(default_factory=list)
    field_lines: int = 0
    paragraph_makes: dict[bytes, _Paragraph] = field(default_factory=dict)
    style_makes: dict[int, _Make] = field(default_factory=dict)

    def over(self) -> None:
        """Hand every paragraph and mark to the flow."""
        self.piece_starts = [piece.start for piece in self.pieces]
        self.stretches = list(self._stretches())
        starts = [stretch.start for stretch in self.stretches]
        start = 0
        for match in _PARAGRAPH_END.finditer(self.text):
            end = match.start()
            found = self._paragraph_at(end)
            first = max(bisect_right(starts, start) - 1, 0)
            self._take(start, end, match[0], found, first)
            start = end + 1
        if start < len(self.text):
            line = self._line(start, len(self.text), _Paragraph(), max(bisect_right(starts, start) - 1, 0))
            self.flow.line(line, 0)

    def _take(self, start: int, end: int, mark: str, found: _Paragraph, first: int) -> None:
        level = found.depth
        if mark == "\x07" and level == 0:
            raise ValueError("the end of a cell outside of tables")
        if found.ends_row if level < 2 else found.inner_row:
            shape = shape_of(found.table)
            if len(shape.edges) - 1 != self.flow.cells_of_row(level) and self.flow.cells_of_row(level):
                raise NotSure("表格有本程序不能确定的修改")
            self.flow.end_row(level, shape, left_out=self._is_deleted(end, first))
            return
        self.flow.line(self._line(start, end, found, first), level)
        if level and (mark == "\x07" if level == 1 else found.inner_cell):
            self.flow.end_cell(level)

    def _line(self, start: int, end: int, found: _Paragraph, first: int) -> Line:
        base = self._style_make(found.style)
        number = self.numbering.number(found.numbered, found.number_level) if found.numbered else ""
        runs: list[Run] = []
        pictures = 0
        for left, right, characters in self._parts(start, end, first):
            make = self._make(characters, base)
            shown, images = self._shown(self.text[left:right], make.hidden)
            pictures += images
            if shown:
                text = _SYMBOL * len(shown) if characters.symbol else shown
                runs.append(Run(text, make.height, make.raised != 0, make.struck))
        self._end_line_of_field()
        heading = self._is_heading(found)
        return Line(joined(runs), number, heading, pictures)

    def _parts(self, start: int, end: int, first: int) -> Iterator[tuple[int, int, _Characters]]:
        position = start
        for number in range(first, len(self.stretches)):
            stretch = self.stretches[number]
            if stretch.start >= end:
                break
            if stretch.end <= position:
                continue
            if stretch.start > position:
                yield position, stretch.start, _PLAIN
                position = stretch.start
            until = min(stretch.end, end)
            yield position, until, stretch.characters
            position = until
        if position < end:
            yield position, end, _PLAIN

    def _shown(self, text: str, hidden: bool) -> tuple[str, int]:
        """The text that is displayed, and how many pictures stand in it. Fields are followed if hidden, too."""
        in_code = False in self.fields
        if not _CONTROL.search(text):
            return ("" if hidden or in_code else _whole(text)), 0
        parts: list[str] = []
        pictures = 0
        for token in _CONTROL.split(text):
            if token == _FIELD_BEGINS:
                self.fields.append(False)
            elif token == _FIELD_RESULT:
                if self.fields:
                    self.fields[-1] = True
            elif token == _FIELD_ENDS:
                if self.fields:
                    self.fields.pop()
            elif hidden or False in self.fields:
                continue
            elif token in _PICTURES:
                pictures += 1
            else:
                parts.append(_SHOWN.get(token, "" if _CONTROL.match(token) else token))
        return _whole("".join(parts)), pictures

    def _end_line_of_field(self) -> None:
        if False not in self.fields:
            self.field_lines = 0
            return
        self.field_lines += 1
        if self.field_lines > _LONGEST_FIELD_CODE:
            self.fields.clear()
            raise NotSure("文件里的域没有结尾")

    def _stretches(self) -> Iterator[_Stretch]:
        """What is not plain, in the order of the text."""
        cache: dict[bytes, _Characters] = {}
        runs = self.runs
        for piece in self.pieces:
            unit = 2 if piece.wide else 1
            low, high = piece.offset, piece.offset + (piece.end - piece.start) * unit
            for number in range(max(bisect_right(runs.starts, low) - 1, 0), len(runs.starts)):
                start, end = runs.starts[number], runs.ends[number]
                if start >= high:
                    break
                group = runs.groups[number]
                characters = cache.get(group)
                if characters is None:
                    characters = cache[group] = _characters(group)
                if end > low and characters is not _PLAIN:
                    left = piece.start + (max(start, low) - low) // unit
                    right = piece.start + (min(end, high) - low + unit - 1) // unit
                    yield _Stretch(left, right, characters)

    def _is_deleted(self, position: int, first: int) -> bool:
        """Whether a revision has deleted the mark at a position."""
        return any(characters.deleted for _, _, characters in self._parts(position, position + 1, first))

    def _paragraph_at(self, position: int) -> _Paragraph:
        piece = self.pieces[bisect_right(self.piece_starts, position) - 1]
        group = self.paragraphs.at(piece.place(position))
        found = self.paragraph_makes.get(group)
        if found is None:
            found = self.paragraph_makes[group] = self._paragraph(group)
        return found

    def _paragraph(self, group: bytes) -> _Paragraph:
        style = unpack_from("<H", group)[0] if len(group) > 1 else 0
        found = _Paragraph(style)
        for ancestor in lineage(self.styles, style):
            found.take(ancestor.paragraph)
        found.take(with_data(group[2:], self.data))
        return found

    def _is_heading(self, found: _Paragraph) -> bool:
        built_in = self.styles[found.style].built_in if found.style < len(self.styles) else 0
        return built_in in _HEADINGS or found.outline < _BODY_TEXT

    def _style_make(self, number: int) -> _Make:
        make = self.style_makes.get(number)
        if make is None:
            make = _Make()
            for ancestor in lineage(self.styles, number):
                make = self._combined(_characters(ancestor.character), make)
            self.style_makes[number] = make
        return make

    def _make(self, characters: _Characters, base: _Make) -> _Make:
        if characters is _PLAIN:
            return base
        if characters.style is not None:
            for ancestor in lineage(self.styles, characters.style):
                base = self._combined(_characters(ancestor.character), base)
        make = self._combined(characters, base)
        return make._replace(hidden=make.hidden or characters.deleted)

    @staticmethod
    def _combined(characters: _Characters, base: _Make) -> _Make:
        struck = _toggle(characters.struck, base.struck)
        return _Make(
            _toggle(characters.hidden, base.hidden),
            _toggle(characters.struck_twice, struck) if characters.struck_twice else struck,
            base.raised if characters.raised is None else characters.raised,
            characters.height or base.height,
        )


def _whole(text: str) -> str:
    """Text without halves of characters: one beyond the first 65,536 takes two places."""
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
