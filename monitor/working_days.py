"""Working days of China: by the yearly notices of the State Council, the user's own year file, or what is certain.

The notices (which days are off, which Saturdays and Sundays are worked instead) come from the library
chinesecalendar. A year it does not know yet is judged by Saturdays, Sundays and the holidays that the law fixes
(working_days.yaml), and is ``provisional`` until its notice stands in a new release or in the user's year file.
Due dates never shift because of a rest day; this calendar only says when people are at their desks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from monitor.language import N_, spoken_language, translate
from monitor.settings import Settings
from monitor.system_words import reason_of

_PACKAGED = Path(__file__).with_suffix(".yaml")
_SATURDAY = 5


class WorkingDaysError(ValueError):
    """A year file cannot be used; the message is one readable line with the file, the place and the remedy."""


@dataclass(frozen=True, slots=True)
class YearNotice:
    """The notice of one year: days off besides Saturdays and Sundays, Saturdays and Sundays that are worked."""

    rest: frozenset[date]
    work: frozenset[date]


@dataclass(frozen=True, slots=True)
class DayOfWork:
    """Whether a day is worked; ``provisional`` while the notice of its year is not known."""

    works: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendar. ``notices`` are the user's own, by year; they go before everything else."""

    notices: Mapping[int, YearNotice] = field(default_factory=dict)

    def of(self, day: date) -> DayOfWork:
        """What kind of day it is."""
        notice = self.notices.get(day.year)
        if notice is not None:
            return DayOfWork(day in notice.work or (not _at_weekend(day) and day not in notice.rest), False)
        # Imported here: most commands never ask what day it is.
        import chinese_calendar

        try:
            return DayOfWork(chinese_calendar.is_workday(day), False)
        except NotImplementedError:
            return DayOfWork(not _at_weekend(day) and not _is_known_holiday(day), True)

    def works(self, day: date) -> bool:
        """Whether a day is worked, as far as is known."""
        return self.of(day).works

    def next_working_day(self, day: date) -> date:
        """The day itself where it is worked, else the first one after it that is."""
        # A year file that leaves no day to work would otherwise hold messages for ever.
        return next((each for each in _from(day, days=60) if self.works(each)), day)


def load_working_days(file: Path | None) -> WorkingDays:
    """The calendar with the user's year file, if there is one. Raises WorkingDaysError.

    The file (YAML) holds for each year ``rest`` and ``work``, both lists of days or of stretches ``first/last``::

        2027:
          source: 国务院办公厅关于2027年部分节假日安排的通知
          rest: [2027-01-01, 2027-02-05/2027-02-11]
          work: [2027-02-20]
    """
    if file is None:
        return WorkingDays()
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as problem:
        reason = reason_of(problem) if isinstance(problem, OSError) else "UTF-8"
        raise _wrong(N_("读不了工作日文件 {file}：{reason}；请检查 [notify] working_days"), file, reason) from None
    except yaml.YAMLError as problem:
        raise _wrong(N_("工作日文件 {file} 不是合法的 YAML（{reason}）；请改正这一处"), file, problem) from None
    except ValueError as problem:  # what looks like a day and is none: 2027-02-30
        raise _wrong(N_("工作日文件 {file} 里有不存在的日期（{reason}）；请改正"), file, problem) from None
    if not isinstance(data, dict):
        raise _wrong(N_("工作日文件 {file} 应为“年: {{rest: […], work: […]}}”；请改正{reason}"), file, "")
    return WorkingDays({_year(year, file): _notice(year, entry, file) for year, entry in data.items()})


def working_days(settings: Settings) -> WorkingDays:
    """The calendar as it is configured. Raises WorkingDaysError."""
    file = settings.notify.working_days
    return load_working_days(settings.path(file) if file else None)


def _year(year: Any, file: Path) -> int:
    if not isinstance(year, int) or isinstance(year, bool):
        raise _wrong(N_("工作日文件 {file}：“{reason}”不是年份；请改正"), file, year)
    return year


def _notice(year: int, entry: Any, file: Path) -> YearNotice:
    if not isinstance(entry, dict) or not entry.keys() <= {"source", "rest", "work"} or "rest" not in entry:
        raise _wrong(N_("工作日文件 {file}：{reason} 年应有 rest（放假）和 work（调休上班）；请改正"), file, year)
    days = {}
    for name in ("rest", "work"):
        listed = entry.get(name) or []
        found = {day for each in listed for day in _days(each, file)} if isinstance(listed, list) else {None}
        if any(day is None or day.year != year for day in found):
            reason = f"{year} {name}"
            raise _wrong(N_("工作日文件 {file}：{reason} 应为该年的日期的列表；请改正"), file, reason)
        days[name] = frozenset(day for day in found if day is not None)
    if not all(_at_weekend(day) for day in days["work"] - days["rest"]) or days["work"] & days["rest"]:
        wrong = min(days["work"] & days["rest"] or {day for day in days["work"] if not _at_weekend(day)})
        raise _wrong(
            N_("工作日文件 {file}：调休上班的 {reason} 不是周六、周日，或同时列为放假；请改正"), file, wrong
        )
    return YearNotice(days["rest"], days["work"])


def _days(entry: Any, file: Path) -> Iterator[date]:
    """One day, or the days of a stretch ``first/last``."""
    if isinstance(entry, date):
        yield date(entry.year, entry.month, entry.day)
        return
    try:
        first, _, last = str(entry).partition("/")
        begin = date.fromisoformat(first.strip())
        end = date.fromisoformat(last.strip()) if last else begin
    except ValueError:
        reason = " ".join(str(entry).split())
        raise _wrong(
            N_("工作日文件 {file}：“{reason}”不是日期（2027-02-05 或 2027-02-05/2027-02-11）；请改正"),
            file,
            reason,
        ) from None
    if not begin <= end < begin + timedelta(days=366):
        raise _wrong(N_("工作日文件 {file}：“{reason}”的起止颠倒或过长；请改正"), file, entry)
    yield from _from(begin, days=(end - begin).days + 1)


def _from(day: date, *, days: int) -> Iterator[date]:
    return (day + timedelta(days=number) for number in range(days))


def _at_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY


def _is_known_holiday(day: date) -> bool:
    fixed, movable = _known_holidays()
    return f"{day:%m-%d}" in fixed or day in movable


@cache
def _known_holidays() -> tuple[frozenset[str], frozenset[date]]:
    data = yaml.safe_load(_PACKAGED.read_text(encoding="utf-8"))
    return frozenset(data["fixed"]), frozenset(day for days in data["movable"].values() for day in days)


def _wrong(template: str, file: Path, reason: object) -> WorkingDaysError:
    values = {"file": file, "reason": " ".join(str(reason).split())}
    return WorkingDaysError(translate(template, spoken_language(), values))
