"""What is kept of how obligations stand is what would be found out anew, and is written with the alerts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import event, insert

from crawler.records import Outcome
from crawler.sandbox.generator import Misprint, generate
from monitor import assess as assessing
from monitor.accounts.scope import Scope
from monitor.assess import AssessResult, assess
from monitor.completeness.record import from_record
from monitor.publication import PublicationState
from monitor.settings import Settings
from monitor.standings import gather, stand
from monitor.store import kept_standings
from monitor.store.database import _configuration, open_database
from monitor.store.kept_standings import KeptStanding, PageKey
from monitor.store.tables import County, CountyAssessment, CountyFigures, Organ, StandingRow
from tests.databases import address_in
from tests.monitor.record.kept import kept, live
from tests.monitor.record.making import COUNTY, HEADER, OTHER_TOWN, REGISTER, TOWN, World, at, shown

pytestmark = pytest.mark.both_databases
OFFICE = "119903010000000001"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, years=(2022, 2023))


def judge(world: World, moment: datetime) -> AssessResult:
    """Assesses, and holds what is kept against what is found out anew, row by row and county by county."""
    result = assess(world.database, [world.portal], world.settings, moment, workers=1)
    assert kept(world.database) == live(world.database, [world.portal], world.settings, moment)
    for year in world.settings.watch.years:
        report = from_record(world.database, [world.portal], world.settings, moment, year=year)
        with world.database.reading() as session:
            found = kept_standings.by_county(session, year)
        assert {code: one.figures for code, one in found.items()} == {
            one.code: one.figures for one in report.counties
        }
        assert all(one.assessed_at <= moment for one in found.values())
    return result


def states(world: World, year: int = 2023) -> dict[str, PublicationState]:
    """The kept states of a year, by organ."""
    with world.database.reading() as session:
        return {one.organ_code: one.state for one in kept_standings.of_county(session, COUNTY, [year])}


def next_due(world: World) -> date | None:
    """When the next report falls due, as it is kept."""
    with world.database.reading() as session:
        return kept_standings.by_county(session, 2023)[COUNTY].next_due


def test_what_is_kept_goes_with_the_season(world: World) -> None:
    wrong = generate(TOWN, 2023, misprint=Misprint("wrong", {"section_three.total_results.total": 5}))
    first = shown(TOWN, 2023, date(2024, 1, 18))
    data = f"<html><body><h1>{wrong.title}</h1><p>发布时间：2024-01-18</p>{wrong.body}</body></html>".encode()
    world.crawl(at(1, 20), replace(first, data=data))
    world.ingest()
    judge(world, at(1, 20, 12))
    assert set(states(world).values()) == {PublicationState.ON_TIME, PublicationState.NOT_DUE}
    with world.database.reading() as session:
        (published,) = kept_standings.of_organ(session, TOWN.code)[1:]
    assert published.published_on == date(2024, 1, 18)
    assert published.published_from == "shown"
    assert published.errors == 1
    assert published.assessed_at == at(1, 20, 12)
    assert published.due_rule

    world.crawl(at(2, 3), first)  # put right
    world.crawl(at(2, 5), first)
    world.ingest()
    judge(world, at(2, 5, 12))
    assert states(world)[OTHER_TOWN.code] is PublicationState.MISSING
    with world.database.reading() as session:
        (published,) = kept_standings.of_organ(session, TOWN.code)[1:]
    assert (published.errors, published.flags) == (0, ("changed",))

    world.crawl(at(2, 7), first, shown(OTHER_TOWN, 2023, date(2024, 2, 6)))
    world.ingest()
    judge(world, at(2, 7, 12))
    assert states(world)[OTHER_TOWN.code] is PublicationState.LATE

    world.crawl(at(2, 8), outcome=Outcome.BLOCKED)
    world.ingest()
    judge(world, at(2, 8, 12))


def test_a_day_that_passes_is_change_enough(world: World) -> None:
    world.settings = Settings.model_validate({"watch": {"years": [2023]}})
    judge(world, at(1, 30))
    assert set(states(world).values()) == {PublicationState.NOT_DUE}
    assert next_due(world) == date(2024, 1, 31)
    assert judge(world, at(1, 31, 23)).counties == 0, "nothing changed, and the day is not over"
    assert judge(world, at(2, 1, 0)).counties == 1
    assert set(states(world).values()) == {PublicationState.UNVERIFIED}
    assert next_due(world) is None


@pytest.mark.both_databases("core")
def test_what_is_owed_no_more_is_not_kept(world: World) -> None:
    judge(world, at(2, 5))
    assert states(world, 2022).keys() == states(world, 2023).keys() == {TOWN.code, OTHER_TOWN.code, OFFICE}
    world.settings = Settings.model_validate({"watch": {"years": [2023]}})
    judge(world, at(2, 5, 10))
    assert not states(world, 2022)
    with world.database.reading() as session:
        assert kept_standings.by_year(session).keys() == {2023}
        assert not kept_standings.by_county(session, 2022)
    ended = REGISTER.replace("东岭县,清沅市,模拟省,,,,\n", "东岭县,清沅市,模拟省,,2022-06-01,,\n", 1)
    world.register(ended)
    judge(world, at(2, 5, 11))
    assert states(world).keys() == {OTHER_TOWN.code, OFFICE}


@pytest.mark.both_databases("core")
@pytest.mark.parametrize("county", ["990300", "990302"])
def test_an_organ_that_goes_to_another_county_is_kept_there_alone(world: World, county: str) -> None:
    judge(world, at(2, 5))
    world.register(f"{HEADER}{OFFICE},东岭县财政局,department,{county},西岭县,清沅市,模拟省,,,,\n")
    judge(world, at(2, 5, 10))
    assert states(world).keys() == {TOWN.code, OTHER_TOWN.code}
    with world.database.reading() as session:
        assert {one.county_code for one in kept_standings.of_organ(session, OFFICE)} == {county}


def test_without_its_alerts_nothing_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    judge(world, at(1, 30))
    before = kept(world.database)

    def fails(*_: object) -> None:
        raise RuntimeError("no more power")

    with monkeypatch.context() as broken:
        broken.setattr(assessing, "tell", fails)
        with pytest.raises(RuntimeError):
            assess(world.database, [world.portal], world.settings, at(2, 5), workers=1)
    assert kept(world.database) == before
    judge(world, at(2, 5))
    assert kept(world.database) != before


def test_a_database_of_before_is_filled_by_the_next_assessment_though_nothing_changed(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023, date(2024, 1, 18)))
    world.ingest()
    judge(world, at(2, 5))
    before = kept(world.database)
    assert before[0]
    with world.database.engine.connect() as connection:
        config = _configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "0016")
        connection.commit()
    world.database.close()
    world.database = open_database(address_in(world.folder), world.folder)
    assert world.database.migrate()
    assert kept(world.database) == ({}, {})
    filled = judge(world, at(2, 5, 1))
    assert (filled.counties, filled.judged) == (1, 0)
    assert not filled.alerts.opened
    assert kept(world.database) == before
    assert judge(world, at(2, 5, 2)).counties == 0


def test_only_rows_that_differ_are_written(world: World) -> None:
    judge(world, at(2, 5))
    written = []
    with world.database.begin() as session:
        connection = session.connection()
        event.listen(
            connection, "before_cursor_execute", lambda *given: written.append(given[2].split(maxsplit=1)[0])
        )
        found = gather(session, [world.portal], world.settings, at(2, 5), counties={COUNTY})
        standings = stand(found, {})
        written.clear()
        kept_standings.put(session, {COUNTY}, standings, at(2, 5))
        assert written == ["SELECT", "SELECT"]
        kept_standings.put(session, {COUNTY}, standings[1:], at(2, 5))
    assert written.count("DELETE") == 1
    assert written.count("INSERT") == 1, "the figures alone"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[World]:
    """Rows of three counties in two prefectures and two years, without any record behind them."""
    folder = tmp_path_factory.mktemp("many")
    world = World.__new__(World)
    world.folder, world.database = folder, open_database(address_in(folder), folder)
    world.database.migrate()
    by_number = [PublicationState.MISSING, PublicationState.LATE, PublicationState.MISSING]
    with world.database.begin() as session:
        for code in ("410522", "410526", "420100"):
            session.add(County(code=code, name=f"{code}县"))
            session.flush()
            state: dict[str, Any] = {
                "grounds": "",
                "until": None,
                "rests_on_passes": False,
                "beside": [],
                "counts": {},
            }
            session.execute(insert(CountyAssessment), [{"county_code": code, "as_of": at(2, 5), **state}])
            for number, one in enumerate(by_number):
                organ: dict[str, Any] = {
                    "name": f"{number}镇",
                    "kind": "township",
                    "county_code": code,
                    "aliases": [],
                }
                session.execute(insert(Organ), [{"code": f"{code}10{number}", "listed_by_county": True, **organ}])
                for year in (2022, 2023):
                    row = {
                        "report_year": year,
                        "county_code": code,
                        "state": one.value,
                        "due_on": date(2024, 1, 31),
                    }
                    more = {"due_rule": "rule", "errors": 0, "warnings": 1, "flags": ["no_date"]}
                    session.execute(insert(StandingRow), [{"organ_code": f"{code}10{number}", **row, **more}])
            figures = {"expected": 3, "on_time": 0, "late": 1, "missing": 2, "unverified": 0, "not_due": 0}
            more_figures = {"with_errors": 0, "with_warnings": 3, "past_due": 3}
            session.execute(
                insert(CountyFigures),
                [{"county_code": code, "report_year": year, **figures, **more_figures} for year in (2022, 2023)],
            )
    yield world
    world.database.close()


@pytest.mark.parametrize(
    ("place", "counties"),
    [
        ((), ["410522", "410526", "420100"]),
        (("4105",), ["410522", "410526"]),
        (("410526", "42"), ["410526", "420100"]),
        (("4105", "410526"), ["410522", "410526"]),
        (("99",), []),
    ],
)
def test_nothing_outside_of_a_scope_is_told(many: World, place: tuple[str, ...], counties: list[str]) -> None:
    scope = Scope.of(place)
    with many.database.reading() as session:
        assert list(kept_standings.by_county(session, 2023, scope)) == counties
        totals = kept_standings.by_year(session, scope)
        listed = kept_standings.in_state(session, 2023, PublicationState.MISSING, scope).standings
        seen = {
            one.county_code for code in listed for one in kept_standings.of_organ(session, code.organ_code, scope)
        }
        outside = kept_standings.of_organ(session, "410522100", scope)
    assert {year: (one.expected, one.missing) for year, one in totals.items()} == (
        {year: (3 * len(counties), 2 * len(counties)) for year in (2022, 2023)} if counties else {}
    )
    assert [one.organ_code for one in listed] == [f"{code}10{number}" for code in counties for number in (0, 2)]
    assert seen == set(counties)
    assert bool(outside) == ("410522" in counties)


@pytest.mark.both_databases("core")
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 7])
def test_a_list_is_read_page_by_page_without_loss(many: World, limit: int) -> None:
    found: list[KeptStanding] = []
    after: PageKey | None = None
    pages = 0
    with many.database.reading() as session:
        while True:
            page = kept_standings.in_state(session, 2023, PublicationState.MISSING, after=after, limit=limit)
            found += page.standings
            pages += 1
            assert len(page.standings) <= limit
            after = page.next
            if after is None:
                break
    assert [one.organ_code for one in found] == [
        f"{code}10{number}" for code in ("410522", "410526", "420100") for number in (0, 2)
    ]
    assert pages == -(-6 // limit)
    assert {(one.name, one.warnings, one.flags, one.assessed_at) for one in found} == {
        ("0镇", 1, ("no_date",), at(2, 5)),
        ("2镇", 1, ("no_date",), at(2, 5)),
    }
