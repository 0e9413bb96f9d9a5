"""How much of a county's columns was crawled whole at the last pass."""

from datetime import date, datetime, timedelta

from crawler.clock import SHANGHAI
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import Outcome
from monitor.completeness.record import count_columns
from monitor.store.crawls import PassSummary

MORNING = datetime(2024, 2, 2, 7, tzinfo=SHANGHAI)


def portal(id: str, county: str, *columns: ColumnDefinition) -> PortalDefinition:
    """A portal with these columns."""
    return PortalDefinition(
        id=id, name=id, county_code=county, family="generic", hosts=("a.example",), columns=columns
    )


def column(id: str, *years: int) -> ColumnDefinition:
    """A column for these report years (none: all)."""
    return ColumnDefinition(id=id, name=id, address=f"http://a.example/{id}/", years=years)


def passed(portal_id: str, column_id: str, day: int, whole: bool) -> PassSummary:
    """A pass over a column on a day."""
    at = MORNING + timedelta(days=day)
    outcome = Outcome.UNCHANGED if whole else Outcome.BLOCKED
    return PassSummary(portal_id, column_id, at, at + timedelta(minutes=5), outcome, whole)


def test_the_last_pass_counts_and_never_crawled_is_not_whole() -> None:
    portals = [portal("one", "410526", column("a"), column("b")), portal("two", "410526", column("a"))]
    passes = [passed("one", "a", 0, False), passed("one", "a", 1, True), passed("one", "b", 0, True)]
    assert count_columns(portals, passes, 2023, date(2024, 2, 5)) == {"410526": (3, 2)}
    assert count_columns(portals, [*passes, passed("one", "a", 2, False)], 2023, date(2024, 2, 5)) == {
        "410526": (3, 1)
    }


def test_a_column_of_another_year_does_not_count() -> None:
    portals = [portal("one", "410526", column("a", 2022), column("b", 2023))]
    assert count_columns(portals, [passed("one", "b", 0, True)], 2023, date(2024, 2, 5)) == {"410526": (1, 1)}


def test_a_portal_that_is_over_does_not_count() -> None:
    portals = [portal("one", "410526", column("a")), portal("two", "410526", column("b"))]
    portals[0] = portals[0].model_copy(update={"valid_to": date(2024, 2, 4)})
    assert count_columns(portals, [], 2023, date(2024, 2, 4)) == {"410526": (2, 0)}
    assert count_columns(portals, [], 2023, date(2024, 2, 5)) == {"410526": (1, 0)}
