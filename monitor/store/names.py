"""What people said of names that reports print, in the database: see :class:`tables.NameAnswer`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from monitor.store.marks import Kind, mark
from monitor.store.tables import NameAnswer


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; ``organ_code`` None: the name is no organ's of the county. ``id`` None: not kept yet."""

    reference: str
    county_code: str
    name: str
    organ_code: str | None
    accepted: bool
    at: datetime
    by: str
    note: str
    forgotten_at: datetime | None = None
    forgotten_by: str | None = None
    forgotten_note: str | None = None
    id: int | None = None


_COLUMNS: tuple[Any, ...] = tuple(getattr(NameAnswer, name) for name in Answer.__slots__)


def answers(session: Session, *, reference: str | None = None, forgotten: bool = False) -> list[Answer]:
    """The answers that count, with ``forgotten`` those taken back too, in the order in which they were given."""
    statement = select(*_COLUMNS).order_by(NameAnswer.id)
    if reference is not None:
        statement = statement.where(NameAnswer.reference == reference)
    if not forgotten:
        statement = statement.where(NameAnswer.forgotten_at.is_(None))
    return [Answer(*row) for row in session.execute(statement)]


def of_organs(
    session: Session, counties: Collection[str] | None = None
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Names that are an organ's, and names that are not, by organ code; ``counties``: of these alone.

    Those that are no organ's of a county stand under :func:`of_county`.
    """
    accepted: dict[str, tuple[str, ...]] = {}
    refused: dict[str, tuple[str, ...]] = {}
    for one in answers(session):
        if counties is not None and one.county_code not in counties:
            continue
        kept = accepted if one.accepted else refused
        key = one.organ_code or of_county(one.county_code)
        kept[key] = (*kept.get(key, ()), one.name)
    return accepted, refused


def of_county(code: str) -> str:
    """The key of a county beside organ codes: a county's government may have the county's code."""
    return f"*{code}"


def add(session: Session, answer: Answer) -> None:
    """Keeps an answer."""
    values = {name: getattr(answer, name) for name in Answer.__slots__ if name != "id"}
    session.execute(insert(NameAnswer), [values])
    mark(session, Kind.COUNTY, [answer.county_code])


def forget(session: Session, ids: Sequence[int], *, by: str, at: datetime, note: str) -> None:
    """Takes answers back: they stay, and count no more."""
    if ids:
        session.execute(
            update(NameAnswer)
            .where(NameAnswer.id.in_(ids))
            .values(forgotten_at=at, forgotten_by=by, forgotten_note=note),
            execution_options={"synchronize_session": False},
        )
        mark(
            session,
            Kind.COUNTY,
            session.scalars(select(NameAnswer.county_code).where(NameAnswer.id.in_(ids)).distinct()),
        )
