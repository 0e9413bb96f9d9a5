"""The names of organs and places as people look for them; kept whenever the register changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from monitor.accounts.scope import Scope
from monitor.registry.spelling import BETWEEN, Spelled, place_names, spelled
from monitor.store import packing
from monitor.store.database import chunks
from monitor.store.tables import Organ, ReportVersion, SearchName, StandingRow

if TYPE_CHECKING:
    from monitor.store.register import RegisteredOrgan


class Level(StrEnum):
    """What a name belongs to."""

    ORGAN = "organ"
    COUNTY = "county"
    PREFECTURE = "prefecture"
    PROVINCE = "province"


_PLACES = (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY)
_LENGTHS = {Level.COUNTY: 6, Level.PREFECTURE: 4, Level.PROVINCE: 2}


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a search found: ``code`` is an organ's code or the beginning of county codes."""

    level: Level
    code: str
    county_code: str


def keep_organs(session: Session, organs: Iterable[RegisteredOrgan]) -> None:
    """Keeps how organs are looked for, in place of what was kept of them."""
    rows = [
        _row(Level.ORGAN, organ.code, organ.county_code, spelled((organ.name, *organ.aliases))) for organ in organs
    ]
    _keep(session, Level.ORGAN, rows)


def keep_places(session: Session, named: Mapping[str, tuple[str, str | None, str | None]]) -> None:
    """The same for counties by code (name, prefecture, province), and for what they lie in."""
    names: dict[tuple[Level, str], dict[str, None]] = {}
    for code, of_county in named.items():
        for level, name in zip((Level.COUNTY, Level.PREFECTURE, Level.PROVINCE), of_county, strict=True):
            if name:
                place = code[: _LENGTHS[level]]
                names.setdefault((level, place), {}).update(dict.fromkeys(place_names(name)))
    for level in _PLACES:
        rows = [_row(level, code, code, spelled(known)) for (of, code), known in names.items() if of is level]
        _keep(session, level, rows)


def _row(level: Level, code: str, place: str, known: Spelled) -> dict[str, Any]:
    return {
        "level": level.value,
        "code": code,
        "place": place,
        "names": known.names,
        "initials": known.initials,
        "pinyin": known.pinyin,
    }


def _keep(session: Session, level: Level, rows: Sequence[dict[str, Any]]) -> None:
    for part in chunks([row["code"] for row in rows]):
        session.execute(delete(SearchName).where(SearchName.level == level.value, SearchName.code.in_(part)))
    if rows:
        session.execute(insert(SearchName), rows)


def search(
    session: Session, scope: Scope, words: Sequence[str], levels: Collection[Level], most: int
) -> list[Found]:
    """What all the words (folded) are found in, at least one of them in its own name, the others above it.

    Best first: the whole name, its beginning, a part of it, then initials and pinyin.
    """
    if not words:
        return []
    row = SearchName
    statement = (
        select(row.level, row.code, row.place)
        .where(
            row.level.in_([level.value for level in levels]),
            _within(scope),
            or_(*(_own(word) for word in words)),
            *(or_(_own(word), _above(word)) for word in words),
        )
        .order_by(_rank(words), func.length(row.names), row.code)
        .limit(most)
    )
    return [Found(Level(each.level), each.code, each.place) for each in session.execute(statement)]


def named_exactly(session: Session, names: Collection[str]) -> set[str]:
    """Those of the names (folded) that are a place's whole name."""
    if not names:
        return set()
    conditions = [SearchName.names.contains(BETWEEN + name + BETWEEN, autoescape=True) for name in names]
    statement = select(SearchName.names).where(
        SearchName.level.in_([one.value for one in _PLACES]), or_(*conditions)
    )
    known = {name for text in session.scalars(statement) for name in text.split(BETWEEN)}
    return known & set(names)


def names_of(session: Session, one: Found) -> list[str]:
    """The names (folded) of something that was found."""
    names = session.scalar(
        select(SearchName.names).where(SearchName.level == one.level.value, SearchName.code == one.code)
    )
    return (names or "").split(BETWEEN)


