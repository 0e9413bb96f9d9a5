"""Alerts and their history in the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from monitor.alerts.conditions import LEVEL, AlertKind, Condition, FailedRequest
from monitor.alerts.states import AlertState, Change, Life, Seen, Step
from monitor.store.database import chunks
from monitor.store.tables import Alert, AlertEvent, CaptureRow, County, Organ


@dataclass(frozen=True, slots=True)
class KnownAlert:
    """What deciding the next step of an alert needs: no text and no evidence."""

    id: int
    identity: str
    kind: AlertKind
    organ_code: str | None
    report_year: int | None
    portal_id: str | None
    life: Life
    county_code: str | None = None


_LIFE = (
    Alert.id,
    Alert.identity,
    Alert.kind,
    Alert.organ_code,
    Alert.report_year,
    Alert.portal_id,
    Alert.state,
    Alert.severity,
    Alert.digest,
    Alert.substance,
    Alert.gravest,
    Alert.acknowledged_at,
    Alert.resolved_at,
    Alert.muted_until,
    Alert.resolved_by_hand,
    Alert.values,
    Alert.county_code,
)


def _known(row: Any) -> KnownAlert:
    life = Life(
        state=AlertState(row.state),
        seen=Seen(row.severity, row.digest, row.substance, row.values.get(LEVEL, 0)),
        gravest=row.gravest,
        acknowledged_at=row.acknowledged_at,
        resolved_at=row.resolved_at,
        muted_until=row.muted_until,
        by_hand=row.resolved_by_hand,
    )
    return KnownAlert(
        row.id,
        row.identity,
        AlertKind(row.kind),
        row.organ_code,
        row.report_year,
        row.portal_id,
        life,
        row.county_code,
    )


@dataclass(frozen=True, slots=True)
class Among:
    """Which alerts are meant: those of some counties and kinds; None: of all."""

    counties: frozenset[str] | None = None
    kinds: frozenset[AlertKind] | None = None


EVERY_ALERT = Among()


def unsettled_alerts(session: Session, among: Among = EVERY_ALERT) -> dict[str, tuple[str, str, str | None]]:
    """State, digest and county, by identity, of the alerts that are not resolved, or were by hand."""
    statement = select(Alert.identity, Alert.state, Alert.digest, Alert.county_code).where(
        or_(Alert.state != AlertState.RESOLVED.value, Alert.resolved_by_hand.is_(True))
    )
    if among.kinds is not None:
        statement = statement.where(Alert.kind.in_(sorted(among.kinds)))
    if among.counties is not None:
        statement = statement.where(Alert.county_code.in_(sorted(among.counties)))
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(statement)}


def alert_counties(session: Session) -> set[str]:
    """The counties of which there are alerts."""
    found = session.scalars(select(Alert.county_code).distinct())
    return {county for county in found if county is not None}


def counties_with_ended_mutes(session: Session, as_of: datetime) -> set[str]:
    """The counties of alerts that were muted until a moment that has come."""
    statement = (
        select(Alert.county_code)
        .where(Alert.state == AlertState.MUTED.value, Alert.muted_until <= as_of)
        .distinct()
    )
    return {county for county in session.scalars(statement) if county is not None}


def move_alerts(session: Session, counties: Mapping[int, str | None]) -> None:
    """Puts alerts under the county that their organ belongs to by now."""
    for alert_id, county in counties.items():
        session.execute(
            update(Alert).where(Alert.id == alert_id).values(county_code=county),
            execution_options={"synchronize_session": False},
        )


def known_alerts(session: Session, identities: Iterable[str]) -> dict[str, KnownAlert]:
    """The alerts of these identities, as far as there are any."""
    found: dict[str, KnownAlert] = {}
    for some in chunks(list(identities)):
        statement = select(*_LIFE).where(Alert.identity.in_(some))
        found |= {row.identity: _known(row) for row in session.execute(statement)}
    return found


def known_by_id(session: Session, ids: Iterable[int]) -> dict[int, KnownAlert]:
    """Alerts by their numbers, as far as there are any."""
    found: dict[int, KnownAlert] = {}
    for some in chunks(list(ids)):
        found |= {row.id: _known(row) for row in session.execute(select(*_LIFE).where(Alert.id.in_(some)))}
    return found


def known_alert(session: Session, alert_id: int) -> KnownAlert | None:
    """One alert by its number, None where there is none."""
    row = session.execute(select(*_LIFE).where(Alert.id == alert_id)).one_or_none()
    return _known(row) if row else None


def _life_columns(life: Life) -> dict[str, Any]:
    return {
        "state": life.state.value,
        "severity": life.seen.severity,
        "digest": life.seen.digest,
        "substance": life.seen.substance,
        "gravest": life.gravest,
        "acknowledged_at": life.acknowledged_at,
        "resolved_at": life.resolved_at,
        "muted_until": life.muted_until,
        "resolved_by_hand": life.by_hand,
    }


def _condition_columns(condition: Condition) -> dict[str, Any]:
    return {
        "kind": condition.kind.value,
        "audience": condition.kind.audience,
        "organ_code": condition.organ_code,
        "county_code": condition.county_code,
        "portal_id": condition.portal_id,
        "report_year": condition.report_year,
        "rule": condition.rule,
        "template": condition.template,
        "values": dict(condition.values),
        "evidence": dict(condition.evidence),
    }


def add_alerts(session: Session, opened: Sequence[tuple[Condition, Life]], at: datetime) -> list[int]:
    """Adds alerts just opened; gives their numbers in the same order."""
    if not opened:
        return []
    rows = [
        {
            "identity": condition.identity,
            "opened_at": at,
            "updated_at": at,
            **_condition_columns(condition),
            **_life_columns(life),
        }
        for condition, life in opened
    ]
    return list(session.scalars(insert(Alert).returning(Alert.id, sort_by_parameter_order=True), rows))


def change_alerts(session: Session, changed: Iterable[tuple[int, Change, Condition | None]], at: datetime) -> None:
    """Writes the new state of alerts, and their new text and evidence where a condition is given."""
    with_text = []
    state_only = []
    for alert_id, change, condition in changed:
        row = {"alert_id": alert_id, "updated_at": at, **_life_columns(change.life)}
        if condition is None:
            state_only.append(row)
        else:
            with_text.append(row | _condition_columns(condition))
    for rows in (with_text, state_only):
        if rows:
            places: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "alert_id"}
            statement = update(Alert.__table__).where(Alert.__table__.c.id == bindparam("alert_id"))  # type: ignore[arg-type]
            session.connection().execute(statement.values(places), rows)


def add_notes(
    session: Session,
    taken: Sequence[tuple[int, int, Change]],
    kinds: Collection[AlertKind],
    words: Mapping[tuple[str, int], str],
) -> None:
    """Adds words to what just happened to alerts of some kinds (event, alert, step), by organ code and year."""
    events = {alert_id: (event, change.note) for event, alert_id, change in taken}
    rows = []
    for part in chunks(sorted(events)):
        statement = select(Alert.id, Alert.organ_code, Alert.report_year).where(
            Alert.id.in_(part), Alert.kind.in_(sorted(kind.value for kind in kinds))
        )
        for alert_id, code, year in session.execute(statement):
            if (said := words.get((code or "", year or 0))) is not None:
                event, note = events[alert_id]
                rows.append({"event": event, "said": f"{note}；{said}" if note else said})
    if rows:
        table: Any = AlertEvent.__table__
        session.connection().execute(
            update(table).where(table.c.id == bindparam("event")).values(note=bindparam("said")), rows
        )


def assign_alerts(session: Session, alert_ids: Iterable[int], who: str | None) -> None:
    """Gives alerts to a user, or to nobody."""
    for part in chunks(list(alert_ids)):
        session.execute(
            update(Alert).where(Alert.id.in_(part)).values(assigned_to=who),
            execution_options={"synchronize_session": False},
        )


def add_remarks(
    session: Session,
    alert_ids: Iterable[int],
    step: Step,
    note: str | None,
    at: datetime,
    by: str,
    assigned_to: str | None = None,
) -> None:
    """Writes into the history of alerts what changes nothing of how they stand: a note, or who has them."""
    rows = [
        {"alert_id": alert_id, "at": at, "what": step.value, "note": note, "by": by, "assigned_to": assigned_to}
        for alert_id in alert_ids
    ]
    if rows:
        session.execute(insert(AlertEvent), rows)


def events_after(session: Session, seen: Mapping[int, int]) -> dict[int, list[Event]]:
    """What happened to alerts after the last event that somebody saw, by alert, oldest first."""
    found: dict[int, list[Event]] = {}
    for part in chunks(sorted(seen)):
        statement = select(AlertEvent).where(AlertEvent.alert_id.in_(part)).order_by(AlertEvent.id)
        for row in session.scalars(statement):
            if row.id > seen[row.alert_id]:
                found.setdefault(row.alert_id, []).append(_event(row))
    return found


def last_events(session: Session, alert_ids: Iterable[int]) -> dict[int, int]:
    """The number of the last event of each of these alerts."""
    found: dict[int, int] = {}
    for part in chunks(list(alert_ids)):
        statement = (
            select(AlertEvent.alert_id, func.max(AlertEvent.id))
            .where(AlertEvent.alert_id.in_(part))
            .group_by(AlertEvent.alert_id)
        )
        found |= {row[0]: row[1] for row in session.execute(statement)}
    return found


def add_events(session: Session, events: Sequence[tuple[int, Change]], at: datetime, by: str) -> list[int]:
    """Writes what happened to alerts into their history; gives the numbers of the events in the same order."""
    if not events:
        return []
    rows = [
        {"alert_id": alert_id, "at": at, "what": change.step.value, "note": change.note, "by": by}
        for alert_id, change in events
    ]
    return list(session.scalars(insert(AlertEvent).returning(AlertEvent.id, sort_by_parameter_order=True), rows))


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert with the names of its organ and county, as registered."""

    alert: Alert
    organ: str | None
    county: str | None


