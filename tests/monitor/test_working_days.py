"""The calendar of working days: notices, make-up days, the user's year file, and years without a notice."""

from datetime import date
from pathlib import Path

import pytest

from monitor.working_days import DayOfWork, WorkingDays, WorkingDaysError, load_working_days

SURE_WORK, SURE_REST = DayOfWork(True, False), DayOfWork(False, False)
LIKELY_WORK, LIKELY_REST = DayOfWork(True, True), DayOfWork(False, True)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2024, 2, 9), SURE_WORK),  # New Year's Eve, which the notice of 2024 left to the employers
        (date(2024, 2, 12), SURE_REST),
        (date(2024, 2, 4), SURE_WORK),  # a Sunday that was worked instead
        (date(2024, 2, 18), SURE_WORK),
        (date(2024, 2, 19), SURE_WORK),
        (date(2024, 1, 31), SURE_WORK),
        (date(2026, 1, 31), SURE_REST),  # a Saturday: the due date of many townships fell on it
        (date(2026, 3, 31), SURE_WORK),
        (date(2027, 1, 1), LIKELY_REST),
        (date(2027, 2, 5), LIKELY_REST),
        (date(2027, 2, 9), LIKELY_WORK),
        (date(2027, 2, 20), LIKELY_REST),  # a Saturday that a notice may yet make a working day
        (date(2027, 4, 5), LIKELY_REST),
        (date(2027, 6, 9), LIKELY_REST),
        (date(2027, 9, 15), LIKELY_REST),
        (date(2027, 10, 8), LIKELY_WORK),
        (date(2036, 10, 1), LIKELY_REST),
        (date(2003, 10, 1), LIKELY_REST),
    ],
)
def test_days(day: date, kind: DayOfWork) -> None:
    assert WorkingDays().of(day) == kind


def test_the_next_working_day_is_after_the_holiday() -> None:
    assert WorkingDays().next_working_day(date(2024, 2, 10)) == date(2024, 2, 18)
    assert WorkingDays().next_working_day(date(2024, 2, 19)) == date(2024, 2, 19)


def written(folder: Path, text: str) -> Path:
    file = folder / "days.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_users_year_file_makes_a_year_sure(tmp_path: Path) -> None:
    text = "2027:\n  source: 通知\n  rest: [2027-01-01, 2027-02-05/2027-02-11]\n  work: [2027-02-20]\n"
    calendar = load_working_days(written(tmp_path, text))
    assert calendar.of(date(2027, 2, 9)) == SURE_REST
    assert calendar.of(date(2027, 2, 12)) == SURE_WORK
    assert calendar.of(date(2027, 2, 20)) == SURE_WORK
    assert calendar.of(date(2027, 2, 21)) == SURE_REST
    assert calendar.of(date(2028, 1, 3)) == LIKELY_WORK
    assert calendar.of(date(2024, 2, 4)) == SURE_WORK
    assert load_working_days(None).of(date(2027, 2, 20)) == LIKELY_REST


def test_a_year_without_a_working_day_holds_nothing_for_ever(tmp_path: Path) -> None:
    calendar = load_working_days(written(tmp_path, "2027:\n  rest: [2027-01-01/2027-12-31]\n"))
    assert calendar.next_working_day(date(2027, 3, 1)) == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2027: [", "不是合法的 YAML"),
        ("- 1", "应为"),
        ("年: {rest: []}", "“年”不是年份"),
        ("2027: 5", "2027 年应有 rest"),
        ("2027: {work: []}", "2027 年应有 rest"),
        ("2027: {rest: [], holiday: []}", "2027 年应有 rest"),
        ("2027: {rest: 3}", "2027 rest 应为"),
        ("2027: {rest: [2026-01-01]}", "2027 rest 应为"),
        ("2027: {rest: [春节]}", "“春节”不是日期"),
        ("2027: {rest: [2027-02-30]}", "不存在的日期"),
        ("2027: {rest: [2027-02-11/2027-02-05]}", "起止颠倒"),
        ("2027: {rest: [], work: [2027-02-22]}", "2027-02-22 不是周六、周日"),
        ("2027: {rest: [2027-02-20], work: [2027-02-20]}", "2027-02-20 不是周六、周日，或同时列为放假"),
    ],
)
def test_a_wrong_year_file_is_named_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(WorkingDaysError, match=said) as error:
        load_working_days(written(tmp_path, text))
    assert "days.yaml" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_year_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkingDaysError, match=r"读不了工作日文件 .*nowhere.yaml"):
        load_working_days(tmp_path / "nowhere.yaml")
