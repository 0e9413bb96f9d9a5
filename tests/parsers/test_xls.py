"""Workbooks of Excel 97 to 2003: what the sheets print is read, and nothing else."""

import random
from contextlib import suppress
from pathlib import Path

import pytest

from parsers.documents.model import Document, Grid, GridCell
from parsers.documents.xls import read_xls
from parsers.schema import UnreadableDocument
from tests.parsers.test_containers import FOLDER
from tests.parsers.workbooks.make import FORMATS

PRINTS = (Path(__file__).parent / "workbooks" / "prints.xls").read_bytes()
# The options of a sheet's window: its bit 0x10 shows zeros.
WINDOW = b"\x3e\x02\x12\x00"


def sheets(document: Document) -> list[list[list[GridCell]]]:
    """The cells that begin in each row of each sheet."""
    return [[list(row.own) for row in block.rows] for block in document.blocks if isinstance(block, Grid)]


@pytest.mark.parametrize("row", range(len(FORMATS)), ids=lambda row: f"{FORMATS[row][0]} {FORMATS[row][1]}")
def test_a_number_prints_as_its_format_says(row: int) -> None:
    cell = sheets(read_xls(PRINTS))[0][row][1]
    assert (cell.text, cell.doubt) == (FORMATS[row][2], "")


def test_what_is_hidden_struck_out_or_raised_is_in_doubt() -> None:
    looks = sheets(read_xls(PRINTS))[1]
    assert [(cell.text, bool(cell.doubt)) for cell in looks[1]] == [
        ("21", False), ("22", True), ("102", True), ("1", False), ("25", True)
    ]  # fmt: skip
    assert all(cell.doubt for cell in looks[2])
    assert [bool(row[-1].doubt) for row in looks] == [True] * 5


def test_merged_cells_cover_what_is_under_them() -> None:
    looks = sheets(read_xls(PRINTS))[1]
    assert [cell[:5] for cell in looks[3][:2]] == [("41", 3, 0, 5, 2), ("43", 3, 2, 4, 3)]
    assert [cell.text for cell in looks[4]] == ["53", "54", "55"]


def test_a_sheet_that_hides_zeros_prints_none() -> None:
    assert sheets(read_xls(PRINTS))[2][0][1].text == "0"
    options = PRINTS.index(WINDOW, PRINTS.index(WINDOW, PRINTS.index(WINDOW) + 1) + 1) + len(WINDOW)
    hiding = PRINTS[:options] + bytes([PRINTS[options] & ~0x10]) + PRINTS[options + 1 :]
    assert [[cell.text for cell in row] for row in sheets(read_xls(hiding))[2]] == [
        ["甲", "", "末"], ["乙", "7", "末"]
    ]  # fmt: skip


def test_a_hidden_sheet_is_not_read() -> None:
    document = read_xls(PRINTS)
    assert len(sheets(document)) == 3
    assert [lint.code for lint in document.lints] == ["hidden-sheet"]


def test_a_truncated_workbook_is_one_readable_line() -> None:
    data = (FOLDER / "town_2020.xls").read_bytes()
    for length in (600, 3000, 9000, len(data) - 600):
        with pytest.raises(UnreadableDocument, match="损坏"):
            read_xls(data[:length])


@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_workbook_is_read_or_refused_in_silence(seed: int, capfd: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        data = bytearray(PRINTS)
        for _ in range(chance.choice((1, 2, 5, 20))):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(1, 4)] = chance.randbytes(chance.randrange(4))
        with suppress(UnreadableDocument):
            read_xls(bytes(data))
    assert capfd.readouterr() == ("", "")
