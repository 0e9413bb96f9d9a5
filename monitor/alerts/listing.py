"""Alerts as the contract shows them (3.3), and what staff do with them: list, show, acknowledge, mute, resolve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from monitor.alerts import outbox, states
from monitor.alerts.details import lines
from monitor.alerts.endings import endings
from monitor.alerts.latest import evidence_now
from monitor.alerts.states import Change, ImpossibleStep, Life, Step
from monitor.alerts.wording import STEP_NAMES, advice, say
from monitor.language import N_, translate
from monitor.settings import ChannelSettings
from monitor.store import alerts as store
from monitor.store.database import Database
from monitor.working_days import WorkingDays


class NoSuchAlert(LookupError):
    """There is no alert with this number; the message (Chinese) says so."""


def list_alerts(
    database: Database,
    *,
    state: str | None = None,
    kind: str | None = None,
    county: str | None = None,
    language: str = "zh",
) -> list[dict[str, Any]]:
    """Alerts in the contract's shape (3.3), errors first, then by county and organ."""
    with database.reading() as session:
        found = store.find_alerts(session, state=state, kind=kind, county=county)
        return [outbox.alert_json(shown, language) for shown in found]


def show_alert(database: Database, alert_id: int, *, language: str = "zh") -> dict[str, Any]:
    """One alert with its evidence (``details``: lines for people), advice and history. Raises NoSuchAlert.

    Of what is over there is no advice, but ``ended``: when and why.
    """
    with database.reading() as session:
        shown = store.alerts_by_id(session, [alert_id]).get(alert_id)
        if shown is None:
            raise _no_such_alert(alert_id, language)
        alert = shown.alert
        evidence = evidence_now(session, [shown])[alert_id]
        ended = endings(session, [shown], language).get(alert_id)
        return {
            **outbox.alert_json(shown, language),
            "advice": None if ended else translate(advice(alert.kind, alert.rule), language),
            "ended": ended.to_json() if ended else None,
            "details": lines(evidence, language),
            "evidence": evidence,
            "history": [
                {
                    "at": event["at"].isoformat(),
                    "what": event["what"],
                    "step": translate(STEP_NAMES[event["what"]], language),
                    "note": translate(event["note"], language) if event["note"] else None,
                    "by": event["by"],
                    "assigned_to": event["assigned_to"],
                }
                for event in store.history(session, alert_id)
            ],
        }


def acknowledge(
    database: Database,
    alert_id: int,
    *,
    note: str,
    by: str,
    at: datetime,
    language: str = "zh",
) -> dict[str, Any]:
    """Staff have taken the matter up; gives the alert as it is now. Raises NoSuchAlert or ImpossibleStep."""
    return _by_hand(database, alert_id, lambda life: states.acknowledge(life, at), note, by, at, (), language)


def mute(
    database: Database,
    alert_id: int,
    *,
    until: datetime | None,
    note: str,
    by: str,
    at: datetime,
    language: str = "zh",
) -> dict[str, Any]:
    """No message until ``until`` (None: until the matter is over). Raises NoSuchAlert or ImpossibleStep."""
    return _by_hand(database, alert_id, lambda life: states.mute(life, until, at), note, by, at, (), language)


def resolve(
    database: Database,
    alert_id: int,
    *,
    note: str,
    by: str,
    at: datetime,
    channels: Sequence[ChannelSettings] = (),
    language: str = "zh",
    calendar: WorkingDays | None = None,
) -> dict[str, Any]:
    """Staff have settled the matter; it stays so until its facts change. Raises NoSuchAlert or ImpossibleStep.

    Of ``channels`` those are told of it that :func:`told_of_end` names.
    """
    told = told_of_end(channels)
    return _by_hand(
        database, alert_id, lambda life: states.resolve(life, at), note, by, at, told, language, calendar
    )


def _by_hand(
    database: Database,
    alert_id: int,
    step: Callable[[Life], Change],
    note: str,
    by: str,
    at: datetime,
    channels: Sequence[ChannelSettings],
    language: str,
    calendar: WorkingDays | None = None,
) -> dict[str, Any]:
    with database.begin() as session:
        refused = take_step(
            session, [alert_id], step, note=note, by=by, at=at, channels=channels, calendar=calendar
        )
        if alert_id not in refused:
            raise _no_such_alert(alert_id, language)
        if (reason := refused[alert_id]) is not None:
            raise ImpossibleStep(reason)
        return outbox.alert_json(store.alerts_by_id(session, [alert_id])[alert_id], language)


def take_step(
    session: Session,
    alert_ids: Sequence[int],
    step: Callable[[Life], Change],
    *,
    note: str,
    by: str,
    at: datetime,
    channels: Sequence[ChannelSettings] = (),
    calendar: WorkingDays | None = None,
) -> dict[int, str | None]:
    """Takes one step of staff (see :mod:`monitor.alerts.states`) with several alerts and tells ``channels`` of it.

    Gives for each alert that there is None where it was taken, else why it is impossible (Chinese).
    """
    refused: dict[int, str | None] = {}
    taken: list[tuple[int, Change]] = []
    for alert_id, known in store.known_by_id(session, dict.fromkeys(alert_ids)).items():
        try:
            change = step(known.life)
        except ImpossibleStep as reason:
            refused[alert_id] = str(reason)
        else:
            refused[alert_id] = None
            taken.append((alert_id, Change(change.life, change.step, change.told, note)))
    store.change_alerts(session, [(alert_id, change, None) for alert_id, change in taken], at)
    events = store.add_events(session, taken, at, by)
    told = [
        outbox.Told(event, alert_id, change.step)
        for event, (alert_id, change) in zip(events, taken, strict=True)
        if change.told
    ]
    if told and channels:
        shown = store.alerts_by_id(session, [one.alert_id for one in told])
        outbox.enqueue(session, told, shown, channels, at, calendar)
    return refused


def told_of_end(channels: Sequence[ChannelSettings]) -> list[ChannelSettings]:
    """Whom it is told that staff resolved an alert: webhooks, so that tickets close; nobody gets a mail about his
    own doing."""
    return [channel for channel in channels if channel.kind == "webhook"]


def assign(
    session: Session, alert_ids: Sequence[int], who: str | None, *, note: str | None, by: str, at: datetime
) -> dict[int, str | None]:
    """Gives alerts to a user (None: to nobody), and writes it into their history; the result as of take_step."""
    refused: dict[int, str | None] = {}
    for alert_id, known in store.known_by_id(session, dict.fromkeys(alert_ids)).items():
        try:
            states.must_be_unresolved(known.life)
            refused[alert_id] = None
        except ImpossibleStep as reason:
            refused[alert_id] = str(reason)
    given = [alert_id for alert_id, reason in refused.items() if reason is None]
    store.assign_alerts(session, given, who)
    store.add_remarks(session, given, Step.ASSIGNED, note, at, by, who)
    return refused


def add_note(session: Session, alert_ids: Sequence[int], note: str, *, by: str, at: datetime) -> None:
    """Writes a note into the history of alerts; how they stand does not change."""
    store.add_remarks(session, dict.fromkeys(alert_ids), Step.NOTED, note, at, by)


def end_of_day(day: date) -> datetime:
    """The moment until which an alert is muted that is muted to the end of a day."""
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)


def _no_such_alert(alert_id: int, language: str) -> NoSuchAlert:
    return NoSuchAlert(
        say(N_("没有编号为 {number} 的提醒；用 nianbao alerts list 查看编号"), {"number": alert_id}, language)
    )
