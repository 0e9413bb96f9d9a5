"""Switches, dismissals and what they leave of matters: pure, without a record."""

from dataclasses import replace
from datetime import datetime

import pytest

from crawler.clock import SHANGHAI
from monitor.alerts.conditions import PrintedCell
from monitor.decisions.deciding import Decided, Decisions, decide
from monitor.decisions.dismissals import Dismissal, fingerprint, read_reference, reference_of
from monitor.decisions.switches import EVERYWHERE, Setting, Switch, Switches
from monitor.decisions.wording import notes_of
from monitor.rules.base import Cause, Finding, Matter, Severity

WHEN = datetime(2024, 2, 1, 9, tzinfo=SHANGHAI)
COUNTY, KEY = "410526", "410526111/2023"
TOTAL = "section_three.total_results.total"
USUAL = {"N-01": Severity.ERROR, "T3-01": Severity.ERROR, "T3-02": Severity.ERROR, "N-06": Severity.WARNING}


def switch(rule: str, place: str, setting: Setting) -> Switch:
    """A switch with who, when and why."""
    return Switch(rule, place, setting, WHEN, "张三", "当地另有规定")


def switches(*given: Switch) -> Switches:
    """Switches that count."""
    return Switches(given, frozenset({"S-13"}), USUAL)


def finding(rule: str = "T3-01", severity: Severity = Severity.ERROR, **more: object) -> Finding:
    """A finding on a total."""
    given: dict[str, object] = {
        "template": "总计印为{printed}，各项之和为{sum}",
        "values": {"printed": "5", "sum": 1},
        "cells": (TOTAL,),
        "sections": (3,),
    }
    return Finding(rule, severity, **(given | more))  # type: ignore[arg-type]


def cells(raw: str = "5", state: str = "reported") -> dict[str, PrintedCell]:
    """The total as printed."""
    return {TOTAL: PrintedCell(TOTAL, raw, state, {"table": 2})}


def dismissal(of: Finding, printed: dict[str, PrintedCell] | None = None) -> Dismissal:
    """That a finding was dismissed."""
    operands = fingerprint(of, printed if printed is not None else cells())
    return Dismissal(
        reference_of(7, operands), KEY, COUNTY, of.rule, operands, of.to_json(), WHEN, "李四", "县里已核实"
    )


def decided(
    *findings: Finding,
    printed: dict[str, PrintedCell] | None = None,
    by: Switches | None = None,
    dismissals: tuple[Dismissal, ...] = (),
    cause: Cause | None = None,
) -> Decided:
    """What is left of one matter."""
    matter = Matter("total", findings[0].severity, findings, cause)
    decisions = Decisions(by or switches(), {KEY: dismissals} if dismissals else {})
    return decide((matter,), printed if printed is not None else cells(), KEY, COUNTY, decisions)


# --- places ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("county", "is_off"),
    [("410526", False), ("410527", True), ("411023", False), ("330106", True)],
)
def test_the_smallest_place_holds(county: str, is_off: bool) -> None:
    given = switches(
        switch("N-01", EVERYWHERE, Setting.OFF),
        switch("N-01", "41", Setting.WARNING),
        switch("N-01", "4105", Setting.OFF),
        switch("N-01", "410526", Setting.ON),
    )
    assert given.is_off("N-01", county) is is_off


def test_a_rule_that_is_off_by_default_is_on_only_where_it_is_switched_on() -> None:
    given = switches(switch("S-13", "410526", Setting.ON))
    assert given.is_off("S-13", "410527")
    assert given.switched_on("410526") == {"S-13"}
    assert given.switched_on("410527") == frozenset()


# --- operands ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        (
            "I-01",
            {"printed": "柳奚镇", "candidates": ["柳溪镇"]},
            {"printed": "柳奚镇", "candidates": ["柳溪镇", "柳西镇"]},
        ),
        ("P-01", {"issued": 80, "limit": 50}, {"issued": 80, "limit": 60}),
        ("H-04", {"named": 2, "expected": 9, "seen": 7}, {"named": 2, "expected": 9, "seen": 8}),
    ],
)
def test_what_is_ours_and_not_the_reports_is_no_operand(
    rule: str, before: dict[str, object], after: dict[str, object]
) -> None:
    first, second = (finding(rule, values=values, cells=(), sections=()) for values in (before, after))
    assert fingerprint(first, {}) == fingerprint(second, {})


