"""What the recipient of a mail may do by its link: see these alerts as they stand now, and take them up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from monitor.alerts import outbox, states
from monitor.alerts.details import details
from monitor.alerts.endings import Ending, endings
from monitor.alerts.latest import evidence_now
from monitor.alerts.links import Invitation
from monitor.alerts.states import AlertState, Change, Step
from monitor.alerts.wording import advice
from monitor.language import N_, translate
from monitor.store import alerts as store
from monitor.store.alerts import KnownAlert, ShownAlert
from monitor.store.database import Database

BY_LINK = N_("通过邮件中的链接接手")
LONGEST_NAME, LONGEST_NOTE = 40, 500


class Now(StrEnum):
    """How an alert of a link stands today."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    RESOLVED = "resolved"
    AGAIN = "again"
    """Came back after the mail was written: a later mail tells of that, and that mail's link takes it up."""


@dataclass(frozen=True, slots=True)
class Matter:
    """An alert as the page of a link shows it: contract 3.3, its evidence in words, and where it stands now.

    ``by`` and ``at`` are of the step that brought it there.
    """

    alert: Mapping[str, Any]
    county: str
    details: Mapping[str, Any]
    advice: str
    ended: Ending | None
    now: Now
    at: datetime | None = None
    by: str | None = None


def look(database: Database, invitation: Invitation, language: str = "zh") -> tuple[Matter, ...]:
    """The alerts of a link as they stand; changes nothing. Alerts that are not there (any more) are left out."""
    with database.reading() as session:
        shown = store.alerts_by_id(session, invitation.alert_ids)
        return tuple(
            _matter(session, shown[alert_id], invitation, language)
            for alert_id in invitation.alert_ids
            if alert_id in shown
        )


def take_up(database: Database, invitation: Invitation, *, name: str = "", note: str = "", at: datetime) -> int:
    """Acknowledges those alerts of a link that are open, in the name of whom it was sent to; gives their number.

    ``name`` is who acts where an address is shared; a ``note`` that :func:`too_long` names must not be given.
    Doing it again changes nothing.
    """
    said = one_line(note) or BY_LINK
    person = one_line(name)[:LONGEST_NAME]
    by = f"{invitation.who}（{person}）" if person else invitation.who
    changed: list[tuple[int, Change]] = []
    with database.begin() as session:
        for alert_id in dict.fromkeys(invitation.alert_ids):
            known = store.known_alert(session, alert_id)
            if known is not None and _now(session, known, invitation)[0] is Now.OPEN:
                change = states.acknowledge(known.life, at)
                changed.append((alert_id, Change(change.life, change.step, change.told, said)))
        store.change_alerts(session, [(alert_id, change, None) for alert_id, change in changed], at)
        store.add_events(session, changed, at, by)
    return len(changed)


def one_line(text: str) -> str:
    """What somebody typed, as one line of printable characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _matter(session: Session, shown: ShownAlert, invitation: Invitation, language: str) -> Matter:
    alert = shown.alert
    known = store.known_alert(session, alert.id)
    assert known is not None
    now, at, by = _now(session, known, invitation)
    return Matter(
        alert=outbox.alert_json(shown, language),
        county=shown.county or alert.county_code or "",
        details=details(evidence_now(session, [shown])[alert.id], language),
        advice=translate(advice(alert.kind, alert.rule), language),
        ended=endings(session, [shown], language).get(alert.id),
        now=now,
        at=at,
        by=by,
    )


_STEP_TO: Mapping[AlertState, Step] = {
    AlertState.ACKNOWLEDGED: Step.ACKNOWLEDGED,
    AlertState.MUTED: Step.MUTED,
    AlertState.RESOLVED: Step.RESOLVED,
}


def _now(session: Session, known: KnownAlert, invitation: Invitation) -> tuple[Now, datetime | None, str | None]:
    """Where the alert stands, and the time and author of the step that brought it there."""
    history = store.history(session, known.id)
    state = known.life.state
    if state is AlertState.OPEN:
        back = _last(history, Step.REOPENED)
        # The link holds whole seconds.
        if back and back["at"].replace(microsecond=0) > invitation.issued_at:
            return Now.AGAIN, back["at"], back["by"]
        return Now.OPEN, None, None
    step = _last(history, _STEP_TO[state])
    return (Now(state.value), step["at"], step["by"]) if step else (Now(state.value), None, None)


def _last(history: Sequence[Mapping[str, Any]], step: Step) -> Mapping[str, Any] | None:
    return next((event for event in reversed(history) if event["what"] == step.value), None)
