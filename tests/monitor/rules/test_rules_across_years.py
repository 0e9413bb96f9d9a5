"""Y-04, Y-06 to Y-09, X-05, P-08 and I-10: what they accuse of, what they let pass, and how they weigh it."""

from dataclasses import replace
from typing import Any

import pytest

from monitor.rules.base import (
    EarlierYear,
    Fail,
    Finding,
    NotAssessable,
    OtherReport,
    Pass,
    Result,
    Severity,
    Subject,
)
from monitor.rules.catalogue import RULES, judge
from monitor.rules.masking import masked_sentences, sentence_key
from parsers.schema import Report
from tests.monitor.rules.building import (
    BLANK,
    COUNTY_ORGANS,
    DEPARTMENT,
    Changes,
    build_report,
    prose,
    subject,
)
from tests.monitor.rules.examples import (
    DECIDED,
    NEW_RECEIVED,
    PENDING,
    PLAIN_WORDS,
    SUED,
    earlier,
    following,
    last_years_number,
    last_years_text,
    of_department,
)

EVALUATE = {rule.id: rule.evaluate for rule in RULES}


def answer(rule: str, judged: Subject) -> Result:
    return EVALUATE[rule](judged)


def finding(rule: str, judged: Subject) -> Finding:
    result = answer(rule, judged)
    assert isinstance(result, Fail), result
    (found,) = result.findings
    return found


# --- Y-04 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now", [{"upheld": 2}, {"pending": 2}, {"corrected": 1, "pending": 1}, {"other": 3}, {"total": 2}]
)
def test_pending_cases_may_come_back_in_any_outcome(now: dict[str, int]) -> None:
    changes: Changes = {f"section_four.review.{name}": number for name, number in now.items()}
    assert isinstance(answer("Y-04", following("2021", PENDING, changes, (2022, 2023))), Pass)


def test_a_suit_may_be_counted_after_a_review_in_the_next_year() -> None:
    before: Changes = {"section_four.litigation_direct.pending": 1}
    now: Changes = {"section_four.litigation_after_review.upheld": 1}
    assert isinstance(answer("Y-04", following("2021", before, now, (2022, 2023))), Pass)


def test_a_review_does_not_turn_into_a_suit() -> None:
    found = finding("Y-04", following("2021", PENDING, SUED, (2022, 2023)))
    assert found.severity is Severity.NOTICE
    assert found.values["gap"] == 2


def test_section_four_is_compared_across_the_change_of_form() -> None:
    before = build_report("2019", 2020, PENDING)
    assert isinstance(answer("Y-04", subject(build_report("2021", 2021), previous=before)), Fail)


# --- X-05 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("then", "now"), [(0, 4), (9, 9), (9, 14), (20, 39)])
def test_suits_that_grow_a_little_are_no_jump(then: int, now: int) -> None:
    name = "section_four.litigation_direct.total"
    assert isinstance(answer("X-05", following("2021", {name: then}, {name: now}, (2023, 2024))), Pass)


def test_before_the_law_changed_nobody_is_asked() -> None:
    judged = judge(following("2021", {}, SUED, (2022, 2023)))
    assert isinstance(judged.results["X-05"], NotAssessable)


# --- P-08 ----------------------------------------------------------------------------------------------------


def vanished(text: str = "", **context: Any) -> Subject:
    texts = prose(2023)
    report = build_report(text={1: texts[1] + text})
    return subject(report, organ=DEPARTMENT, previous=build_report(year=2022, changes=DECIDED), **context)


def test_decisions_that_vanish_are_a_warning() -> None:
    found = finding("P-08", vanished())
    assert found.severity is Severity.WARNING
    assert found.values["then"] == 52


def test_powers_that_were_moved_are_no_mistake() -> None:
    assert isinstance(answer("P-08", vanished("本年度行政许可职能划转至县行政审批局。")), Pass)


def test_an_organ_that_may_have_taken_over_makes_it_a_notice() -> None:
    found = finding("P-08", vanished(county_organs=(*COUNTY_ORGANS, "云岭县行政审批局")))
    assert found.severity is Severity.NOTICE
    assert "行政审批局" not in found.template
    assert "审批局" in found.message()