def test_a_wrong_form_stays_dismissed_when_a_number_is_corrected() -> None:
    wrong = finding("V-01", values={"form": "2019", "year": 2022})
    assert fingerprint(wrong, cells("5")) == fingerprint(wrong, cells("6"))
    assert fingerprint(finding("T3-01"), cells("5")) != fingerprint(finding("T3-01"), cells("6"))


# --- severity ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "setting", "found", "weighs"),
    [
        ("N-01", Setting.WARNING, Severity.ERROR, Severity.WARNING),
        ("N-01", Setting.WARNING, Severity.WARNING, Severity.WARNING),
        ("N-01", Setting.NOTICE, Severity.ERROR, Severity.NOTICE),
        ("N-06", Setting.ERROR, Severity.WARNING, Severity.ERROR),
        # Milder because of a blank or a doubt: it rises with its rule and stays milder than it.
        ("N-06", Setting.ERROR, Severity.NOTICE, Severity.WARNING),
        ("N-06", Setting.WARNING, Severity.NOTICE, Severity.NOTICE),
        ("N-06", Setting.ON, Severity.NOTICE, Severity.NOTICE),
    ],
)
def test_a_finding_weighs_as_the_switch_says(
    rule: str, setting: Setting, found: Severity, weighs: Severity
) -> None:
    assert switches(switch(rule, "41", setting)).severity(rule, COUNTY, found) is weighs
    assert switches(switch(rule, "42", setting)).severity(rule, COUNTY, found) is found


def test_a_matter_weighs_as_the_gravest_of_what_is_left() -> None:
    both = (finding("T3-01"), finding("N-06", Severity.WARNING, cells=(), quote="共5条"))
    left = decided(*both, by=switches(switch("T3-01", COUNTY, Setting.NOTICE)))
    (matter,) = left.matters
    assert matter.severity is Severity.WARNING
    assert [one.rule for one in matter.findings] == ["N-06", "T3-01"]
    assert "改为提示" in notes_of(left)["total"]


# --- switched off ------------------------------------------------------------------------------------------


def test_what_a_rule_that_is_off_found_is_held_back_with_who_when_and_why() -> None:
    left = decided(finding(), by=switches(switch("T3-01", "4105", Setting.OFF)))
    assert left.matters == ()
    assert notes_of(left)["total"] == "代码 4105 开头的县区：规则 T3-01 停用（张三，2024-02-01）：当地另有规定"


def test_the_matter_goes_on_with_the_rest() -> None:
    cause = Cause("总计很可能误填")
    left = decided(
        finding("T3-01"), finding("T3-02"), by=switches(switch("T3-01", COUNTY, Setting.OFF)), cause=cause
    )
    assert [one.rule for one in left.matters[0].findings] == ["T3-02"]
    assert left.matters[0].cause == cause


def test_a_cause_goes_with_the_sums_that_it_explains() -> None:
    kept = finding("N-01", cells=(), quote="收到申请5件")
    left = decided(finding(), kept, by=switches(switch("T3-01", COUNTY, Setting.OFF)), cause=Cause("误填"))
    assert left.matters[0].findings == (kept,)
    assert left.matters[0].cause is None


def test_what_nobody_decided_on_stays_the_very_matter() -> None:
    matter = Matter("total", Severity.ERROR, (finding(),))
    given = Decisions(switches(switch("N-01", COUNTY, Setting.OFF)))
    assert decide((matter,), cells(), KEY, COUNTY, given).matters[0] is matter


# --- dismissed ---------------------------------------------------------------------------------------------


def test_a_dismissed_finding_does_not_count_and_says_by_whom_when_and_why() -> None:
    left = decided(finding(), dismissals=(dismissal(finding()),))
    assert left.matters == ()
    assert left.lapsed == {}
    assert notes_of(left)["total"] == "经核实排除（李四，2024-02-01）：县里已核实"


SAME = {
    "our wording": replace(finding(), template="第{printed}项与{sum}不符"),
    "a doubt about the reading": replace(finding(), values={"printed": "5", "sum": 1, "doubt": "列错位"}),
    "the severity": replace(finding(), severity=Severity.WARNING),
    "a whole number written as a decimal": replace(finding(), values={"printed": "5", "sum": 1.0}),
}


