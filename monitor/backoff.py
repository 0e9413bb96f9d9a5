"""When a portal that keeps failing is visited again: a pure decision from its runs.

A portal that refuses us or does not answer is not helped by asking it every day, and a pass is held up by it. So
it is left out for a while that grows with each failing run; but near a due date, when two days of proof count, for
a day at most. What is left out is told and never counts as crawled.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from crawler.records import Outcome
from monitor.registry.due import DueRules
from monitor.store.crawls import RunSummary

FAILING = frozenset({Outcome.BLOCKED, Outcome.UNREACHABLE, Outcome.LAYOUT_CHANGED, Outcome.TIMED_OUT})
"""Outcomes after which a portal backs off; a part that failed is tried again, and a crash is our own matter."""
LONGEST_NEAR_DUE = timedelta(days=1)
_TOLERANCE = timedelta(hours=2)
"""A pass at the same hour of the day on which a pause ends is not too early."""


def left_out_until(
    runs: Sequence[RunSummary], now: datetime, pauses: Sequence[float], *, near_due: bool
) -> datetime | None:
    """Until when the portal with these runs (the oldest first) is left out; None where it is to be visited now.

    ``pauses``: days from the last run to the next after the first, second, … failing run in a row; the last of
    them holds for all further ones, none at all turns backing off off.
    """
    failing = 0
    for run in reversed(runs):
        if run.outcome not in FAILING:
            break
        failing += 1
    if not failing or not pauses:
        return None
    pause = timedelta(days=pauses[min(failing, len(pauses)) - 1])
    if near_due:
        pause = min(pause, LONGEST_NEAR_DUE)
    until = runs[-1].started_at + pause
    return until if now < until - _TOLERANCE else None


def is_near_due(rules: DueRules, county_code: str, today: date, days: int) -> bool:
    """Whether a report of any kind of organ of the county falls due within so many days, or fell due so lately."""
    return any(abs((today - on).days) <= days for on in rules.days_about(county_code, today.year))
