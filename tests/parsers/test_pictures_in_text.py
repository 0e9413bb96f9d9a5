"""Text documents whose body is pictures: scanned pages pasted into Word are read as a scan."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from parsers.documents import scan
from parsers.documents.container import may_be_scan
from parsers.documents.odt import pictures_of
from parsers.documents.scan import can_read_scans
from parsers.nested import PICTURES
from parsers.reading import parse
from parsers.schema import CellState, DocumentKind, UnreadableDocument
from tests.parsers.office import docx, odf, packed, paragraph

PAGES = [(Path(__file__).parent / "scans" / f"numbered_2022_page_{number}.jpg").read_bytes() for number in (1, 2)]
TITLE = "清溪镇2022年政府信息公开工作年度报告"
needs_scans = pytest.mark.skipif(
    not can_read_scans(), reason="the extra that reads scans is not here: script/setup --scans"
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


def test_the_pictures_of_a_writer_document_in_their_order() -> None:
    assert pictures_of(in_writer(*PAGES)) == PAGES


@needs_scans
def test_pages_pasted_into_word_are_read_as_a_scan() -> None:
    report = parse(in_word(TITLE, pictures=PAGES))
    assert report.kind is DocumentKind.REPORT
    assert report.title == TITLE
    told = [cell for cell in report.cells.values() if cell.state is CellState.REPORTED]
    assert len(told) > 150
    assert {(cell.at.file, cell.at.page) for cell in told if cell.at} == {(PICTURES, 1), (PICTURES, 2)}
    assert all(cell.at and cell.at.confidence for cell in told)


@pytest.mark.parametrize("data", [in_word(pictures=PAGES), in_word(TITLE, pictures=PAGES), in_writer(*PAGES)])
def test_without_the_extra_they_are_one_readable_line(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "can_read_scans", lambda: False)
    with pytest.raises(UnreadableDocument, match="script/setup --scans"):
        parse(data)
    assert may_be_scan(data)


def test_an_emblem_on_a_letter_is_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "can_read_scans", lambda: False)
    emblem = (Path(__file__).parent / "scans" / "odd_prints_2022_table.png").read_bytes()
    assert (
        parse(in_word("关于报送材料的函", pictures=[b"\x89PNG" + emblem[4:24] + bytes(8)])).kind
        is DocumentKind.OTHER
    )
    # A look-alike is what its title says, whatever pictures it has.
    interpretation = in_word("清溪镇2022年政府信息公开工作年度报告解读", pictures=PAGES)
    assert parse(interpretation).kind is DocumentKind.OTHER
