"""The register in the database: counties, organs, and the obligations that follow from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, true, tuple_, update
from sqlalchemy.orm import Session

from monitor.rules.base import OrganFacts, OrganKind
from monitor.store import names, searching
from monitor.store.database import chunks
from monitor.store.marks import Kind, mark
from monitor.store.successions import Succession, all_successions, relatives
from monitor.store.tables import County, Obligation, Organ, PastObligation

if TYPE_CHECKING:
    from monitor.store.database import Database


@dataclass(frozen=True, slots=True)
class RegisteredOrgan:
    """An organ with all that the register holds of it. ``valid_from``, ``valid_to`` are its first and last day.

    ``accepted`` and ``refused`` are printed names of which a person said that they are, or are not, the organ's
    (monitor.store.names); they are no part of the register that is imported. Nor are ``successions``, by which it
    passed into others, and ``related_names``, those of the organs that came before and after it.
    """

    code: str
    name: str
    kind: OrganKind
    county_code: str
    county: str
    prefecture: str | None = None
    province: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    aliases: tuple[str, ...] = ()
    listed_by_county: bool = True
    accepted: tuple[str, ...] = field(default=(), compare=False)
    refused: tuple[str, ...] = field(default=(), compare=False)
    successions: tuple[Succession, ...] = field(default=(), compare=False)
    related_names: tuple[str, ...] = field(default=(), compare=False)

    def existed(self, on: date) -> bool:
        """Whether it was there on a day."""
        return (self.valid_from or date.min) <= on <= (self.valid_to or date.max)

    @property
    def facts(self) -> OrganFacts:
        """What rules may know of it; the names that its body bore before and after are its own."""
        aliases = tuple(dict.fromkeys((*self.aliases, *self.accepted, *self.related_names)))
        return OrganFacts(
            self.code,
            self.name,
            self.kind,
            self.county_code,
            self.county,
            aliases,
            self.valid_from,
            self.valid_to,
        )


@dataclass(frozen=True, slots=True)
class RegisteredObligation:
    """One row of the obligations; ``held_from`` is no part of what it says."""

    organ_code: str
    report_year: int
    due_on: date
    due_rule: str
    due_source: str
    severity: str
    basis: str | None = None
    expected: bool | None = None
    local_on: date | None = None
    local_rule: str | None = None
    local_source: str | None = None
    held_from: datetime | None = field(default=None, compare=False)

    @property
    def key(self) -> tuple[str, int]:
        """Whose and of which year."""
        return self.organ_code, self.report_year


_OBLIGATION: tuple[str, ...] = tuple(RegisteredObligation.__slots__)


def all_organs(
    session: Session, county: str | None = None, *, counties: Collection[str] | None = None
) -> list[RegisteredOrgan]:
    """All organs, or those of one or some counties, in the order of their codes, with what people said of their
    names."""
    if county is not None:
        counties = [county]
    statement = _ORGANS
    if counties is not None:
        statement = statement.where(Organ.county_code.in_(sorted(counties)))
    return _registered(session, session.execute(statement), names.of_organs(session, counties))


def organs_by_code(session: Session, codes: Collection[str]) -> list[RegisteredOrgan]:
    """These organs, as far as they are registered."""
    rows = [row for part in chunks(sorted(codes)) for row in session.execute(_ORGANS.where(Organ.code.in_(part)))]
    return _registered(session, rows, names.of_organs(session, {row[3] for row in rows}))


_ORGANS: Any = (
    select(
        Organ.code,
        Organ.name,
        Organ.kind,
        Organ.county_code,
        County.name,
        County.prefecture,
        County.province,
        Organ.valid_from,
        Organ.valid_to,
        Organ.aliases,
        Organ.listed_by_county,
    )
    .join(County, County.code == Organ.county_code)
    .order_by(Organ.code)
)


def _registered(
    session: Session,
    rows: Iterable[Any],
    said: tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]],
) -> list[RegisteredOrgan]:
    accepted, refused = said
    passed, related = _lineage(session)
    return [
        RegisteredOrgan(
            row.code,
            row[1],
            OrganKind(row.kind),
            row.county_code,
            row[4],
            row.prefecture,
            row.province,
            row.valid_from,
            row.valid_to,
            tuple(row.aliases),
            row.listed_by_county,
            accepted=accepted.get(row.code, ()),
            refused=(*refused.get(row.code, ()), *refused.get(names.of_county(row.county_code), ())),
            successions=passed.get(row.code, ()),
            related_names=related.get(row.code, ()),
        )
        for row in rows
    ]


def _lineage(session: Session) -> tuple[dict[str, tuple[Succession, ...]], dict[str, tuple[str, ...]]]:
    """By which successions organs passed into others, and the names of those before and after them, by code."""
    passed: dict[str, tuple[Succession, ...]] = {}
    every = all_successions(session)
    for one in every:
        passed[one.predecessor] = (*passed.get(one.predecessor, ()), one)
    related = relatives(every)
    if not related:
        return passed, {}
    bearing: dict[str, tuple[str, ...]] = {}
    for part in chunks(sorted(related)):
        statement = select(Organ.code, Organ.name, Organ.aliases).where(Organ.code.in_(part))
        bearing |= {row[0]: (row[1], *row[2]) for row in session.execute(statement)}
    return passed, {
        code: tuple(name for other in sorted(others) for name in bearing.get(other, ()))
        for code, others in related.items()
    }


def county_by_organ(session: Session, codes: Collection[str] | None = None) -> dict[str, str]:
    """The county of every organ, or of these as far as they are registered, by code."""
    statement = select(Organ.code, Organ.county_code)
    if codes is None:
        return {row[0]: row[1] for row in session.execute(statement)}
    found: dict[str, str] = {}
    for part in chunks(sorted(codes)):
        found |= {row[0]: row[1] for row in session.execute(statement.where(Organ.code.in_(part)))}
    return found


def organs_named(session: Session, text: str, place: Sequence[str] = (), *, most: int = 20) -> list[str]:
    """Codes of the organs of a place whose name holds a text, those first that are called just so.

    ``place`` are beginnings of county codes; without any, everywhere.
    """
    statement = (
        select(Organ.code)
        .where(
            Organ.name.contains(text, autoescape=True),
            or_(*(Organ.county_code.startswith(one, autoescape=True) for one in place)) if place else true(),
        )
        .order_by(Organ.name != text, func.length(Organ.name), Organ.code)
        .limit(most)
    )
    return list(session.scalars(statement))


def organs_of_county(session: Session, county: str) -> list[str]:
    """The codes of a county's organs."""
    return list(session.scalars(select(Organ.code).where(Organ.county_code == county)))


