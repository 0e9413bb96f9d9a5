"""Which known reports rest: in doubt, none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from crawler.clock import SHANGHAI
from crawler.recheck import Recheck
from crawler.records import KnownDocument

JUNE = datetime(2026, 6, 10, 6, tzinfo=SHANGHAI)
JANUARY = datetime(2027, 1, 10, 6, tzinfo=SHANGHAI)
OLD = timedelta(days=400)


def known(now: datetime, **fields: Any) -> KnownDocument:
    document = KnownDocument("0" * 64, checked_at=now - timedelta(hours=1), since=now - OLD)
    return replace(document, **fields)


def due(now: datetime, year: int | None, document: KnownDocument | None) -> bool:
    return Recheck().due(document, "//a.example/1", year, now.year - 1, now)


@pytest.mark.parametrize("year", [2020, 2024])
def test_old_reports_rest_at_all_times(year: int) -> None:
    assert not due(JUNE, year, known(JUNE))
    assert not due(JANUARY, year, known(JANUARY))


@pytest.mark.parametrize("year", [2026, None], ids=["newest", "unknown"])
def test_reports_of_the_newest_year_never_rest_in_the_season(year: int | None) -> None:
    assert due(JANUARY, year, known(JANUARY))
    assert not due(JUNE, year, known(JUNE))


@pytest.mark.parametrize(
    "fields",
    [
        {"checked_at": None},
        {"since": None},
        {"unsettled": True},
        {"since": JUNE - timedelta(days=3)},
        {"checked_at": JUNE + timedelta(days=1)},
        {"checked_at": JUNE - timedelta(days=181)},
    ],
)
def test_doubt_asks(fields: dict[str, Any]) -> None:
    assert due(JUNE, 2020, known(JUNE, **fields))
    assert due(JUNE, 2020, None)


@pytest.mark.parametrize(("year", "days"), [(2020, 180), (2025, 14)])
def test_none_rests_longer_than_its_days_and_their_turns_are_spread(year: int, days: int) -> None:
    counts = []
    for day in range(days):
        now = JUNE + timedelta(days=day)
        document = known(now, checked_at=now - timedelta(days=1))
        counts.append(sum(Recheck().due(document, f"//a/{number}", year, 2025, now) for number in range(6000)))
    assert sum(counts) == 6000
    assert max(counts) < 2 * 6000 / days
    late = known(JUNE, checked_at=JUNE - timedelta(days=days))
    assert all(Recheck().due(late, f"//a/{number}", year, 2025, JUNE) for number in range(100))
