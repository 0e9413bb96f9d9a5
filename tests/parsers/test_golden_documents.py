"""Damaged documents of tests/parsers/damage: read right or flagged, never guessed."""

from pathlib import Path

import pytest

from parsers.reading import parse
from parsers.schema import CellState, UnreadableDocument
from tests.parsers.damage.make import VALUES
from tests.parsers.golden import check, documents

FOLDER = Path(__file__).parent / "damage"


@pytest.mark.parametrize("document", documents(FOLDER), ids=lambda path: path.name)
def test_golden(document: Path) -> None:
    check(document)


@pytest.mark.parametrize("document", documents(FOLDER), ids=lambda path: path.name)
def test_no_cell_has_another_number_than_printed(document: Path) -> None:
    """All of them print the same report, so no golden file can hold a wrong number unseen."""
    try:
        report = parse(document.read_bytes())
    except UnreadableDocument:
        return
    found = {key: str(cell.value) for key, cell in report.cells.items() if cell.state is CellState.REPORTED}
    assert found == {key: VALUES[key] for key in found}
    unreadable = [key for key, cell in report.cells.items() if cell.state is CellState.UNREADABLE]
    assert report.lints or not unreadable
