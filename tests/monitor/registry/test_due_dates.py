"""Due dates as data: statute, practice, local rules, and a file of the user's own."""

import json
from datetime import date
from pathlib import Path

import pytest
import yaml

from monitor.registry import due
from monitor.registry.due import DueRuleError, DueRules, Whose, due_for, load_due_rules
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
        ("county", "431202", 2021, date(2022, 3, 31), "error"),
        ("county", "431202", 2022, date(2023, 3, 31), "error"),
        ("department", "431200", 2021, date(2022, 1, 31), "error"),
        ("department", "431202", 2021, date(2022, 1, 31), "error"),
    ],
)
def test_who_when_and_how_grave(kind: str, county: str, year: int, on: date, severity: str) -> None:
    found = due_for(OrganKind(kind), county, year)
    assert (found.on, found.severity) == (on, severity)
    assert found.rule
    assert found.source


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


def rule(id: str, **more: object) -> str:
    """One rule of a file."""
    given = {"due": [1, 20], "severity": "warning", "name": id, "source": "通知"} | more
    return f"  - id: {id}\n" + "".join(f"    {name}: {json.dumps(value)}\n" for name, value in given.items())


def rules_of(folder: Path, *rules: str) -> DueRules:
    """The rules of a file with these."""
    path = folder / "due.yaml"
    path.write_text("rules:\n" + "".join(rules), encoding="utf-8")
    return load_due_rules(path)


PROVINCE = rule("province", places=["43"], due=[1, 28])
PREFECTURE = rule("prefecture", places=["4312"], due=[1, 26])
COUNTY = rule("county", places=["431202"], due=[1, 24])
OF_TOWNS = rule("towns", places=["431202"], kinds=["township"], due=[1, 22])
OF_ONE_YEAR = rule("year", places=["431202"], kinds=["township"], years=[2024, 2024], due=[1, 21])
ONE_TOWN = rule("town", organs=["431202101"], due=[1, 15])
EVERYWHERE = rule("everywhere", due=[1, 30])
ALL = (EVERYWHERE, PROVINCE, PREFECTURE, COUNTY, OF_TOWNS, OF_ONE_YEAR, ONE_TOWN)


@pytest.mark.parametrize("order", [ALL, ALL[::-1]])
@pytest.mark.parametrize(
    ("who", "year", "id", "over"),
    [
        (Whose(OrganKind.TOWNSHIP, "410526"), 2023, "everywhere", ["grassroots"]),
        (Whose(OrganKind.TOWNSHIP, "430101"), 2023, "province", ["everywhere", "grassroots"]),
        (Whose(OrganKind.TOWNSHIP, "431225"), 2023, "prefecture", ["province", "everywhere", "grassroots"]),
        (
            Whose(OrganKind.SUBDISTRICT, "431202"),
            2023,
            "county",
            ["prefecture", "province", "everywhere", "grassroots"],
        ),
        (
            Whose(OrganKind.TOWNSHIP, "431202"),
            2023,
            "towns",
            ["county", "prefecture", "province", "everywhere", "grassroots"],
        ),
        (
            Whose(OrganKind.TOWNSHIP, "431202", "431202102"),
            2024,
            "year",
            ["towns", "county", "prefecture", "province", "everywhere", "grassroots"],
        ),
        (
            Whose(OrganKind.TOWNSHIP, "431202", "431202101"),
            2024,
            "town",
            ["year", "towns", "county", "prefecture", "province", "everywhere", "grassroots"],
        ),
    ],
)
def test_the_nearest_rule_holds_whatever_the_order(
    tmp_path: Path, order: tuple[str, ...], who: Whose, year: int, id: str, over: list[str]
) -> None:
    found = rules_of(tmp_path, *order).holding(who, year)
    assert found.rule.id == id
    assert [one.id for one in found.over] == over
    assert found.due.basis == "local"


def test_an_earlier_date_stands_beside_that_of_the_statute_and_a_later_one_has_no_force(tmp_path: Path) -> None:
    office = Whose(OrganKind.DEPARTMENT, "431202")
    early = rules_of(tmp_path, COUNTY).holding(office, 2023)
    assert (early.due.on, early.due.severity, early.rule.id) == (date(2024, 1, 31), "error", "departments")
    assert early.due.local is not None
    assert (early.due.local.on, early.due.local.rule) == (date(2024, 1, 24), "county")
    late = rules_of(tmp_path, rule("late", places=["431202"], due=[2, 20])).holding(office, 2023)
    assert (late.due.on, late.due.local) == (date(2024, 1, 31), None)
    assert late.beside is not None
    assert late.beside.id == "late"
    same = rules_of(tmp_path, rule("same", places=["431202"], due=[1, 31])).holding(office, 2023)
    assert (same.due.rule, same.due.severity) == ("same", "error"), "whoever misses it misses the statute"
    new_law = rules_of(tmp_path, rule("law", basis="statute", years=[2027, None], due=[2, 28], severity="error"))
    assert new_law.due_for(OrganKind.DEPARTMENT, "431202", 2027).on == date(2028, 2, 28)
    assert new_law.due_for(OrganKind.DEPARTMENT, "431202", 2026).on == date(2027, 1, 31)
    practice = rules_of(tmp_path, rule("later", places=["431202"], kinds=["township"], due=[2, 20]))
    assert practice.due_for(OrganKind.TOWNSHIP, "431202", 2023).on == date(2024, 2, 20), "no statute is put off"


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ((PROVINCE, rule("other", places=["43", "4401"], due=[1, 25])), ("province", "other")),
        ((rule("a", years=[2020, 2024]), rule("b", years=[2023, 2026], due=[1, 21])), ("“a”", "“b”")),
        ((rule("a", organs=["431202101"]), rule("b", organs=["431202101"], severity="error")), ("“a”", "“b”")),
        ((rule("a", places=["43"]), rule("a", places=["44"])), ("“a”", "2 次")),
        ((rule("a", places=["431"]),), ("places",)),
        ((rule("a", basis="habit"),), ("basis",)),
        ((rule("a", years=[2024, 2020]),), ("years",)),
    ],
)
def test_rules_that_contradict_each_other_are_named(
    tmp_path: Path, rules: tuple[str, ...], words: tuple[str, ...]
) -> None:
    with pytest.raises(DueRuleError) as refused:
        rules_of(tmp_path, *rules)
    assert all(word in str(refused.value) for word in words)


@pytest.mark.parametrize(
    "rules",
    [
        (PROVINCE, PREFECTURE),
        (PROVINCE, rule("same", places=["43"], due=[1, 28])),
        (rule("a", kinds=["township"]), rule("b", kinds=["zone"], due=[1, 21])),
        (rule("a", years=[2020, 2022]), rule("b", years=[2023, 2026], due=[1, 21])),
        (rule("a", places=["43"]), rule("b", places=["44"], due=[1, 21])),
    ],
)
def test_rules_that_do_not_meet_or_say_the_same_are_none(tmp_path: Path, rules: tuple[str, ...]) -> None:
    assert len(rules_of(tmp_path, *rules).own) == 2


def test_the_packaged_rules_are_each_of_a_basis() -> None:
    text = (Path(due.__file__).parent / "due_rules.yaml").read_text(encoding="utf-8")
    assert len(yaml.safe_load(text)["rules"]) == text.count("    basis: ")
