"""One run at one portal: what is to be fetched next, what an answer means, what is recorded of it.

Knows nothing of the network: a spider takes tasks from it and hands answers back (crawler.spiders.portal).
All list pages come first, so that the list is read as it stands at one time; then the listed reports with their
attachments; then, once, the reports that were listed before and no longer are.
"""

from __future__ import annotations

import re
import resource
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from crawler.addresses import host_of, normalise, page_key, report_key, without_telephone
from crawler.captures import Archive, RunLog
from crawler.clock import Clock
from crawler.columns import Column, Report
from crawler.detection import is_html, problem_of_answer
from crawler.families.family import ListAnswer
from crawler.families.page import ListPage, Page, PageRequest, Row, says_empty
from crawler.families.registry import FAMILIES
from crawler.outcomes import Decision, decide_column, decide_run
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.recheck import Recheck
from crawler.records import (
    Capture,
    CaptureRole,
    ColumnPass,
    Entry,
    EntryKind,
    KnownDocument,
    RunFinished,
)
from crawler.rendering.rendering import Rendering
from crawler.text import charset_of, decode_page, without_controls
from parsers.attachments import shows_report
from parsers.documents.links import LinkKind, links_of
from parsers.titles import read_title

_KEPT_HEADERS = ("content-type", "content-length", "content-encoding", "etag", "last-modified", "date", "server",
                 "location", "retry-after")  # fmt: skip
_FIRST_YEAR = 2008
_MOST_ATTACHMENTS = 30
_LARGEST_LIST = 4 * 1024 * 1024
_LARGEST_PAGE = 24 * 1024 * 1024
_BLOCKED_IN_A_ROW = 3
_NO_ANSWER_IN_A_ROW = 5
_REFUSALS = frozenset({"blocked", "rate_limited"})
_NO_ANSWER = frozenset({"unreachable", "certificate", "cut_off"})
_OF_THE_BROWSER = frozenset({"no_browser", "browser_died", "unrendered"})
_PASSING = _REFUSALS | _NO_ANSWER | _OF_THE_BROWSER | {"too_large", "broken", "redirects", "robots_unavailable"}
_CONDITIONS = frozenset({"If-None-Match", "If-Modified-Since"})
_FILE_ENDING = re.compile(
    rb"\.(?:txt|docx?|pdf|wps|et|ofd|xlsx?|rtf|od[ts]|mht|zip|rar|png|jpe?g|gif|bmp|tiff?|webp)\b", re.IGNORECASE
)


class TaskKind(StrEnum):
    """Why an address is on the way."""

    LIST = "list"
    REPORT = "report"
    ATTACHMENT = "attachment"
    UNLISTED = "unlisted"


_ROLES = {
    TaskKind.LIST: CaptureRole.LIST,
    TaskKind.REPORT: CaptureRole.DOCUMENT,
    TaskKind.ATTACHMENT: CaptureRole.ATTACHMENT,
    TaskKind.UNLISTED: CaptureRole.DOCUMENT,
}


