"""From the candidates of a survey to a definition that a trial pass has read.

A column is proposed only where the trial pass read it. Of the families that recognise the pages the one with the
most marks is tried first, the generic one last.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from pydantic import ValidationError

from crawler.addresses import host_of, page_key
from crawler.discovery.clues import YEAR_PATH
from crawler.discovery.looking import ANY_COUNTY, Looker, Trial
from crawler.discovery.survey import Candidate, Limits, Progress, Survey, organ_of, survey
from crawler.families.page import ListPage
from crawler.portals.definition import ColumnDefinition, PortalDefinition
from crawler.records import ColumnPass, Entry, Outcome
from crawler.text import without_controls
from crawler.visit import report_years

TRIAL_PAGES = 60
"""So many pages of a column's list the trial pass reads; a longer list is told."""
SAMPLE = 1
"""So many reports of each column the trial pass fetches."""
RENDER = "页面源码里没有列表，由脚本生成"
"""The reason that a definition gives for a browser where the trial pass needed one."""
_FAMILIES_TRIED = 3
_PROBED = 4
_OLDEST = 2008


class Confidence(StrEnum):
    """How sure a proposal is.

    ``high``: every column was read whole and holds reports. ``medium``: some are empty today, were not read or are
    left out. ``low``: some column that is proposed was not read whole.
    """

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class ProposedColumn:
    """A column that the trial pass read. ``organ_hint`` is whose page it seems to be, by breadcrumb or tree."""

    definition: ColumnDefinition
    organ_hint: str | None
    passed: ColumnPass
    reports: tuple[Entry, ...]
    group: str

    @property
    def whole(self) -> bool:
        """Whether the trial pass read it whole, or as far as it was to."""
        return self.passed.outcome.whole or self.passed.problem == "too_many_pages"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A page that looked like a column and is not proposed: why, as a problem word or outcome."""

    address: str
    name: str
    reason: str


@dataclass
class Proposal:
    """What a discovery found. ``columns`` is empty where there is nothing to propose."""

    survey: Survey
    family: str = "generic"
    marks: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    columns: list[ProposedColumn] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    sampled: int = 0
    sample_failed: Counter[str] = field(default_factory=Counter)

    @property
    def years(self) -> tuple[int, ...]:
        """The report years that the lists hold, as far as they say so."""
        found = {year for column in self.columns for entry in column.reports if (year := year_of(entry))}
        return tuple(sorted(found))

    @property
    def confidence(self) -> Confidence:
        """How sure the proposal is."""
        if not self.columns or any(not column.whole for column in self.columns) or self.sample_failed:
            return Confidence.LOW
        drawn = any(column.definition.render for column in self.columns)
        empty = any(not column.reports for column in self.columns)
        if self.left_out or drawn or empty or self.survey.stop != "done":
            return Confidence.MEDIUM
        return Confidence.HIGH


def year_of(entry: Entry) -> int | None:
    """The report year that a list's entry tells, in its own field or in its title."""
    from parsers.titles import read_title

    return entry.report_year or read_title(entry.title).year


def discover(
    entrance: str, looker: Looker, limits: Limits | None = None, on_progress: Progress | None = None
) -> Proposal:
    """Look around from an entrance and propose what a trial pass can read.

    Raises crawler.discovery.survey.EntranceError where the entrance leads nowhere.
    """
    return propose(survey(entrance, looker, limits or Limits(), on_progress), looker)


def propose(found: Survey, looker: Looker) -> Proposal:
    """Try the candidates of a survey, by one family after another, and propose those that were read."""
    best: Proposal | None = None
    for family in _families(found.candidates)[:_FAMILIES_TRIED]:
        proposal = _tried(found, family, looker)
        if best is None or _worth(proposal) > _worth(best):
            best = proposal
        if proposal.columns and all(column.whole for column in proposal.columns) and not proposal.left_out:
            break
    best = best or Proposal(found)
    if not best.columns:
        best = _rendered(found, looker) or best
    tried = {column.definition.address for column in best.columns}
    found.unread = [(lead, reason) for lead, reason in found.unread if lead.address not in tried]
    for lead, reason in found.unread:
        best.left_out.append(LeftOut(lead.address, lead.words, reason))
    return best


def _rendered(found: Survey, looker: Looker) -> Proposal | None:
    """What a browser finds on pages that call themselves columns and show no list; None where it finds nothing.

    Only where nothing else was found: a browser costs far more, and a person should see why it is needed.
    """
    blank = [lead for lead, reason in found.unread if reason == "layout"]
    if not blank:
        return None
    drawn = {"generic": ListPage(None, shell=True)}
    candidates = [
        Candidate(lead.address, lead.words, organ_of(lead), lead.found_on, drawn, {}, scripted=True)
        for lead in blank
    ]
    proposal = _tried(replace(found, candidates=candidates), "generic", looker)
    proposal.survey = found
    return proposal if proposal.columns else None


