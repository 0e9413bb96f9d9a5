"""What staff decide on findings, over a real record: what is counted, listed and told, and what brings it back."""

from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from rich.console import Console
from sqlalchemy import select

from crawler.sandbox.generator import Misprint, generate
from monitor.assess import AssessResult, assess
from monitor.completeness.page import to_page
from monitor.completeness.record import from_record
from monitor.completeness.table import to_tables
from monitor.completeness.workbook import to_workbook
from monitor.decisions.findings import DecisionError, ListedFinding, dismiss, findings, restore
from monitor.decisions.switches import EVERYWHERE, Setting, Switch
from monitor.settings import Settings
from monitor.store import alerts as alerts_store
from monitor.store import decisions as store
from monitor.store.tables import Alert, Delivery
from tests.monitor.record.making import COUNTY, OTHER_TOWN, TOWN, Shown, World, at, shown

pytestmark = pytest.mark.both_databases

WHO = {"by": "李四", "reason": "县里已核实"}
TOTAL = "section_three.total_results.total"


def report(total: int = 5, *, behind: str = "") -> bytes:
    """The town's report with a wrong total; ``behind`` are more words in section six."""
    made = generate(TOWN, 2023, misprint=Misprint("a wrong total", {TOTAL: total}))
    body = made.body.replace("</body>", "") + (f"<p>{behind}</p>" if behind else "")
    return f"<html><body><h1>{made.title}</h1><p>发布时间：2024-01-18</p>{body}</body></html>".encode()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A county with one report in which a total is wrong, judged."""
    world = World(tmp_path)
    published(world, at(1, 20), report())
    judged(world, at(1, 20, 12))
    return world


def published(world: World, when: datetime, data: bytes, *more: Shown) -> None:
    """A pass that sees the town's report as it is now."""
    world.crawl(when, shown(TOWN, 2023, data=data), *more)
    world.ingest()


def judged(world: World, when: datetime, settings: Settings | None = None) -> AssessResult:
    """An assessment."""
    return assess(world.database, [world.portal], settings or world.settings, when)


def sums(world: World) -> list[ListedFinding]:
    """The findings that come from the wrong total, in the order in which they are listed."""
    return [one for one in findings(world.database, county=COUNTY) if one.matter == TOTAL.rpartition(".")[0]]


def dismiss_all(world: World, when: datetime) -> None:
    """Dismiss every finding that comes from the wrong total."""
    for one in sums(world):
        dismiss(world.database, one.reference, at=when, **WHO)


def counted(world: World, when: datetime) -> tuple[int, int, int]:
    """Organs with errors and lines of the list of problems of the county; and the errors of the town."""
    (one,) = from_record(world.database, [world.portal], world.settings, when, year=2023).counties
    standing = next(each for each in one.standings if each.organ.code == TOWN.code)
    return one.figures.with_errors, len(one.problems), standing.errors


def alert(world: World) -> tuple[str, str, list[Mapping[str, Any]]]:
    """State, severity and history of the alert on the report's contents."""
    with world.database.reading() as session:
        (found,) = session.scalars(select(Alert).where(Alert.kind == "inconsistent"))
        return found.state, found.severity, alerts_store.history(session, found.id)


def switch(world: World, rule: str, place: str, setting: Setting, when: datetime) -> None:
    """Set a switch in place of the one before."""
    with world.database.begin() as session:
        old = [one.id for one in store.switches(session) if (one.rule, one.place) == (rule, place)]
        store.withdraw(session, [one for one in old if one], by="张三", at=when, reason="改设")
        store.add_switch(session, Switch(rule, place, setting, when, "张三", "当地另有规定"))


# --- dismissed ---------------------------------------------------------------------------------------------


def test_a_dismissed_finding_is_no_longer_counted_listed_or_told(world: World) -> None:
    assert counted(world, at(1, 21)) == (1, 1, 1)
    dismiss_all(world, at(1, 21))
    assert counted(world, at(1, 21, 10)) == (0, 0, 0)
    result = judged(world, at(1, 21, 12))
    assert result.judged == 0, "a decision judges nothing again"
    state, _, history = alert(world)
    assert state == "resolved"
    assert history[-1]["note"] == "经核实排除（李四，2024-01-21）：县里已核实"
    assert {one.counts for one in sums(world)} == {False}


