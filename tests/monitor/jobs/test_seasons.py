"""When portals are visited: pure decisions from the seasons."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.clock import SHANGHAI
from monitor.jobs.seasons import SeasonError, Seasons, load_seasons, usual_interval
from monitor.registry.due import load_due_rules
from monitor.settings import CrawlSettings, Settings

SEASONS = load_seasons()
DUE = load_due_rules().days_about("990101", 2024)


def at(*when: int) -> datetime:
    """A moment in Beijing."""
    return datetime(*when, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]


def slots_of(day: date, due: Collection[date] = DUE) -> list[str]:
    """The slots of a day."""
    return [f"{slot:%H:%M}" for slot in SEASONS.slots_on(day, due)]


HOURLY = [f"{hour:02}:05" for hour in range(24)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 1, 1), ["06:30"]),
        (date(2024, 1, 27), ["06:30"]),
        (date(2024, 1, 28), HOURLY),
        (date(2024, 1, 31), HOURLY),
        (date(2024, 2, 1), ["06:30"]),
        (date(2024, 3, 27), ["06:30"]),
        (date(2024, 3, 28), HOURLY),
        (date(2024, 3, 31), HOURLY),
        (date(2024, 4, 1), ["06:30"]),
        (date(2024, 4, 7), ["06:30"]),
        (date(2024, 4, 8), ["06:30"]),  # a Monday
        (date(2024, 4, 9), []),
        (date(2024, 12, 30), ["06:30"]),  # a Monday
        (date(2024, 12, 31), []),
    ],
)
def test_daily_in_the_season_hourly_before_a_due_date_weekly_otherwise(day: date, expected: list[str]) -> None:
    assert slots_of(day) == expected


def test_the_due_dates_are_those_of_the_county() -> None:
    """怀化市 asks its departments for the reports of 2021 by 28 January, three days before the statute does."""
    assert date(2022, 1, 28) in load_due_rules().days_about("431200", 2022)
    assert slots_of(date(2022, 1, 25), load_due_rules().days_about("431200", 2022)) == HOURLY
    assert slots_of(date(2022, 1, 25), load_due_rules().days_about("990101", 2022)) == ["06:30"]


def test_slots_that_went_by_make_one_visit_and_none_is_used_twice() -> None:
    now = at(2024, 1, 30, 9, 4)
    assert SEASONS.last_slot(now, DUE, at(2024, 1, 30, 3, 5)) == at(2024, 1, 30, 8, 5)
    assert SEASONS.last_slot(now, DUE, at(2024, 1, 30, 8, 5)) is None
    assert SEASONS.last_slot(at(2024, 6, 5, 12), DUE, at(2024, 2, 1)) == at(2024, 6, 3, 6, 30)
    assert SEASONS.last_slot(at(2024, 6, 5, 12), DUE, at(2024, 6, 3, 6, 30)) is None


def test_a_portal_that_was_never_visited_is_due_at_once() -> None:
    assert SEASONS.last_slot(at(2024, 6, 5, 12), DUE, None) == at(2024, 6, 3, 6, 30)


def test_a_slot_ahead_of_the_clock_is_used_already() -> None:
    """The clock of the scheduler before was ten minutes fast."""
    assert SEASONS.last_slot(at(2024, 1, 30, 8, 59), DUE, at(2024, 1, 30, 9, 5)) is None


MOMENTS = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: at(2023, 1, 1) + timedelta(minutes=minutes))


@given(
    MOMENTS,
    st.sets(st.dates(date(2023, 1, 1), date(2026, 12, 31)), max_size=3),
    st.timedeltas(max_value=timedelta(days=30), min_value=timedelta()),
)
def test_last_and_next_slot_fit_together(now: datetime, due: set[date], back: timedelta) -> None:
    upcoming = SEASONS.next_slot(now, due)
    assert upcoming > now
    assert upcoming - now <= timedelta(days=8)
    assert SEASONS.last_slot(upcoming, due, now) == upcoming
    since = now - back
    found = SEASONS.last_slot(now, due, since)
    if found is None:
        assert SEASONS.next_slot(since, due) > now
    else:
        assert since < found <= now < SEASONS.next_slot(found, due)


def test_the_usual_interval_is_that_of_the_season_or_of_the_settings() -> None:
    assert usual_interval(Settings(), at(2024, 2, 10)) == timedelta(days=1)
    assert usual_interval(Settings(), at(2024, 6, 10, 5)) == timedelta(days=7)
    assert usual_interval(Settings(), at(2024, 1, 1, 5)) == timedelta(days=7)
    assert usual_interval(Settings(crawl=CrawlSettings(interval_days=3)), at(2024, 6, 10)) == timedelta(days=3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seasons: []", "seasons"),
        ("- 1", "seasons"),
        ("seasons: [", "seasons.yaml"),
        ('seasons:\n  - {id: a, times: "at dawn"}', "times"),
        ('seasons:\n  - {id: a, times: "0 5 * * *", mouths: [1]}', "mouths"),
        ('seasons:\n  - {id: a, months: [1], times: "0 5 * * *"}', "months"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "seasons.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SeasonError, match=said) as raised:
        load_seasons(file)
    assert "\n" not in str(raised.value)
    with pytest.raises(SeasonError, match=r"none\.yaml"):
        load_seasons(tmp_path / "none.yaml")


def test_own_seasons_take_the_place_of_the_packaged_ones(tmp_path: Path) -> None:
    file = tmp_path / "seasons.yaml"
    file.write_text('seasons:\n  - {id: a, times: "0 5 1 * *"}\n', encoding="utf-8")
    own: Seasons = load_seasons(file)
    assert own.next_slot(at(2024, 6, 5), ()) == at(2024, 7, 1, 5)
