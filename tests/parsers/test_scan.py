"""Scans and pictures: every cell right or unreadable, never another number; hostile pictures refused."""

import hashlib
import io
import json
import struct
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from parsers.attachments import parse_page
from parsers.documents import scan
from parsers.documents.container import media_type_of, reader_of
from parsers.documents.image_header import sizes
from parsers.documents.model import JPEG, Grid
from parsers.documents.pdf import pages_of
from parsers.documents.printed import PrintedPage
from parsers.documents.ruled import Rule, tables_of
from parsers.documents.scan import MOST_PAGES, can_read_scans, read_image, read_scan
from parsers.nested import PICTURES
from parsers.numbers import read_number
from parsers.reading import parse, read_report
from parsers.schema import CellState, DocumentKind, Report, UnreadableDocument
from tests.parsers.office import in_word
from tests.shared import SHARED

FOLDER = Path(__file__).parent
REAL = SHARED / "real" / "reports" / "hongze_2024.pdf"
TITLE = "清溪镇2022年政府信息公开工作年度报告"
needs_scans = pytest.mark.skipif(
    not can_read_scans(), reason="the extra that reads scans is not here: script/setup --scans"
)


def _expected(name: str) -> dict[str, tuple[Any, str]]:
    text = (FOLDER / "containers" / f"{name}.cells.json").read_text(encoding="utf-8")
    return {key: (value, state) for key, (_, value, state) in json.loads(text, parse_float=Decimal).items()}


def _differences(report: Report, expected: dict[str, tuple[Any, str]]) -> dict[str, tuple[Any, str, str]]:
    """The cells on the picture that are not as expected, as value, state and print."""
    return {
        key: (cell.value, cell.state.value, cell.raw)
        for key, cell in report.cells.items()
        if cell.state is not CellState.ABSENT and (cell.value, cell.state.value) != expected[key]
    }


def _picture(name: str) -> bytes:
    return (FOLDER / "scans" / name).read_bytes()


def pages_of_numbers() -> list[bytes]:
    """A skewed scan of the two pages of a report."""
    return [_picture("numbered_2022_page_1.jpg"), _picture("numbered_2022_page_2.jpg")]


_READ: dict[bytes, tuple[PrintedPage, Any]] = {}


