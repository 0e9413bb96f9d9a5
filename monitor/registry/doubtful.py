"""Names in reports that are no organ's with certainty: who they might be, and what a person says of it.

The queue is worked out from the record each time; only the answers are kept. An answer counts in its county from
the next ingest on, for every report that prints the name, and never changes an organ's own name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from crawler.portals.definition import PortalDefinition
from monitor.language import N_
from monitor.registry.csv_files import say
from monitor.registry.matching import CountyRegister, How, Listed, county_registers, likeness
from monitor.store import names, register, versions
from monitor.store.database import StoreError
from monitor.store.names import Answer
from monitor.store.register import RegisteredOrgan
from monitor.store.versions import Unsettled
from parsers.titles import TitleKind, read_title

if TYPE_CHECKING:
    from monitor.store.database import Database

GUESSES = frozenset({How.SHORT, How.SIMILAR})
"""Ways of finding an organ that a person may want to confirm."""
CONFIDENCE: Mapping[How, float] = {
    How.CODE: 0.9,
    How.SIMILAR: 0.85,
    How.SHORT: 0.8,
    How.FORMERLY: 0.8,
    How.LATER: 0.7,
    How.COLUMN: 0.7,
    How.LIST: 0.7,
    How.NAME: 0.5,
    How.ALIAS: 0.5,
}
"""How sure a sign makes an organ where the name does not. Exact names count here only where several bear them."""
ALIKE_AT_MOST = 0.7
"""A resemblance of names that is not one slip weighs at most this."""
ALIKE_AT_LEAST = 0.3
"""Candidates that are less sure are not shown."""
MOST_CANDIDATES = 5
SIGNS: Mapping[str, str] = {
    "code": N_("列表所印代码"),
    "column": N_("栏目所属单位"),
    "list": N_("列表所印名称"),
    "name": N_("名称相同的不止一个"),
    "alias": N_("别名相同的不止一个"),
    "short": N_("简称"),
    "similar": N_("形近字"),
    "alike": N_("名称相近"),
}
"""What speaks for a candidate, by its way; ``alike`` where that is None."""

_SUFFIX = re.compile(r"(?:镇|乡|街道|苏木)$")


class AnswerError(StoreError):
    """An answer that cannot be given; one line with the remedy."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An organ that may be meant, why, and how sure that is (0 to 1). ``how`` None: the names are alike."""

    organ: RegisteredOrgan
    how: How | None
    confidence: float


@dataclass(frozen=True, slots=True)
class DoubtfulReport:
    """One report that prints the name."""

    address: str
    title: str | None
    report_year: int | None
    portal_id: str


@dataclass(frozen=True, slots=True)
class DoubtfulName:
    """A name of a county with its reports and candidates, the surest first.

    ``given`` is the organ that the reports were given to by a likeness of names, None where they are nobody's.
    """

    reference: str
    county_code: str
    county: str
    name: str
    given: str | None
    reports: tuple[DoubtfulReport, ...]
    candidates: tuple[Candidate, ...]


def doubtful_names(
    database: Database, portals: Sequence[PortalDefinition], county: str | None = None
) -> list[DoubtfulName]:
    """The queue: names that nobody has answered for yet, by county and name; reports without one have no part."""
    with database.reading() as session:
        return queue(session, portals, lambda code: county in (None, code))


def accept(
    database: Database,
    portals: Sequence[PortalDefinition],
    reference: str,
    organ_code: str | None,
    *,
    by: str,
    at: datetime,
    note: str,
) -> Answer:
    """Keeps that a name is an organ's (None: the organ it was given to). Raises AnswerError, StoreError."""
    with database.begin() as session:
        return accept_in(session, named(session, portals, reference), organ_code, by=by, at=at, note=note)


