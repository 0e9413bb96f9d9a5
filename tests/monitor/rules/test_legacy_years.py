"""Report years up to 2018 are presence only: no rule on contents fires on them, whatever stands in them."""

from dataclasses import replace

import pytest

from monitor.rules.base import LAST_LEGACY_YEAR, Fail, Rule, Subject
from monitor.rules.catalogue import OF_PRESENCE, PRESENCE_ONLY, RULES, judge
from monitor.rules.identity import IDENTITY_RULES
from tests.monitor.rules.test_rule_examples import EXAMPLES

FORMS = ("legacy", "2019", "2021", None)


def of_year(subject: Subject, year: int | None, form: str | None) -> Subject:
    """The same report as one of another year and form, beside those of the years before it."""
    title = (subject.report.title or "").replace("2023", str(year))
    report = replace(subject.report, report_year=year, form=form, title=title)
    previous = subject.previous and replace(subject.previous, report_year=year and year - 1, form=form)
    everything = frozenset(rule.id for rule in RULES)
    return replace(subject, report=report, previous=previous, switched_on=everything)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_said_of_the_contents(rule: Rule, form: str | None) -> None:
    for year in (2008, 2016, LAST_LEGACY_YEAR):
        judgement = judge(of_year(EXAMPLES[rule.id].failing, year, form))
        assert {finding.rule for finding in judgement.findings} <= OF_PRESENCE
        if rule.id not in OF_PRESENCE:
            assert judgement.results[rule.id] == PRESENCE_ONLY


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_nor_of_the_old_form_without_a_year(rule: Rule) -> None:
    judgement = judge(of_year(EXAMPLES[rule.id].failing, None, "legacy"))
    assert {finding.rule for finding in judgement.findings} <= OF_PRESENCE


def test_whose_it_is_and_of_which_year_is_still_asked() -> None:
    assert {rule.id for rule in IDENTITY_RULES} >= OF_PRESENCE
    told = {
        rule
        for rule in OF_PRESENCE - {"I-02"}
        if isinstance(judge(of_year(EXAMPLES[rule].failing, 2016, "legacy")).results[rule], Fail)
    }
    assert told >= {"I-01", "I-03", "I-04"}


def test_the_first_year_of_the_present_forms_is_judged_whole() -> None:
    judged = judge(of_year(EXAMPLES["T3-01"].failing, LAST_LEGACY_YEAR + 1, "2019"))
    assert judged.results["T3-01"] != PRESENCE_ONLY
