"""Captures as a WARC 1.1 file (ISO 28500:2017), for the usual tools of web archiving.

What is written is what was kept, and no more: of an answer the archive holds the body as it was after transfer,
and a few of its headers; of a request the headers that were set for it. Transfer and content encoding are undone
before a body is kept, so the records do not claim them; the headers that spoke of them stand as
``X-Archive-Orig-…``.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from typing import IO
from urllib.parse import urlsplit

from warcio.recordbuilder import RecordBuilder
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.captures import Archive, MissingCapture
from crawler.records import Capture

_VERSION = "WARC/1.1"
_SOFTWARE = "Nianbao (crawler.warc, warcio)"
_CONFORMS_TO = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_UNDONE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_HONEST = (
    "Response records hold the body after transfer and content encoding were undone, and those response headers "
    "that the archive keeps; Content-Length is that of the body held, what the server said of it stands as "
    "X-Archive-Orig-*. Request records hold the headers that were set for this request; those common to all "
    "(User-Agent, Accept) were not kept. Redirects were followed without being kept: a response stands under the "
    "address that gave it, the address asked for is in its metadata record. Pages that a browser built are "
    "resource records: the page as it stood in the browser. Each metadata record gives the SHA-256 of the body."
)
# What would begin a header of its own in an address; the crawl lets none through, a log may come from elsewhere.
_BREAKING = re.compile(r"[\x00-\x20\x7f]")
_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


@dataclass(frozen=True, slots=True)
class LoggedCapture:
    """A capture and the run that made it."""

    run_id: str
    capture: Capture

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from all others."""
        return self.run_id, self.capture.sequence


@dataclass(frozen=True, slots=True)
class Written:
    """What went into a file: captures, how many of them with a body, as revisits and as failures.

    ``lost`` are digests of bodies that the archive does not hold any more.
    """

    captures: int = 0
    responses: int = 0
    revisits: int = 0
    failures: int = 0
    lost: tuple[str, ...] = ()


def write_warc(
    out: IO[bytes],
    archive: Archive,
    captures: Iterable[LoggedCapture],
    *,
    filename: str,
    made_at: datetime,
    about: Mapping[str, str],
) -> Written:
    """Write captures to ``out``, compressed record by record, oldest first; the same captures give the same bytes.

    ``about`` goes into the warcinfo record beside what every file says. A body that was captured before is written
    once for each address and referred to from then on (revisit). Raises ArchiveError for a damaged body.
    """
    ordered = sorted(captures, key=lambda one: (one.capture.fetched_at, one.key))
    writer = _Writer(out, archive, made_at)
    writer.info(filename, about)
    for one in ordered:
        writer.add(one)
    return Written(len(ordered), writer.responses, writer.revisits, writer.failures, tuple(writer.lost))


@dataclass(frozen=True, slots=True)
class _Original:
    """The record that holds a body."""

    record_id: str
    address: str
    date: str
    digest: str


