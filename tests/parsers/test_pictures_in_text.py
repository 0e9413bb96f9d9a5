"""Text documents whose body is pictures; that they are read as a scan is a test of test_scan.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.documents import scan
from parsers.documents.container import may_be_scan
from parsers.documents.odt import pictures_of
from parsers.reading import parse
from parsers.schema import DocumentKind, UnreadableDocument
from tests.parsers.office import in_word, in_writer

PAGES = [(Path(__file__).parent / "scans" / f"numbered_2022_page_{number}.jpg").read_bytes() for number in (1, 2)]
TITLE = "清溪镇2022年政府信息公开工作年度报告"


def test_the_pictures_of_a_writer_document_in_their_order() -> None:
    assert pictures_of(in_writer(*PAGES)) == PAGES


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
