"""Which passes over a column something rests on: pure. Their list pages are kept whatever their age.

A version of a report came or went between two passes, "missing" rests on the first whole passes after the due day,
"late" on all from the due day to the report. Around everything some more are kept than the rules need today.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from crawler.clock import SHANGHAI

AROUND = 5
"""So many passes are kept on either side of every moment at which something came, was seen last or went."""


@dataclass(frozen=True, slots=True)
class PassOver:
    """One pass over a column."""

    run_id: str
    at: datetime
    whole: bool


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a column's passes are grounds for.

    ``moments``: something came, was seen last or went. ``spans``: between them every pass counts. ``due_days``:
    after them reports may be missing, proven by whole passes on ``days_of_proof`` different days.
    """

    moments: Sequence[datetime] = field(default_factory=tuple)
    spans: Sequence[tuple[datetime, datetime]] = field(default_factory=tuple)
    due_days: Sequence[date] = field(default_factory=tuple)
    days_of_proof: int = 2


def kept_passes(passes: Sequence[PassOver], grounds: Grounds) -> set[str]:
    """The ids of the runs of those passes that must stay; ``passes`` are of one column."""
    ordered = sorted(passes, key=lambda one: (one.at, one.run_id))
    times = [one.at for one in ordered]
    kept = {one.run_id for one in (*ordered[:AROUND], *ordered[-AROUND:])}
    for moment in grounds.moments:
        place = bisect_left(times, moment)
        kept |= {one.run_id for one in ordered[max(0, place - AROUND) : place + AROUND]}
    for begin, end in grounds.spans:
        first, last = bisect_left(times, begin), bisect_left(times, end)
        kept |= {one.run_id for one in ordered[max(0, first - AROUND) : last + AROUND]}
    for day in set(grounds.due_days):
        kept |= set(_proof_after(day, ordered, times, grounds.days_of_proof + AROUND))
    return kept


def _proof_after(day: date, ordered: Sequence[PassOver], times: Sequence[datetime], days: int) -> Iterable[str]:
    """The passes after a due day, up to whole ones on so many days; and the last ones before its end."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    seen: set[date] = set()
    start = bisect_left(times, midnight)
    for one in ordered[max(0, start - AROUND) :]:
        of_day = one.at.astimezone(SHANGHAI).date()
        if one.whole and of_day > day:
            seen.add(of_day)
        if len(seen) > days:
            return
        yield one.run_id
