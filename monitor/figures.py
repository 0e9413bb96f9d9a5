"""How many obligations stand in which state. Pure; completeness reports and kept standings count alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from monitor.publication import PublicationState, Standing


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of obligations by state; organs that need not report are in none of them.

    ``past_due`` are those whose due date has passed, in whatever state.
    """

    expected: int
    on_time: int
    late: int
    missing: int
    unverified: int
    not_due: int
    with_errors: int
    with_warnings: int
    past_due: int

    @property
    def published(self) -> int:
        """Reports that are there, on time or not."""
        return self.on_time + self.late

    @property
    def due(self) -> int:
        """Obligations whose day has come or that were met before it."""
        return self.expected - self.not_due

    @property
    def on_time_rate(self) -> tuple[float, float] | None:
        """Share of due reports that are on time, from (none of the unverified was) to (all of them were).

        Both ends are the same where everything was verified: what we failed to see is never counted
        against an organ, nor for it. None before the first due date has passed, unless all is published.
        """
        if not self.due or (not self.past_due and self.not_due):
            return None
        return self.on_time / self.due, (self.on_time + self.unverified) / self.due


def count(standings: Iterable[Standing], as_of: datetime) -> Figures:
    """The figures over ``standings`` as they were decided at ``as_of``."""
    expected = [standing for standing in standings if standing.state is not PublicationState.NOT_EXPECTED]
    states = [standing.state for standing in expected]
    return Figures(
        expected=len(expected),
        on_time=states.count(PublicationState.ON_TIME),
        late=states.count(PublicationState.LATE),
        missing=states.count(PublicationState.MISSING),
        unverified=states.count(PublicationState.UNVERIFIED),
        not_due=states.count(PublicationState.NOT_DUE),
        with_errors=sum(1 for standing in expected if standing.errors),
        with_warnings=sum(1 for standing in expected if standing.warnings),
        past_due=sum(1 for standing in expected if standing.due.on < as_of.date()),
    )
