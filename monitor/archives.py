"""Where the archive lies that the settings name, and whether it is the record's own.

An archive has an identity, written once where its bodies lie, and the record keeps the identity of its archive. A
machine where another folder is mounted, or none, would find no body that the record knows: it is told so before
anything is fetched, parsed or taken away, and nothing is said of any report.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.orm import Session

from crawler.captures import Archive, ArchiveError, Place, StoreAddress
from monitor.language import N_, spoken_language, translate
from monitor.settings import Settings
from monitor.store import archives as store
from monitor.store.database import Database, StoreError

WRONG = "wrong_captures"
_NONE = N_("（无）")


class WrongArchive(ArchiveError):
    """The archive is not the record's own; one line that names both and the remedy."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a record and an archive know of each other; each identity is None where there is none.

    ``acquainted``: the archive has some of the bodies that were captured last, or none was ever captured.
    """

    known: str | None
    here: str | None
    acquainted: bool

    @property
    def wrong(self) -> bool:
        """Whether the archive is surely not the record's own.

        What has no identity, and holds what was captured last, is: it was copied without it, or is older than
        identities are.
        """
        if self.known is not None and self.here is not None:
            return self.known != self.here
        return not self.acquainted


def archive_of(settings: Settings) -> Archive:
    """The archive: its folder, and the store of its bodies where the settings have one."""
    chosen = settings.store
    store = None
    if chosen.bodies:
        key_file = settings.path(chosen.bodies_key_file) if chosen.bodies_key_file else None
        store = StoreAddress(chosen.bodies, chosen.bodies_endpoint, key_file, chosen.bodies_naming)
    return Archive(Place(settings.path(chosen.captures), store))


def met(session: Session, archive: Archive) -> Meeting:
    """What the record and the archive know of each other just now. Raises ArchiveError."""
    known, here = store.identity(session), archive.identity()
    if known is not None and here is not None:
        return Meeting(known, here, True)
    newest = store.newest_bodies(session)
    return Meeting(known, here, not newest or any(archive.has(digest) for digest in newest))


def make_sure(database: Database, archive: Archive) -> None:
    """Sees to it that the archive is the record's own; where they meet for the first time, both note it.

    Raises WrongArchive, other ArchiveErrors where the archive cannot be looked at, StoreError.
    """
    with database.reading() as session:
        meeting = met(session, archive)
    if meeting.known is not None and meeting.known == meeting.here:
        return
    with database.begin() as session:
        known = store.claim(session, meeting.here if meeting.here and not meeting.wrong else uuid4().hex)
    here = meeting.here
    if not meeting.wrong and here is None:
        here = archive.identify(known)
    if here != known:
        text = N_(
            "{place} 不是这个数据库的归档（应为 {known}，现为 {here}），未作任何改动；"
            "请检查 [store] captures、bodies 和挂载，确实换了地方的，把 {known} 写入这个文件"
        )
        language = spoken_language()
        values = {"place": archive.identity_at, "known": known, "here": here or translate(_NONE, language)}
        raise WrongArchive(translate(text, language, values))


def readiness(database: Database, settings: Settings) -> tuple[str, bool]:
    """One word for whether this machine can work with the record, and whether it can. Changes and raises nothing.

    A word of :class:`monitor.store.database.Condition`, or ``wrong_captures``.
    """
    condition = database.condition()
    if condition.ready:
        with suppress(ArchiveError, StoreError), database.reading() as session:
            # An archive that does not answer just now keeps no page from being shown, but for the originals.
            if met(session, archive_of(settings)).wrong:
                return WRONG, False
    return condition.value, condition.ready
