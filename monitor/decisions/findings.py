"""The findings of the reports that stand, as staff list them, dismiss them, and take a dismissal back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from monitor.decisions.deciding import Decisions, decide
from monitor.decisions.dismissals import Dismissal, fingerprint, read_reference, reference_of
from monitor.decisions.switches import Switch
from monitor.decisions.wording import dismissal_in_words
from monitor.language import N_, spoken_language, translate
from monitor.rules.base import Finding, Severity
from monitor.store import assessments, register, versions
from monitor.store import decisions as store
from monitor.store.assessments import VersionFacts
from monitor.store.database import StoreError

if TYPE_CHECKING:
    from monitor.store.database import Database


class DecisionError(StoreError):
    """A decision that cannot be taken; one line with the remedy."""


@dataclass(frozen=True, slots=True)
class ListedFinding:
    """One finding on the report that stands. ``organ`` is the registered name, else the printed one.

    ``severity`` is how much it weighs in its county, ``weighs`` that of its matter. ``counts`` is False of one
    that is dismissed or whose rule is off there; ``because`` is that decision, None where nobody took it.
    """

    reference: str
    report_key: str
    organ_code: str | None
    organ: str
    county_code: str
    report_year: int | None
    matter: str
    finding: Finding
    severity: Severity
    weighs: Severity
    address: str
    counts: bool = True
    because: Switch | Dismissal | None = None


def findings(
    database: Database,
    *,
    county: str | None = None,
    organ: str | None = None,
    year: int | None = None,
    rule: str | None = None,
) -> list[ListedFinding]:
    """All findings of the reports that stand now, by county, organ and year; those that do not count as well."""
    with database.reading() as session:
        found = list(_findings(session, county, organ, year))
    return [one for one in found if rule is None or one.finding.rule == rule]


def of_versions(session: Session, version_ids: Iterable[int]) -> Iterator[ListedFinding]:
    """All findings of some versions, those of one in the order in which they were kept, matter by matter."""
    yield from _of_versions(session, version_ids, store.decisions(session))


def dismiss(database: Database, reference: str, *, by: str, at: datetime, reason: str) -> Dismissal:
    """Dismisses the finding of this reference for as long as its operands stay. Raises DecisionError."""
    with database.begin() as session:
        return dismiss_in(session, reference, by=by, at=at, reason=reason)


def dismiss_in(session: Session, reference: str, *, by: str, at: datetime, reason: str) -> Dismissal:
    """The same within a transaction that goes on."""
    one = _by_reference(session, reference)
    if isinstance(one.because, Dismissal):
        raise _error(
            N_("编号 {id} 的问题已经排除了：{said}；要收回请用 nianbao findings restore"),
            id=one.reference,
            said=dismissal_in_words(one.because, spoken_language()),
        )
    dismissal = Dismissal(
        reference=one.reference,
        report_key=one.report_key,
        county_code=one.county_code,
        rule=one.finding.rule,
        fingerprint=_operands(session, one),
        finding=one.finding.to_json(),
        at=at,
        by=by,
        reason=reason,
    )
    store.add_dismissal(session, dismissal)
    return dismissal


def restore(database: Database, reference: str, *, by: str, at: datetime, reason: str) -> list[Dismissal]:
    """Takes the dismissals behind a reference back. Raises DecisionError where there is none."""
    with database.begin() as session:
        return restore_in(session, reference, by=by, at=at, reason=reason)


def restore_in(session: Session, reference: str, *, by: str, at: datetime, reason: str) -> list[Dismissal]:
    """The same within a transaction that goes on."""
    read = _read(reference)
    keys = {key for key, _ in assessments.report_keys(session, [read[0]]).values()}
    taken = [
        one
        for one in store.dismissals(session)
        if one.reference == reference.strip().lower()
        or (one.report_key in keys and one.fingerprint.startswith(read[1]))
    ]
    if not taken:
        raise _error(
            N_("没有编号为 {id} 的排除；已有的见 nianbao findings list --dismissed"), id=reference.strip()
        )
    store.restore(session, [one.id for one in taken if one.id is not None], by=by, at=at, reason=reason)
    return taken


def _findings(
    session: Session, county: str | None = None, organ: str | None = None, year: int | None = None
) -> Iterator[ListedFinding]:
    ids = versions.standing_versions(session, county=county, organ=organ, year=year)
    yield from _of_versions(session, ids, store.decisions(session))


def _of_versions(session: Session, ids: Iterable[int], decisions: Decisions) -> Iterator[ListedFinding]:
    ids = list(ids)
    matters = assessments.all_matters(session, ids)
    whose = assessments.report_keys(session, matters)
    facts = assessments.version_facts(session, matters)
    codes = {one.organ_code for one in facts if one.organ_code is not None}
    names = {one.code: one.name for one in register.organs_by_code(session, codes)}
    for each in sorted(
        facts, key=lambda one: (whose[one.version_id][1], one.organ_code or "", -(one.report_year or 0))
    ):
        report_key, county_code = whose[each.version_id]
        judged, cells = matters[each.version_id]
        decided = decide(judged, cells, report_key, county_code, decisions)
        held = {id(one.finding): one for one in decided.withheld}
        weighs = {matter.key: matter.severity for matter in decided.matters}
        for matter in judged:
            for finding in matter.findings:
                severity = decisions.switches.severity(finding.rule, county_code, finding.severity)
                withheld = held.get(id(finding))
                yield ListedFinding(
                    reference=reference_of(each.version_id, fingerprint(finding, cells)),
                    report_key=report_key,
                    organ_code=each.organ_code,
                    organ=names.get(each.organ_code or "") or _printed(each),
                    county_code=county_code,
                    report_year=each.report_year,
                    matter=matter.key,
                    finding=finding,
                    severity=severity,
                    weighs=weighs.get(matter.key, severity) if withheld is None else severity,
                    address=each.address,
                    counts=withheld is None,
                    because=withheld.because if withheld else None,
                )


def _printed(facts: VersionFacts) -> str:
    return facts.organ_printed or facts.title or facts.address


def _by_reference(session: Session, reference: str) -> ListedFinding:
    """The finding that a reference names: in its own version, else in the one that stands for the same report."""
    version_id, digits = _read(reference)
    keys = assessments.report_keys(session, [version_id])
    if version_id in keys:
        ids = [version_id, *versions.versions_of_key(session, keys[version_id][0])]
        for one in _of_versions(session, dict.fromkeys(ids), store.decisions(session)):
            if one.reference.endswith(f"-{digits}"):
                return one
    raise _error(N_("没有编号为 {id} 的问题；编号见 nianbao findings list 第一列"), id=reference.strip())


def _operands(session: Session, one: ListedFinding) -> str:
    version_id = int(one.reference.partition("-")[0])
    _, cells = assessments.all_matters(session, [version_id])[version_id]
    return fingerprint(one.finding, cells)


def _read(reference: str) -> tuple[int, str]:
    read = read_reference(reference)
    if read is None:
        raise _error(N_("“{id}”不是问题的编号；编号见 nianbao findings list 第一列，如 42-1a2b3c"), id=reference)
    return read


def _error(text: str, /, **values: object) -> DecisionError:
    return DecisionError(translate(text, spoken_language(), values))
