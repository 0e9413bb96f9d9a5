"""A database of every earlier version: brought up to this one it has all its rows, and they can be read."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    insert,
    select,
)

from monitor.accounts.users import NO_USER
from monitor.store.database import Database, _configuration, _known_revisions, open_database
from monitor.store.engines import POSTGRESQL
from monitor.store.tables import AuditRow, Base
from tests.databases import address_in, using
from tests.monitor.cli.command import nianbao, working_in

EARLIER = _known_revisions()[:-1]
MOMENT = datetime(2024, 2, 3, 1, 2, 3, tzinfo=UTC)
CLEARED = {"0015": {"similar_pair", "compared_text"}, "0028": {"failed_log_in"}}
"""Tables that a migration empties, because everything in them is made anew, or is soon forgotten anyway."""
MADE_FROM_OTHERS = {"search_name"}
"""Tables that a migration fills from others, with more rows than these."""
ASKED_AGAIN = ("county_assessment", "grounds")
"""What migrations forget so that the next assessment looks at every county."""

Rows = dict[str, dict[str, Any]]


def given(folder: Path) -> Database:
    """The database of a folder."""
    return open_database(address_in(folder, empty=True), folder)


def of_revision(folder: Path, revision: str) -> Rows:
    """Makes the tables of a revision with a row in each; gives the rows by table."""
    engine = given(folder)._unchecked
    with engine.connect() as connection:
        config = _configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        rows: Rows = {}
        for table in tables_in(connection).sorted_tables:
            rows[table.name] = {column.name: value_for(column, rows, engine.name) for column in table.columns}
            connection.execute(insert(table), rows[table.name])
        connection.commit()
    engine.dispose()
    return rows


def tables_in(connection: Connection, names: Collection[str] = ()) -> MetaData:
    """The tables as they are in the database: those of these names, or all but Alembic's own."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in names if names else name != "alembic_version")
    return found


def value_for(column: Column[Any], rows: Mapping[str, Mapping[str, Any]], engine: str) -> Any:
    """Something that fits into a column, and into the rows that it refers to."""
    kind = column.type
    for key in column.foreign_keys:
        return rows[key.column.table.name][key.column.name]
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer):
        return 2024 if "year" in column.name else 1
    if isinstance(kind, Float):
        return 0.5
    if isinstance(kind, DateTime):
        return MOMENT if engine == POSTGRESQL else MOMENT.replace(tzinfo=None)
    if isinstance(kind, Date):
        return date(2024, 2, 3)
    if isinstance(kind, LargeBinary):
        return b"\x00\x01" + column.table.name.encode()
    if isinstance(kind, JSON):
        return {"数": [1, None]}
    if column.name in ("code", "county_code", "organ_code"):
        return "990301"
    return f"数{column.table.name}.{column.name}"[: getattr(kind, "length", None)]


def check(folder: Path, revision: str, before: Rows) -> None:
    """Every row is there with everything that its table still has, and the models of today read it."""
    database = given(folder)
    cleared = {table for at, tables in CLEARED.items() if at > revision for table in tables}
    with database.reading() as session:
        after = tables_in(session.connection(), before).tables
        for name, row in before.items():
            table: Table = after[name]
            found = [dict(one) for one in session.execute(select(table)).mappings()]
            if name in cleared:
                assert found == []
            else:
                (one,) = found
                kept = [column for column in row if column in one and (name, column) != ASKED_AGAIN]
                assert {column: one[column] for column in kept} == {column: row[column] for column in kept}
        for model in Base.metadata.sorted_tables:
            if model.name not in MADE_FROM_OTHERS:
                assert len(session.execute(select(model)).all()) <= 1
    database.close()


def upgraded(folder: Path, revision: str) -> None:
    """From a revision to this one."""
    before = of_revision(folder, revision)
    assert len(before) >= 15
    database = given(folder)
    assert database.condition() == "outdated"
    assert database.migrate()
    assert database.condition() == "ready"
    database.close()
    check(folder, revision, before)


@pytest.mark.parametrize("revision", EARLIER)
def test_from_every_earlier_version(tmp_path: Path, revision: str) -> None:
    upgraded(tmp_path, revision)


def test_typed_names_of_nobody_are_forgotten(tmp_path: Path) -> None:
    of_revision(tmp_path, "0027")
    database = given(tmp_path)
    with database._unchecked.begin() as connection:
        tables = tables_in(connection, ("user_account", "audit_entry")).tables
        user = connection.execute(select(tables["user_account"])).mappings().one()["name"]
        entry = dict(connection.execute(select(tables["audit_entry"])).mappings().one())
        tried = [(user, "log_in.failed"), ("hunter2", "log_in.failed"), ("hunter2", "user.added")]
        rows = [
            {**entry, "id": 10 + n, "who": name, "subject": name, "what": what}
            for n, (name, what) in enumerate(tried)
        ]
        connection.execute(insert(tables["audit_entry"]), rows)
    database.migrate()
    with database.reading() as session:
        told = session.execute(
            select(AuditRow.who, AuditRow.subject).where(AuditRow.id >= 10).order_by(AuditRow.id)
        )
        assert [tuple(one) for one in told] == [(user, user), (NO_USER, NO_USER), ("hunter2", "hunter2")]
    database.close()


@pytest.mark.parametrize("revision", [EARLIER[0], "0009", EARLIER[-1]])
def test_from_the_first_one_in_the_middle_and_the_last_on_postgresql(tmp_path: Path, revision: str) -> None:
    with using(POSTGRESQL):
        upgraded(tmp_path, revision)


@pytest.mark.both_databases
def test_init_on_an_older_database_brings_it_up_and_says_so(tmp_path: Path) -> None:
    before = of_revision(tmp_path, "0007")
    (tmp_path / "nianbao.toml").write_text(
        f'[store]\ndatabase = "{address_in(tmp_path, empty=True)}"\n', encoding="utf-8"
    )
    with working_in(tmp_path):
        assert "nianbao init" in nianbao("notify").problem
        said = nianbao("init")
        assert (said.status, "已建立或升级" in said.out) == (0, True)
        check(tmp_path, "0007", before)
        assert nianbao("notify").status == 0
        assert "已是当前版本" in nianbao("init").out
