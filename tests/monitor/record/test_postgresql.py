"""PostgreSQL: what an administrator can get wrong is one line, and what SQLite takes is taken here too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from urllib.parse import quote

import pytest
from sqlalchemy import URL, insert, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from crawler.records import Capture, CaptureRole, Entry, EntryKind, RunStarted
from monitor.alerts import listing
from monitor.assess import assess
from monitor.store import crawls, engines, versions
from monitor.store.database import Database, StoreError, open_database
from monitor.store.tables import (
    LEAST,
    LONGEST_ADDRESS,
    MOST,
    CaptureRow,
    ColumnPassRow,
    County,
    EntryRow,
    Page,
    Run,
    Sighting,
)
from tests.databases import name_in, opened_in, server
from tests.monitor.cli.command import nianbao, working_in
from tests.monitor.record.making import OTHER_TOWN, TOWN, World, at, shown

PASSWORD = "s3cret/of:the@tests"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder, and a PostgreSQL server beside the tests."""
    server.start()
    return tmp_path


@pytest.fixture
def postgresql(place: Path) -> Iterator[Database]:
    """A migrated database on PostgreSQL."""
    database = open_database(new_address(place), place)
    database.migrate()
    yield database
    database.close()
    server.drop_all_but(1)


def new_address(folder: Path) -> str:
    """The address of an empty database of the test's own."""
    name = name_in(folder, "own")
    server.create(name)
    return server.url(name).render_as_string()


def line_of(address: str | URL, doing: Callable[[Database], object] = lambda database: database.engine) -> str:
    """The one line with which a database refuses; it never holds a password."""
    url = address if isinstance(address, str) else address.render_as_string(hide_password=False)
    with pytest.raises(StoreError) as refused:
        doing(open_database(url, Path()))
    line = str(refused.value)
    assert "\n" not in line
    assert PASSWORD not in line
    assert "s3cret" not in line
    return line


def test_no_server_listens(place: Path) -> None:
    address = URL.create("postgresql", "u", PASSWORD, "127.0.0.1", 1, "record", {"password": PASSWORD})
    line = line_of(address)
    assert "连不上数据库服务 postgresql://u:***@127.0.0.1:1/record" in line
    assert "Connection refused" in line
    assert "连不上数据库服务" in line_of(server.url("record").update_query_dict({"host": str(place)}))


def test_a_wrong_password_and_an_unknown_user(place: Path) -> None:
    server.execute("DROP ROLE IF EXISTS guarded")
    server.execute("CREATE ROLE guarded LOGIN PASSWORD 'another'")
    guarded = server.url("postgres", "guarded")
    assert "没有接受用户名或密码" in line_of(guarded.set(password=PASSWORD))
    assert "没有接受用户名或密码" in line_of(guarded)
    assert "没有接受用户名或密码" in line_of(server.url("postgres", "nobody_here"))


def test_a_database_that_was_never_made(place: Path) -> None:
    for doing in (Database.migrate, lambda database: database.engine):
        line = line_of(server.url("nowhere"), doing)
        assert "没有数据库" in line
        assert "createdb" in line


def test_a_user_who_may_not_make_tables(place: Path) -> None:
    server.execute("DROP ROLE IF EXISTS guest")
    server.execute("CREATE ROLE guest LOGIN")
    new_address(place)
    assert "权限" in line_of(server.url(name_in(place, "own"), "guest"), Database.migrate)


def test_an_empty_one_an_older_a_newer_and_somebody_elses(place: Path) -> None:
    address = new_address(place)
    assert "nianbao init" in line_of(address)
    server.execute("CREATE TABLE somebody (x text)", name_in(place, "own"))
    for doing in (Database.migrate, lambda database: database.engine):
        assert "别的程序的表" in line_of(address, doing)
    server.execute("DROP TABLE somebody", name_in(place, "own"))
    open_database(address, place).migrate()
    for version, said in (("0001", "旧版本"), ("9999", "升级 Nianbao")):
        server.execute(f"UPDATE alembic_version SET version_num = '{version}'", name_in(place, "own"))
        assert said in line_of(address)


def test_a_database_that_cannot_hold_every_character(place: Path) -> None:
    name = name_in(place, "latin")
    server.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    server.made.append(name)
    assert "UTF8" in line_of(server.url(name), Database.migrate)


def test_without_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    line = line_of(f"postgresql://u:{PASSWORD.replace('@', '%40').replace('/', '%2F')}@h/d")
    assert "psycopg" in line
    assert "script/setup" in line


