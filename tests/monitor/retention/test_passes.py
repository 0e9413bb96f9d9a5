"""Which passes stay: around what came or went, after due days until missing is proven, up to what came late."""

from datetime import date, datetime, timedelta

from crawler.clock import SHANGHAI
from monitor.retention.passes import AROUND, Grounds, PassOver, kept_passes

FIRST = datetime(2024, 1, 1, 6, tzinfo=SHANGHAI)


def day(number: int) -> datetime:
    """The pass of a day; the first is number 0."""
    return FIRST + timedelta(days=number)


def passes(*not_whole: int, of: int = 400) -> list[PassOver]:
    """A pass a day, named by its number."""
    return [PassOver(str(number), day(number), number not in not_whole) for number in range(of)]


def kept(grounds: Grounds, *not_whole: int) -> set[int]:
    """The numbers of the passes that are kept in the middle of the year, where none is by its place alone."""
    return {int(one) for one in kept_passes(passes(*not_whole), grounds)} - {*range(AROUND), *range(395, 400)}


def test_the_first_and_the_last_stay_and_nothing_else_where_nothing_happened() -> None:
    assert kept_passes(passes(), Grounds()) == {str(number) for number in (0, 1, 2, 3, 4, 395, 396, 397, 398, 399)}
    assert kept_passes([], Grounds()) == set()
    assert kept_passes(passes(of=3), Grounds()) == {"0", "1", "2"}


def test_passes_on_either_side_of_what_came_or_went_stay() -> None:
    assert kept(Grounds(moments=[day(100)])) == set(range(95, 105))
    assert kept(Grounds(moments=[day(100) + timedelta(hours=1)])) == set(range(96, 106))


def test_all_passes_from_a_due_day_to_a_late_report_stay() -> None:
    assert kept(Grounds(spans=[(day(50), day(120))])) >= set(range(45, 125))
    assert 130 not in kept(Grounds(spans=[(day(50), day(120))]))


def test_after_a_due_day_whole_passes_on_enough_days_stay_however_long_that_takes() -> None:
    due = date(2024, 1, 31)  # day 30
    assert kept(Grounds(due_days=[due])) == set(range(25, 38))
    blind = range(31, 200)
    found = kept(Grounds(due_days=[due]), *blind)
    assert found >= set(range(25, 207)), "until seven whole ones were seen, all of them"
    assert 210 not in found
    assert kept(Grounds(due_days=[due], days_of_proof=30)) == set(range(25, 66))
