"""PDF files: golden reports drawn anew in the manners of many programs; what is not visible; what is hostile."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.colors import white
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas

from parsers import second_look
from parsers.documents import pdf, printed_mixed
from parsers.documents.model import PDF, Document, Grid, Paragraph
from parsers.documents.pdf import pages_of, read_pdf
from parsers.documents.printed import PrintedPage
from parsers.reading import parse
from parsers.schema import Box, Cell, CellState, Place, UnreadableDocument
from tests.parsers.pdf_writer import (
    dotted_rules,
    draw_glyph,
    filled_rules,
    picture_of_page,
    plain_glyphs,
    stroked_rules,
    write_pdf,
)
from tests.shared import SHARED, needs_shared

FOLDER = Path(__file__).parent / "containers"
SOURCE = FOLDER / "numbered_2022.pdf"
ORIGINAL = SOURCE.read_bytes()
TOTAL = "section_three.new_received.total"


@pytest.fixture(autouse=True)
def _not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers here keep no sum, and every file would be looked at a second time: see test_second_look."""
    monkeypatch.setattr(second_look, "can_read_scans", lambda: False)


def printed(data: bytes = ORIGINAL) -> list[PrintedPage]:
    return [page for page in pages_of(data) if isinstance(page, PrintedPage)]


PAGES = printed()


def cells(data: bytes) -> Mapping[str, Cell]:
    return parse(data).cells


def values(data: bytes) -> dict[str, tuple[object, str]]:
    return {key: (cell.value, cell.state.value) for key, cell in cells(data).items()}


def expected(path: Path = SOURCE) -> dict[str, tuple[object, str]]:
    found = json.loads(path.with_suffix(".cells.json").read_text(encoding="utf-8"), parse_float=Decimal)
    return {key: (value, state) for key, (_, value, state) in found.items()}


def reported(data: bytes) -> int:
    return sum(cell.state is CellState.REPORTED for cell in cells(data).values())


def box_of(key: str, data: bytes = ORIGINAL) -> Box:
    """Where a cell of the first page stands."""
    at = cells(data)[key].at
    assert at is not None
    assert at.page == 1
    assert at.box is not None
    return at.box


# --- manners of drawing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", [stroked_rules, filled_rules, dotted_rules])
def test_rules_of_every_make(rules: Callable[[Canvas, PrintedPage], None]) -> None:
    assert values(write_pdf(PAGES, rules=rules)) == expected()


def test_a_page_drawn_through_forms_and_matrices() -> None:
    def glyphs(canvas: Canvas, page: PrintedPage) -> None:
        canvas.beginForm(f"inner{page.number}")
        canvas.translate(-30, -40)
        plain_glyphs(canvas, page)
        stroked_rules(canvas, page)
        canvas.endForm()
        canvas.saveState()
        canvas.translate(15, 20)
        canvas.scale(0.5, 0.5)
        canvas.translate(30, 40)
        canvas.scale(2, 2)
        canvas.translate(15, 20)
        canvas.doForm(f"inner{page.number}")
        canvas.restoreState()

    assert values(write_pdf(PAGES, rules=lambda *_: None, glyphs=glyphs)) == expected()


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_pages(turn: int) -> None:
    """The page's content lies turned, and the page says how to show it."""

    def before(canvas: Canvas, page: PrintedPage) -> None:
        width, height = page.width, page.height
        if turn == 90:
            canvas.transform(0, 1, -1, 0, height, 0)
        elif turn == 180:
            canvas.transform(-1, 0, 0, -1, width, height)
        else:
            canvas.transform(0, -1, 1, 0, 0, width)
        canvas.setPageRotation(turn)

    assert values(write_pdf(PAGES, before=before)) == expected()


@pytest.mark.parametrize("told", [True, False])
def test_sideways_text(told: bool) -> None:
    """A table printed sideways is read upright, whether or not the page says that it lies sideways."""

    def before(canvas: Canvas, page: PrintedPage) -> None:
        if told:
            canvas.setPageRotation(90)  # reportlab turns the page's box with it
        else:
            canvas.setPageSize((page.height, page.width))
        canvas.transform(0, 1, -1, 0, page.height, 0)

    assert values(write_pdf(PAGES, before=before)) == expected()


def test_cropped_pages_and_a_shifted_origin() -> None:
    document = pdfium.PdfDocument(ORIGINAL)
    for page in document:
        page.set_mediabox(-100, -50, 700, 900)
        page.set_cropbox(20, 10, 590, 840)
    out = io.BytesIO()
    document.save(out)
    assert values(out.getvalue()) == expected()
    assert all(0 < share < 1 for share in box_of(TOTAL, out.getvalue()))


