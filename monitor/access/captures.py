"""Captured documents: where they come from, and their bytes as they may be shown or handed out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from crawler.captures import ArchiveError
from crawler.text import charset_of
from monitor.access.base import Access, NotFound
from monitor.access.reports import document, version_in_scope
from monitor.archives import archive_of
from monitor.language import N_, translate
from monitor.store import evidence as store
from monitor.store.evidence import KeptCapture
from monitor.store.versions import ListedVersion
from parsers.schema import Cell

if TYPE_CHECKING:
    from monitor.evidence.shown import Shown

_NOT_THERE = N_("没有在这份原件中重新找到这一格，所以没有标出；请按所列的位置自行核对。")


class Lost(LookupError):
    """The bytes of a capture are lost or damaged; the message says where and the remedy."""


@dataclass(frozen=True, slots=True)
class ShownCapture:
    """A capture, how its document can be looked at, and what of it is to be pointed at.

    ``can_be_shown``: it is a page or a plain text; anything else is handed out as a file. ``lost``: why its bytes
    cannot be had. ``cell`` is one of ``version``, which was read from it.
    """

    kept: KeptCapture
    portal: str
    can_be_shown: bool
    lost: str | None
    version: ListedVersion | None
    cell: Cell | None


def show(access: Access, capture_id: int, version_id: int | None = None, key: str | None = None) -> ShownCapture:
    """The page of a capture; ``version_id`` and ``key`` name a cell that was read from it. Raises NotFound."""
    from monitor.evidence.shown import is_text

    kept, version, cell = _found(access, capture_id, version_id, key)
    can_be_shown, lost = False, None
    if kept.capture.sha256 is not None:
        try:
            can_be_shown = is_text(_body(access, kept))
        except Lost as problem:
            lost = str(problem)
    names = {one.id: one.name for one in access.portals()}
    return ShownCapture(kept, names.get(kept.portal_id, kept.portal_id), can_be_shown, lost, version, cell)


def page(access: Access, capture_id: int, version_id: int | None = None, key: str | None = None) -> Shown:
    """The document of a capture as it may be shown in a frame, the cell marked. Raises NotFound, Lost.

    Where the cell is not found again, the page says so itself.
    """
    from monitor.evidence import shown

    kept, _, cell = _found(access, capture_id, version_id, key)
    charset = charset_of(kept.capture.headers.get("content-type"))
    at, raw = (cell.at, cell.raw) if cell else (None, "")
    told = translate(_NOT_THERE, access.language)
    return shown.show(shown.Wanted(_body(access, kept), charset, at, raw, told))


def original(access: Access, capture_id: int, version_id: int | None = None) -> tuple[str, bytes]:
    """The bytes of a capture as they came, and a name for the file. Raises NotFound, Lost."""
    kept, _, _ = _found(access, capture_id, version_id, None)
    return file_name(kept), _body(access, kept)


def file_name(kept: KeptCapture) -> str:
    """A name for the file of a capture: the last part of its address without anything that a system may act on."""
    from monitor.evidence.bundle import ending_of

    capture = kept.capture
    try:
        path = unquote(urlsplit(capture.address).path)
    except ValueError:
        path = ""
    stem = re.sub(r"[^\w\-]+", "_", PurePosixPath(path).stem).strip("_")[:60] or "capture"
    return f"{stem}-{(capture.sha256 or '')[:8]}.{ending_of(capture.media_type, capture.address)}"


def disposition(name: str) -> str:
    """The header that has a browser save a file under a name (RFC 6266), whatever characters are in it."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _found(
    access: Access, capture_id: int, version_id: int | None, key: str | None
) -> tuple[KeptCapture, ListedVersion | None, Cell | None]:
    """The capture, where it was made for a county of the reader's or a report of theirs was read from it."""
    with access.reading() as session:
        kept = store.capture_with_id(session, capture_id)
        if kept is None:
            raise NotFound(capture_id)
        if version_id is None:
            access.county(store.county_of_capture(session, capture_id))
            return kept, None, None
        version = version_in_scope(session, access, version_id)
        if not _belongs(kept, version):
            raise NotFound(capture_id)
        if key is None:
            return kept, version, None
        cell = document(session, version_id).cells.get(key)
        if cell is None:
            raise NotFound(key)
        return kept, version, cell


def _belongs(kept: KeptCapture, version: ListedVersion) -> bool:
    """Whether a capture is of the page that a version was read from, or hangs on it."""
    if kept.portal_id != version.portal_id:
        return False
    return version.address in (kept.capture.address, kept.capture.parent_address)


def _body(access: Access, kept: KeptCapture) -> bytes:
    sha256 = kept.capture.sha256
    if sha256 is None:
        raise NotFound(kept.id)
    try:
        return archive_of(access.settings).get(sha256)
    except ArchiveError as problem:
        raise Lost(str(problem)) from problem
