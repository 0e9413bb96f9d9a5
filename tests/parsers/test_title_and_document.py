"""What a title says of its page, against what stands on the page."""

import pytest

from monitor.rules.base import Fail, Pass, Subject
from monitor.rules.identity import title_has_year
from parsers.forms import load_form
from parsers.reading import parse
from parsers.schema import DocumentKind, Report
from tests.parsers.pages import article, numbered, page

FORM = load_form("2021")
BODY = article(FORM, numbered(FORM))
PROSE = "<p>" + "本年度严格按照要求推进公开工作，主动公开政府信息12条。" * 30 + "</p>"


def read(title: str, body: str = BODY) -> Report:
    return parse(page(title, body).encode())


@pytest.mark.parametrize(
    "title",
    [
        "清溪镇2023年政府信息公开自查报告",
        "清溪镇2023年政府信息公开整改情况报告",
        "云山县2023年政务公开第三方评估报告",
        "清溪镇2023年政府信息公开工作年度报告汇总",
    ],
)
def test_prose_under_the_title_of_another_report_is_no_annual_report(title: str) -> None:
    assert read(title, PROSE).kind is DocumentKind.OTHER
    # What is a whole report stays one, whatever stands above it.
    assert read(title).kind is DocumentKind.REPORT


@pytest.mark.parametrize(
    "title",
    [
        "清溪镇2023年上半年政府信息公开工作报告",
        "清溪镇2023年第一季度政府信息公开工作报告",
        "清溪镇2023年政府信息公开工作年度报告（征求意见稿）",
    ],
)
def test_a_part_of_a_year_and_a_draft_are_never_the_report(title: str) -> None:
    assert read(title).kind is DocumentKind.OTHER


def test_the_report_in_prose_alone() -> None:
    for title in ("清溪镇2023年政府信息公开工作报告", "清溪镇2023年政府信息公开情况总结"):
        assert read(title, PROSE).kind is DocumentKind.REPORT


@pytest.mark.parametrize(
    "title", ["清溪镇人民政府信息公开年报（2023年）", "【年报】清溪镇二0二三年政府信息公开工作年度报告"]
)
def test_a_year_anywhere_in_the_title_is_the_titles_year(title: str) -> None:
    report = read(title)
    assert (report.report_year, report.report_year_from) == (2023, "title")
    assert title_has_year(Subject(report)) == Pass()


def test_a_title_of_two_years_takes_its_year_from_the_text() -> None:
    body = article(FORM, numbered(FORM), prose="2023年，清溪镇主动公开政府信息12条。")
    report = read("清溪镇2022-2023年政府信息公开工作年度报告", body)
    assert (report.organ, report.report_year, report.report_year_from) == ("清溪镇", 2023, "text")
    assert title_has_year(Subject(report)) == Pass()


def test_a_title_without_a_year_is_still_told() -> None:
    assert isinstance(title_has_year(Subject(read("清溪镇政府信息公开工作年度报告"))), Fail)