def accept_in(
    session: Session, subject: DoubtfulName, organ_code: str | None, *, by: str, at: datetime, note: str
) -> Answer:
    """The same in a session that writes. Raises AnswerError."""
    code = organ_code or subject.given
    if code is None:
        raise _error(N_("“{name}”还没有归属；请写明单位代码（见 nianbao match list）"), name=subject.name)
    _check_organ(session, subject, code)
    before = [
        one
        for one in names.answers(session, reference=subject.reference)
        if one.accepted or one.organ_code in (None, code)
    ]
    return _keep(session, subject, code, before, accepted=True, by=by, at=at, note=note)


def reject(
    database: Database,
    portals: Sequence[PortalDefinition],
    reference: str,
    organ_code: str | None,
    *,
    by: str,
    at: datetime,
    note: str,
) -> Answer:
    """Keeps that a name is not an organ's.

    ``organ_code`` None: not that of the organ it was given to or, where it is nobody's, of none of the county.
    Raises AnswerError, StoreError.
    """
    with database.begin() as session:
        return reject_in(session, named(session, portals, reference), organ_code, by=by, at=at, note=note)


def reject_in(
    session: Session, subject: DoubtfulName, organ_code: str | None, *, by: str, at: datetime, note: str
) -> Answer:
    """The same in a session that writes. Raises AnswerError."""
    code = organ_code or subject.given
    if code is not None:
        _check_organ(session, subject, code)
    before = [
        one
        for one in names.answers(session, reference=subject.reference)
        if one.organ_code == code or code is None
    ]
    return _keep(session, subject, code, before, accepted=False, by=by, at=at, note=note)


def forget(database: Database, reference: str, *, by: str, at: datetime, note: str) -> list[Answer]:
    """Takes back all answers on a name; gives them. Raises AnswerError where there are none."""
    with database.begin() as session:
        return forget_in(session, reference, by=by, at=at, note=note)


def forget_in(session: Session, reference: str, *, by: str, at: datetime, note: str) -> list[Answer]:
    """The same in a session that writes. Raises AnswerError."""
    found = names.answers(session, reference=reference)
    if not found:
        raise _error(N_("没有编号为 {id} 的答复；已有的见 nianbao match list --answered"), id=reference)
    names.forget(session, [one.id for one in found if one.id is not None], by=by, at=at, note=note)
    return found


def candidates(
    county: CountyRegister, name: str, listed: Listed | None = None, column_organ: str | None = None
) -> list[Candidate]:
    """The organs of a county that a name may mean, the surest first, without those a person refused."""
    best: dict[str, Candidate] = {}
    by_code = {organ.code: organ for organ in county.organs}
    for match, others in county.signs(name, listed, column_organ):
        if match.organ_code in by_code:
            _offer(best, Candidate(by_code[match.organ_code], match.how, CONFIDENCE[match.how] / (1 + others)))
    for organ in county.organs:
        alike = max(_resemblance(county, name, each) for each in (organ.name, *organ.aliases))
        _offer(best, Candidate(organ, None, alike * ALIKE_AT_MOST))
    found = [
        one
        for one in best.values()
        if one.confidence >= ALIKE_AT_LEAST and not county.refuses(name, one.organ.code)
    ]
    return sorted(found, key=lambda one: (-one.confidence, one.organ.code))[:MOST_CANDIDATES]


def _offer(best: dict[str, Candidate], one: Candidate) -> None:
    known = best.get(one.organ.code)
    if known is None or known.confidence < one.confidence:
        best[one.organ.code] = one


def _resemblance(county: CountyRegister, printed: str, name: str) -> float:
    """How alike two names are; of the same place as town and as subdistrict less than of the same kind."""
    one, other = county.key(printed), county.key(name)
    stems = likeness(_SUFFIX.sub("", one), _SUFFIX.sub("", other))
    kinds = [found[0] if (found := _SUFFIX.search(each)) else "" for each in (one, other)]
    return stems if kinds[0] == kinds[1] else stems * 0.7


