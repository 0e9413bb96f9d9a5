"""Parses captured documents in processes of their own, with limits on time and memory (monitor.workers).

Bytes are read from the archive by the worker; what comes back is small. A document that cannot be parsed is
``unreadable`` with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import orjson

from monitor.store.versions import NO_PARSER, Parsed, pack
from monitor.workers import Allow, Limits, Trouble, WorkerPool
from parsers.schema import DocumentKind, Report

if TYPE_CHECKING:
    from crawler.captures import Place

_PUBLISHER_NAMES = (
    "发布机构",
    "公开机构",
    "发文机关",
    "发文机构",
    "信息来源",
    "来源",
    "contentsource",
    "ContentSource",
)


@dataclass(frozen=True, slots=True)
class Task:
    """One document to parse, by its digest; name, media type and charset are what the server said of it.

    ``address`` and ``attached`` (addresses with digests) are given for a page that hangs files on it: where its
    text holds no report, its pictures may. ``alone`` False: a file of a page, which is no document if a picture.
    """

    sha256: str
    name: str | None = None
    media_type: str | None = None
    charset: str | None = None
    address: str | None = None
    attached: tuple[tuple[str, str], ...] = ()
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it parsed; ``document`` is the kept form of a report, None for everything else.

    ``silent``: why the store of the bodies did not give it, which says nothing of the document. ``lost``: why the
    archive could not give this one, which says nothing of it either: what was read from it before stays true.
    """

    parsed: Parsed
    document: bytes | None = None
    silent: str | None = None
    lost: str | None = None

    def certain(self) -> Self:
        """The outcome itself. Raises StoreSilent where there is none, because the store did not answer."""
        if self.silent is not None:
            from crawler.captures import StoreSilent

            raise StoreSilent(self.silent)
        return self


PRELOADED = ("monitor.parsing", "parsers.attachments", "parsers.narrative")
"""What the fork server loads once, so that workers start at once, where it is not running yet."""

Read = Callable[[Any, Task, Allow], Outcome]
"""Reads a document of an archive: told where that lies (crawler.captures.Place, or the path of its folder)."""


def content_digest(report: Report) -> str:
    """Digest of what a report says: title, organ, year, form, cells and sections.

    Not of dates, of places in the document, or of what stands around the report: a page whose counter ticks or
    whose frame was redrawn is no other version.
    """
    said = [
        report.title,
        report.organ,
        report.report_year,
        report.form,
        [[number, part.present, part.heading, part.text] for number, part in sorted(report.sections.items())],
        [[key, str(cell.value), cell.raw, cell.state.value] for key, cell in sorted(report.cells.items())],
    ]
    return hashlib.sha256(orjson.dumps(said)).hexdigest()


def read_document(place: Place | Path, task: Task, allow: Allow = lambda scan: None) -> Outcome:
    """Parse one document of the archive. What it cannot read is told in the outcome, never raised.

    ``allow`` is told whether the file may be a scan. Raises MemoryError alone.
    """
    from crawler.addresses import normalise
    from crawler.captures import Archive, ArchiveError, StoreSilent
    from parsers.attachments import is_picture, parse_page
    from parsers.documents.container import may_be_scan
    from parsers.schema import UnreadableDocument

    archive = Archive(place)
    attached = dict(task.attached)

    def picture(href: str) -> bytes | None:
        digest = attached.get(normalise(href, task.address) or "")
        data = archive.get(digest) if digest else None
        return data if data and is_picture(data) else None

    try:
        if archive.place.store is not None:
            # A store may take longer to answer than a document may take to be read.
            allow(True)
        data = archive.get(task.sha256)
        if not task.alone and is_picture(data):
            return Outcome(Parsed(task.sha256, parser_version(), DocumentKind.OTHER.value))
        allow(bool(attached) or may_be_scan(data))
        report = parse_page(data, picture, name=task.name, media_type=task.media_type, charset=task.charset)
    except StoreSilent as problem:
        return replace(unreadable(task.sha256, str(problem)), silent=str(problem))
    except ArchiveError as problem:
        outcome = unreadable(task.sha256, str(problem))
        return replace(outcome, parsed=replace(outcome.parsed, parser=NO_PARSER), lost=str(problem))
    except UnreadableDocument as problem:
        return unreadable(task.sha256, str(problem))
    except MemoryError:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever a hostile file does to the parser, the others go on
        return unreadable(task.sha256, f"{type(problem).__name__}: {problem}")
    return outcome_of(task.sha256, report)


def outcome_of(sha256: str, report: Report) -> Outcome:
    """The outcome of bytes that gave this report."""
    is_report = report.kind is DocumentKind.REPORT
    parsed = Parsed(
        sha256=sha256,
        parser=parser_version(),
        kind=report.kind.value,
        title=report.title,
        organ_printed=report.organ,
        report_year=report.report_year,
        form=report.form,
        published_on=report.published_on,
        published_from=report.published_from,
        publisher=next((report.metadata[name] for name in _PUBLISHER_NAMES if report.metadata.get(name)), None),
        content_digest=content_digest(report) if is_report else None,
    )
    return Outcome(parsed, pack(report) if is_report else None)


def unreadable(sha256: str, reason: str) -> Outcome:
    """The outcome of bytes that could not be read, with the reason in one line."""
    error = " ".join(reason.split())[:300] or "?"
    return Outcome(Parsed(sha256, parser_version(), "unreadable", error=error))


def parser_version() -> str:
    """Version of the parser."""
    from parsers.reading import PARSER

    return PARSER


class ParsePool:
    """Worker processes that parse documents of the archive, started when the first one is needed."""

    def __init__(
        self,
        place: Place | Path,
        workers: int | None = None,
        limits: Limits | None = None,
        read: Read = read_document,
    ) -> None:
        self._place = place
        self._pool: WorkerPool[Task, Outcome] = WorkerPool(
            partial(read, place), _failed, preloaded=PRELOADED, workers=workers, limits=limits
        )

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Parses documents and gives their outcomes as they come, in no order. Raises WorkerStartError."""
        return (outcome for _, outcome in self._pool.run(tasks))

    def close(self) -> None:
        """Ends the workers."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _failed(task: Task, trouble: Trouble) -> Outcome:
    return unreadable(task.sha256, trouble.in_words())
