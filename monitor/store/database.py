"""The database: opened, checked, migrated. Everything that goes wrong here is one readable line.

Writers wait for each other instead of failing half-way; readers see one consistent state and never wait.
How that is done on SQLite and on PostgreSQL stands in :mod:`monitor.store.engines`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, Connection, Engine, column, inspect, make_url, select, table
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from monitor.language import N_, spoken_language, translate
from monitor.store import engine_schema
from monitor.store.engines import (
    COUNTING,
    POSTGRESQL,
    READING,
    SQLITE,
    WrongEncodingError,
    explain,
    make_engine,
    plain_reason,
    shown,
)

if TYPE_CHECKING:
    from alembic.config import Config

Item = TypeVar("Item")

_LOOK_SECONDS = 0.5
_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION_TABLE = "alembic_version"


class StoreError(Exception):
    """The database cannot be used; the message is one readable line with the remedy."""


class Condition(StrEnum):
    """How a database stands, in one word."""

    READY = "ready"
    ABSENT = "absent"
    EMPTY = "empty"
    OUTDATED = "outdated"
    NEWER = "newer"
    FOREIGN = "foreign"
    UNREACHABLE = "unreachable"

    @property
    def ready(self) -> bool:
        """Whether it can be worked with."""
        return self is Condition.READY


class Database:
    """The record. Opened at the first use, which checks that it is there and of this version."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._unchecked = make_engine(url)
        self._checked = False
        self.patience = 0.0
        """So many seconds a transaction waits for a service that does not answer, before it begins."""

    @property
    def engine(self) -> Engine:
        """The engine of a database that is there and of this version. Raises StoreError."""
        if not self._checked:
            self._check()
            self._checked = True
        return self._unchecked

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session in a transaction that may write; committed at the end of the block. Raises StoreError."""
        self._await()
        with _readable(self._url), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads, over one consistent state of the database. Raises StoreError."""
        self._await()
        engine = self.engine.execution_options(**{READING: True})
        with _readable(self._url), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def counting(self) -> Iterator[Session]:
        """A session for one small write that is no part of the record; it waits half a second at most.

        Raises StoreError, also where others write for longer.
        """
        engine = self.engine.execution_options(**{COUNTING: True})
        with _readable(self._url), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def _await(self) -> None:
        """Waits for the service as long as there is patience; what is wrong then is said by the first use."""
        until = monotonic() + self.patience
        while monotonic() < until:
            try:
                with self._unchecked.execution_options(**{READING: True}).connect():
                    return
            except OperationalError:
                sleep(_LOOK_SECONDS)

    def migrate(self) -> bool:
        """Creates the database or brings it up to this version; whether anything was to be done.

        Raises StoreError where that is not possible, or the database is newer than this program.
        """
        path = self._file()
        if path is not None:
            self._refuse_directory(path)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as problem:
                raise _store_error(
                    N_("不能为数据库 {database} 建立目录（{reason}）；请检查路径和权限"),
                    self._url,
                    reason=problem.strerror or type(problem).__name__,
                ) from None
        with _readable(self._url):
            state = self._state()
            changed = state != _head()
            if changed:
                self._refuse_state(state, migrating=True)
                self._bring_to("head")
            changed |= self._bring_engine_up()
        self._checked = True
        return changed

    def _bring_engine_up(self) -> bool:
        """The tables of the engine of jobs; whether anything was to be done."""
        if self._url.get_backend_name() != POSTGRESQL:
            return False
        with self._unchecked.begin() as connection:
            return engine_schema.bring_up(connection)

    @property
    def revision(self) -> str:
        """The revision of a database that is there and of this version. Raises StoreError."""
        self.engine  # noqa: B018 - looked at, so that what is wrong is said
        return _head()

    def is_vacant(self) -> bool:
        """Whether nothing is in it: no file, no tables, or ours without a row. Raises StoreError."""
        from monitor.store import dumps

        path = self._file()
        if path is not None:
            self._refuse_directory(path)
            if not path.exists():
                return True
        with _readable(self._url), self._unchecked.execution_options(**{READING: True}).connect() as connection:
            state = _state_of(connection)
            self._refuse_state(state, migrating=True)
            return dumps.empty(connection, inspect(connection).get_table_names())

    def fill(self, lines: Iterable[bytes]) -> dict[str, int]:
        """Puts what monitor.store.dumps.dump wrote into a vacant database, and brings that to this version.

        All rows or none; gives the number of each table's rows. Raises StoreError where it is not vacant or the
        lines are of a newer program, and DumpError where they are not whole.
        """
        from monitor.store import dumps

        if not self.is_vacant():
            raise _store_error(N_("数据库 {database} 里已有数据，未作任何改动"), self._url)
        rest = iter(lines)
        revision = dumps.revision_of(next(rest, b""))
        if revision not in _known_revisions():
            raise _store_error(
                N_("备份属于更新版本的 Nianbao（{state}），未作任何改动；请升级 Nianbao"),
                self._url,
                state=revision,
            )
        path = self._file()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        with _readable(self._url):
            state = self._state()
            # Tables without rows may be of any revision: those of the lines are wanted first.
            self._bring_to(revision, down=state is not None and state >= revision)
            with self._unchecked.begin() as connection:
                rows = dumps.load(connection, rest)
            self._bring_to("head")
            self._bring_engine_up()
        self._checked = True
        return rows

    def _bring_to(self, revision: str, *, down: bool = False) -> None:
        from alembic import command

        self._prefer_wal()
        with self._unchecked.connect() as connection:
            config = _configuration()
            config.attributes["connection"] = connection
            (command.downgrade if down else command.upgrade)(config, revision)
            connection.commit()

    def condition(self) -> Condition:
        """How it stands just now, looked at anew. Raises nothing: that it cannot be reached is a condition."""
        path = self._file()
        try:
            if path is not None and not path.is_file():
                return Condition.ABSENT
            with _readable(self._url):
                state = self._state()
        except (StoreError, DBAPIError, OSError):
            return Condition.UNREACHABLE
        if state == _head():
            return Condition.READY
        if state is None:
            return Condition.EMPTY
        if state == _FOREIGN:
            return Condition.FOREIGN
        return Condition.OUTDATED if state in _known_revisions() else Condition.NEWER

    @property
    def backend(self) -> str:
        """What kind of database it is (monitor.store.engines)."""
        return self._url.get_backend_name()

    @property
    def connection_arguments(self) -> dict[str, Any]:
        """What another driver needs to connect to the same PostgreSQL database as ours."""
        arguments = self._unchecked.dialect.create_connect_args(self._url)[1]
        return {name: value for name, value in arguments.items() if name != "context"}

    def close(self) -> None:
        """Lets go of the database."""
        self._unchecked.dispose()

    def _prefer_wal(self) -> None:
        """Lets readers and a writer work at once; the file remembers it."""
        if self._file() is not None:
            connection = self._unchecked.raw_connection()
            try:
                connection.cursor().execute("PRAGMA journal_mode = WAL")
            finally:
                connection.close()

    def _file(self) -> Path | None:
        name = self._url.database
        return Path(name) if self._url.get_backend_name() == SQLITE and name and name != ":memory:" else None

    def _state(self) -> str | None:
        with self._unchecked.execution_options(**{READING: True}).connect() as connection:
            return _state_of(connection)

    def _refuse_directory(self, path: Path) -> None:
        if path.is_dir():
            raise _store_error(
                N_("数据库 {database} 是一个目录；请在 [store] database 中写明其中的文件"), self._url
            )

    def _check(self) -> None:
        path = self._file()
        if path is not None:
            self._refuse_directory(path)
            try:
                there = path.exists()
            except OSError:
                there = True
            if not there:
                raise _store_error(N_("数据库 {database} 还不存在；请先运行 nianbao init"), self._url)
        with _readable(self._url):
            state = self._state()
        if state != _head():
            self._refuse_state(state, migrating=False)

    def _refuse_state(self, state: str | None, *, migrating: bool) -> None:
        """Raises StoreError unless a database in this state can be brought up to this version."""
        if state == _FOREIGN:
            text = (
                N_("{database} 不是 Nianbao 的数据库；请在 [store] database 中改用另一个文件")
                if self._url.get_backend_name() == SQLITE
                else N_("{database} 中已有别的程序的表；请另建一个数据库，改写 [store] database")
            )
            raise _store_error(text, self._url)
        if state is not None and state not in _known_revisions():
            raise _store_error(
                N_("数据库 {database} 属于更新版本的 Nianbao（{state}），未作任何改动；请升级 Nianbao"),
                self._url,
                state=state,
            )
        if not migrating:
            text = (
                N_("数据库 {database} 是空的；请先运行 nianbao init")
                if state is None
                else N_("数据库 {database} 是旧版本的；请先运行 nianbao init 升级，数据都会保留")
            )
            raise _store_error(text, self._url)


