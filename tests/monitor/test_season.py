"""Two weeks around the due day, with portals that misbehave: nobody is accused falsely, and each matter told once.

The whole season of 60 days over 300 organs is tests/benchmarks/season.py.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.benchmarks.season import play


def test_two_weeks_around_the_due_day(tmp_path: Path) -> None:
    verdict = play(tmp_path, days=14, portals=2, organs=20, first_day=date(2024, 1, 24))
    assert verdict.wrong == []
    assert verdict.told_twice == []
    assert verdict.faults >= 8
    assert {"missing", "inconsistent", "wrong_form"} <= set(verdict.alerts)
    assert verdict.messages["the same call again"] == 0
