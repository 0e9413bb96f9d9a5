"""What reports are compared with those of other organs by, in the database: texts, county templates, pairs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from monitor.store.database import chunks
from monitor.store.tables import ComparedText, CountyTemplate, ReportVersion, SimilarPair


@dataclass(frozen=True, slots=True)
class TextRow:
    """One compared version: see :class:`monitor.store.tables.ComparedText`."""

    version_id: int
    organ_code: str
    report_year: int
    county_code: str
    made_by: str
    sentences: bytes
    characters: int
    signature: bytes | None
    figures: Sequence[Any]
    form: str | None
    grounds: str = ""
    twins: str = ""
    compared: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Whose text a compared version is, and the organ's name that it prints."""

    version_id: int
    organ_code: str
    report_year: int
    county_code: str
    organ_printed: str | None


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """The template of a county and year: see :class:`monitor.store.tables.CountyTemplate`."""

    county_code: str
    report_year: int
    texts: int
    organs: int
    sentences: bytes


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two versions with the same text, the lower id first."""

    first_id: int
    second_id: int
    similarity: float
    characters: int


@dataclass(frozen=True, slots=True)
class Published:
    """Where and when a version was published, and by whom as it prints."""

    version_id: int
    organ_printed: str | None
    title: str | None
    address: str
    sha256: str
    published_on: date | None
    published_from: str | None
    first_seen_at: datetime


_TEXT_COLUMNS: tuple[Any, ...] = tuple(getattr(ComparedText, name) for name in TextRow.__slots__)
_TEMPLATE_COLUMNS: tuple[Any, ...] = tuple(getattr(CountyTemplate, name) for name in TemplateRow.__slots__)
_PLACE_COLUMNS: tuple[Any, ...] = (
    *(getattr(ComparedText, name) for name in Place.__slots__[:-1]),
    ReportVersion.organ_printed,
)
_PAIR_COLUMNS: tuple[Any, ...] = tuple(getattr(SimilarPair, name) for name in PairRow.__slots__)
_PUBLISHED_COLUMNS: tuple[Any, ...] = (
    ReportVersion.id,
    *(getattr(ReportVersion, name) for name in Published.__slots__[1:]),
)


def texts_of_county(session: Session, county_code: str) -> dict[int, TextRow]:
    """The compared versions of a county, of all years."""
    statement = select(*_TEXT_COLUMNS).where(ComparedText.county_code == county_code)
    return {row[0]: TextRow(*tuple(row)) for row in session.execute(statement)}


def texts(session: Session, version_ids: Collection[int]) -> dict[int, TextRow]:
    """The compared versions among these."""
    found: dict[int, TextRow] = {}
    for part in chunks(sorted(version_ids)):
        statement = select(*_TEXT_COLUMNS).where(ComparedText.version_id.in_(part))
        found.update({row[0]: TextRow(*tuple(row)) for row in session.execute(statement)})
    return found


def places(session: Session, version_ids: Collection[int]) -> dict[int, Place]:
    """Whose texts these are, as far as they are compared."""
    found: dict[int, Place] = {}
    for part in chunks(sorted(version_ids)):
        statement = (
            select(*_PLACE_COLUMNS)
            .join(ReportVersion, ReportVersion.id == ComparedText.version_id)
            .where(ComparedText.version_id.in_(part))
        )
        found.update({row[0]: Place(*tuple(row)) for row in session.execute(statement)})
    return found


def compared_counties(session: Session) -> set[str]:
    """The counties of which texts are kept."""
    return set(session.scalars(select(ComparedText.county_code).distinct()))


def to_compare(session: Session) -> set[int]:
    """The versions whose texts were not held against the others since they were made."""
    return set(session.scalars(select(ComparedText.version_id).where(ComparedText.compared.is_(False))))


def put_compared(session: Session, rows: Iterable[TextRow]) -> None:
    """That these texts were held against the others, as far as they are still the same."""
    made: dict[str, list[int]] = {}
    for row in rows:
        made.setdefault(row.made_by, []).append(row.version_id)
    for made_by, ids in made.items():
        for part in chunks(ids):
            session.execute(
                update(ComparedText)
                .where(ComparedText.version_id.in_(part), ComparedText.made_by == made_by)
                .values(compared=True),
                execution_options={"synchronize_session": False},
            )


def grounds(session: Session, version_ids: Collection[int]) -> dict[int, str]:
    """By version, a digest of what its judgement rests on beside the organ's own reports."""
    found: dict[int, str] = {}
    for part in chunks(sorted(version_ids)):
        statement = select(ComparedText.version_id, ComparedText.grounds, ComparedText.twins)
        rows = session.execute(statement.where(ComparedText.version_id.in_(part)))
        found.update({row[0]: f"{row[1]}{row[2]}" for row in rows})
    return found


