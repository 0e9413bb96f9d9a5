"""Alerts in a real database: once each, held where we were blind, told to the right channels, and fast."""

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.records import Outcome
from monitor.alerts import listing
from monitor.alerts.conditions import AlertKind, Condition, Grounds
from monitor.alerts.engine import ReconcileResult, reconcile
from monitor.alerts.listing import NoSuchAlert, list_alerts, show_alert
from monitor.alerts.states import ImpossibleStep
from monitor.publication import PublicationState, Standing
from monitor.settings import ChannelSettings
from tests.databases import statements
from tests.monitor.alerts.support import (
    MORNING,
    TOWN,
    TrialDatabase,
    condition,
    conditions,
    grounds,
    mail_channel,
    matter,
    missing,
    portal,
    standing,
    version,
    webhook_channel,
)

pytestmark = pytest.mark.both_databases("core")

DAY = timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path) -> TrialDatabase:
    return TrialDatabase(tmp_path)


def run(
    database: TrialDatabase,
    *found: Condition,
    day: int = 0,
    judged: Grounds | None = None,
    channels: tuple[ChannelSettings, ...] = (),
) -> ReconcileResult:
    with database.begin() as session:
        return reconcile(session, found, MORNING + day * DAY, grounds=judged, channels=channels)


def test_one_alert_for_each_matter_and_the_second_pass_changes_nothing(database: TrialDatabase) -> None:
    channels = (mail_channel(), webhook_channel())
    first = run(database, condition(1), condition(2), channels=channels)
    assert (first.opened, first.messages) == ((1, 2), 3)
    before = database.alerts(), database.events(), [each.id for each in database.deliveries()]
    second = run(database, condition(1), condition(2), day=1, channels=channels)
    assert second == ReconcileResult()
    after = database.alerts(), database.events(), [each.id for each in database.deliveries()]
    assert [vars_of(each) for each in before[0]] == [vars_of(each) for each in after[0]]
    assert before[1:] == after[1:]


def vars_of(alert: object) -> dict[str, object]:
    return {name: value for name, value in vars(alert).items() if not name.startswith("_")}


def test_resolve_and_reopen_keep_the_number(database: TrialDatabase) -> None:
    run(database, condition())
    assert run(database, day=1).resolved == (1,)
    assert run(database, day=2) == ReconcileResult()
    assert run(database, condition(), day=3).reopened == (1,)
    assert database.events() == [(1, "opened"), (1, "resolved"), (1, "reopened")]
    (alert,) = database.alerts()
    assert (alert.state, alert.resolved_at, alert.opened_at) == ("open", None, MORNING)


def pass_over(
    database: TrialDatabase, *standings: Standing, outcome: Outcome = Outcome.UNCHANGED, day: int = 0
) -> ReconcileResult:
    """A whole assessment of standings under one portal."""
    at = MORNING + day * DAY
    health = portal(outcome, last_run_at=at, last_whole_at=at)
    with database.begin() as session:
        found = conditions(standings, [], [health], at)
        return reconcile(session, found, at, grounds=grounds(standings, [], [health]))


def test_our_own_blindness_neither_resolves_nor_repeats_a_missing_report(database: TrialDatabase) -> None:
    assert pass_over(database, missing()).opened == (1,)
    blind = pass_over(database, standing(PublicationState.UNVERIFIED), outcome=Outcome.UNREACHABLE, day=1)
    assert (blind.resolved, blind.held) == ((), 1)
    again = pass_over(database, missing(), day=2)
    assert (again.opened, again.reopened) == ((), ())
    found = pass_over(database, standing(PublicationState.ON_TIME), day=3)
    assert found.resolved == (1,)


def test_a_new_pass_that_only_adds_proof_is_no_update(database: TrialDatabase) -> None:
    one = missing()
    pass_over(database, one)
    more = standing(PublicationState.MISSING, proof=(*one.proof, MORNING))
    assert pass_over(database, more, day=1) == ReconcileResult()


def test_an_update_writes_text_and_evidence_and_tells_nobody(database: TrialDatabase) -> None:
    run(database, condition(), channels=(mail_channel(),))
    changed = condition(values={"number": 77}, evidence={"address": "http://portal.example/x"})
    result = run(database, changed, day=1, channels=(mail_channel(), webhook_channel()))
    assert (result.updated, result.messages) == ((1,), 0)
    (alert,) = database.alerts()
    assert (alert.values, alert.evidence["address"]) == ({"number": 77}, "http://portal.example/x")
    assert database.events()[-1] == (1, "updated")


