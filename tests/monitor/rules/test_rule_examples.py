"""Every rule has a passing, a failing and a not-assessable example, and gives exactly that answer."""

import json

import pytest

from monitor.rules.base import Fail, NotAssessable, Pass, Rule, Severity
from monitor.rules.catalogue import RULES, judge
from parsers.schema import Lint, Place
from tests.monitor.rules.building import BLANK, Examples, build_report, subject
from tests.monitor.rules.examples import NO_REPORT, RULE_EXAMPLES
from tests.monitor.rules.hierarchy_examples import HIERARCHY_EXAMPLES
from tests.monitor.rules.narrative_examples import NARRATIVE_EXAMPLES

EXAMPLES: dict[str, Examples] = {**RULE_EXAMPLES, **NARRATIVE_EXAMPLES, **HIERARCHY_EXAMPLES}


def test_every_rule_has_examples_and_every_example_a_rule() -> None:
    assert sorted(EXAMPLES) == sorted(rule.id for rule in RULES)


def test_no_id_stands_twice() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_rule_gives_the_answers_its_examples_claim(rule: Rule) -> None:
    examples = EXAMPLES[rule.id]
    assert isinstance(rule.evaluate(examples.passing), Pass)
    failed = rule.evaluate(examples.failing)
    assert isinstance(failed, Fail)
    assert isinstance(rule.evaluate(examples.not_assessable), NotAssessable)
    assert failed.findings[0].severity is rule.severity
    for finding in failed.findings:
        assert finding.rule == rule.id
        message = finding.message()
        assert "{" not in message
        assert any("一" <= character <= "鿿" for character in message)
        json.dumps(finding.to_json(), allow_nan=False)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_must_hold_and_on_what_it_rests(rule: Rule) -> None:
    assert rule.title
    assert rule.basis


def test_a_correct_report_breaks_nothing_but_the_rate_of_zeros() -> None:
    for form in ("2019", "2021"):
        findings = judge(subject(build_report(form))).findings
        assert [finding.rule for finding in findings] == ["P-05"]


def test_a_document_that_is_no_report_is_judged_by_no_rule() -> None:
    judgement = judge(subject(NO_REPORT))
    assert all(isinstance(result, NotAssessable) for result in judgement.results.values())
    assert judgement.matters == ()


def test_rules_for_later_years_do_not_judge_earlier_reports() -> None:
    results = judge(subject(build_report("2019", 2020, text={6: "无"}))).results
    assert isinstance(results["S-06"], NotAssessable)


def test_without_a_year_rules_of_certain_years_are_not_assessable() -> None:
    results = judge(
        subject(build_report(report_year=None, changes={"section_two.licensing.decisions": BLANK}))
    ).results
    assert isinstance(results["T2-00"], NotAssessable)


def test_what_most_townships_fail_is_a_notice() -> None:
    rates = {rule.id: rule.severity for rule in RULES if rule.id in ("S-06", "S-08", "P-05")}
    assert set(rates.values()) == {Severity.NOTICE}


@pytest.mark.parametrize("code", ["second-reading-differs", "second-reading-impossible", "font-differs"])
def test_whatever_a_second_reading_met_is_told_by_one_rule(code: str) -> None:
    met = Lint(code, "字体把数字 3 标成了别的数字，另有 4 格未作判断", Place(table=2))
    told = judge(subject(build_report(lints=(met,)))).results["L-06"]
    assert isinstance(told, Fail)
    assert "识读上的问题，不是发布单位的差错" in told.findings[0].message()