def signatures(session: Session) -> Iterator[tuple[int, bytes]]:
    """The signatures of all compared versions that have one."""
    statement = select(ComparedText.version_id, ComparedText.signature).where(ComparedText.signature.is_not(None))
    for row in session.execute(statement).yield_per(10_000):
        if row[1] is not None:
            yield row[0], row[1]


def templates_of_county(session: Session, county_code: str) -> dict[int, TemplateRow]:
    """The templates of a county, by report year."""
    statement = select(*_TEMPLATE_COLUMNS).where(CountyTemplate.county_code == county_code)
    return {row[1]: TemplateRow(*tuple(row)) for row in session.execute(statement)}


def put_texts(session: Session, rows: Sequence[TextRow], dropped: Collection[int] = ()) -> None:
    """Keeps texts, replacing earlier ones of the same versions, and takes others away."""
    for part in chunks(sorted({*dropped, *(row.version_id for row in rows)})):
        session.execute(
            delete(ComparedText).where(ComparedText.version_id.in_(part)),
            execution_options={"synchronize_session": False},
        )
    if rows:
        session.execute(
            insert(ComparedText), [{name: getattr(row, name) for name in TextRow.__slots__} for row in rows]
        )


def put_twins(session: Session, found: Mapping[int, str]) -> None:
    """A digest of the texts that these versions are like."""
    if found:
        session.execute(
            update(ComparedText), [{"version_id": key, "twins": twins} for key, twins in found.items()]
        )


def put_template(session: Session, row: TemplateRow) -> None:
    """Keeps the template of a county and year."""
    session.execute(
        delete(CountyTemplate).where(
            CountyTemplate.county_code == row.county_code, CountyTemplate.report_year == row.report_year
        ),
        execution_options={"synchronize_session": False},
    )
    session.execute(insert(CountyTemplate), [{name: getattr(row, name) for name in TemplateRow.__slots__}])


def pairs_of(session: Session, version_ids: Collection[int]) -> list[PairRow]:
    """The pairs in which any of these versions is."""
    found: set[tuple[Any, ...]] = set()
    for part in chunks(sorted(version_ids)):
        statement = select(*_PAIR_COLUMNS).where(
            or_(SimilarPair.first_id.in_(part), SimilarPair.second_id.in_(part))
        )
        found |= {tuple(row) for row in session.execute(statement)}
    return [PairRow(*row) for row in sorted(found)]


def all_pairs(session: Session) -> list[PairRow]:
    """All pairs, by their ids."""
    statement = select(*_PAIR_COLUMNS).order_by(SimilarPair.first_id, SimilarPair.second_id)
    return [PairRow(*tuple(row)) for row in session.execute(statement)]


def replace_pairs(session: Session, of: Collection[int], rows: Sequence[PairRow]) -> None:
    """Takes away all pairs in which any of these versions is, and keeps others instead."""
    for part in chunks(sorted(of)):
        session.execute(
            delete(SimilarPair).where(or_(SimilarPair.first_id.in_(part), SimilarPair.second_id.in_(part))),
            execution_options={"synchronize_session": False},
        )
    if rows:
        session.execute(
            insert(SimilarPair), [{name: getattr(row, name) for name in PairRow.__slots__} for row in rows]
        )


def published(session: Session, version_ids: Iterable[int]) -> dict[int, Published]:
    """Where and when versions were published."""
    found: dict[int, Published] = {}
    for part in chunks(sorted(set(version_ids))):
        statement = select(*_PUBLISHED_COLUMNS).where(ReportVersion.id.in_(part))
        found.update({row[0]: Published(*tuple(row)) for row in session.execute(statement)})
    return found
