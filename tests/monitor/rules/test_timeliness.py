"""D-03, D-04 and D-05: each passes, fails, and says when it cannot be judged."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from crawler.address_dates import read_address_date
from crawler.clock import SHANGHAI
from monitor.rules.base import Fail, NotAssessable, Pass, Result, Severity
from monitor.rules.timeliness import TIMELINESS_RULES, ThreeDates, Timing

EVALUATE = {rule.id: rule.evaluate for rule in TIMELINESS_RULES}
YEAR, DUE = 2023, date(2024, 1, 31)


def at(month: int, day: int, year: int = 2024) -> datetime:
    return datetime(year, month, day, 9, tzinfo=SHANGHAI)


def timing(seen: datetime, shown: date | None = None, path: str = "/1.html", **more: Any) -> Timing:
    in_address = read_address_date(f"http://x.example{path}")
    dates = ThreeDates(seen, shown, "shown" if shown else None, in_address)
    return Timing(YEAR, DUE, dates, **more)


def kind(result: Result) -> str:
    return type(result).__name__


@pytest.mark.parametrize(
    ("judged", "answer"),
    [
        (timing(at(1, 5), date(2024, 1, 4)), "Pass"),
        # the last day of the year is no more before its end
        (timing(at(1, 5), date(2023, 12, 31)), "Pass"),
        (timing(at(12, 31, 2023), date(2023, 12, 31)), "Pass"),
        (timing(at(1, 5), date(2023, 12, 30)), "Fail"),
        (timing(at(1, 5), date(2023, 11, 15), "/202311/t20231115_1.html"), "Fail"),
        # seen by ourselves: sure, whatever is shown or not
        (timing(at(12, 20, 2023)), "Fail"),
        (timing(at(12, 20, 2023), date(2023, 12, 20), "/202401/1.html"), "Fail"),
        # the year mistyped on the page, or the page moved: nobody knows
        (timing(at(1, 20), date(2023, 1, 18), "/202401/t20240118_1.html"), "NotAssessable"),
        (timing(at(1, 20), date(2023, 1, 18), "/c1/202401/1.shtml"), "NotAssessable"),
        # a month that only touches the year's end contradicts nothing
        (timing(at(1, 20), date(2023, 12, 18), "/c1/202312/1.shtml"), "Fail"),
        (timing(at(1, 20), None, "/202312/t20231228_1.html"), "NotAssessable"),
        (timing(at(1, 20), None, "/c1/202312/1.shtml"), "NotAssessable"),
        (timing(at(1, 20)), "NotAssessable"),
        # it shows a day after which the column was read without it; or only within the margin of that day
        (timing(at(1, 20), date(2023, 12, 25), without=(at(1, 5),)), "NotAssessable"),
        (timing(at(1, 5), date(2023, 12, 25), without=(at(12, 27, 2023),)), "Fail"),
    ],
)
def test_published_before_its_year_was_over(judged: Timing, answer: str) -> None:
    assert kind(EVALUATE["D-04"](judged)) == answer


PASSES = (at(2, 2), at(2, 10))


@pytest.mark.parametrize(
    ("judged", "answer"),
    [
        # seen in time
        (timing(at(1, 31), date(2024, 1, 2), without=(at(1, 20),)), "Pass"),
        # it appeared within the margin of its date
        (timing(at(2, 3), date(2024, 1, 31), without=(at(2, 1), at(2, 2))), "Pass"),
        # late by its own word
        (timing(at(2, 20), date(2024, 2, 19), without=PASSES), "Pass"),
        (timing(at(2, 20), date(2024, 1, 25), without=PASSES), "Fail"),
        # software dated the address, for a draft perhaps: nobody claims anything by it
        (timing(at(2, 20), None, "/202401/t20240125_1.html", without=PASSES), "NotAssessable"),
        # not from one crawl alone, and not by passes from before its date
        (timing(at(2, 20), date(2024, 1, 25)), "NotAssessable"),
        (timing(at(2, 20), date(2024, 1, 25), without=(at(1, 20), at(1, 29))), "NotAssessable"),
        (timing(at(2, 20), date(2024, 1, 25), without=PASSES, moved=True), "NotAssessable"),
        # a month is no day: it may be any of its days
        (timing(at(2, 20), None, "/c1/202401/1.shtml", without=PASSES), "NotAssessable"),
        (timing(at(2, 20), None, without=PASSES), "NotAssessable"),
    ],
)
def test_dated_before_it_was_there(judged: Timing, answer: str) -> None:
    assert kind(EVALUATE["D-05"](judged)) == answer


def test_they_say_what_they_rest_on() -> None:
    for rule in TIMELINESS_RULES:
        assert rule.basis
        assert rule.severity is (Severity.NOTICE if rule.id == "D-03" else Severity.WARNING)
    result = EVALUATE["D-05"](timing(at(2, 20), date(2024, 1, 25), without=PASSES))
    assert isinstance(result, Fail)
    (finding,) = result.findings
    assert finding.values == {"published": {"date": "2024-01-25"}, "seen": {"date": "2024-02-20"}}
    assert isinstance(EVALUATE["D-05"](timing(at(1, 31), date(2024, 1, 2))), Pass)
    moved = EVALUATE["D-05"](timing(at(2, 20), date(2024, 1, 25), without=PASSES, moved=True))
    assert isinstance(moved, NotAssessable)
    assert "搬迁" in moved.reason


@pytest.mark.parametrize(
    ("seen", "shown", "local", "answer"),
    [
        (at(2, 20), date(2024, 1, 18), date(2024, 1, 20), "Pass"),
        (at(1, 20), date(2024, 1, 22), date(2024, 1, 20), "Pass"),
        (at(2, 20), date(2024, 1, 25), date(2024, 1, 20), "Fail"),
        (at(2, 20), date(2024, 1, 31), date(2024, 1, 20), "Fail"),
        (at(2, 20), date(2024, 2, 1), date(2024, 1, 20), "NotAssessable"),
        (at(2, 20), None, date(2024, 1, 20), "NotAssessable"),
        (at(2, 20), date(2024, 1, 25), None, "NotAssessable"),
    ],
)
def test_an_earlier_date_of_the_place(seen: datetime, shown: date | None, local: date | None, answer: str) -> None:
    assert kind(EVALUATE["D-03"](replace(timing(seen, shown), local_on=local))) == answer