SHOWN = (
    select(Alert, Organ.name, County.name)
    .outerjoin(Organ, Organ.code == Alert.organ_code)
    .outerjoin(County, County.code == Alert.county_code)
    .execution_options(populate_existing=True)
)
"""Alerts with the names of their organs and counties: the fields of :class:`ShownAlert`."""


def find_alerts(
    session: Session,
    *,
    state: str | None = None,
    kind: str | None = None,
    county: str | None = None,
    organs: Collection[str] | None = None,
) -> list[ShownAlert]:
    """Alerts, errors first, then by county and organ; filtered where a filter is given."""
    statement = SHOWN
    if state is not None:
        statement = statement.where(Alert.state == state)
    if kind is not None:
        statement = statement.where(Alert.kind == kind)
    if county is not None:
        statement = statement.where(Alert.county_code == county)
    if organs is not None:
        statement = statement.where(Alert.organ_code.in_(sorted(organs)))
    statement = statement.order_by(
        Alert.severity, Alert.county_code.nulls_first(), Alert.organ_code.nulls_first(), Alert.id
    )
    return [ShownAlert(*row) for row in session.execute(statement)]


def alerts_by_id(session: Session, ids: Iterable[int]) -> dict[int, ShownAlert]:
    """Alerts by number."""
    found: dict[int, ShownAlert] = {}
    for some in chunks(list(ids)):
        for row in session.execute(SHOWN.where(Alert.id.in_(some))):
            found[row[0].id] = ShownAlert(*row)
    return found


