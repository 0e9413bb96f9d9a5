"""How obligations stood when their counties were last assessed, in the database: what overviews and lists read.

An assessment writes them for the counties that it goes through, in the transaction in which it opens and resolves
their alerts; so both say the same. A county that it leaves out has come to what it would come to now (decision
0016), and keeps what stands here. Of county and report year the figures stand beside, counted once.

Questions are asked within a scope; without one, of everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, func, select, tuple_
from sqlalchemy.orm import Session

from monitor.accounts.scope import Scope
from monitor.figures import Figures, count
from monitor.publication import PublicationState, Standing
from monitor.rules.base import OrganKind
from monitor.store.accounts import within
from monitor.store.database import chunks
from monitor.store.engines import insert_into
from monitor.store.tables import CountyAssessment, CountyFigures, Organ, StandingRow

EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class KeptStanding:
    """How one obligation stood at ``assessed_at``; the other fields are those of a standing, by the same names."""

    organ_code: str
    name: str
    kind: OrganKind
    county_code: str
    report_year: int
    state: PublicationState
    due_on: date
    due_rule: str
    published_on: date | None
    published_from: str | None
    first_seen_at: datetime | None
    days_late: int | None
    address: str | None
    version_id: int | None
    errors: int
    warnings: int
    flags: tuple[str, ...]
    reason: str | None
    assessed_at: datetime


@dataclass(frozen=True, slots=True)
class KeptFigures:
    """The figures of a county and report year at ``assessed_at``.

    ``next_due``: the first day on which one of the reports that are not due yet falls due.
    """

    figures: Figures
    next_due: date | None
    assessed_at: datetime


class PageKey(NamedTuple):
    """Where a page of a list ended; the next begins after it."""

    county_code: str
    organ_code: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some standings of a list, and where the next page begins (None: there is none)."""

    standings: tuple[KeptStanding, ...]
    next: PageKey | None


_FIGURES = tuple(field.name for field in fields(Figures))
_KEPT = tuple(column.key for column in StandingRow.__table__.columns)


def put(session: Session, counties: Collection[str], standings: Iterable[Standing], as_of: datetime) -> None:
    """Keeps how all obligations of these counties stand at ``as_of``, instead of what stood of them before.

    Only rows that differ are written.
    """
    of_county: dict[tuple[int, str], list[Standing]] = {}
    for one in standings:
        of_county.setdefault((one.report_year, one.organ.county_code), []).append(one)
    rows = {(one.organ.code, one.report_year): _row(one) for some in of_county.values() for one in some}
    figures = {key: _figures_row(key, some, as_of) for key, some in of_county.items()}
    _replace(session, StandingRow, counties, rows)
    _replace(session, CountyFigures, counties, figures)


def by_county(session: Session, year: int, scope: Scope = EVERYTHING) -> dict[str, KeptFigures]:
    """The figures of a report year, by county, in the order of codes."""
    statement = (
        select(
            CountyFigures.county_code,
            CountyFigures.next_due,
            CountyAssessment.as_of,
            *(getattr(CountyFigures, name) for name in _FIGURES),
        )
        .join(CountyAssessment, CountyAssessment.county_code == CountyFigures.county_code)
        .where(CountyFigures.report_year == year, within(scope, CountyFigures.county_code))
        .order_by(CountyFigures.county_code)
    )
    return {row[0]: KeptFigures(Figures(*row[3:]), row[1], row[2]) for row in session.execute(statement)}


def by_year(session: Session, scope: Scope = EVERYTHING) -> dict[int, Figures]:
    """The figures of all counties together, by report year, in the order of years; of no year without any."""
    statement = (
        select(CountyFigures.report_year, *(func.sum(getattr(CountyFigures, name)) for name in _FIGURES))
        .where(within(scope, CountyFigures.county_code))
        .group_by(CountyFigures.report_year)
        .order_by(CountyFigures.report_year)
    )
    return {row[0]: Figures(*row[1:]) for row in session.execute(statement)}


def of_county(session: Session, county_code: str, years: Collection[int] | None = None) -> list[KeptStanding]:
    """How the obligations of a county stand, of all years or some, in the order of organs and years."""
    statement = _kept().where(StandingRow.county_code == county_code)
    if years is not None:
        statement = statement.where(StandingRow.report_year.in_(sorted(years)))
    return _read(session, statement.order_by(StandingRow.organ_code, StandingRow.report_year))