@dataclass(frozen=True, slots=True)
class Task:
    """One address to fetch, by POST where there is a ``body``.

    ``headers`` make the request conditional where the document is known, and carry what the software insists on.
    ``render``: the page is built by scripts and to be shown in a browser.
    """

    kind: TaskKind
    address: str
    column_id: str
    parent_address: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    render: bool = False

    @property
    def method(self) -> str:
        """``GET`` or ``POST``."""
        return "GET" if self.body is None else "POST"

    @property
    def conditional(self) -> bool:
        """Whether the answer may be that nothing has changed."""
        return not _CONDITIONS.isdisjoint(self.headers)

    @property
    def identity(self) -> tuple[str, ...]:
        """What tells this task from others of a visit."""
        return (self.kind, self.column_id, self.address, self.body or "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: ``headers`` by lower-case name; ``cut_short`` where the transfer told no length.

    ``rendering`` is there where a browser built the page: ``body`` is then what it built.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    final_address: str
    cut_short: bool = False
    rendering: Rendering | None = None


class Visit:
    """The course of one run. Not for several threads."""

    def __init__(
        self,
        portal: PortalDefinition,
        known: Mapping[str, KnownDocument],
        archive: Archive,
        log: RunLog,
        clock: Clock,
        *,
        full: bool = False,
        most_pages: int = 500,
        most_documents: int | None = None,
        sequence: int = 0,
        listed: frozenset[tuple[str, str]] = frozenset(),
        recheck: Recheck | None = None,
    ) -> None:
        """``sequence`` is that of the log's last record, where a run is gone on with.

        ``listed`` and ``recheck`` (None: nothing rests): see crawler.runner.CrawlJob and CrawlOptions.
        """
        self.portal = portal
        self.captures = 0
        self.listed = 0
        self.crashed: str | None = None
        self._known = known
        self._archive = archive
        self._log = log
        self._clock = clock
        self._read = FAMILIES[portal.family].read
        self._years = report_years(clock.now())
        self._full = full
        self._most_pages = most_pages
        self._most_documents = most_documents
        self._sequence = sequence
        self._counts: Counter[str] = Counter()
        self._listed_before = listed
        self._recheck = recheck
        self._started_at = clock.now()
        self._known_twins: dict[str, list[str]] = {}
        for address, document in known.items():
            if document.role is CaptureRole.DOCUMENT:
                self._known_twins.setdefault(self._key(address), []).append(address)
        for twins in self._known_twins.values():
            # What answered last comes first: a twin that is dead does not have to be tried at every pass.
            twins.sort(key=lambda one: (checked.timestamp() if (checked := known[one].checked_at) else 0.0, one))
            twins.reverse()
        self._columns = {
            column.id: Column(column, frozenset(self._known_of(column)), shell=column.by_year)
            for column in portal.columns
        }
        self._lists_of_portal = {page_key(column.address) for column in portal.columns if not column.by_year}
        self._reports: dict[str, Report] = {}
        self._attachments: set[str] = set()
        self._fetched: set[str] = set()
        self._lists: deque[Task] = deque()
        self._documents: deque[Task] = deque()
        self._flying: dict[tuple[str, ...], Task] = {}
        self._open_lists = 0
        self._unlisted_planned = False
        self._refused: Counter[str] = Counter()
        self._refusal: dict[str, str] = {}
        self._silent: Counter[str] = Counter()
        for column in self._columns.values():
            for address in column.definition.addresses(self._years):
                self._ask_page(column, PageRequest(address))

    # --- what is to be fetched --------------------------------------------------------------------------------

    @property
    def in_flight(self) -> int:
        """How many tasks are out."""
        return len(self._flying)

    @property
    def closed(self) -> bool:
        """Whether the run has its end."""
        return self._log.closed

    def next_task(self) -> Task | None:
        """The next address to fetch; None where there is none now (more may come with answers)."""
        while not self.closed:
            if self._lists:
                task = self._lists.popleft()
            elif self._documents:
                task = self._documents.popleft()
            elif not self._open_lists and not self._unlisted_planned:
                self._plan_unlisted()
                continue
            else:
                return None
            problem = self._given_up(host_of(task.address))
            if problem:
                # The host refuses us or is silent: asking on would only press it, and cost the run its time.
                self._settle(task, problem, None, b"")
                continue
            self._flying[task.identity] = task
            return task
        return None

    def lost_tasks(self) -> tuple[Task, ...]:
        """Tasks that are out."""
        return tuple(self._flying.values())

    def _ask_page(self, column: Column, request: PageRequest, parent: str | None = None) -> None:
        if request.key in column.asked:
            return
        if len(column.asked) >= self._most_pages:
            column.too_many_pages = True
            return
        column.asked.add(request.key)
        headers = dict(request.headers)
        render = request.body is None and self.portal.renders_lists(column.definition)
        if request.body is not None:
            headers["content-type"] = request.content_type
        elif not render:
            headers.update(self._validators(request.address))
        task = Task(TaskKind.LIST, request.address, column.definition.id, parent, headers, request.body, render)
        column.requests[task.identity] = request
        self._lists.append(task)
        self._open_lists += 1
        column.open += 1

    def _ask_report(self, column: Column, row: Row, entry: Entry) -> None:
        key = self._key(row.address)
        report = self._reports.get(key)
        if report is None and self._most_documents is not None and column.reports >= self._most_documents:
            column.reports += 1
            return
        rests = self._rests(key, row, entry)
        if report is None:
            known = [one for one in self._known_twins.get(key, ()) if self.portal.allows(one)]
            report = self._reports[key] = Report(known, entry.list_address)
            report.resting = report.done = rests
            self._counts["resting"] += rests
        if row.address not in report.addresses:
            report.addresses.append(row.address)
        if column.definition.id not in report.columns:
            report.columns.append(column.definition.id)
            column.reports += 1
            if report.done:
                column.credit(report)
            else:
                column.open += 1
        if report.resting and not rests:
            # One of its rows is new: that wakes it.
            report.resting = False
            self._counts["resting"] -= 1
            self._open_again(report)
        elif report.done and report.problem and report.next_address:
            # It failed by the addresses known so far, and here is another.
            self._open_again(report)
        if not report.done and not report.out:
            self._send(column.definition.id, report)

    def _rests(self, key: str, row: Row, entry: Entry) -> bool:
        """Whether a listed report need not be asked for in this pass (crawler.recheck)."""
        twins = self._known_twins.get(key)
        if (
            self._full
            or self._recheck is None
            or not twins
            or (row.address, entry.digest) not in self._listed_before
        ):
            return False
        known = self._known[twins[0]]
        if known.column_id is not None and known.column_id not in self._columns:
            # The definition has changed: its capture must say in which column it stands now.
            return False
        title = read_title(row.title)
        year = row.report_year or (title.year if title else None)
        if self._recheck.due(known, key, year, self._years[0], self._started_at):
            return False
        return self._archive.has(known.sha256)

    def _send(self, column_id: str, report: Report) -> None:
        """Put a report on the way by its next address."""
        address = report.next_address
        assert address is not None
        report.tried.add(address)
        report.out = True
        column = self._columns[column_id]
        self._documents.append(self._report_task(TaskKind.REPORT, column, address, report.list_address))

    def _open_again(self, report: Report) -> None:
        """Take back what a report was credited with: it is to be asked for once more."""
        for column_id in report.columns:
            self._columns[column_id].take_back(report)
        report.done, report.problem = False, None

    def _key(self, address: str) -> str:
        return report_key(address, self.portal.hosts)

    def _plan_unlisted(self) -> None:
        """What only the whole list tells: pages for telephones that have no twin, and, once, every report that a
        column listed before and no longer lists: gone, or only unlisted."""
        self._unlisted_planned = True
        for column in self._columns.values():
            for row, list_address in column.for_telephones:
                if without_telephone(row.address) not in column.listed:
                    self._enter(column, row, list_address)
            if column.first_page is not None or not column.recognised:
                continue
            for address in sorted(column.known - column.listed):
                if (
                    # What came back under another address of its is listed all the same.
                    self._key(address) not in self._reports
                    and address not in self._fetched
                    and self.portal.allows(address)
                ):
                    self._fetched.add(address)
                    self._documents.append(self._report_task(TaskKind.UNLISTED, column, address, None))
                    column.open += 1

    def _report_task(self, kind: TaskKind, column: Column, address: str, parent: str | None) -> Task:
        # An unchanged shell says nothing of what its scripts put in: it is always asked for anew.
        render = self.portal.renders_reports(column.definition)
        validators = {} if render else self._validators(address)
        return Task(kind, address, column.definition.id, parent, validators, render=render)

    def _known_of(self, column: ColumnDefinition) -> list[str]:
        """Reports that the column is known to list: its own, and, of those whose column is in the definition no
        more, the ones in its folder."""
        ids = {one.id for one in self.portal.columns}
        return [
            address
            for address, document in self._known.items()
            if document.role is CaptureRole.DOCUMENT
            and (document.column_id if document.column_id in ids else self._column_by_folder(address)) == column.id
        ]

    def _column_by_folder(self, address: str) -> str | None:
        """The column in whose folder an address lies; the only one has all."""
        if len(self.portal.columns) == 1:
            return self.portal.columns[0].id
        folders = {one.id: one.address.rpartition("/")[0] + "/" for one in self.portal.columns}
        holding = [id for id, folder in folders.items() if address.startswith(folder)]
        return max(holding, key=lambda id: len(folders[id]), default=None)

    def _validators(self, address: str) -> dict[str, str]:
        known = self._known.get(address)
        if self._full or known is None or not (known.etag or known.last_modified):
            return {}
        if not self._archive.has(known.sha256):
            return {}
        headers = {}
        if known.etag:
            headers["If-None-Match"] = known.etag
        if known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        return headers

    # --- what came back ---------------------------------------------------------------------------------------

    def take(self, task: Task, answer: Answer) -> None:
        """Record an answer and what follows from it. Raises ArchiveError where it cannot be kept."""
        if self._landed(task):
            return
        known = self._known.get(task.address)
        headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
        digest: str | None = None
        body = answer.body
        if answer.status == 304 and known is not None and task.conditional:
            problem, digest, body = None, known.sha256, b""
            headers.setdefault("etag", known.etag or "")
            headers.setdefault("last-modified", known.last_modified or "")
            headers = {name: value for name, value in headers.items() if value}
        elif answer.status == 304:
            problem = "broken"
        else:
            problem = problem_of_answer(
                answer.status,
                answer.headers,
                body,
                requested=task.address,
                final=answer.final_address,
                role=_ROLES[task.kind],
                cut_short=answer.cut_short,
            )
            digest = self._archive.put(body) if body else None
        rendering = answer.rendering
        if rendering is not None:
            self._count_rendering(rendering)
            if problem is None and task.kind is not TaskKind.LIST and rendering.failure:
                # A page without its text looks like an empty report.
                problem = None if shows_report(rendering.html) else "incomplete"
        self._record(task, answer.final_address, answer.status, digest, len(body), headers, problem, rendering)
        self._note_manners(task.address, answer.status, problem)
        self._settle(task, problem, digest, body, answer)

    def _count_rendering(self, rendering: Rendering) -> None:
        self._counts["rendered"] += 1
        self._counts["subrequests"] += rendering.fetched
        self._counts["subrequests_refused"] += sum(rendering.refused.values())
        self._counts["subrequests_failed"] += sum(rendering.failed.values())

    def fail(self, task: Task, problem: str, final_address: str | None = None) -> None:
        """Record that no answer came, with its problem word."""
        if self._landed(task):
            return
        self._record(task, final_address or task.address, None, None, 0, {}, problem)
        self._note_manners(task.address, None, problem)
        self._settle(task, problem, None, b"")

    def _landed(self, task: Task) -> bool:
        """Take a task back; True where it is not out any more or the run is over."""
        return self._flying.pop(task.identity, None) is None or self.closed

    def _note_manners(self, address: str, status: int | None, problem: str | None) -> None:
        """Count how often in a row a host refused us, and how often it did not answer at all."""
        host = host_of(address)
        refused = problem in _REFUSALS
        self._refused[host] = self._refused[host] + 1 if refused else 0
        if refused and problem:
            self._refusal[host] = problem
        self._silent[host] = self._silent[host] + 1 if status is None and problem in _NO_ANSWER else 0

    def _given_up(self, host: str) -> str | None:
        """The problem word for a host that is asked no more in this run."""
        if self._refused[host] >= _BLOCKED_IN_A_ROW:
            return self._refusal[host]
        return "unreachable" if self._silent[host] >= _NO_ANSWER_IN_A_ROW else None

    def _settle(
        self, task: Task, problem: str | None, digest: str | None, body: bytes, answer: Answer | None = None
    ) -> None:
        column = self._columns[task.column_id]
        if task.kind is TaskKind.LIST:
            self._open_lists -= 1
            column.open -= 1
            self._settle_list(column, task, problem, digest, body, answer)
            return
        self._counts["failed" if problem else "documents"] += 1
        changed = problem is None and self._is_new(task.address, digest)
        self._counts["changed"] += changed
        if task.kind is TaskKind.REPORT:
            report = self._reports[self._key(task.address)]
            report.out, report.problem = False, problem
            if problem and report.next_address:
                self._send(task.column_id, report)
                return
            report.done, report.changed = True, changed
            for column_id in report.columns:
                self._columns[column_id].open -= 1
                self._columns[column_id].credit(report)
        else:
            column.open -= 1
            column.changed += changed
            if problem in _PASSING:
                column.others_failed[problem] += 1
        if problem is None and task.kind is not TaskKind.ATTACHMENT and answer is not None:
            self._ask_attachments(column, task, digest, body, answer)

    def _is_new(self, address: str, digest: str | None) -> bool:
        twins = self._known_twins.get(self._key(address), ())
        known = [self._known[one] for one in (address, *twins) if one in self._known]
        return digest is not None and all(one.sha256 != digest for one in known)

    def _settle_list(
        self,
        column: Column,
        task: Task,
        problem: str | None,
        digest: str | None,
        body: bytes,
        answer: Answer | None,
    ) -> None:
        first = task.parent_address is None and not column.definition.by_year
        if problem is not None or answer is None:
            if first:
                column.first_page = problem
            else:
                column.pages_failed[problem or "broken"] += 1
            return
        data = body or (self._archive.get(digest) if digest else b"")
        if len(data) > _LARGEST_LIST:
            # No list is so large; reading it would take more memory than a crawl may have.
            if first:
                column.first_page = "too_large"
            else:
                column.pages_failed["too_large"] += 1
            return
        html = decode_page(data, charset_of(answer.headers.get("content-type")))
        listed = ListAnswer(
            html,
            answer.final_address,
            column.requests[task.identity],
            column.known,
            column.definition.parameters,
            self._years,
            column.declared,
            answer.rendering is not None,
        )
        try:
            page = self._read(listed)
        except RecursionError:
            # Nested deeper than any list is: not read, and no reason to leave the other columns.
            page = ListPage(None)
        if page.recognised and task.body is None and _leads_elsewhere(task.address, answer.final_address, html):
            # The site gives another of its pages instead, whose rows prove nothing of this column.
            page = replace(page, proof=None)
        if answer.rendering is not None and not page.rows and not page.shell:
            doubt = answer.rendering.doubt
            if doubt and first:
                column.first_page = doubt
                return
            if doubt:
                column.pages_failed[doubt] += 1
                return
            if not says_empty(answer.rendering.visible):
                # What a script holds before it has fetched anything (total: 0) proves nothing.
                page = replace(page, proof=None)
        elif answer.rendering is not None and answer.rendering.failure:
            column.pages_failed["incomplete"] += 1
        if first:
            column.recognised, column.shell = page.recognised, page.shell and not page.recognised
            if page.proof == "rows" and not any(row.kind is EntryKind.REPORT for row in page.rows):
                column.of_reports = html.lstrip()[:1] != "<" or (
                    Page(html, answer.final_address).is_annual_report_column()
                )
        elif column.shell and page.recognised:
            column.recognised = True
        elif not page.recognised and not page.shell:
            column.pages_failed["layout"] += 1
        asked = column.requests[task.identity]
        fresh = column.branches[asked.branch].add(page)
        if page.rows and not fresh:
            # The server gives rows of earlier pages for another page: following on would never end.
            for request in page.otherwise:
                self._ask_page(column, replace(request, branch=asked.branch), column.definition.address)
            column.repeated = column.repeated or not page.otherwise
            return
        if page.unaddressed:
            column.documents_failed["no_address"] += len(page.unaddressed)
        addresses = {row.address for row in page.rows}
        if task.address in addresses and digest is not None:
            self._take_as_document(task, column, digest, body, answer)
        for row in page.rows:
            if row.address != task.address and page_key(row.address) in self._lists_of_portal:
                # A column of this portal is read as a list, unless it is itself the report.
                continue
            if without_telephone(row.address) != row.address:
                # Its twin for the desk may stand on another page of the list: whether it does shows at the end.
                column.for_telephones.append((row, task.address))
            else:
                self._enter(column, row, task.address)
        for request in page.pages:
            if not self.portal.allows(request.address):
                # What stands there is not known.
                if request.key not in column.asked:
                    column.asked.add(request.key)
                    column.pages_failed["off_site"] += 1
            elif not (request.body is None and request.address == answer.final_address):
                one = request if request.branch else replace(request, branch=asked.branch)
                self._ask_page(column, one, column.definition.address)

    def _take_as_document(self, task: Task, column: Column, digest: str, body: bytes, answer: Answer) -> None:
        """A list page that is itself the report it lists: what was fetched once counts for both."""
        key = self._key(task.address)
        if key in self._reports:
            return
        report = self._reports[key] = Report([task.address], task.address, tried={task.address})
        as_document = Task(TaskKind.REPORT, task.address, column.definition.id, None, task.headers)
        known = self._known.get(task.address)
        headers = {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}
        self._record(
            as_document, answer.final_address, answer.status, digest, len(body), headers, None, answer.rendering
        )
        report.done, report.changed = True, known is None or known.sha256 != digest
        self._counts["documents"] += 1
        self._counts["changed"] += report.changed
        self._ask_attachments(column, as_document, digest, body, answer)

    def _enter(self, column: Column, row: Row, list_address: str) -> None:
        if row.address in column.listed:
            return
        column.listed.add(row.address)
        self.listed += 1
        self._sequence += 1
        entry = Entry(
            self._sequence,
            column.definition.id,
            row.address,
            _in_writing(row.title),
            row.kind,
            row.shown_on,
            list_address,
            _in_writing(row.organ or "") or None,
            _in_writing(row.organ_code or "") or None,
            row.report_year,
        )
        self._log.write(entry)
        if row.kind is EntryKind.REPORT or row.address in column.known:
            self._ask_report(column, row, entry)

    def _ask_attachments(
        self, column: Column, task: Task, digest: str | None, body: bytes, answer: Answer
    ) -> None:
        if self._most_documents == 0:
            return
        data = body or (self._archive.get(digest) if digest else b"")
        if not _FILE_ENDING.search(data) or not is_html(answer.headers.get("content-type"), task.address, data):
            return
        if len(data) > _LARGEST_PAGE:
            column.others_failed["too_large"] += 1
            return
        found = attachments_of(
            decode_page(data, charset_of(answer.headers.get("content-type"))), answer.final_address
        )
        for address in reversed(found[:_MOST_ATTACHMENTS]):
            if (
                address in self._attachments
                or self._key(address) in self._reports
                or not self.portal.allows(address)
            ):
                continue
            self._attachments.add(address)
            column.open += 1
            self._documents.appendleft(
                Task(
                    TaskKind.ATTACHMENT,
                    address,
                    column.definition.id,
                    task.address,
                    self._validators(address),
                )
            )

    # --- what is recorded -------------------------------------------------------------------------------------

    def _record(
        self,
        task: Task,
        final_address: str,
        status: int | None,
        digest: str | None,
        size: int,
        headers: Mapping[str, str],
        problem: str | None,
        rendering: Rendering | None = None,
    ) -> None:
        self._sequence += 1
        self.captures += 1
        self._counts[f"{task.kind}_captures"] += 1
        self._counts["bytes"] += size
        self._counts["not_modified"] += status == 304
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower() or None
        self._log.write(
            Capture(
                sequence=self._sequence,
                role=_ROLES[task.kind],
                address=task.address,
                final_address=final_address,
                fetched_at=self._clock.now(),
                status=status,
                sha256=digest,
                size=size,
                media_type=media_type,
                headers=headers,
                column_id=task.column_id,
                parent_address=task.parent_address,
                problem=problem,
                method=task.method,
                request_body=task.body,
                request_headers=dict(task.headers),
                rendered=rendering is not None,
                refused_hosts=rendering.refused_hosts if rendering is not None else (),
            )
        )

    def finish(self, stopped: str | None = None, crashed: str | None = None) -> RunFinished:
        """Write how each column fared and the run's end. ``stopped``: ``interrupted`` or ``timed_out``.

        A second call changes nothing but raises ArchiveError.
        """
        crashed = crashed or self.crashed
        decisions: list[Decision] = []
        for column_id, column in self._columns.items():
            facts = column.facts(stopped or ("interrupted" if crashed else None))
            decision = decide_column(facts)
            decisions.append(decision)
            self._sequence += 1
            self._log.write(
                ColumnPass(
                    self._sequence,
                    column_id,
                    decision.outcome,
                    decision.outcome.whole,
                    column.pages,
                    column.rows,
                    column.declared,
                    decision.problem,
                    column.definition.address,
                )
            )
        self._archive.sync()
        decision = decide_run(decisions, stopped, crashed)
        counts = {
            "captures": self.captures,
            "listed": self.listed,
            **{name: number for name, number in self._counts.items() if number},
            "peak_kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }
        finished = RunFinished(self._log.run_id, self._clock.now(), decision.outcome, decision.problem, counts)
        self._log.finish(finished)
        return finished


def attachments_of(html: str, address: str) -> list[str]:
    """Addresses of the files that a report page links, frames, embeds or opens, in their order.

    The pictures of a page come along only where its text holds no report: they may be the report.
    """
    with_pictures = not shows_report(html)
    wanted = {LinkKind.FILE, LinkKind.PICTURE} if with_pictures else {LinkKind.FILE}
    resolved = (normalise(link.href, address) for link in links_of(html) if link.kind in wanted)
    return list(dict.fromkeys(found for found in resolved if found))


def _leads_elsewhere(requested: str, final: str, html: str) -> bool:
    """Whether a redirect led from a list to a page that does not call itself a column of annual reports."""
    if report_key(requested) == report_key(final) or html.lstrip()[:1] != "<":
        return False
    one, two = (urlsplit(address) for address in (requested, final))
    if one.path.rstrip("/") == two.path.rstrip("/") and one.query == two.query:
        return False
    return not Page(html, final).is_annual_report_column()


def report_years(now: datetime) -> tuple[int, ...]:
    """Report years that may have been published by ``now``, the newest first.

    A report of a year is due in the year after; some organs are early and publish in December.
    """
    newest = now.year if now.month == 12 else now.year - 1
    return tuple(range(newest, _FIRST_YEAR - 1, -1))


def _in_writing(words: str) -> str:
    """What a list says, in one line and without signs that are no writing."""
    return " ".join(without_controls(words).split())