def failed_request(session: Session, portal_id: str, since: datetime, until: datetime) -> FailedRequest | None:
    """The last request of a portal that failed between two moments, None where none did."""
    statement = (
        select(CaptureRow.address, CaptureRow.status, CaptureRow.fetched_at)
        .where(
            CaptureRow.portal_id == portal_id,
            CaptureRow.problem.is_not(None),
            CaptureRow.fetched_at.between(since, until),
        )
        .order_by(CaptureRow.fetched_at.desc(), CaptureRow.id.desc())
        .limit(1)
    )
    row = session.execute(statement).one_or_none()
    return FailedRequest(row[0], row[1], row[2]) if row else None


@dataclass(frozen=True, slots=True)
class Event:
    """One step in the history of an alert."""

    id: int
    at: datetime
    what: str
    by: str
    note: str | None
    assigned_to: str | None


def _event(row: AlertEvent) -> Event:
    return Event(row.id, row.at, row.what, row.by, row.note, row.assigned_to)


def events_of(session: Session, alert_id: int) -> list[Event]:
    """The whole history of an alert, oldest first."""
    statement = select(AlertEvent).where(AlertEvent.alert_id == alert_id).order_by(AlertEvent.id)
    return [_event(row) for row in session.scalars(statement)]


def history(session: Session, alert_id: int) -> list[Mapping[str, Any]]:
    """What happened to an alert, oldest first: ``at``, ``what``, ``note``, ``by``, ``assigned_to``."""
    return [
        {
            "at": event.at,
            "what": event.what,
            "note": event.note,
            "by": event.by,
            "assigned_to": event.assigned_to,
        }
        for event in events_of(session, alert_id)
    ]