def of_organ(session: Session, organ_code: str, scope: Scope = EVERYTHING) -> list[KeptStanding]:
    """How the obligations of an organ stand, in the order of years; none where it lies outside of the scope."""
    statement = _kept().where(StandingRow.organ_code == organ_code, within(scope, StandingRow.county_code))
    return _read(session, statement.order_by(StandingRow.report_year))


def in_state(
    session: Session,
    year: int,
    state: PublicationState,
    scope: Scope = EVERYTHING,
    *,
    after: PageKey | None = None,
    limit: int = 50,
) -> Page:
    """The obligations of a report year in one state, a page at a time, in the order of counties and organs."""
    statement = _kept().where(
        StandingRow.report_year == year,
        StandingRow.state == state.value,
        within(scope, StandingRow.county_code),
    )
    if after is not None:
        statement = statement.where(tuple_(StandingRow.county_code, StandingRow.organ_code) > tuple_(*after))
    found = _read(session, statement.order_by(StandingRow.county_code, StandingRow.organ_code).limit(limit + 1))
    shown = tuple(found[:limit])
    more = len(found) > limit
    return Page(shown, PageKey(shown[-1].county_code, shown[-1].organ_code) if more else None)


def _kept() -> Select[Any]:
    return (
        select(
            StandingRow.organ_code,
            Organ.name,
            Organ.kind,
            *(getattr(StandingRow, name) for name in KeptStanding.__slots__[3:-1]),
            CountyAssessment.as_of,
        )
        .join(Organ, Organ.code == StandingRow.organ_code)
        .join(CountyAssessment, CountyAssessment.county_code == StandingRow.county_code)
    )


def _read(session: Session, statement: Select[Any]) -> list[KeptStanding]:
    found = []
    for code, name, kind, county, year, state, *facts, flags, reason, assessed_at in session.execute(statement):
        values: list[Any] = [code, name, OrganKind(kind), county, year, PublicationState(state), *facts]
        values += [tuple(flags), reason, assessed_at]
        found.append(KeptStanding(*values))
    return found


def _row(one: Standing) -> dict[str, Any]:
    return {
        "organ_code": one.organ.code,
        "report_year": one.report_year,
        "county_code": one.organ.county_code,
        "state": one.state.value,
        "due_on": one.due.on,
        "due_rule": one.due.rule,
        "published_on": one.published_on,
        "published_from": one.published_from,
        "first_seen_at": one.first_seen_at,
        "days_late": one.days_late,
        "address": one.address,
        "version_id": one.version_id,
        "errors": one.errors,
        "warnings": one.warnings,
        "flags": list(one.flags),
        "reason": one.reason,
    }


def _figures_row(key: tuple[int, str], standings: Sequence[Standing], as_of: datetime) -> dict[str, Any]:
    figures = count(standings, as_of)
    to_come = (one.due.on for one in standings if one.state is PublicationState.NOT_DUE)
    values = {name: getattr(figures, name) for name in _FIGURES}
    return {"report_year": key[0], "county_code": key[1], **values, "next_due": min(to_come, default=None)}


def _replace(
    session: Session,
    model: type[StandingRow] | type[CountyFigures],
    counties: Collection[str],
    rows: Mapping[tuple[Any, Any], Mapping[str, Any]],
) -> None:
    """Brings the rows of these counties in line with ``rows``, which go by their keys."""
    table: Any = model.__table__
    keys = [column.key for column in table.primary_key]
    names = [column.key for column in table.columns]
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    for some in chunks(sorted(counties)):
        for row in session.execute(select(*table.columns).where(table.c.county_code.in_(some))):
            values = dict(zip(names, row, strict=True))
            known[tuple(values[key] for key in keys)] = values
    for keys_gone in chunks(sorted(key for key in known if key not in rows)):
        session.execute(
            delete(model).where(tuple_(*(table.c[key] for key in keys)).in_(keys_gone)),
            execution_options={"synchronize_session": False},
        )
    # Always in one order, so that two writers wait for each other and never both.
    changed = [dict(rows[key]) for key in sorted(rows) if known.get(key) != rows[key]]
    if not changed:
        return
    statement: Any = insert_into(session, table)
    # An organ that came from another county has its row there still.
    values = {name: statement.excluded[name] for name in names if name not in keys}
    session.connection().execute(statement.on_conflict_do_update(index_elements=keys, set_=values), changed)
