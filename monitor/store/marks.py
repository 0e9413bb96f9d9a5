"""Marks of change: what an assessment rests on bears one, so that what did not change need not be read again.

Whatever writes one of these facts marks it in the same transaction. A mark is a number that only grows, so nothing
has to be cleared and nobody has to be waited for: who remembers the number he saw knows whether it is still the
same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Table, case, or_, select
from sqlalchemy.orm import Session

from monitor.store.database import chunks
from monitor.store.engines import insert_into
from monitor.store.tables import ChangeMark, Organ, ReportVersion


class Kind(StrEnum):
    """What changed: the key of a mark is then the id of a portal, the code of a county, or empty.

    ``PORTAL``: what stands or stood at a portal's addresses. ``PASSES``: how its columns were read, and their
    lists. ``COUNTY``: the register of a county, or what people said of it. ``PARSED``: that documents were read
    anew and read otherwise.
    """

    PORTAL = "portal"
    PASSES = "passes"
    COUNTY = "county"
    PARSED = "parsed"


@dataclass(frozen=True, slots=True)
class Mark:
    """How often something changed, and the latest moment that its facts tell of (None: they tell of none)."""

    revision: int
    latest: datetime | None = None


Marks = Mapping[tuple[str, str], Mark]


def mark(session: Session, kind: Kind, keys: Iterable[str], latest: datetime | None = None) -> None:
    """Marks that something changed; ``latest`` is the latest moment that the new facts tell of."""
    # In one order always, so that two writers wait for each other and never both.
    rows = [{"kind": kind.value, "key": key, "revision": 1, "latest": latest} for key in sorted(set(keys))]
    if not rows:
        return
    table: Table = ChangeMark.__table__  # type: ignore[assignment]
    statement: Any = insert_into(session, table)
    new = statement.excluded.latest
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "key"],
        set_={
            "revision": table.c.revision + 1,
            "latest": case((or_(table.c.latest.is_(None), new > table.c.latest), new), else_=table.c.latest),
        },
    )
    session.connection().execute(statement, rows)


def all_marks(session: Session) -> dict[tuple[str, str], Mark]:
    """All marks, by kind and key."""
    statement = select(ChangeMark.kind, ChangeMark.key, ChangeMark.revision, ChangeMark.latest)
    return {(row[0], row[1]): Mark(row[2], row[3]) for row in session.execute(statement)}


def mark_counties_of(session: Session, version_ids: Collection[int], latest: datetime | None = None) -> None:
    """Marks the counties of organs whose reports stand on another county's portal; the others go by the portal."""
    counties: set[str] = set()
    for part in chunks(sorted(version_ids)):
        statement = (
            select(Organ.county_code)
            .join(ReportVersion, ReportVersion.organ_code == Organ.code)
            .where(ReportVersion.id.in_(part), ReportVersion.county_code != Organ.county_code)
            .distinct()
        )
        counties |= set(session.scalars(statement))
    mark(session, Kind.COUNTY, counties, latest)
