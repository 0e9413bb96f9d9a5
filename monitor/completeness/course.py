"""How the organs of a county published in several years: what the charts are drawn from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitor.publication import PublicationState, Standing

MOST_YEARS = 5
_TOLD = (PublicationState.ON_TIME, PublicationState.LATE, PublicationState.MISSING)


@dataclass(frozen=True, slots=True)
class OrganState:
    """The state of one obligation, when it was due, and the day of publication, if there was any."""

    code: str
    name: str
    state: PublicationState
    due_on: date
    published_on: date | None


@dataclass(frozen=True, slots=True)
class YearStates:
    """The states of a county's organs in one report year, in the order of their codes; expected ones only."""

    year: int
    organs: tuple[OrganState, ...]

    def number(self, state: PublicationState) -> int:
        """How many are in a state."""
        return sum(1 for organ in self.organs if organ.state is state)

    @property
    def due(self) -> int:
        """How many are due, or were published before."""
        return len(self.organs) - self.number(PublicationState.NOT_DUE)

    @property
    def on_time(self) -> tuple[float, float] | None:
        """The on-time rate: from (none of the unverified was) to (all were); None where nothing is due."""
        if not self.due:
            return None
        on_time, unverified = self.number(PublicationState.ON_TIME), self.number(PublicationState.UNVERIFIED)
        return on_time / self.due, (on_time + unverified) / self.due

    @property
    def known(self) -> bool:
        """Whether anything is known of the year: a report that was found, or one that is proven missing."""
        return any(organ.state in _TOLD or organ.published_on is not None for organ in self.organs)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "year": self.year,
            "states": {organ.code: organ.state.value for organ in self.organs},
            "on_time_rate": None if self.on_time is None else [round(end, 4) for end in self.on_time],
        }


def year_states(year: int, standings: Iterable[Standing]) -> YearStates:
    """The states of one year from the standings of one county."""
    return YearStates(
        year,
        tuple(
            OrganState(one.organ.code, one.organ.name, one.state, one.due.on, one.published_on)
            for one in sorted(standings, key=lambda one: one.organ.code)
            if one.report_year == year and one.state is not PublicationState.NOT_EXPECTED
        ),
    )


def shown_years(years: Sequence[YearStates], year: int) -> tuple[YearStates, ...]:
    """The report's own year, and those before it of which anything is known, oldest first."""
    return tuple(
        sorted((one for one in years if one.year == year or one.known), key=lambda one: one.year)[-MOST_YEARS:]
    )