def test_the_organs_own_name_explains_nothing() -> None:
    organ = replace(DEPARTMENT, name="云岭县城市管理局")
    judged = replace(vanished(), organ=organ, county_organs=("云岭县城市管理局",))
    assert finding("P-08", judged).severity is Severity.WARNING


def test_blanks_are_no_zeros_and_weigh_less() -> None:
    blank: Changes = dict.fromkeys(DECIDED, BLANK)
    assert (
        finding("P-08", of_department(following("2021", DECIDED, blank, (2022, 2023)))).severity is Severity.NOTICE
    )


def test_section_two_is_never_compared_across_the_change_of_form() -> None:
    judged = subject(build_report("2021", 2021), previous=build_report("2019", 2020, DECIDED), organ=DEPARTMENT)
    assert isinstance(answer("P-08", judged), NotAssessable)


# --- Y-06 ----------------------------------------------------------------------------------------------------


def test_numbers_and_years_are_masked() -> None:
    report = build_report(text={1: "2023年公开1,286条，占95.5%。二〇二三年办理三件。", 5: "共12件。"})
    assert masked_sentences(report) == ("0年公开0条，占0。", "0年办理三件。", "共0件。")


def test_the_same_words_with_other_numbers_are_the_same_text() -> None:
    now = PLAIN_WORDS.replace("2022", "2023").replace("86", "117")
    found = finding("Y-06", last_years_text(PLAIN_WORDS, now))
    assert found.severity is Severity.WARNING
    assert found.values["similarity"] == 1


def test_text_that_is_much_alike_is_a_notice() -> None:
    now = PLAIN_WORDS.replace("每季度更换一次内容", "按月更新")
    found = finding("Y-06", last_years_text(PLAIN_WORDS, now))
    assert found.severity is Severity.NOTICE
    assert 0.9 <= found.values["similarity"] < 0.98


def test_where_the_countys_sentences_are_not_known_it_weighs_less_and_says_so() -> None:
    found = finding("Y-06", replace(last_years_text(PLAIN_WORDS, PLAIN_WORDS), county_sentences=None))
    assert found.severity is Severity.NOTICE
    assert "尚未剔除全县通用的语句，故降一级" in found.message()


def test_sentences_of_the_whole_county_say_nothing_of_an_organ() -> None:
    judged = last_years_text(PLAIN_WORDS, PLAIN_WORDS)
    shared = frozenset(map(sentence_key, masked_sentences(judged.report)))
    assert isinstance(answer("Y-06", replace(judged, county_sentences=shared)), NotAssessable)


def test_only_the_report_of_the_year_before_is_compared() -> None:
    judged = last_years_text(PLAIN_WORDS, PLAIN_WORDS)
    assert judged.previous is not None
    older = replace(judged.previous, report_year=2021)
    assert isinstance(answer("Y-06", replace(judged, previous=older)), NotAssessable)


# --- Y-09 ----------------------------------------------------------------------------------------------------


def test_a_number_left_standing_is_one_matter_with_the_number_that_is_wrong() -> None:
    judgement = judge(last_years_number(7, 9, told=7))
    (matter,) = [matter for matter in judgement.matters if any(each.rule == "Y-09" for each in matter.findings)]
    assert {each.rule for each in matter.findings} == {"N-01", "Y-09"}
    assert matter.key == "N-01"


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        (7, 7, 7),  # nothing changed, and nothing is wrong
        (9, 7, 8),  # wrong, but not last year's number
        (0, 3, 0),  # "none" is told every year
    ],
)
def test_what_is_not_left_over(then: int, now: int, told: int) -> None:
    assert isinstance(answer("Y-09", last_years_number(then, now, told=told)), Pass)


