"""What is wrong, from standings, matters and portals: who is accused of what, on which evidence, and who not."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from crawler.clock import SHANGHAI
from crawler.records import Outcome
from monitor.alerts.conditions import AlertKind, Condition, PrintedCell, UnreadCapture
from monitor.alerts.details import details, lines
from monitor.alerts.wording import DATE_SOURCES, advice, kind_name, place_in_words, say
from monitor.publication import LookedAt, PublicationState
from monitor.rules.base import Cause, Severity, ShouldRead
from tests.monitor.alerts.support import (
    BUREAU,
    MORNING,
    PRACTICE,
    STATUTE,
    TOWN,
    conditions,
    finding,
    grounds,
    matter,
    missing,
    portal,
    standing,
    version,
)


def words(condition: Condition) -> str:
    return say(condition.template, condition.values)


def test_a_missing_report_names_who_which_year_which_date_and_the_proof() -> None:
    (found,) = conditions([missing()], [], [], MORNING)
    assert found.kind is AlertKind.MISSING
    assert found.severity == "warning"
    assert words(found) == (
        "东岭县云溪镇2023年度报告未公布：应于2024年1月31日前（含当日）公布；"
        "期限过后已在不同的两天完整查看其栏目，均未见到。"
    )
    assert found.evidence["proof"] == ["2024-02-01T06:30:00+08:00", "2024-02-02T06:30:00+08:00"]
    assert found.evidence["due"]["rule"] == PRACTICE.rule


def test_a_missing_report_says_which_column_was_read_where_and_when() -> None:
    days = tuple(datetime(2024, 2, day, 6, 30, tzinfo=SHANGHAI) for day in (1, 2))
    one = LookedAt("东岭县人民政府", "年度报告", "http://portal.example/nb/", days)
    found = standing(PublicationState.MISSING, proof=days, looked_at=(one,))
    (condition,) = conditions([found], [], [], MORNING)
    assert "期限过后已在2024年2月1日、2024年2月2日两天完整查看东岭县人民政府的“年度报告”栏目，均未见到" in words(
        condition
    )
    shown = details(condition.evidence)["looked_at"]
    assert shown == [
        {
            "name": "东岭县人民政府“年度报告”",
            "address": "http://portal.example/nb/",
            "link": "http://portal.example/nb/",
            "times": "2024年2月1日 06:30；2024年2月2日 06:30",
        }
    ]
    other = replace(one, column="乡镇", at=(days[0], days[0] + timedelta(days=3)))
    (condition,) = conditions([replace(found, looked_at=(one, other))], [], [], MORNING)
    assert "已在不同的两天完整查看东岭县人民政府的“年度报告”等 2 个栏目" in words(condition)


def test_back_dating_names_the_passes_without_the_page_and_removal_its_days() -> None:
    passes = tuple(datetime(2024, 2, day, 6, 30, tzinfo=SHANGHAI) for day in (3, 5, 9))
    flagged = standing(
        PublicationState.ON_TIME,
        published_on=date(2024, 1, 30),
        published_from="shown",
        first_seen_at=datetime(2024, 2, 12, 7, tzinfo=SHANGHAI),
        looked_at=(LookedAt("东岭县人民政府", "年度报告", "http://portal.example/nb/", passes),),
        last_seen_at=datetime(2024, 2, 20, 7, tzinfo=SHANGHAI),
        gone_at=datetime(2024, 2, 21, 7, tzinfo=SHANGHAI),
        gone_answer="404",
        flags=("backdated", "removed"),
    )
    found = {each.kind: words(each) for each in conditions([flagged], [], [], MORNING)}
    assert (
        "但我们在2024年2月3日至2024年2月9日的 3 天完整查看东岭县人民政府的“年度报告”栏目时没有它"
        in found[AlertKind.BACKDATED]
    )
    assert (
        "最后一次见到是2024年2月20日；2024年2月21日起原网址已打不开（404），完整查看其栏目也未见到"
        in found[AlertKind.REMOVED]
    )
    softly = replace(flagged, gone_answer="soft_404", flags=("removed",))
    assert "原网址只显示内容不存在" in words(conditions([softly], [], [], MORNING)[0])


def test_severity_is_that_of_the_obligation_and_the_county_is_not_said_twice() -> None:
    (found,) = conditions([missing(BUREAU, STATUTE)], [], [], MORNING)
    assert found.severity == "error"
    assert words(found).startswith("东岭县民政局2023年度报告")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2024, 2, 7), None),
        (date(2024, 2, 8), "逾期已超过 7 天"),
        (date(2024, 3, 1), "逾期已超过 7 天"),
        (date(2024, 3, 2), "逾期已超过 30 天"),
    ],
)
def test_a_missing_report_grows_graver_in_words_and_stays_one_matter(day: date, said: str | None) -> None:
    at = datetime(day.year, day.month, day.day, 8, tzinfo=SHANGHAI)
    (first,) = conditions([missing()], [], [], MORNING)
    (found,) = conditions([missing()], [], [], at)
    assert found.identity == first.identity
    assert ("逾期已超过" in words(found)) is bool(said)
    assert (said or "未公布") in words(found)


@pytest.mark.parametrize(
    "state",
    [
        PublicationState.UNVERIFIED,
        PublicationState.NOT_DUE,
        PublicationState.ON_TIME,
        PublicationState.NOT_EXPECTED,
    ],
)
def test_no_other_state_accuses_an_organ(state: PublicationState) -> None:
    assert conditions([standing(state)], [], [], MORNING) == []


@pytest.mark.parametrize("source", list(DATE_SOURCES))
def test_lateness_names_the_date_it_rests_on(source: str) -> None:
    late = standing(
        PublicationState.LATE, published_on=date(2024, 2, 3), published_from=source, days_late=3, due=STATUTE
    )
    (found,) = conditions([late], [], [], MORNING)
    assert found.severity == "error"
    assert f"{DATE_SOURCES[source]}是2024年2月3日，晚了 3 天" in words(found)


def test_what_is_said_of_a_date_leads_to_the_page_that_bears_it() -> None:
    stood = standing(
        PublicationState.LATE,
        published_on=date(2024, 2, 3),
        published_from="shown",
        days_late=3,
        due=STATUTE,
        flags=("changed",),
        address="http://x.example/corrected.html",
        version_id=2,
        dated_at=("http://x.example/first.html", 1),
    )
    told = {one.kind: one.evidence for one in conditions([stood], [], [], MORNING)}
    assert (told[AlertKind.LATE]["address"], told[AlertKind.LATE]["version_id"]) == (
        "http://x.example/first.html",
        1,
    )
    assert told[AlertKind.CHANGED]["address"] == "http://x.example/corrected.html"


def test_flags_become_matters_of_their_own() -> None:
    flagged = standing(
        PublicationState.ON_TIME,
        published_on=date(2024, 1, 30),
        published_from="shown",
        first_seen_at=datetime(2024, 2, 12, 7, tzinfo=SHANGHAI),
        flags=("backdated", "changed", "removed"),
        versions=2,
        version_id=9,
    )
    found = {each.kind: each for each in conditions([flagged], [], [], MORNING)}
    assert set(found) == {AlertKind.BACKDATED, AlertKind.CHANGED, AlertKind.REMOVED}
    said = words(found[AlertKind.BACKDATED])
    assert "疑似" in said
    assert "标明2024年1月30日发布" in said
    assert "2024年2月12日才首次见到" in said
    assert "2 个不同的版本" in words(found[AlertKind.CHANGED])
    assert found[AlertKind.REMOVED].severity == "error"


def test_one_mistake_is_one_condition_with_cells_numbers_and_cause() -> None:
    one = matter(finding(), finding("T3-02"), cause="（七）总计应为 1。")
    (found,) = conditions([], [version(one)], [], MORNING)
    assert found.kind is AlertKind.INCONSISTENT
    assert found.rule == "T3-01"
    assert words(found) == (
        "东岭县云溪镇2023年度报告表内数字不一致：自然人：各项结果之和 1，（七）总计印的是 0（同一原因另有 1 处）"
    )
    assert details(found.evidence)["cause"] == "（七）总计应为 1。"
    cells = found.evidence["cells"]
    # The cell that is likely wrong comes first.
    assert [(cell["raw"], cell["at"]["row"], cell["suspect"]) for cell in cells] == [
        ("0", 27, True),
        ("1", 6, False),
    ]
    assert "自然人" in cells[0]["name"]
    assert "自然人" in cells[1]["name"]
    assert found.evidence["sha256"] == "ab" * 32


def test_absent_cells_are_no_evidence_but_part_of_the_facts() -> None:
    key = "section_three.total_results.natural_person"
    printed = version().cells
    absent = {**printed, key: PrintedCell(key, "", "absent")}
    (with_cell,) = conditions([], [version(matter())], [], MORNING)
    (without,) = conditions([], [version(matter(), cells=absent)], [], MORNING)
    assert [cell["raw"] for cell in without.evidence["cells"]] == ["1"]
    assert with_cell.substance != without.substance


def test_texts_that_are_alike_are_told_together_and_not_report_by_report() -> None:
    assert conditions([], [version(matter(finding("P-06", Severity.WARNING)))], [], MORNING) == []


@pytest.mark.parametrize(
    ("rule", "severity", "kind"),
    [
        ("V-01", Severity.ERROR, AlertKind.WRONG_FORM),
        ("I-04", Severity.ERROR, AlertKind.MISPLACED),
        ("I-01", Severity.WARNING, AlertKind.INCONSISTENT),
        ("I-02", Severity.WARNING, AlertKind.INCONSISTENT),
        ("P-01", Severity.WARNING, AlertKind.INCONSISTENT),
    ],
)
def test_the_rule_decides_the_kind(rule: str, severity: Severity, kind: AlertKind) -> None:
    (found,) = conditions([], [version(matter(finding(rule, severity)))], [], MORNING)
    assert found.kind is kind
    assert found.severity == severity.value


def test_notices_never_become_alerts() -> None:
    assert conditions([], [version(matter(finding("S-06", Severity.NOTICE)))], [], MORNING) == []


def test_a_report_of_no_known_organ_or_year_is_its_address() -> None:
    unsettled = version(
        matter(finding("I-02", Severity.WARNING)), organ=None, report_year=None, organ_printed="云豀镇"
    )
    (found,) = conditions([], [unsettled], [], MORNING)
    assert "http://portal.example/nb/7.html" in found.identity
    assert words(found).startswith("云豀镇的一份报告（年度未定）单位或年度需要核对：")
    assert found.organ_code is None


def test_identity_holds_no_number_that_may_change() -> None:
    (before,) = conditions([], [version(matter())], [], MORNING)
    other = finding(values={"column": "自然人", "left": 5, "right": 2})
    moved = version(matter(other), version_id=8, address="http://portal.example/nb/8.html", sha256="cd" * 32)
    (after,) = conditions([], [moved], [], MORNING)
    assert before.identity == after.identity


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (Outcome.UNREACHABLE, AlertKind.PORTAL_UNREACHABLE),
        (Outcome.BLOCKED, AlertKind.PORTAL_BLOCKED),
        (Outcome.LAYOUT_CHANGED, AlertKind.PORTAL_CHANGED),
    ],
)
def test_a_failing_portal_goes_to_operators_and_grows_graver(outcome: Outcome, kind: AlertKind) -> None:
    (once,) = conditions([], [], [portal(outcome, last_problem="状态 521", failing_runs=1)], MORNING)
    (thrice,) = conditions([], [], [portal(outcome, last_problem="状态 521", failing_runs=3)], MORNING)
    assert (once.kind, once.severity, once.kind.audience) == (kind, "warning", "operator")
    assert "状态 521" in words(once)
    assert thrice.severity == "error"
    assert thrice.identity == once.identity
    assert "已连续 3 次：状态 521" in words(thrice)


def test_portals_in_order_say_nothing() -> None:
    assert conditions([], [], [portal(Outcome.EMPTY_PROVEN), portal(Outcome.PARTIAL)], MORNING) == []


def test_the_watchdog_goes_by_the_last_whole_pass_and_knows_portals_never_crawled() -> None:
    never = portal(None, last_run_at=None, last_whole_at=None, first_run_at=None, portal_id="a")
    never_whole = portal(Outcome.PARTIAL, last_whole_at=None, portal_id="b")
    old = portal(Outcome.PARTIAL, last_whole_at=MORNING - timedelta(days=3, hours=1), portal_id="c")
    young = portal(Outcome.PARTIAL, last_whole_at=MORNING - timedelta(days=3), portal_id="d")
    found = {each.portal_id: each for each in conditions([], [], [never, never_whole, old, young], MORNING)}
    assert {each.kind for each in found.values()} == {AlertKind.STALE}
    assert set(found) == {"a", "b", "c"}
    assert "从未采集过" in words(found["a"])
    assert "首次采集起，从未完整采集" in words(found["b"])
    assert "已超过 3 天" in words(found["c"])
    assert conditions([], [], [old], MORNING, interval=timedelta(days=2)) == []


def test_each_unread_document_is_a_matter_for_operators() -> None:
    unread = UnreadCapture("http://portal.example/a.doc", "ef" * 32, "文件已加密", MORNING, "石桥乡2023年报")
    (found,) = conditions([], [], [portal(unread=(unread,))], MORNING)
    assert found.kind is AlertKind.PARSE_FAILED
    assert words(found) == "门户“东岭县人民政府”上的文件无法解析：石桥乡2023年报（文件已加密）"


def test_a_report_with_unsure_numbers_was_read_and_says_so() -> None:
    lint = "两种读法不一致，不作判断：一读为“19”，二读为“14”"
    unsure = UnreadCapture("http://portal.example/a.doc", "ef" * 32, lint, MORNING, "石桥乡2023年报", rule="L-06")
    (found,) = conditions([], [], [portal(unread=(unsure,))], MORNING)
    assert (found.kind, found.rule) == (AlertKind.PARSE_FAILED, "L-06")
    assert words(found) == (
        "门户“东岭县人民政府”上的一份报告已经读出，但有数字未能可靠识读（两次识读不一致，或无法复读），"
        "未作判断，也不作为该单位的差错：石桥乡2023年报"
    )
    assert ["识读情况", lint] in details(found.evidence)["facts"]
    assert kind_name(found.kind, found.rule) == "有数字未能可靠识读"
    assert kind_name(AlertKind.PARSE_FAILED, None) == "文件无法解析"
    assert "不必通知该单位" in advice(found.kind, found.rule)
    assert "不必通知该单位" not in advice(AlertKind.PARSE_FAILED, None)


def test_the_evidence_in_english_has_chinese_only_in_what_is_printed() -> None:
    ways = tuple((ShouldRead(f"cell{number}", "表四 总计", 1, number),) for number in (2, 3))
    several = Cause(
        "最少改动{count}格即全部相符，有{number}种改法，无法断定是哪一种：{ways}", {"count": 1, "number": 2}, ways
    )
    told = lines(
        {
            "sha256": "ab" * 32,
            "cause": several.to_json(),
            "cells": [
                {"name": "表四 总计", "raw": "1", "state": "reported", "at": {}, "suspect": True},
            ],
        },
        "en",
    )
    assert told == [
        "Likely cause: Changing 1 cell(s) at least would make everything agree, in 2 ways, and nobody can "
        "tell which: (1) “表四 总计” from 1 to 2 (2) “表四 总计” from 1 to 3",
        "表四 总计: 1 (likely wrong)",
        "Kept file: SHA-256 abababababababab…",
    ]


def test_places_in_words() -> None:
    at = {"table": 2, "row": 6, "column": 3, "line": 127}
    assert place_in_words(at) == "第 2 张表第 6 行第 3 列，文本第 127 行"
    assert place_in_words(at, "en") == "table 2, row 6, column 3, line 127 of the text"
    assert place_in_words({"line": 9}) == "文本第 9 行"
    assert place_in_words({"path": "body"}) == ""


def test_grounds_do_not_cover_what_was_not_seen() -> None:
    judged = grounds([standing(PublicationState.UNVERIFIED)], [], [portal(Outcome.UNREACHABLE)])
    assert not judged.cover(AlertKind.MISSING, TOWN.code, 2023, None)
    assert not judged.cover(AlertKind.INCONSISTENT, TOWN.code, 2023, "dongling")
    assert not judged.cover(AlertKind.PORTAL_BLOCKED, None, None, "dongling")
    assert not judged.cover(AlertKind.INCONSISTENT, None, None, "dongling")
    assert judged.cover(AlertKind.PARSE_FAILED, None, None, "dongling")


def test_grounds_cover_what_was_seen() -> None:
    on_time = standing(PublicationState.ON_TIME)
    judged = grounds([on_time, missing(BUREAU)], [version()], [portal(Outcome.BLOCKED)])
    assert judged.cover(AlertKind.MISSING, TOWN.code, 2023, None)
    assert judged.cover(AlertKind.INCONSISTENT, TOWN.code, 2023, "dongling")
    assert judged.cover(AlertKind.INCONSISTENT, BUREAU.code, 2023, "dongling"), "nothing is left to be wrong"
    assert judged.cover(AlertKind.PORTAL_UNREACHABLE, None, None, "dongling"), "it answers, if only to refuse"
    assert not judged.cover(AlertKind.PORTAL_CHANGED, None, None, "dongling")
    assert not judged.cover(AlertKind.MISSING, TOWN.code, 2022, None)


def test_a_crash_of_ours_settles_nothing() -> None:
    judged = grounds([], [], [portal(Outcome.CRASHED), portal(Outcome.TIMED_OUT)])
    for kind in (AlertKind.PORTAL_UNREACHABLE, AlertKind.PORTAL_BLOCKED, AlertKind.PORTAL_CHANGED):
        assert not judged.cover(kind, None, None, "dongling")
