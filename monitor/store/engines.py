"""What differs between SQLite and PostgreSQL: how a connection is made, how a transaction begins, what went wrong.

On both a transaction that may write waits for the one before it and then goes through, and one that only reads
sees one state of the database and waits for nobody.
"""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from monitor.language import N_

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
BUSY_SECONDS = 60
"""How long a writer waits for another one."""
READING = "nianbao_reading"
"""Execution option of a connection whose transactions only read."""
COUNTING = "nianbao_counting"
"""Execution option of a connection whose transactions count something that is no part of the record."""
_PAGE_BYTES = 16_384
"""Of a new SQLite file: a packed report takes most of a page of 4 KB and leaves the rest of it empty. A file that
is there already keeps its own."""
COUNTING_MILLISECONDS = 500
"""How long a counter waits for another writer: who asks something is not kept waiting to be counted."""
_CONNECT_SECONDS = 10
_WRITER = 0x6E69616E62616F
"""The advisory lock that the one writer of a PostgreSQL database holds: the letters of our name. A lock of rows
would let two writers run side by side and one of them fail half-way; this one falls with the connection."""
_BEGIN = {
    (SQLITE, False): "BEGIN IMMEDIATE",
    (SQLITE, True): "BEGIN",
    (POSTGRESQL, False): f"SELECT pg_advisory_xact_lock({_WRITER})",
    (POSTGRESQL, True): "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
}
_POSTGRESQL_SETTINGS = (
    f"SET lock_timeout = '{BUSY_SECONDS}s'",
    "SET TIME ZONE 'UTC'",
    # A writer's machine that goes down without a word holds the others up for two minutes and not for hours.
    "SET tcp_keepalives_idle = 60",
    "SET tcp_keepalives_interval = 20",
    "SET tcp_keepalives_count = 3",
)


_SURROGATE = re.compile("[\ud800-\udfff]")


class WrongEncodingError(Exception):
    """A PostgreSQL database that does not hold every character; ``encoding`` is its own."""

    def __init__(self, encoding: str) -> None:
        super().__init__(encoding)
        self.encoding = encoding


def as_json(value: Any) -> str:
    """What a JSON column keeps: a Chinese character as itself, in half the room of an escape, without blanks.

    Halves of surrogates, which no database takes as text, stay escaped.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(value) if _SURROGATE.search(text) else text


def make_engine(url: URL) -> Engine:
    """The engine of an address; nothing is connected yet. Raises ImportError where the driver is not installed."""
    if url.get_backend_name() == SQLITE:
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, json_serializer=as_json)
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        known = {"connect_timeout": _CONNECT_SECONDS, "application_name": "nianbao", "client_encoding": "UTF8"}
        given = {name: value for name, value in known.items() if name not in url.query}
        engine = create_engine(url, connect_args=given, pool_pre_ping=True, json_serializer=as_json)
        event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "begin", _begin)
    return engine


def shown(url: URL) -> str:
    """An address as it may be printed: the path of a file, or the place of a database without any secret."""
    if url.get_backend_name() == SQLITE:
        return str(url.database)
    place = {name: value for name, value in url.query.items() if name in ("host", "port", "service")}
    return url.set(query=place).render_as_string(hide_password=True)


def explain(problem: BaseException | None, text: str) -> str | None:
    """What is wrong, as one line with ``{database}`` and ``{reason}``; None where that is not the database."""
    if isinstance(problem, sqlite3.DatabaseError):
        return next((said for words, said in _SQLITE_SAYS if any(word in text for word in words)), None)
    if problem is None:
        return None
    state = getattr(problem, "sqlstate", None)
    if state is None:
        return _without_state(problem, text)
    return _POSTGRESQL_SAYS.get(state) or _POSTGRESQL_SAYS.get(state[:2])


def plain_reason(text: str) -> str:
    """What the service said, without what stands before and behind it in the driver's words."""
    said = re.sub(r".*?\b(?:FATAL|ERROR|致命错误|错误):\s*", "", text)
    return re.split(r"\s(?:DETAIL|HINT|CONTEXT|LINE \d+):|\sIs the server running|\sMultiple connection", said)[0]


