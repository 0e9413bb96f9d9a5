"""The date that stands in an address, and how exactly it says it (portals.md part 5).

It is the day on which a page was made or moved in the software of the site, not always the day shown: one of three
dates, never the only one to go by.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit

from crawler.clock import SHANGHAI

FIRST_YEAR = 2008
"""Reports are published since the Regulations of May 2008: an older date (t19700101) is no date of one."""
LAST_YEAR = 2099


class Precision(StrEnum):
    """How exactly an address names a time."""

    SECOND = "second"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class AddressDate:
    """A date in an address: ``first`` to ``last`` are the days it may mean, the same day unless it is a month's.

    ``at`` is the moment (aware, Asia/Shanghai), where the address names one.
    """

    precision: Precision
    first: date
    last: date
    at: datetime | None = None

    @property
    def day(self) -> date | None:
        """The day, None where only a month is named: a month is never used as a day."""
        return None if self.precision is Precision.MONTH else self.first

    @property
    def text(self) -> str:
        """The date as exactly as it is known, in ISO 8601: ``2024-01``, ``2024-01-18`` or a moment."""
        if self.at is not None:
            return self.at.isoformat(timespec="seconds")
        return f"{self.first:%Y-%m}" if self.precision is Precision.MONTH else self.first.isoformat()


_YEAR = r"((?:19|20)\d{2})"
_MONTH, _DAY = r"(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
_TRS = re.compile(rf"/t{_YEAR}(\d{{2}})(\d{{2}})_\d+")
# /2024/1/22/ (Hanweb), /202301/30/, /2025/01-16/, /2026/01-08/1371044.html, /doc/2026/01/26/
_PATH = re.compile(rf"/{_YEAR}(?:/(\d{{1,2}})[/-](\d{{1,2}})|{_MONTH}/(\d{{2}})|-(\d{{1,2}})[/-](\d{{1,2}}))(?=/)")
# /20240326/i3300070.html
_COMPACT = re.compile(rf"/(20\d{{2}}){_MONTH}{_DAY}(?=/)")
# 博达 VSB: /overt_centent/<organ code>-/2020-0206003.htm, the date with a serial behind it
_SERIAL = re.compile(rf"/overt_centent/.*/(20\d{{2}})-{_MONTH}{_DAY}\d{{3}}\.html?$")
# ids with a time: 20220125180019 with milliseconds or not; article_2026020215383939768
_STAMP = re.compile(
    rf"^(?:article_(?=\d{{19}}$))?(20\d{{2}}){_MONTH}{_DAY}([01]\d|2[0-3])([0-5]\d)([0-5]\d)(?:\d{{3}})?(?:\d{{2}})?$"
)
_STAMP_LENGTHS = frozenset({14, 17})
# /202601/0176888997731551.html: after a 0 the milliseconds of publishing, in the folder of their month
_MILLISECONDS = re.compile(rf"/(20\d{{2}}){_MONTH}/0(\d{{13}})\d{{0,3}}\.\w+$")
_MONTH_FOLDER = re.compile(rf"/(20\d{{2}}){_MONTH}(?=/)")


def read_address_date(address: str) -> AddressDate | None:
    """The date in an address, the most exact that it names; None where it names none, or one that cannot be.

    What no calendar has, and years before there were reports, is none: not even a less exact part of it counts.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    for read in _READERS:
        found, date_found = read(parts.path, parts.query)
        if found:
            return date_found
    return None


_Read = tuple[bool, AddressDate | None]


def _stamped(path: str, query: str) -> _Read:
    last = path.rpartition("/")[2].partition(".")[0]
    for text in (last, *(value for _, value in parse_qsl(query))):
        match = _STAMP.match(text)
        digits = len(text.removeprefix("article_"))
        if match and (digits in _STAMP_LENGTHS or text.startswith("article_")):
            try:
                return True, _moment(datetime(*(int(part) for part in match.groups()[:6]), tzinfo=SHANGHAI))  # type: ignore[arg-type,misc]
            except ValueError:
                continue
    return False, None


def _milliseconds(path: str, query: str) -> _Read:
    match = _MILLISECONDS.search(path)
    if not match:
        return False, None
    at = datetime.fromtimestamp(int(match[3]) / 1000, SHANGHAI)
    # Digits that do not agree with their folder are a number like any other.
    if (at.year, at.month) != (int(match[1]), int(match[2])):
        return False, None
    return True, _moment(at.replace(microsecond=0))


def _by_pattern(pattern: re.Pattern[str]) -> Callable[[str, str], _Read]:
    def read(path: str, query: str) -> _Read:
        match = pattern.search(path)
        if not match:
            return False, None
        year, month, day = (int(part) for part in match.groups() if part is not None)
        return True, _whole_day(year, month, day)

    return read


def _month(path: str, query: str) -> _Read:
    match = _MONTH_FOLDER.search(path)
    if not match:
        return False, None
    first = date(int(match[1]), int(match[2]), 1)
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        return True, None
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return True, AddressDate(Precision.MONTH, first, last)


_READERS = (
    _by_pattern(_TRS),
    _stamped,
    _milliseconds,
    _by_pattern(_SERIAL),
    _by_pattern(_PATH),
    _by_pattern(_COMPACT),
    _month,
)


def _whole_day(year: int, month: int, day: int) -> AddressDate | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        on = date(year, month, day)
    except ValueError:
        return None
    return AddressDate(Precision.DAY, on, on)


def _moment(at: datetime) -> AddressDate | None:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return None
    return AddressDate(Precision.SECOND, at.date(), at.date(), at)
