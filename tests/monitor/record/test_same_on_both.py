"""One season on SQLite and on PostgreSQL: what the commands print is the same byte for byte, and every row is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crawler.records import EntryKind, Outcome
from crawler.sandbox.generator import Misprint, generate
from monitor.assess import assess
from monitor.store.engines import POSTGRESQL, SQLITE
from monitor.store.tables import Base
from tests.databases import server, using
from tests.monitor.cli.command import Said, nianbao, working_in
from tests.monitor.record.making import COUNTY, OTHER_TOWN, REGISTER, TOWN, Shown, World, at, column, shown

OWN = {
    ("entry", "id"),
    ("finding", "id"),
    ("kept_report", "id"),
    ("kept_report", "as_of"),
    ("stage_success", "at"),
}
"""What is each database's own: numbers to which nothing refers (PostgreSQL never gives one again), and the
moments of the commands of this test, which take as long as they take."""
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("completeness", "--year", "2023", "--format", "json"),
    ("completeness", "--year", "2022", "--format", "json"),
    ("completeness", "--year", "2023", "--as-of", "2024-02-03", "--format", "json"),
    ("completeness", "--year", "2023", "--format", "csv"),
    ("completeness", "--year", "2023", "--format", "html"),
    ("alerts", "list", "--format", "json"),
    ("alerts", "list", "--state", "resolved", "--format", "json"),
    ("diff", OTHER_TOWN.code, "2023", "--format", "json"),
    ("match", "list"),
    ("assess",),
)


def live(world: World) -> None:
    """A season in which every kind of row is written: on time, late, changed, wrong, removed, unread, unknown."""
    there = shown(OTHER_TOWN, 2023, date(2024, 1, 18))
    year_before = shown(OTHER_TOWN, 2022, date(2023, 1, 19))
    misprint = Misprint("a total too high", {"section_three.total_results.total": 5})
    report = generate(OTHER_TOWN, 2023, misprint=misprint)
    head = f"<h1>{report.title}</h1><p>发布时间：2024-01-18</p>"
    changed = shown(OTHER_TOWN, 2023, data=f"<html><body>{head}{report.body}</body></html>".encode())
    stranger = generate(OTHER_TOWN, 2023).title.replace(OTHER_TOWN.name, "无名镇")
    unread = Shown("/nb/broken.pdf", b"%PDF-1.4 broken", "云溪镇2023年政府信息公开工作年度报告", date(2024, 1, 30))
    notice = Shown("/nb/other.html", b"", "关于做好年度报告编制工作的通知", kind=EntryKind.OTHER)
    unknown = shown(OTHER_TOWN, 2021, path="/nb/x.html", title=stranger)
    passes: tuple[tuple[datetime, tuple[Shown, ...], Outcome], ...] = (
        (at(1, 20), (there, year_before, notice), Outcome.COLLECTED),
        (at(1, 31), (there, year_before, notice, unread, unknown), Outcome.COLLECTED),
        (at(2, 1), (there, year_before, notice, unread, unknown), Outcome.UNCHANGED),
        (at(2, 2), (there, year_before, notice, unknown), Outcome.COLLECTED),
        (at(2, 3), (), Outcome.BLOCKED),
        (at(2, 20), (changed, shown(TOWN, 2023, date(2024, 2, 19))), Outcome.COLLECTED),
        (at(3, 1), (changed, shown(TOWN, 2023, data=None, listed=False)), Outcome.COLLECTED),
        (at(3, 2), (changed, shown(TOWN, 2023, data=None, listed=False)), Outcome.COLLECTED),
    )
    for moment, seen, outcome in passes:
        world.crawl(moment, *seen, outcome=outcome)
        world.ingest()
        assess(world.database, [world.portal], world.settings, moment + timedelta(hours=3))


def rows(world: World) -> dict[str, list[dict[str, Any]]]:
    """Every row of the database in the order of its keys."""
    found: dict[str, list[dict[str, Any]]] = {}
    with world.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            columns = [one for one in table.columns if (table.name, one.name) not in OWN]
            read = [dict(row._mapping) for row in session.execute(select(*columns))]
            found[table.name] = sorted(read, key=lambda row: repr([row[name] for name in sorted(row)]))
    return found


def season(folder: Path, kind: str) -> tuple[dict[tuple[str, ...], Said], dict[str, list[dict[str, Any]]]]:
    """What the commands print after the season, and every row that it left."""
    folder.mkdir()
    with using(kind), working_in(folder):
        world = World(folder, column(), years=(2022, 2023))
        world.register(REGISTER)
        live(world)
        world.configure(at(3, 2, 15))
        said = {command: nianbao(*command) for command in COMMANDS}
        left = rows(world)
        world.database.close()
    return said, left


def test_a_season_comes_to_the_same_on_both(tmp_path: Path) -> None:
    server.start()
    (said, left), (said_there, left_there) = (season(tmp_path / kind, kind) for kind in (SQLITE, POSTGRESQL))
    for command, one in said.items():
        assert (one.status, one.err) == (said_there[command].status, said_there[command].err), command
        assert one.out == said_there[command].out, command
    assert [name for name in left if left[name] != left_there[name]] == []
    # It is worth comparing: the season has something of everything.
    listed = said[COMMANDS[5]].json + said[COMMANDS[6]].json
    assert {"missing", "late", "inconsistent", "removed", "parse_failed"} <= {alert["kind"] for alert in listed}
    county = said[COMMANDS[0]].json["counties"][0]
    assert (county["code"], county["expected"]) == (COUNTY, 3)
    assert said[COMMANDS[7]].json["cells"]
    server.drop_all_but(1)
    for table in ("capture", "page", "entry", "column_pass", "report_version", "sighting", "finding", "alert"):
        assert left[table], table