def test_dismissed_findings_are_told_beside_the_list_of_problems_in_every_format(world: World) -> None:
    dismiss_all(world, at(1, 21))
    whole = from_record(world.database, [world.portal], world.settings, at(1, 21, 10), year=2023, full=True)
    (county,) = whole.counties
    assert len(county.dismissed) == len(sums(world))
    (told,) = [one for one in whole.to_json()["counties"][0]["dismissed"] if one["rule"] == "T3-01"]
    assert (told["by"], told["at"], told["reason"]) == ("李四", "2024-01-21T09:00:00+08:00", "县里已核实")
    assert f"另有{len(county.dismissed)}条经核实排除，不计在内：" in to_page(whole)
    sheet = load_workbook(BytesIO(to_workbook(whole)))["已排除的问题"]
    assert {row[7] for row in sheet.iter_rows(min_row=2, values_only=True)} == {"县里已核实"}
    console = Console(width=200, file=StringIO(), record=True)
    console.print(to_tables(whole))
    assert f"另有{len(county.dismissed)}条问题经核实排除" in console.export_text()


def test_the_past_is_told_without_what_was_decided_later(world: World) -> None:
    dismiss_all(world, at(1, 21))
    assert counted(world, at(1, 20, 18)) == (1, 1, 1)
    assert counted(world, at(1, 21, 10)) == (0, 0, 0)


def stays_dismissed(world: World, when: datetime) -> None:
    """Nothing is counted, and no alert came back."""
    judged(world, when)
    assert counted(world, when) == (0, 0, 0)
    state, _, history = alert(world)
    assert (state, [event["what"] for event in history].count("reopened")) == ("resolved", 0)


def test_it_stays_dismissed_across_parsing_and_judging_again(world: World) -> None:
    dismiss_all(world, at(1, 21))
    judged(world, at(1, 21, 12))
    world.ingest(reparse=True)
    stays_dismissed(world, at(1, 22))
    assert assess(world.database, [world.portal], world.settings, at(1, 23), full=True).judged == 1
    stays_dismissed(world, at(1, 23, 12))


def test_it_stays_dismissed_when_something_else_of_the_report_is_corrected(world: World) -> None:
    before = sums(world)[0].reference
    dismiss_all(world, at(1, 21))
    judged(world, at(1, 21, 12))
    published(world, at(1, 25), report(behind="另附说明：本机关办公地址已变更。"))
    stays_dismissed(world, at(1, 25, 12))
    now = sums(world)[0].reference
    assert now != before, "another version"
    assert now[-6:] == before[-6:], "the same operands"


def test_it_stays_dismissed_when_the_report_moves_to_another_address(world: World) -> None:
    dismiss_all(world, at(1, 21))
    judged(world, at(1, 21, 12))
    moved = shown(TOWN, 2023, data=report(behind="另附说明。"), path="/xxgk/2024/moved.html")
    world.crawl(at(1, 25), shown(TOWN, 2023, data=None, listed=False), moved)
    world.ingest()
    stays_dismissed(world, at(1, 25, 12))


def test_it_returns_when_an_operand_changes_and_the_alert_says_why(world: World) -> None:
    dismiss_all(world, at(1, 21))
    judged(world, at(1, 21, 12))
    published(world, at(1, 25), report(total=7))
    judged(world, at(1, 25, 12))
    assert counted(world, at(1, 25, 12)) == (1, 1, 1)
    state, _, history = alert(world)
    assert (state, history[-1]["what"]) == ("open", "reopened")
    assert "2024-01-21 由 李四 排除（县里已核实），现在所据的数字或文字已变，重新提出" in history[-1]["note"]


def test_the_matter_goes_on_with_the_findings_that_were_not_dismissed(world: World) -> None:
    first, *others = sums(world)
    assert others
    dismiss(world.database, first.reference, at=at(1, 21), **WHO)
    judged(world, at(1, 21, 12))
    assert counted(world, at(1, 21, 12)) == (1, 1, 1)
    state, _, history = alert(world)
    assert (state, history[-1]["what"]) == ("open", "updated")
    assert "经核实排除" in history[-1]["note"]


def test_a_dismissal_taken_back_brings_the_finding_back_and_stays_in_the_history(world: World) -> None:
    kept = [one.reference for one in sums(world)]
    dismiss_all(world, at(1, 21))
    judged(world, at(1, 21, 12))
    for reference in kept:
        (taken,) = restore(world.database, reference, by="王五", at=at(1, 22), reason="核实有误")
        assert taken.reference == reference
    judged(world, at(1, 22, 12))
    assert counted(world, at(1, 22, 12)) == (1, 1, 1)
    assert alert(world)[0] == "open"
    with world.database.reading() as session:
        assert store.dismissals(session) == []
        assert {one.restored_by for one in store.dismissals(session, restored=True)} == {"王五"}
    with pytest.raises(DecisionError, match="没有编号"):
        restore(world.database, kept[0], by="王五", at=at(1, 23), reason="再收回")


