"""What a visit knows of columns and reports while it goes on; pure state, decided on by crawler.outcomes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from crawler.families.page import ListPage, PageRequest, Row
from crawler.outcomes import ColumnFacts
from crawler.portals.definition import ColumnDefinition


@dataclass(slots=True)
class Branch:
    """What a part of a column says it holds, and what was read of it (crawler.families.page.PageRequest)."""

    pages: int = 0
    declared_pages: int | None = None
    rows: set[str] = field(default_factory=set)
    declared: int | None = None

    def add(self, page: ListPage) -> set[str]:
        """Count a page that was read; gives the addresses of its rows that no page before it had."""
        self.pages += 1
        fresh = {row.address for row in page.rows} - self.rows
        self.rows |= fresh
        self.declared = _larger(self.declared, page.declared)
        self.declared_pages = _larger(self.declared_pages, page.declared_pages)
        return fresh


@dataclass(slots=True)
class Column:
    """How far a column has come.

    ``known`` are the reports that it listed before, ``listed`` the addresses of its rows in this run. ``asked``
    are the keys of its pages and ``requests`` their requests by task; ``open`` is how many of its pages and
    documents are still to come. ``of_reports``: its first page lists reports or calls itself a column of them.
    """

    definition: ColumnDefinition
    known: frozenset[str]
    first_page: str | None = None
    recognised: bool = False
    of_reports: bool = True
    shell: bool = False
    asked: set[str] = field(default_factory=set)
    requests: dict[tuple[str, ...], PageRequest] = field(default_factory=dict)
    branches: dict[str, Branch] = field(default_factory=lambda: defaultdict(Branch))
    listed: set[str] = field(default_factory=set)
    reports: int = 0
    changed: int = 0
    open: int = 0
    pages_failed: Counter[str] = field(default_factory=Counter)
    documents_failed: Counter[str] = field(default_factory=Counter)
    others_failed: Counter[str] = field(default_factory=Counter)
    repeated: bool = False
    too_many_pages: bool = False
    for_telephones: list[tuple[Row, str]] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """How many pages of the list were read."""
        return sum(branch.pages for branch in self.branches.values())

    @property
    def rows(self) -> int:
        """How many documents are listed, each once."""
        return len(set().union(*(branch.rows for branch in self.branches.values())))

    @property
    def declared(self) -> int | None:
        """How many documents the column says it has, all its branches together."""
        return _sum(branch.declared for branch in self.branches.values())

    def credit(self, report: Report) -> None:
        """Count what became of a report that the column lists."""
        if report.problem:
            self.documents_failed[report.problem] += 1
        self.changed += report.changed

    def take_back(self, report: Report) -> None:
        """The report is to be asked for once more: its failure does not count, and the column waits for it."""
        if report.problem:
            self.documents_failed[report.problem] -= 1
        self.open += 1

    def facts(self, stopped: str | None) -> ColumnFacts:
        """For the decision; ``stopped`` counts for a column only that was not done."""
        branches = self.branches.values()
        # What one branch shows more than it told must not make up for what another keeps back.
        rows_missing = sum(max(0, (branch.declared or 0) - len(branch.rows)) for branch in branches)
        pages_missing = sum(max(0, (branch.declared_pages or 0) - branch.pages) for branch in branches)
        declared, declared_pages = self.declared, _sum(branch.declared_pages for branch in branches)
        first_page = self.first_page
        if self.shell and not self.recognised and self.pages_failed:
            # The pages that hold the rows did not come: that is the problem, not the shell around them.
            first_page, _ = self.pages_failed.most_common(1)[0]
        return ColumnFacts(
            first_page=first_page,
            # A list of other documents is no proof that a column which it is not called has no report.
            recognised=self.recognised and (self.of_reports or self.reports > 0 or bool(self.known)),
            pages=(declared_pages or 0) - pages_missing if pages_missing else self.pages,
            declared_pages=declared_pages if pages_missing else None,
            rows=(declared or 0) - rows_missing if rows_missing else self.rows,
            declared=declared if rows_missing else None,
            reports=self.reports,
            changed=self.changed,
            known=len(self.known),
            pages_failed=self.pages_failed,
            documents_failed=self.documents_failed,
            others_failed=self.others_failed,
            repeated=self.repeated,
            too_many_pages=self.too_many_pages,
            stopped=stopped if self.open else None,
        )


@dataclass(slots=True)
class Report:
    """A listed report: its addresses, the columns that list it, and what became of it once it was fetched.

    It is fetched by the first address that works. One that is ``resting`` is not fetched in this pass.
    """

    addresses: list[str]
    list_address: str
    columns: list[str] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)
    out: bool = False
    done: bool = False
    resting: bool = False
    changed: bool = False
    problem: str | None = None

    @property
    def next_address(self) -> str | None:
        """The next address by which it may be had. Where the host refuses us, no other is tried."""
        if self.problem == "blocked":
            return None
        return next((one for one in self.addresses if one not in self.tried), None)


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _larger(one: int | None, other: int | None) -> int | None:
    return max((number for number in (one, other) if number is not None), default=None)