@pytest.mark.parametrize(
    "address",
    ["mysql://u:s3cret@h/d", "postgresql+psycopg2://u:s3cret@h/d", "postgresql://u:s3cret/of@h/d", "postgresql"],
)
def test_addresses_that_are_none(address: str) -> None:
    assert "postgresql://" in line_of(address)


def test_the_short_scheme_means_the_same(postgresql: Database, place: Path) -> None:
    address = server.url(name_in(place, "own")).render_as_string().replace("postgresql:", "postgres:")
    assert not open_database(address, place).migrate()


def test_every_command_says_it_in_one_line(place: Path) -> None:
    with working_in(place):
        (place / "nianbao.toml").write_text(
            f'[store]\ndatabase = "postgresql://u:s3cret@/nowhere?host={place}"\n', encoding="utf-8"
        )
        for arguments in (("init",), ("ingest",), ("assess",), ("alerts", "list"), ("completeness",), ("notify",)):
            said = nianbao(*arguments)
            assert said.status == 1
            assert "连不上数据库服务" in said.problem
            assert "s3cret" not in said.err + said.out


def test_init_makes_the_tables_once(place: Path) -> None:
    address = new_address(place)
    with working_in(place):
        (place / "nianbao.toml").write_text(f'[store]\ndatabase = "{address}"\n', encoding="utf-8")
        first, again = nianbao("init"), nianbao("init")
        assert (first.status, first.err, again.status, again.err) == (0, "", 0, "")
        assert again.out.count("未改动") == 2
        assert nianbao("alerts", "list", "--format", "json").json == []


def test_init_prints_no_password_wherever_it_stands_in_the_address(place: Path) -> None:
    address = new_address(place) + f"&password={quote(PASSWORD, safe='')}&sslpassword=s3cret"
    with working_in(place):
        (place / "nianbao.toml").write_text(f'[store]\ndatabase = "{address}"\n', encoding="utf-8")
        for said in (nianbao("init"), nianbao("init")):
            assert said.status == 0
            assert "s3cret" not in said.out + said.err
            assert "数据库" in said.out


def test_a_connection_that_is_cut_is_one_line_and_nothing_was_written(postgresql: Database, place: Path) -> None:
    def write_and_be_cut() -> None:
        with postgresql.begin() as session:
            session.add(County(code="990301", name="东岭县"))
            session.flush()
            server.cut(name_in(place, "own"))
            session.execute(select(County.code))

    with pytest.raises(StoreError, match="连接断了"):
        write_and_be_cut()
    with postgresql.reading() as session:
        assert session.get(County, "990301") is None


