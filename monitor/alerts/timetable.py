"""When a destination may be told: at once, in a digest, outside its quiet hours, on working days.

Pure. All times of day are those of Asia/Shanghai, whatever zone the machine runs in; there the clocks are never
put forward or back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Literal, Self

from crawler.clock import SHANGHAI
from monitor.settings import ChannelSettings, quiet_stretch
from monitor.working_days import WorkingDays

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_LONGEST_SHIFT = timedelta(days=63)
"""A weekly digest may be put off over rest days; by no more than the calendar looks ahead."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """When one destination is told. ``weekday`` from 1 (Monday) to 7; ``quiet`` may run over midnight."""

    schedule: Literal["at_once", "daily", "weekly"] = "at_once"
    at: time = time(8, 30)
    weekday: int = 1
    quiet: tuple[time, time] | None = None
    working_days_only: bool = False

    @classmethod
    def of(cls, channel: ChannelSettings) -> Self:
        """The timetable of a configured destination."""
        return cls(
            channel.schedule,
            channel.at,
            channel.weekday,
            quiet_stretch(channel.quiet_hours),
            channel.working_days_only,
        )

    def open_from(self, moment: datetime, calendar: WorkingDays) -> datetime:
        """The first moment, not before ``moment``, outside quiet hours and, where it is asked for, rest days."""
        moment = moment.astimezone(SHANGHAI)
        while True:
            later = self._after_quiet_hours(self._on_a_working_day(moment, calendar))
            if later == moment:
                return moment
            moment = later

    def told_from(self, moment: datetime, calendar: WorkingDays, *, at_once: bool = False) -> datetime:
        """When something that happened at ``moment`` may be told; ``at_once`` for what waits for no digest."""
        if at_once or self.schedule == "at_once":
            return self.open_from(moment, calendar)
        slot = next(each for each in self._slots(moment.astimezone(SHANGHAI), calendar) if each >= moment)
        return self.open_from(slot, calendar)

    def _slots(self, moment: datetime, calendar: WorkingDays) -> Iterator[datetime]:
        """The times of digests from ``moment`` on, and some before it."""
        today = moment.date()
        step = _DAY if self.schedule == "daily" else _WEEK
        first = today
        if self.schedule == "weekly":
            first = today - timedelta(days=(today.isoweekday() - self.weekday) % 7)
        # A digest of weeks ago may have been put off over rest days until now.
        first -= step * (_LONGEST_SHIFT // step)
        for number in count():
            day = first + number * step
            yield self._slot(calendar.next_working_day(day) if self.working_days_only else day)

    def _slot(self, day: date) -> datetime:
        return datetime.combine(day, self.at, SHANGHAI)

    def _on_a_working_day(self, moment: datetime, calendar: WorkingDays) -> datetime:
        if not self.working_days_only:
            return moment
        day = calendar.next_working_day(moment.date())
        return moment if day == moment.date() else datetime.combine(day, time(), SHANGHAI)

    def _after_quiet_hours(self, moment: datetime) -> datetime:
        if self.quiet is None:
            return moment
        begin, end = self.quiet
        now = moment.time()
        over_midnight = end < begin
        if not (now >= begin or now < end if over_midnight else begin <= now < end):
            return moment
        day = moment.date() + _DAY if over_midnight and now >= begin else moment.date()
        return datetime.combine(day, end, SHANGHAI)
