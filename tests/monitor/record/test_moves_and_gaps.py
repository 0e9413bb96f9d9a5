"""Portals that move, are left out, or are defined anew: nobody is accused of it, and no true matter is hidden."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import Outcome
from monitor.assess import assess
from monitor.ingest import ingest
from monitor.publication import Standing
from monitor.standings import standings
from monitor.store.tables import Alert
from tests.monitor.record.making import COUNTY, OTHER_TOWN, TOWN, Shown, World, at, column, page, shown

pytestmark = pytest.mark.both_databases

NEW_HOST = "new.example.org"


@dataclass(frozen=True)
class OnNewHost(Shown):
    """A page of the new portal."""

    @property
    def address(self) -> str:
        return f"http://{NEW_HOST}{self.path}"


class Portals(World):
    """The old portal and a new one over one record; ``crawl`` visits the old one, ``crawl_new`` the new one."""

    def __init__(self, folder: Path, *columns: ColumnDefinition) -> None:
        super().__init__(folder, *columns)
        self.old = self.portal
        self.new = PortalDefinition(
            id="xin",
            name="东岭县（新）",
            county_code=COUNTY,
            family="generic",
            hosts=(NEW_HOST,),
            columns=(ColumnDefinition(id="nb", name="新年报", address=f"http://{NEW_HOST}/nb/"),),
        )
        self.defined: tuple[PortalDefinition, ...] = (self.old,)

    def ends(self, last: date) -> None:
        """The old portal was in use until this day; the new one takes its place."""
        self.old = self.portal = self.old.model_copy(update={"valid_to": last, "successor": "xin"})
        self.defined = (self.old, self.new)

    def crawl_new(self, moment: datetime, *pages: Shown, outcome: Outcome = Outcome.COLLECTED) -> None:
        """A pass over the new portal."""
        self.portal = self.new
        self.crawl(moment, *pages, outcome=outcome)
        self.portal = self.old

    def stand(self, as_of: datetime, code: str = TOWN.code) -> Standing:
        """How an obligation stands after everything is ingested."""
        ingest(self.database, self.archive, portals=self.defined)
        found = standings(self.database, self.defined, self.settings, as_of, year=2023)
        return next(one for one in found if one.organ.code == code)

    def alerts(self, as_of: datetime, code: str = TOWN.code) -> set[str]:
        """Kinds of the open alerts on an organ after an assessment."""
        ingest(self.database, self.archive, portals=self.defined)
        assess(self.database, self.defined, self.settings, as_of, workers=1)
        statement = select(Alert.kind).where(Alert.organ_code == code, Alert.state == "open")
        with self.database.reading() as session:
            return set(session.scalars(statement))


@pytest.fixture
def world(tmp_path: Path) -> Portals:
    return Portals(tmp_path)


OTHER = shown(OTHER_TOWN, 2023, date(2024, 1, 10))
OTHER_NEW = OnNewHost("/nb/2.html", page(OTHER_TOWN, 2023, date(2024, 1, 10)), OTHER.title)


def undated(path: str = "/nb/1.html", **more: object) -> OnNewHost:
    """The town's report on the new portal, without a date."""
    return OnNewHost(**({"path": path, "data": page(TOWN, 2023), "title": shown(TOWN, 2023).title} | more))  # type: ignore[arg-type]


def test_what_was_missing_and_is_found_undated_after_a_move_is_missing_no_more(world: Portals) -> None:
    for day in (1, 2):
        world.crawl(at(2, day), OTHER)
    assert world.alerts(at(2, 3)) == {"missing"}
    world.ends(date(2024, 2, 10))
    world.crawl_new(at(2, 11), OTHER_NEW, undated())
    # It may have stood on the new site when we did not know of that: late or not, nobody can tell.
    assert world.stand(at(2, 12)).state.value == "unverified"
    assert world.alerts(at(2, 12)) == set()


def test_what_was_taken_down_and_is_there_again_is_removed_no_more(world: Portals) -> None:
    """The first pass of a county, in March: an undated report, of which nobody can say whether it is late."""
    one = shown(TOWN, 2023)
    world.crawl(at(3, 5), OTHER, one)
    assert world.alerts(at(3, 6)) == set()
    world.crawl(at(3, 10), OTHER, shown(TOWN, 2023, data=None, listed=False))
    assert world.alerts(at(3, 11)) == set(), "one pass without it is no removal"
    world.crawl(at(3, 12), OTHER)
    assert world.alerts(at(3, 13)) == {"removed"}
    world.crawl(at(3, 20), OTHER, one)
    assert world.stand(at(3, 21)).state.value == "unverified"
    assert world.alerts(at(3, 21)) == set()


