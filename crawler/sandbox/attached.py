"""Reports as Word files, for pages that have no text of their own and link a file or frame it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from xml.sax.saxutils import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{DOCX}.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    ' Target="word/document.xml"/></Relationships>'
)
_MADE = (2024, 1, 1, 0, 0, 0)


def as_docx(title: str, body: str) -> bytes:
    """A report's title and body (crawler.sandbox.markup) as a Word file; the same in, the same bytes out."""
    root = LexborHTMLParser(f"<html><body>{body}</body></html>").body
    assert root is not None
    inner = _paragraph(title) + "".join(_blocks(root.iter()))
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<w:document xmlns:w="{_SPACE}"><w:body>{inner}</w:body></w:document>'
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS),
            ("word/document.xml", document),
        ):
            archive.writestr(zipfile.ZipInfo(name, _MADE), part, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _blocks(nodes: Iterable[LexborNode]) -> Iterable[str]:
    for node in nodes:
        if node.tag == "table":
            yield _table(node)
        elif node.css_first("table") is not None:
            yield from _blocks(node.iter())
        elif words := " ".join(node.text().split()):
            yield _paragraph(words)


def _paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def _table(table: LexborNode) -> str:
    """Its rows with merged cells as Word writes them: each row goes on with the cells that began above it."""
    rows = []
    open_cells: dict[int, tuple[int, int]] = {}  # by column: how wide, and in how many more rows
    for row in table.css("tr"):
        cells: list[tuple[int, int, int, LexborNode | None]] = []
        column = 0
        for node in (*row.css("td, th"), None):
            while column in open_cells:
                width, more = open_cells.pop(column)
                cells.append((column, width, more, None))
                column += width
            if node is None:
                break
            width, height = (int(node.attributes.get(name) or 1) for name in ("colspan", "rowspan"))
            cells.append((column, width, height - 1, node))
            column += width
        open_cells = {place: (width, more - 1) for place, width, more, node in cells if more and node is None}
        open_cells |= {place: (width, more) for place, width, more, node in cells if more and node is not None}
        rows.append("".join(_cell(width, more, node) for _, width, more, node in cells))
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def _cell(width: int, more: int, node: LexborNode | None) -> str:
    """``more``: in how many rows below the cell goes on; ``node`` None: it began above."""
    merge = "<w:vMerge/>" if node is None else '<w:vMerge w:val="restart"/>' if more else ""
    words = " ".join(node.text().split()) if node else ""
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{width}"/>{merge}</w:tcPr>{_paragraph(words)}</w:tc>'
