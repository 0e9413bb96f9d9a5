"""A year that a county does not watch accuses nobody of a missing report, and the report says why."""

from datetime import date
from pathlib import Path

import pytest

from monitor.assess import assess
from monitor.completeness.record import from_record
from monitor.publication import PublicationState
from tests.monitor.cli.command import nianbao
from tests.monitor.record.making import COUNTY, OTHER_TOWN, TOWN, World, at, shown


@pytest.fixture(scope="module")
def world(engine: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A record that no test changes."""
    return record_in(tmp_path_factory.mktemp("unwatched"))


def record_in(folder: Path) -> World:
    """2023 is watched; a report on 2021 is there of one town, and the column was read whole on three days."""
    world = World(folder)
    pages = (shown(TOWN, 2023, date(2024, 1, 18)), shown(TOWN, 2021, date(2022, 2, 3)))
    for day in (2, 3, 4):
        world.crawl(at(2, day), *pages)
        world.ingest()
        assess(world.database, [world.portal], world.settings, at(2, day, 10), workers=1)
    return world


@pytest.mark.both_databases
def test_nobody_is_missing_of_a_year_that_is_not_watched_and_what_is_there_is_shown(world: World) -> None:
    told = from_record(world.database, [world.portal], world.settings, at(2, 5), year=2021)
    states = {one.organ.code: (one.state, one.reason, one.looked_at) for one in told.counties[0].standings}
    assert states[TOWN.code] == (PublicationState.LATE, None, ())
    assert states[OTHER_TOWN.code] == (PublicationState.UNVERIFIED, "没有监测该年度，不认定未公布", ())
    watched = from_record(world.database, [world.portal], world.settings, at(2, 5), year=2023)
    assert OTHER_TOWN.code in {one.organ.code for one in watched.counties[0].in_state(PublicationState.MISSING)}


def test_a_year_of_which_obligations_were_recorded_is_judged_though_it_is_watched_no_more(world: World) -> None:
    later = world.settings.model_copy(update={"watch": world.settings.watch.model_copy(update={"years": [2022]})})
    told = from_record(world.database, [world.portal], later, at(2, 5), year=2023)
    assert OTHER_TOWN.code in {one.organ.code for one in told.counties[0].in_state(PublicationState.MISSING)}


def test_the_charts_of_a_county_show_only_years_that_it_watched_itself(tmp_path: Path) -> None:
    """Another county watches 2021; that makes nobody missing here."""
    world = record_in(tmp_path)
    world.register(
        "code,name,kind,county_code,county,prefecture,province\n990302101,邻镇,township,990302,西岭县,清沅市,模拟省\n"
    )
    watch = world.settings.watch.model_copy(update={"counties": {"990302": [2021, 2023]}})
    settings = world.settings.model_copy(update={"watch": watch})
    assess(world.database, [world.portal], settings, at(2, 5), workers=1)
    told = from_record(world.database, [world.portal], settings, at(2, 6), year=2023, full=True)
    county = next(one for one in told.counties if one.code == COUNTY)
    assert [states.year for states in county.course] == [2023]


@pytest.mark.parametrize(
    ("language", "reason", "remedy"),
    [
        ("zh", "没有监测该年度，不认定未公布", "东岭县没有监测 2021 年度"),
        ("en", "This year is not watched", "东岭县 does not watch 2021"),
    ],
)
def test_the_command_says_that_the_year_is_not_watched_and_how_to_watch_it(
    world: World, monkeypatch: pytest.MonkeyPatch, language: str, reason: str, remedy: str
) -> None:
    monkeypatch.setenv("NIANBAO_PEOPLE__LANGUAGE", language)
    file = world.configure(at(2, 5))
    said = nianbao("--config", file, "completeness", "--year", "2021", "--format", "csv")
    assert (said.status, reason in said.out, "未公布：" in said.out) == (0, True, False)
    assert remedy in said.err
    assert "[watch]" in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert nianbao("--config", file, "completeness", "--year", "2023", "--format", "csv").err == ""


def test_where_nobody_is_registered_the_terminal_says_so(tmp_path: Path) -> None:
    (tmp_path / "nianbao.toml").write_text('[store]\ndatabase = "sqlite:///empty.sqlite"\n', encoding="utf-8")
    file = tmp_path / "nianbao.toml"
    assert nianbao("--config", file, "init").status == 0
    assert "名录中没有应公布年度报告的单位。" in nianbao("--config", file, "completeness", "--year", "2023").out