def test_an_older_reference_still_names_the_finding_in_the_version_that_stands(world: World) -> None:
    old = sums(world)[0].reference
    published(world, at(1, 25), report(behind="另附说明。"))
    judged(world, at(1, 25, 12))
    dismiss(world.database, old, at=at(1, 25), **WHO)
    assert [one.counts for one in sums(world) if one.reference[-6:] == old[-6:]] == [False]
    assert restore(world.database, old, at=at(1, 26), **WHO)


def test_what_was_settled_by_hand_stays_settled_when_its_finding_is_dismissed(world: World) -> None:
    from monitor.alerts.listing import resolve

    with world.database.reading() as session:
        number = session.scalars(select(Alert.id)).one()
    resolve(world.database, number, note="已电话纠正", by="李四", at=at(1, 21))
    before = alert(world)[2]
    dismiss_all(world, at(1, 21, 10))
    judged(world, at(1, 21, 12))
    assert alert(world)[2] == before
    for one in sums(world):
        restore(world.database, one.reference, at=at(1, 22), **WHO)
    judged(world, at(1, 22, 12))
    assert alert(world)[0] == "resolved", "its facts are those that were settled"


@pytest.mark.parametrize("wrong", ["999-abcdef", "x", "1-zzzzzz"])
def test_unknown_references_are_refused(world: World, wrong: str) -> None:
    with pytest.raises(DecisionError, match="编号"):
        dismiss(world.database, wrong, at=at(1, 21), **WHO)


def test_the_same_finding_is_not_dismissed_twice(world: World) -> None:
    reference = sums(world)[0].reference
    dismiss(world.database, reference, at=at(1, 21), **WHO)
    with pytest.raises(DecisionError, match="已经排除了：经核实排除（李四"):
        dismiss(world.database, reference, at=at(1, 21), **WHO)


# --- rules switched ----------------------------------------------------------------------------------------


def switch_sums(world: World, place: str, setting: Setting, when: datetime) -> None:
    """Set the rules that the wrong total breaks."""
    for rule in ("T3-01", "T3-02", "T3-03", "N-02"):
        switch(world, rule, place, setting, when)


@pytest.mark.parametrize(("place", "is_off"), [(COUNTY, True), ("9903", True), (EVERYWHERE, True), ("41", False)])
def test_a_rule_that_is_off_in_the_county_counts_and_tells_nothing(world: World, place: str, is_off: bool) -> None:
    switch_sums(world, place, Setting.OFF, at(1, 21))
    assert counted(world, at(1, 21, 10)) == ((0, 0, 0) if is_off else (1, 1, 1))
    assert judged(world, at(1, 21, 12)).judged == 0
    state, _, history = alert(world)
    assert state == ("resolved" if is_off else "open")
    if is_off:
        assert "停用（张三，2024-01-21）：当地另有规定" in history[-1]["note"]


def test_a_rule_that_is_off_has_no_rate_among_those_of_the_contents(world: World) -> None:
    def rates(when: datetime) -> set[str]:
        whole = from_record(world.database, [world.portal], world.settings, when, year=2023, full=True)
        return {rate.rule for rate in whole.counties[0].contents}

    before = rates(at(1, 21))
    switch(world, "S-06", COUNTY, Setting.OFF, at(1, 21, 10))
    assert rates(at(1, 21, 12)) == before - {"S-06"} != before


def test_a_decision_has_only_its_own_counties_assessed_again(world: World) -> None:
    judged(world, at(1, 21))
    assert judged(world, at(1, 21, 1)).counties == 0
    switch_sums(world, "41", Setting.OFF, at(1, 21, 2))
    assert judged(world, at(1, 21, 3)).counties == 0
    switch_sums(world, "9903", Setting.WARNING, at(1, 21, 4))
    assert [judged(world, at(1, 21, hour)).counties for hour in (5, 6)] == [1, 0]
    dismiss_all(world, at(1, 21, 7))
    assert [judged(world, at(1, 21, hour)).counties for hour in (8, 9)] == [1, 0]


