"""One served record for all tests of the API."""

from collections.abc import Iterator

import pytest

from monitor.store.engines import SQLITE
from tests.databases import using
from tests.monitor.api.office import Office, served


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with using(SQLITE), served(tmp_path_factory.mktemp("api")) as one:
        yield one
