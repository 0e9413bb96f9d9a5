"""Rules over two years where the organ was renamed, joined or parted: they pass, fail, or cannot be assessed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from monitor.rules.base import (
    Came,
    Fail,
    Finding,
    NotAssessable,
    Pass,
    Reorganised,
    Result,
    Severity,
    Subject,
)
from monitor.rules.catalogue import RULES
from monitor.rules.years import JOINED, NOT_ALL_THERE, PARTED
from parsers.schema import Report
from tests.monitor.rules.building import ABSENT, BLANK, TOWN, Changes, build_report, subject
from tests.monitor.rules.examples import RULE_EXAMPLES

EVALUATE = {rule.id: rule.evaluate for rule in RULES}
DAY = date(2023, 7, 1)
RENAMED = Reorganised(Came.RENAMED, DAY, ("柳溪乡",))
OVER_TWO_YEARS = ("Y-01", "Y-02", "Y-03", "Y-04", "Y-05", "Y-06", "Y-07", "Y-09", "X-05", "P-08")


def answer(rule: str, judged: Subject) -> Result:
    return EVALUATE[rule](judged)


def finding(rule: str, judged: Subject) -> Finding:
    result = answer(rule, judged)
    assert isinstance(result, Fail), result
    return result.findings[0]


# --- the same body under another name ------------------------------------------------------------------------


@pytest.mark.parametrize("rule", OVER_TWO_YEARS)
def test_of_a_renamed_organ_the_former_report_is_compared_and_named(rule: str) -> None:
    examples = RULE_EXAMPLES[rule]
    assert isinstance(answer(rule, replace(examples.passing, reorganised=RENAMED)), Pass)
    told = finding(rule, replace(examples.failing, reorganised=RENAMED))
    assert "由“柳溪乡”更名或改设而来" in told.message()
    assert "2023-07-01" in told.message()
    assert told.values["predecessor"] == "柳溪乡"
    assert told.severity is finding(rule, examples.failing).severity
    assert "柳溪乡" not in finding(rule, examples.failing).message()
    assert isinstance(answer(rule, replace(examples.not_assessable, reorganised=RENAMED)), NotAssessable)


# --- several that became one ---------------------------------------------------------------------------------


def forward(number: int | None, *, absent: bool = False, **fields: Any) -> Report:
    """The report of the year before of one that was joined, with applications carried forward."""
    changes: Changes = {
        f"section_three.carried_forward.{column}": BLANK if number is None else number
        for column in ("natural_person", "total")
    }
    if absent:
        changes = {"section_three.carried_forward.*": ABSENT}
    return build_report(year=2022, changes=changes, **fields)


def joined(over: int, *reports: Report | None) -> Subject:
    """The report of an organ into which two were joined."""
    changes: Changes = {f"section_three.carried_over.{column}": over for column in ("natural_person", "total")}
    came = Reorganised(Came.JOINED, DAY, ("云溪镇", "石桥乡"), reports)
    return subject(build_report(changes=changes), reorganised=came)


def test_what_all_carried_forward_comes_over() -> None:
    assert isinstance(answer("Y-01", joined(3, forward(2), forward(1))), Pass)
    blank = answer("Y-01", joined(2, forward(2), forward(None)))
    assert isinstance(blank, Pass)


def test_another_sum_is_told_with_each_ones_number() -> None:
    told = finding("Y-01", joined(2, forward(2), forward(1)))
    assert told.severity is Severity.WARNING
    message = told.message()
    assert all(word in message for word in ("云溪镇2", "石桥乡1", "合计3", "本年印为2", "2023-07-01合并"))
    assert told.values["total"] == {"carried_forward_before": 3, "carried_over": 2}
    assert told.cells == ("section_three.carried_over.natural_person", "section_three.carried_over.total")


@pytest.mark.parametrize(
    "judged",
    [
        joined(3, forward(2), None),
        joined(3, forward(2)),
        joined(3),
        joined(3, forward(2), replace(forward(1), form="legacy")),
        joined(3, forward(2), replace(forward(1), report_year=2021)),
        joined(3, forward(2), forward(1, absent=True)),
    ],
)
def test_without_all_of_them_nothing_is_said(judged: Subject) -> None:
    assert answer("Y-01", judged) == NOT_ALL_THERE


@pytest.mark.parametrize("rule", [rule for rule in OVER_TWO_YEARS if rule != "Y-01"])
@pytest.mark.parametrize(("came", "reason"), [(Came.JOINED, JOINED), (Came.PARTED, PARTED)])
def test_nothing_else_is_compared_with_what_was_joined_or_parted(
    rule: str, came: Came, reason: NotAssessable
) -> None:
    failing = RULE_EXAMPLES[rule].failing
    judged = replace(failing, previous=None, earlier=(), reorganised=Reorganised(came, DAY))
    assert answer(rule, judged) == reason


def test_of_an_organ_that_was_parted_nothing_is_carried_over() -> None:
    failing = RULE_EXAMPLES["Y-01"].failing
    judged = replace(failing, previous=None, reorganised=Reorganised(Came.PARTED, DAY))
    assert answer("Y-01", judged) == PARTED


# --- organs that began in the year ---------------------------------------------------------------------------

ALL_NEW: Changes = {"section_two.normative_documents.issued": 5, "section_two.normative_documents.in_force": 5}


def test_a_new_organ_had_no_documents_of_its_own() -> None:
    report = build_report(changes=ALL_NEW)
    assert isinstance(answer("T2-03", subject(report, organ=TOWN)), Fail)
    new = replace(TOWN, valid_from=DAY)
    assert isinstance(answer("T2-03", subject(report, organ=new)), NotAssessable)
    for came in (Came.JOINED, Came.PARTED):
        assert isinstance(answer("T2-03", subject(report, reorganised=Reorganised(came, DAY))), NotAssessable)
    assert isinstance(answer("T2-03", subject(report, organ=new, reorganised=RENAMED)), Fail)
    assert isinstance(answer("T2-03", subject(report, organ=replace(TOWN, valid_from=date(2023, 1, 1)))), Fail)


def test_the_period_of_an_organ_that_began_or_ended_in_the_year_may_be_a_part_of_it() -> None:
    failing = RULE_EXAMPLES["I-08"].failing
    for organ in (replace(TOWN, valid_from=DAY), replace(TOWN, valid_to=DAY)):
        assert isinstance(answer("I-08", replace(failing, organ=organ)), NotAssessable)
    assert isinstance(answer("I-08", replace(failing, organ=replace(TOWN, valid_from=date(2020, 1, 1)))), Fail)