@pytest.fixture
def pages_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed on a picture is found once for all tests: to recognise a page takes ten seconds."""
    from parsers.documents import scan_page

    def read_once(picture: Any, number: int) -> tuple[PrintedPage, Any]:
        key = hashlib.sha256(picture.tobytes()).digest()
        if key not in _READ:
            _READ[key] = read_page(picture, number)
        page, view = _READ[key]
        return replace(page, number=number), view

    read_page = scan_page.read_page
    monkeypatch.setattr(scan_page, "read_page", read_once)


@needs_scans
def test_a_skewed_scan_of_two_pages_of_numbers(pages_read_once: None) -> None:
    report = read_report(read_scan(pages_of_numbers(), JPEG))
    assert report.title == TITLE
    wrong = _differences(report, _expected("numbered_2022"))
    assert all(state == "unreadable" for _, state, _ in wrong.values()), wrong
    assert len(wrong) <= 2, wrong
    for cell in report.cells.values():
        assert cell.at
        assert cell.at.page == (1 if int(cell.raw) <= 1065 else 2)
        assert cell.at.box
        assert cell.at.confidence
    totals = [report.cells[f"section_three.{row}.total"].at for row in ("unable_no_info", "carried_forward")]
    boxes = [place.box for place in totals if place and place.box]
    assert boxes[0][0] == pytest.approx(0.91, abs=0.02)
    assert boxes[0][1] == pytest.approx(0.18, abs=0.03)
    assert boxes[1][1] == pytest.approx(0.64, abs=0.03)


@needs_scans
def test_pages_pasted_into_word_are_read_as_a_scan(pages_read_once: None) -> None:
    report = parse(in_word(TITLE, pictures=pages_of_numbers()))
    assert report.kind is DocumentKind.REPORT
    assert report.title == TITLE
    told = [cell for cell in report.cells.values() if cell.state is CellState.REPORTED]
    assert len(told) > 150
    assert {(cell.at.file, cell.at.page) for cell in told if cell.at} == {(PICTURES, 1), (PICTURES, 2)}
    assert all(cell.at and cell.at.confidence for cell in told)


@needs_scans
def test_pictures_on_a_page_are_read_as_one_document(pages_read_once: None) -> None:
    files = {f"W{number}.jpg": picture for number, picture in enumerate(pages_of_numbers(), 1)}
    page = f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>{{}}</body></html>"
    report = parse_page(page.format("".join(f'<img src="{name}">' for name in files)).encode(), files.get)
    assert report.kind is DocumentKind.REPORT
    assert report.report_year == 2022
    places = [cell.at for cell in report.cells.values() if cell.state is CellState.REPORTED and cell.at]
    assert len(places) > 180
    assert {(place.file, place.page) for place in places} == {(PICTURES, 1), (PICTURES, 2)}
    assert all(place.box and place.confidence for place in places)


def _spans(rules: Iterable[Rule]) -> list[list[tuple[int, int, int, int, bool]]]:
    """The cells of each table that rules draw, without where they lie."""
    return [[(*cell[:4], cell.torn) for cell in table.cells] for table in tables_of(rules)]


@needs_scans
@pytest.mark.parametrize(
    ("path", "number", "resolution", "skew", "noise", "contrast"),
    [
        pytest.param(FOLDER / "containers" / "department_2023.pdf", 3, 150, 0, 0, 1, id="thin-rules"),
        pytest.param(FOLDER / "containers" / "department_2023.pdf", 4, 200, 0, 0, 1, id="rules-of-one-pixel"),
        pytest.param(FOLDER / "containers" / "town_2020.pdf", 3, 300, 0, 0, 0.45, id="pale-rules-made-thinner"),
        pytest.param(FOLDER / "containers" / "department_2023.pdf", 4, 150, -1.8, 25, 1, id="noise-joins-no-text"),
        pytest.param(REAL, 4, 110, 0.3, 0, 1, id="strokes-from-edge-to-edge-are-no-rule"),
    ],
)
def test_a_picture_of_a_page_has_the_cells_of_the_page(
    path: Path, number: int, resolution: int, skew: float, noise: float, contrast: float
) -> None:
    from parsers.documents import scan_image
    from tests.benchmarks.scan_accuracy import Damage, damaged, rendered

    if not path.exists():
        pytest.skip("the real report beside the project is not here")
    drawn = pages_of(path.read_bytes())[number - 1]
    assert isinstance(drawn, PrintedPage)
    damage = Damage("", resolution, skew, noise, contrast=contrast)
    picture = damaged(rendered(path, resolution)[number - 1], damage, number - 1)
    (page,) = scan_image.decode(picture, transparent=False, many=False)
    page, _ = scan_image.straightened(scan_image.to_resolution(page))
    points = 72 / scan_image.RESOLUTION
    found = [Rule(*(value * points for value in rule)) for rule in scan_image.rules(page)]
    assert _spans(found) == _spans(drawn.rules)


@needs_scans
def test_a_sealed_scan_upside_down() -> None:
    report = parse(_picture("town_2020_page_2.jpg"))
    assert report.form == "2019"
    wrong = _differences(report, _expected("town_2020"))
    # The seal lies over the last rows of table two.
    assert len([key for key in wrong if key.startswith("section_two.")]) <= 2
    assert all(state == "unreadable" for _, state, _ in wrong.values()), wrong
    assert sum(cell.state is CellState.REPORTED for cell in report.cells.values()) > 90
    place = report.cells["section_three.granted.total"].at
    assert place
    assert place.box
    # Where it stands on the picture as given: upside down, so at its left.
    assert place.box[0] < 0.1


@needs_scans
def test_a_see_through_screenshot_with_odd_prints() -> None:
    (grid,) = (
        block for block in read_image(_picture("odd_prints_2022_table.png")).blocks if isinstance(block, Grid)
    )
    rows = {row.own[0].text: row.own[1:] for row in grid.rows}
    issued, repealed, in_force = rows["规章"]
    assert issued.text == ""
    assert [cell.text for cell in rows["行政规范性文件"][:2]] == ["1003", "1004"]
    assert read_number(rows["行政规范性文件"][2].text).value == 22
    assert rows["行政许可"][0].text == "1,234"
    assert rows["行政强制"][0].text == "1008"
    # A slash, a dash and digits far apart are what a recogniser takes for numbers.
    for cell in (repealed, in_force, rows["行政处罚"][0]):
        reported = read_number(cell.text).state is CellState.REPORTED and not cell.doubt
        assert not reported or cell.text == "15", cell


@needs_scans
def test_several_pictures_are_one_report_and_an_empty_page_is_none() -> None:
    blank = _file("PNG", (300, 420))
    document = read_scan([blank, blank], JPEG)
    assert document.blocks == ()
    assert read_report(document).cells == {}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP"])
def test_sizes_are_told_by_the_header(kind: str) -> None:
    data = _file(kind, (123, 45))
    assert sizes(data) == [(123, 45)]
    assert sizes(data[:8]) == []


@needs_scans
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP"])
def test_every_kind_of_picture_has_the_reader(kind: str) -> None:
    data = _file(kind, (64, 64))
    assert reader_of(media_type_of(data)) is read_image
    assert read_image(data).blocks == ()


def test_the_pages_of_a_tiff() -> None:
    pages = [Image.new("L", (50 + number, 60), 255) for number in range(3)]
    file = io.BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:])
    assert sizes(file.getvalue()) == [(50, 60), (51, 60), (52, 60)]


def test_a_tiff_whose_chain_of_pages_turns_back_ends() -> None:
    entry = struct.pack("<HHII", 256, 4, 1, 10) + struct.pack("<HHII", 257, 4, 1, 20)
    data = b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", 2) + entry + struct.pack("<I", 8)
    assert sizes(data) == [(10, 20)]


def test_a_picture_that_unpacks_to_gigabytes_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "can_read_scans", lambda: True)
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 60_000, 60_000, 8, 2, 0, 0, 0)
    with pytest.raises(UnreadableDocument, match="尺寸过大"):
        read_image(header + b"\x00" * 100)


def test_more_pages_than_a_report_has_are_refused() -> None:
    if not can_read_scans():
        pytest.skip("the extra that reads scans is not here")
    with pytest.raises(UnreadableDocument, match="页"):
        read_scan([_file("PNG", (30, 30))] * (MOST_PAGES + 1), JPEG)


@needs_scans
def test_a_broken_picture_is_refused_in_one_line() -> None:
    data = _file("PNG", (300, 300))
    with pytest.raises(UnreadableDocument, match="损坏"):
        read_image(data[:40])


def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "can_read_scans", lambda: False)
    with pytest.raises(UnreadableDocument, match="script/setup --scans") as caught:
        read_image(_file("PNG", (300, 300)))
    assert "\n" not in str(caught.value)


def _file(kind: str, size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (255, 255, 255)).save(file, kind)
    return file.getvalue()


@needs_scans
@pytest.mark.parametrize("resolution", [96, 150, 200, 300])
def test_hairlines_of_a_clean_page_are_all_found(resolution: int) -> None:
    """Programs print rules of one pixel, whatever the resolution: no column may be lost; nothing is recognised."""
    from parsers.documents import scan_image

    sheet = pypdfium2.PdfDocument(FOLDER / "containers" / "numbered_2022.pdf")[1]
    page = sheet.render(scale=resolution / 72).to_numpy()
    found = scan_image.rules(scan_image.straightened(scan_image.to_resolution(page))[0])
    tables = tables_of([Rule(*rule) for rule in found])
    shapes = [
        (max(cell.end_row for cell in table.cells), max(cell.end_column for cell in table.cells))
        for table in tables
    ]
    assert shapes == [(17, 10), (4, 15)]
