"""Three dates of a report over whole passes: when it appeared, and what a site that is moved makes of them."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from crawler.records import Outcome
from crawler.sandbox.generator import SandboxOrgan
from monitor.alerts.details import details
from monitor.alerts.from_standings import conditions
from monitor.assess import assess
from monitor.completeness.figures import gather
from monitor.store import alerts
from tests.monitor.record.making import HEADER, OTHER_TOWN, TOWN, Shown, World, at, organ, shown

pytestmark = pytest.mark.both_databases

TOWNS = [organ(f"9903011{number:02}", f"{name}镇", f"{name}镇人民政府") for number, name in enumerate(
    ("清泉", "白石", "金沙", "龙潭", "双河", "高坪"), 11)]  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def moved_world(folder: Path) -> World:
    """A county of more towns."""
    world = World(folder)
    lines = [f"{one.code},{one.name},township,990301,东岭县,清沅市,模拟省,,,,\n" for one in TOWNS]
    world.register(HEADER + "".join(lines))
    return world


def test_dates_and_the_interval_in_which_a_report_appeared(world: World) -> None:
    other = shown(OTHER_TOWN, 2023, date(2024, 1, 10))
    for day in (1, 5, 9):
        world.crawl(at(2, day), other)
    path = "/nb/202402/t20240210_8.html"
    world.crawl(at(2, 12), other, shown(TOWN, 2023, date(2024, 1, 30), path=path))
    world.ingest()
    standing = world.standing(at(2, 20))
    dates = standing.dates
    assert dates is not None
    assert (dates.shown_on, dates.shown_from) == (date(2024, 1, 30), "shown")
    assert dates.in_address is not None
    assert dates.in_address.day == date(2024, 2, 10)
    assert (dates.last_without_at, dates.seen_on) == (at(2, 9), date(2024, 2, 12))
    assert standing.flags == ("backdated",)
    county = gather(2023, at(2, 20), [standing], columns={}).to_json()["counties"][0]["organs"][0]
    assert {
        name: county[name] for name in ("shown_on", "address_date", "address_precision", "last_without_at")
    } == {
        "shown_on": "2024-01-30",
        "address_date": "2024-02-10",
        "address_precision": "day",
        "last_without_at": "2024-02-09T09:00:00+08:00",
    }
    (told,) = conditions([standing], [], at(2, 20))
    assert (told.kind, told.rule) == ("backdated", "D-05")
    facts = dict(details(told.evidence)["facts"])
    assert facts["网址中的日期"] == "2024-02-10"
    assert "2024年2月9日" in facts["出现的时段"] or "2024-02-09" in facts["出现的时段"]
    assert told.evidence["looked_at"][0]["column_id"] == "nb"


def test_the_first_pass_proves_nothing_of_the_time_before_it(world: World) -> None:
    world.crawl(at(2, 12), shown(TOWN, 2023, date(2024, 1, 20)))
    world.ingest()
    dates = world.standing(at(2, 20)).dates
    assert dates is not None
    assert dates.last_without_at is None
    assert world.standing(at(2, 20)).flags == ()


def test_a_pass_that_was_not_whole_is_no_lower_bound(world: World) -> None:
    other = shown(OTHER_TOWN, 2023, date(2024, 1, 10))
    world.crawl(at(2, 1), other)
    world.crawl(at(2, 9), other, outcome=Outcome.PARTIAL)
    world.crawl(at(2, 12), other, shown(TOWN, 2023, date(2024, 2, 11)))
    world.ingest()
    dates = world.standing(at(2, 20)).dates
    assert dates is not None
    assert dates.last_without_at == at(2, 1)


def old(of: SandboxOrgan, year: int, path: str) -> Shown:
    """A report with the date of its own year, at a path."""
    return shown(of, year, date(year + 1, 1, 20), path=path)


def test_a_single_late_comer_is_suspected_and_one_among_many_old_pages_is_not(tmp_path: Path) -> None:
    (tmp_path / "alone").mkdir()
    alone = moved_world(tmp_path / "alone")
    pages = [old(one, 2023, f"/nb/t20240120_{number}.html") for number, one in enumerate(TOWNS)]
    for day in (1, 10):
        alone.crawl(at(2, day), *pages[1:])
    alone.crawl(at(2, 20), *pages)
    alone.ingest()
    assert alone.standing(at(2, 25), TOWNS[0].code).flags == ("backdated",)
    (tmp_path / "moved").mkdir()
    many = moved_world(tmp_path / "moved")
    for day in (1, 10):
        many.crawl(at(2, day), *pages[5:])
    many.crawl(at(2, 20), *pages)
    many.ingest()
    assert [many.standing(at(2, 25), one.code).flags for one in TOWNS] == [()] * 6


def test_pages_that_get_new_ids_clear_what_comes_along_with_them(tmp_path: Path) -> None:
    world = moved_world(tmp_path)
    pages = [old(one, 2023, f"/nb/t20240120_{number}.html") for number, one in enumerate(TOWNS[:3])]
    for day in (1, 10):
        world.crawl(at(2, day), *pages[1:])
    again = [old(one, 2023, f"/info/1082/{80435 + number}.htm") for number, one in enumerate(TOWNS[:3])]
    world.crawl(at(2, 20), *again)
    world.ingest()
    assert world.standing(at(2, 25), TOWNS[0].code).flags == ()


def test_what_a_portal_brings_along_to_a_new_host_is_not_back_dated(tmp_path: Path) -> None:
    world = moved_world(tmp_path)
    stays = old(TOWNS[1], 2023, "/nb/t20240120_1.html")
    for day in (1, 10):
        world.crawl(at(2, day), stays)

    class Elsewhere(Shown):
        @property
        def address(self) -> str:
            return f"http://new.example.org{self.path}"

    brought = old(TOWNS[0], 2023, "/nb/t20240120_0.html")
    world.crawl(at(2, 20), stays, Elsewhere(brought.path, brought.data, brought.title))
    world.ingest()
    assert world.standing(at(2, 25), TOWNS[0].code).flags == ()


def test_early_publication_is_an_alert_with_its_rule(world: World) -> None:
    world.crawl(at(1, 5), shown(TOWN, 2023, date(2023, 12, 20)))
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(1, 6), workers=1)
    with world.database.reading() as session:
        found = [one.alert for one in alerts.find_alerts(session) if one.alert.rule == "D-04"]
    (alert,) = found
    assert (alert.kind, alert.severity, alert.audience) == ("inconsistent", "warning", "oversight")
    assert alert.identity == "inconsistent/990301101/2023/D-04"
    standing = world.standing(at(1, 6))
    assert standing.flags == ("early",)
    assert standing.published_on == date(2024, 1, 6) - timedelta(days=17)