def organ_names(session: Session, codes: Collection[str]) -> dict[str, tuple[str, date | None]]:
    """Name and last day of organs, by code."""
    statement = select(Organ.code, Organ.name, Organ.valid_to)
    return {
        row[0]: (row[1], row[2])
        for part in chunks(sorted(codes))
        for row in session.execute(statement.where(Organ.code.in_(part)))
    }


def county_of(session: Session, organ_code: str) -> str | None:
    """The county of a registered organ."""
    return session.scalar(select(Organ.county_code).where(Organ.code == organ_code))


def _own(word: str) -> ColumnElement[bool]:
    row = SearchName
    conditions = [row.names.contains(word, autoescape=True)]
    if word.isascii():
        conditions.append(row.initials.contains(word, autoescape=True))
        conditions.append(row.pinyin.contains(BETWEEN + word, autoescape=True))
        if any(letter.isdigit() for letter in word):
            conditions.append(row.code.startswith(word.upper(), autoescape=True))
    return or_(*conditions)


def _above(word: str) -> ColumnElement[bool]:
    """The word is found in the name of a place that the row lies in."""
    return or_(
        *(func.substr(SearchName.place, 1, length).in_(_codes(level, word)) for level, length in _LENGTHS.items())
    )


def _codes(level: Level, word: str) -> Select[Any]:
    of = SearchName.__table__.alias()
    conditions = [of.c.names.contains(word, autoescape=True)]
    if word.isascii():
        conditions.append(of.c.initials.contains(BETWEEN + word, autoescape=True))
        conditions.append(of.c.pinyin.contains(BETWEEN + word, autoescape=True))
    return select(of.c.code).where(of.c.level == level.value, or_(*conditions))


def _within(scope: Scope) -> ColumnElement[bool]:
    """Within a scope, or a place in which a part of it lies."""
    if scope.everything:
        return SearchName.code.is_not(None)
    around = [place[:length] for place in scope.places for length in _LENGTHS.values() if length < len(place)]
    inside = [SearchName.place.startswith(place, autoescape=True) for place in scope.places]
    return or_(*inside, and_(SearchName.level != Level.ORGAN.value, SearchName.place.in_(around)))


def _rank(words: Sequence[str]) -> ColumnElement[int]:
    row, word = SearchName, words[-1]
    return case(
        (row.names.contains(BETWEEN + word + BETWEEN, autoescape=True), 0),
        (row.names.contains(BETWEEN + word, autoescape=True), 1),
        (row.initials.contains(BETWEEN + word + BETWEEN, autoescape=True), 2),
        (row.names.contains(word, autoescape=True), 3),
        (row.initials.contains(BETWEEN + word, autoescape=True), 4),
        else_=5,
    )


@dataclass(frozen=True, slots=True)
class Prose:
    """The sections of the report of an organ and year, by number, as they were read; the preface is 0."""

    version_id: int
    organ_code: str
    report_year: int
    sections: Mapping[int, str]


def prose(session: Session, county_code: str, organ_code: str | None, year: int | None, most: int) -> list[Prose]:
    """The prose of the current reports of a county, or of one organ of it; the latest years first."""
    standing = StandingRow
    statement = (
        select(ReportVersion.id, standing.organ_code, standing.report_year, ReportVersion.document)
        .join(ReportVersion, ReportVersion.id == standing.version_id)
        .where(standing.county_code == county_code)
        .order_by(standing.report_year.desc(), standing.organ_code)
        .limit(most)
    )
    if organ_code is not None:
        statement = statement.where(standing.organ_code == organ_code)
    if year is not None:
        statement = statement.where(standing.report_year == year)
    return [Prose(row[0], row[1], row[2], _sections(row[3])) for row in session.execute(statement)]


def _sections(document: bytes) -> dict[int, str]:
    """Without making a whole report of it, which costs three times as much."""
    data = packing.unpack(document)
    preface = {0: data["preface"]} if data.get("preface") else {}
    return preface | {int(number): part["text"] for number, part in data["sections"].items() if part["text"]}
