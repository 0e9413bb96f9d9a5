"""Which known reports are asked for again in a pass, and which may rest.

A list is read at every pass. A report whose row reads as it did may have been changed in place all the same, so
none rests for ever: docs/decisions/0013-known-reports-rest.md says why these days.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.clock import SHANGHAI
from crawler.records import KnownDocument

_SEASON = (12, 1, 2, 3, 4)
"""Months in which reports of the newest year appear and are corrected: from the first early ones to a month after
the date for governments (31 March)."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """How long known reports rest.

    ``days``: an older report is asked for once in so many days (0: at every pass). ``newest_days``: the same for
    the newest report year outside the season; in the season these are asked for at every pass. ``fresh_days``:
    what appeared or changed within so many days is asked for at every pass.
    """

    days: int = 180
    newest_days: int = 14
    fresh_days: int = 14

    def due(
        self, known: KnownDocument | None, address: str, report_year: int | None, newest_year: int, now: datetime
    ) -> bool:
        """Whether a listed report must be asked for now. In doubt it must.

        ``newest_year`` is the newest report year that may be published by ``now``.
        """
        if known is None or known.unsettled or known.checked_at is None or known.since is None:
            return True
        if now - known.since < timedelta(days=self.fresh_days) or known.checked_at > now:
            return True
        newest = report_year is None or report_year >= newest_year
        if newest and now.astimezone(SHANGHAI).month in _SEASON:
            return True
        return _turns(address, known.checked_at, now, min(self.newest_days, self.days) if newest else self.days)


def _turns(address: str, checked_at: datetime, now: datetime, days: int) -> bool:
    """Whether the day of an address has come since it was checked. The days of addresses are spread evenly."""
    if days < 1:
        return True
    offset = int.from_bytes(hashlib.sha256(address.encode()).digest()[:4]) % days
    before, today = (moment.astimezone(SHANGHAI).toordinal() for moment in (checked_at, now))
    return (before + offset) // days != (today + offset) // days