def _worth(proposal: Proposal) -> tuple[int, int, int]:
    whole = [column for column in proposal.columns if column.whole]
    reports = {entry.address for column in whole for entry in column.reports}
    return len(reports), len(whole), -len(proposal.left_out)


def _families(candidates: Sequence[Candidate]) -> list[str]:
    """The families in the order in which they are worth a trial: which reads most columns, by most marks."""
    read: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    for candidate in candidates:
        first = next(iter(candidate.readings))
        read[first] += 1
        for family in candidate.readings:
            marked[family] += len(candidate.marks.get(family, ()))
            read[family] += 0
    return sorted(read, key=lambda name: (name == "generic" and marked.total() > 0, -read[name], -marked[name]))


def _tried(found: Survey, family: str, looker: Looker) -> Proposal:
    chosen = [one for one in found.candidates if family in one.readings]
    proposal = Proposal(found, family)
    proposal.marks = tuple(dict.fromkeys(mark for one in chosen for mark in one.marks.get(family, ())))
    proposal.left_out = [
        LeftOut(one.address, one.name, f"family:{next(iter(one.readings))}")
        for one in found.candidates
        if family not in one.readings and not one.guess
    ]
    chosen = _without_copies(chosen, family)
    oldest = _first_year(chosen, looker, found)
    columns = _definitions(chosen, oldest)
    if not columns:
        return proposal
    proposal.hosts = _hosts(found, columns)
    portal = _portal(proposal, columns)
    trial = looker.trial(portal, TRIAL_PAGES, SAMPLE)
    again = _later_begun(columns, trial)
    if again:
        columns = again
        trial = looker.trial(_portal(proposal, columns), TRIAL_PAGES, SAMPLE)
    _judge(proposal, chosen, columns, trial)
    return proposal


def _portal(proposal: Proposal, columns: Iterable[ColumnDefinition]) -> PortalDefinition:
    return PortalDefinition.model_construct(
        id="discovery",
        name="discovery",
        county_code=ANY_COUNTY,
        family=proposal.family,
        hosts=proposal.hosts,
        columns=tuple(columns),
        request_interval=None,
    )


def _judge(
    proposal: Proposal, chosen: Sequence[Candidate], columns: Sequence[ColumnDefinition], trial: Trial
) -> None:
    """Take over the columns that the trial pass read; tell the others with why not."""
    proposal.sampled = len(trial.documents)
    for document in trial.documents:
        if document.problem:
            proposal.sample_failed[document.problem] += 1
    for candidate, column in zip(chosen, columns, strict=True):
        passed = trial.columns.get(column.id)
        reports = tuple(trial.reports(column.id))
        if candidate.guess and (
            passed is None or not passed.outcome.whole or 2 * len(reports) < passed.entries + 1
        ):
            continue
        if passed is None or passed.outcome in _NOT_READ or (not reports and not passed.outcome.whole):
            reason = (passed.problem or passed.outcome.value) if passed else (trial.run.problem or "crashed")
            proposal.left_out.append(LeftOut(column.address, column.name, reason))
            continue
        column = _of_one_year(column, reports)
        proposal.columns.append(
            ProposedColumn(column, candidate.organ, passed, reports, candidate.found_on or column.address)
        )
    proposal.columns = _without_parents(proposal.columns)


def _of_one_year(column: ColumnDefinition, reports: Sequence[Entry]) -> ColumnDefinition:
    """The column with its year, where it is a folder for one: else it would be said to hold all years."""
    years = {year_of(entry) for entry in reports}
    if column.by_year or column.years or len(years) != 1 or None in years:
        return column
    if not YEAR_PATH.search(urlsplit(column.address).path):
        return column
    return column.model_copy(update={"years": tuple(year for year in years if year)})


_NOT_READ = frozenset(
    {Outcome.BLOCKED, Outcome.UNREACHABLE, Outcome.LAYOUT_CHANGED, Outcome.CRASHED, Outcome.TIMED_OUT}
)


def _without_copies(candidates: Sequence[Candidate], family: str) -> list[Candidate]:
    """Each list once: two addresses that show the same rows are one column; the shorter address stays."""
    kept: dict[object, Candidate] = {}
    for one in candidates:
        rows = frozenset(page_key(row.address) for row in one.readings[family].rows)
        key: object = (rows, one.template) if rows else page_key(one.address)
        if key not in kept or len(one.address) < len(kept[key].address):
            kept[key] = one
    return list(kept.values())


def _without_parents(columns: list[ProposedColumn]) -> list[ProposedColumn]:
    """Without the pages that show only what columns below them hold: the overview of all columns.

    Where the family follows a column's folders of years by itself, the column stays and its folders go: it will
    find the next year's too.
    """
    kept = [one for one in columns if not any(_holds_folder(above, one) for above in columns)]
    for one in sorted(columns, key=lambda column: len(column.reports)):
        others = {entry.address for other in kept if other is not one for entry in other.reports}
        below = [other for other in kept if other is not one and _is_below(other, one)]
        mine = {entry.address for entry in one.reports}
        if below and mine <= others and (mine or len(below) > 1):
            kept.remove(one)
    return kept


