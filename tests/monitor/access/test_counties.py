"""The overview and the page of a county: what assessments kept, within the counties of the reader."""

import random
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path

import pytest

from crawler.records import Outcome
from monitor.access import alerts, counties
from monitor.access.base import Access, NotFound
from monitor.access.counties import NOTHING, Ground
from monitor.accounts.scope import Scope
from monitor.assess import assess
from monitor.completeness.record import from_record
from monitor.figures import Figures
from monitor.publication import PublicationState
from monitor.settings import Settings
from monitor.store.tables import CountyFigures
from tests.benchmarks.large_store import Given
from tests.databases import opened_in
from tests.monitor.record import test_assessed_by_county as seasons
from tests.monitor.record.making import at
from tests.monitor.web.dashboard import access_of, record_of

BOTH = ("990301", "990302")


class Ended(seasons.Season):
    """The season of three counties, at the end of which some reports are there, late, or missing."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, random.Random(1))
        self.put("dong", seasons.ORGANS[0], 2023, date(2024, 1, 12))
        self.put("xi", seasons.ORGANS[2], 2023, date(2024, 1, 12))
        self.put("xi", seasons.ORGANS[3], 2022, date(2023, 1, 12))
        self.judge(at(1, 20))
        self.put("nan", seasons.ORGANS[4], 2023, date(2024, 2, 3))
        self.judge(at(2, 4))
        self.judge(at(2, 6))
        self.put("nan", seasons.ORGANS[5], 2023, date(2024, 2, 7))
        self.judge(at(2, 7))
        self.crawl("shi", Outcome.BLOCKED)
        self.ingest()

    def judge(self, moment: datetime) -> None:
        """A day: all portals are read, and what came is judged."""
        self.now = moment
        self.crawl_all()
        self.ingest()
        assess(self.database, list(self.portals.values()), self.settings, self.now, workers=1)


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    ended = Ended(tmp_path_factory.mktemp("season"))
    yield ended
    ended.database.close()


def seen_by(season: Ended, *places: str, since: datetime | None = None) -> Access:
    """The season as somebody may see it on its last day."""
    record = record_of(season.database, lambda: season.now, season.folder, season.settings)
    known = Given(list(season.portals.values()))
    return replace(access_of(replace(record, portals=known), *places), since=since)


def test_the_overview_says_what_the_completeness_report_says(season: Ended) -> None:
    found = counties.overview(seen_by(season))
    report = from_record(season.database, list(season.portals.values()), season.settings, season.now, year=2023)
    assert (found.year, found.years) == (2023, (2023, 2022))
    told = {one.code: one for one in found.counties}
    # The city has a portal and no organs.
    assert told.keys() == {one.code for one in report.counties} | {"990300"}
    for one in report.counties:
        assert told[one.code].figures == one.figures
        assert told[one.code].name == one.name
        assert told[one.code].ground == Ground(one.columns, one.columns_whole)
        assert told[one.code].ground.share == one.columns_crawled
    assert told["990300"].figures == NOTHING
    assert told["990300"].ground == Ground(1, 0), "the last pass was blocked"
    assert found.ground == Ground(4, 3)
    assert found.totals.expected == 6
    assert (found.totals.on_time, found.totals.late, found.totals.missing) == (2, 2, 2)
    assert (found.next_due, found.days_left) == (None, None)
    assert found.assessed_from is not None
    assert found.assessed_to is not None
    assert found.assessed_from <= found.assessed_to <= season.now


def test_another_year_is_told_when_it_is_asked_for(season: Ended) -> None:
    found = counties.overview(seen_by(season), 2022)
    assert (found.year, found.years) == (2022, (2023, 2022))
    assert found.totals.expected == 6
    unknown = counties.overview(seen_by(season), 2015)
    assert unknown.totals == NOTHING
    assert all(one.assessed_at is None for one in unknown.counties)


class WatchedByOne(seasons.Season):
    """A year that one of the counties watches and the others do not."""

    @property
    def settings(self) -> Settings:
        return Settings.model_validate({"watch": {"years": [2023], "counties": {"990301": [2022, 2023]}}})


def test_a_year_that_few_counties_watch_says_why_so_much_is_not_verified(tmp_path: Path) -> None:
    one = WatchedByOne(tmp_path, random.Random(1))
    one.now = at(2, 4)
    one.crawl_all()
    one.ingest()
    assess(one.database, list(one.portals.values()), one.settings, one.now, workers=1)
    record = record_of(one.database, lambda: one.now, one.folder, one.settings)
    access = access_of(replace(record, portals=Given(list(one.portals.values()))))
    found = counties.overview(access, 2022)
    assert {each.code for each in found.counties if each.figures.unverified} == {"990302", "990303"}
    assert found.unwatched == 2
    assert counties.overview(access, 2023).unwatched == 0
    assert counties.overview(replace(access, scope=Scope.of(["990301"])), 2022).unwatched == 0
    one.database.close()


def test_a_reader_sees_his_own_counties(season: Ended) -> None:
    every = {one.code: one for one in counties.overview(seen_by(season)).counties}
    for places, codes in (
        (BOTH, BOTH),
        (("990303",), ("990303",)),
        (("9903",), tuple(every)),
        (("44",), ()),
    ):
        found = counties.overview(seen_by(season, *places))
        assert {one.code: one for one in found.counties} == {code: every[code] for code in codes}
        assert found.totals.expected == sum(every[code].figures.expected for code in codes)
        assert found.ground.columns == sum(every[code].ground.columns for code in codes)
        assert {one["county_code"] for one in found.news.newest} <= set(codes)
        assert sum(sum(kinds.values()) for kinds in found.news.opened.values()) == sum(
            every[code].opened for code in codes
        )


def test_a_county_is_told_organ_by_organ_and_year_by_year(season: Ended) -> None:
    found = counties.county(seen_by(season, "990302"), "990302")
    assert (found.name, found.prefecture, found.province) == ("西岭县", "清沅市", "模拟省")
    assert list(found.years) == [2023, 2022]
    states = {one.code: {year: at.state for year, at in one.standings.items()} for one in found.organs}
    assert states == {
        "990302101": {2022: PublicationState.MISSING, 2023: PublicationState.ON_TIME},
        "990302102": {2022: PublicationState.ON_TIME, 2023: PublicationState.MISSING},
    }
    assert found.years[2023].figures.missing == 1
    assert found.ground == Ground(1, 1)
    assert found.assessed_at is not None
    assert {one["county_code"] for one in found.news.newest} == {"990302"}


@pytest.mark.parametrize("code", ["990301", "990399", "9903", "", "99030", "%", "990302 OR 1"])
def test_a_county_outside_of_the_scope_is_not_found(season: Ended, code: str) -> None:
    with pytest.raises(NotFound):
        counties.county(seen_by(season, "990302"), code)
    with pytest.raises(NotFound):
        counties.county(seen_by(season, "44"), code)
    if code != "990301":
        with pytest.raises(NotFound):
            counties.county(seen_by(season), code)


def test_news_are_of_what_came_and_what_ended_since(season: Ended) -> None:
    first = counties.overview(seen_by(season, since=at(1, 1)))
    assert first.news.opened["oversight"]["missing"] == 7, "two of 2023, five of 2022"
    assert first.news.over["oversight"] == {"missing": 1}
    last = counties.overview(seen_by(season, since=at(2, 6, 23)))
    assert last.news.since == at(2, 6, 23)
    assert last.news.opened["oversight"] == {"late": 1}
    assert last.news.over["oversight"] == {"missing": 1}
    assert {(one["kind"], one["state"]) for one in last.news.newest if one["audience"] == "oversight"} == {
        ("late", "open"),
        ("missing", "resolved"),
    }
    assert {one.code: (one.opened, one.over) for one in last.counties if one.opened or one.over} == {
        "990303": (1, 1)
    }
    after = counties.overview(seen_by(season, since=season.now)).news
    assert (after.opened, after.over, after.newest) == ({}, {}, ())
    usual = counties.overview(seen_by(season)).news
    assert usual.since == season.now - counties.USUAL_SPAN


def test_who_is_in_a_state_is_listed_page_by_page_within_the_scope(season: Ended) -> None:
    def listed(*places: str, limit: int) -> list[tuple[str, str]]:
        found, after = [], None
        while True:
            page = counties.in_state(
                seen_by(season, *places), 2022, PublicationState.MISSING, after=after, limit=limit
            )
            found += [(one.county, one.standing.name) for one in page.lines]
            after = page.after
            if after is None:
                return found

    every = [
        ("东岭县", "云溪镇"),
        ("东岭县", "石桥乡"),
        ("西岭县", "白沙镇"),
        ("南岭县", "河口镇"),
        ("南岭县", "松岗乡"),
    ]
    for limit in (1, 2, 5, 50):
        assert listed(limit=limit) == every
        assert listed("990302", "990303", limit=limit) == every[2:]
    assert listed("44", limit=5) == []
    for wrong in ("", "990301", "-", "990301-%", "990301-'"):
        with pytest.raises(NotFound):
            counties.in_state(seen_by(season), 2022, PublicationState.MISSING, after=wrong)


def test_of_an_empty_record_everything_is_nothing(tmp_path: Path) -> None:
    database = opened_in(tmp_path)
    record = record_of(database, lambda: at(2, 6), tmp_path, Settings())
    found = counties.overview(access_of(record))
    assert (found.year, found.years, found.counties, found.totals) == (2023, (), (), NOTHING)
    with pytest.raises(NotFound):
        counties.county(access_of(record), "990301")
    database.close()


def test_the_inbox_offers_the_years_of_the_readers_counties(tmp_path: Path) -> None:
    database = opened_in(tmp_path)
    record = record_of(database, lambda: at(2, 1), tmp_path / "portals", Settings())
    with database.begin() as session:
        figures = {each.name: 0 for each in fields(Figures)}
        for county, year in zip(BOTH, (2022, 2023), strict=True):
            session.add(CountyFigures(report_year=year, county_code=county, next_due=None, **figures))
    offered = {
        place: [one.value for one in alerts.choices(access_of(record, *place), alerts.Filter()).years[1:]]
        for place in ((), BOTH[:1], BOTH[1:])
    }
    assert offered == {(): ["2023", "2022"], BOTH[:1]: ["2022"], BOTH[1:]: ["2023"]}
    database.close()