def test_what_is_taken_down_at_the_new_portal_is_removed_though_the_old_one_was_never_seen_without_it(
    world: Portals,
) -> None:
    dated = date(2024, 1, 12)
    world.crawl(at(1, 20), OTHER, shown(TOWN, 2023, dated))
    world.ends(date(2024, 2, 10))
    world.crawl_new(at(2, 11), OTHER_NEW)
    # It has not been brought along yet: no removal, for nobody has seen it taken down.
    assert world.alerts(at(2, 12)) == set()
    there = undated(data=page(TOWN, 2023, dated))
    world.crawl_new(at(2, 20), OTHER_NEW, there)
    assert world.alerts(at(2, 21)) == set()
    world.crawl_new(at(3, 1), OTHER_NEW, undated(data=None, listed=False))
    assert world.alerts(at(3, 2)) == set()
    world.crawl_new(at(3, 3), OTHER_NEW)
    assert world.alerts(at(3, 4)) == {"removed"}
    world.crawl_new(at(3, 5), OTHER_NEW, there)
    assert world.alerts(at(3, 6)) == set()


TWO = (column("nb"), column("own", organ=TOWN.code))


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        # Nobody could look into its own column: it may have stood there all the time.
        (Outcome.BLOCKED, ("unverified", "on_time", ())),
        (Outcome.UNCHANGED, ("late", "on_time", ("backdated",))),
    ],
)
def test_absent_is_only_what_was_in_none_of_its_columns(
    tmp_path: Path, own: Outcome, expected: tuple[str, str, tuple[str, ...]]
) -> None:
    for name, day in (("undated", None), ("dated", date(2024, 1, 20))):
        (tmp_path / name).mkdir()
        world = Portals(tmp_path / name, *TWO)
        for number in (2, 8):
            world.crawl(at(2, number), OTHER, columns={"own": own})
        world.crawl(at(2, 20), OTHER, shown(TOWN, 2023, day), columns={"own": own})
        standing = world.stand(at(2, 21))
        if day is None:
            assert standing.state.value == expected[0]
            assert {one.column_id for one in standing.looked_at} == ({"nb", "own"} if expected[2] else set())
        else:
            assert (standing.state.value, standing.flags) == expected[1:]


def test_what_stands_in_anothers_column_is_misplaced_only_if_its_own_was_read(tmp_path: Path) -> None:
    world = Portals(tmp_path, column("nb", organ=OTHER_TOWN.code), column("own", organ=TOWN.code))
    stray = shown(TOWN, 2023, date(2024, 1, 19))
    for day in (20, 25):
        world.crawl(at(1, day), OTHER, stray, columns={"own": Outcome.UNREACHABLE})
    assert world.alerts(at(1, 26)) == set()
    world.crawl(at(1, 27), OTHER, stray)
    assert world.alerts(at(1, 28)) == {"misplaced"}


@pytest.mark.parametrize(
    ("day", "state"), [(None, "unverified"), (date(2024, 1, 20), "on_time"), (date(2024, 2, 9), "late")]
)
def test_passes_over_another_page_say_nothing_once_the_definition_names_this_one(
    world: Portals, day: date | None, state: str
) -> None:
    for number in (1, 2):
        world.crawl(at(2, number), OTHER)
    assert world.stand(at(2, 3)).state.value == "missing"
    # The column was that of the year before: somebody corrects its address, and its id stays.
    corrected = column("nb").model_copy(update={"address": "http://www.example.org/nb/2023n/"})
    world.old = world.portal = world.old.model_copy(update={"columns": (corrected,)})
    world.defined = (world.old,)
    standing = world.stand(at(2, 3))
    assert (standing.state.value, standing.proof) == ("unverified", ())
    world.crawl(at(2, 10), OTHER, shown(TOWN, 2023, day))
    standing = world.stand(at(2, 11))
    assert (standing.state.value, set(standing.flags) & {"backdated"}) == (state, set())
    assert standing.dates is not None
    assert standing.dates.last_without_at is None


