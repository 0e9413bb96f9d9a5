"""Every cell of our own reports, read from every container: value, state and nothing else."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from parsers.documents.container import media_type_of, reader_of
from parsers.documents.model import TEXT
from parsers.reading import parse
from parsers.schema import DocumentKind

FOLDER = Path(__file__).parent / "containers"
FILES = sorted(
    path
    for path in FOLDER.iterdir()
    if path.with_suffix(".cells.json").exists()
    and (media_type_of(path.read_bytes()) == TEXT or reader_of(media_type_of(path.read_bytes())))
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_cell(path: Path) -> None:
    report = parse(path.read_bytes(), name=path.name)
    expected = json.loads(path.with_suffix(".cells.json").read_text(encoding="utf-8"), parse_float=Decimal)
    assert report.kind is DocumentKind.REPORT
    found = {key: (cell.value, cell.state.value) for key, cell in report.cells.items()}
    assert found == {key: (value, state) for key, (_, value, state) in expected.items()}
    assert all(section.present for section in report.sections.values())
    assert report.report_year == int(path.stem[-4:])