def test_places() -> None:
    """A cell's place is its page and its box, whose middle holds the printed number."""
    page = PAGES[0]
    left, top, right, bottom = (
        share * side for share, side in zip(box_of(TOTAL), (page.width, page.height) * 2, strict=True)
    )
    inside = [g.text for g in page.glyphs if left < g.x0 and g.x1 < right and top < g.y0 and g.y1 < bottom]
    assert "".join(inside).strip() == "1016"


def test_tables_without_rules_are_not_guessed() -> None:
    found = cells(write_pdf(PAGES, rules=lambda *_: None))
    assert not any(cell.state is CellState.REPORTED for cell in found.values())
    assert any(cell.state is CellState.UNREADABLE for cell in found.values())


# --- what is not visible -------------------------------------------------------------------------------------


def digits_drawn(**manner: object) -> Callable[[Canvas, PrintedPage], None]:
    def draw(canvas: Canvas, page: PrintedPage) -> None:
        for glyph in page.glyphs:
            draw_glyph(canvas, page, glyph, **(manner if glyph.text.isdigit() else {}))  # type: ignore[arg-type]

    return draw


def test_invisible_numbers_are_not_reported() -> None:
    assert reported(write_pdf(PAGES, glyphs=digits_drawn(mode=3))) == 0


def test_white_numbers_are_not_reported() -> None:
    assert reported(write_pdf(PAGES, glyphs=digits_drawn(colour=white))) == 0


def test_white_numbers_on_a_dark_ground_are() -> None:
    def ground(canvas: Canvas, page: PrintedPage) -> None:
        canvas.setFillGray(0.2)
        canvas.rect(0, 0, page.width, page.height, stroke=0, fill=1)
        canvas.setFillGray(0)

    assert values(write_pdf(PAGES, before=ground, glyphs=digits_drawn(colour=white))) == expected()


def test_numbers_under_a_patch_are_not_reported() -> None:
    def patch(canvas: Canvas, page: PrintedPage) -> None:
        canvas.setFillGray(1)
        for glyph in page.glyphs:
            if glyph.text.isdigit():
                width, height = glyph.x1 - glyph.x0, glyph.y1 - glyph.y0
                canvas.rect(glyph.x0, page.height - glyph.y1, width, height, stroke=0, fill=1)

    found = cells(write_pdf(PAGES, after=patch))
    assert not any(cell.state is CellState.REPORTED for cell in found.values())


def test_text_beside_the_page_is_left_out() -> None:
    def more(canvas: Canvas, page: PrintedPage) -> None:
        canvas.drawString(-200, 300, "99999")
        canvas.drawString(page.width + 50, 300, "88888")

    assert values(write_pdf(PAGES, after=more)) == expected()


def test_fake_bold_is_printed_once() -> None:
    def twice(canvas: Canvas, page: PrintedPage) -> None:
        for glyph in page.glyphs:
            draw_glyph(canvas, page, glyph)
            draw_glyph(canvas, page, glyph, shift=0.3)

    assert values(write_pdf(PAGES, glyphs=twice)) == expected()


def test_a_number_printed_over_another_is_unreadable() -> None:
    def over(canvas: Canvas, page: PrintedPage) -> None:
        for glyph in page.glyphs:
            draw_glyph(canvas, page, glyph)
            if glyph.text == "9":
                draw_glyph(canvas, page, glyph._replace(text="3"))

    truth = expected()
    for key, (value, state) in values(write_pdf(PAGES, glyphs=over)).items():
        assert (value, state) == truth[key] if "9" not in str(truth[key][0]) else state == "unreadable", key


def test_entry_fields_and_deletions_make_cells_unreadable() -> None:
    def field(canvas: Canvas, page: PrintedPage) -> None:
        if page.number == 1:
            left, top, right, bottom = box_of(TOTAL)
            canvas.acroForm.textfield(
                value="7",
                x=left * page.width,
                y=(1 - bottom) * page.height,
                width=(right - left) * page.width,
                height=(bottom - top) * page.height,
            )

    found = cells(write_pdf(PAGES, after=field))
    assert found[TOTAL].state is CellState.UNREADABLE
    assert sum(cell.state is CellState.REPORTED for cell in found.values()) == len(found) - 1


