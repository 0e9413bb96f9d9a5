"""All rows of the record as lines of JSON, the same from SQLite and PostgreSQL, and back into an empty database.

The first line tells the revision of the tables; each table begins with its columns and their kinds, then come its
rows; the last line tells how many rows each table has. Rows are read in one state of the database, in the order of
their primary keys.

Left out is what belongs to the running programs alone: jobs and slots, which the scheduler makes anew (no restored
file should bring calls to life), log-ins that last, failed ones, and counted requests; and which archive of
captures is the record's own, for a restored one is another.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    cast,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator, TypeEngine

from monitor.store.engines import POSTGRESQL
from monitor.store.tables import AwareDateTime, Base, ReportVersion, Sighting

LEFT_OUT = frozenset(
    {
        *("apscheduler_jobs", "archive_mark", "job", "visit_slot"),
        *("user_session", "failed_log_in", "request_count", "used_sign_on"),
    }
)
_AT_ONCE = 1000


class DumpError(ValueError):
    """The lines are not a whole record; the message says where it broke off."""


def kept_tables() -> list[Table]:
    """The tables whose rows are kept, those that others refer to first."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def dump(session: Session, revision: str, write: Callable[[bytes], object]) -> dict[str, int]:
    """Writes everything, line by line; gives the number of rows of each table."""
    write(_line({"revision": revision}))
    rows: dict[str, int] = {}
    for table in kept_tables():
        kinds = [(str(column.name), _kind(column.type)) for column in table.columns]
        write(_line({"table": str(table.name), "columns": kinds}))
        binary = [place for place, (_, kind) in enumerate(kinds) if kind == "bytes"]
        number = 0
        for row in _rows(session, table):
            values = list(row)
            for place in binary:
                if values[place] is not None:
                    values[place] = base64.b64encode(values[place]).decode("ascii")
            write(orjson.dumps(values) + b"\n")
            number += 1
        rows[str(table.name)] = number
    write(_line({"rows": rows}))
    return rows


def load(connection: Connection, lines: Iterable[bytes]) -> dict[str, int]:
    """Puts the rows into empty tables of the revision that the lines tell; gives the number of each table's rows.

    Raises DumpError where the lines are not whole; the transaction is then not to be committed.
    """
    rows: dict[str, int] = {}
    table: Table | None = None
    waiting: list[dict[str, Any]] = []
    readers: list[tuple[str, Callable[[Any], Any] | None]] = []
    told: Mapping[str, int] | None = None
    for line in lines:
        content = _read(line)
        if isinstance(content, dict):
            _put(connection, table, waiting)
            if "table" in content:
                table, readers = _target(connection, content)
                rows[table.name] = 0
            elif "rows" in content:
                told = content["rows"]
        elif table is None:
            raise DumpError("a row stands before any table")
        else:
            waiting.append(
                {
                    name: value if read is None or value is None else read(value)
                    for (name, read), value in zip(readers, content, strict=True)
                }
            )
            rows[table.name] += 1
            if len(waiting) >= _AT_ONCE:
                _put(connection, table, waiting)
    if told is None:
        raise DumpError("the end is missing")
    if told != rows:
        raise DumpError("rows are missing")
    _go_on_counting(connection, rows)
    return rows


def revision_of(line: bytes) -> str:
    """The revision that the first line tells. Raises DumpError."""
    content = _read(line)
    if not isinstance(content, dict) or not isinstance(content.get("revision"), str):
        raise DumpError("the first line tells no revision")
    return str(content["revision"])


def empty(connection: Connection, names: Collection[str]) -> bool:
    """Whether none of the tables of these names has a row that would be kept."""
    return not any(
        connection.execute(select(text("1")).select_from(table).limit(1)).first()
        for table in kept_tables()
        if table.name in names
    )


def captures_in_use(session: Session) -> Iterator[str]:
    """The digests of the captures that reports, findings and alerts were read from."""
    for column in (ReportVersion.sha256, Sighting.sha256):
        yield from session.scalars(select(column).distinct())


_KINDS: tuple[tuple[type[TypeEngine[Any]] | type[TypeDecorator[Any]], str], ...] = (
    (AwareDateTime, "moment"),
    (JSON, "json"),
    (LargeBinary, "bytes"),
    (Boolean, "boolean"),
    (Date, "day"),
    (Float, "real"),
    (Integer, "integer"),
    (String, "text"),
)


def _kind(type_: TypeEngine[Any]) -> str:
    for known, kind in _KINDS:
        if isinstance(type_, known):
            return kind
    if isinstance(type_, TypeDecorator):
        return _kind(type_.impl_instance)
    raise TypeError(f"no kind for columns of {type_!r}")


def _rows(session: Session, table: Table) -> Iterator[Any]:
    # JSON comes as the text that stands there: nothing is read and written anew.
    columns = [cast(column, Text) if isinstance(column.type, JSON) else column for column in table.columns]
    query = select(*columns).order_by(*table.primary_key.columns)
    return iter(session.connection().execute(query.execution_options(yield_per=_AT_ONCE)))


def _line(content: Mapping[str, Any]) -> bytes:
    return orjson.dumps(content) + b"\n"


def _read(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except ValueError:
        raise DumpError("a line is not JSON") from None


def _target(
    connection: Connection, content: Mapping[str, Any]
) -> tuple[Table, list[tuple[str, Callable[[Any], Any] | None]]]:
    """The table as the lines describe it: it may be of an earlier revision than this program's."""
    postgresql = connection.dialect.name == POSTGRESQL
    types: dict[str, TypeEngine[Any]] = {
        "moment": AwareDateTime(),
        "json": JSON(none_as_null=True) if postgresql else Text(),
        "bytes": LargeBinary(),
        "boolean": Boolean(),
        "day": Date(),
        "real": Float(),
        "integer": BigInteger(),
        "text": Text(),
    }
    readers: dict[str, Callable[[Any], Any]] = {
        "moment": datetime.fromisoformat,
        "day": date.fromisoformat,
        "bytes": base64.b64decode,
    }
    if postgresql:
        readers["json"] = _json_value
    try:
        kinds = [(str(name), str(kind)) for name, kind in content["columns"]]
        table = Table(str(content["table"]), MetaData(), *(Column(name, types[kind]) for name, kind in kinds))
    except (KeyError, TypeError, ValueError):
        raise DumpError("a table is not described as it should be") from None
    return table, [(name, readers.get(kind)) for name, kind in kinds]


def _json_value(kept: str) -> Any:
    # Not by orjson, which takes no halves of surrogates.
    value = json.loads(kept)
    return JSON.NULL if value is None else value


def _put(connection: Connection, table: Table | None, waiting: list[dict[str, Any]]) -> None:
    if table is not None and waiting:
        connection.execute(insert(table), waiting)
        waiting.clear()


def _go_on_counting(connection: Connection, tables: Iterable[str]) -> None:
    """Lets PostgreSQL number the next rows behind those that came with their numbers; SQLite does by itself."""
    if connection.dialect.name != POSTGRESQL:
        return
    for name in tables:
        table = Base.metadata.tables.get(name)
        if table is None or "id" not in table.columns or _kind(table.c.id.type) != "integer":
            continue
        if sequence := connection.scalar(select(func.pg_get_serial_sequence(name, "id"))):
            last = connection.scalar(select(func.max(table.c.id)))
            if last is not None:
                connection.execute(select(func.setval(sequence, last)))