def organ_facts(database: Database, code: str) -> OrganFacts | None:
    """What rules may know of one organ; None where the register does not have it."""
    with database.reading() as session:
        found = organs_by_code(session, [code])
    return found[0].facts if found else None


def county_codes(database: Database, *, with_organs: bool = False) -> list[str]:
    """Codes of all counties of the register, or of those of which organs are registered."""
    codes = select(Organ.county_code).distinct() if with_organs else select(County.code)
    with database.reading() as session:
        return sorted(session.scalars(codes))


def counties(session: Session) -> dict[str, tuple[str, str | None, str | None]]:
    """Name, prefecture and province of all counties, by code."""
    statement = select(County.code, County.name, County.prefecture, County.province)
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(statement)}


def names_of_counties(session: Session, codes: Collection[str]) -> dict[str, str]:
    """What some counties are called, by code; those that are not registered are left out."""
    return {code: named[0] for code, named in counties_named(session, codes).items()}


def counties_named(session: Session, codes: Collection[str]) -> dict[str, tuple[str, str | None, str | None]]:
    """Name, prefecture and province of these counties, as far as they are registered."""
    found: dict[str, tuple[str, str | None, str | None]] = {}
    for part in chunks(sorted(codes)):
        statement = select(County.code, County.name, County.prefecture, County.province)
        found |= {
            row[0]: (row[1], row[2], row[3]) for row in session.execute(statement.where(County.code.in_(part)))
        }
    return found


def place_name(session: Session, place: str) -> str | None:
    """What the beginning of a county code is called: a county, its prefecture or its province; None: not known."""
    row = session.execute(
        select(County.name, County.prefecture, County.province)
        .where(County.code.startswith(place, autoescape=True))
        .order_by(County.code)
        .limit(1)
    ).first()
    if row is None:
        return None
    name: str | None = row[{6: 0, 4: 1, 2: 2}[len(place)]]
    return name