def test_routes_go_by_audience_county_and_severity(database: TrialDatabase) -> None:
    channels = (
        webhook_channel(name="all"),
        webhook_channel(name="errors", severities=("error",)),
        webhook_channel(name="elsewhere", counties=["111111"]),
        webhook_channel(name="here", counties=["999901"]),
        webhook_channel(name="operators", audience="operator"),
    )
    stale = condition(3, identity="stale/p", kind=AlertKind.STALE, portal_id="p", organ_code=None)
    run(database, condition(1), condition(2, "error"), stale, channels=channels)
    told = [(each.channel, each.payload["data"]["id"]) for each in database.deliveries()]
    assert sorted(told) == [("all", 1), ("all", 2), ("errors", 2), ("here", 1), ("here", 2), ("operators", 3)]


def test_who_hears_first_of_a_matter_when_it_worsens_hears_of_an_opening(database: TrialDatabase) -> None:
    channels = (webhook_channel(name="all"), webhook_channel(name="errors", severities=("error",)))
    run(database, condition(), channels=channels)
    run(database, condition(severity="error"), day=1, channels=channels)
    run(database, condition(severity="warning"), day=2, channels=channels)
    run(database, day=3, channels=channels)
    told = [(each.channel, each.type) for each in database.deliveries()]
    assert told == [
        ("all", "alert.opened"),
        ("errors", "alert.opened"),
        ("all", "alert.resolved"),
        ("errors", "alert.resolved"),
    ]


def test_one_mail_for_each_channel_and_pass(database: TrialDatabase) -> None:
    run(database, *(condition(number) for number in range(1, 41)), channels=(mail_channel(),))
    run(database, condition(1), day=1, channels=(mail_channel(),))
    first, second = database.deliveries()
    assert (first.type, len(first.payload["items"]), first.payload["counts"]) == ("digest", 40, {"opened": 40})
    assert second.payload["counts"] == {"resolved": 39}


def test_many_cells_are_cut_and_counted(database: TrialDatabase) -> None:
    cell = {"key": "k", "name": "表二", "raw": "1", "state": "reported", "at": {}}
    run(database, condition(evidence={"cells": [cell] * 33}))
    details = show_alert(database, 1)["details"]
    assert len(details) == 21
    assert details[-1] == "另有 13 格没有列出"


def test_a_mail_tells_at_most_two_hundred_and_counts_the_rest(database: TrialDatabase) -> None:
    run(database, *(condition(number) for number in range(1, 251)), channels=(mail_channel(),))
    (mail,) = database.deliveries()
    assert (len(mail.payload["items"]), mail.payload["left_out"]) == (200, 50)


def test_alert_and_message_exist_together_or_not_at_all(database: TrialDatabase) -> None:
    def cut_off() -> None:
        with database.begin() as session:
            reconcile(session, [condition()], MORNING, channels=[webhook_channel()])
            raise RuntimeError("the power fails")

    with pytest.raises(RuntimeError, match="power"):
        cut_off()
    assert (database.alerts(), database.events(), database.deliveries()) == ([], [], [])
    # The number is not used again on every database.
    assert len(run(database, condition(), channels=(webhook_channel(),)).opened) == 1


def test_the_list_has_the_shape_of_the_contract(database: TrialDatabase) -> None:
    run(database, *conditions([missing()], [version(matter())], [], MORNING))
    error, warning = list_alerts(database)
    assert error == {
        "id": 1,
        "kind": "inconsistent",
        "severity": "error",
        "state": "open",
        "audience": "oversight",
        "organ_code": TOWN.code,
        "organ": "云溪镇",
        "county_code": "999901",
        "report_year": 2023,
        "rule": "T3-01",
        "summary": "东岭县云溪镇2023年度报告表内数字不一致：自然人：各项结果之和 1，（七）总计印的是 0",
        "opened_at": "2024-02-03T09:00:00+08:00",
        "acknowledged_at": None,
        "resolved_at": None,
        "muted_until": None,
    }
    assert warning["kind"] == "missing"
    assert [each["id"] for each in list_alerts(database, kind="missing")] == [warning["id"]]
    assert list_alerts(database, state="resolved") == []
    assert list_alerts(database, county="111111") == []
    assert len(list_alerts(database, county="999901", state="open")) == 2