def open_database(url: str, folder: Path) -> Database:
    """The database of a SQLAlchemy address; the relative path of a SQLite file is relative to ``folder``.

    Nothing is opened yet: the first use does, and raises StoreError where the database is not there, of another
    version, or none of ours. Raises StoreError for an address that cannot be understood.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgres":
            parsed = parsed.set(drivername=POSTGRESQL)
        if parsed.drivername not in _DRIVERS:
            raise NoSuchModuleError(parsed.drivername)
        if parsed.get_backend_name() == SQLITE and parsed.database not in (None, "", ":memory:"):
            parsed = parsed.set(database=str((folder / str(parsed.database)).absolute()))
        return Database(parsed)
    except ImportError:
        raise StoreError(
            _say(N_("[store] database 写的是 PostgreSQL，但它的驱动 psycopg 没有装好；请再运行一次 script/setup"))
        ) from None
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise StoreError(
            _say(
                N_(
                    "[store] database 不是能用的数据库地址；请写成 sqlite:///var/nianbao.sqlite 或"
                    " postgresql://用户:密码@主机/数据库 这样的形式，密码中的特殊字符写成 %XX"
                ),
            )
        ) from None


def chunks(items: Sequence[Item], size: int = 500) -> Iterator[Sequence[Item]]:
    """The items in parts small enough for one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


