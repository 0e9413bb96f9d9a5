"""The paragraph on two years: numbers by rules, in grammar with none, one and many, and nothing made up."""

from collections.abc import Mapping

import pytest

from monitor.differences.cells import compare
from monitor.differences.identities import identities
from monitor.differences.summary import Told, section_name, summary
from monitor.differences.texts import compare_sections
from monitor.rules.base import Subject
from parsers.schema import Report
from tests.monitor.rules.building import BLANK, TOWN, UNREADABLE, Value, build_report

NEW = "section_three.new_received.total"
FORWARD = "section_three.carried_forward.total"


def paragraph(after: Report, before: Report, language: str = "zh", against: int = 2022) -> str:
    """What is said of two reports."""
    in_a_row = identities(Subject(after, organ=TOWN, previous=before)) if against == 2022 else None
    return summary(
        Told("柳溪镇", 2023, against, compare(after, before), compare_sections(before, after), in_a_row), language
    )


def report(year: int, changes: Mapping[str, Value] | None = None) -> Report:
    return build_report("2021", year, changes)


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        (0, 0, "新收政府信息公开申请0件，与上次持平"),
        (0, 1, "新收政府信息公开申请1件，增加1件；"),
        (3, 1, "新收政府信息公开申请1件，减少2件；"),
        (40, 50, "新收政府信息公开申请50件，增加10件（25.0%）；"),
        (50, 40, "新收政府信息公开申请40件，减少10件（20.0%）；"),
        (BLANK, 40, "新收政府信息公开申请40件（2022年度空白，无从比较）；"),
        (40, BLANK, "新收政府信息公开申请：空白；"),
        (40, UNREADABLE, "新收政府信息公开申请：无法辨认；"),
    ],
)
def test_a_number_beside_that_of_the_year_before(then: Value, now: Value, said: str) -> None:
    assert said in paragraph(report(2023, {NEW: now}), report(2022, {NEW: then}))


def test_what_carries_over_is_told_with_the_rule_that_failed() -> None:
    said = paragraph(report(2023), report(2022, {FORWARD: 7}))
    assert "条不成立" in said
    assert "Y-01：" in said
    assert said.endswith("。")


def test_years_that_do_not_follow_each_other_carry_nothing_over() -> None:
    assert "不是相邻的年度" in paragraph(report(2023), report(2021), against=2021)


def test_texts_that_only_moved_on_by_a_year_are_told_together() -> None:
    assert "的文字除年份外没有变化。" in paragraph(report(2023), report(2022))


def test_in_english_nothing_chinese_is_left_but_the_name() -> None:
    said = paragraph(report(2023, {NEW: 50}), report(2022, {NEW: 40}), "en").replace("柳溪镇", "")
    assert "up 10" in said
    assert not [letter for letter in said if "\u4e00" <= letter <= "\u9fff"]


@pytest.mark.parametrize(
    ("language", "names"), [("zh", ("第一部分", "第六部分")), ("en", ("section one", "section six"))]
)
def test_a_section_has_a_name_in_each_language(language: str, names: tuple[str, str]) -> None:
    assert (section_name(1, language), section_name(6, language)) == names
