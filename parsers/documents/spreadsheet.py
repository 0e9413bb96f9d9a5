"""Workbooks into the plain model: .xlsx and .ods, read from their XML; :mod:`parsers.documents.xls` reads .xls.

A cell is what the sheet prints of it: with its number format, without hidden zeros. A number that the format
rounds is the rounded one; where it cannot be told what is printed the cell is in doubt, and so are hidden rows and
columns.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from parsers.documents.grids import CellText
from parsers.documents.model import ODS, XLSX, Block, Document, GridCell
from parsers.documents.number_formats import BUILT_IN, GENERAL
from parsers.documents.odf import Lists, Reader, body_of, name_of, value_of
from parsers.documents.package import BROKEN, Package
from parsers.documents.sheets import (
    HIDDEN_COLUMN,
    HIDDEN_ROW,
    MOST_MERGES,
    STRUCK,
    Merges,
    blocks_of_sheet,
    covered,
    hidden_sheet,
    merged,
    number,
    uncovered,
)
from parsers.schema import Lint, UnreadableDocument

_RELATION = "{{http://{}/relationships}}id"
_RELATIONS = (
    _RELATION.format("schemas.openxmlformats.org/officeDocument/2006"),
    _RELATION.format("purl.oclc.org/ooxml/officeDocument"),
)
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_OFF = frozenset((None, "0", "false"))
_NO_RESULT = "〔公式〕"


def read_xlsx(data: bytes) -> Document:
    """Read an .xlsx workbook: its visible sheets in order.

    Raises UnreadableDocument for what is damaged, encrypted, hostile or too large.
    """
    package = Package(data)
    root = package.xml("xl/workbook.xml")
    if root is None:
        raise UnreadableDocument(BROKEN)
    book = _Book(package, root)
    blocks: list[Block] = []
    lints: list[Lint] = []
    count = 0
    for name, path, is_hidden in book.sheets():
        if is_hidden:
            lints.append(hidden_sheet(name))
            continue
        count += 1
        sheet = package.xml(path)
        if sheet is not None:
            blocks += blocks_of_sheet(count, book.rows(sheet))
    return Document(XLSX, tuple(blocks), lints=tuple(lints))


def read_ods(data: bytes) -> Document:
    """Read an OpenDocument workbook: its visible sheets in order, each cell as the sheet displays it.

    Raises UnreadableDocument for what is damaged, encrypted, hostile or too large.
    """
    body, styles = body_of(Package(data), "spreadsheet")
    reader = Reader(styles, Lists(styles), one_line=False)
    blocks: list[Block] = []
    lints: list[Lint] = []
    number = 0
    for element in body:
        if name_of(element) != "table:table":
            continue
        if styles.of("table", value_of(element, "table", "style-name")).hidden:
            lints.append(hidden_sheet(value_of(element, "table", "name") or ""))
            continue
        number += 1
        rows, _ = reader.table(element)
        blocks += blocks_of_sheet(number, rows)
    return Document(ODS, tuple(blocks), lints=tuple(lints))


# --- .xlsx ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Look:
    """How the cells of a style print."""

    code: str = GENERAL
    struck: bool = False


@dataclass(slots=True)
class _Book:
    """A workbook: its shared texts and styles."""

    package: Package
    root: etree._Element
    texts: list[tuple[str, str]] = field(default_factory=list)
    looks: list[_Look] = field(default_factory=list)
    since_1904: bool = False

    def __post_init__(self) -> None:
        shared = self.package.xml("xl/sharedStrings.xml")
        if shared is not None:
            self.texts = [_rich(item) for item in shared if _local(item) == "si"]
        styles = self.package.xml("xl/styles.xml")
        if styles is not None:
            self.looks = list(_looks(styles))
        for element in self.root:
            if _local(element) == "workbookPr":
                self.since_1904 = element.get("date1904") not in _OFF

    def sheets(self) -> Iterator[tuple[str, str, bool]]:
        """Name, path and whether it is hidden, of every sheet in the workbook's order."""
        relations = self.package.xml("xl/_rels/workbook.xml.rels")
        targets = {
            relation.get("Id", ""): relation.get("Target", "")
            for relation in (relations if relations is not None else ())
            if relation.get("TargetMode", "Internal") == "Internal"
        }
        for sheet in self.root.iter("{*}sheet"):
            key = next((sheet.get(name) for name in _RELATIONS if sheet.get(name)), None)
            target = targets.get(key or "", "").replace("\\", "/")
            if "worksheets/" in target:
                path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
                yield sheet.get("name", ""), path, sheet.get("state", "visible") != "visible"

    def rows(self, sheet: etree._Element) -> list[list[GridCell]]:
        """The cells that begin in each row that the sheet writes."""
        parts: dict[str, etree._Element] = {}
        for part in sheet:
            parts.setdefault(_local(part), part)
        merges = _merges(parts.get("mergeCells"))
        hidden = _hidden_columns(parts.get("cols"))
        hides_zeros = any(
            view.get("showZeros") in ("0", "false")
            for view in parts.get("sheetViews", ())
            if _local(view) == "sheetView"
        )
        rows: list[list[GridCell]] = []
        under = covered(merges)
        last = -1
        data = parts.get("sheetData")
        for element in data if data is not None else ():
            written = element.get("r", "")
            row = int(written) - 1 if re.fullmatch("[0-9]{1,7}", written) else last + 1
            if row <= last:
                raise UnreadableDocument(BROKEN)
            last = row
            unseen = HIDDEN_ROW if element.get("hidden") not in _OFF else ""
            cells: list[GridCell] = []
            column = -1
            for cell in element:
                match = _REFERENCE.fullmatch(cell.get("r", ""))
                column = _column(match[1]) if match else column + 1
                if (row, column) in under:
                    continue
                text, doubt = self.cell(cell, hides_zeros=hides_zeros)
                beyond = HIDDEN_COLUMN if any(first <= column < end for first, end in hidden) else ""
                cells.append(merged(row, column, text, doubt or unseen or beyond, merges))
            rows.append(uncovered(cells))
        return rows

    def cell(self, element: etree._Element, *, hides_zeros: bool) -> tuple[str, str]:
        """What a cell prints, and why it is no evidence of a number, or ''."""
        kind = element.get("t", "n")
        style = element.get("s", "0")
        at = int(style) if re.fullmatch("[0-9]{1,6}", style) else 0
        look = self.looks[at] if at < len(self.looks) else _Look()
        value: str | None = None
        has_formula = False
        text, doubt = "", ""
        for part in element:
            name = _local(part)
            if name == "v":
                value = part.text or ""
            elif name == "is":
                text, doubt = _rich(part)
            elif name == "f":
                has_formula = True
        if not value and kind in ("n", "b"):
            if has_formula:
                return _NO_RESULT, "单元格里的公式没有存下结果"
        elif value is None:
            pass
        elif kind == "s":
            place = int(value) if re.fullmatch("[0-9]{1,7}", value) else -1
            text, doubt = self.texts[place] if 0 <= place < len(self.texts) else ("", "")
        elif kind == "n":
            text, doubt = number(value.strip(), look.code, hides_zeros=hides_zeros, since_1904=self.since_1904)
        elif kind == "b":
            text = "TRUE" if value == "1" else "FALSE"
        elif kind == "d":
            text = value[:10]
        else:
            text = value
        if look.struck and text.strip():
            doubt = STRUCK
        return text.replace("_x000D_", "").replace("\r", ""), doubt


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _rich(item: etree._Element) -> tuple[str, str]:
    """A text with its looks: what is struck out or raised is apart, the reading aids of names are left out."""
    text = CellText()
    for part in item:
        name = _local(part)
        if name == "t":
            text.add(part.text or "")
        elif name == "r":
            shown = "".join(found.text or "" for found in part if _local(found) == "t")
            about = [found for group in part if _local(group) == "rPr" for found in group]
            text.put(
                shown,
                struck=any(_local(found) == "strike" and found.get("val", "1") not in _OFF for found in about),
                raised=any(_local(found) == "vertAlign" and found.get("val") != "baseline" for found in about),
            )
    return text.cell(one_line=False)