def queue(
    session: Session, portals: Sequence[PortalDefinition], covers: Callable[[str], bool]
) -> list[DoubtfulName]:
    """The names of the counties that ``covers`` says yes to; only the registers of these are read."""
    unsettled = [one for one in versions.doubtful_sightings(session) if covers(one.county_code)]
    concerned = {one.county_code for one in unsettled}
    registers = county_registers(register.all_organs(session, counties=concerned))
    counties = register.names_of_counties(session, concerned)
    nobodys = {(one.county_code, one.reference) for one in names.answers(session) if one.organ_code is None}
    columns = {(portal.id, column.id): column.organ for portal in portals for column in portal.columns}
    grouped: dict[tuple[str, str], list[tuple[str, Unsettled]]] = {}
    for one in unsettled:
        found = registers.get(one.county_code) or CountyRegister(())
        name = _name(one)
        if name is None or not _is_open(one, found, name):
            continue
        grouped.setdefault((one.county_code, found.key(name)), []).append((name, one))
    waiting = []
    for (code, key), seen in sorted(grouped.items()):
        if (code, reference_of(code, key)) in nobodys:
            continue
        name, first = seen[0]
        found = registers.get(code) or CountyRegister(())
        listed = Listed(first.listed_title, first.listed_organ, first.listed_organ_code, first.listed_year)
        given = {one.organ_code for _, one in seen if one.organ_code and not found.refuses(name, one.organ_code)}
        waiting.append(
            DoubtfulName(
                reference_of(code, key),
                code,
                counties.get(code, code),
                name,
                given.pop() if len(given) == 1 else None,
                tuple(_reports(one for _, one in seen)),
                tuple(candidates(found, name, listed, columns.get((first.portal_id, first.column_id or "")))),
            )
        )
    return waiting


def _is_open(one: Unsettled, county: CountyRegister, name: str) -> bool:
    """Whether the report is nobody's or was given by a likeness, and the register does not know better."""
    if one.organ_code is not None and one.organ_match not in GUESSES:
        return False
    return county.exact(name) is None


def _name(one: Unsettled) -> str | None:
    """The name that a report goes by: what it says of itself, else what the title in the list says."""
    if one.parsed.organ_printed:
        return one.parsed.organ_printed
    title = read_title(one.listed_title) if one.listed_title else None
    return title.organ if title and title.kind is not TitleKind.LOOK_ALIKE else None


def _reports(seen: Iterable[Unsettled]) -> Iterator[DoubtfulReport]:
    known = set()
    for one in seen:
        if (one.portal_id, one.address) not in known:
            known.add((one.portal_id, one.address))
            yield DoubtfulReport(one.address, one.parsed.title or one.listed_title, one.report_year, one.portal_id)


def reference_of(county_code: str, key: str) -> str:
    """The short id of a name of a county."""
    return hashlib.sha256(f"{county_code}/{key}".encode()).hexdigest()[:8]


def named(session: Session, portals: Sequence[PortalDefinition], reference: str) -> DoubtfulName:
    """The name of an id that nobody has answered for. Raises AnswerError."""
    found = next((one for one in queue(session, portals, lambda code: True) if one.reference == reference), None)
    if found is None:
        raise _error(
            N_("待定名称中没有编号 {id}；已有的见 nianbao match list，已答复的须先 match forget"), id=reference
        )
    return found


def _check_organ(session: Session, subject: DoubtfulName, code: str) -> None:
    organs = {organ.code: organ for organ in register.all_organs(session, subject.county_code)}
    if code not in organs:
        raise _error(
            N_("县区 {county} 没有代码为 {code} 的单位；请先用 nianbao organs import 登记，或核对代码"),
            county=subject.county_code,
            code=code,
        )


def _keep(
    session: Session,
    subject: DoubtfulName,
    code: str | None,
    before: Sequence[Answer],
    *,
    accepted: bool,
    by: str,
    at: datetime,
    note: str,
) -> Answer:
    """Keeps an answer in place of those that it contradicts."""
    names.forget(session, [one.id for one in before if one.id is not None], by=by, at=at, note=note)
    answer = Answer(subject.reference, subject.county_code, subject.name, code, accepted, at, by, note)
    names.add(session, answer)
    return answer


def _error(text: str, /, **values: object) -> AnswerError:
    return AnswerError(say(text, **values))