_FOREIGN = "?"
_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")


def _configuration() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


@cache
def _known_revisions() -> tuple[str, ...]:
    """The revisions that a database may have, oldest first: migrations are one chain and named by their number.

    Told by the names of their files: to see that nothing is to be migrated needs no Alembic, which takes long to
    load. Read once: /readyz asks every few seconds, and what is installed does not change under a program.
    """
    return tuple(sorted(path.stem[1:5] for path in (_MIGRATIONS / "versions").glob("v[0-9][0-9][0-9][0-9]_*.py")))


def _head() -> str:
    if not _known_revisions():
        raise StoreError("the program has no migrations: install it anew")
    return _known_revisions()[-1]


def _state_of(connection: Connection) -> str | None:
    """The revision of a database; None where it is empty, ``?`` where it is somebody else's."""
    tables = inspect(connection).get_table_names()
    if _VERSION_TABLE not in tables:
        return _FOREIGN if tables else None
    revision: str | None = connection.scalar(select(column("version_num")).select_from(table(_VERSION_TABLE)))
    return revision


@contextmanager
def _readable(url: URL) -> Iterator[None]:
    """Turns what the database itself complains about into one readable line."""
    try:
        yield
    except DBAPIError as problem:
        text = " ".join(str(problem.orig).split())
        known = explain(problem.orig, text)
        if known is None:
            raise
        raise _store_error(known, url, reason=plain_reason(text)) from None
    except WrongEncodingError as problem:
        raise _store_error(
            N_("数据库 {database} 的编码是 {encoding}，存不下所有汉字；请用 UTF8 另建一个（createdb -E UTF8）"),
            url,
            encoding=problem.encoding,
        ) from None


def _store_error(text: str, url: URL, /, **values: Any) -> StoreError:
    return StoreError(_say(text, database=shown(url), **values))


def _say(text: str, /, **values: Any) -> str:
    return translate(text, spoken_language(), values)