def test_a_number_over_the_rule_puts_both_cells_in_doubt() -> None:
    """A number too wide for its cell runs into the next one: neither cell is read as half of it."""

    def wide(canvas: Canvas, page: PrintedPage) -> None:
        _, top, right, bottom = box_of("section_two.regulations.issued")
        right, top, bottom = right * page.width, top * page.height, bottom * page.height
        numbers = [
            glyph
            for glyph in page.glyphs
            if page.number == 1 and top < glyph.y0 < bottom and glyph.text.isdigit() and abs(glyph.x0 - right) < 80
        ]
        plain_glyphs(canvas, replace(page, glyphs=[glyph for glyph in page.glyphs if glyph not in numbers]))
        if page.number == 1:
            canvas.setFont("Helvetica", 10)
            canvas.drawString(right - 14, page.height - (top + bottom) / 2 - 3, "34567")

    found = cells(write_pdf(PAGES, glyphs=wide))
    assert found["section_two.regulations.issued"].state is CellState.UNREADABLE
    assert found["section_two.regulations.repealed"].state is CellState.UNREADABLE


# --- fonts that do not tell ----------------------------------------------------------------------------------


def unknown_font(monkeypatch: pytest.MonkeyPatch, letters: str, code: str) -> None:
    """An embedded font that gives a code without meaning, or none (''), for some of its glyphs."""
    make = ttfonts.makeToUnicodeCMap

    def lying(name: str, subset: list[int]) -> str:
        told: str = make(name, subset)
        for letter in letters:
            old = f"<{subset.index(ord(letter)):02X}>" if ord(letter) in subset else "<>"
            told = "\n".join(
                (f"{old} <{code}>" if code else "")
                if line.split(" ")[0] == old and line.endswith(f"<{ord(letter):04X}>")
                else line
                for line in told.split("\n")
            )
        return told

    monkeypatch.setattr(ttfonts, "makeToUnicodeCMap", lying)
    pdfmetrics.registerFont(ttfonts.TTFont("Vera", "Vera.ttf"))


def in_that_font(canvas: Canvas, page: PrintedPage) -> None:
    for glyph in page.glyphs:
        if glyph.text.isascii() and not glyph.text.isspace():
            canvas.setFont("Vera", (glyph.x1 - glyph.x0) / 0.636)
            canvas.drawString(glyph.x0, page.height - (glyph.y0 + glyph.y1) / 2 - 3, glyph.text)
        else:
            draw_glyph(canvas, page, glyph)