@pytest.mark.parametrize("same", SAME.values(), ids=SAME)
def test_it_stays_dismissed_whatever_else_changes(same: Finding) -> None:
    assert decided(same, dismissals=(dismissal(finding()),)).matters == ()


def test_it_stays_dismissed_when_the_cell_is_read_elsewhere_or_with_blanks() -> None:
    moved = {TOTAL: PrintedCell(TOTAL, " ５ ", "reported", {"table": 9, "row": 3})}
    assert decided(finding(), printed=moved, dismissals=(dismissal(finding()),)).matters == ()


OTHERS = {
    "a number compared": (replace(finding(), values={"printed": "5", "sum": 2}), cells()),
    "a number inside a text": (replace(finding(), values={"printed": "6", "sum": 1}), cells()),
    "what is printed": (finding(), cells("6")),
    "that it is printed at all": (finding(), cells("", "blank")),
    "the cells": (replace(finding(), cells=(TOTAL, "section_three.granted.total")), cells()),
    "the words quoted": (replace(finding(), quote="共6件"), cells()),
}


@pytest.mark.parametrize(("other", "printed"), OTHERS.values(), ids=OTHERS)
def test_it_returns_when_an_operand_changes_and_says_so(other: Finding, printed: dict[str, PrintedCell]) -> None:
    left = decided(other, printed=printed, dismissals=(dismissal(finding()),))
    assert [matter.findings for matter in left.matters] == [(other,)]
    assert notes_of(left)["total"].startswith("2024-02-01 由 李四 排除（县里已核实），现在所据的数字或文字已变")


def test_of_compared_texts_only_the_texts_are_operands() -> None:
    organs = [["410526112", 2023], ["410526113", 2023]]
    values = {"texts": ["a1"], "organs": organs, "percent": 98.1, "twins": "甲"}
    alike = finding("P-06", template="雷同", cells=(), sections=(1, 5), values=values)
    fewer_templates = replace(alike, values=values | {"percent": 97.2, "organs": organs[::-1]})
    rewritten = replace(alike, values=values | {"texts": ["b2"]})
    another = replace(alike, values=values | {"organs": [["410526114", 2023]]})
    given = (dismissal(alike, {}),)
    assert decided(fewer_templates, dismissals=given).matters == ()
    for changed in (rewritten, another):
        assert decided(changed, dismissals=given).matters[0].findings == (changed,)


def test_where_no_cell_is_named_the_words_are_the_operands() -> None:
    names = {"printed": "柳溪镇", "organ": "梅坪镇"}
    column = finding("I-04", template="标题写的是“{printed}”", cells=(), sections=(), values=names)
    other = replace(column, values={"printed": "柳溪镇", "organ": "白石乡"})
    given = (dismissal(column, {}),)
    assert decided(column, dismissals=given).matters == ()
    assert decided(other, dismissals=given).matters[0].findings == (other,)


def test_a_second_finding_of_the_rule_is_not_taken_for_the_dismissed_one() -> None:
    first = finding("N-06", Severity.WARNING, cells=(), sections=(1,), quote="共65条")
    second = replace(first, quote="共90条")
    left = decided(first, second, dismissals=(dismissal(first, {}),))
    assert left.matters[0].findings == (second,)
    assert left.lapsed == {}, "the dismissal holds for the other one still"


def test_a_dismissal_is_of_one_report() -> None:
    matter = Matter("total", Severity.ERROR, (finding(),))
    given = Decisions(switches(), {"410526112/2023": (dismissal(finding()),)})
    assert decide((matter,), cells(), KEY, COUNTY, given).matters == (matter,)


def test_references_are_read_back() -> None:
    reference = reference_of(1042, fingerprint(finding(), cells()))
    assert read_reference(f" {reference.upper()} ") == (1042, reference[-6:])


@pytest.mark.parametrize("wrong", ["", "12", "12-", "-abcdef", "x-abcdef", "12-abcdeg", "12-abcdef0", "²-abcdef"])
def test_what_is_no_reference_is_none(wrong: str) -> None:
    assert read_reference(wrong) is None
