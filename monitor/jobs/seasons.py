"""How often portals are visited: seasons as data, and pure decisions from them.

A slot is a moment at which a portal's visit falls due. Which slot was used last is kept for each portal
(monitor.store.jobs), so that a slot is used once whoever asks, and slots that went by while nothing ran are made
good by one visit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from crawler.clock import SHANGHAI
from monitor.language import N_, spoken_language, translate
from monitor.system_words import reason_of

if TYPE_CHECKING:
    from monitor.settings import Settings

_PACKAGED = Path(__file__).with_name("seasons.yaml")
_DAY = timedelta(days=1)
_LOOKED_BACK = timedelta(days=400)
"""Some slot lies within so many days: a year and its leap day, whatever the crontab."""
_LOOKED_AT_FOR_INTERVAL = timedelta(days=9)

_WRONG = N_("访问时间表 {file}：{problem}；请对照 seasons.yaml 开头的说明改正")


class SeasonError(ValueError):
    """A file of seasons cannot be used; the message is one readable line."""


class Season(BaseModel):
    """When portals are visited on the days it holds for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(min_length=1)]
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    near_due: tuple[Annotated[int, Field(ge=0, le=180)], Annotated[int, Field(ge=0, le=180)]] | None = None
    times: str

    @field_validator("times")
    @classmethod
    def _is_crontab(cls, times: str) -> str:
        next(_times_on(times, date(2024, 1, 1)), None)
        return times

    def holds_on(self, day: date, due_days: Collection[date]) -> bool:
        """Whether it holds on a day for portals of a county with these due dates."""
        if self.months and day.month not in self.months:
            return False
        if self.near_due is None:
            return True
        before, after = self.near_due
        return any(-before <= (day - due).days <= after for due in due_days)


@dataclass(frozen=True, slots=True)
class Seasons:
    """Seasons in their order: the first that holds for a day counts."""

    seasons: tuple[Season, ...]

    @property
    def crontabs(self) -> tuple[str, ...]:
        """All times at which some visit may fall due."""
        return tuple(dict.fromkeys(season.times for season in self.seasons))

    def slots_on(self, day: date, due_days: Collection[date]) -> tuple[datetime, ...]:
        """The slots of a day, in order."""
        held = next(season for season in self.seasons if season.holds_on(day, due_days))
        return _slots(held.times, day)

    def last_slot(self, now: datetime, due_days: Collection[date], since: datetime | None) -> datetime | None:
        """The last slot that has come by ``now`` and lies after ``since``; None where there is none.

        Many slots that went by make one: the last of them.
        """
        day = now.astimezone(SHANGHAI).date()
        earliest = max(day - _LOOKED_BACK, since.astimezone(SHANGHAI).date() if since else date.min)
        while day >= earliest:
            for slot in reversed(self.slots_on(day, due_days)):
                if slot <= now:
                    return slot if since is None or slot > since else None
            day -= _DAY
        return None

    def next_slot(self, after: datetime, due_days: Collection[date]) -> datetime:
        """The first slot after a moment."""
        day = after.astimezone(SHANGHAI).date()
        for number in range(_LOOKED_BACK.days):
            for slot in self.slots_on(day + number * _DAY, due_days):
                if slot > after:
                    return slot
        raise LookupError(f"no slot within {_LOOKED_BACK.days} days after {after}")

    def interval(self, now: datetime) -> timedelta:
        """How long a portal may go without a visit about ``now``, due dates apart: in whole days."""
        slots: list[datetime] = []
        day = (now - _LOOKED_AT_FOR_INTERVAL).astimezone(SHANGHAI).date()
        while not slots or slots[-1] <= now:
            slots += self.slots_on(day, ())
            day += _DAY
        gaps = [later - earlier for earlier, later in pairwise(slots)]
        longest = max(gaps, default=_DAY)
        return max(_DAY, timedelta(days=round(longest / _DAY)))


def load_seasons(file: Path | None = None) -> Seasons:
    """The seasons of a file, or the packaged ones. Raises SeasonError."""
    return _packaged() if file is None else _read(file)


def seasons_of(settings: Settings) -> Seasons:
    """The seasons that the settings name. Raises SeasonError."""
    file = settings.schedule.seasons
    return load_seasons(settings.path(file) if file else None)


def usual_interval(settings: Settings, now: datetime) -> timedelta:
    """How often a portal is visited about ``now``: as the settings say, or else as the season does."""
    days = settings.crawl.interval_days
    return timedelta(days=days) if days is not None else seasons_of(settings).interval(now)


@cache
def _packaged() -> Seasons:
    return _read(_PACKAGED)


def _read(file: Path) -> Seasons:
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        text = N_("读不了访问时间表 {file}（{reason}）；请检查 [schedule] seasons")
        raise SeasonError(_say(text, file=file, reason=reason_of(problem))) from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise _error(file, " ".join(str(problem).split())[:160]) from None
    listed = data.get("seasons") if isinstance(data, dict) else None
    if not isinstance(listed, list) or not listed:
        raise _error(file, _say(N_("没有 seasons 列表")))
    seasons = tuple(_season(file, number, one) for number, one in enumerate(listed, start=1))
    if seasons[-1].months or seasons[-1].near_due:
        raise _error(file, _say(N_("最后一项应对任何日子有效，不能有 months 或 near_due")))
    return Seasons(seasons)


def _season(file: Path, number: int, data: Any) -> Season:
    try:
        return Season.model_validate(data)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        what = _say(N_("第 {number} 项 {where}：{what}"), number=number, where=where, what=first["msg"])
        raise _error(file, what) from None


def _error(file: Path, problem: str) -> SeasonError:
    return SeasonError(_say(_WRONG, file=file, problem=problem))


def _say(text: str, **values: object) -> str:
    return translate(text, spoken_language(), values)


@lru_cache(maxsize=4096)
def _slots(crontab: str, day: date) -> tuple[datetime, ...]:
    return tuple(_times_on(crontab, day))


def _times_on(crontab: str, day: date) -> Iterator[datetime]:
    """The moments of a day that a crontab means. Raises ValueError."""
    # Imported here: commands that only look at the interval of a setting would wait for it in vain.
    from apscheduler.triggers.cron import CronTrigger

    trigger = CronTrigger.from_crontab(crontab, timezone=SHANGHAI)
    moment = datetime.combine(day, time.min, SHANGHAI)
    while True:
        found: datetime | None = trigger.get_next_fire_time(None, moment)
        if found is None or found.date() != day:
            return
        yield found
        moment = found + timedelta(seconds=1)
