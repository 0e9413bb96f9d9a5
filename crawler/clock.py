"""The one clock. Times are aware and in Asia/Shanghai; a shift lets the demo and tests live through a season."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the time, moved by ``shift`` against the machine's."""

    shift: timedelta = timedelta()

    @classmethod
    def showing(cls, moment: datetime) -> Clock:
        """A clock that shows ``moment`` (aware) now, and goes on from there."""
        return cls(moment - datetime.now(SHANGHAI))

    def now(self) -> datetime:
        """The present moment, aware, in Asia/Shanghai."""
        return datetime.now(SHANGHAI) + self.shift
