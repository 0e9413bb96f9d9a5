"""How organs follow each other, in the database: mergers, splits, new names, new kinds, and ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from monitor.store.database import chunks
from monitor.store.marks import Kind, mark
from monitor.store.tables import Organ, SuccessionRow


class Reorganisation(StrEnum):
    """How an organ passed into another one.

    ``renamed`` and ``changed_kind`` (a township becomes a town or a subdistrict): the same body goes on.
    ``merged``: several became a new one. ``absorbed``: into one that was there before and goes on. ``split``: one
    became several new ones. ``transferred``: a part went over and both go on. ``abolished``: nobody follows.
    """

    RENAMED = "renamed"
    CHANGED_KIND = "changed_kind"
    MERGED = "merged"
    ABSORBED = "absorbed"
    SPLIT = "split"
    TRANSFERRED = "transferred"
    ABOLISHED = "abolished"

    @property
    def same_body(self) -> bool:
        """Whether the successor is the predecessor itself under another name, code or kind."""
        return self in (Reorganisation.RENAMED, Reorganisation.CHANGED_KIND)

    @property
    def into_one(self) -> bool:
        """Whether all of the predecessor went over to this successor."""
        return self.same_body or self in (Reorganisation.MERGED, Reorganisation.ABSORBED)

    @property
    def ends(self) -> bool:
        """Whether the predecessor is no more from that day on."""
        return self is not Reorganisation.TRANSFERRED

    @property
    def founds(self) -> bool:
        """Whether the successor begins on that day."""
        return self.same_body or self in (Reorganisation.MERGED, Reorganisation.SPLIT)


@dataclass(frozen=True, slots=True)
class Succession:
    """That ``successor`` (None: nobody) took over from ``predecessor`` on ``day``, its first day.

    ``source`` is the decision it stands in. Raises ValueError for what cannot be.
    """

    predecessor: str
    successor: str | None
    day: date
    how: Reorganisation
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        if (self.successor is None) != (self.how is Reorganisation.ABOLISHED):
            raise ValueError("whoever is abolished has no successor, and nobody else has none")
        if self.successor == self.predecessor:
            raise ValueError("an organ does not succeed itself")

    @property
    def key(self) -> tuple[str, str | None, date]:
        """What makes it this succession and no other."""
        return self.predecessor, self.successor, self.day

    @property
    def last_day(self) -> date:
        """The last day before it."""
        return self.day - timedelta(days=1)


_COLUMNS: tuple[Any, ...] = tuple(getattr(SuccessionRow, name) for name in Succession.__slots__)


def all_successions(session: Session) -> list[Succession]:
    """All successions, the oldest first."""
    statement = select(*_COLUMNS).order_by(SuccessionRow.day, SuccessionRow.predecessor, SuccessionRow.successor)
    return [
        Succession(row[0], row[1], row[2], Reorganisation(row[3]), row[4], row[5])
        for row in session.execute(statement)
    ]


def put_successions(session: Session, put: Sequence[Succession]) -> None:
    """Adds successions, replacing those of the same key."""
    remove_successions(session, put)
    _mark(session, put)
    if put:
        rows = [{name: getattr(one, name) for name in Succession.__slots__} for one in put]
        session.execute(insert(SuccessionRow), [row | {"how": row["how"].value} for row in rows])


def remove_successions(session: Session, gone: Iterable[Succession]) -> None:
    """Takes successions away."""
    gone = list(gone)
    _mark(session, gone)
    for one in gone:
        session.execute(
            delete(SuccessionRow).where(
                SuccessionRow.predecessor == one.predecessor,
                SuccessionRow.successor.is_(None)
                if one.successor is None
                else SuccessionRow.successor == one.successor,
                SuccessionRow.day == one.day,
            ),
            execution_options={"synchronize_session": False},
        )


def _mark(session: Session, changed: Iterable[Succession]) -> None:
    """Marks the counties whose organs these are."""
    codes = {code for one in changed for code in (one.predecessor, one.successor) if code is not None}
    for part in chunks(sorted(codes)):
        statement = select(Organ.county_code).where(Organ.code.in_(part)).distinct()
        mark(session, Kind.COUNTY, session.scalars(statement))


def families(successions: Iterable[Succession]) -> dict[str, frozenset[str]]:
    """The organs that anything ties to each other, by the code of each of them."""
    found: dict[str, frozenset[str]] = {}
    for one in successions:
        if one.successor is not None:
            family = found.get(one.predecessor, frozenset({one.predecessor}))
            family |= found.get(one.successor, frozenset({one.successor}))
            found |= dict.fromkeys(family, family)
    return found


def relatives(successions: Collection[Succession]) -> dict[str, frozenset[str]]:
    """Who came before and after each organ, however far; parts that went over make no relatives."""
    steps = [one for one in successions if one.how.ends and one.successor is not None]
    after: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for one in steps:
        assert one.successor is not None
        after.setdefault(one.predecessor, set()).add(one.successor)
        before.setdefault(one.successor, set()).add(one.predecessor)
    return {
        code: frozenset((_reached(code, after) | _reached(code, before)) - {code}) for code in {*after, *before}
    }


def _reached(code: str, steps: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [code]
    while waiting:
        for one in steps.get(waiting.pop(), ()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found
