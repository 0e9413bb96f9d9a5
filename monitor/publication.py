"""The publication states of the contract (3.2): what may be said of one obligation at one moment.

Pure decisions over what was seen. `missing` accuses an organ, so it needs the proof the contract demands;
whatever we failed to see ourselves is `unverified`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from monitor.rules.base import OrganFacts


class PublicationState(StrEnum):
    """The six states of the contract."""

    NOT_DUE = "not_due"
    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    UNVERIFIED = "unverified"
    NOT_EXPECTED = "not_expected"


@dataclass(frozen=True, slots=True)
class Due:
    """When a report is due (the whole day counts), by which rule, and how much being late weighs.

    ``severity`` is ``error`` where the date stands in the statute, ``warning`` where it is practice.
    """

    on: date
    rule: str
    source: str
    severity: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One obligation as it stands at ``as_of``, with all that the state rests on.

    ``published_on`` is the date lateness rests on, ``published_from`` names it (``shown``, ``meta``,
    ``metadata_table``, ``list``, ``address``, ``first_seen``). ``flags``: ``backdated``, ``changed``,
    ``removed``, ``early``, ``no_date``. ``reason`` is a Chinese sentence that says why the state is
    ``unverified`` (or otherwise needs explaining), else None. ``proof`` are the whole passes of the organ's
    columns after the due date that `missing` rests on. ``errors`` and ``warnings`` count matters of the
    current version.
    """

    organ: OrganFacts
    report_year: int
    due: Due
    state: PublicationState
    published_on: date | None = None
    published_from: str | None = None
    first_seen_at: datetime | None = None
    days_late: int | None = None
    address: str | None = None
    version_id: int | None = None
    versions: int = 0
    errors: int = 0
    warnings: int = 0
    flags: tuple[str, ...] = ()
    reason: str | None = None
    proof: tuple[datetime, ...] = ()
