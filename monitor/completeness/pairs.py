"""Reports with the same text as another organ's (雷同), side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitor.rules.base import OrganFacts
from monitor.store.comparisons import PairRow, Published


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two reports: whose, on which year, where, and the day it was published if that is known."""

    code: str
    organ: str
    county: str
    address: str
    published_on: date | None


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two reports alike once names and numbers are masked and the county's common sentences left out.

    ``similarity`` is 0 to 1 over ``characters`` of the shorter one. ``first`` is the county's own. Which of the
    two was written from the other nobody can say.
    """

    first: Side
    second: Side
    similarity: float
    characters: int

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "organs": [self.first.code, self.second.code],
            "urls": [self.first.address, self.second.address],
            "similarity": round(self.similarity, 4),
            "characters": self.characters,
        }


def similar_pairs(
    rows: Iterable[PairRow],
    own: Mapping[int, OrganFacts],
    others: Mapping[int, OrganFacts],
    published: Mapping[int, Published],
) -> tuple[SimilarPair, ...]:
    """The pairs, the most alike first; ``own`` are the county's current versions, ``others`` those of the rest.

    A pair of which either is neither is of a version that counts no more, and left out.
    """
    found = []
    for row in rows:
        first, second = (row.first_id, row.second_id) if row.first_id in own else (row.second_id, row.first_id)
        other = own.get(second) or others.get(second)
        if first in own and other is not None and first in published and second in published:
            sides = (_side(own[first], published[first]), _side(other, published[second]))
            found.append(SimilarPair(*sides, row.similarity, row.characters))
    return tuple(sorted(found, key=lambda pair: (-pair.similarity, pair.first.code, pair.second.code)))


def _side(organ: OrganFacts, paper: Published) -> Side:
    return Side(organ.code, organ.name, organ.county, paper.address, paper.published_on)
