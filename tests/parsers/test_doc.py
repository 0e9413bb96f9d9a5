"""Word 97–2003 binary files: what is displayed is read, what is not is left out, and damage costs one line."""

import json
import struct
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import olefile
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.documents import office
from parsers.documents.container import media_type_of
from parsers.documents.doc import read_doc
from parsers.documents.doc_file import NotSure, read_pieces
from parsers.documents.doc_lists import Level, Numbering
from parsers.documents.doc_rows import shape_of
from parsers.documents.flow import Down
from parsers.documents.model import DOC, Document, Grid, Paragraph
from parsers.reading import read_report
from parsers.schema import UnreadableDocument

FOLDER = Path(__file__).parent / "word"
REPORT = Path(__file__).parent / "containers" / "odd_prints_2022.doc"
MODEST = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip


@pytest.fixture(autouse=True)
def _without_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests are the same whether LibreOffice is installed or not."""
    monkeypatch.setattr(office, "PROGRAMS", ())


def grids(document: Document) -> list[Grid]:
    """The tables of a document."""
    return [block for block in document.blocks if isinstance(block, Grid)]


def second_column(grid: Grid) -> list[tuple[str, bool]]:
    """Text and whether it is in doubt, of the second cell of each row."""
    return [(row.own[1].text, bool(row.own[1].doubt)) for row in grid.rows]


def changed(offset: int, value: bytes, stream: str = "WordDocument") -> bytes:
    """The report with some bytes of a stream changed; the file keeps its size."""
    data = REPORT.read_bytes()
    with olefile.OleFileIO(REPORT) as file:
        content = file.openstream(stream).read()
    start = data.index(content[:64])
    return data[: start + offset] + value + data[start + offset + len(value) :]


def test_headings_numbered_by_the_program_and_dragged_columns() -> None:
    document = read_doc((FOLDER / "dragged_2022.doc").read_bytes())
    report = read_report(document)
    expected = json.loads((FOLDER / "dragged_2022.cells.json").read_text(encoding="utf-8"), parse_float=Decimal)
    assert {key: (cell.value, cell.state.value) for key, cell in report.cells.items()} == {
        key: (value, state) for key, (_, value, state) in expected.items()
    }
    assert report.sections[2].heading == "二、主动公开政府信息情况"
    assert [(len(grid.rows), max(row.end_column for row in grid.rows)) for grid in grids(document)] == [
        (14, 4), (28, 10), (4, 15),
    ]  # fmt: skip


def test_what_is_not_displayed_is_left_out_and_notes_put_a_number_in_doubt() -> None:
    document = read_doc((FOLDER / "makes.doc").read_bytes())
    assert second_column(grids(document)[0]) == [
        ("12", False), ("5", True), ("67", True), ("9", False), ("102", True), ("\uf031", False),
        ("11\n12", False), ("11", False), ("？14", False), ("", False),
    ]  # fmt: skip
    assert document.title == "测试"


def test_prose_without_headers_footnotes_field_codes_and_its_line() -> None:
    document = read_doc((FOLDER / "makes.doc").read_bytes())
    prose = [(block.text, block.place.line) for block in document.blocks if isinstance(block, Paragraph)]
    assert prose == [("测试开始。", 1), ("链接文字", 2), ("合并", 3), ("嵌套", 4), ("外", 5), ("结束", 7)]


def test_merges_and_columns_a_hair_wide() -> None:
    grid = grids(read_doc((FOLDER / "makes.doc").read_bytes()))[1]
    merged = grid.rows[0].own[0]
    assert (merged.text, merged.end_row, merged.end_column) == ("A", 2, 1)
    assert [cell.text for cell in grid.rows[2].own] == ["E", "F", "G", "H"]
    assert [(cell.column, cell.end_column) for cell in grid.rows[3].own] == [(0, 3), (3, 4)]


def test_a_table_in_a_table_that_only_arranges_it() -> None:
    inner = grids(read_doc((FOLDER / "makes.doc").read_bytes()))[2]
    assert [[cell.text for cell in row.own] for row in inner.rows] == [["1", "2"], ["3", "4"], ["5", "6"]]
    assert inner.number == 3


def test_places_count_tables_rows_and_columns() -> None:
    cell = read_report(read_doc(REPORT.read_bytes())).cells["section_three.new_received.total"]
    assert cell.at is not None
    assert (cell.at.table, cell.at.row, cell.at.column) == (2, 4, 10)


# --- rows ------------------------------------------------------------------------------------------------------


def definition(edges: list[int], flags: list[int]) -> tuple[int, bytes]:
    """A sprmTDefTable."""
    body = bytes([len(flags)]) + struct.pack(f"<{len(edges)}h", *edges)
    body += b"".join(struct.pack("<H", flag) + b"\0" * 18 for flag in flags)
    return 0xD608, struct.pack("<H", len(body) + 1) + body


def test_edges_and_merges_of_a_row() -> None:
    shape = shape_of([definition([0, 100, 200, 300], [0x60, 0x20, 0])])
    assert shape.edges == (0, 100, 200, 300)
    assert shape.down == (Down.BEGINS, Down.GOES_ON, Down.NOT)


@pytest.mark.parametrize("codes", [[1, 2, 2, 1, 2], [2, 1, 1, 2, 1], [3, 1, 1, 3, 1]])
def test_cells_merged_across_in_both_codes(codes: list[int]) -> None:
    shape = shape_of([definition([0, 1, 2, 3, 4, 5], codes)])
    assert shape.across == (False, True, True, False, True)


def test_changes_behind_the_definition_of_a_row() -> None:
    row = definition([0, 100, 200], [0, 0])
    assert shape_of([row, (0x7621, struct.pack("<BBh", 1, 2, 50))]).edges == (0, 100, 150, 200, 300)
    assert shape_of([row, (0x5622, bytes((0, 1)))]).edges == (0, 100)
    assert shape_of([row, (0x7623, struct.pack("<BBh", 0, 1, 70))]).edges == (0, 70, 170)
    assert shape_of([row, (0x9601, struct.pack("<h", -30))]).edges == (-30, 70, 170)
    assert shape_of([row, (0x5624, bytes((0, 2)))]).across == (False, True)
    assert shape_of([row, (0x5624, bytes((0, 2))), (0x5625, bytes((0, 2)))]).across == (False, False)
    assert shape_of([row, (0xD62B, bytes((2, 1, 1)))]).down == (Down.NOT, Down.GOES_ON)


def test_rows_from_right_to_left_are_not_ours() -> None:
    with pytest.raises(NotSure):
        shape_of([definition([0, 1], [0]), (0x560B, struct.pack("<H", 1))])


# --- pieces, numbers -------------------------------------------------------------------------------------------


def piece_table(change: int, groups: list[bytes]) -> bytes:
    """A CLX with one piece and its change."""
    body = struct.pack("<IIHIH", 0, 5, 0, 1024, change)
    return b"".join(b"\1" + struct.pack("<H", len(group)) + group for group in groups) + (
        b"\2" + struct.pack("<I", len(body)) + body
    )


def test_a_fast_save_that_changes_tables_or_visibility_is_not_ours() -> None:
    bold = struct.pack("<HB", 0x0835, 1)
    hidden = struct.pack("<HB", 0x083C, 1)
    assert read_pieces(piece_table(0, []), 5)[0].wide
    assert read_pieces(piece_table(1, [bold]), 5)
    assert read_pieces(piece_table(0x55 << 1 | 1 << 8, []), 5)
    for change, groups in ((1, [hidden]), (0x5C << 1 | 1 << 8, [])):
        with pytest.raises(NotSure, match="快速保存"):
            read_pieces(piece_table(change, groups), 5)


def test_numbers_of_lists() -> None:
    numbering = Numbering(
        {1: [Level(1, 37, "\0、"), Level(1, 0, "（\1）"), Level(3, 0, "\0.\2")]}, [(1, {}, {}), (1, {0: 5}, {})]
    )
    found = [numbering.number(1, 0), numbering.number(1, 1), numbering.number(1, 1), numbering.number(1, 0)]
    assert found == ["一、", "（1）", "（2）", "二、"]
    assert numbering.number(1, 1) == "（1）"
    assert numbering.number(2, 0) == "五、"
    assert numbering.number(2, 0) == "六、"
    assert numbering.number(9, 0) == ""


# --- files that are not ours, damage ---------------------------------------------------------------------------


def test_a_password_is_named_and_no_other_program_is_asked() -> None:
    flags = struct.unpack_from("<H", REPORT.read_bytes(), REPORT.read_bytes().index(b"\xec\xa5\x01\x01") + 10)[0]
    with pytest.raises(UnreadableDocument, match=r"^文件有密码保护[^\n]*$"):
        read_doc(changed(10, struct.pack("<H", flags | 0x100)))


def test_an_older_word_needs_libreoffice() -> None:
    with pytest.raises(UnreadableDocument, match=r"^这是 Word 95 [^\n]*LibreOffice[^\n]*apt-get install[^\n]*$"):
        read_doc(changed(0, b"\xdc\xa5\x65\x00"))


def test_a_file_of_another_program_needs_libreoffice() -> None:
    data = REPORT.read_bytes().replace("WordDocument".encode("utf-16-le"), "MatOSTsomewo".encode("utf-16-le"))
    with pytest.raises(UnreadableDocument, match=r"Works[^\n]*LibreOffice"):
        read_doc(data)


def test_a_row_whose_cells_are_not_as_defined_is_not_guessed() -> None:
    data = REPORT.read_bytes()
    # One mark that ends a cell becomes a mark that ends a paragraph.
    marks = "1003\x07".encode("utf-16-le")
    assert marks in data or b"1003\x07" in data
    broken = data.replace(marks, "1003\r".encode("utf-16-le")).replace(b"1003\x07", b"1003\r")
    with pytest.raises(UnreadableDocument, match="LibreOffice"):
        read_doc(broken)


@pytest.mark.parametrize("length", [0, 8, 600, 5_000, 20_000, 50_000])
def test_a_file_that_is_cut_off(length: int) -> None:
    with pytest.raises(UnreadableDocument, match=r"^[^\n]+$"):
        read_doc(REPORT.read_bytes()[:length])


def test_properties_without_an_end_do_not_hold_up_the_text() -> None:
    with olefile.OleFileIO(REPORT) as file:
        (section,) = struct.unpack_from("<I", file.openstream("\x05SummaryInformation").read(), 44)
    document = read_doc(changed(section + 4, b"\xff\xff\xff\x7f", "\x05SummaryInformation"))
    assert len(grids(document)) == 3


def test_damaged_lists_take_nothing_from_the_text() -> None:
    document = read_doc(changed(0x2E2, b"\xff\xff\xff\x7f" * 2))
    assert len(grids(document)) == 3


def test_a_damaged_piece_table_is_damage() -> None:
    with pytest.raises(UnreadableDocument, match="损坏"):
        read_doc(changed(0x1A2, b"\xff\xff\xff\x7f" * 2))


@MODEST
@given(st.data())
def test_whatever_is_in_the_file_costs_one_line(data: st.DataObject) -> None:
    source = (FOLDER / data.draw(st.sampled_from(["makes.doc", "dragged_2022.doc"]))).read_bytes()
    changes = data.draw(
        st.lists(
            st.tuples(st.integers(0, len(source) - 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=20
        )
    )
    mutated = bytearray(source)
    for offset, value in changes:
        mutated[offset : offset + len(value)] = value
    with suppress(UnreadableDocument):
        read_doc(bytes(mutated[: len(source)]))


@pytest.mark.parametrize("mark", [b"\xffWPC", b"\xdb\xa5-\x00"])
def test_files_of_other_old_writers_are_told_by_their_mark(mark: bytes) -> None:
    data = mark + bytes(range(256)) * 8
    assert media_type_of(data) == DOC
    with pytest.raises(UnreadableDocument, match="LibreOffice"):
        read_doc(data)
