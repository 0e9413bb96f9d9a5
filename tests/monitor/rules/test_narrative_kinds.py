"""N-03 on outcomes, N-05 on regulations, N-08, N-09 and N-10: what they accuse of, and what they must not."""

from decimal import Decimal
from typing import Any

import pytest

from monitor.rules.base import Fail, Finding, NotAssessable, Pass, Result, Severity
from monitor.rules.narrative import NARRATIVE_RULES
from tests.monitor.rules.building import ABSENT, BLANK, Changes
from tests.monitor.rules.narrative_examples import answers, row, says

RULES = {rule.id: rule for rule in NARRATIVE_RULES}
HEAD = "（二）依申请公开。"
TOLD = HEAD + "共收到申请12件，答复12件，其中予以公开5件、部分公开1件、不予公开2件、无法提供3件、其他处理1件。"
FITS = answers(
    granted=5, partially_granted=1, denied_process_info=2, unable_no_info=2, unable_unclear=1, other_other=1
)


def answer(rule: str, words: str, cells: Changes, form: str = "2021") -> Result:
    return RULES[rule].evaluate(says(words, cells, form))


def only(rule: str, words: str, cells: Changes, form: str = "2021") -> Finding:
    result = answer(rule, words, cells, form)
    assert isinstance(result, Fail)
    (finding,) = result.findings
    return finding


def test_kinds_of_answers_are_sums_of_rows() -> None:
    assert answer("N-08", TOLD, FITS) == Pass()
    wrong = answers(
        granted=4, partially_granted=1, denied_process_info=3, unable_no_info=2, unable_unclear=1, other_other=1
    )
    result = answer("N-08", TOLD, wrong)
    assert isinstance(result, Fail)
    assert [finding.values["answer"] for finding in result.findings] == ["予以公开", "不予公开"]
    assert result.findings[1].message() == (
        "“总体情况”称不予公开的申请2件，表三“不予公开”各行总计相加为3件，相差1件"
    )
    assert "section_three.denied_process_info.total" in result.findings[1].cells
    assert result.findings[0].message("en")


@pytest.mark.parametrize(
    ("words", "cells"),
    [
        # a kind that is told may hold those that are not
        ("收到申请5件，予以公开5件。", answers(granted=3, partially_granted=2)),
        ("收到申请5件，予以公开3件，不予公开2件。", answers(granted=3, unable_no_info=1, denied_third_party=1)),
        # one of several, and narrower ones
        ("收到申请5件，予以公开2件。另予以公开3件。", answers(granted=5)),
        (HEAD + "收到申请5件，因涉及国家秘密不予公开1件。", answers(granted=3, denied_third_party=2)),
        # told apart from what was carried over
        (
            HEAD + "新收申请3件，予以公开3件；上年结转的2件也已公开。",
            {**answers(granted=5), **row("carried_over", 2)},
        ),
        # documents and other matters
        ("对政府信息100件予以公开。", answers(granted=3)),
        (HEAD + "受理行政许可申请9件，不予处理2件。", answers(granted=3)),
    ],
)
def test_answers_that_accuse_nobody(words: str, cells: Changes) -> None:
    assert not isinstance(answer("N-08", words, cells), Fail)


def test_answers_of_the_older_form() -> None:
    cells = {**row("granted", 2), **row("other", 1), **row("total_results", 3)}
    assert answer("N-08", HEAD + "收到申请3件，予以公开2件，其他处理1件。", cells, "2019") == Pass()


def test_rows_that_do_not_come_to_their_total_are_no_measure() -> None:
    cells = {**answers(granted=4), **row("total_results", 5)}
    assert isinstance(answer("N-08", HEAD + "收到申请5件，予以公开5件。", cells), NotAssessable)
    cells = {**answers(granted=4), **row("unable_unclear", ABSENT)}
    assert isinstance(answer("N-08", HEAD + "收到申请5件，无法提供5件。", cells), NotAssessable)


def test_blank_rows_weigh_one_step_less() -> None:
    cells: Changes = {"section_three.*": BLANK, **row("granted", 4), **row("total_results", 4)}
    words = HEAD + "收到申请4件，予以公开3件，不予公开1件。"
    result = answer("N-08", words, cells)
    assert isinstance(result, Fail)
    assert [finding.severity for finding in result.findings] == [Severity.WARNING, Severity.NOTICE]


@pytest.mark.parametrize(
    ("words", "total", "fails"),
    [
        (HEAD + "网络收到申请5件，信函收到申请3件，共收到申请8件。", 8, False),
        (HEAD + "网络收到申请5件，信函收到申请3件，当面收到申请2件，全年共收到申请9件。", 9, True),
        (HEAD + "网络收到申请3件，信函收到申请3件，当面收到申请3件。", 8, True),
        # ways may be left out
        (HEAD + "网络收到申请5件，信函收到申请3件，共收到申请9件。", 9, False),
        (HEAD + "网络收到申请5件。", 3, False),
    ],
)
def test_channels_are_not_more_than_what_was_received(words: str, total: int, fails: bool) -> None:
    result = answer("N-09", words, row("new_received", total))
    assert isinstance(result, Fail) == fails
    if isinstance(result, Fail):
        assert result.findings[0].severity is Severity.NOTICE
        assert result.findings[0].values["sum"] > total


