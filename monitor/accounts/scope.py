"""The counties that somebody may see: beginnings of official codes (44: a province, 4401: a prefecture)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_PLACE = re.compile(r"\d{2}(\d{2}(\d{2})?)?")


class WrongPlace(ValueError):
    """Not the beginning of a county code; ``place`` is the text."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True, slots=True)
class Scope:
    """Some places, or everything (``places`` empty). Made by :meth:`of`, which refuses what is no place."""

    places: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for place in self.places:
            if not _PLACE.fullmatch(place):
                raise WrongPlace(place)
            if any(place != other and place.startswith(other) for other in self.places):
                raise WrongPlace(place)

    @classmethod
    def of(cls, places: Iterable[str]) -> Scope:
        """The scope of some places, each of which may stand within another. No place: everything.

        Raises WrongPlace.
        """
        wanted = {place.strip() for place in places}
        inner = {one for one in wanted for other in wanted if one != other and one.startswith(other)}
        return cls(tuple(sorted(wanted - inner)))

    @property
    def everything(self) -> bool:
        """Whether nothing lies outside."""
        return not self.places

    def covers(self, county_code: str | None) -> bool:
        """Whether a county lies within; what belongs to no county is for those who see everything."""
        if self.everything:
            return True
        return county_code is not None and county_code.startswith(self.places)

    def contains(self, other: Scope) -> bool:
        """Whether whoever has this scope sees all that somebody with the other one sees."""
        if self.everything:
            return True
        return not other.everything and all(place.startswith(self.places) for place in other.places)

    def touches(self, place: str) -> bool:
        """Whether some county both begins with ``place`` (empty: every county does) and lies within."""
        return self.everything or any(place.startswith(one) or one.startswith(place) for one in self.places)

    def narrowed(self, other: Scope) -> Scope | None:
        """What lies within both; None where nothing does."""
        if other.everything:
            return self
        if self.everything:
            return other
        both = [one for one in self.places if one.startswith(other.places)]
        both += [one for one in other.places if one.startswith(self.places)]
        return Scope.of(both) if both else None


def common_place(*scopes: Scope) -> str | None:
    """The smallest place that holds all of these scopes; None where there is none but everything."""
    if any(scope.everything for scope in scopes):
        return None
    places = [place for scope in scopes for place in scope.places]
    for length in (6, 4, 2):
        beginnings = {place[:length] for place in places}
        if len(beginnings) == 1 and all(len(place) >= length for place in places):
            return beginnings.pop()
    return None
