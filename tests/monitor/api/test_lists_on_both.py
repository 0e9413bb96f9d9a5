"""The lists behind the API on SQLite and on PostgreSQL: within a scope, narrowed, page by page."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from monitor.access import alerts as alert_pages
from monitor.access import counties, exporting, listing, organs, reports
from monitor.access.base import OPERATOR, OVERSIGHT, Access, NotFound
from monitor.access.listing import Listed, Wanted
from monitor.store.database import Database
from monitor.store.tables import Alert
from tests.monitor.api.office import NOW, OTHER_COUNTY, OTHER_ORGAN, fill
from tests.monitor.record.making import COUNTY, OTHER_TOWN, TOWN, World
from tests.monitor.web.dashboard import access_of, record_of

pytestmark = pytest.mark.both_databases
LISTS: dict[str, Callable[..., Listed[Any]]] = {
    "counties": listing.counties,
    "organs": listing.organs,
    "obligations": listing.obligations,
    "reports": listing.reports,
    "findings": listing.findings,
    "alerts": listing.alerts,
    "runs": listing.runs,
    "portals": listing.portals,
}
ALL = Wanted(500)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[World]:
    one = fill(tmp_path_factory.mktemp("lists"))
    yield one
    one.database.close()


def seeing(world: World, *places: str) -> Access:
    """Somebody who sees some places."""
    database: Database = world.database
    return access_of(record_of(database, lambda: NOW, world.folder / "portals", world.settings), *places)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_whole_page_by_page_and_ends_at_the_scope(world: World, name: str) -> None:
    whole = LISTS[name](seeing(world), ALL)
    assert whole.next is None
    found: list[Any] = []
    wanted = Wanted(1)
    while True:
        page = LISTS[name](seeing(world), wanted)
        found += page.items
        if page.next is None:
            break
        wanted = Wanted(1, page.next)
    assert found == list(whole.items)
    assert len(found) >= 1
    here = LISTS[name](seeing(world, COUNTY), ALL).items
    there = LISTS[name](seeing(world, OTHER_COUNTY), ALL).items
    both = LISTS[name](seeing(world, COUNTY, OTHER_COUNTY), ALL).items
    assert sorted(map(repr, (*here, *there))) == sorted(map(repr, both)) == sorted(map(repr, whole.items))
    assert LISTS[name](seeing(world, "11"), ALL).items == ()
    assert LISTS[name](seeing(world, "9903"), ALL).items == whole.items


def test_filters_say_what_is_asked_for(world: World) -> None:
    access = seeing(world)
    assert [one.organ_code for one in listing.obligations(access, ALL, year=2023, state="on_time").items] == [
        TOWN.code
    ]
    assert {one.county_code for one in listing.obligations(access, ALL, county=OTHER_COUNTY).items} == {
        OTHER_COUNTY
    }
    assert {one.report_year for one in listing.obligations(access, ALL, organ=OTHER_TOWN.code).items} == {
        2022,
        2023,
    }
    assert [one.stands for one in listing.reports(access, ALL, county=COUNTY, stands=True).items] == [True]
    assert [one.stands for one in listing.reports(access, ALL, organ=TOWN.code, stands=False).items] == [False]
    assert listing.reports(access, ALL, county=OTHER_COUNTY).items == ()
    assert {one.code for one in listing.organs(access, ALL, kind="department").items} == {"119903010000000001"}
    (kept,) = {one.updated_at for one in listing.feed(access, COUNTY, 1)[1]}
    assert listing.alerts(access, ALL, updated_since=kept).items
    assert {one.audience for one in listing.alerts(access, ALL, audience="oversight").items} == {"oversight"}


def test_one_thing_outside_of_the_scope_is_not_found(world: World) -> None:
    access, other = seeing(world, COUNTY), seeing(world, OTHER_COUNTY)
    (report,) = listing.reports(access, ALL, stands=True).items
    alert = next(one for one in listing.alerts(access, ALL).items if one.organ_code == TOWN.code)
    things: list[Callable[[Access], Any]] = [
        lambda who: listing.organ(who, TOWN.code),
        lambda who: listing.report(who, report.id),
        lambda who: listing.document(who, report.id),
        lambda who: listing.cells(who, report.id),
        lambda who: listing.findings_of(who, report.id),
        lambda who: listing.alert(who, alert.id),
        lambda who: listing.feed(who, COUNTY, 5),
    ]
    for thing in things:
        assert thing(access)
        with pytest.raises(NotFound):
            thing(other)
    assert listing.organ(other, OTHER_ORGAN).county_code == OTHER_COUNTY
    assert list(exporting.cells(other)) == []
    (part,) = exporting.cells(access, year=2023)
    assert set(part["organ_code"]) == {TOWN.code}
    assert len(part["cell"]) == len(listing.cells(access, part["report_id"][0]))
    assert [one.code for one in listing.completeness(other, ALL, 2023).counties] == [OTHER_COUNTY]
    assert listing.completeness(other, ALL, 2023, COUNTY).counties == ()


@pytest.fixture
def operators_alert(world: World) -> Iterator[int]:
    """An alert of an organ with a report that is told to those alone who run the crawling."""
    alerts = listing.alerts(seeing(world), ALL, organ=TOWN.code, year=2023).items
    number = alerts[0].id

    def told_to(audience: str) -> None:
        with world.database.begin() as session:
            session.execute(update(Alert).where(Alert.id == number).values(audience=audience))

    told_to(OPERATOR)
    yield number
    told_to(OVERSIGHT)


def test_what_falls_to_operators_is_for_who_sees_everything(world: World, operators_alert: int) -> None:
    access = seeing(world)
    (report,) = listing.reports(access, ALL, stands=True, organ=TOWN.code).items
    shown: dict[str, Callable[[Access], Any]] = {
        "list": lambda who: [one.id for one in listing.alerts(who, ALL).items],
        "list by audience": lambda who: [one.id for one in listing.alerts(who, ALL, audience=OPERATOR).items],
        "feed": lambda who: [entry.alert.id for entry in listing.feed(who, COUNTY, 50)[1]],
        "feed by audience": lambda who: [entry.alert.id for entry in listing.feed(who, COUNTY, 50, OPERATOR)[1]],
        "inbox": lambda who: [row.id for row in alert_pages.inbox_of(who, alert_pages.Filter(state="every")).rows],
        "news": lambda who: [one["id"] for one in counties.county(who, COUNTY).news.newest],
        "organ": lambda who: [one["id"] for year in organs.show(who, TOWN.code).years for one in year.alerts],
        "report": lambda who: [one["id"] for one in reports.show(who, report.id).alerts],
    }
    before = replace(access, since=NOW - timedelta(days=60))
    of_county = replace(seeing(world, COUNTY), since=NOW - timedelta(days=60))
    assert [name for name, ids in shown.items() if operators_alert not in ids(before)] == []
    assert [name for name, ids in shown.items() if operators_alert in ids(of_county)] == []
    assert OPERATOR not in counties.county(of_county, COUNTY).news.opened
    assert listing.alert(access, operators_alert).audience == OPERATOR
    with pytest.raises(NotFound):
        listing.alert(of_county, operators_alert)