@pytest.mark.parametrize(
    ("words", "cell"),
    [
        ("作出行政许可决定125件。", "licensing.decisions"),
        ("我局全年共作出行政处罚决定125宗。", "penalty.decisions"),
        ("实施行政强制决定125件。", "coercion.decisions"),
    ],
)
def test_decisions_are_those_of_section_two(words: str, cell: str) -> None:
    assert answer("N-10", words, {f"section_two.{cell}": 125}) == Pass()
    finding = only("N-10", words, {f"section_two.{cell}": 120})
    assert (finding.severity, finding.values["gap"], finding.cells) == (
        Severity.WARNING,
        5,
        (f"section_two.{cell}",),
    )
    assert only("N-10", words, {f"section_two.{cell}": BLANK}).severity is Severity.NOTICE
    assert isinstance(answer("N-10", words, {f"section_two.{cell}": ABSENT}), NotAssessable)


@pytest.mark.parametrize(
    "words",
    [
        "公开行政处罚信息125条。",
        "在信用平台公示行政许可决定125件、行政处罚决定30件。",
        "办理行政处罚案件125件。",
        "全县各部门作出行政处罚决定125件。",
        "作出简易程序行政处罚决定125件。",
        "上半年作出行政处罚决定125件。",
        "2022年作出行政处罚决定125件。",
        "作出行政处罚决定120余件。",
        "罚没收入125万元。",
        "为企业减免行政事业性收费125万元。",
    ],
)
def test_what_is_no_number_of_decisions_or_fees(words: str) -> None:
    assert isinstance(answer("N-10", words, {}), NotAssessable)


@pytest.mark.parametrize(
    ("words", "amount", "fails"),
    [
        ("行政事业性收费125000元。", Decimal("12.5"), False),
        ("行政事业性收费12.5万元。", Decimal("12.5"), False),
        ("行政事业性收费12.5万元。", Decimal("12.4832"), False),
        ("行政事业性收费124832元。", Decimal("12.48"), False),
        ("行政事业性收费6805947.43元。", Decimal("680.5947"), False),
        ("行政事业性收费12.5万元。", Decimal("12.6"), True),
        ("行政事业性收费12.5万元。", 0, True),
        ("行政事业性收费125000元。", 125000, True),
    ],
)
def test_fees_in_yuan_and_in_wan(words: str, amount: Any, fails: bool) -> None:
    result = answer("N-10", words, {"section_two.admin_fees.amount_wan": amount})
    assert isinstance(result, Fail) == fails
    if isinstance(result, Fail):
        (finding,) = result.findings
        assert ("以元计" in finding.message()) == (amount == 125000)


@pytest.mark.parametrize(
    ("words", "cells", "template"),
    [
        (
            "因政府信息公开引发行政复议7件，均维持。",
            {"section_four.review.upheld": 5, "section_four.review.pending": 2, "section_four.review.total": 7},
            "“总体情况”称行政复议维持7件，表四“结果维持”为5件，相差2件",
        ),
        (
            "因政府信息公开发生行政诉讼3件，其中维持2件、尚未审结1件。",
            {
                "section_four.litigation_direct.upheld": 1,
                "section_four.litigation_direct.pending": 1,
                "section_four.litigation_after_review.other": 1,
                "section_four.litigation_direct.total": 2,
                "section_four.litigation_after_review.total": 1,
            },
            "“总体情况”称行政诉讼维持2件，表四“结果维持”为1件，相差1件",
        ),
    ],
)
def test_outcomes_are_those_of_table_four(words: str, cells: Changes, template: str) -> None:
    assert only("N-03", words, cells).message() == template


def test_an_outcome_may_be_that_of_one_kind_of_lawsuit() -> None:
    cells: Changes = {
        "section_four.litigation_direct.upheld": 2,
        "section_four.litigation_after_review.upheld": 1,
        "section_four.litigation_direct.total": 2,
        "section_four.litigation_after_review.total": 1,
    }
    assert answer("N-03", "因政府信息公开发生行政诉讼3件，维持3件。", cells) == Pass()
    assert answer("N-03", "因政府信息公开发生行政诉讼2件，均维持。", cells) == Pass()


def test_regulations_are_those_of_section_two() -> None:
    cells: Changes = {"section_two.regulations.issued": 2, "section_two.regulations.in_force": 35}
    assert answer("N-05", "本年制定规章2件，现行有效规章35件。", cells) == Pass()
    assert only("N-05", "本年制定规章3件。", cells).message() == (
        "“总体情况”称制定规章3件，表二“规章”本年制发为2件，相差1件"
    )
    assert isinstance(answer("N-05", "修订规章制度3项。", cells), NotAssessable)
