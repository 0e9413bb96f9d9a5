"""The evidence bundle of an alert: one zip file with the captures, the picture, the reading, the digests and a
sheet.

Whoever gets it needs nothing of ours to check it: ``SHA256SUMS.txt`` is read by sha256sum, ``captures.warc.gz`` by
the tools of web archiving, and ``sheet.html`` tells in plain words what was seen, when and where.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Any

from crawler.captures import Archive, ArchiveError
from crawler.clock import SHANGHAI
from crawler.portals.definition import PortalDefinition
from crawler.records import CaptureRole, Entry
from crawler.text import charset_of, decode_page
from crawler.warc import LoggedCapture, write_warc
from monitor.alerts import listing
from monitor.alerts.details import LATEST as LATEST_PASS
from monitor.evidence import screenshot
from monitor.evidence.screenshot import Mark, Screenshot
from monitor.evidence.selection import Selection, from_logs, of_obligation, select_captures
from monitor.evidence.sheet import Body, Seen, to_sheet
from monitor.settings import Settings
from monitor.store import evidence as store
from monitor.store import versions
from monitor.store.evidence import KeptCapture
from parsers.schema import Report

if TYPE_CHECKING:
    from monitor.store.database import Database

MOST_PICTURES = 2
LATEST = 20
"""So many captures of a portal stand for an alert on the portal itself."""
NOT_HTML = "not_html"
NO_PAGE = "no_page"
# Pages are named as text: opened from the bundle by mistake, none of their scripts runs.
_ENDINGS = {
    "text/html": "html.txt",
    "application/xhtml+xml": "html.txt",
    "text/plain": "txt",
    "application/json": "json.txt",
    "application/pdf": "pdf",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "image/png": "png",
    "image/jpeg": "jpg",
}
_KNOWN_ENDINGS = frozenset(
    {
        "pdf",
        "doc",
        "docx",
        "xls",
        "xlsx",
        "wps",
        "et",
        "ofd",
        "rtf",
        "odt",
        "ods",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "zip",
    }
)


@dataclass(frozen=True, slots=True)
class Made:
    """What went into a bundle: its files, whether there is a picture, and digests that the archive has lost."""

    files: tuple[str, ...]
    pictures: int
    lost: tuple[str, ...] = ()


@dataclass(slots=True)
class _Zip:
    """A zip file in the making; remembers the digest of every file."""

    file: zipfile.ZipFile
    at: datetime
    digests: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, data: bytes) -> None:
        """A file of the bundle; its name is ours, never a portal's."""
        info = zipfile.ZipInfo(name, self.at.astimezone(SHANGHAI).timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        self.file.writestr(info, data)
        self.digests[name] = hashlib.sha256(data).hexdigest()


def write_bundle(
    out: IO[bytes],
    database: Database,
    archive: Archive,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    alert_id: int,
    as_of: datetime,
    *,
    pictures: bool = True,
) -> Made:
    """Write the bundle of an alert to ``out``, as the record is at ``as_of`` (aware).

    Raises NoSuchAlert, StoreError, and ArchiveError for a damaged body.
    """
    alert = listing.show_alert(database, alert_id)
    selection = _selection(database, portals, settings, alert, as_of)
    logged = from_logs(archive, selection.captures)
    documents = _documents(database, selection, alert)
    bodies, lost = _bodies(archive, logged)
    with zipfile.ZipFile(out, "w") as file:
        bundle = _Zip(file, as_of)
        for body in bodies.values():
            bundle.add(body.file, archive.get(body.sha256))
        for version_id, report in documents.items():
            bundle.add(f"parse-{version_id}.json", _json(report.to_json()))
        seen = _seen(archive, selection, logged, bodies)
        shots = _pictures(archive, alert, selection, logged, documents) if pictures else []
        for number, (name, shot) in enumerate(shots, 1):
            if shot.png is not None:
                bundle.add(name if len(shots) == 1 else f"screenshot-{number}.png", shot.png)
        warc = io.BytesIO()
        if logged:
            write_warc(
                warc,
                archive,
                logged,
                filename="captures.warc.gz",
                made_at=max(one.capture.fetched_at for one in logged),
                about={"isPartOf": f"alert {alert_id}"},
            )
            bundle.add("captures.warc.gz", warc.getvalue())
        bundle.add("alert.json", _json(alert))
        bundle.add("captures.json", _json([one.to_json() for one in seen]))
        sheet = to_sheet(
            alert,
            seen=seen,
            passes=selection.watched,
            shots=[(name, shot) for name, shot in _named(shots)],
            parses=[f"parse-{version_id}.json" for version_id in documents],
            digests=dict(bundle.digests),
            made_at=as_of,
            county=_county(database, alert),
            dates=selection.dates,
        )
        bundle.add("sheet.html", sheet.encode("utf-8"))
        sums = "".join(f"{digest}  {name}\n" for name, digest in sorted(bundle.digests.items()))
        bundle.add("SHA256SUMS.txt", sums.encode("ascii"))
    return Made(tuple(bundle.digests), sum(shot.png is not None for _, shot in shots), tuple(lost))


def _named(shots: Sequence[tuple[str, Screenshot]]) -> list[tuple[str, Screenshot]]:
    if len(shots) == 1:
        return list(shots)
    return [(f"screenshot-{number}.png", shot) for number, (_, shot) in enumerate(shots, 1)]


def _selection(
    database: Database,
    portals: Sequence[PortalDefinition],
    settings: Settings,
    alert: Mapping[str, Any],
    as_of: datetime,
) -> Selection:
    """The captures that an alert rests on."""
    evidence = alert["evidence"]
    looked_at = evidence.get("looked_at") or ()
    passes = {at for one in looked_at for at in (*one["at"], one.get(LATEST_PASS)) if at}
    proof = {datetime.fromisoformat(at) for at in passes}
    if alert["organ_code"] and alert["report_year"] is not None:
        return of_obligation(
            database, portals, settings, alert["organ_code"], alert["report_year"], as_of, proof=proof
        )
    with database.reading() as session:
        if evidence.get("version_id") is not None:
            stood = store.where_a_version_stood(session, evidence["version_id"])
            return select_captures(session, stood, (), as_of, proof=proof)
        portal_id = _portal_of(session, alert)
        if evidence.get("address") and portal_id:
            found = store.documents_at(session, portal_id, [evidence["address"]])
        else:
            found = store.captures_in_order(session, portal_id=portal_id, most=LATEST) if portal_id else []
        found = [one for one in found if one.capture.fetched_at <= as_of]
        found += store.originals_of(session, [one for one in found if one.capture.status == 304])
        return Selection((), tuple(found), (), (), ())


def _portal_of(session: Any, alert: Mapping[str, Any]) -> str | None:
    from monitor.store import alerts

    shown = alerts.alerts_by_id(session, [alert["id"]])
    portal_id: str | None = shown[alert["id"]].alert.portal_id
    return portal_id


def _county(database: Database, alert: Mapping[str, Any]) -> str:
    from monitor.store import register

    with database.reading() as session:
        names = register.county_names(session, alert["county_code"] or "")
    return "".join(filter(None, (names[2], names[1], names[0]))) if names else (alert["county_code"] or "")


def _documents(database: Database, selection: Selection, alert: Mapping[str, Any]) -> dict[int, Report]:
    """How the versions concerned were read: that of the alert, and all where it is a change between them."""
    of_alert = alert["evidence"].get("version_id")
    ids = (
        {one.version_id for one in selection.stood}
        if alert["kind"] == "changed" or of_alert is None
        else {of_alert}
    )
    with database.reading() as session:
        kept = versions.documents(session, sorted(ids))
    return {version_id: versions.unpack(document) for version_id, document in sorted(kept.items())}


def _bodies(archive: Archive, logged: Sequence[LoggedCapture]) -> tuple[dict[str, Body], list[str]]:
    """The files that hold the captured bodies, each once, by digest; and the digests that are lost."""
    found: dict[str, Body] = {}
    lost = []
    ordered = sorted(logged, key=lambda one: (one.capture.role is not CaptureRole.LIST, one.capture.fetched_at))
    for one in ordered:
        capture = one.capture
        if capture.sha256 is None or capture.sha256 in found or capture.sha256 in lost:
            continue
        if not archive.has(capture.sha256):
            lost.append(capture.sha256)
            continue
        day = capture.fetched_at.astimezone(SHANGHAI).strftime("%Y%m%dT%H%M%S")
        number = len(found) + 1
        name = f"captures/{number:03}-{capture.role.value}-{day}-{capture.sha256[:12]}"
        found[capture.sha256] = Body(f"{name}.{ending_of(capture.media_type, capture.address)}", capture.sha256)
    return found, lost


def ending_of(media_type: str | None, address: str) -> str:
    """How the name of a captured file ends: by its kind, else as its address ends where that is a known kind."""
    known = _ENDINGS.get(media_type or "")
    if known:
        return known
    own = re.search(r"\.([A-Za-z]{2,4})(?:[?#]|$)", address)
    return own[1].lower() if own and own[1].lower() in _KNOWN_ENDINGS else "bin"


def _seen(
    archive: Archive, selection: Selection, logged: Sequence[LoggedCapture], bodies: Mapping[str, Body]
) -> list[Seen]:
    """Every capture, oldest first, and of list pages whether they listed the report."""
    addresses = {
        address for place in selection.stood for address in (place.address, place.parent_address) if address
    }
    rows, untold = _listed(archive, {one.run_id for one in logged}, addresses)

    def listed(one: LoggedCapture) -> bool | None:
        return None if one.run_id in untold else (one.run_id, one.capture.address) in rows

    whole = {(one.run_id, one.column_id) for one in selection.watched if one.whole}
    found = []
    for one in sorted(logged, key=lambda one: (one.capture.fetched_at, one.key)):
        capture = one.capture
        is_list = capture.role is CaptureRole.LIST
        found.append(
            Seen(
                capture=capture,
                run_id=one.run_id,
                body=bodies.get(capture.sha256 or ""),
                listed=listed(one) if is_list and capture.problem is None else None,
                whole=(one.run_id, capture.column_id or "") in whole,
            )
        )
    return found


def _listed(
    archive: Archive, run_ids: Collection[str], addresses: Collection[str]
) -> tuple[set[tuple[str, str]], set[str]]:
    """Runs and list pages that had a row leading to one of the addresses; and runs whose log is not here."""
    found: set[tuple[str, str]] = set()
    untold: set[str] = set()
    for run_id in run_ids if addresses else ():
        try:
            for _, record in archive.read_log(run_id):
                if isinstance(record, Entry) and record.address in addresses:
                    found.add((run_id, record.list_address))
        except ArchiveError:
            untold.add(run_id)
    return found, untold


def _pictures(
    archive: Archive,
    alert: Mapping[str, Any],
    selection: Selection,
    logged: Sequence[LoggedCapture],
    documents: Mapping[int, Report],
) -> list[tuple[str, Screenshot]]:
    """The pictures of the pages concerned: the report's versions, or of a missing one the list without it."""
    name = "screenshot.png"
    if not selection.stood and alert["kind"] == "missing":
        lists = [one for one in selection.lists if one.capture.problem is None and one.capture.sha256]
        return [(name, _of_page(archive, lists[-1], ()))] if lists else [(name, Screenshot(None, NO_PAGE))]
    pages = []
    for version_id, report in list(documents.items())[-MOST_PICTURES:]:
        digests = [place.sha256 for place in selection.stood if place.version_id == version_id]
        page = next(
            (
                one
                for one in reversed(selection.documents)
                if one.capture.sha256 in digests and not one.capture.problem
            ),
            None,
        )
        if page is not None:
            pages.append((name, _of_page(archive, page, _marks(alert, report, documents))))
    return pages or [(name, Screenshot(None, NO_PAGE))]


def _marks(alert: Mapping[str, Any], report: Report, documents: Mapping[int, Report]) -> list[Mark]:
    """The cells that an alert is about, where they stand in this version of the page."""
    keys: dict[str, bool] = {
        cell["key"]: bool(cell.get("suspect")) for cell in alert["evidence"].get("cells") or ()
    }
    if alert["kind"] == "changed":
        from monitor.alerts.changes import differences

        ordered = list(documents.values())
        for before, after in pairwise(ordered):
            keys |= {each.cell: True for each in differences(before, after) if each.cell}
    marks = []
    for key, suspect in keys.items():
        cell = report.cells.get(key)
        if cell is not None and cell.at is not None and cell.at.path and not cell.at.file:
            marks.append(Mark(key, cell.at.path, cell.raw, suspect))
    return marks


def _of_page(archive: Archive, page: KeptCapture, marks: Sequence[Mark]) -> Screenshot:
    capture = page.capture
    media_type = capture.media_type or ""
    data = archive.get(capture.sha256 or "")
    if "html" not in media_type and b"<html" not in data[:4096].lower():
        return Screenshot(None, NOT_HTML, media_type)
    return screenshot.take(decode_page(data, charset_of(capture.headers.get("content-type"))), marks)


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
