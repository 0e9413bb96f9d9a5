"""Rich Text Format into the plain model.

Text is read in the code page of its font; hidden text, revisions' deletions, headers, footnotes, drawings and the
codes of fields are left out. Groups are kept on a stack of our own, since hostile files nest deeper than Python
recurses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from parsers.documents.flow import MOST_CELLS_OF_A_ROW, Down, Flow, Line, Run, Shape, joined
from parsers.documents.model import RTF, Document
from parsers.schema import UnreadableDocument

DEEPEST_GROUP = 100_000
_CUT_OFF = "RTF 文件不完整或已损坏，无法读取；请重新下载"
_BODY_TEXT = 9
_TOKEN = re.compile(
    rb"\\(?:([a-zA-Z]{1,32})(-?\d{1,10})? ?|'([0-9a-fA-F]{2})|([^a-zA-Z]))|([{}])|([^\\{}]+)|\\", re.DOTALL
)
_GOES_ON = re.compile(rb"\\(?:par|row|cell)\b")
# In a group that is skipped only its end matters, and binary data, which may hold braces.
_SKIPPING = re.compile(rb"\\(?:bin(\d{1,10}) ?|.)|[{}]", re.DOTALL)
_CODE_PAGES: Mapping[int, str] = {
    0: "cp1252", 77: "mac-roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "big5hkscs",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250",
}  # fmt: skip
_NUMBERED_PAGES: Mapping[int, str] = {
    936: "gb18030", 54936: "gb18030", 950: "big5hkscs", 932: "cp932", 949: "cp949", 1361: "johab",
    874: "cp874", 437: "cp437", 850: "cp850", 10000: "mac-roman", 65001: "utf-8",
    **{page: f"cp{page}" for page in range(1250, 1259)},
}  # fmt: skip
_DOUBLE_BYTE = frozenset(("gb18030", "big5hkscs", "cp932", "cp949", "johab", "utf-8"))
_SYMBOL_CHARSET = 2
_SYMBOL = "symbol"
_WESTERN = "cp1252"
_OTHER_SIGN = "\ufffd"

# fmt: off
_SKIPPED = frozenset((
    b"colortbl", b"stylesheet", b"listtable", b"listoverridetable", b"revtbl", b"rsidtbl", b"filetbl", b"pict",
    b"header", b"headerl", b"headerr", b"headerf", b"footer", b"footerl", b"footerr", b"footerf", b"footnote",
    b"ftnsep", b"ftnsepc", b"ftncn", b"aftnsep", b"aftnsepc", b"aftncn", b"annotation", b"atnid", b"atnauthor",
    b"nonshppict", b"shp", b"shpgrp", b"shprslt", b"do", b"fldinst", b"objdata", b"objclass", b"objname",
    b"bkmkstart", b"bkmkend", b"tc", b"tcn", b"xe", b"rxe", b"txe", b"nonesttables", b"private", b"background",
    b"xmlopen", b"xmlclose", b"factoidname", b"passwordhash", b"themedata", b"datastore", b"colorschememapping",
    b"latentstyles", b"generator", b"pgdsctbl", b"template", b"pn",
))
# Destinations marked as unknown to old readers (\*) that hold text or tables of the document.
_KEPT_STARRED = frozenset((b"shppict", b"ud", b"nesttableprops", b"pntext", b"listtext", b"fldrslt", b"result"))
_DESTINATIONS = frozenset((b"fonttbl", b"info", b"title", b"upr", b"nesttableprops", b"pntext", b"listtext"))
_WITHOUT_TEXT = frozenset((b"fonttbl", b"info"))
_HOLDING_PICTURES = frozenset((b"pict", b"shp", b"shpgrp"))
_NUMBER_TEXTS = frozenset((b"pntext", b"listtext"))
_SIGNS: Mapping[bytes, str] = {
    b"tab": "\t", b"line": "\n", b"lbr": "\n", b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’",
    b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"emspace": "\u2003", b"enspace": "\u2002",
    b"qmspace": "\u2005", b"column": "\n", b"softline": "\n",
}
_SIGNS_OF_SYMBOLS: Mapping[bytes, str] = {b"~": "\xa0", b"_": "-", b"-": "", b"|": "", b":": ""}
# fmt: on


@dataclass(frozen=True, slots=True)
class _State:
    """What a group hands on to the groups in it, and what its end brings back."""

    font: int | None = None
    double_byte_font: int | None = None
    skip: int = 1
    hidden: bool = False
    struck: bool = False
    note: bool = False
    raised: int = 0
    in_table: bool = False
    level: int = 0
    outline: bool = False
    destination: bytes = b""

    def plain(self) -> _State:
        r"""After ``\plain``: the formatting of characters is gone, that of the paragraph is not."""
        return replace(
            self, font=None, double_byte_font=None, hidden=False, struck=False, note=False, raised=0
        )  # fmt: skip


@dataclass(slots=True)
class _Row:
    """The definition of a row while it is read; ``row`` gives it as a shape."""

    left: int = 0
    edges: list[int] = field(default_factory=list)
    across: list[bool] = field(default_factory=list)
    down: list[Down] = field(default_factory=list)
    next_across: bool = False
    next_down: Down = Down.NOT
    reversed: bool = False

    def cell(self, edge: int) -> None:
        if len(self.edges) >= MOST_CELLS_OF_A_ROW:
            raise UnreadableDocument("表格的一行有过多单元格，无法读取；请核对文件是否损坏")
        self.edges.append(edge)
        self.across.append(self.next_across)
        self.down.append(self.next_down)
        self.next_across, self.next_down = False, Down.NOT

    def shape(self) -> Shape:
        edges = [min(self.left, self.edges[0])] if self.edges else [self.left]
        for edge in self.edges:
            edges.append(max(edge, edges[-1]))
        return Shape(tuple(edges), tuple(self.across), tuple(self.down))


def read_rtf(data: bytes) -> Document:
    """Read an RTF file. Braces may be one too many or too few where no text is lost by it.

    Raises UnreadableDocument for a file that is cut off or empty, and for one that nests beyond all measure.
    """
    reader = _Reader(data)
    reader.over()
    blocks = reader.flow.blocks()
    if not blocks:
        raise UnreadableDocument("RTF 文件里没有可读的内容；请核对文件是否损坏")
    return Document(RTF, blocks, {}, " ".join("".join(reader.title).split()))


class _Reader:
    """The walk over the tokens of a file."""

    def __init__(self, data: bytes) -> None:
        start = data.find(b"{\\rtf")
        self.data = data[max(start, 0) :]
        self.flow = Flow()
        self.title: list[str] = []
        self.page = _WESTERN
        self.fonts: dict[int, str] = {}
        self.font = 0
        self.default_font: int | None = None
        self.state = _State()
        self.stack: list[_State] = []
        self.rows: list[_Row] = []
        self.row = _Row()
        self.runs: list[Run] = []
        self.number: list[str] = []
        self.pictures = 0
        self.pending = bytearray()
        self.to_skip = 0
        self.high = ""
        self.row_is_open = False
        self.starred = False
        self.opened = False
        self.double_byte = False
        # Whether text was hidden, or lines were in a group that was skipped.
        self.left_out = False

    def over(self) -> None:
        """Read all; what is after the last closing brace is no part of the document."""
        data, position, end = self.data, 0, len(self.data)
        match = _TOKEN.match
        while position < end:
            token = match(data, position)
            if token is None:
                break
            position = token.end()
            kind = token.lastindex
            if kind == 6:
                self.raw(token[6])
            elif kind == 5:
                if token[5] == b"{":
                    self.open_group()
                else:
                    self.close_group()
                    if not self.stack and not _GOES_ON.search(data, position):
                        break
            elif kind == 3:
                self.byte(int(token[3], 16))
            elif kind == 4:
                self.symbol(token[4])
            elif kind in (1, 2):
                position = self.word(token[1], token[2], position)
        self.check_end()
        self.flush()
        if self.runs or self.number:
            self.end_line()

    def check_end(self) -> None:
        """Refuse a file that ends within a group, unless but a brace is missing and nothing was left out by it."""
        if self.stack and (not self.data.rstrip(b"\0 \t\r\n").endswith(b"}") or self.left_out):
            raise UnreadableDocument(_CUT_OFF)

    # --- groups ----------------------------------------------------------------------------------------------

    def open_group(self) -> None:
        self.flush()
        self.to_skip = 0
        if len(self.stack) >= DEEPEST_GROUP:
            raise UnreadableDocument("RTF 文件的分组嵌套过深，无法读取；请核对文件是否损坏")
        self.stack.append(self.state)
        self.opened = True
        self.starred = False

    def close_group(self) -> None:
        self.flush()
        self.to_skip = 0
        self.starred = self.opened = False
        if not self.stack:
            return
        left = self.state.destination
        self.state = self.stack.pop()
        if left == b"nesttableprops" and self.state.destination != left and self.rows:
            self.row = self.rows.pop()

    def skip_group(self, position: int) -> int:
        """The position of the brace that ends the group that is open. Raises UnreadableDocument without one."""
        depth = 1
        while True:
            found = _SKIPPING.search(self.data, position)
            if found is None:
                raise UnreadableDocument(_CUT_OFF)
            position = found.end()
            token = found[0]
            if token == b"{":
                depth += 1
            elif token == b"}":
                depth -= 1
                if depth == 0:
                    return found.start()
            elif found[1]:
                position += int(found[1])

    # --- text ------------------------------------------------------------------------------------------------

    def raw(self, text: bytes) -> None:
        text = text.replace(b"\r", b"").replace(b"\n", b"")
        if not text:
            return
        self.opened = False
        if self.to_skip:
            skipped = min(self.to_skip, len(text))
            self.to_skip -= skipped
            text = text[skipped:]
        if self.state.destination == b"fonttbl":
            return
        self.pending += text

    def byte(self, value: int) -> None:
        self.opened = False
        if self.to_skip:
            self.to_skip -= 1
        elif self.state.destination != b"fonttbl":
            self.pending.append(value)

    def character(self, code: int) -> None:
        """A character by its number (``\\u``); halves of one beyond the first 65,536 come one after the other."""
        self.flush()
        code &= 0xFFFF
        if 0xD800 <= code < 0xDC00:
            self.high = chr(code)
        elif 0xDC00 <= code < 0xE000:
            pair = (self.high or "\ud800") + chr(code)
            whole = pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            self.put(whole if self.high else _OTHER_SIGN)
            self.high = ""
        else:
            # Fonts of signs have theirs from U+F000 on.
            self.put(_OTHER_SIGN if 0xF000 <= code < 0xF100 else chr(code))
        self.to_skip = self.state.skip

    def flush(self) -> None:
        """Decode the bytes that have come."""
        if not self.pending:
            return
        data = bytes(self.pending)
        self.pending.clear()
        if data.isascii() and (self.state.font is None or self.fonts.get(self.state.font) != _SYMBOL):
            self.put(data.decode("ascii"))
        else:
            self.put(self.decoded(data))

    def decoded(self, data: bytes) -> str:
        """Bytes in the code page of their font.

        Of the fonts that may be meant and the file's own code page one of double bytes goes first: writers give
        Chinese text a Western font beside its own. Bytes that are no text of it are Western.
        """
        state = self.state
        font = self.default_font if state.font is None else state.font
        pages = [self.fonts.get(number, "") for number in (font, state.double_byte_font) if number is not None]
        if pages and pages[0] == _SYMBOL:
            return _OTHER_SIGN * len(data)
        pages = [page for page in (*pages, self.page) if page and page != _SYMBOL]
        for page in (*(page for page in pages if page in _DOUBLE_BYTE), *pages[:1]):
            try:
                return data.decode(page)
            except (UnicodeDecodeError, LookupError):
                continue
        return data.decode(_WESTERN, "replace")

    def put(self, text: str) -> None:
        state = self.state
        if state.destination == b"title":
            self.title.append(text)
        elif state.hidden or state.destination in _WITHOUT_TEXT:
            return
        elif state.destination in _NUMBER_TEXTS:
            self.number.append(text)
        else:
            self.runs.append(Run(text, state.raised, state.note, state.struck))

    # --- lines, cells, rows ----------------------------------------------------------------------------------

    def end_line(self, level: int | None = None) -> None:
        self.flush()
        number = " ".join("".join(self.number).split())
        line = Line(joined(self.runs), number, self.state.outline, self.pictures)
        self.flow.line(line, self.level() if level is None else level)
        self.runs, self.number, self.pictures = [], [], 0

    def level(self) -> int:
        if self.state.in_table and self.state.level:
            return self.state.level
        return 1 if self.state.in_table or self.row_is_open else 0

    def end_cell(self, level: int) -> None:
        self.end_line(level)
        self.flow.end_cell(level)

    def end_row(self, level: int) -> None:
        self.flush()
        if self.runs:
            self.end_line(level)
        self.flow.end_row(level, self.row.shape(), doubt="表格从右向左排列" if self.row.reversed else "")
        if level == 1:
            self.row_is_open = False

    # --- control words ---------------------------------------------------------------------------------------

    def symbol(self, sign: bytes) -> None:
        if sign == b"*":
            self.starred = self.opened
            return
        self.opened = False
        if sign in (b"\r", b"\n"):
            self.end_line()
        elif sign in _SIGNS_OF_SYMBOLS:
            if self.to_skip:
                self.to_skip -= 1
            else:
                self.flush()
                self.put(_SIGNS_OF_SYMBOLS[sign])
        elif sign in b"\\{}":
            self.byte(sign[0])

    def word(self, name: bytes, value: bytes | None, position: int) -> int:
        """Obey a control word. Gives the position to go on at."""
        if name == b"bin":
            position += max(int(value or 0), 0)
            if position > len(self.data):
                raise UnreadableDocument(_CUT_OFF)
            return position
        self.flush()
        if self.opened:
            self.opened = False
            if name in _SKIPPED or (self.starred and name not in _KEPT_STARRED):
                return self.skip_destination(name, position)
            if name in _DESTINATIONS:
                return self.destination(name, position)
        number = int(value) if value else None
        if name == b"u":
            self.character(number or 0)
        elif name in _SIGNS:
            if self.to_skip:
                self.to_skip -= 1
            else:
                self.put(_SIGNS[name])
        elif name in self._characters:
            self._characters[name](self, number)
        elif name in self._tables:
            self._tables[name](self, number)
        elif name in self._files:
            self._files[name](self, number)
        return position

    def skip_destination(self, name: bytes, position: int) -> int:
        end = self.skip_group(position)
        if name in _HOLDING_PICTURES and not self.state.hidden:
            self.pictures += name == b"pict" or self.data.find(b"\\pict", position, end) >= 0
        self.left_out = self.left_out or _GOES_ON.search(self.data, position, end) is not None
        return end

    def destination(self, name: bytes, position: int) -> int:
        if name == b"upr":
            # What stands first is for readers without Unicode.
            first = self.data.find(b"{", position)
            return self.skip_group(first + 1) + 1 if first >= 0 else position
        if name == b"title" and self.state.destination != b"info":
            return position
        self.state = replace(self.state, destination=name)
        if name == b"nesttableprops":
            self.rows.append(self.row)
            self.row = _Row()
        return position

    def set(self, **values: int | bool | None) -> None:
        self.state = replace(self.state, **values)  # type: ignore[arg-type]

    def set_font(self, number: int | None) -> None:
        if self.state.destination == b"fonttbl":
            self.font = number or 0
            self.fonts.setdefault(self.font, "")
        else:
            self.set(font=number or 0)

    def set_other_font(self, number: int | None) -> None:
        if self.double_byte:
            self.set(double_byte_font=number or 0)

    def set_side(self, double_byte: bool) -> None:
        self.double_byte = double_byte

    def set_charset(self, number: int | None) -> None:
        if self.state.destination == b"fonttbl":
            page = _SYMBOL if number == _SYMBOL_CHARSET else _CODE_PAGES.get(number or 0, "")
            self.fonts[self.font] = page

    def set_page_of_font(self, number: int | None) -> None:
        if self.state.destination == b"fonttbl":
            self.fonts[self.font] = _NUMBERED_PAGES.get(number or 0, "")

    def set_page(self, number: int | None) -> None:
        self.page = _NUMBERED_PAGES.get(number or 0, self.page)

    def set_default_font(self, number: int | None) -> None:
        self.default_font = number

    def hide(self, number: int | None) -> None:
        self.left_out = True
        self.set(hidden=number != 0)

    def begin_row(self) -> None:
        self.row = _Row()
        if self.state.destination != b"nesttableprops":
            self.row_is_open = True

    _Word = Callable[["_Reader", "int | None"], None]

    _characters: ClassVar[Mapping[bytes, _Word]] = {
        b"f": set_font,
        b"af": set_other_font,
        b"dbch": lambda self, number: self.set_side(True),
        b"loch": lambda self, number: self.set_side(False),
        b"hich": lambda self, number: self.set_side(False),
        b"uc": lambda self, number: self.set(skip=min(max(1 if number is None else number, 0), 16)),
        b"plain": lambda self, number: setattr(self, "state", self.state.plain()),
        b"v": hide,
        b"deleted": hide,
        b"strike": lambda self, number: self.set(struck=number != 0),
        b"striked": lambda self, number: self.set(struck=number != 0),
        b"super": lambda self, number: self.set(note=number != 0),
        b"sub": lambda self, number: self.set(note=number != 0),
        b"nosupersub": lambda self, number: self.set(note=False),
        b"up": lambda self, number: self.set(raised=6 if number is None else number),
        b"dn": lambda self, number: self.set(raised=-6 if number is None else -number),
    }
    _tables: ClassVar[Mapping[bytes, _Word]] = {
        b"pard": lambda self, number: self.set(in_table=False, level=0, outline=False),
        b"par": lambda self, number: self.end_line(),
        b"sect": lambda self, number: self.end_line(),
        b"intbl": lambda self, number: self.set(in_table=True),
        b"itap": lambda self, number: self.set(level=max(number or 0, 0), in_table=bool(number)),
        b"outlinelevel": lambda self, number: self.set(outline=(number or 0) < _BODY_TEXT),
        b"cell": lambda self, number: self.end_cell(1),
        b"row": lambda self, number: self.end_row(1),
        b"nestcell": lambda self, number: self.end_cell(max(self.state.level, 2)),
        b"nestrow": lambda self, number: self.end_row(max(self.state.level, 2)),
        b"trowd": lambda self, number: self.begin_row(),
        b"trleft": lambda self, number: setattr(self.row, "left", number or 0),
        b"rtlrow": lambda self, number: setattr(self.row, "reversed", True),
        b"cellx": lambda self, number: self.row.cell(number or 0),
        b"clmrg": lambda self, number: setattr(self.row, "next_across", True),
        b"clvmgf": lambda self, number: setattr(self.row, "next_down", Down.BEGINS),
        b"clvmrg": lambda self, number: setattr(self.row, "next_down", Down.GOES_ON),
    }
    _files: ClassVar[Mapping[bytes, _Word]] = {
        b"ansicpg": set_page,
        b"mac": lambda self, number: self.set_page(10000),
        b"pc": lambda self, number: self.set_page(437),
        b"pca": lambda self, number: self.set_page(850),
        b"deff": set_default_font,
        b"fcharset": set_charset,
        b"cpg": set_page_of_font,
    }
