"""Damaged documents of tests/parsers/damage: read right or flagged, never guessed."""

from pathlib import Path

import pytest

from tests.parsers.golden import check, documents

FOLDER = Path(__file__).parent / "damage"


@pytest.mark.parametrize("document", documents(FOLDER), ids=lambda path: path.name)
def test_golden(document: Path) -> None:
    check(document)
