"""Which versions are to be judged, what each of them is given, and what the rules say of it.

The two seams of judging are here: :class:`Case` is all that the judgement of one version is given, and
:func:`judge_case` is all that becomes of its findings before they are kept. What a case is given must be in its
grounds too: they decide whether the version is judged again.
"""

from __future__ import annotations

import gc
import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, replace
from functools import cache, cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from monitor.alerts.conditions import PrintedCell
from monitor.registry.lineage import Continued
from monitor.registry.matching import CountyRegister, How
from monitor.rules.base import EarlierYear, Finding, OrganFacts, OtherReport, Reorganised, Subject
from monitor.rules.cells import FORMS_WITH_TABLES
from monitor.similarity.contexts import NO_CONTEXT, Context, Contexts
from monitor.standings import Record
from monitor.store import comparisons, versions
from monitor.store.assessments import Grounds, JudgedMatters
from monitor.store.database import chunks
from monitor.store.versions import SeenReport

if TYPE_CHECKING:
    from monitor.store.database import Database
    from parsers.schema import Report

WORTH_PROCESSES = 400
"""From so many versions on, judging them in several processes is faster than in this one."""
AT_ONCE = 100
EARLIER_YEARS = 5
"""So many years before the last one are looked at."""
OTHERS = 3
"""So many further reports of one organ and year are compared at most."""


@dataclass(frozen=True, slots=True)
class Again:
    """That only some rules have to be asked again, by their ids, and what was found ``before`` by all."""

    changed: frozenset[str]
    before: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One version to be judged: itself, the organ's other reports, whose it is and among whom.

    ``again``: nothing has changed for it but some rules (None: it is judged by all).
    """

    version_id: int
    grounds: Grounds
    document: bytes
    previous: bytes | None
    organ: OrganFacts | None
    county_organs: tuple[str, ...]
    earlier: tuple[bytes, ...] = ()
    others: tuple[tuple[str, bytes], ...] | None = None
    switched_on: frozenset[str] = frozenset()
    reorganised: Reorganised | None = None
    joined: tuple[bytes | None, ...] = ()
    context: Context = NO_CONTEXT
    again: Again | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A version that could not be judged, and why, in one line."""

    version_id: int
    problem: str


_NONE_BEFORE = (0, "", "")

Wanted = tuple[SeenReport, Grounds]
"""A version that counts, and what its judgement has to rest on."""


