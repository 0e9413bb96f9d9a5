"""The database: created, migrated, and every way in which it cannot be used is one line."""

import json
import os
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from sqlalchemy import Text, cast, inspect, select, text

from monitor.store.assessments import put_rule_set, rule_sets
from monitor.store.database import Database, StoreError, _configuration, _known_revisions, open_database
from monitor.store.engines import as_json
from monitor.store.tables import Base, County, EntryRow, RuleSet
from tests.databases import address_in

both = pytest.mark.both_databases("core")


def opened(folder: Path, name: str = "var/nianbao.sqlite") -> Database:
    """A SQLite database in a folder."""
    return open_database(f"sqlite:///{name}", folder)


def given(folder: Path) -> Database:
    """An empty database of the kind that the test is given."""
    return open_database(address_in(folder, empty=True), folder)


def use(database: Database) -> None:
    """Anything that needs the database."""
    with database.reading():
        pass


def line_of(database: Database) -> str:
    """The one line with which the database refuses."""
    with pytest.raises(StoreError) as refused:
        use(database)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def _is_ours(name: str | None, *of: object) -> bool:
    """Whether a name is one of ours, not of the engine of jobs, which makes its tables itself."""
    return not (name or "").startswith("procrastinate_")


@both
def test_migrations_make_what_the_models_say(tmp_path: Path) -> None:
    database = given(tmp_path)
    assert database.migrate()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "compare_server_default": True, "include_name": _is_ours},
        )
        assert compare_metadata(context, Base.metadata) == []
        found = inspect(connection)
        columns = {
            name: {column["name"]: column["nullable"] for column in found.get_columns(name)}
            for name in found.get_table_names()
            if name != "alembic_version" and _is_ours(name)
        }
    assert columns == {
        table.name: {column.name: column.nullable for column in table.columns}
        for table in Base.metadata.tables.values()
    }


def test_the_names_of_the_files_are_the_revisions_that_alembic_knows() -> None:
    walked = ScriptDirectory.from_config(_configuration()).walk_revisions()
    assert [script.revision for script in walked] == list(reversed(_known_revisions()))


@both
def test_a_database_of_an_earlier_version_keeps_its_rows_and_takes_what_lists_say(tmp_path: Path) -> None:
    database = given(tmp_path)
    database.migrate()
    with database.engine.connect() as connection:
        config = _configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        connection.execute(
            text(
                "INSERT INTO run VALUES ('r', 'p', '990301', '2024-01-20', NULL, false, NULL, NULL, '{}', 1)",
            )
        )
        connection.execute(
            text(
                "INSERT INTO entry VALUES (1, 'p', 'nb', 'http://x.example/1.html', '年报', 'report', NULL,"
                " 'http://x.example/', 'r', '2024-01-20 00:00:00', 'r', '2024-01-20 00:00:00', 'd')"
            )
        )
        connection.commit()
    database.close()
    database = given(tmp_path)
    assert database.migrate()
    with database.reading() as session:
        (entry,) = session.query(EntryRow).all()
        assert (entry.title, entry.organ, entry.organ_code, entry.report_year) == ("年报", None, None, None)
        assert entry.digest == "d"


@both
def test_migrating_again_changes_nothing_and_keeps_everything(tmp_path: Path) -> None:
    database = given(tmp_path)
    database.migrate()
    with database.begin() as session:
        session.add(County(code="990301", name="东岭县"))
    assert not database.migrate()
    with database.reading() as session:
        assert session.get(County, "990301") is not None


def test_the_file_lies_beside_the_configuration_in_wal_mode(tmp_path: Path) -> None:
    opened(tmp_path).migrate()
    connection = sqlite3.connect(tmp_path / "var" / "nianbao.sqlite")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


@both
def test_a_new_file_has_large_pages_and_one_that_is_there_keeps_its_own(tmp_path: Path) -> None:
    opened(tmp_path, "new.sqlite").migrate()
    with sqlite3.connect(tmp_path / "old.sqlite") as old:
        old.execute("PRAGMA page_size = 4096")
        old.execute("CREATE TABLE gone (id)")
        old.execute("DROP TABLE gone")
    earlier = opened(tmp_path, "old.sqlite")
    earlier.migrate()
    use(earlier)
    sizes = [
        sqlite3.connect(tmp_path / name).execute("PRAGMA page_size").fetchone()[0]
        for name in ("new.sqlite", "old.sqlite")
    ]
    assert sizes == [16_384, 4096]


