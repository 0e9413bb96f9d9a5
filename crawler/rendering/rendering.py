"""What a browser made of a page, and what it asked for meanwhile. Light to import: no browser here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field


class RenderingError(Exception):
    """A page could not be rendered. ``problem`` is its word (crawler.records.Capture)."""

    def __init__(self, problem: str, words: str = "") -> None:
        super().__init__(words or problem)
        self.problem = problem


class NotFetched(Exception):
    """Something that a page asked for did not come. ``problem`` is its word (crawler.records.Capture)."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page in the browser asks for: a script, a style sheet, data, a page in a frame.

    ``shared``: a script or style sheet that many pages of a portal ask for; it is fetched once in a run.
    """

    address: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came for it; ``address`` is where it was found after redirects, ``headers`` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    address: str


Fetch = Callable[[Wanted], Awaitable[Fetched]]
"""Fetches for the browser by the rules of the crawl; raises NotFetched where nothing comes."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far one page may go.

    ``page_seconds`` of the browser's own time, while nothing is being fetched for it; ``longest`` of all its time,
    with what politeness adds. It is done when nothing has changed for ``quiet_seconds``. ``most_requests`` go
    out for it, ``most_moves`` times its scripts may lead it to another page, ``largest`` characters it may have.
    """

    page_seconds: float = 30.0
    longest: float = 300.0
    quiet_seconds: float = 0.5
    most_requests: int = 80
    most_moves: int = 3
    largest: int = 24 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rendering:
    """A page as it stood when its scripts were done.

    ``html`` is the document, ``address`` where it stood at the end, ``visible`` the words that a reader sees.
    ``failed`` counts by problem word what scripts of a registered host asked for in vain: rows may be missing;
    ``unsettled`` stands there where the page was still changing at its limit. ``doubtful`` counts what else
    did not come and may have carried rows: it forbids to call an empty list empty. ``refused`` counts by
    problem word all that the gate did not let through, and ``refused_hosts`` names their hosts.
    ``fetched`` is how many requests went out for the page beside its own.
    """

    html: str
    address: str
    visible: str
    failed: Mapping[str, int] = field(default_factory=dict)
    doubtful: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    refused_hosts: tuple[str, ...] = ()
    fetched: int = 0

    @property
    def failure(self) -> str | None:
        """The problem word of what failed, the gravest where there are several; None where all came."""
        return _gravest(self.failed)

    @property
    def doubt(self) -> str | None:
        """Why a page without rows is no proof of an empty list; None where it may be one."""
        return self.failure or _gravest(self.doubtful)


_GRAVEST_FIRST = ("blocked", "robots", "robots_unavailable", "unreachable", "certificate", "private_address")


def _gravest(problems: Mapping[str, int]) -> str | None:
    for word in _GRAVEST_FIRST:
        if problems.get(word):
            return word
    return next(iter(problems), None)
