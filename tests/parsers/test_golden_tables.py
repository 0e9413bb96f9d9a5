"""Damaged tables of tests/parsers/damage_tables: read right or flagged, never guessed."""

from pathlib import Path

import pytest

from tests.parsers.golden import check, documents

FOLDER = Path(__file__).parent / "damage_tables"


@pytest.mark.parametrize("document", documents(FOLDER), ids=lambda path: path.name)
def test_golden(document: Path) -> None:
    check(document)
