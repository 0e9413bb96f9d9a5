"""Every test of the command works in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.monitor.cli.command import working_in


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    """The working directory of the test: empty, and nothing of the machine's settings."""
    with working_in(tmp_path):
        yield tmp_path