_FULL = N_("数据库 {database} 写不下了（{reason}）；请检查磁盘空间")
_BUSY = N_("数据库 {database} 正被另一个进程占用；请等它结束后再运行")
_DOWN = N_("连不上数据库服务 {database}（{reason}）；请检查服务是否在运行，地址和端口是否正确")
_LOST = N_("与数据库服务 {database} 的连接断了（{reason}）；没有写完的一步未作任何改动，请再运行一次")
_REFUSED = N_(
    "数据库服务 {database} 没有接受用户名或密码（{reason}）；请改正 [store] database，密码中的特殊字符要写成 %XX"
)
_NO_DATABASE = N_("数据库服务上没有数据库 {database}；请先建立它（createdb），再运行 nianbao init")
_NOT_ALLOWED = N_("数据库 {database} 没有给这个用户足够的权限（{reason}）；请让它成为这个数据库的所有者")
_TOO_MANY = N_("数据库服务 {database} 的连接已满（{reason}）；请稍后再运行")
_READ_ONLY = N_("数据库 {database} 现在只能读（{reason}）；请写明主库的地址")
_OTHER = N_("数据库 {database} 出错（{reason}）；请检查数据库服务")

_SQLITE_SAYS = (
    (("not a database",), N_("{database} 不是数据库文件；请在 [store] database 中改用另一个文件")),
    (("malformed",), N_("数据库 {database} 已损坏（{reason}）；请从备份恢复")),
    (("unable to open", "readonly"), N_("打不开或不能写数据库 {database}（{reason}）；请检查路径和权限")),
    (("locked",), _BUSY),
    (("full", "disk I/O"), _FULL),
)
_POSTGRESQL_SAYS = {
    "28": _REFUSED,
    "3D000": _NO_DATABASE,
    "42501": _NOT_ALLOWED,
    "55P03": _BUSY,
    "25006": _READ_ONLY,
    "53100": _FULL,
    "53300": _TOO_MANY,
    "08": _LOST,
    "57P": _LOST,
    "57P01": _LOST,
    "57P02": _LOST,
    "57P03": _DOWN,
    "53": _OTHER,
    "57": _OTHER,
    "58": _OTHER,
    "XX": _OTHER,
    "40": _OTHER,
}
"""By SQLSTATE or its class (PostgreSQL documentation, appendix A); all others are faults of this program."""


def _without_state(problem: BaseException, text: str) -> str | None:
    """The same of what the driver says without a SQLSTATE: that it could not connect, or is connected no more.

    The service speaks the language of its settings; what is in no word list is told as it is.
    """
    if type(problem).__name__ not in ("OperationalError", "ConnectionTimeout", "InterfaceError"):
        return None
    if re.search(r"authentication failed|认证失败|no password|fe_sendauth|pg_hba|role .* does not exist", text):
        return _REFUSED
    if re.search(r"database .* (?:does not exist|不存在)|数据库 .*不存在", text):
        return _NO_DATABASE
    if "permission denied for database" in text:
        return _NOT_ALLOWED
    if "too many" in text or "slots are reserved" in text:
        return _TOO_MANY
    if re.search(r"connection failed|connection is bad|resolve", text) or "Timeout" in type(problem).__name__:
        return _DOWN
    return _LOST if re.search(r"connection|server", text) else _OTHER


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Settings of every SQLite connection. Transactions are begun by :func:`_begin`, not by the driver."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.close()


def _prepare_postgresql(connection: Any, record: object) -> None:
    """Settings of every PostgreSQL connection. Raises WrongEncodingError."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise WrongEncodingError(str(encoding))
    connection.execute("; ".join(_POSTGRESQL_SETTINGS))
    connection.commit()


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(COUNTING, False):
        _begin_counting(connection)
        return
    reading = bool(connection.get_execution_options().get(READING, False))
    connection.exec_driver_sql(_BEGIN[connection.dialect.name, reading])


def _begin_counting(connection: Connection) -> None:
    """Waits for nobody for long, on PostgreSQL not even for who writes the record."""
    if connection.dialect.name != SQLITE:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{COUNTING_MILLISECONDS}ms'")
        return
    # Only beginning waits: whoever got in is the one writer, and readers hold nobody up.
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {COUNTING_MILLISECONDS}")
    try:
        connection.exec_driver_sql(_BEGIN[SQLITE, False])
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def insert_into(session: Session, table: Table) -> Any:
    """An INSERT that can say what becomes of rows that are there already: each database has a class of its own."""
    return (postgresql if session.get_bind().dialect.name == POSTGRESQL else sqlite).insert(table)
