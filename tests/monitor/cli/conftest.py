"""Every test of the command works in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store.engines import POSTGRESQL
from tests.databases import address_in
from tests.monitor.cli.command import working_in


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The working directory of the test: empty, and nothing of the machine's settings."""
    with working_in(tmp_path), pytest.MonkeyPatch.context() as patch:
        # What a whole module shares stands in its own settings.
        if engine == POSTGRESQL and "season" not in request.fixturenames:
            patch.setenv("NIANBAO_STORE__DATABASE", address_in(tmp_path, empty=True))
        yield tmp_path
