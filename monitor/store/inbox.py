"""Lists of alerts, read from one index: which alerts, in the order in which staff look at them, part by part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from heapq import merge
from itertools import islice

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from monitor.accounts.scope import Scope
from monitor.alerts.states import AlertState
from monitor.store.accounts import within
from monitor.store.tables import Alert, AlertEvent, CountyFigures


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts are meant. None, and no places: whichever.

    ``scope`` and ``audience`` are what the reader may see. ``places``: beginnings of county codes. ``rule``: the
    beginning of a rule's id. ``unassigned``: those that nobody has.
    """

    scope: Scope
    audience: str | None
    states: tuple[AlertState, ...]
    kind: str | None = None
    severity: str | None = None
    places: tuple[str, ...] | None = None
    year: int | None = None
    rule: str | None = None
    assigned_to: str | None = None
    unassigned: bool = False


def numbers(session: Session, wanted: Wanted, after: tuple[str, int] | None, most: int) -> list[tuple[str, int]]:
    """Severity and number of at most so many alerts: errors first, the newest first.

    ``after``: severity and number of the last one that was listed before.
    """
    # State by state, so that each part is read in the order of the index and no further than is needed.
    parts = []
    for state in wanted.states:
        statement = (
            select(Alert.severity, Alert.id)
            .where(*_conditions(replace(wanted, states=(state,))))
            .order_by(Alert.severity, Alert.id.desc())
            .limit(most)
        )
        if after is not None:
            severity, number = after
            statement = statement.where(
                or_(Alert.severity > severity, and_(Alert.severity == severity, Alert.id < number))
            )
        parts.append([(row[0], row[1]) for row in session.execute(statement)])
    return list(islice(merge(*parts, key=lambda row: (row[0], -row[1])), most))


def counts(session: Session, wanted: Wanted) -> dict[AlertState, int]:
    """How many alerts of each of the states there are."""
    statement = select(Alert.state, func.count()).where(*_conditions(wanted)).group_by(Alert.state)
    found = {AlertState(state): number for state, number in session.execute(statement)}
    return {state: found.get(state, 0) for state in wanted.states}


def counties(session: Session, wanted: Wanted) -> list[str]:
    """The counties of which there are such alerts."""
    statement = select(Alert.county_code).where(*_conditions(wanted)).distinct()
    return sorted(code for code in session.scalars(statement) if code is not None)


def years(session: Session, scope: Scope) -> list[int]:
    """The report years of which there are figures of these counties, the latest first."""
    statement = select(CountyFigures.report_year).where(within(scope, CountyFigures.county_code)).distinct()
    return list(session.scalars(statement.order_by(CountyFigures.report_year.desc())))


def last_event(session: Session) -> int:
    """The number of the last thing that happened to any alert: who looks now has seen it."""
    return session.scalar(select(func.max(AlertEvent.id))) or 0


def _conditions(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    yield Alert.state.in_([state.value for state in wanted.states])
    if not wanted.scope.everything:
        yield within(wanted.scope, Alert.county_code)
    if wanted.places is not None:
        # By length, so that two hundred places cost no more than one.
        by_length: dict[int, list[str]] = {}
        for place in wanted.places:
            by_length.setdefault(len(place), []).append(place)
        yield or_(*(func.substr(Alert.county_code, 1, n).in_(each) for n, each in by_length.items()))
    if wanted.rule is not None:
        yield Alert.rule.startswith(wanted.rule, autoescape=True)
    if wanted.unassigned:
        yield Alert.assigned_to.is_(None)
    for column, value in (
        (Alert.audience, wanted.audience),
        (Alert.kind, wanted.kind),
        (Alert.severity, wanted.severity),
        (Alert.report_year, wanted.year),
        (Alert.assigned_to, wanted.assigned_to),
    ):
        if value is not None:
            yield column == value