def test_switched_on_again_the_alert_comes_back(world: World) -> None:
    switch_sums(world, EVERYWHERE, Setting.OFF, at(1, 21))
    judged(world, at(1, 21, 12))
    switch_sums(world, COUNTY, Setting.ON, at(1, 22))
    judged(world, at(1, 22, 12))
    assert alert(world)[0] == "open"
    assert counted(world, at(1, 22, 12)) == (1, 1, 1)


def test_a_milder_rule_makes_milder_matters_and_alerts(world: World) -> None:
    switch_sums(world, "99", Setting.WARNING, at(1, 21))
    judged(world, at(1, 21, 12))
    assert counted(world, at(1, 21, 12)) == (0, 1, 0)
    assert alert(world)[:2] == ("open", "warning")
    switch_sums(world, COUNTY, Setting.NOTICE, at(1, 22))
    judged(world, at(1, 22, 12))
    state, _, history = alert(world)
    assert (state, counted(world, at(1, 22, 12))) == ("resolved", (0, 0, 0))
    assert "改为提示" in history[-1]["note"]


def test_a_graver_rule_makes_alerts_of_notices(world: World) -> None:
    published(world, at(1, 21), report(behind="见格式文件（国办公开办函〔2019〕60号）。"))
    judged(world, at(1, 21, 12))
    (one,) = findings(world.database, rule="I-09")
    assert (one.weighs.value, counted(world, at(1, 21, 12))[1]) == ("notice", 1)
    switch(world, "I-09", COUNTY, Setting.WARNING, at(1, 22))
    assert judged(world, at(1, 22, 12)).judged == 0
    assert counted(world, at(1, 22, 12))[1] == 2
    with world.database.reading() as session:
        told = {one.rule: one.severity for one in session.scalars(select(Alert)) if one.state == "open"}
    assert told["I-09"] == "warning"


def test_a_rule_that_is_off_by_default_is_asked_where_it_is_switched_on_and_there_alone(world: World) -> None:
    world.settings = Settings.model_validate({"watch": {"years": [2022, 2023]}})
    published(world, at(1, 21), report(), shown(TOWN, 2022), shown(OTHER_TOWN, 2022), shown(OTHER_TOWN, 2023))
    judged(world, at(1, 21, 12))
    assert findings(world.database, rule="S-13") == []
    switch(world, "S-13", "9904", Setting.ON, at(1, 22))
    assert judged(world, at(1, 22, 12)).judged == 0, "another prefecture"
    switch(world, "S-13", COUNTY, Setting.ON, at(1, 23))
    assert judged(world, at(1, 23, 12)).judged == 4
    assert judged(world, at(1, 23, 13)).counties == 0
    switch(world, "S-13", COUNTY, Setting.OFF, at(1, 24))
    assert judged(world, at(1, 24, 12)).judged == 4
    assert judged(world, at(1, 24, 13)).counties == 0


def test_a_rule_on_dates_is_switched_too(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.crawl(at(12, 15, year=2023), shown(TOWN, 2023, date(2023, 12, 14)))
    world.ingest()
    judged(world, at(1, 20))
    assert world.standing(at(1, 20)).flags == ("early",)
    assert alert(world)[:2] == ("open", "warning")
    switch(world, "D-04", COUNTY, Setting.ERROR, at(1, 21))
    judged(world, at(1, 21, 12))
    assert alert(world)[:2] == ("open", "error")
    switch(world, "D-04", COUNTY, Setting.OFF, at(1, 22))
    judged(world, at(1, 22, 12))
    assert world.standing(at(1, 22, 12)).flags == ()
    state, _, history = alert(world)
    assert state == "resolved"
    assert "县区 990301：规则 D-04 停用" in history[-1]["note"]


def test_a_mail_says_that_the_matter_was_withdrawn_and_why(world: World) -> None:
    mail = {"name": "office", "kind": "mail", "to": ["office@example.org"], "audience": "oversight"}
    told = Settings.model_validate({"watch": {"years": [2023]}, "notify": {"channels": [mail]}})
    switch_sums(world, COUNTY, Setting.OFF, at(1, 21))
    judged(world, at(1, 21, 12), told)
    with world.database.reading() as session:
        (sent,) = session.scalars(select(Delivery))
    (item,) = sent.payload["items"]
    assert item["step"] == "resolved"
    assert "停用（张三，2024-01-21）：当地另有规定" in item["note"]

    from monitor.alerts.digest import render

    _, html, text = render(sent.payload, told.notify.channels[0])
    for said in (html, text):
        assert "以下问题不再提出：" in said
        assert "以下问题已不存在" not in said
        assert "当地另有规定" in said