def _looks(styles: etree._Element) -> Iterator[_Look]:
    codes = dict(BUILT_IN)
    struck: list[bool] = []
    for group in styles:
        name = _local(group)
        if name == "numFmts":
            for element in group:
                key = element.get("numFmtId", "")
                if re.fullmatch("[0-9]{1,6}", key):
                    codes[int(key)] = element.get("formatCode", GENERAL)
        elif name == "fonts":
            struck = [
                any(_local(found) == "strike" and found.get("val", "1") not in _OFF for found in font)
                for font in group
            ]
        elif name == "cellXfs":
            for element in group:
                key, font = element.get("numFmtId", "0"), element.get("fontId", "0")
                code = codes.get(int(key), "") if re.fullmatch("[0-9]{1,6}", key) else ""
                at = int(font) if re.fullmatch("[0-9]{1,6}", font) else 0
                # A number without a known format is in doubt: "?" is none.
                yield _Look(code or "?!", struck[at] if at < len(struck) else False)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _merges(element: etree._Element | None) -> Merges:
    merges: Merges = {}
    for merge in element if element is not None else ():
        first, _, last = (merge.get("ref") or "").partition(":")
        top, bottom = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last)
        if top and bottom and len(merges) < MOST_MERGES:
            merges[int(top[2]) - 1, _column(top[1])] = (int(bottom[2]) - 1, _column(bottom[1]))
    return merges


def _hidden_columns(element: etree._Element | None) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for column in element if element is not None else ():
        first, last = column.get("min", ""), column.get("max", "")
        if column.get("hidden") not in _OFF and first.isdecimal() and last.isdecimal():
            found.append((int(first[:6]) - 1, int(last[:6])))
    return found
