"""What staff decide on findings, in the database: switches of rules, dismissals, and their history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from monitor.decisions.deciding import Decisions
from monitor.decisions.dismissals import Dismissal
from monitor.decisions.switches import Setting, Switch, Switches
from monitor.store.database import chunks
from monitor.store.tables import DismissalRow, RuleSwitch

_SWITCH: tuple[Any, ...] = tuple(getattr(RuleSwitch, name) for name in Switch.__slots__)
_DISMISSAL: tuple[Any, ...] = tuple(getattr(DismissalRow, name) for name in Dismissal.__slots__)


def decisions(
    session: Session, as_of: datetime | None = None, *, report_keys: Iterable[str] | None = None
) -> Decisions:
    """Everything that counts at a moment (aware; None: now). What was decided later is as if it had not been.

    ``report_keys``: of the dismissals those of these reports alone.
    """
    from monitor.rules.catalogue import OFF_BY_DEFAULT, USUAL_SEVERITIES

    known: dict[str, list[Dismissal]] = {}
    for one in dismissals(session, as_of, report_keys=report_keys):
        known.setdefault(one.report_key, []).append(one)
    return Decisions(
        Switches(tuple(switches(session, as_of)), OFF_BY_DEFAULT, USUAL_SEVERITIES),
        {report_key: tuple(some) for report_key, some in known.items()},
    )


def switches(session: Session, as_of: datetime | None = None, *, withdrawn: bool = False) -> list[Switch]:
    """The switches that count, with ``withdrawn`` those taken back too, in the order in which they were set."""
    statement = select(*_SWITCH).order_by(RuleSwitch.id)
    if not withdrawn:
        statement = statement.where(_counts(RuleSwitch.at, RuleSwitch.withdrawn_at, as_of))
    return [_switch(row) for row in session.execute(statement)]


def add_switch(session: Session, switch: Switch) -> None:
    """Keeps a switch."""
    session.execute(insert(RuleSwitch), [_values(switch)])


def withdraw(session: Session, ids: Iterable[int], *, by: str, at: datetime, reason: str) -> None:
    """Takes switches back: they stay, and count no more."""
    session.execute(
        update(RuleSwitch)
        .where(RuleSwitch.id.in_(list(ids)))
        .values(withdrawn_at=at, withdrawn_by=by, withdrawn_reason=reason),
        execution_options={"synchronize_session": False},
    )


def dismissals(
    session: Session,
    as_of: datetime | None = None,
    *,
    report_keys: Iterable[str] | None = None,
    restored: bool = False,
) -> list[Dismissal]:
    """The dismissals that count (of some reports), with ``restored`` those taken back too, in their order."""
    statement = select(*_DISMISSAL).order_by(DismissalRow.id)
    if not restored:
        statement = statement.where(_counts(DismissalRow.at, DismissalRow.restored_at, as_of))
    if report_keys is None:
        return [Dismissal(*row) for row in session.execute(statement)]
    return [
        Dismissal(*row)
        for part in chunks(sorted(report_keys))
        for row in session.execute(statement.where(DismissalRow.report_key.in_(part)))
    ]


def add_dismissal(session: Session, dismissal: Dismissal) -> None:
    """Keeps a dismissal."""
    session.execute(insert(DismissalRow), [_values(dismissal)])


def follow(session: Session, before: str, after: str) -> None:
    """Has the dismissals of a report count under its new key too, when its organ or year is settled anew."""
    kept = {(one.rule, one.fingerprint) for one in dismissals(session, report_keys=[after])}
    for one in dismissals(session, report_keys=[before]):
        if (one.rule, one.fingerprint) not in kept:
            add_dismissal(session, replace(one, report_key=after, id=None))


def restore(session: Session, ids: Iterable[int], *, by: str, at: datetime, reason: str) -> None:
    """Takes dismissals back: they stay, and count no more."""
    session.execute(
        update(DismissalRow)
        .where(DismissalRow.id.in_(list(ids)))
        .values(restored_at=at, restored_by=by, restored_reason=reason),
        execution_options={"synchronize_session": False},
    )


def _counts(
    since: InstrumentedAttribute[datetime], until: InstrumentedAttribute[datetime | None], as_of: datetime | None
) -> ColumnElement[bool]:
    if as_of is None:
        return until.is_(None)
    return (since <= as_of) & or_(until.is_(None), until > as_of)


def _switch(row: Any) -> Switch:
    rule, place, setting, *rest = row
    return Switch(rule, place, Setting(setting), *rest)


def _values(one: Switch | Dismissal) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in type(one).__slots__ if name != "id"}
    if isinstance(one, Switch):
        values["setting"] = one.setting.value
    return values
