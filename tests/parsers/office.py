"""Office documents written by hand for the tests: the smallest files that hold what a test is about."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_SPACES = (
    f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_ODF = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("draw", "drawing"),
        ("fo", "xsl-fo-compatible"),
    )
) + ' xmlns:xlink="http://www.w3.org/1999/xlink"'  # fmt: skip


def packed(members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def docx(
    body: str, *, styles: str = "", numbering: str = "", more: Mapping[str, str | bytes] | None = None
) -> bytes:
    """A Word document of a body, with styles and numberings where given."""
    members: dict[str, str | bytes] = {"word/document.xml": word_part("document", f"<w:body>{body}</w:body>")}
    if styles:
        members["word/styles.xml"] = word_part("styles", styles)
    if numbering:
        members["word/numbering.xml"] = word_part("numbering", numbering)
    return packed({**members, **(more or {})})


def word_part(name: str, inner: str) -> str:
    """One XML part of a Word document."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{name} {_SPACES}>{inner}</w:{name}>'


def paragraph(text: str, properties: str = "", run: str = "") -> str:
    """A paragraph of one run."""
    look = f"<w:rPr>{run}</w:rPr>" if run else ""
    about = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f'<w:p>{about}<w:r>{look}<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def table(*rows: str, widths: tuple[int, ...] = ()) -> str:
    """A table of finished rows."""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def row(*cells: str, properties: str = "") -> str:
    """A row of cells: finished ones, or texts."""
    about = f"<w:trPr>{properties}</w:trPr>" if properties else ""
    return f"<w:tr>{about}{''.join(one if one.startswith('<') else cell(one) for one in cells)}</w:tr>"


def cell(text: str, properties: str = "") -> str:
    """A cell of one paragraph, or of finished ones."""
    inner = text if text.startswith("<w:") else paragraph(text)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def odf(body: str, *, kind: str = "text", automatic: str = "", styles: str = "") -> bytes:
    """An OpenDocument file: ``text`` or ``spreadsheet``."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODF}>'
        f"<office:automatic-styles>{automatic}</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body>"
        "</office:document-content>"
    )
    shared = f"<office:document-styles {_ODF}><office:styles>{styles}</office:styles></office:document-styles>"
    return packed(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": content,
            "styles.xml": shared,
        }
    )


def in_word(*lines: str, pictures: list[bytes]) -> bytes:
    """A Word document of lines of text and, behind them, pictures."""
    numbers = range(1, len(pictures) + 1)
    drawn = "".join(
        f'<w:p><w:r><w:drawing><a:blip r:embed="r{number}"/></w:drawing></w:r></w:p>' for number in numbers
    )
    relations = "".join(f'<Relationship Id="r{number}" Target="media/{number}.jpg"/>' for number in numbers)
    more: dict[str, str | bytes] = {"word/_rels/document.xml.rels": f"<Relationships>{relations}</Relationships>"}
    more |= {f"word/media/{number}.jpg": picture for number, picture in zip(numbers, pictures, strict=True)}
    return docx("".join(map(paragraph, lines)) + drawn, more=more)


def in_writer(*pictures: bytes) -> bytes:
    """An OpenDocument text of pictures."""
    frames = "".join(
        f'<text:p><draw:frame><draw:image xlink:href="Pictures/{number}.jpg"/></draw:frame></text:p>'
        for number in range(len(pictures))
    )
    with zipfile.ZipFile(io.BytesIO(odf(frames))) as archive:
        members: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    return packed(members | {f"Pictures/{number}.jpg": picture for number, picture in enumerate(pictures)})