class Scope:
    """The versions that count at the moment, and what the judgement of each rests on."""

    def __init__(self, session: Session, record: Record) -> None:
        from monitor.rules.catalogue import rules_digest

        self.record = record
        self.rules = rules_digest()
        self.registers = record.registers
        self.organs = {organ.code: organ for county in record.registers.values() for organ in county.organs}
        self.seen = record.seen
        self.of_key = {key: min(found, key=versions.precedence) for key, found in record.seen.items()}
        loose: dict[int, SeenReport] = {}
        for seen in record.unmatched:
            if seen.current and seen.gone_at is None and record.covers(seen.county_code):
                loose.setdefault(seen.version_id, seen)
        self.current = [*self.of_key.values(), *loose.values()]
        self.contexts = Contexts(
            {code: {organ.code: organ for organ in county.organs} for code, county in self.registers.items()}
        )
        self._compared = comparisons.grounds(session, self.version_ids)
        self._digests: dict[str, str] = {}

    @cached_property
    def wanted(self) -> tuple[Wanted, ...]:
        """Each version that counts, with what its judgement has to rest on, an organ's years one after the other.

        So each is read once for itself and for the years after it.
        """
        return tuple(
            (seen, Grounds(self.previous(seen), self._rules(seen), self._surroundings(seen)))
            for seen in sorted(self.current, key=_in_order)
        )

    def _rules(self, seen: SeenReport) -> str:
        """The rules by which a version is judged: with those off by default that are on in its county."""
        return "+".join((self.rules, *sorted(self.switched_on(seen))))

    def switched_on(self, seen: SeenReport) -> frozenset[str]:
        """The rules that are off by default and on in the county."""
        return self.record.decisions.switches.switched_on(self.county(seen))

    def _surroundings(self, seen: SeenReport) -> str:
        """A digest of what rules may know beside the version and that of the year before."""
        digest = self.register_digest(self.county(seen))
        before = self._previous(seen)
        further = [one.reading for one in (*self.earlier(seen), *(self.others(seen) or ()))]
        continued = self.continued(seen)
        compared = self._compared.get(seen.version_id, "")
        if before is None and not further and not compared and continued.plain:
            return digest
        further.insert(0, before.reading if before else _NONE_BEFORE)
        lineage = "" if continued.plain else f" {continued} {[one and one.reading for one in self.joined(seen)]}"
        return hashlib.sha256(f"{digest} {further}{lineage} {compared}".encode()).hexdigest()

    def continued(self, seen: SeenReport) -> Continued:
        """Which reports of the year before the report continues."""
        return self._continued(seen.organ_code or "", seen.report_year or 0)

    def _continued(self, code: str, report_year: int) -> Continued:
        return self.record.lineage.continued(code, report_year)

    def _report(self, code: str, report_year: int) -> SeenReport | None:
        """What stands for an organ's report of a year, also where the organ was one of another county."""
        near = self.record.near.get((code, report_year), ())
        return self.of_key.get((code, report_year)) or min(near, key=versions.precedence, default=None)

    def joined(self, seen: SeenReport) -> tuple[SeenReport | None, ...]:
        """The reports of the year before by all that were joined into the organ since; none where none were."""
        continued = self.continued(seen)
        if not continued.joined or seen.report_year is None:
            return ()
        return tuple(self._report(code, seen.report_year - 1) for code in continued.organs)

    def previous(self, seen: SeenReport) -> int | None:
        """The version of the year before, of the same body under whatever name."""
        found = self._previous(seen)
        return found.version_id if found else None

    def _previous(self, seen: SeenReport) -> SeenReport | None:
        return next(self._back(seen), None)

    def _back(self, seen: SeenReport) -> Iterator[SeenReport | None]:
        """The reports of the same body in the years before, the latest first; None for a year without one.

        The row ends where bodies were joined or parted.
        """
        code, year = seen.organ_code, seen.report_year
        while code is not None and year is not None:
            continued = self._continued(code, year)
            if not continued.same_body:
                return
            code, year = continued.organs[0], year - 1
            yield self._report(code, year)

    def reorganised(self, seen: SeenReport) -> Reorganised | None:
        """What became of the organ since the report of the year before; its reports are read later."""
        return self.record.lineage.reorganised(seen.organ_code or "", seen.report_year or 0)

    def earlier(self, seen: SeenReport) -> list[SeenReport]:
        """The reports of the years before that of :meth:`previous`, the latest first, those with tables."""
        found = islice(self._back(seen), 1, 1 + EARLIER_YEARS)
        return [one for one in found if one is not None and one.form in FORMS_WITH_TABLES]

    def others(self, seen: SeenReport) -> list[SeenReport] | None:
        """Further reports of the organ and year that stand on the same portal with other contents.

        None for a report whose organ or year is not settled, and for an attachment. An attachment is a part of
        its page, and on another portal stands what was published before a move. Under the name of an organ that
        went into this one stands what that one reported.
        """
        if seen.organ_code is None or seen.report_year is None or seen.role == "attachment":
            return None
        rivals: dict[int, SeenReport] = {}
        for one in self.seen[seen.organ_code, seen.report_year]:
            if (
                one.current
                and one.gone_at is None
                and one.role != "attachment"
                and one.portal_id == seen.portal_id
                and one.address != seen.address
                and one.version_id != seen.version_id
                and How.FORMERLY not in (one.organ_match, seen.organ_match)
            ):
                rivals.setdefault(one.version_id, one)
        return sorted(rivals.values(), key=versions.precedence)[:OTHERS]

    @property
    def version_ids(self) -> list[int]:
        """The versions that count."""
        return [seen.version_id for seen in self.current]

    def place(self, seen: SeenReport) -> str:
        """The county that tells of it: its organ's, or, while organ or year are not settled, its portal's."""
        return self.county(seen) if seen.organ_code and seen.report_year is not None else seen.county_code

    def county(self, seen: SeenReport) -> str:
        """The county whose register counts."""
        organ = self.organs.get(seen.organ_code or "")
        return organ.county_code if organ else seen.county_code

    def register_digest(self, county_code: str) -> str:
        """A digest of what rules may know of a county's organs."""
        if county_code not in self._digests:
            county = self.registers.get(county_code)
            facts = [astuple(organ.facts) for organ in (county.organs if county else ())]
            text = json.dumps(facts, ensure_ascii=False, separators=(",", ":"), default=str)
            self._digests[county_code] = hashlib.sha256(text.encode()).hexdigest()
        return self._digests[county_code]

    def facts(self, seen: SeenReport) -> OrganFacts | None:
        """What rules may know of the organ."""
        organ = self.organs.get(seen.organ_code or "")
        return organ.facts if organ else None

    def names(self, seen: SeenReport) -> tuple[str, ...]:
        """The names of the county's organs."""
        return self._names.get(self.county(seen), ())

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        return {code: _all_names(county) for code, county in self.registers.items()}


