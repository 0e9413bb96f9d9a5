"""Fetching the pages that a discovery looks at: a crawl of nothing but these pages, kept nowhere."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep

from crawler.addresses import host_of
from crawler.captures import Archive
from crawler.clock import Clock
from crawler.detection import is_html
from crawler.gate import Refused, check_address
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import Capture, CaptureRole, ColumnPass, Entry, EntryKind, RunFinished
from crawler.runner import CrawlJob, CrawlOptions, crawl, new_run_id
from crawler.text import charset_of, decode_page

ANY_COUNTY = "000000"


@dataclass(frozen=True, slots=True)
class Seen:
    """What an address answered.

    ``problem`` is the problem word (crawler.records.Capture), None where a document came. ``text`` is that of a
    web page, None where there is none: a file, or no answer.
    """

    address: str
    final_address: str
    status: int | None
    problem: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Trial:
    """How a definition fared: its run, each column's pass, all listed entries, and the reports of the sample."""

    run: RunFinished
    columns: dict[str, ColumnPass]
    entries: tuple[Entry, ...]
    documents: tuple[Capture, ...]

    def reports(self, column_id: str) -> list[Entry]:
        """The reports that a column lists."""
        return [entry for entry in self.entries if entry.column_id == column_id and entry.kind is EntryKind.REPORT]


class Looker:
    """Looks at pages of one site. ``interval``: seconds between two requests to a host (None: the options')."""

    def __init__(self, options: CrawlOptions, clock: Clock, interval: float | None = None) -> None:
        self.options = options
        self.clock = clock
        self.interval = interval
        self.pages = 0
        self._last = 0.0

    def look(self, addresses: Sequence[str], hosts: Iterable[str]) -> dict[str, Seen]:
        """What these addresses answer, each asked once. Only ``hosts`` are visited, redirects included."""
        self.pages += len(addresses)
        columns = tuple(
            ColumnDefinition.model_construct(id=f"p{number}", name="-", address=address)
            for number, address in enumerate(addresses, start=1)
        )
        portal = self._portal(tuple(hosts), "generic", columns)
        options = replace(self.options, most_pages=1, most_documents=0)
        with tempfile.TemporaryDirectory(prefix="nianbao-look-") as folder:
            archive = Archive(Path(folder))
            records = self._run(portal, archive, options)[1]
            answers = {
                one.column_id: one
                for one in reversed(records)
                if isinstance(one, Capture) and one.role is CaptureRole.LIST
            }
            return {column.address: seen_of(column.address, answers.get(column.id), archive) for column in columns}

    def trial(self, portal: PortalDefinition, most_pages: int, sample: int) -> Trial:
        """One pass that keeps nothing: ``most_pages`` of each column's list, ``sample`` of its reports."""
        options = replace(self.options, most_pages=most_pages, most_documents=sample)
        portal = portal.model_copy(update={"request_interval": self.interval})
        with tempfile.TemporaryDirectory(prefix="nianbao-trial-") as folder:
            run, records = self._run(portal, Archive(Path(folder)), options)
        return Trial(
            run,
            {one.column_id: one for one in records if isinstance(one, ColumnPass)},
            tuple(one for one in records if isinstance(one, Entry)),
            tuple(one for one in records if isinstance(one, Capture) and one.role is CaptureRole.DOCUMENT),
        )

    def _portal(
        self, hosts: tuple[str, ...], family: str, columns: tuple[ColumnDefinition, ...]
    ) -> PortalDefinition:
        return PortalDefinition.model_construct(
            id="discovery",
            name="discovery",
            county_code=ANY_COUNTY,
            family=family,
            hosts=hosts,
            columns=columns,
            request_interval=self.interval,
        )

    def _run(
        self, portal: PortalDefinition, archive: Archive, options: CrawlOptions
    ) -> tuple[RunFinished, list[object]]:
        job = CrawlJob(
            portal,
            new_run_id(self.clock.now(), portal.id),
            archive.root,
            options=options,
            clock=self.clock,
        )
        # The next crawl begins with its own first request: the pause between two of them is kept here.
        sleep(max(0.0, self._last + job.interval - monotonic()))
        (run,) = crawl([job], 1)
        self._last = monotonic()
        return run, [record for _, record in archive.read_log(job.run_id)]


def seen_of(address: str, capture: Capture | None, archive: Archive) -> Seen:
    """What an address answered, from its capture in a run's archive (None: there is none)."""
    if capture is None:
        # The run ended, or the host had refused too often, before it was this address's turn.
        return Seen(address, address, None, "unreachable", None)
    text = None
    if capture.sha256:
        body = archive.get(capture.sha256)
        content_type = capture.headers.get("content-type")
        if is_html(content_type, capture.final_address, body):
            text = decode_page(body, charset_of(content_type))
    return Seen(address, capture.final_address, capture.status, capture.problem, text)


def own_hosts(host: str) -> str:
    """The name under which all hosts of a site lie: ``www.x.gov.cn`` → ``x.gov.cn``; an IP address is itself."""
    name = host.partition(":")[0]
    base = name.removeprefix("www.")
    labels = base.split(".")
    if name.replace(".", "").isdigit() or len(labels) < 2 or (len(labels) == 2 and len(labels[0]) <= 3):
        # An address by number, or a name such as gov.cn that many sites share.
        return host
    return base


def is_own(address: str, entrance: str) -> bool:
    """Whether an address lies on the site of the entrance: its host, the same with or without www, a sub-host.

    What the gate would not let through is not: a page must not bring the port of another service among the hosts.
    """
    first = host_of(entrance)
    base = own_hosts(first)
    try:
        host = host_of(address)
        name = host.partition(":")[0]
        if host == first or base == first:
            return host == first
        check_address(address, (name,), allow_private=True)
    except (ValueError, Refused):
        return False
    return name == base or name.endswith("." + base)