def test_showing_one_gives_evidence_advice_and_history(database: TrialDatabase) -> None:
    run(database, *conditions([], [version(matter())], [], MORNING))
    listing.acknowledge(database, 1, note="已电话联系", by="值班员", at=MORNING)
    shown = show_alert(database, 1)
    assert shown["details"] == [
        "表三 （一）予以公开 · 自然人：1 [第 2 张表第 6 行第 4 列]",
        "表三 （七）总计 · 自然人：0 [第 2 张表第 27 行第 4 列]",
        "依据：格式表三",
        "公布日期：2024年1月20日",
        "原文标题：云溪镇2023年政府信息公开工作年度报告",
        "留存文件：SHA-256 abababababababab…",
        "http://portal.example/nb/7.html",
    ]
    assert "核对" in shown["advice"]
    assert [(each["what"], each["note"], each["by"]) for each in shown["history"]] == [
        ("opened", None, "nianbao"),
        ("acknowledged", "已电话联系", "值班员"),
    ]
    with pytest.raises(NoSuchAlert, match="42"):
        show_alert(database, 42)


def test_staff_acknowledge_mute_and_resolve(database: TrialDatabase) -> None:
    run(database, condition())
    until = MORNING + 5 * DAY
    assert listing.acknowledge(database, 1, note="a", by="x", at=MORNING)["state"] == "acknowledged"
    muted = listing.mute(database, 1, until=until, note="b", by="x", at=MORNING)
    assert (muted["state"], muted["muted_until"]) == ("muted", until.isoformat())
    assert run(database, condition(), day=4) == ReconcileResult()
    assert run(database, condition(), day=5).reopened == (1,)
    assert listing.resolve(database, 1, note="c", by="x", at=MORNING)["state"] == "resolved"
    assert run(database, condition(), day=6) == ReconcileResult()
    with pytest.raises(ImpossibleStep):
        listing.resolve(database, 1, note="d", by="x", at=MORNING)
    assert run(database, condition(substance="other facts"), day=7).reopened == (1,)
    assert run(database, condition(substance="facts again"), day=8).updated == (1,)
    listing.resolve(database, 1, note="e", by="x", at=MORNING)
    assert run(database, condition(substance="facts again"), day=9) == ReconcileResult(), "settled as they stood"
    with pytest.raises(NoSuchAlert):
        listing.acknowledge(database, 9, note="", by="x", at=MORNING)


def test_resolving_by_hand_closes_tickets_and_sends_no_mail(database: TrialDatabase) -> None:
    run(database, condition())
    channels = [webhook_channel(), mail_channel()]
    listing.resolve(database, 1, note="核实无误", by="x", at=MORNING, channels=channels)
    (told,) = database.deliveries()
    assert (told.type, told.payload["data"]["state"]) == ("alert.resolved", "resolved")


def test_alerts_without_a_change_are_read_and_not_written(database: TrialDatabase) -> None:
    found = [
        condition(
            number,
            identity=f"inconsistent/{number}",
            evidence={"cells": [{"key": "k", "raw": "1", "at": {"table": 1}}] * 4, "address": "http://x.example/"},
        )
        for number in range(2_000)
    ]
    run(database, *found)
    with statements(database.engine) as sent:
        assert run(database, *found, day=1) == ReconcileResult()
    assert sent
    assert set(sent) <= {"BEGIN", "SELECT"}
    assert len(sent) < 20, "they are read together, not one by one"


def test_a_report_missing_too_long_is_told_once_for_each_step_by_mail_only(database: TrialDatabase) -> None:
    channels = [mail_channel(), webhook_channel()]
    told = []
    for day in (1, 4, 5, 6, 27, 28, 29):
        at = MORNING + timedelta(days=day)
        with database.begin() as session:
            reconcile(session, conditions([missing()], [], [], at), at, channels=channels)
        sent = [each for each in database.deliveries() if each.created_at == at]
        told += [(day, each.type, each.payload.get("counts")) for each in sent]
    assert sorted(told, key=lambda each: each[:2]) == [
        (1, "alert.opened", None),
        (1, "digest", {"opened": 1}),
        (5, "digest", {"reminded": 1}),
        (28, "digest", {"reminded": 1}),
    ]
    assert [what for _, what in database.events()] == ["opened", "reminded", "reminded"]
    assert len(database.alerts()) == 1
