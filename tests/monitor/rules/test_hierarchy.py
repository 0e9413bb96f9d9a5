"""The county government's report against its organs', organs against their peers, and texts of other organs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.rules.base import Fail, Finding, NotAssessable, Pass, Result, Severity, Subject
from monitor.rules.catalogue import RULES
from monitor.rules.hierarchy import NEW_RECEIVED, is_far, spread_of
from tests.monitor.rules.building import BLANK, COUNTY, DEPARTMENT, OTHER_TOWN, TOWN, subject
from tests.monitor.rules.hierarchy_examples import (
    BOTH,
    OFFICE,
    OTHER_TOWNS,
    SUMMED_UP,
    TAX,
    among_peers,
    county,
    member,
    towns,
    twin,
)

_RULES = {rule.id: rule for rule in RULES}


def answer(rule: str, judged: Subject) -> Result:
    """What one rule says."""
    return _RULES[rule].evaluate(judged)


def finding(rule: str, judged: Subject) -> Finding:
    """Its only finding."""
    failed = answer(rule, judged)
    assert isinstance(failed, Fail)
    (only,) = failed.findings
    return only


def test_the_larger_number_of_a_member_is_named_with_its_organ() -> None:
    found = finding("H-01", county({**SUMMED_UP, NEW_RECEIVED: 4}, *BOTH, member(OTHER_TOWN, new_received=9)))
    assert found.severity is Severity.ERROR
    assert "梅坪镇" in found.message()
    assert "9" in found.message()
    assert "至少有一份有误" in found.message()


def test_an_organ_led_from_above_need_not_be_summed_up() -> None:
    assert isinstance(
        answer("H-01", county({NEW_RECEIVED: 4}, member(new_received=1), member(TAX, new_received=9))), Pass
    )


def test_a_number_that_may_be_misread_weighs_less() -> None:
    doubtful = replace(member(new_received=9), doubtful=True)
    assert finding("H-01", county({NEW_RECEIVED: 4}, doubtful)).severity is Severity.WARNING
    assert finding("H-01", county({NEW_RECEIVED: BLANK}, member(new_received=9))).severity is Severity.WARNING


@pytest.mark.parametrize(
    "words",
    [
        "全年县本级收到政府信息公开申请4件。",
        "本办共受理政府信息公开申请4件。",
        "以上统计口径为县政府本级。",
        "县人民政府本级共收到政府信息公开申请4件。",
        "县政府办公室共收到政府信息公开申请4件。",
        "数据统计范围为县政府办公室，各乡镇另行公布。",
        "本报告的统计数据不含各乡镇、各部门。",
    ],
)
def test_a_report_on_the_own_level_only_is_no_sum(words: str) -> None:
    judged = county({NEW_RECEIVED: 4}, member(new_received=5), text=words)
    for rule in ("H-01", "H-02", "H-05"):
        assert isinstance(answer(rule, judged), NotAssessable)


@pytest.mark.parametrize(
    "words", ["公开县本级预算和决算，统计报表12份。", "制定本办法，规范申请办理。", "县本级公开预算。"]
)
def test_words_on_money_do_not_make_a_report_that_of_one_level(words: str) -> None:
    judged = county({NEW_RECEIVED: 4}, member(new_received=5), text=words)
    assert isinstance(answer("H-01", judged), Fail)


@pytest.mark.parametrize(
    "words",
    [
        "全县共收到政府信息公开申请4件，其中县本级收到申请2件。",
        "全县各级行政机关收到政府信息公开申请4件，其中本办受理申请1件。",
        "本报告由本办汇总全县数据编制。",
    ],
)
def test_a_share_of_the_own_level_does_not_make_a_sum_that_of_one_level(words: str) -> None:
    judged = county({NEW_RECEIVED: 4}, member(new_received=5), text=words)
    assert isinstance(answer("H-01", judged), Fail)


def test_who_owes_no_report_takes_the_place_of_nobody_who_does() -> None:
    members = [member(each) for each in towns(39)]
    beside = replace(member(TAX), listed=False)
    judged = county({NEW_RECEIVED: 60}, *members, beside, expected=40)
    found = finding("H-02", judged)
    assert found.severity is Severity.NOTICE
    assert "另有1个单位的报告尚未见到" in found.message()


def test_sums_hold_with_or_without_the_organs_that_may_be_left_out() -> None:
    apart = (member(TAX, new_received=7), member(OFFICE, new_received=2))
    for total in (5, 7, 12, 14):
        changes = {**SUMMED_UP, NEW_RECEIVED: total}
        assert isinstance(answer("H-02", county(changes, *BOTH, *apart)), Pass)
    assert finding("H-02", county({**SUMMED_UP, NEW_RECEIVED: 22}, *BOTH, *apart)).values["gap"] == 8


def test_a_small_gap_is_a_notice_and_a_large_one_a_warning() -> None:
    small = county({**SUMMED_UP, NEW_RECEIVED: 10}, *BOTH)
    assert finding("H-02", small).severity is Severity.NOTICE
    large = county({**SUMMED_UP, NEW_RECEIVED: 11}, *BOTH)
    assert finding("H-02", large).severity is Severity.WARNING
    assert finding("H-02", large).values["sum"] == 5


def test_sums_are_no_warning_while_a_report_is_not_in() -> None:
    members = [member(each) for each in towns(38)]
    judged = county({**SUMMED_UP, "section_three.total_results.total": 0, NEW_RECEIVED: 60}, *members, expected=40)
    found = finding("H-02", judged)
    assert found.severity is Severity.NOTICE
    assert "另有2个单位的报告尚未见到" in found.message()
    below = county({NEW_RECEIVED: 60}, *members[:37], expected=40)
    assert isinstance(answer("H-02", below), NotAssessable)


def test_blanks_in_sums_are_zero_and_weigh_less() -> None:
    blank = member(DEPARTMENT, new_received=None, total_results=5)
    held = county({**SUMMED_UP, "section_three.total_results.total": 5, NEW_RECEIVED: 0}, blank)
    assert isinstance(answer("H-02", held), Pass)
    broken = county({**SUMMED_UP, NEW_RECEIVED: 30}, blank)
    assert finding("H-02", broken).severity is Severity.NOTICE


def test_an_unreadable_number_of_a_member_is_not_zero() -> None:
    unread = member(DEPARTMENT)
    numbers = {name: number for name, number in unread.numbers.items() if name != NEW_RECEIVED}
    judged = county({NEW_RECEIVED: 30}, replace(unread, numbers=numbers))
    assert isinstance(answer("H-02", judged), Pass)


def test_what_was_carried_on_is_compared_over_the_same_organs() -> None:
    now = (member(carried_over=2), member(DEPARTMENT, carried_over=1))
    before = (member(carried_forward=2), member(DEPARTMENT, carried_forward=4), member(TAX, carried_forward=9))
    found = finding("H-03", county({}, *now, before=before))
    assert found.values["then"] == 6
    assert found.values["now"] == 3
    assert "云岭县林业局（4→1）" in found.message()
    assert "柳溪镇" not in found.message()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("本报告由县政府办公室汇总全县6个部门、3个乡镇的数据编制。", 9),
        ("汇总9家单位数据。", 9),
        ("汇总县政府各部门9个和乡镇的报告编制。", 9),
    ],
)
def test_the_named_number_may_be_in_parts(words: str, named: int) -> None:
    assert isinstance(answer("H-04", county({}, *(member(each) for each in towns(9)), text=words)), Pass)
    fewer = county({}, *(member(each) for each in towns(14)), text=words)
    assert finding("H-04", fewer).values["named"] == named


def test_more_than_registered_may_be_our_own_gap() -> None:
    judged = county({}, *(member(each) for each in towns(9)), text="本报告汇总37个单位的数据。")
    assert finding("H-04", judged).severity is Severity.NOTICE


def test_who_reports_for_himself_is_not_held_against_the_county() -> None:
    for rule in ("H-01", "H-02", "H-03", "H-04", "H-05"):
        assert isinstance(answer(rule, subject(organ=TOWN)), NotAssessable)
        assert isinstance(answer(rule, subject(organ=COUNTY)), NotAssessable)


def test_where_most_have_the_same_number_a_little_more_is_not_far() -> None:
    same = spread_of([0] * 25)
    assert same is not None
    assert not is_far(29, same)
    assert is_far(60, same)
    assert isinstance(answer("P-03", among_peers(29, (0,) * 25)), Pass)


def test_a_peer_far_away_is_told_with_the_median() -> None:
    found = finding("P-03", among_peers(400, OTHER_TOWNS))
    assert found.severity is Severity.NOTICE
    assert "中位数为13.5" in found.message()


def test_who_published_first_is_not_accused() -> None:
    first = finding("P-06", subject(organ=TOWN, twins=(twin(earlier=False),)))
    assert first.severity is Severity.NOTICE
    assert "本报告公布在先" in first.message()
    for earlier in (True, None):
        assert finding("P-06", subject(organ=TOWN, twins=(twin(earlier=earlier),))).severity is Severity.WARNING


def test_texts_whose_templates_are_not_known_are_a_notice() -> None:
    found = finding("P-06", subject(organ=TOWN, twins=(twin(known=False),)))
    assert found.severity is Severity.NOTICE
    assert "尚未剔除" in found.message()


def test_a_text_is_told_with_organ_year_share_and_day() -> None:
    message = finding("P-06", subject(organ=TOWN, twins=(twin(0.9876),))).message()
    assert "云岭县林业局2023年度（98.7%，2024-01-12公布）" in message
