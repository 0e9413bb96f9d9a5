"""PDF files whose fonts lie: what the pages show is no error of the organ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas

from parsers import second_look
from parsers.documents.pdf import pages_of
from parsers.documents.printed import PrintedPage
from parsers.documents.scan import can_read_scans
from parsers.reading import parse
from parsers.schema import Cell, CellState, Report
from parsers.second_reading import suspected
from tests.parsers.pdf_writer import draw_glyph, write_pdf
from tests.shared import SHARED, needs_shared

FOLDER = Path(__file__).parent / "containers"
SOUND = FOLDER / "department_2023.pdf"
needs_scans = pytest.mark.skipif(
    not can_read_scans(), reason="the extra that reads scans is not here: script/setup --scans"
)


def in_vera(canvas: Canvas, page: PrintedPage) -> None:
    """Digits in an embedded font, all else as it was."""
    for glyph in page.glyphs:
        if glyph.text.isdigit():
            canvas.setFont("Vera", (glyph.x1 - glyph.x0) / 0.636)
            canvas.drawString(glyph.x0, page.height - (glyph.y0 + glyph.y1) / 2 - 3, glyph.text)
        else:
            draw_glyph(canvas, page, glyph)


def with_font(monkeypatch: pytest.MonkeyPatch, swapped: str = "") -> bytes:
    """The sound report set in a font that says one digit for the other."""
    make: Callable[[str, list[int]], str] = ttfonts.makeToUnicodeCMap

    def lying(name: str, subset: list[int]) -> str:
        if not swapped:
            return make(name, subset)
        one, other = (ord(digit) for digit in swapped)
        return make(name, [{one: other, other: one}.get(code, code) for code in subset])

    monkeypatch.setattr(ttfonts, "makeToUnicodeCMap", lying)
    pdfmetrics.registerFont(ttfonts.TTFont("Vera", "Vera.ttf"))
    pages = [page for page in pages_of(SOUND.read_bytes()) if isinstance(page, PrintedPage)]
    return write_pdf(pages, glyphs=in_vera)


def truth() -> Mapping[str, Cell]:
    return parse(SOUND.read_bytes()).cells


def codes(report: Report) -> set[str]:
    return {lint.code for lint in report.lints}


@needs_scans
def test_a_font_that_swaps_two_digits_gives_no_wrong_number(monkeypatch: pytest.MonkeyPatch) -> None:
    report = parse(with_font(monkeypatch, "13"))
    assert {"second-reading-differs", "font-differs"} <= codes(report)
    for key, cell in truth().items():
        found = report.cells[key]
        assert found.state is CellState.UNREADABLE or (found.value, found.state) == (cell.value, cell.state), key
    assert any(cell.state is CellState.UNREADABLE for cell in report.cells.values())
    assert sum(cell.state is CellState.REPORTED for cell in report.cells.values()) > 100


def test_a_font_that_lies_is_found_by_its_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra nothing is looked at, and the report stands as its font tells it."""
    monkeypatch.setattr(second_look, "can_read_scans", lambda: False)
    report = parse(with_font(monkeypatch, "13"))
    assert suspected(report)
    assert not {"second-reading-differs", "font-differs"} & codes(report)


@needs_scans
@pytest.mark.parametrize("name", ["numbered_2022", "odd_prints_2022"])
def test_broken_sums_that_are_seen_as_they_were_read_stand(name: str) -> None:
    report = parse((FOLDER / f"{name}.pdf").read_bytes())
    assert suspected(report)
    assert not {"second-reading-differs", "font-differs"} & codes(report)


def test_nothing_is_looked_at_where_the_sums_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_look, "_seen", None)
    assert not suspected(parse(with_font(monkeypatch)))


@needs_scans
@needs_shared
def test_every_number_of_a_real_report_is_seen_as_it_is_read() -> None:
    from parsers.documents.pdf_cells import seen

    data = (SHARED / "real" / "reports" / "hongze_2024.pdf").read_bytes()
    cells = [cell for cell in parse(data).cells.values() if cell.state is CellState.REPORTED][::6]
    found = seen(data, {cell.key: cell.at for cell in cells if cell.at})
    assert {cell.key: cell.raw for cell in cells} == {key: text.text for key, text in found.items()}
