"""Due dates as data: statute, practice, local rules, and a file of the user's own."""

from datetime import date
from pathlib import Path

import pytest

from monitor.registry.due import DueRuleError, due_for, load_due_rules
from monitor.rules.base import OrganKind

RULE = """
rules:
  - id: own
    places: ["990301"]
    kinds: [township]
    years: [2023, 2024]
    due: [1, 20]
    grace_days: 2
    severity: error
    name: 本县要求
    source: 本县通知
"""


@pytest.mark.parametrize(
    ("kind", "county", "year", "on", "severity"),
    [
        ("department", "410526", 2023, date(2024, 1, 31), "error"),
        ("county", "410526", 2023, date(2024, 3, 31), "error"),
        ("township", "410526", 2023, date(2024, 1, 31), "warning"),
        ("subdistrict", "410526", 2019, date(2020, 1, 31), "warning"),
        ("zone", "410526", 2023, date(2024, 1, 31), "warning"),
        ("prefecture", "410500", 2023, date(2024, 3, 31), "error"),
        ("township", "410526", 2018, date(2019, 3, 31), "error"),
        ("department", "410526", 2009, date(2010, 3, 31), "error"),
        ("township", "350581", 2023, date(2024, 1, 31), "error"),
        ("township", "350581", 2022, date(2023, 1, 31), "warning"),
        ("county", "431202", 2021, date(2022, 2, 20), "warning"),
        ("county", "431202", 2022, date(2023, 3, 31), "error"),
        ("department", "431200", 2021, date(2022, 1, 28), "warning"),
        ("department", "431202", 2021, date(2022, 1, 31), "error"),
    ],
)
def test_who_when_and_how_grave(kind: str, county: str, year: int, on: date, severity: str) -> None:
    due = due_for(OrganKind(kind), county, year)
    assert (due.on, due.severity) == (on, severity)
    assert due.rule
    assert due.source


def test_a_due_day_on_a_sunday_stays(tmp_path: Path) -> None:
    assert due_for(OrganKind.DEPARTMENT, "410526", 2020).on == date(2021, 1, 31)
    assert date(2021, 1, 31).isoweekday() == 7


def test_the_users_rules_go_first_and_only_where_they_apply(tmp_path: Path) -> None:
    path = tmp_path / "due.yaml"
    path.write_text(RULE, encoding="utf-8")
    rules = load_due_rules(path)
    assert due_for(OrganKind.TOWNSHIP, "990301", 2023, rules).on == date(2024, 1, 22)
    assert due_for(OrganKind.TOWNSHIP, "990301", 2025, rules).on == date(2026, 1, 31)
    assert due_for(OrganKind.DEPARTMENT, "990301", 2023, rules).on == date(2024, 1, 31)
    assert due_for(OrganKind.TOWNSHIP, "990302", 2023, rules).on == date(2024, 1, 31)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (RULE.replace("due: [1, 20]", "due: [2, 31]"), "due"),
        (RULE.replace("severity: error", "severity: grave"), "severity"),
        (RULE.replace("kinds: [township]", "kinds: [village]"), "kinds"),
        (RULE.replace("source: 本县通知", "sauce: 本县通知"), "source"),
        ("rules: 3", "rules"),
        ("rules: [", "YAML"),
    ],
)
def test_a_wrong_file_names_rule_and_field(tmp_path: Path, wrong: str, field: str) -> None:
    path = tmp_path / "due.yaml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(DueRuleError) as refused:
        load_due_rules(path)
    assert field in str(refused.value)
    assert all("due.yaml" in line for line in str(refused.value).splitlines())


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DueRuleError, match="读不了"):
        load_due_rules(tmp_path / "none.yaml")