def test_the_scheduler_finds_its_table_as_it_makes_it_itself(tmp_path: Path) -> None:
    database = given(tmp_path)
    database.migrate()
    wanted = SQLAlchemyJobStore(engine=database.engine).jobs_t
    ours = Base.metadata.tables["apscheduler_jobs"]
    assert {column.name: repr(column.type) for column in ours.columns} == {
        column.name: repr(column.type) for column in wanted.columns
    }


def test_a_database_that_is_not_there_names_init(tmp_path: Path) -> None:
    line = line_of(opened(tmp_path))
    assert "nianbao init" in line
    assert not (tmp_path / "var").exists()


def test_an_empty_file_names_init(tmp_path: Path) -> None:
    (tmp_path / "empty.sqlite").touch()
    assert "nianbao init" in line_of(opened(tmp_path, "empty.sqlite"))


@pytest.mark.parametrize("migrating", [True, False])
def test_a_newer_database_is_left_alone(tmp_path: Path, migrating: bool) -> None:
    database = opened(tmp_path)
    database.migrate()
    # Closed here, or whenever the collector comes by its last connection writes to the file.
    database.close()
    file = tmp_path / "var" / "nianbao.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = file.read_bytes()
    database = opened(tmp_path)
    with pytest.raises(StoreError, match="升级 Nianbao"):
        database.migrate() if migrating else use(database)
    database.close()
    assert file.read_bytes() == before


@pytest.mark.parametrize("migrating", [True, False])
def test_files_that_are_no_database_of_ours(tmp_path: Path, migrating: bool) -> None:
    (tmp_path / "text").write_text("not a database " * 100)
    with sqlite3.connect(tmp_path / "other.sqlite") as connection:
        connection.execute("CREATE TABLE somebody (else_ TEXT)")
    connection.close()
    (tmp_path / "folder").mkdir()
    for name, said in (
        ("text", "不是数据库文件"),
        ("other.sqlite", "不是 Nianbao 的数据库"),
        ("folder", "是一个目录"),
    ):
        database = opened(tmp_path, name)
        with pytest.raises(StoreError, match=said):
            database.migrate() if migrating else use(database)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_no_permission(tmp_path: Path) -> None:
    opened(tmp_path).migrate()
    (tmp_path / "var" / "nianbao.sqlite").chmod(0)
    assert "权限" in line_of(opened(tmp_path))


def test_an_address_that_is_none() -> None:
    for url in ("nonsense", "nosuch://x/y"):
        with pytest.raises(StoreError, match="sqlite:///"):
            use(open_database(url, Path.cwd()))


@both
def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    database = given(tmp_path)
    database.migrate()

    def fail() -> None:
        with database.begin() as session:
            session.add(County(code="990301", name="东岭县"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.reading() as session:
        assert session.get(County, "990301") is None


@both
def test_two_writers_wait_for_each_other(tmp_path: Path) -> None:
    database = given(tmp_path)
    database.migrate()

    def write(first: int) -> None:
        for number in range(first, first + 20):
            with database.begin() as session:
                session.add(County(code=f"{number:06}", name=str(number)))

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.query(County).count() == 60


@both
def test_a_reader_sees_one_state_while_somebody_writes(tmp_path: Path) -> None:
    database = given(tmp_path)
    database.migrate()
    with database.reading() as reader:
        assert reader.query(County).count() == 0
        with database.begin() as writer:
            writer.add(County(code="990301", name="东岭县"))
        assert reader.query(County).count() == 0
    with database.reading() as reader:
        assert reader.query(County).count() == 1


def test_chinese_text_takes_no_escapes_in_json_columns() -> None:
    assert as_json({"message": "第一行\n不等", "values": [1, 2.5, None]}) == (
        '{"message":"第一行\\n不等","values":[1,2.5,null]}'
    )
    half = {"half": "数\ud800"}
    assert as_json(half).encode(), "no database takes half a surrogate as text"
    assert json.loads(as_json(half)) == half


@both
def test_json_is_kept_without_escapes_and_read_whole(tmp_path: Path) -> None:
    database = given(tmp_path)
    database.migrate()
    versions = {"规则": "一\ud800", "另一": "二"}
    with database.begin() as session:
        put_rule_set(session, "plain", {"规则": "一"})
        put_rule_set(session, "half", versions)
    with database.reading() as session:
        assert rule_sets(session) == {"plain": {"规则": "一"}, "half": versions}
        kept = session.scalar(select(cast(RuleSet.versions, Text)).where(RuleSet.digest == "plain"))
    assert kept == '{"规则":"一"}'
    database.close()