def test_a_date_of_december_on_what_was_not_there_in_january_is_no_early_publication(world: Portals) -> None:
    listed = shown(TOWN, 2023, None, shown_on=date(2023, 12, 25))
    world.crawl(at(1, 5), OTHER)
    world.crawl(at(1, 20), OTHER, listed)
    assert world.stand(at(1, 21)).flags == ()
    assert world.alerts(at(1, 21)) == set()


def test_a_date_in_an_address_alone_makes_no_report_back_dated(world: Portals) -> None:
    path = "/nb/202401/t20240118_1.html"
    for number in (1, 8):
        world.crawl(at(2, number), OTHER)
    world.crawl(at(2, 20), OTHER, shown(TOWN, 2023, path=path))
    standing = world.stand(at(2, 21))
    assert (standing.state.value, standing.flags) == ("unverified", ())
    assert standing.reason
    assert world.alerts(at(2, 21)) == set()


def test_an_undated_report_that_comes_along_with_a_move_is_not_told_to_be_late(world: Portals) -> None:
    others = [shown(OTHER_TOWN, year, date(year + 1, 1, 10)) for year in (2020, 2021, 2022)]
    for number in (1, 8):
        world.crawl(at(2, number), *others)
    moved = [
        shown(OTHER_TOWN, year, date(year + 1, 1, 10), path=f"/info/1082/{year}.htm")
        for year in (2020, 2021, 2022)
    ]
    world.crawl(at(2, 20), *moved, shown(TOWN, 2023, path="/info/1082/2023.htm"))
    standing = world.stand(at(2, 21))
    assert (standing.state.value, standing.published_from) == ("unverified", "first_seen")


def test_a_new_software_that_sets_other_blanks_changes_no_report(world: Portals) -> None:
    day = date(2024, 1, 12)
    world.crawl(at(1, 20), OTHER, shown(TOWN, 2023, day))
    assert world.alerts(at(1, 21)) == set()
    spaced = page(TOWN, 2023, day).decode().replace("，", "， ").replace("年度报告", "年度 报告").encode()
    gone = shown(TOWN, 2023, data=None, listed=False)
    world.crawl(at(2, 20), OTHER, gone, shown(TOWN, 2023, path="/info/1.htm", data=spaced))
    standing = world.stand(at(2, 21))
    assert (standing.state.value, standing.versions) == ("on_time", 2)
    assert world.alerts(at(2, 21)) == set()


def test_a_portal_left_out_over_the_due_date_makes_nobody_late_when_it_is_back(world: Portals) -> None:
    world.crawl(at(1, 25), OTHER)
    for number in range(26, 32):
        world.crawl(at(1, number), outcome=Outcome.UNREACHABLE)
    world.crawl(at(2, 12), outcome=Outcome.UNREACHABLE)
    assert world.stand(at(2, 13)).state.value == "unverified"
    world.crawl(at(2, 20), OTHER, shown(TOWN, 2023))
    standing = world.stand(at(2, 21))
    assert (standing.state.value, standing.flags) == ("unverified", ("no_date",))
    assert standing.dates is not None
    assert (standing.dates.last_without_at, standing.dates.seen_on) == (at(1, 25), date(2024, 2, 20))
    assert world.alerts(at(2, 21)) == set()


def test_a_report_in_both_portals_is_removed_when_the_last_of_them_has_it_no_more(world: Portals) -> None:
    one, data = shown(TOWN, 2023, date(2024, 1, 12)), page(TOWN, 2023, date(2024, 1, 12))
    world.defined = (world.old, world.new)
    world.crawl(at(1, 20), OTHER, one)
    world.crawl_new(at(1, 20), OTHER_NEW, undated(data=data))
    world.crawl_new(at(1, 25), OTHER_NEW, undated(data=None, listed=False))
    assert world.alerts(at(1, 26)) == set()
    # The other one is blocked: nobody knows whether it has the report still.
    world.crawl(at(1, 27), outcome=Outcome.BLOCKED)
    assert world.alerts(at(1, 28)) == set()
    world.crawl(at(1, 29), OTHER, shown(TOWN, 2023, data=None, listed=False))
    world.crawl(at(1, 30), OTHER)
    assert world.alerts(at(1, 31)) == set(), "at the new portal it was missed once"
    world.crawl_new(at(2, 1), OTHER_NEW)
    assert world.alerts(at(2, 2)) == {"removed"}
