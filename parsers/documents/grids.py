"""What the tables of all office documents share: spans made rows, slivers dropped, layout told from tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.documents.html import FORM_WORDS, LARGEST_SPAN, LONGEST_PROSE_FREE_CELL, PICTURE_MARK
from parsers.documents.model import Block, GridCell, GridRow, Paragraph
from parsers.labels import plain
from parsers.schema import UnreadableDocument

# Office programs write columns of a hair's breadth where two tables' edges almost meet (in twips, 1/20 point).
NARROWEST_COLUMN = 80
LARGEST_TABLE = 500_000


def span(value: str | None) -> int:
    """A number of columns or rows as written; at least 1, and never more than a table can have."""
    if value is None or not value.isdecimal() or not value.isascii():
        return 1
    return LARGEST_SPAN if len(value) > len(str(LARGEST_SPAN)) else min(max(int(value), 1), LARGEST_SPAN)


def expand(rows: Sequence[Sequence[GridCell]]) -> tuple[GridRow, ...]:
    """Rows of the cells that begin in them into rows of all cells that cover them.

    Raises UnreadableDocument where spans make the table larger than any that is printed.
    """
    found: list[GridRow] = []
    covering: list[GridCell] = []
    size = 0
    for number, own in enumerate(rows):
        cells = [cell for cell in covering if cell.end_row > number]
        cells += [cell if cell.end_row <= len(rows) else cell._replace(end_row=len(rows)) for cell in own]
        size += len(cells)
        if size > LARGEST_TABLE:
            raise UnreadableDocument("文件里有一张表格大得异常，不予读取；请检查文件是否正常")
        cells.sort(key=lambda cell: cell.column)
        covering = [cell for cell in cells if cell.end_row > number + 1]
        found.append(GridRow(number, tuple(cells)))
    return tuple(found)


def without_slivers(
    rows: Sequence[Sequence[GridCell]],
    widths: Sequence[float | None],
    own_widths: Sequence[Sequence[float | None]] = (),
) -> Sequence[Sequence[GridCell]]:
    """Take columns out that are too narrow to print anything, and hold nothing.

    ``widths`` are those of the columns, ``own_widths`` those that the cells themselves claim, all in twips.
    """
    narrow = {column for column, width in enumerate(widths) if width is not None and width < NARROWEST_COLUMN}
    if not narrow or len(narrow) == len(widths):
        return rows
    for number, row in enumerate(rows):
        for position, cell in enumerate(row):
            if cell.end_column == cell.column + 1 and cell.column in narrow:
                claimed = own_widths[number][position] if own_widths else None
                if cell.text.strip() or (claimed is not None and claimed >= NARROWEST_COLUMN):
                    narrow.discard(cell.column)
    if not narrow:
        return rows
    last = max([cell.end_column for row in rows for cell in row], default=0)
    moved = [0]
    for column in range(last):
        moved.append(moved[-1] + (column not in narrow))
    return [
        [
            cell._replace(column=moved[cell.column], end_column=moved[cell.end_column])
            for cell in row
            if moved[cell.column] < moved[cell.end_column]
        ]
        for row in rows
    ]


def is_layout(rows: Sequence[GridRow]) -> bool:
    """Whether a table only lays out prose: a cell holds long prose, and none a word of the form."""
    return any(len(cell.text) > LONGEST_PROSE_FREE_CELL for row in rows for cell in row.own) and not any(
        FORM_WORDS.search(cell.text) for row in rows for cell in row.own
    )


def label_on_one_line(text: str) -> str:
    """A label without the breaks that its narrow cell made; numbers and prose keep theirs."""
    return text.replace("\n", "") if len(text) <= LONGEST_PROSE_FREE_CELL and has_han(text) else text


def has_han(text: str) -> bool:
    """Whether a text has a Chinese character."""
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def printed_title(title: str | None, blocks: Sequence[Block]) -> str:
    """The title of a file's properties where the text prints it too, or where there is no text; else ''.

    Not printed it is no evidence: it is often that of last year's report, which was written over.
    """
    title = (title or "").strip()
    printed = [plain(block.text) for block in blocks if isinstance(block, Paragraph)]
    return title if title and (not printed or any(plain(title) in text for text in printed)) else ""


class CellText:
    """Gathers what stands in a cell or a paragraph, apart by how it is printed.

    ``whole`` is all that is printed, ``plain`` what is neither raised, lowered nor struck out.
    """

    __slots__ = (
        "doubt",
        "label",
        "linked",
        "pictures",
        "plain",
        "raised",
        "shifted",
        "struck",
        "unlinked",
        "whole",
    )

    def __init__(self) -> None:
        self.whole: list[str] = []
        self.plain: list[str] = []
        self.raised = ""
        self.shifted = ""
        self.struck = ""
        self.label = ""
        self.doubt = ""
        self.pictures = 0
        self.linked = False
        self.unlinked = False

    def add(self, text: str) -> None:
        """Text that is printed as usual."""
        self.whole.append(text)
        self.plain.append(text)

    def put(
        self,
        shown: str,
        *,
        linked: bool = False,
        struck: bool = False,
        raised: bool = False,
        shifted: bool = False,
    ) -> None:
        """Text by how it is printed."""
        if struck:
            self.struck += shown
            return
        if not shown.isspace():
            if linked:
                self.linked = True
            else:
                self.unlinked = True
        self.whole.append(shown)
        if raised:
            self.raised += shown
        elif shifted:
            self.shifted += shown
        else:
            self.plain.append(shown)

    def take(self, line: CellText) -> None:
        """A paragraph of the cell behind those before it."""
        if line.label and has_han("".join(line.plain)):
            line.whole.insert(0, line.label)
            line.plain.insert(0, line.label)
        else:
            self.label += line.label
        self.whole += line.whole
        self.plain += line.plain
        self.raised += line.raised
        self.shifted += line.shifted
        self.struck += line.struck
        self.pictures += line.pictures
        self.doubt = self.doubt or line.doubt

    def prose(self) -> list[str]:
        """The lines that a reader sees."""
        return [line.strip(" \t") for line in "".join(self.whole).split("\n") if line.strip()]

    def cell(self, *, one_line: bool = True) -> tuple[str, str]:
        """The text of a cell, and why it is no evidence of a number, or ''.

        ``one_line`` takes out the breaks that a narrow cell makes in a label.
        """
        fitted = label_on_one_line if one_line else str
        text = fitted(_by_lines(self.plain))
        raised = self.raised.strip()
        if self.shifted.strip() and not text:
            text = fitted(_by_lines([self.shifted]))
        elif self.shifted.strip():
            raised += self.shifted.strip()
        label = self.label.strip()
        if has_han(text):
            return text, self.doubt
        if raised:
            return fitted(_by_lines(self.whole)), f"数字旁另有上标、下标或注号“{raised[:20]}”"
        if text and label:
            return f"{label}\t{text}", f"数字旁有自动编号“{label[:20]}”"
        if label:
            return label, f"单元格里只有自动编号“{label[:20]}”"
        if not text and self.pictures:
            return PICTURE_MARK, "单元格里是图片，没有文字"
        if not text and self.struck.strip():
            return self.struck.strip(), "单元格里的数字被划去"
        if not text and self.doubt:
            text = _by_lines(self.whole)
        return text, self.doubt if text else ""


def _by_lines(parts: Sequence[str]) -> str:
    text = "".join(parts)
    return re.sub(r"\s*\n\s*", "\n", text).strip(" \n\t") if "\n" in text else text.strip(" \t")
