"""`nianbao rules list`: every rule with what it rests on, for people and for programs, without any settings."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.rules.base import NotAssessable, Rule
from monitor.rules.catalogue import RULES, TOLD_ELSEWHERE
from monitor.rules.thresholds import thresholds
from monitor.rules.timeliness import TIMELINESS_RULES
from tests.monitor.cli.command import nianbao, working_in
from tests.monitor.rules.building import build_report, subject


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path) -> Iterator[Path]:
    with working_in(tmp_path) as folder:
        yield folder


def test_as_data_every_rule_stands_once_with_both_titles() -> None:
    listed = nianbao("rules", "list", "--format", "json").json
    assert [one["id"] for one in listed] == [*(rule.id for rule in RULES), *(rule.id for rule in TIMELINESS_RULES)]
    for one in listed:
        assert one["title"]
        assert one["basis"]
        assert one["title_en"] != one["title"]
        assert one["severity"] in ("error", "warning", "notice")
    by_id = {one["id"]: one for one in listed}
    assert by_id["Y-02"]["years"] == {"from": 2019, "to": None}
    assert by_id["Y-02"]["forms"] == ["2021"]
    assert by_id["Y-02"]["needs"] == ["year_before"]
    assert {one["id"] for one in listed if not one["switched_on"]} == set(thresholds()["switched_off"])


def test_for_people_it_is_a_table_that_marks_what_is_switched_off() -> None:
    said = nianbao("rules", "list")
    assert said.status == 0
    assert "现行有效件数应与上年末" in said.out
    (line,) = [line for line in said.out.splitlines() if "S-13" in line]
    assert "未启用" in line
    for rule in TOLD_ELSEWHERE:
        assert f"{rule} 不单列" in said.out


def test_it_speaks_english_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_PEOPLE__LANGUAGE", "en")
    said = nianbao("rules", "list")
    assert "not switched on" in said.out


def test_what_no_rule_bears_is_not_listed_as_one() -> None:
    assert not set(TOLD_ELSEWHERE) & {rule.id for rule in RULES}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.forms], ids=lambda rule: rule.id)
def test_a_rule_judges_no_other_form_than_it_declares(rule: Rule) -> None:
    for form in {"2019", "2021"} - set(rule.forms):
        assert isinstance(rule.evaluate(subject(build_report(form))), NotAssessable)
    assert isinstance(rule.evaluate(subject(replace(build_report(), form=None))), NotAssessable)