class _Writer:
    def __init__(self, out: IO[bytes], archive: Archive, made_at: datetime) -> None:
        self._writer = WARCWriter(out, gzip=True, warc_version=_VERSION)
        self._builder = RecordBuilder(warc_version=_VERSION)
        self._archive = archive
        self._made_at = made_at
        self._originals: dict[tuple[str, str], _Original] = {}
        self._info_id = ""
        self.responses = self.revisits = self.failures = 0
        self.lost: list[str] = []

    def info(self, filename: str, about: Mapping[str, str]) -> None:
        """The record that describes the file."""
        self._info_id = _record_id("warcinfo", filename, _date(self._made_at))
        lines = {
            "software": _SOFTWARE,
            "format": "WARC File Format 1.1",
            "conformsTo": _CONFORMS_TO,
            **about,
            "description": _HONEST,
        }
        headers = {
            "WARC-Record-ID": self._info_id,
            "WARC-Date": _date(self._made_at),
            "WARC-Filename": _clean(filename),
            "Content-Type": "application/warc-fields",
        }
        self._write("", "warcinfo", headers, _fields(lines))

    def add(self, one: LoggedCapture) -> None:
        """All records of one capture: its answer (or none), its request, and what the archive knows of it."""
        capture = one.capture
        date = _date(capture.fetched_at)
        ids = {
            kind: _record_id(kind, one.run_id, str(capture.sequence)) for kind in ("answer", "request", "metadata")
        }
        if capture.rendered and capture.status is not None:
            about = self._rendered(capture, ids["answer"], date)
            self._metadata(one, ids["metadata"], date, about)
            return
        has_answer = self._answer(capture, ids["answer"], date)
        self._request(capture, ids["request"], date, ids["answer"] if has_answer else None)
        self._metadata(one, ids["metadata"], date, ids["answer"] if has_answer else ids["request"])

    def _answer(self, capture: Capture, record_id: str, date: str) -> bool:
        """The response or revisit record; False where nothing was answered or its body is lost."""
        if capture.status is None:
            self.failures += 1
            return False
        base = {"WARC-Record-ID": record_id, "WARC-Date": date, "WARC-Warcinfo-ID": self._info_id}
        key = (capture.final_address, capture.sha256 or "")
        original = self._originals.get(key)
        if capture.status == 304 or original is not None:
            if original is None:
                # The capture whose body is still good is not in this file: told, never invented.
                base |= {"WARC-Profile": _NOT_MODIFIED}
            else:
                base |= {
                    "WARC-Profile": _NOT_MODIFIED if capture.status == 304 else _SAME_PAYLOAD,
                    "WARC-Refers-To": original.record_id,
                    "WARC-Refers-To-Target-URI": original.address,
                    "WARC-Refers-To-Date": original.date,
                    "WARC-Payload-Digest": original.digest,
                }
            size = None if capture.status == 304 else capture.size
            self._write(capture.final_address, "revisit", base, None, _http_headers(capture, size))
            self.revisits += 1
            return True
        body = b""
        if capture.sha256 is not None:
            try:
                body = self._archive.get(capture.sha256)
            except MissingCapture:
                self.lost.append(capture.sha256)
                return False
        digest = _payload_digest(body)
        self._write(
            capture.final_address,
            "response",
            base | {"WARC-Payload-Digest": digest},
            body,
            _http_headers(capture, len(body)),
        )
        self.responses += 1
        if capture.sha256 is not None:
            self._originals[key] = _Original(record_id, capture.final_address, date, digest)
        return True

    def _rendered(self, capture: Capture, record_id: str, date: str) -> str | None:
        """A page as a browser built it is no server's answer: a resource, without request or head.

        Gives the id of the record that holds it, None where the body is lost.
        """
        key = (capture.final_address, capture.sha256 or "")
        if capture.sha256 is None:
            self.failures += 1
            return None
        if key in self._originals:
            self.revisits += 1
            return self._originals[key].record_id
        try:
            body = self._archive.get(capture.sha256)
        except MissingCapture:
            self.lost.append(capture.sha256)
            return None
        digest = _payload_digest(body)
        headers = {
            "WARC-Record-ID": record_id,
            "WARC-Date": date,
            "WARC-Warcinfo-ID": self._info_id,
            "WARC-Payload-Digest": digest,
            "Content-Type": "text/html; charset=utf-8",
        }
        self._write(capture.final_address, "resource", headers, body)
        self.responses += 1
        self._originals[key] = _Original(record_id, capture.final_address, date, digest)
        return record_id

    def _request(self, capture: Capture, record_id: str, date: str, answer_id: str | None) -> None:
        parts = urlsplit(capture.address)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        body = (capture.request_body or "").encode()
        headers = [
            ("Host", parts.netloc),
            *((_named(name), value) for name, value in capture.request_headers.items()),
        ]
        if capture.request_body is not None:
            headers.append(("Content-Length", str(len(body))))
        about = {"WARC-Record-ID": record_id, "WARC-Date": date, "WARC-Warcinfo-ID": self._info_id}
        if answer_id:
            about["WARC-Concurrent-To"] = answer_id
        line = StatusAndHeaders(
            f"{capture.method} {target} HTTP/1.1",
            [(name, _clean(value)) for name, value in headers],
            is_http_request=True,
        )
        # Pairs of request and response are found by their address.
        address = capture.final_address if answer_id else capture.address
        self._write(address, "request", about, body, line)

    def _metadata(self, one: LoggedCapture, record_id: str, date: str, about_id: str | None) -> None:
        capture = one.capture
        lines = {
            "run": one.run_id,
            "sequence": str(capture.sequence),
            "role": capture.role.value,
            "column": capture.column_id,
            "requestedAddress": capture.address,
            "finalAddress": capture.final_address,
            "via": capture.parent_address,
            "status": str(capture.status) if capture.status is not None else None,
            "sha256": capture.sha256,
            "mediaType": capture.media_type,
            "problem": capture.problem,
            "rendered": "by a browser, from the page and what its scripts fetched" if capture.rendered else None,
            "refusedHosts": " ".join(capture.refused_hosts),
        }
        headers = {
            "WARC-Record-ID": record_id,
            "WARC-Date": date,
            "WARC-Warcinfo-ID": self._info_id,
            "Content-Type": "application/warc-fields",
        }
        if about_id:
            headers["WARC-Concurrent-To"] = about_id
        self._write(capture.address, "metadata", headers, _fields(lines))

    def _write(
        self,
        address: str,
        kind: str,
        headers: Mapping[str, str],
        body: bytes | None,
        http_headers: StatusAndHeaders | None = None,
    ) -> None:
        record = self._builder.create_warc_record(
            _BREAKING.sub(lambda sign: f"%{ord(sign[0]):02X}", address),
            kind,
            payload=BytesIO(body) if body is not None else None,
            length=len(body) if body is not None else None,
            warc_headers_dict=dict(headers),
            http_headers=http_headers,
        )
        self._writer.write_record(record)


def _http_headers(capture: Capture, size: int | None) -> StatusAndHeaders:
    """The answer's head: status line, kept headers, and the length of the body as it is held."""
    assert capture.status is not None
    try:
        phrase = HTTPStatus(capture.status).phrase
    except ValueError:
        phrase = "Unknown"
    headers = [
        (f"X-Archive-Orig-{_named(name)}" if name in _UNDONE else _named(name), _clean(value))
        for name, value in capture.headers.items()
    ]
    if size is not None:
        headers.append(("Content-Length", str(size)))
    return StatusAndHeaders(f"{capture.status} {phrase}", headers, protocol="HTTP/1.1")


def _named(name: str) -> str:
    return "ETag" if name.lower() == "etag" else "-".join(part.capitalize() for part in name.split("-"))


def _clean(value: str) -> str:
    """A header's value on one line: what a server sent must not begin a header of its own."""
    return " ".join(value.split())


def _fields(lines: Mapping[str, str | None]) -> bytes:
    return "".join(f"{name}: {_clean(value)}\r\n" for name, value in lines.items() if value).encode()


def _payload_digest(body: bytes) -> str:
    """As the tools expect it; the SHA-256 stands in the metadata record."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _record_id(*parts: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, ' '.join(parts))}>"
