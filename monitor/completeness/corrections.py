"""What became of the problems since an earlier moment: corrected, still there, new; who published since. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.completeness.problem import Problem
from monitor.publication import PublicationState, Standing
from monitor.rules.base import OrganFacts

PUBLISHED = (PublicationState.ON_TIME, PublicationState.LATE)


@dataclass(frozen=True, slots=True)
class VersionChange:
    """That a report was changed after its publication: when the earlier and the later content were first seen, how
    many cells and texts differ, and how many of the problems told before are gone with it."""

    organ: OrganFacts
    before_seen_at: datetime
    after_seen_at: datetime
    differences: int
    repaired: int

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "code": self.organ.code,
            "before_seen_at": self.before_seen_at.isoformat(timespec="seconds"),
            "after_seen_at": self.after_seen_at.isoformat(timespec="seconds"),
            "differences": self.differences,
            "repaired": self.repaired,
        }


@dataclass(frozen=True, slots=True)
class Corrections:
    """What changed between ``since`` and the moment of the report.

    ``corrected``: problems that are gone because the report was changed. ``remaining``: those told then and now.
    ``found``: those told now only. ``dropped``: problems no longer told though the report is the same (a rule
    changed, or a person dismissed them) or is gone; nobody corrected these. ``caught_up``: organs that were
    missing then and have published since. ``versions``: every change of a published report up to now.
    """

    since: datetime
    corrected: tuple[Problem, ...] = ()
    remaining: tuple[Problem, ...] = ()
    found: tuple[Problem, ...] = ()
    dropped: tuple[Problem, ...] = ()
    caught_up: tuple[Standing, ...] = ()
    versions: tuple[VersionChange, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "since": self.since.isoformat(timespec="seconds"),
            "corrected": [problem.to_json() for problem in self.corrected],
            "remaining": [problem.to_json() for problem in self.remaining],
            "found": [problem.to_json() for problem in self.found],
            "dropped": [problem.to_json() for problem in self.dropped],
            "caught_up": [standing.organ.code for standing in self.caught_up],
            "versions": [change.to_json() for change in self.versions],
        }


def corrections(
    since: datetime,
    before: Sequence[Standing],
    after: Sequence[Standing],
    told: Iterable[Problem],
    tell: Iterable[Problem],
    versions: Sequence[VersionChange] = (),
) -> Corrections:
    """Two moments of one county and year side by side: the standings of each, and the problems.

    ``told`` are the problems at the earlier moment and those of versions that stood between the two; ``tell``
    those of now.
    """
    earlier = {problem.identity: problem for problem in told}
    now = {problem.identity: problem for problem in tell}
    stood = {(one.organ.code, one.report_year): one for one in before}
    stands = {(one.organ.code, one.report_year): one for one in after}
    gone = [problem for identity, problem in earlier.items() if identity not in now]
    return Corrections(
        since=since,
        corrected=tuple(problem for problem in gone if _changed(problem, stands)),
        dropped=tuple(problem for problem in gone if not _changed(problem, stands)),
        remaining=tuple(problem for identity, problem in now.items() if identity in earlier),
        found=tuple(problem for identity, problem in now.items() if identity not in earlier),
        caught_up=tuple(
            one
            for key, one in stands.items()
            if one.state in PUBLISHED and key in stood and stood[key].state is PublicationState.MISSING
        ),
        versions=tuple(versions),
    )


def _changed(problem: Problem, stands: Mapping[tuple[str, int], Standing]) -> bool:
    """Whether another version of the report stands there now, still to be read by everybody."""
    after = stands.get((problem.organ_code, problem.report_year))
    if after is None or after.version_id is None or "removed" in after.flags:
        return False
    return problem.version_id != after.version_id