def _in_order(seen: SeenReport) -> tuple[str, int, int]:
    return seen.organ_code or "", seen.report_year or 0, seen.version_id


def _all_names(county: CountyRegister) -> tuple[str, ...]:
    return tuple(organ.name for organ in county.organs)


@dataclass(frozen=True, slots=True)
class Part:
    """Versions to be judged, and the scope that they were found in.

    ``again`` are those, by their ids, of which only some rules have to be asked again.
    """

    scope: Scope
    wanted: Sequence[Wanted]
    again: Mapping[int, Again] = field(default_factory=dict)


def changed_rules(before: Mapping[str, str], now: Mapping[str, str]) -> frozenset[str]:
    """The rules (and :data:`monitor.rules.catalogue.GROUPING`) that are new, gone, or in another version."""
    return frozenset(name for name in {*before, *now} if before.get(name) != now.get(name))


def to_be_asked(again: Again, report_year: int | None) -> bool:
    """Whether changed rules may say something else of a report than before: one applies, or told of it before."""
    from monitor.rules.catalogue import GROUPING, may_apply

    if GROUPING in again.changed and again.before:
        return True
    return any(one.rule in again.changed for one in again.before) or may_apply(again.changed, report_year)


def judgements(
    database: Database, parts: Iterable[Part], workers: int | None = None
) -> Iterator[list[JudgedMatters | Failure]]:
    """What the rules say of the versions, some at a time, in their order; in several processes where it pays.

    ``parts`` are taken as they are needed, so that not all documents are in memory at once. ``workers``: processes
    (None: one for each processor).
    """
    cases = (cases_of(database, part, some) for part in parts for some in chunks(part.wanted, AT_ONCE))
    processes = workers if workers is not None else os.cpu_count() or 1
    first: list[list[Case]] = []
    while processes > 1 and sum(map(len, first)) < WORTH_PROCESSES and (some := next(cases, None)) is not None:
        first.append(some)
    every = chain(first, cases)
    if processes < 2 or sum(map(len, first)) < WORTH_PROCESSES:
        yield from map(_judge_part, every)
        return
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        running: list[Future[list[JudgedMatters | Failure]]] = []
        for some in every:
            running.append(pool.submit(_judge_part, some))
            if len(running) > 2 * processes:  # no more documents in memory than the workers are fed with
                yield running.pop(0).result()
        for future in running:
            yield future.result()