@pytest.mark.parametrize("code", ["E123", "FFFD", "0001", "FFFF"])
def test_digits_without_meaning_are_unreadable(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    unknown_font(monkeypatch, "7", code)
    truth = expected()
    for key, (value, state) in values(write_pdf(PAGES, glyphs=in_that_font)).items():
        if "7" in str(truth[key][0]):
            # One code is none at all: there the font's own table says what the glyph is.
            assert state == "unreadable" or (code == "FFFF" and (value, state) == truth[key]), key
        else:
            assert (value, state) == truth[key], key


def test_a_font_that_tells_the_truth_is_believed() -> None:
    pdfmetrics.registerFont(ttfonts.TTFont("Vera", "Vera.ttf"))
    assert values(write_pdf(PAGES, glyphs=in_that_font)) == expected()


def test_pages_whose_fonts_mean_nothing_are_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown_font(monkeypatch, "0123456789", "E123")

    def only(canvas: Canvas, page: PrintedPage) -> None:
        in_that_font(canvas, replace(page, glyphs=[glyph for glyph in page.glyphs if glyph.text.isdigit()]))

    assert all(isinstance(page, bytes) for page in pages_of(write_pdf(PAGES, glyphs=only)))


def test_text_that_is_no_chinese_is_a_picture() -> None:
    """A font that gives one character for another throughout leaves text without common characters."""

    def lying(canvas: Canvas, page: PrintedPage) -> None:
        for glyph in page.glyphs:
            code = ord(glyph.text[0])
            text = chr(0x4E00 + (code * 7919) % 20000) if code > 0x2E80 else glyph.text
            draw_glyph(canvas, page, glyph._replace(text=text))

    assert all(isinstance(page, bytes) for page in pages_of(write_pdf(PAGES, glyphs=lying)))


# --- scans ---------------------------------------------------------------------------------------------------


def scanned(canvas: Canvas, page: PrintedPage) -> None:
    canvas.drawImage(picture_of_page(ORIGINAL, page.number - 1), 0, 0, page.width, page.height)


def nothing(canvas: Canvas, page: PrintedPage) -> None:
    return None


def test_a_scan_with_hidden_text_is_a_scan() -> None:
    def hidden(canvas: Canvas, page: PrintedPage) -> None:
        for glyph in page.glyphs:
            draw_glyph(canvas, page, glyph, mode=3)

    for made in (
        write_pdf(PAGES, before=scanned, rules=nothing, glyphs=hidden),
        write_pdf(PAGES, rules=nothing, after=scanned),
        write_pdf(PAGES, before=scanned, rules=nothing, glyphs=nothing),
    ):
        pages = pages_of(made)
        assert all(isinstance(page, bytes) and page.startswith(b"\x89PNG") for page in pages)


def test_text_over_a_background_picture_is_text() -> None:
    assert values(write_pdf(PAGES, before=scanned)) == expected()


def test_pages_of_text_and_pages_of_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind is read its own way; pages and tables are counted through the whole file."""

    def second_is_scan(canvas: Canvas, page: PrintedPage) -> None:
        (scanned if page.number == 2 else plain_glyphs)(canvas, page)

    seen: list[int] = []

    class Scan:
        @staticmethod
        def read_scan(images: Sequence[bytes], media_type: str) -> Document:
            seen.append(len(images))
            grid = next(block for block in read_pdf(ORIGINAL).blocks if isinstance(block, Grid))
            return Document(media_type, (Paragraph("识别出的文字", Place(page=1)), replace(grid, number=1)))

    monkeypatch.setattr(printed_mixed, "import_module", lambda _: Scan)
    made = write_pdf(
        PAGES, rules=lambda c, p: stroked_rules(c, p) if p.number == 1 else None, glyphs=second_is_scan
    )
    document = read_pdf(made)
    assert seen == [1]
    assert [block.number for block in document.blocks if isinstance(block, Grid)] == [1, 2, 3]
    (paragraph,) = [b for b in document.blocks if isinstance(b, Paragraph) and b.text == "识别出的文字"]
    assert paragraph.place.page == 2
    last = [block for block in document.blocks if isinstance(block, Grid)][-1]
    assert {cell.page for row in last.rows for cell in row.own} == {2}


# --- limits and damage ---------------------------------------------------------------------------------------


def encrypted(user: str) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption(user, ownerPassword="owner", strength=128))
    for page in PAGES:
        canvas.setPageSize((page.width, page.height))
        stroked_rules(canvas, page)
        plain_glyphs(canvas, page)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_a_password_is_named() -> None:
    with pytest.raises(UnreadableDocument, match="密码"):
        parse(encrypted("secret"))


def test_a_file_that_anybody_may_open_is_read() -> None:
    assert values(encrypted("")) == expected()


def test_thousands_of_pages_are_refused() -> None:
    document = pdfium.PdfDocument.new()
    for _ in range(5000):
        document.new_page(595, 842)
    out = io.BytesIO()
    document.save(out)
    with pytest.raises(UnreadableDocument, match="5000 页"):
        parse(out.getvalue())


def test_too_many_objects_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_Budget", lambda: pdf_budget(100))
    with pytest.raises(UnreadableDocument, match="过多"):
        parse(ORIGINAL)


def pdf_budget(objects: int) -> object:
    return BUDGET(objects=objects)


BUDGET = pdf._Budget


@pytest.mark.parametrize("size", [0.01, 200_000.0])
def test_odd_page_sizes(size: float) -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(size, size))
    canvas.drawString(0, 0, "x")
    canvas.save()
    with suppress(UnreadableDocument):
        read_pdf(out.getvalue())


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9, 0.99])
def test_truncated_files(share: float) -> None:
    """Less than the whole file is a failure with one line, or what is left of it: never a wrong number."""
    truth = expected()
    try:
        found = values(ORIGINAL[: int(len(ORIGINAL) * share)])
    except UnreadableDocument as problem:
        assert "\n" not in str(problem)  # noqa: PT017 - both outcomes are right
    else:
        assert all(got == truth[key] for key, got in found.items() if got[1] == "reported")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_files_cost_one_named_failure(data: st.DataObject) -> None:
    source = bytearray(ORIGINAL)
    for _ in range(data.draw(st.integers(1, 20))):
        source[data.draw(st.integers(0, len(source) - 1))] = data.draw(st.integers(0, 255))
    with suppress(UnreadableDocument):
        pages_of(bytes(source))


# --- a real report -------------------------------------------------------------------------------------------


@needs_shared
def test_a_real_report() -> None:
    report = parse((SHARED / "real" / "reports" / "hongze_2024.pdf").read_bytes())
    truth = json.loads((SHARED / "real" / "expected.json").read_text(encoding="utf-8"), parse_float=Decimal)
    wanted = truth["hongze_2024.pdf"]
    read = {k: (c.value, c.state.value) for k, c in report.cells.items() if c.state is not CellState.ABSENT}
    assert read == {key: (cell.get("value"), cell["state"]) for key, cell in wanted["cells"].items()}
    assert report.media_type == PDF
    assert report.title == "淮安市洪泽区人民政府2024年政府信息公开工作年度报告"
    assert (report.organ, report.report_year, report.form) == ("淮安市洪泽区人民政府", 2024, "2021")
    assert all(section.present for section in report.sections.values())
    assert "0元" in report.sections[6].text
    assert not any(line.strip("- ").isdigit() for s in report.sections.values() for line in s.text.split("\n"))
