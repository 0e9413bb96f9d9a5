"""What a crawl leaves behind: the durable records between the crawler and everything after it.

One run writes one log, ``runs/<run id>.jsonl`` in the archive: a line for the start, one for each capture,
each listed entry and each column, and one for the end. A log without an end belongs to a run that was
killed; :mod:`crawler.captures` closes it as ``crashed``. The monitor imports logs into its database; the
crawler itself writes no SQL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self


class Outcome(StrEnum):
    """How a run ended (contract, part 4)."""

    COLLECTED = "collected"
    UNCHANGED = "unchanged"
    EMPTY_PROVEN = "empty_proven"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    LAYOUT_CHANGED = "layout_changed"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"

    @property
    def whole(self) -> bool:
        """Whether the run counts as crawled whole."""
        return self in (Outcome.COLLECTED, Outcome.UNCHANGED, Outcome.EMPTY_PROVEN)


class CaptureRole(StrEnum):
    """Why an address was fetched."""

    LIST = "list"
    DOCUMENT = "document"
    ATTACHMENT = "attachment"


class EntryKind(StrEnum):
    """What a listed entry is by its title."""

    REPORT = "report"
    LOOK_ALIKE = "look_alike"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RunStarted:
    """First line of a log."""

    run_id: str
    portal_id: str
    county_code: str
    started_at: datetime
    full: bool


@dataclass(frozen=True, slots=True)
class Capture:
    """One fetched document. Bytes lie in the archive under ``sha256``; never overwritten.

    ``status`` is the HTTP status (304 for a document the server said is unchanged; ``sha256`` is then that of
    the earlier capture). ``problem`` is None or one of ``blocked``, ``gone``, ``soft_404``, ``unreachable``,
    ``certificate``, ``cut_off``, ``rate_limited``, ``redirects``, ``too_large``, ``off_site``,
    ``private_address``, ``robots``, ``robots_unavailable``, ``broken``, or of the browser ``no_browser``,
    ``browser_died``, ``unrendered``, ``incomplete``; a capture with a problem may have no ``sha256``. ``headers``
    are lower-case names of the few that tell type, age and validators. ``method``, ``request_body`` and
    ``request_headers`` are what was sent.
    ``column_id`` and ``parent_address`` say through which column and page
    it was found. ``rendered``: the bytes are not those of the server but the page as a browser built it, in UTF-8;
    ``refused_hosts`` are then the hosts that its scripts wanted and the gate did not allow.
    """

    sequence: int
    role: CaptureRole
    address: str
    final_address: str
    fetched_at: datetime
    status: int | None
    sha256: str | None
    size: int
    media_type: str | None
    headers: Mapping[str, str] = field(default_factory=dict)
    column_id: str | None = None
    parent_address: str | None = None
    problem: str | None = None
    method: str = "GET"
    request_body: str | None = None
    request_headers: Mapping[str, str] = field(default_factory=dict)
    rendered: bool = False
    refused_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a column's list, as listed in this run: address of its document, title and date beside it.

    ``organ``, ``organ_code`` and ``report_year`` are what the list says outside the title, where it does.
    """

    sequence: int
    column_id: str
    address: str
    title: str
    kind: EntryKind
    shown_on: date | None
    list_address: str
    organ: str | None = None
    organ_code: str | None = None
    report_year: int | None = None

    @property
    def digest(self) -> str:
        """Tells a row of an address from what it read before."""
        shown = self.shown_on.isoformat() if self.shown_on else ""
        said = (self.organ, self.organ_code, self.report_year)
        words = (self.title, self.kind.value, shown, *(str(each or "") for each in said if any(said)))
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ColumnPass:
    """How one column fared. ``whole`` only where every list page was read and every listed report fetched.

    ``declared`` is how many entries the page says there are, where it says so. ``address`` is that of the column
    in the definition of the day: a definition that names another page later does not speak of this one.
    """

    sequence: int
    column_id: str
    outcome: Outcome
    whole: bool
    pages: int
    entries: int
    declared: int | None = None
    problem: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class RunFinished:
    """Last line of a log: the one outcome, in words where there is more to say."""

    run_id: str
    finished_at: datetime
    outcome: Outcome
    problem: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


Record = RunStarted | Capture | Entry | ColumnPass | RunFinished

_KINDS: dict[str, type[Record]] = {
    "run_started": RunStarted,
    "capture": Capture,
    "entry": Entry,
    "column": ColumnPass,
    "run_finished": RunFinished,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_DECODERS: dict[str, Any] = {
    "started_at": datetime.fromisoformat,
    "finished_at": datetime.fromisoformat,
    "fetched_at": datetime.fromisoformat,
    "shown_on": date.fromisoformat,
    "outcome": Outcome,
    "role": CaptureRole,
    "kind": EntryKind,
    "refused_hosts": tuple,
}


def record_to_json(record: Record) -> dict[str, Any]:
    """One line of a log as JSON data; the type stands under ``record``."""
    data: dict[str, Any] = {"record": _NAMES[type(record)]}
    for one in fields(record):
        value = getattr(record, one.name)
        data[one.name] = value.isoformat() if isinstance(value, date) else value
    return data


def record_from_json(data: Mapping[str, Any]) -> Record:
    """The reverse of :func:`record_to_json`. Raises KeyError for a type of line that does not exist."""
    kind = _KINDS[data["record"]]
    values = {
        name: _DECODERS[name](value) if name in _DECODERS and value is not None else value
        for name, value in data.items()
        if name != "record"
    }
    return kind(**values)


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """What the record knows of an address, for a conditional request: validators and digest of the last body.

    ``column_id`` and ``role`` are those of its last capture. They tell which report addresses a column is known
    to have listed: one that is no longer listed is fetched once, to see whether it is gone.

    ``checked_at``: when it last answered well. ``since``: from when on it has shown what it shows. ``unsettled``:
    something of it could never be had. They tell whether it may rest (crawler.recheck).
    """

    sha256: str
    etag: str | None = None
    last_modified: str | None = None
    column_id: str | None = None
    role: CaptureRole = CaptureRole.DOCUMENT
    checked_at: datetime | None = None
    since: datetime | None = None
    unsettled: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """From the job handed to the crawling process."""
        values = dict(data)
        values["role"] = CaptureRole(values.get("role", CaptureRole.DOCUMENT))
        return cls(**values)