def cases_of(database: Database, found: Part, part: Sequence[Wanted]) -> list[Case]:
    """Some versions of a part with all that their judgement is given."""
    scope = found.scope
    earlier = {seen.version_id: scope.earlier(seen) for seen, _ in part}
    others = {seen.version_id: scope.others(seen) for seen, _ in part}
    ids = {seen.version_id for seen, _ in part} | {
        wanted.previous_version_id for _, wanted in part if wanted.previous_version_id is not None
    }
    joined = {seen.version_id: scope.joined(seen) for seen, _ in part}
    ids |= {one.version_id for some in (*earlier.values(), *others.values()) for one in some or ()}
    ids |= {one.version_id for some in joined.values() for one in some if one is not None}
    with database.reading() as session:
        documents = versions.documents(session, sorted(ids))
        contexts = scope.contexts.of(session, [seen.version_id for seen, _ in part])
    return [
        Case(
            version_id=seen.version_id,
            grounds=wanted,
            document=documents[seen.version_id],
            previous=documents.get(wanted.previous_version_id or 0),
            organ=scope.facts(seen),
            county_organs=scope.names(seen),
            earlier=tuple(documents[one.version_id] for one in earlier[seen.version_id]),
            others=_with_documents(others[seen.version_id], documents),
            switched_on=scope.switched_on(seen),
            reorganised=scope.reorganised(seen),
            joined=tuple(documents[one.version_id] if one else None for one in joined[seen.version_id]),
            context=contexts.get(seen.version_id, NO_CONTEXT),
            again=found.again.get(seen.version_id),
        )
        for seen, wanted in part
    ]


def _with_documents(
    found: list[SeenReport] | None, documents: Mapping[int, bytes]
) -> tuple[tuple[str, bytes], ...] | None:
    return None if found is None else tuple((one.address, documents[one.version_id]) for one in found)


def _judge_part(cases: Iterable[Case]) -> list[JudgedMatters | Failure]:
    with _without_collecting():
        return _judged(cases)  # what it read is gone before the collector looks at all that is left


def _judged(cases: Iterable[Case]) -> list[JudgedMatters | Failure]:
    read, read_numbers = cache(versions.unpack), cache(_earlier_year)
    return [judge_case(case, read, read_numbers) for case in cases]


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Looks for no reference cycles meanwhile: reports have none, and the search is a seventh of judging."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def judge_case(
    case: Case, read: Callable[[bytes], Report], read_numbers: Callable[[bytes], EarlierYear]
) -> JudgedMatters | Failure:
    """What the rules say of one version, or why they could not say it."""
    from monitor.rules.catalogue import judge, judge_again

    report = read(case.document)
    subject = Subject(
        report,
        organ=case.organ,
        previous=read(case.previous) if case.previous is not None else None,
        county_organs=case.county_organs,
        earlier=tuple(read_numbers(document) for document in case.earlier),
        others=None
        if case.others is None
        else tuple(OtherReport(address, read(document)) for address, document in case.others),
        switched_on=case.switched_on,
        reorganised=case.reorganised
        and replace(case.reorganised, reports=tuple(read(one) if one else None for one in case.joined)),
        county_sentences=case.context.county_sentences,
        members=case.context.members,
        peers=case.context.peers,
        twins=case.context.twins,
    )
    try:
        judgement = (
            judge(subject) if case.again is None else judge_again(subject, case.again.changed, case.again.before)
        )
    except Exception as problem:  # noqa: BLE001 - one report must not keep all others from being judged
        what = f"{type(problem).__name__}: {' '.join(str(problem).split())[:200]}"
        return Failure(case.version_id, f"version {case.version_id}（{report.title}）: {what}")
    named = {key for matter in judgement.matters for finding in matter.findings for key in finding.cells}
    named |= {cell.cell for matter in judgement.matters for cell in matter.should_read}
    cells = {key: PrintedCell.of(report.cells[key]) for key in named if key in report.cells}
    return JudgedMatters(case.version_id, case.grounds, judgement.matters, cells)


def _earlier_year(document: bytes) -> EarlierYear:
    year, form, numbers = versions.numbers(document)
    return EarlierYear(year or 0, form, numbers)
