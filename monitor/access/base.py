"""Who is looking at the record, and the record as far as they may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from time import monotonic

from sqlalchemy.orm import Session

from crawler.portals.definition import BrokenDefinition, PortalDefinition, read_portals
from monitor.access.places import Busy, Places
from monitor.accounts.roles import Right, Role
from monitor.accounts.scope import Scope
from monitor.accounts.users import AuditEntry
from monitor.settings import Settings
from monitor.store import accounts
from monitor.store.database import Database, StoreError

__all__ = [
    "OPERATOR",
    "OVERSIGHT",
    "Access",
    "Busy",
    "KnownPortals",
    "NotAllowed",
    "NotFound",
    "Record",
    "StoreError",
    "audiences_of",
    "audit",
    "counties_of",
]

OVERSIGHT, OPERATOR = "oversight", "operator"
"""Whom an alert is told to: who supervises the organs, or who runs the crawling."""


class NotFound(LookupError):
    """There is no such thing, or the reader may not see it: nobody learns which."""


class NotAllowed(Exception):
    """The reader may see this, and may not do it."""


class KnownPortals:
    """The portal definitions of a folder; read again when a file of it has changed."""

    LOOK_EVERY_SECONDS = 5.0

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._looked = float("-inf")
        self._seen: tuple[tuple[str, int, int], ...] | None = None
        self._portals: tuple[PortalDefinition, ...] = ()
        self._broken: tuple[BrokenDefinition, ...] = ()

    def __call__(self) -> tuple[PortalDefinition, ...]:
        """The definitions that can be used, in order of ids."""
        self._look()
        return self._portals

    def broken(self) -> tuple[BrokenDefinition, ...]:
        """The definitions that cannot be used, with their errors."""
        self._look()
        return self._broken

    def look_again(self) -> None:
        """Reads what has changed at the next question, however short ago it was looked."""
        with self._lock:
            self._looked = float("-inf")

    def _look(self) -> None:
        with self._lock:
            if monotonic() - self._looked < self.LOOK_EVERY_SECONDS:
                return
            files = [(path.name, path.stat()) for path in sorted(self._folder.glob("*")) if path.is_file()]
            seen = tuple((name, status.st_mtime_ns, status.st_size) for name, status in files)
            if seen != self._seen:
                self._portals, self._broken = read_portals(self._folder)
                self._seen = seen
            self._looked = monotonic()


@dataclass(frozen=True, slots=True)
class Record:
    """What the pages and the API work with; ``now`` tells the time (aware), ``secret`` signs cookies and links.

    ``run`` runs one of our commands to its end in a process of its own, and gives its exit status; None where
    nothing may be started from the pages. ``browsers``: the places for what starts one to make a page.
    """

    database: Database
    settings: Settings
    now: Callable[[], datetime]
    secret: str
    portals: KnownPortals
    run: Callable[..., int] | None = None
    browsers: Places = field(default_factory=Places)


@dataclass(frozen=True, slots=True)
class Access:
    """The record as ``who`` may see it: the counties of ``scope``, the rights of ``role``.

    ``since``: when the reader's visit before this one ended. ``language``: of what is told in words.
    """

    record: Record
    who: str
    role: Role
    scope: Scope
    language: str = "zh"
    since: datetime | None = None
    user_id: int | None = None

    @property
    def database(self) -> Database:
        """The record's database: for modules of :mod:`monitor.access` alone, which ask the scope first."""
        return self.record.database

    @property
    def settings(self) -> Settings:
        """All settings."""
        return self.record.settings

    @property
    def now(self) -> datetime:
        """The moment (aware)."""
        return self.record.now()

    def portals(self) -> tuple[PortalDefinition, ...]:
        """The portals of the reader's counties."""
        return tuple(one for one in self.record.portals() if self.scope.covers(one.county_code))

    def county(self, code: str | None) -> str:
        """The code, where the reader may see the county. Raises NotFound."""
        if code is None or not self.scope.covers(code):
            raise NotFound(code)
        return code

    def require(self, right: Right) -> None:
        """Raises NotAllowed where the reader has not the right."""
        if not self.role.may(right):
            raise NotAllowed(right)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads. Raises StoreError."""
        with self.record.database.reading() as session:
            yield session

    @contextmanager
    def changing(self, right: Right) -> Iterator[Session]:
        """A session that writes, for those who have the right. Raises NotAllowed, StoreError.

        Whoever changes something says so by :func:`audit` in the same transaction.
        """
        self.require(right)
        with self.record.database.begin() as session:
            yield session


def audit(
    session: Session, access: Access, what: str, subject: str, county_code: str | None = None, **values: object
) -> None:
    """Adds to the audit log that the reader changed something: ``what`` is a word like ``user.added``."""
    accounts.add_audit(session, AuditEntry(access.now, access.who, what, subject, county_code, values))


def counties_of(access: Access, codes: Sequence[str]) -> list[str]:
    """Those of the codes that the reader may see."""
    return [code for code in codes if access.scope.covers(code)]


def audiences_of(access: Access, wanted: str | None = None) -> tuple[str, ...]:
    """Whose alerts the reader is shown, of the wanted ones (None: of all).

    What falls to operators is for who sees everything.
    """
    seen = (OVERSIGHT, OPERATOR) if access.scope.everything else (OVERSIGHT,)
    return tuple(one for one in seen if wanted in (None, one))
