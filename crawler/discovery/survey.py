"""The look around a site: from the entrance to the pages that may be columns of annual reports.

Bounded by pages and time, the most promising leads first, on the entrance's own site only. What was found is
only a candidate here: crawler.discovery.proposing has each tried.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from time import monotonic
from urllib.parse import urlsplit, urlunsplit

from crawler.addresses import folder_of, host_of, normalise, page_key
from crawler.discovery.clues import Clues, Lead, LeadKind, columns_above
from crawler.discovery.looking import Looker, Seen, is_own
from crawler.families.family import ListAnswer
from crawler.families.page import ListPage, PageRequest, Row, date_in_address, has_year, kind_of_title
from crawler.families.registry import FAMILIES
from crawler.records import EntryKind
from crawler.visit import report_years


class Stop(StrEnum):
    """Why a survey ended."""

    DONE = "done"
    PAGES = "pages"
    TIME = "time"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a survey goes. ``batch``: how many pages are fetched before the leads are weighed again."""

    pages: int = 400
    seconds: float = 1800.0
    depth: int = 6
    batch: int = 12


class EntranceError(Exception):
    """The entrance is none. ``reason`` is a problem word (crawler.records.Capture) or one of ``no_address``,
    ``file``, ``empty``, ``other_site``; ``detail`` is the status or the address that it led to.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Candidate:
    """A page that may be a column, as the families read it.

    ``readings`` are those families that recognise it or know it as a shell, the one with the most marks first;
    ``marks`` are the marks of each. ``template`` is the address with ``{year}`` where the software has a page for
    each year and no list; ``years`` are the years that the page names then, or the one year of a year's folder.
    ``scripted``: only a browser may show a list there. ``guess``: it does not call itself a column of reports.
    """

    address: str
    name: str
    organ: str | None
    found_on: str | None
    readings: Mapping[str, ListPage]
    marks: Mapping[str, tuple[str, ...]]
    template: str | None = None
    years: tuple[int, ...] = ()
    scripted: bool = False
    guess: bool = False


@dataclass
class Survey:
    """What the look around brought."""

    entrance: str
    kind: LeadKind = LeadKind.ENTRANCE
    site_name: str | None = None
    candidates: list[Candidate] = field(default_factory=list)
    unread: list[tuple[Lead, str]] = field(default_factory=list)
    other_hosts: dict[str, str] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    pages: int = 0
    left: int = 0
    stop: Stop = Stop.DONE


Progress = Callable[[int, int], None]
"""Told how many pages were looked at and how many columns were found."""

_REFUSALS_IN_A_ROW = 8
_BLOCKING = frozenset({"blocked", "robots", "robots_unavailable"})
_FEWEST_ROWS = 2
_MOST_HOSTS = 40
"""A site has a few hosts; one that names more would fill the definition with them."""


def survey(entrance: str, looker: Looker, limits: Limits, on_progress: Progress | None = None) -> Survey:
    """Look around from an entrance. Raises EntranceError where it leads nowhere."""
    return _Surveyor(entrance, looker, limits, on_progress).go()


class _Surveyor:
    def __init__(self, entrance: str, looker: Looker, limits: Limits, on_progress: Progress | None) -> None:
        address = normalise(entrance)
        if address is None or not entrance.strip().lower().startswith(("http://", "https://")):
            raise EntranceError("no_address", entrance)
        self.looker = looker
        self.limits = limits
        self.on_progress = on_progress
        self.result = Survey(address)
        self.result.hosts.append(host_of(address))
        self._order = count()
        self._heap: list[tuple[float, int, int, Lead]] = []
        self._asked: set[str] = set()
        self._years = report_years(looker.clock.now())
        self._shapes: dict[str, int] = {}
        self._forms: list[re.Pattern[str]] = []
        self._until = monotonic() + limits.seconds

    def go(self) -> Survey:
        """All rounds."""
        self._enter()
        refused = 0
        while self._heap:
            if self.looker.pages >= self.limits.pages:
                self.result.stop = Stop.PAGES
                break
            if monotonic() > self._until:
                self.result.stop = Stop.TIME
                break
            batch = self._batch()
            if not batch:
                continue
            answers = self.looker.look([lead.address for lead in batch], self.result.hosts)
            for lead in batch:
                seen = answers[lead.address]
                refused = refused + 1 if seen.problem in _BLOCKING else 0
                self._take(lead, seen)
            if self.on_progress:
                self.on_progress(self.looker.pages, len(self.result.candidates))
            if refused >= _REFUSALS_IN_A_ROW:
                self.result.stop = Stop.REFUSED
                break
        self.result.pages = self.looker.pages
        self.result.left = len(self._heap)
        return self.result

    def _enter(self) -> None:
        address = self.result.entrance
        seen = self._open(address)
        if seen.text is None:
            raise EntranceError("file" if seen.status == 200 else "empty", address)
        clues = Clues(seen.text, seen.final_address)
        self._asked |= {page_key(address), page_key(seen.final_address)}
        self.result.site_name = clues.site_name
        lead = Lead(LeadKind.ENTRANCE, address, organ=clues.organ)
        at_home = urlsplit(seen.final_address).path in ("", "/") or urlsplit(seen.final_address).path.startswith(
            ("/index.", "/default.")
        )
        if at_home:
            self.result.kind = LeadKind.HOME
        elif self._evaluate(lead, clues):
            self.result.kind = LeadKind.COLUMN
        elif clues.is_report:
            self.result.kind = LeadKind.REPORT
        elif clues.page.is_annual_report_column():
            column = Lead(LeadKind.COLUMN, seen.final_address, clues.column_name or "", clues.organ)
            self.result.unread.append((column, "layout"))
        if not clues.page.words and not clues.page.links:
            raise EntranceError("empty", address)
        if not at_home:
            self._add_around(clues, clues.is_report)
        self._follow(clues, lead, self.result.kind is LeadKind.COLUMN)

    def _open(self, address: str) -> Seen:
        """The entrance, at the host where it is: an answer from the same site with or without www counts."""
        seen = self.looker.look([address], self.result.hosts)[address]
        for _ in range(3):
            led_to = None
            if seen.problem == "off_site":
                led_to = seen.final_address
                if not is_own(led_to, address):
                    raise EntranceError("other_site", led_to)
            elif seen.problem == "soft_404" and seen.text is not None:
                led_to = Clues(seen.text, seen.final_address).refresh
                if led_to is not None and not is_own(led_to, address):
                    raise EntranceError("other_site", led_to)
            if led_to is None or led_to == seen.address:
                break
            if host_of(led_to) not in self.result.hosts:
                self.result.hosts.append(host_of(led_to))
            seen = self.looker.look([led_to], self.result.hosts)[led_to]
        if seen.problem is not None:
            raise EntranceError(seen.problem, str(seen.status or ""))
        self.result.hosts.sort(key=lambda host: host != host_of(seen.final_address))
        return seen

    def _add_around(self, clues: Clues, is_report: bool) -> None:
        """The front page, and where the column of a report may be."""
        parts = urlsplit(clues.address)
        self._push(Lead(LeadKind.HOME, urlunsplit((parts.scheme, parts.netloc, "/", "", "")), weight=2.0))
        for link in clues.crumbs:
            if not clues.page.leads_elsewhere(link):
                continue
            self._push(Lead(LeadKind.WAY, link.address, link.words, clues.organ, clues.address, 8.0, None, 1))
        if is_report:
            for number, address in enumerate(columns_above(clues.address)):
                lead = Lead(LeadKind.COLUMN, address, "", clues.organ, clues.address, 8.0 - number, None, 1)
                self._push(lead)

    def _batch(self) -> list[Lead]:
        room = min(self.limits.batch, self.limits.pages - self.looker.pages)
        first = self._heap[0][0]
        batch: list[Lead] = []
        while self._heap and len(batch) < room and self._heap[0][0] <= first + 6.0:
            lead = heapq.heappop(self._heap)[3]
            if not any(form.match(lead.address) for form in self._forms):
                batch.append(lead)
        return batch

    def _push(self, lead: Lead) -> None:
        if lead.depth > self.limits.depth:
            return
        host = host_of(lead.address)
        too_many = host not in self.result.hosts and len(self.result.hosts) >= _MOST_HOSTS
        if too_many or not is_own(lead.address, self.result.entrance):
            if lead.kind in (LeadKind.COLUMN, LeadKind.YEAR, LeadKind.FRAME) or lead.words == "政府信息公开":
                self.result.other_hosts.setdefault(host, lead.address)
            return
        if lead.kind is LeadKind.REPORT or page_key(lead.address) in self._asked:
            return
        # Session ids, calendars and the like: of many addresses of one shape from plain ways a few will do.
        if lead.kind is LeadKind.WAY:
            shape = re.sub(r"\d+", "0", lead.address)
            self._shapes[shape] = self._shapes.get(shape, 0) + 1
            if self._shapes[shape] > 60:
                return
        self._asked.add(page_key(lead.address))
        if host not in self.result.hosts:
            self.result.hosts.append(host)
        heapq.heappush(self._heap, (-lead.weight, lead.depth, next(self._order), lead))

    def _take(self, lead: Lead, seen: Seen) -> None:
        if seen.problem or seen.text is None:
            if seen.problem == "off_site":
                self.result.other_hosts.setdefault(host_of(seen.final_address), seen.final_address)
            if lead.kind in (LeadKind.COLUMN, LeadKind.YEAR) and lead.words:
                self.result.unread.append((lead, seen.problem or "file"))
            return
        self._asked.add(page_key(seen.final_address))
        clues = Clues(seen.text, seen.final_address)
        if lead.kind is LeadKind.HOME or self.result.site_name is None:
            self.result.site_name = clues.site_name or self.result.site_name
        found = self._evaluate(lead, clues)
        if not found and lead.kind in (LeadKind.COLUMN, LeadKind.YEAR) and lead.words and not clues.is_report:
            self.result.unread.append((lead, "layout"))
        self._follow(clues, lead, found)

    def _follow(self, clues: Clues, lead: Lead, is_column: bool = False) -> None:
        organ = whose_page(lead, clues)
        in_column = is_column or clues.page.is_annual_report_column()
        listed: set[str] = set()
        if is_column:
            rows = self.result.candidates[-1].readings.values()
            listed = {row.address for page in rows for row in page.rows if _tells_year(row)}
        for further in clues.leads(lead.depth, organ, in_column):
            if lead.kind is LeadKind.ORGAN and further.kind is LeadKind.ORGAN:
                continue
            if further.address in listed and (
                further.kind is not LeadKind.YEAR or kind_of_title(further.words) is EntryKind.REPORT
            ):
                continue
            self._push(further)

    # --- is it a column? --------------------------------------------------------------------------------------

    def _evaluate(self, lead: Lead, clues: Clues) -> bool:
        """Whether a page may be a column; it is then among the candidates."""
        named = clues.page.is_annual_report_column()
        if lead.kind is LeadKind.HOME:
            return False
        readings, marks = self._read(clues)
        guess = lead.kind in (LeadKind.WAY, LeadKind.ORGAN) and not named
        if guess:
            # A catalogue that leads to the reports itself (gkmlpt) does not call itself their column: to be tried.
            readings = {family: page for family, page in readings.items() if page.shell and family in marks}
        in_place = next(
            (row for page in readings.values() for row in page.rows if _is_same(row.address, clues.address)), None
        )
        if in_place is not None:
            template = _by_year(clues.address, in_place.report_year, self._years)
            if template is None and (not named or lead.kind in (LeadKind.ENTRANCE, LeadKind.YEAR)):
                # One report by itself. A column that shows its newest report in place is reached by its own name.
                return False
        else:
            template = None
            readings = {
                family: page
                for family, page in readings.items()
                if _holds_reports(page, named, lead.kind is LeadKind.ENTRANCE)
            }
        if not readings or (in_place is None and clues.is_report):
            return False
        address = clues.address
        years: tuple[int, ...] = (lead.year,) if lead.year else ()
        if template is not None:
            address = template
            if any(one.template == template for one in self.result.candidates):
                return False
            years = _years_of(template, clues)
            # The pages of its other years are known by this one.
            self._forms.append(_form(template))
        candidate = Candidate(
            address=address,
            name=clues.column_name or lead.words,
            organ=whose_page(lead, clues),
            found_on=lead.found_on,
            readings=readings,
            marks=marks,
            template=template,
            years=years,
            guess=guess,
        )
        self.result.candidates.append(candidate)
        return True

    def _read(self, clues: Clues) -> tuple[dict[str, ListPage], dict[str, tuple[str, ...]]]:
        marks = {name: family.marks(clues.text, clues.address) for name, family in FAMILIES.items()}
        order = sorted(FAMILIES, key=lambda name: (name == "generic", -len(marks[name])))
        request = PageRequest(clues.address)
        readings = {}
        for name in order:
            if not marks[name] and name != "generic":
                continue
            page = FAMILIES[name].read(ListAnswer(clues.text, clues.address, request, years=self._years))
            if page.recognised or page.shell:
                readings[name] = page
        return readings, {name: found for name, found in marks.items() if found}


def _holds_reports(page: ListPage, named: bool, is_entrance: bool) -> bool:
    """Whether what a family reads may be a column: it holds reports, is a shell, or says that it is empty."""
    reports = sum(row.kind is EntryKind.REPORT and _tells_year(row) for row in page.rows)
    if page.shell or (named and page.recognised and (reports or page.proof != "rows")):
        return True
    return reports >= (_FEWEST_ROWS if is_entrance else 1) and 2 * reports >= len(page.rows)


def _tells_year(row: Row) -> bool:
    """Whether a row names a year or a day: a link to another column names neither."""
    return row.report_year is not None or row.shown_on is not None or has_year(row.title)


def organ_of(lead: Lead) -> str | None:
    """The organ whose pages a lead leads to."""
    return lead.words if lead.kind is LeadKind.ORGAN else lead.organ


def whose_page(lead: Lead, clues: Clues) -> str | None:
    """The organ whose page this is: as the link to it says, as its breadcrumb says.

    The organ of the page on which the link stood counts only where there is no breadcrumb and the page lies below
    that one: a bureau's page links the whole county's column in its menu as well.
    """
    if lead.named:
        return organ_of(lead)
    if clues.crumbs or lead.found_on is None:
        return clues.organ
    above = folder_of(lead.found_on)
    below = clues.address.startswith(above) and urlsplit(above).path not in ("", "/")
    return organ_of(lead) if below else None


def _is_same(address: str, other: str) -> bool:
    return page_key(address) == page_key(other)


def _by_year(address: str, report_year: int | None, years: tuple[int, ...]) -> str | None:
    """The address with ``{year}`` where it names the year of the report that stands there, once."""
    found = [match for match in re.finditer(r"(?<!\d)20\d{2}(?!\d)", address) if int(match[0]) in years]
    if report_year is not None:
        found = [match for match in found if int(match[0]) == report_year]
    if len(found) != 1 or date_in_address(address) or re.search(r"/20\d{4}/", address):
        # A page that names its day or month is one document, whatever folder of a year it lies in.
        return None
    return address[: found[0].start()] + "{year}" + address[found[0].end() :]


def _years_of(template: str, clues: Clues) -> tuple[int, ...]:
    """The years of the pages of one template that a page links, its own among them."""
    form = _form(template)
    years = {int(match[1]) for link in clues.page.links if (match := form.match(link.address))}
    own = form.match(clues.address)
    return tuple(sorted(years | ({int(own[1])} if own else set())))


def _form(template: str) -> re.Pattern[str]:
    """The form of the addresses of a template."""
    before, _, after = template.partition("{year}")
    return re.compile(re.escape(before) + r"(20\d{2})" + re.escape(after) + "$")
