"""What is wrong right now: the input from which alerts are opened, updated, resolved and reopened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from crawler.records import Outcome
from monitor.rules.base import Matter, OrganFacts
from parsers.schema import Cell


class AlertKind(StrEnum):
    """Kinds of alerts (contract, 3.3)."""

    MISSING = "missing"
    LATE = "late"
    INCONSISTENT = "inconsistent"
    WRONG_FORM = "wrong_form"
    CHANGED = "changed"
    REMOVED = "removed"
    BACKDATED = "backdated"
    SIMILAR = "similar"
    MISPLACED = "misplaced"
    PORTAL_UNREACHABLE = "portal_unreachable"
    PORTAL_BLOCKED = "portal_blocked"
    PORTAL_CHANGED = "portal_changed"
    PARSE_FAILED = "parse_failed"
    STALE = "stale"

    @property
    def audience(self) -> str:
        """``oversight`` for what a publisher did, ``operator`` for what we failed to see."""
        operator = (
            AlertKind.PORTAL_UNREACHABLE,
            AlertKind.PORTAL_BLOCKED,
            AlertKind.PORTAL_CHANGED,
            AlertKind.PARSE_FAILED,
            AlertKind.STALE,
        )
        return "operator" if self in operator else "oversight"


LEVEL = "level"
"""Among the values of a condition: how many steps too long it has lasted, absent for 0."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One matter that holds at the moment of an assessment.

    ``identity`` is the same as long as it is the same matter (kind, organ, year, matter key …) and never
    contains numbers that may change while the matter stays. ``template`` is a Chinese message with
    ``{places}`` filled from ``values`` (a value may itself be such a message, see :mod:`monitor.alerts.wording`);
    ``evidence`` is JSON data: addresses, cells, quotes, times, digests. ``substance`` stands for the facts the
    matter rests on: staff who resolve an alert by hand have settled these facts, and only others reopen it.
    """

    identity: str
    kind: AlertKind
    severity: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    organ_code: str | None = None
    county_code: str | None = None
    portal_id: str | None = None
    report_year: int | None = None
    rule: str | None = None
    substance: str = ""


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A cell as evidence: its key, the text printed there, its state and its place in the original."""

    key: str
    raw: str
    state: str
    at: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, cell: Cell) -> Self:
        """The evidence of a parsed cell."""
        return cls(cell.key, cell.raw, cell.state.value, cell.at.to_json() if cell.at else {})

    def to_json(self) -> dict[str, Any]:
        """Plain data, to be kept beside a finding."""
        return {"key": self.key, "raw": self.raw, "state": self.state, "at": dict(self.at)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The reverse of :meth:`to_json`."""
        return cls(data["key"], data["raw"], data["state"], data["at"])


@dataclass(frozen=True, slots=True)
class JudgedVersion:
    """The current version of one report with its matters, as far as it could be judged.

    ``organ`` and ``report_year`` are None while they are not settled; ``organ_printed`` is then the name on the
    page. ``cells`` holds at least the cells that the findings of errors and warnings name, by key.
    ``matters`` are what staff's decisions left; ``withdrawn`` are those that by decision count no more, and
    ``notes`` say by matter key what was decided.
    """

    version_id: int
    organ: OrganFacts | None
    report_year: int | None
    county_code: str
    portal_id: str
    address: str
    sha256: str
    form: str | None
    published_on: date | None
    matters: tuple[Matter, ...]
    cells: Mapping[str, PrintedCell] = field(default_factory=dict)
    organ_printed: str | None = None
    title: str | None = None
    withdrawn: tuple[Matter, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnreadCapture:
    """A captured document that is still unreadable: its address, its digest, and the reason in one line.

    ``rule`` is set where the document was read, but some numbers in it could not be trusted: the rule
    that says so.
    """

    address: str
    sha256: str
    error: str
    fetched_at: datetime
    title: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class FailedRequest:
    """What a portal answered last when it failed: the address, the HTTP status (None: no answer), and when."""

    address: str
    status: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class PortalHealth:
    """How one portal fares. All None where it was never crawled.

    ``last_outcome``, ``last_problem`` and ``last_run_at`` are of the last finished run; ``last_whole_at`` is the
    end of the last run that counts as crawled whole; ``first_run_at`` the start of the first run ever;
    ``failing_runs`` the number of runs since then that were not whole, in a row up to now. ``in_use`` is False
    of a portal whose definition is not valid (yet, or any more): it is not crawled, so its runs say nothing of
    today. ``hosts`` are those of its definition: portals that share one may fail together.
    """

    portal_id: str
    name: str
    county_code: str
    last_outcome: Outcome | None = None
    last_problem: str | None = None
    last_run_at: datetime | None = None
    last_whole_at: datetime | None = None
    first_run_at: datetime | None = None
    failing_runs: int = 0
    unread: tuple[UnreadCapture, ...] = ()
    failed_request: FailedRequest | None = None
    in_use: bool = True
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an assessment could judge. An alert whose ground was not judged is held: silence is never good news.

    ``publication``: obligations (organ code, report year) whose state is known, so not ``unverified``.
    ``found``: those of which a report was found, though it may be open whether it is late; ``away``: those of
    which no address shows it any more, so that nobody may say that a removed one is there again.
    ``content``: reports (organ code, report year) whose current version was judged. ``portals``: for each kind of
    alert on a portal, the portals whose last run says whether the matter is over.
    """

    publication: frozenset[tuple[str, int]] = frozenset()
    content: frozenset[tuple[str, int]] = frozenset()
    portals: frozenset[tuple[AlertKind, str]] = frozenset()
    found: frozenset[tuple[str, int]] = frozenset()
    away: frozenset[tuple[str, int]] = frozenset()

    def with_obligations_over(self, over: Collection[tuple[str, int]]) -> Grounds:
        """With obligations (organ code, report year) that are none any more: nothing is wrong with them."""
        return replace(self, publication=self.publication | set(over), content=self.content | set(over))

    def cover(
        self, kind: AlertKind, organ_code: str | None, report_year: int | None, portal_id: str | None
    ) -> bool:
        """Whether this assessment may say that an alert of this kind and place is over."""
        if kind in ON_PUBLICATION and organ_code and report_year is not None:
            obligation = (organ_code, report_year)
            if kind is AlertKind.REMOVED and obligation in self.away:
                return False
            return obligation in self.publication or (kind in SETTLED_BY_FINDING and obligation in self.found)
        if kind.audience == "oversight" and organ_code and report_year is not None:
            return (organ_code, report_year) in self.content
        return (kind, portal_id or "") in self.portals


ON_PUBLICATION = frozenset(
    {AlertKind.MISSING, AlertKind.LATE, AlertKind.BACKDATED, AlertKind.REMOVED, AlertKind.CHANGED}
)
ON_DUE_DATE = frozenset({AlertKind.MISSING, AlertKind.LATE, AlertKind.BACKDATED})
"""Of these the due date says whether they hold."""
SETTLED_BY_FINDING = frozenset({AlertKind.MISSING, AlertKind.REMOVED, AlertKind.CHANGED})
"""Of these a found report says whether they are over, even where nobody can tell whether it is late."""
ON_RUNS = frozenset(
    {AlertKind.PORTAL_UNREACHABLE, AlertKind.PORTAL_BLOCKED, AlertKind.PORTAL_CHANGED, AlertKind.STALE}
)
"""Of these the runs of all portals together say whether they hold; of all others the record of one county."""