def test_a_writer_that_waits_too_long_says_so(
    postgresql: Database, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = tuple(line.replace("60s", "300ms") for line in engines._POSTGRESQL_SETTINGS)
    monkeypatch.setattr(engines, "_POSTGRESQL_SETTINGS", quick)
    other = open_database(server.url(name_in(place, "own")).render_as_string(), place)
    with postgresql.begin() as session:
        session.add(County(code="990301", name="东岭县"))
        session.flush()
        started = monotonic()
        with pytest.raises(StoreError, match="正被另一个进程占用"), other.begin() as waiting:
            waiting.get(County, "990301")
        assert monotonic() - started < 10
        with other.reading() as reader:
            assert reader.get(County, "990301") is None
    other.close()


def test_two_that_migrate_at_once_make_the_tables_once(place: Path) -> None:
    address = new_address(place)
    (place / "nianbao.toml").write_text(f'[store]\ndatabase = "{address}"\n', encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    both = [
        subprocess.Popen([sys.executable, "-m", "monitor.cli", "init"], cwd=place, env=environment,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in "ab"
    ]  # fmt: skip
    for one in both:
        said = one.communicate(timeout=60)[0].decode()
        assert one.returncode == 0, said
    assert not open_database(address, place).migrate()


def test_a_fault_of_ours_is_not_laid_at_the_service(postgresql: Database) -> None:
    with pytest.raises(ProgrammingError), postgresql.reading() as session:
        session.execute(text("SELECT nothing FROM nowhere"))


def test_a_reader_cannot_write(postgresql: Database) -> None:
    with pytest.raises(StoreError, match="只能读"), postgresql.reading() as session:
        session.execute(insert(County), [{"code": "990301", "name": "东岭县"}])


def test_what_the_service_says_is_told_without_the_drivers_words() -> None:
    said = 'connection failed: connection to server at "h" failed: FATAL: database "x" does not exist'
    assert engines.plain_reason(said) == 'database "x" does not exist'
    assert engines.plain_reason("disk full DETAIL: it is") == "disk full"


@pytest.mark.both_databases("core")
def test_what_is_no_character_is_kept_as_a_replacement(tmp_path: Path) -> None:
    database = opened_in(tmp_path)
    name = "东\0岭\ud800县𠮷"
    with database.begin() as session:
        session.execute(insert(County), [{"code": "990301", "name": name}])
        session.execute(insert(Run), [run_values({"name\0": name})])
    with database.reading() as session:
        assert session.scalars(select(County.name).where(County.name == name)).all() == ["东\ufffd岭\ufffd县𠮷"]
        assert session.scalars(select(Run.counts)).all() == [{"name\0": name}]


@pytest.mark.both_databases("core")
def test_addresses_of_any_length_are_kept_and_found_again(tmp_path: Path) -> None:
    database = opened_in(tmp_path)
    short = "http://www.example.org/" + "a" * (LONGEST_ADDRESS - 23)
    # Nothing that can be pressed together, in one, two and three bytes a character.
    noise = "".join(chr(0x4E00 + number * 7919 % 20000) for number in range(5000))
    longs = [short + "b", f"http://www.example.org/{noise}", f"http://www.example.org/{noise}!"]
    with database.begin() as session:
        write(session, [short, *longs])
    with database.reading() as session:
        for model in (Page, EntryRow, CaptureRow):
            kept = {
                address: session.scalars(select(model.address).where(model.address == address)).one()
                for address in (short, *longs)
            }
            assert kept[short] == short
            assert len(set(kept.values())) == 4
            assert all(len(one.encode()) <= LONGEST_ADDRESS for one in kept.values())
        known = crawls.captures_of(session, "p", [kept[longs[1]]])
        assert [one.address for one in known[kept[longs[1]]]] == [kept[longs[1]]]
    with database.begin() as session:
        session.execute(update(Page).where(Page.address == longs[0]).values(etag="x"))
    assert crawls.known_documents(database, "p")[kept[longs[0]]].etag == "x"


LARGE = (99_999_999_999_999, 10**40, 2**31, -(2**70))


@pytest.mark.both_databases("core")
def test_numbers_that_no_column_holds_cost_no_run(tmp_path: Path) -> None:
    """What lists say of themselves is theirs: a list of 99999999999999 rows, a report of the year 20231234567."""
    world = World(tmp_path)
    world.crawl(at(1, 19), shown(TOWN, 2023))
    for number, large in enumerate(LARGE):
        said = replace(shown(OTHER_TOWN, 2022, listed_year=large), path=f"/nb/{number}.html", data=b"<p>2</p>")
        world.crawl(at(1, 20 + number), shown(TOWN, 2023), said, declared=large)
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(2, 5))
    with world.database.reading() as session:
        assert [one.finished for one in crawls.imported_runs(session).values()] == [True] * (len(LARGE) + 1)
        kept = session.scalars(select(ColumnPassRow.declared).where(ColumnPassRow.declared.is_not(None))).all()
        assert all(one is not None and LEAST <= one <= MOST for one in kept)
        assert len(kept) == len(LARGE)
        assert set(session.scalars(select(EntryRow.report_year))) == {None}
        assert set(session.scalars(select(Sighting.listed_year))) == {None}


@pytest.mark.both_databases("core")
def test_what_is_looked_for_by_a_number_that_no_column_holds_is_not_there(tmp_path: Path) -> None:
    world = World(tmp_path)
    for large in LARGE:
        with pytest.raises(listing.NoSuchAlert):
            listing.show_alert(world.database, large)
        assert versions.current_report(world.database, TOWN.code, large) is None


def run_values(counts: dict[str, str]) -> dict[str, object]:
    """A row of a run."""
    return {
        "id": "r", "portal_id": "p", "county_code": "990301", "started_at": at(1, 20), "finished_at": None,
        "full": False, "outcome": None, "problem": None, "counts": counts, "imported_lines": 1,
    }  # fmt: skip


def write(session: Session, addresses: list[str]) -> None:
    """A run that listed and captured these addresses."""
    run = crawls.add_run(session, RunStarted("r", "p", "990301", at(1, 20), False))
    records: list[Capture | Entry] = []
    for number, address in enumerate(addresses):
        moment = at(1, 20) + timedelta(seconds=number)
        records.append(Entry(number * 2, "nb", address, "年报", EntryKind.REPORT, None, "http://www.example.org/"))
        records.append(
            Capture(number * 2 + 1, CaptureRole.DOCUMENT, address, address, moment, 200, "ab" * 32, 1, "text/html",
                    parent_address=address)
        )  # fmt: skip
    crawls.add_records(session, run, records, len(records) + 1)