def names_around(session: Session, place: str) -> tuple[str | None, ...]:
    """What the beginning of a county code is called, the last of the names, and before it the places around it."""
    row = session.execute(
        select(County.province, County.prefecture, County.name)
        .where(County.code.startswith(place, autoescape=True))
        .order_by(County.code)
        .limit(1)
    ).first()
    return tuple(row)[: len(place) // 2] if row else (None,)


def county_names(session: Session, code: str) -> tuple[str, str | None, str | None] | None:
    """Name, prefecture and province of one county; None where the register does not have it."""
    row = session.execute(
        select(County.name, County.prefecture, County.province).where(County.code == code)
    ).first()
    return (row[0], row[1], row[2]) if row else None


def put_counties(session: Session, named: Mapping[str, tuple[str, str | None, str | None]]) -> None:
    """Adds counties and corrects the names of those that are there."""
    known = counties(session)
    added = [_county_values(code, names) for code, names in named.items() if code not in known]
    changed = [
        _county_values(code, names) for code, names in named.items() if code in known and known[code] != names
    ]
    if added:
        session.execute(insert(County), added)
    if changed:
        session.execute(update(County), changed)
    if added or changed:
        searching.keep_places(session, known | dict(named))
    mark(session, Kind.COUNTY, (values["code"] for values in (*added, *changed)))


def put_organs(session: Session, added: Iterable[RegisteredOrgan], changed: Iterable[RegisteredOrgan]) -> None:
    """Adds organs, and replaces what the register holds of those that are there."""
    added, changed = list(added), list(changed)
    new = [_organ_values(organ) for organ in added]
    if new:
        session.execute(insert(Organ), new)
    other = [_organ_values(organ) for organ in changed]
    before = county_by_organ(session, [values["code"] for values in other])
    if other:
        session.execute(update(Organ), other)
    searching.keep_organs(session, [*added, *changed])
    mark(session, Kind.COUNTY, {*before.values(), *(values["county_code"] for values in (*new, *other))})


def obligations(
    session: Session, years: Collection[int] | None = None, *, counties: Collection[str] | None = None
) -> list[RegisteredObligation]:
    """All obligations, or those of some report years, or of the organs of some counties."""
    return _obligations(session, Obligation, years, counties)


def obligations_at(
    session: Session,
    at: datetime,
    years: Collection[int] | None = None,
    *,
    counties: Collection[str] | None = None,
) -> list[RegisteredObligation]:
    """The obligations as they were recorded at a moment."""
    now = _obligations(session, Obligation, years, counties, _held_by(Obligation, at))
    then = _obligations(
        session, PastObligation, years, counties, and_(_held_by(PastObligation, at), PastObligation.held_to > at)
    )
    return [*then, *now]


def _held_by(table: type[Obligation | PastObligation], at: datetime) -> ColumnElement[bool]:
    return or_(table.held_from.is_(None), table.held_from <= at)


def _obligations(
    session: Session,
    table: type[Obligation | PastObligation],
    years: Collection[int] | None,
    counties: Collection[str] | None,
    *conditions: ColumnElement[bool],
) -> list[RegisteredObligation]:
    statement = select(*(getattr(table, name) for name in _OBLIGATION)).where(*conditions)
    statement = statement.order_by(table.organ_code, table.report_year)
    if years is not None:
        statement = statement.where(table.report_year.in_(sorted(years)))
    if counties is not None:
        organs = select(Organ.code).where(Organ.county_code.in_(sorted(counties)))
        statement = statement.where(table.organ_code.in_(organs))
    return [RegisteredObligation(*row) for row in session.execute(statement)]


def obligation_years(session: Session) -> list[int]:
    """Report years of which there are obligations, in order."""
    # From each year to the next one: neither database skips over the many rows of a year by itself.
    first = select(func.min(Obligation.report_year).label("report_year")).cte("years", recursive=True)
    after = select(func.min(Obligation.report_year)).where(Obligation.report_year > first.c.report_year)
    years = first.union_all(select(after.scalar_subquery()).where(first.c.report_year.is_not(None)))
    return [year for year in session.scalars(select(years.c.report_year)) if year is not None]


def change_obligations(
    session: Session,
    put: Sequence[RegisteredObligation],
    dropped: Sequence[tuple[str, int]],
    over: Sequence[RegisteredObligation],
    at: datetime,
) -> None:
    """Puts obligations, replacing those of the same organ and year, and takes away those that hold no more.

    ``over`` are those that held until ``at`` and are kept as what was said before.
    """
    keys = [*dropped, *(row.key for row in put)]
    table: Any = Obligation.__table__
    # One statement for many: one for each waits for the database of another machine as often. The codes alone
    # stand there too, for SQLite finds pairs by no index.
    for part in chunks(keys):
        session.connection().execute(
            delete(table).where(
                table.c.organ_code.in_(sorted({code for code, _ in part})),
                tuple_(table.c.organ_code, table.c.report_year).in_(part),
            )
        )
    if over:
        rows = [{name: getattr(row, name) for name in _OBLIGATION} | {"held_to": at} for row in over]
        session.execute(insert(PastObligation), rows)
    if put:
        session.execute(insert(Obligation), [{name: getattr(row, name) for name in _OBLIGATION} for row in put])


def _county_values(code: str, names: tuple[str, str | None, str | None]) -> dict[str, Any]:
    return {"code": code, "name": names[0], "prefecture": names[1], "province": names[2]}


def _organ_values(organ: RegisteredOrgan) -> dict[str, Any]:
    return {
        "code": organ.code,
        "name": organ.name,
        "kind": organ.kind.value,
        "county_code": organ.county_code,
        "valid_from": organ.valid_from,
        "valid_to": organ.valid_to,
        "aliases": list(organ.aliases),
        "listed_by_county": organ.listed_by_county,
    }