def test_a_number_that_last_years_table_did_not_have_is_not_left_over() -> None:
    judged = last_years_number(7, 9, told=7)
    assert judged.previous is not None
    cells = build_report("2021", 2022, {"section_three.new_received.total": 5}).cells
    before: Report = replace(judged.previous, cells=cells)
    assert isinstance(answer("Y-09", replace(judged, previous=before)), Pass)


# --- Y-07 and P-02 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("years", "accused"),
    [
        ((12, 15, 67), False),  # five times the median
        ((12, 15, 69), True),
        ((1, 1, 30), False),  # many times, and few
        ((0, 0, 30), True),
        ((200, 160, 37), False),
        ((200, 160, 35), True),
        ((40, 40, 0), True),
    ],
)
def test_jumps_are_told_by_the_median_and_the_difference(years: tuple[int, int, int], accused: bool) -> None:
    result = answer("Y-07", earlier(*years))
    assert isinstance(result, Fail if accused else Pass)
    if isinstance(result, Fail):
        (found,) = result.findings
        assert found.severity is Severity.NOTICE
        assert f"印为{years[2]}（2021年{years[0]}、2022年{years[1]}）" in found.message()


def test_one_earlier_year_is_no_history() -> None:
    assert isinstance(answer("Y-07", replace(earlier(12, 15, 700), previous=None)), NotAssessable)


def test_blanks_are_no_numbers_of_earlier_years() -> None:
    judged = replace(earlier(12, 15, 700), earlier=(EarlierYear(2021, "2021", {}),))
    assert isinstance(answer("Y-07", judged), NotAssessable)


def test_of_the_other_form_only_what_compares_is_held_against_it() -> None:
    decisions = "section_two.licensing.decisions"
    history = tuple(EarlierYear(year, "2019", {NEW_RECEIVED: 10, decisions: 10}) for year in (2019, 2020))
    report = build_report(changes={NEW_RECEIVED: 100, decisions: 100})
    assert finding("Y-07", subject(report, earlier=history)).cells == (NEW_RECEIVED,)


def test_what_p_08_tells_is_not_told_twice() -> None:
    history = (
        EarlierYear(2021, "2021", {"section_two.licensing.decisions": 44, "section_two.penalty.decisions": 9}),
    )
    judged = judge(vanished(earlier=history))
    assert isinstance(judged.results["P-08"], Fail)
    assert isinstance(judged.results["Y-07"], NotAssessable)


# --- I-10 ------------------------------------------------------------------------------------------------------


def beside(other: Report, report: Report | None = None) -> Subject:
    return subject(report, others=(OtherReport("http://x/2", other),))


def test_a_second_report_with_other_numbers_is_told_with_both() -> None:
    found = finding("I-10", beside(build_report(changes={NEW_RECEIVED: 3})))
    assert found.severity is Severity.WARNING
    assert found.cells == (NEW_RECEIVED,)
    assert "0／3" in found.message()
    assert "http://x/2" in found.message()


def test_a_copy_accuses_nobody() -> None:
    result = answer("I-10", beside(build_report(metadata={"ColumnName": "2024年"})))
    assert isinstance(result, Pass)
    assert result.note


@pytest.mark.parametrize(
    "other",
    [
        build_report(changes={NEW_RECEIVED: 3}, title="柳溪镇2023年政府信息公开工作年度报告（更正）"),
        build_report(text={5: "（一）存在的主要问题\n更新慢。\n（二）改进情况\n专人负责。"}),
        build_report(changes={NEW_RECEIVED: BLANK}, text={6: "没有其他事项。"}),
    ],
)
def test_corrections_and_other_words_are_notices(other: Report) -> None:
    assert finding("I-10", beside(other)).severity is Severity.NOTICE


@pytest.mark.parametrize(
    "other",
    [
        build_report("2021", 2022, {NEW_RECEIVED: 3}),
        build_report(changes={NEW_RECEIVED: 3}, organ="云岭县林业局"),
        build_report(changes={NEW_RECEIVED: 3}, organ="梅坪镇"),
    ],
)
def test_another_year_or_organ_is_no_second_report(other: Report) -> None:
    assert isinstance(answer("I-10", beside(other)), Pass)
