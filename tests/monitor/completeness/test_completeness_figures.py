"""The figures of the completeness report and its summary in words."""

from dataclasses import replace
from datetime import datetime

from crawler.clock import SHANGHAI
from monitor.completeness.figures import count, gather
from monitor.completeness.summary import rate, summary
from monitor.publication import PublicationState
from tests.monitor.completeness.examples import AS_OF, STANDINGS, example


def test_the_counts_are_those_of_the_states_without_the_organs_not_expected() -> None:
    hedong, huaxian = example().counties
    figures = huaxian.figures
    assert (figures.expected, figures.published, figures.on_time, figures.late) == (6, 3, 2, 1)
    assert (figures.missing, figures.unverified, figures.not_due) == (1, 1, 1)
    assert figures.expected == (
        figures.on_time + figures.late + figures.missing + figures.unverified + figures.not_due
    )
    assert (figures.with_errors, figures.with_warnings) == (1, 2)
    assert huaxian.columns_crawled == 0.9091
    assert hedong.figures.expected == 1


def test_json_has_the_shape_of_the_contract() -> None:
    data = example().to_json()
    assert set(data) == {"year", "as_of", "counties"}
    assert data["as_of"] == "2024-02-05T09:00:00+08:00"
    county = data["counties"][1]
    assert {name: county[name] for name in county if name != "organs"} == {
        "code": "410526",
        "name": "滑县",
        "expected": 6,
        "on_time": 2,
        "late": 1,
        "missing": 1,
        "unverified": 1,
        "not_due": 1,
        "with_errors": 1,
        "with_warnings": 2,
        "columns_crawled": 0.9091,
    }
    late = next(organ for organ in county["organs"] if organ["state"] == "late")
    assert late == {
        "code": "410526111",
        "name": "焦虎镇",
        "kind": "township",
        "state": "late",
        "due": "2024-01-31",
        "due_rule": "practice-township",
        "published_on": "2024-02-03",
        "published_from": "shown",
        "first_seen_at": "2024-02-04T07:30:00+08:00",
        "shown_on": None,
        "shown_from": None,
        "address_date": None,
        "address_precision": None,
        "last_without_at": None,
        "days_late": 3,
        "url": "https://huaxian.example/a/1.html",
        "errors": 1,
        "warnings": 2,
        "flags": ["backdated"],
        "reason": None,
    }
    assert [organ["state"] for organ in county["organs"]].count("not_expected") == 1


def test_what_could_not_be_verified_counts_neither_for_nor_against() -> None:
    huaxian = example().counties[1]
    assert rate(huaxian.figures) == "40.0%～60.0%"
    verified = count([each for each in huaxian.standings if each.state is not PublicationState.UNVERIFIED], AS_OF)
    assert rate(verified) == "50.0%"


def test_no_rate_before_anything_is_due() -> None:
    january = datetime(2024, 1, 10, tzinfo=SHANGHAI)
    early = [
        replace(each, state=PublicationState.NOT_DUE) if each.state is not PublicationState.ON_TIME else each
        for each in STANDINGS
    ]
    assert rate(count(early, january)) == "—"
    assert rate(count([], january)) == "—"


def test_the_rate_is_rounded_and_all_is_said_only_of_all() -> None:
    late = [each for each in STANDINGS if each.state is PublicationState.LATE]
    on_time = [each for each in STANDINGS if each.state is PublicationState.ON_TIME]
    assert rate(count(on_time * 1000 + late, AS_OF)) == "99.9%"
    assert rate(count([*on_time[:2], late[0]], AS_OF)) == "66.7%"
    assert rate(count(on_time, AS_OF)) == "100.0%"


def test_the_summary_accuses_only_of_what_is_proven() -> None:
    text = summary(example().counties[1], 2023)
    assert "应公布2023年度政府信息公开工作年度报告的单位6家，已公布3家，其中按时公布2家" in text
    assert "其余1家尚不能核实，不计入未公布：栏目所在网站拒绝访问（1家）。" in text
    assert "网站未能完整访问" not in text
    assert "未公布：白道口镇。" in text
    assert "焦虎镇（2024年2月3日，逾期3天）" in text
    assert "半坡店" not in text


def test_the_summary_counts_what_is_doubted() -> None:
    assert "已公布的报告中，1家疑似倒签，1家存在数据错误" in summary(example().counties[1], 2023)
    taken_down = [replace(each, flags=("removed",)) for each in STANDINGS if each.report_year == 2023]
    text = summary(gather(2023, AS_OF, taken_down[:2], columns={}).counties[0], 2023)
    assert "2家公布后已撤下" in text
    assert "倒签" not in text


def test_the_summary_names_the_most_frequent_reasons_and_counts_the_others() -> None:
    reasons = ["一"] * 3 + ["二"] * 2 + ["三"] * 2 + ["四", "五"]
    unread = [
        replace(
            STANDINGS[3],
            organ=replace(STANDINGS[3].organ, code=f"4105263{number:02}"),
            reason=reason,
        )
        for number, reason in enumerate(reasons)
    ]
    text = summary(gather(2023, AS_OF, unread, columns={}).counties[0], 2023)
    assert "其余9家尚不能核实，不计入未公布：一（3家）；二（2家）；三（2家）；其他原因（2家）。" in text


def test_only_the_year_asked_for_and_a_county_without_columns() -> None:
    other_year = [replace(each, report_year=2022) for each in STANDINGS]
    report = gather(2022, AS_OF, [*STANDINGS, *other_year], columns={})
    assert [county.figures.expected for county in report.counties] == [1, 6]
    assert [county.columns_crawled for county in report.counties] == [0.0, 0.0]
