"""When a destination may be told: examples one by one, and what must hold for every timetable and moment."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.clock import SHANGHAI
from monitor.alerts.timetable import Timetable
from monitor.working_days import WorkingDays
from tests.monitor.alerts.support import mail_channel

CALENDAR = WorkingDays()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


NIGHT = (time(22), time(7))
NOON = (time(12), time(13, 30))


@pytest.mark.parametrize(
    ("table", "happened", "told"),
    [
        (Timetable(), "2024-02-03T03:00", "2024-02-03T03:00"),
        (Timetable(quiet=NIGHT), "2024-02-03T03:00", "2024-02-03T07:00"),
        (Timetable(quiet=NIGHT), "2024-02-03T22:00", "2024-02-04T07:00"),
        (Timetable(quiet=NIGHT), "2024-02-03T07:00", "2024-02-03T07:00"),
        (Timetable(quiet=NIGHT), "2024-02-03T21:59", "2024-02-03T21:59"),
        (Timetable(quiet=NOON), "2024-02-03T12:00", "2024-02-03T13:30"),
        (Timetable(quiet=NOON), "2024-02-03T13:30", "2024-02-03T13:30"),
        # Saturday 3 February; Sunday the 4th was worked; the Spring Festival ran from the 10th to the 17th.
        (Timetable(working_days_only=True), "2024-02-03T12:00", "2024-02-04T00:00"),
        (Timetable(working_days_only=True, quiet=NIGHT), "2024-02-03T12:00", "2024-02-04T07:00"),
        (Timetable(working_days_only=True, quiet=NIGHT), "2024-02-09T23:00", "2024-02-18T07:00"),
        (Timetable("daily"), "2024-02-03T06:30", "2024-02-03T08:30"),
        (Timetable("daily"), "2024-02-03T08:30", "2024-02-03T08:30"),
        (Timetable("daily"), "2024-02-03T08:31", "2024-02-04T08:30"),
        (Timetable("daily", working_days_only=True), "2024-02-09T09:00", "2024-02-18T08:30"),
        (Timetable("daily", time(6), quiet=NIGHT), "2024-02-03T05:00", "2024-02-03T07:00"),
        (Timetable("daily", time(6), quiet=NIGHT), "2024-02-03T06:30", "2024-02-04T07:00"),
        (Timetable("weekly", weekday=1), "2024-02-03T12:00", "2024-02-05T08:30"),
        (Timetable("weekly", weekday=6), "2024-02-03T08:00", "2024-02-03T08:30"),
        (Timetable("weekly", weekday=6), "2024-02-03T09:00", "2024-02-10T08:30"),
        # Monday the 12th is a holiday: the digest of that week comes on the first working day after it.
        (Timetable("weekly", weekday=1, working_days_only=True), "2024-02-06T09:00", "2024-02-18T08:30"),
        (Timetable("weekly", weekday=1, working_days_only=True), "2024-02-15T09:00", "2024-02-18T08:30"),
        (Timetable("weekly", weekday=1, working_days_only=True), "2024-02-18T09:00", "2024-02-19T08:30"),
    ],
)
def test_examples(table: Timetable, happened: str, told: str) -> None:
    assert table.told_from(at(happened), CALENDAR) == at(told)


def test_what_is_grave_waits_for_no_digest_but_for_the_end_of_the_night() -> None:
    table = Timetable("weekly", quiet=NIGHT)
    assert table.told_from(at("2024-02-03T09:00"), CALENDAR, at_once=True) == at("2024-02-03T09:00")
    assert table.told_from(at("2024-02-03T23:00"), CALENDAR, at_once=True) == at("2024-02-04T07:00")


def test_a_channel_without_any_setting_is_told_at_once() -> None:
    assert Timetable.of(mail_channel()) == Timetable()
    assert Timetable.of(mail_channel(schedule="weekly", weekday=5, at="09:15", quiet_hours="22:00-07:00")) == (
        Timetable("weekly", time(9, 15), 5, NIGHT)
    )


times = st.times().map(lambda each: each.replace(second=0, microsecond=0))
tables = st.builds(
    Timetable,
    st.sampled_from(["at_once", "daily", "weekly"]),
    times,
    st.integers(1, 7),
    st.none() | st.tuples(times, times).filter(lambda both: both[0] != both[1]),
    st.booleans(),
)
zones = st.sampled_from([UTC, SHANGHAI, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")])
moments = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 - the zones are given
    datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=zones,
    allow_imaginary=False,
)


def is_quiet(table: Timetable, moment: datetime) -> bool:
    """Told minute by minute, otherwise than the code under test does."""
    if table.quiet is None:
        return False
    begin, end = (each.hour * 60 + each.minute for each in table.quiet)
    here = moment.astimezone(SHANGHAI)
    return (here.hour * 60 + here.minute - begin) % 1440 < (end - begin) % 1440


@settings(max_examples=300, deadline=None)
@given(tables, moments, st.booleans())
def test_never_early_never_in_quiet_hours_never_on_a_rest_day(
    table: Timetable, moment: datetime, at_once: bool
) -> None:
    told = table.told_from(moment, CALENDAR, at_once=at_once)
    assert told >= moment
    assert not is_quiet(table, told)
    assert not table.working_days_only or CALENDAR.works(told.astimezone(SHANGHAI).date())
    assert told == table.told_from(moment.astimezone(SHANGHAI), CALENDAR, at_once=at_once)
    if table.schedule != "at_once" and not at_once and not table.quiet:
        assert told.astimezone(SHANGHAI).time() == table.at
    if table.schedule == "daily" and not table.working_days_only:
        assert told - moment <= timedelta(days=2)
    if table.schedule == "weekly" and not table.working_days_only:
        assert told - moment <= timedelta(days=8)


@settings(max_examples=200, deadline=None)
@given(tables, moments, st.timedeltas(timedelta(), timedelta(days=20)), st.booleans())
def test_what_happened_later_is_never_told_earlier(
    table: Timetable, moment: datetime, later: timedelta, at_once: bool
) -> None:
    one = table.told_from(moment, CALENDAR, at_once=at_once)
    assert one <= table.told_from(moment + later, CALENDAR, at_once=at_once)
