"""The counties of a prefecture in order: who published in time, then who published, then whose reports are right.

Pure. What we failed to see speaks neither for nor against a county: rates are over the reports that were verified,
and a county of which too much is unverified is not ranked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from monitor.language import N_
from monitor.publication import PublicationState

if TYPE_CHECKING:
    from monitor.completeness.figures import CountyCompleteness

FEWEST_ORGANS = 10
"""A county with fewer organs is not ranked: one report would move it by more than ten points."""
VERIFIED = Fraction(95, 100)
"""So large a share of the reports that are due must be verified for a county to be ranked."""

FEW = N_("应公布单位不足{number}家，不按比率排名")
NOT_DUE = N_("尚无到期的报告，不排名")
NOT_VERIFIED = N_("{number}家无法核实，超过到期数的5%，不排名")
_PUBLISHED = (PublicationState.ON_TIME, PublicationState.LATE)
_Rates = tuple[Fraction | None, Fraction | None, Fraction | None]


@dataclass(frozen=True, slots=True)
class Place:
    """One county in the ranking. ``place`` None: not ranked, and ``why`` (a Chinese text with places) says why.

    ``on_time`` and ``published`` are shares of the ``verified`` due reports, ``without_errors`` of the published
    ones; None where there are none.
    """

    code: str
    name: str
    expected: int
    verified: int
    on_time: float | None
    published: float | None
    without_errors: float | None
    place: int | None = None
    why: str | None = None
    values: Mapping[str, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data; rates with four places."""
        return {
            "code": self.code,
            "name": self.name,
            "place": self.place,
            "on_time_rate": _rounded(self.on_time),
            "published_rate": _rounded(self.published),
            "without_errors_rate": _rounded(self.without_errors),
            "not_ranked_because": self.why.format(**(self.values or {})) if self.why else None,
        }


@dataclass(frozen=True, slots=True)
class Ranking:
    """The counties of one prefecture: the ranked ones in order, then the others in the order of their codes."""

    prefecture: str
    places: tuple[Place, ...]

    def tied(self, place: Place) -> bool:
        """Whether other counties stand at the same place."""
        return place.place is not None and sum(1 for one in self.places if one.place == place.place) > 1

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"prefecture": self.prefecture, "counties": [place.to_json() for place in self.places]}


def rankings(counties: Iterable[CountyCompleteness]) -> tuple[Ranking, ...]:
    """A ranking for each prefecture of which there are two counties or more; equal counties share a place."""
    by_prefecture: dict[tuple[str, str], list[CountyCompleteness]] = {}
    for county in counties:
        if county.prefecture:
            by_prefecture.setdefault(prefecture_key(county.code, county.prefecture), []).append(county)
    return tuple(_rank(prefecture, each) for (_, prefecture), each in by_prefecture.items() if len(each) > 1)


def prefecture_key(county_code: str, prefecture: str) -> tuple[str, str]:
    """What tells prefectures of one name apart (市辖区, 省直辖县级行政区划): the province."""
    return county_code[:2], prefecture


def _rank(prefecture: str, counties: Iterable[CountyCompleteness]) -> Ranking:
    rows = [_row(county) for county in sorted(counties, key=lambda county: county.code)]
    ranked = sorted(((_order(rates), place) for rates, place in rows if place.why is None), key=lambda row: row[0])
    places: list[Place] = []
    for number, (order, place) in enumerate(ranked, 1):
        same = number > 1 and ranked[number - 2][0] == order
        places.append(replace(place, place=places[-1].place if same else number))
    return Ranking(prefecture, (*places, *(place for _, place in rows if place.why is not None)))


def _row(county: CountyCompleteness) -> tuple[_Rates, Place]:
    figures = county.figures
    verified = figures.due - figures.unverified
    clean = sum(1 for one in county.standings if one.state in _PUBLISHED and not one.errors)
    why: str | None = None
    values: dict[str, int] = {}
    if figures.expected < FEWEST_ORGANS:
        why, values = FEW, {"number": FEWEST_ORGANS}
    elif figures.on_time_rate is None:
        why = NOT_DUE
    elif Fraction(verified, figures.due) < VERIFIED:
        why, values = NOT_VERIFIED, {"number": figures.unverified}
    rates = (
        _share(figures.on_time, verified),
        _share(figures.published, verified),
        _share(clean, figures.published),
    )
    on_time, published, without_errors = (None if rate is None else float(rate) for rate in rates)
    return rates, Place(
        county.code,
        county.name,
        figures.expected,
        verified,
        on_time,
        published,
        without_errors,
        why=why,
        values=values,
    )


def _order(rates: _Rates) -> tuple[Fraction, ...]:
    """The lowest first: one rate after the other, a rate of nothing behind all others."""
    return tuple(Fraction(1) if rate is None else -rate for rate in rates)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
