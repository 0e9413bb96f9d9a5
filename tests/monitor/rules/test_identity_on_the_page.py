"""I-04, I-07 and I-11: what the page itself says of the organ and the year, and what identifies nothing."""

from typing import Any

import pytest

from monitor.rules.base import Fail, NotAssessable, Pass, Severity
from monitor.rules.identity import no_other_organ_or_level, title_is_the_columns_organ, year_of_column
from tests.monitor.rules.building import COUNTY_ORGANS, TOWN, build_report, subject


def judged(printed: str, metadata: dict[str, str], **context: Any) -> Any:
    return title_is_the_columns_organ(subject(build_report(organ=printed, metadata=metadata), **context))


@pytest.mark.parametrize("place", ["落款", "发布机构", "公开机构"])
def test_another_township_signs_or_publishes(place: str) -> None:
    result = judged("云岭县柳溪镇人民政府", {place: "梅坪镇人民政府"})
    assert isinstance(result, Fail)
    (finding,) = result.findings
    assert finding.severity is Severity.WARNING
    assert finding.message() == (
        f"标题写的是“云岭县柳溪镇人民政府”，{place}却是“梅坪镇人民政府”，可能发错了栏目或误用了别的机关的报告"
    )
    result = judged("柳溪镇", {place: "梅坪镇"}, county_organs=COUNTY_ORGANS, organ=TOWN)
    assert isinstance(result, Fail)
    assert result.findings[0].severity is Severity.ERROR


@pytest.mark.parametrize(
    ("organ", "metadata"),
    [
        ("柳溪镇", {"落款": "柳溪镇人民政府"}),
        ("柳溪镇", {"落款": "云岭县柳溪镇人民政府"}),
        ("安州市云岭县柳溪镇", {"发布机构": "云岭县柳溪镇"}),
        ("柳溪镇", {"落款": "柳溪乡人民政府"}),
        ("柳溪镇", {"落款": "柳奚镇人民政府"}),
        ("东街街道办事处", {"发布机构": "东街街道"}),
    ],
)
def test_one_organ_under_two_names(organ: str, metadata: dict[str, str]) -> None:
    assert judged(organ, metadata) == Pass()


@pytest.mark.parametrize(
    ("organ", "metadata"),
    [
        # who publishes for all, and names that identify nothing
        ("柳溪镇", {"发布机构": "云岭县人民政府办公室"}),
        ("柳溪镇", {"发布机构": "云岭县人民政府"}),
        ("柳溪镇", {"信息来源": "梅坪镇"}),
        ("柳溪镇", {"来源": "梅坪镇"}),
        ("柳溪镇", {"ContentSource": "梅坪镇"}),
        ("柳溪镇", {"落款": "党政办公室"}),
        ("柳溪镇", {}),
        # offices sign for one another, under new and old names
        ("云岭县林业局", {"落款": "云岭县自然资源局"}),
        ("云岭县市场监督管理局", {"发布机构": "云岭县工商局"}),
    ],
)
def test_what_accuses_nobody(organ: str, metadata: dict[str, str]) -> None:
    assert isinstance(judged(organ, metadata), NotAssessable)


def test_a_name_that_is_not_of_the_county_accuses_nobody() -> None:
    result = judged("柳溪镇", {"落款": "岢曲镇人民政府"}, county_organs=COUNTY_ORGANS, organ=TOWN)
    assert result == Pass()


@pytest.mark.parametrize("column", ["2023年", "2024年", "2023-2024年", "历年年报", "1949年至今"])
def test_the_columns_year_is_of_the_report_or_of_its_publication(column: str) -> None:
    assert not isinstance(year_of_column(subject(build_report(metadata={"ColumnName": column}))), Fail)


def told_of(words: str, **context: Any) -> Any:
    """What I-07 says of a town's report with these words in section one."""
    report = build_report(text={1: words}, **context)
    return no_other_organ_or_level(subject(report, organ=TOWN, county_organs=COUNTY_ORGANS))


ELSEWHERE = "2023年，平安县柳溪镇主动公开信息20条。平安县柳溪镇认真执行条例。"


def test_a_text_of_a_township_of_the_same_name_elsewhere() -> None:
    result = told_of(ELSEWHERE)
    assert isinstance(result, Fail)
    (finding,) = result.findings
    assert finding.severity is Severity.WARNING
    assert finding.message() == (
        "正文2次把本机关写在别的县（2023年，平安县柳溪镇主动公开信息20条。平安县柳溪……），一次也没有写到云岭县，内容可能取自同名的机关"
    )


@pytest.mark.parametrize(
    ("words", "context"),
    [
        ("2023年，平安县柳溪镇主动公开信息20条。", {}),  # once is a slip, or another's document
        (ELSEWHERE + "云岭县政府门户网站公开。", {}),
        (ELSEWHERE + "“云岭发布”公开12条。", {}),
        ("平安县柳溪镇公开20条。长宁县柳溪镇公开3条。", {}),
        ("全县柳溪镇率先公开。我县柳溪镇公开20条。各县柳溪镇公开3条。", {}),
        (ELSEWHERE, {"report_year": 2017, "form": "2019"}),
    ],
)
def test_what_is_not_enough_to_say_so(words: str, context: dict[str, Any]) -> None:
    assert told_of(words, **context) == Pass()
