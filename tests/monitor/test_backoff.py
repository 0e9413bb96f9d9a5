"""A portal that keeps failing is left out for a while, never long near a due date, and is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from crawler.clock import SHANGHAI
from crawler.records import Outcome
from monitor.backoff import is_near_due, left_out_until
from monitor.registry.due import load_due_rules
from monitor.store.crawls import RunSummary

NOW = datetime(2024, 6, 10, 6, 30, tzinfo=SHANGHAI)
PAUSES = [0, 0, 2, 4, 7]
FAILED, WELL = Outcome.UNREACHABLE, Outcome.UNCHANGED


def runs(*outcomes: Outcome, last: datetime = NOW - timedelta(days=1)) -> list[RunSummary]:
    """Runs a day apart, the last of them at ``last``."""
    first = last - timedelta(days=len(outcomes) - 1)
    return [
        RunSummary("p", first + timedelta(days=day), first + timedelta(days=day, minutes=3), outcome, None)
        for day, outcome in enumerate(outcomes)
    ]


@pytest.mark.parametrize(
    ("outcomes", "days"),
    [
        ([], None),
        ([WELL], None),
        ([FAILED], None),
        ([FAILED, FAILED], None),
        ([FAILED, FAILED, FAILED], 2),
        ([Outcome.BLOCKED, Outcome.TIMED_OUT, Outcome.LAYOUT_CHANGED], 2),
        ([FAILED] * 4, 4),
        ([FAILED] * 5, 7),
        ([FAILED] * 50, 7),
        ([FAILED] * 5 + [WELL], None),
        ([FAILED] * 5 + [Outcome.PARTIAL], None),
        ([FAILED] * 5 + [Outcome.CRASHED], None),
        ([FAILED] * 5 + [WELL, FAILED], None),
    ],
)
def test_pauses_grow_with_failing_runs_in_a_row(outcomes: list[Outcome], days: float | None) -> None:
    last = NOW - timedelta(days=1)
    until = left_out_until(runs(*outcomes), NOW, PAUSES, near_due=False)
    assert until == (None if days is None else last + timedelta(days=days))


def test_a_pause_ends_and_a_pass_at_the_same_hour_is_not_too_early() -> None:
    failing = runs(*[FAILED] * 4, last=NOW)
    for days, left_out in ((1, True), (3, True), (4, False), (5, False)):
        now = NOW + timedelta(days=days) - timedelta(minutes=1)
        assert (left_out_until(failing, now, PAUSES, near_due=False) is not None) == left_out
    assert left_out_until(failing, NOW + timedelta(days=1), [], near_due=False) is None
    assert left_out_until(failing, NOW + timedelta(days=1), [0], near_due=False) is None


def test_near_a_due_date_no_day_is_left_out() -> None:
    failing = runs(*[FAILED] * 9, last=NOW)
    assert left_out_until(failing, NOW + timedelta(hours=3), PAUSES, near_due=True) == NOW + timedelta(days=1)
    assert left_out_until(failing, NOW + timedelta(days=1), PAUSES, near_due=True) is None


@pytest.mark.parametrize(
    ("today", "near"),
    [
        (date(2024, 1, 31), True),
        (date(2024, 1, 12), True),
        (date(2024, 2, 20), True),
        (date(2024, 3, 31), True),
        (date(2024, 6, 10), False),
        (date(2024, 12, 1), False),
    ],
)
def test_days_near_a_due_date_are_known(today: date, near: bool) -> None:
    assert is_near_due(load_due_rules(), "990101", today, 21) is near
