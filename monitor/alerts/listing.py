"""Alerts as the contract shows them (3.3), and what staff do with them: list, show, acknowledge, mute, resolve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from monitor.alerts import outbox, states
from monitor.alerts.details import lines
from monitor.alerts.states import Change, Life
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
    """One alert with its evidence (``details``: lines for people), advice and history. Raises NoSuchAlert."""
    with database.reading() as session:
        shown = store.alerts_by_id(session, [alert_id]).get(alert_id)
        if shown is None:
            raise _no_such_alert(alert_id, language)
        alert = shown.alert
        return {
            **outbox.alert_json(shown, language),
            "advice": translate(advice(alert.kind, alert.rule), language),
            "details": lines(alert.evidence, language),
            "evidence": alert.evidence,
            "history": [
                {
                    "at": event["at"].isoformat(),
                    "what": event["what"],
                    "step": translate(STEP_NAMES[event["what"]], language),
                    "note": translate(event["note"], language) if event["note"] else None,
                    "by": event["by"],
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

    Webhooks among ``channels`` are told, so that tickets close; nobody gets a mail about his own doing.
    """
    told = [channel for channel in channels if channel.kind == "webhook"]
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
        known = store.known_alert(session, alert_id)
        if known is None:
            raise _no_such_alert(alert_id, language)
        change = step(known.life)
        store.change_alerts(session, [(alert_id, change, None)], at)
        noted = Change(change.life, change.step, change.told, note)
        (event,) = store.add_events(session, [(alert_id, noted)], at, by)
        shown = store.alerts_by_id(session, [alert_id])
        if change.told:
            outbox.enqueue(session, [outbox.Told(event, alert_id, change.step)], shown, channels, at, calendar)
        return outbox.alert_json(shown[alert_id], language)


def _no_such_alert(alert_id: int, language: str) -> NoSuchAlert:
    return NoSuchAlert(
        say(N_("没有编号为 {number} 的提醒；用 nianbao alerts list 查看编号"), {"number": alert_id}, language)
    )