def _holds_folder(above: ProposedColumn, column: ProposedColumn) -> bool:
    """Whether a column that was read whole holds all that a folder for one year below it does."""
    if above is column or above.definition.years or not column.definition.years or column.definition.by_year:
        return False
    held = {entry.address for entry in above.reports}
    return above.whole and _is_below(column, above) and {entry.address for entry in column.reports} <= held


def _is_below(column: ProposedColumn, above: ProposedColumn) -> bool:
    address = above.definition.address
    folder = address.rpartition("/")[0] + "/"
    return page_key(column.group) == page_key(address) or (
        column.definition.address.startswith(folder) and len(column.definition.address) > len(address)
    )


# --- the pages of years ---------------------------------------------------------------------------------------


def _first_year(candidates: Sequence[Candidate], looker: Looker, found: Survey) -> int | None:
    """The oldest report year of software that has a page for each year: by its menus of years, else by asking."""
    by_year = [one for one in candidates if one.template is not None]
    if not by_year:
        return None
    named = [min(one.years) for one in by_year if len(one.years) > 1]
    if named:
        return min(named)
    known = max((max(one.years) for one in by_year if one.years), default=report_years(looker.clock.now())[0])
    oldest = known
    family = next(iter(by_year[0].readings))
    for one in by_year[:_PROBED]:
        columns = [
            ColumnDefinition(id=f"y{year}", name="-", address=(one.template or "").replace("{year}", str(year)))
            for year in range(known, _OLDEST - 1, -1)
        ]
        trial = looker.trial(_portal(Proposal(found, family, hosts=tuple(found.hosts)), columns), 1, 0)
        for column in columns:
            if trial.reports(column.id):
                oldest = min(oldest, int(column.id[1:]))
    return oldest


def _later_begun(columns: Sequence[ColumnDefinition], trial: Trial) -> list[ColumnDefinition] | None:
    """The columns with the first years that the trial pass found; None where it read the older pages as well."""
    changed = False
    result = []
    for column in columns:
        passed = trial.columns.get(column.id)
        years = [year for entry in trial.reports(column.id) if (year := year_of(entry))]
        failed = passed is not None and not passed.outcome.whole
        if column.by_year and failed and years and min(years) > (column.first_year or 0):
            result.append(column.model_copy(update={"first_year": min(years)}))
            changed = True
        else:
            result.append(column)
    return result if changed else None


# --- how columns are called -----------------------------------------------------------------------------------


def _definitions(candidates: Sequence[Candidate], first_year: int | None) -> list[ColumnDefinition]:
    taken: set[str] = set()
    columns = []
    for one in candidates:
        try:
            column = ColumnDefinition(
                id=_id(one, taken),
                name=_name(one),
                address=one.address,
                years=one.years if one.template is None else (),
                first_year=first_year if one.template is not None else None,
                render=RENDER if one.scripted else None,
            )
        except ValidationError:
            continue
        columns.append(column)
    return columns


def _name(candidate: Candidate) -> str:
    name = re.sub(r"\s+", "", without_controls(candidate.name)) or "政府信息公开年报"
    if candidate.organ and candidate.organ not in name:
        name = f"{candidate.organ}{name}"
    return name[:200]


_PLAIN = re.compile(
    r"index|list|default|gov|s?html?|jsp|aspx|zwgk|zfxxgk(?:nb)?|xxgknb|gknb|nb|ndbg|xxgk|col|zwgklist|module"
    r"|public|openness|column|year|show|common"
)


def _id(candidate: Candidate, taken: set[str]) -> str:
    """A short id from the address: the organ's code or the last telling part of the path."""
    parts = urlsplit(candidate.address.replace("{year}", ""))
    query = parse_qs(parts.query)
    words = [value for name in ("area", "organ", "dept", "nav", "id") for value in query.get(name, [])]
    words += [part for part in reversed(re.split(r"[/.?=&]", parts.path)) if part]
    plain = (re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-") for word in words)
    base = next((word for word in plain if word and not _PLAIN.fullmatch(word)), "nb")[:40].strip("-") or "nb"
    if candidate.years and candidate.template is None and str(candidate.years[0]) not in base:
        base = f"{base}-{candidate.years[0]}"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name


def _hosts(found: Survey, columns: Sequence[ColumnDefinition]) -> tuple[str, ...]:
    """The hosts to visit: those of the columns, the entrance's first, and the site's others that were seen."""
    own = [host_of(column.address.replace("{year}", "2020")) for column in columns]
    return tuple(dict.fromkeys([*(host for host in found.hosts if host in own), *found.hosts]))
