"""A report as its page shows it: the form with what was printed, what is wrong with it, and its versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from monitor.access.base import Access, NotFound, audiences_of, audit
from monitor.accounts.roles import Right
from monitor.alerts import outbox
from monitor.decisions import findings as decided_findings
from monitor.decisions.deciding import Decided, decide
from monitor.decisions.dismissals import Dismissal, fingerprint, reference_of
from monitor.decisions.switches import Switch
from monitor.registry.lineage import Lineage
from monitor.rules.base import Cause, Finding, Severity
from monitor.rules.cells import comparable
from monitor.store import alerts, assessments, register, versions
from monitor.store import decisions as decisions_store
from monitor.store import evidence as evidence_store
from monitor.store.evidence import KeptCapture
from monitor.store.successions import all_successions, relatives
from monitor.store.versions import ListedVersion
from parsers.documents.model import HTML, TEXT
from parsers.schema import Cell, CellState, Report

AlertJson = Mapping[str, object]
_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """One finding with the reference by which it is dismissed; ``because``: why it does not ``count``."""

    reference: str
    finding: Finding
    because: Switch | Dismissal | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class ShownMatter:
    """One mistake: its findings, the leading one first, and what is likely wrong."""

    key: str
    severity: Severity
    findings: tuple[ShownFinding, ...]
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class CellMark:
    """What findings that count say of a cell: how grave, which rules, what it should read where that is clear."""

    severity: Severity
    rules: tuple[str, ...]
    should_read: int | None = None

    @property
    def suspect(self) -> bool:
        """Whether it is the cell that is likely wrong, and not only one of a sum that does not hold."""
        return self.should_read is not None


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in a version and what of it counts. ``done``: it was ever judged."""

    done: bool
    matters: tuple[ShownMatter, ...] = ()
    withheld: tuple[ShownFinding, ...] = ()
    marks: Mapping[str, CellMark] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """How many matters weigh that much."""
        return sum(one.severity is severity for one in self.matters)


@dataclass(frozen=True, slots=True)
class Stretch:
    """When a version of the report stood at an address."""

    version_id: int
    address: str
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownReport:
    """Everything on the page of a report version.

    ``organ`` is the registered name, None while nobody's. ``stands``: it is the version that counts now.
    ``stretches`` are those of all versions of the report, address by address. ``years`` are the versions that
    stand for the organ's other report years. ``alerts`` have the contract's shape (3.3).
    """

    version: ListedVersion
    organ: str | None
    county: str | None
    report: Report
    judged: Judged
    stands: bool
    capture: KeptCapture | None
    files: tuple[KeptCapture, ...]
    versions: tuple[ListedVersion, ...]
    stretches: tuple[Stretch, ...]
    years: Mapping[int, int]
    alerts: tuple[AlertJson, ...]


@dataclass(frozen=True, slots=True)
class CellInYear:
    """The same cell in another year: None where the forms of the two years cannot be compared there."""

    report_year: int
    version_id: int
    organ: str
    cell: Cell | None


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell: what is printed, what is said of it, where it stands, and the same cell in all years."""

    version: ListedVersion
    organ: str | None
    county: str | None
    report: Report
    cell: Cell
    mark: CellMark | None
    matters: tuple[ShownMatter, ...]
    capture: KeptCapture | None
    files: tuple[KeptCapture, ...]
    years: tuple[CellInYear, ...]

    @property
    def in_page(self) -> bool:
        """Whether the cell stands in a page or plain text that can be shown, not in a file beside or within."""
        at = self.cell.at
        return at is not None and not at.file and self.report.media_type in (HTML, TEXT)


def show(access: Access, version_id: int) -> ShownReport:
    """The page of a version. Raises NotFound, StoreError."""
    with access.reading() as session:
        version = version_in_scope(session, access, version_id)
        report = document(session, version_id)
        stretches: list[Stretch] = []
        siblings = [version]
        years: dict[int, int] = {}
        told: list[AlertJson] = []
        stands = True
        if version.organ_code is not None and version.report_year is not None:
            rows = versions.stretches(session, version.organ_code, version.report_year)
            stretches = [Stretch(**{name: row[name] for name in Stretch.__slots__}) for row in rows]
            siblings = versions.listed_versions(session, ids={one.version_id for one in stretches} | {version_id})
            years = standing_years(session, [version.organ_code])
            stands = years.get(version.report_year) == version_id
            told = [
                alert
                for year, alert in alerts_of(session, access, version.county_code, version.organ_code)
                if year == version.report_year
            ]
        capture = evidence_store.capture_of_bytes(session, version.portal_id, version.address, version.sha256)
        return ShownReport(
            version=version,
            organ=organ_name(session, version.organ_code),
            county=_county_name(session, version.county_code),
            report=report,
            judged=judged(session, version),
            stands=stands,
            capture=capture,
            files=tuple(_files(session, version)),
            versions=tuple(siblings),
            stretches=tuple(stretches),
            years=years,
            alerts=tuple(told),
        )


def cell(access: Access, version_id: int, key: str) -> ShownCell:
    """One cell of a version. Raises NotFound for a key that the report's form does not have."""
    with access.reading() as session:
        version = version_in_scope(session, access, version_id)
        report = document(session, version_id)
        if key not in report.cells:
            raise NotFound(key)
        said = judged(session, version)
        return ShownCell(
            version=version,
            organ=organ_name(session, version.organ_code),
            county=_county_name(session, version.county_code),
            report=report,
            cell=report.cells[key],
            mark=said.marks.get(key),
            matters=tuple(one for one in said.matters if key in _cells_of(one)),
            capture=evidence_store.capture_of_bytes(session, version.portal_id, version.address, version.sha256),
            files=tuple(_files(session, version)),
            years=tuple(_in_years(session, access, version, report, key)),
        )


def dismiss(access: Access, version_id: int, reference: str, reason: str) -> Dismissal:
    """Dismisses a finding of a version. Raises NotAllowed, NotFound, DecisionError."""
    with access.changing(Right.HANDLE) as session:
        version = _named_by(session, access, version_id, reference)
        done = decided_findings.dismiss_in(
            session, reference, by=access.who, at=access.now.replace(microsecond=0), reason=reason
        )
        audit(
            session,
            access,
            "finding.dismissed",
            done.reference,
            version.county_code,
            report=done.report_key,
            rule=done.rule,
            reason=reason,
        )
        return done


def restore(access: Access, version_id: int, reference: str, reason: str) -> None:
    """Takes a dismissal back. Raises NotAllowed, NotFound, DecisionError."""
    with access.changing(Right.HANDLE) as session:
        version = _named_by(session, access, version_id, reference)
        for one in decided_findings.restore_in(
            session, reference, by=access.who, at=access.now.replace(microsecond=0), reason=reason
        ):
            audit(
                session,
                access,
                "finding.restored",
                one.reference,
                version.county_code,
                report=one.report_key,
                rule=one.rule,
                reason=reason,
            )


# --- for the other modules of the query layer ----------------------------------------------------------------


def version_in_scope(session: Session, access: Access, version_id: int) -> ListedVersion:
    """A version of a county that the reader may see. Raises NotFound."""
    found = versions.listed_versions(session, ids=[version_id])
    if not found:
        raise NotFound(version_id)
    access.county(found[0].county_code)
    return found[0]


def document(session: Session, version_id: int) -> Report:
    """What was read of a version."""
    return versions.unpack(versions.documents(session, [version_id])[version_id])


def organ_name(session: Session, code: str | None) -> str | None:
    """What an organ is called; None where it is not registered."""
    found = register.organs_by_code(session, [code]) if code is not None else []
    return found[0].name if found else None


def alerts_of(session: Session, access: Access, county: str, organ: str) -> list[tuple[int | None, AlertJson]]:
    """The alerts on an organ that the reader is shown, in the contract's shape (3.3), with their report years."""
    return [
        (one.alert.report_year, outbox.alert_json(one, access.language))
        for one in alerts.find_alerts(session, county=county, organs=[organ])
        if one.alert.audience in audiences_of(access)
    ]


def standing_years(session: Session, organs: Iterable[str]) -> dict[int, int]:
    """The version that stands for each report year of a body, under the first of its codes that has one."""
    found: dict[int, int] = {}
    for code in organs:
        ids = versions.standing_versions(session, organ=code)
        for one in versions.listed_versions(session, ids=ids):
            if one.report_year is not None:
                found.setdefault(one.report_year, one.id)
    return found


def lineage_of(session: Session, code: str) -> Lineage:
    """The organ and all that came before and after it."""
    related = relatives(all_successions(session)).get(code, frozenset())
    return Lineage(register.organs_by_code(session, {code, *related}))


def same_body(access: Access, lineage: Lineage, code: str) -> list[str]:
    """The organ's code, then the others that its body bore or bears, within the reader's counties."""
    others = sorted(lineage.same_bodies(code))
    return [code, *(one for one in others if access.scope.covers(lineage.organs[one].county_code))]


def judged(session: Session, version: ListedVersion) -> Judged:
    """What was found in a version, as decisions leave it now."""
    if version.errors is None:
        return Judged(done=False)
    matters, cells = assessments.all_matters(session, [version.id]).get(version.id, ((), {}))
    decisions = decisions_store.decisions(session, report_keys=[version.report_key])
    decided = decide(matters, cells, version.report_key, version.county_code, decisions)

    def shown(finding: Finding, because: Switch | Dismissal | None = None, *, counts: bool = True) -> ShownFinding:
        return ShownFinding(reference_of(version.id, fingerprint(finding, cells)), finding, because, counts)

    return Judged(
        done=True,
        matters=tuple(
            ShownMatter(one.key, one.severity, tuple(shown(each) for each in one.findings), one.cause)
            for one in decided.matters
        ),
        withheld=tuple(shown(one.finding, one.because, counts=False) for one in decided.withheld),
        marks=_marks(decided),
    )


def _marks(decided: Decided) -> dict[str, CellMark]:
    """By cell, what findings that count say of it; what it should read only where there is one answer.

    Where anything weighs more than a notice, notices are not told of the cell.
    """
    rules: dict[str, dict[str, Severity]] = {}
    right: dict[str, int] = {}
    for matter in decided.matters:
        likely = [each.cell for each in matter.should_read]
        for finding in matter.findings:
            for key in (*finding.cells, *likely):
                rules.setdefault(key, {})[finding.rule] = finding.severity
        right |= {each.cell: each.value for each in matter.should_read}
    marks = {}
    for key, told in rules.items():
        gravest = min(told.values(), key=_WEIGHT.__getitem__)
        graver = [rule for rule, severity in told.items() if severity is not Severity.NOTICE]
        marks[key] = CellMark(gravest, tuple(graver or told), right.get(key))
    return marks


def _cells_of(matter: ShownMatter) -> set[str]:
    named = {key for one in matter.findings for key in one.finding.cells}
    return named | {each.cell for some in (matter.cause.sets if matter.cause else ()) for each in some}


def _named_by(session: Session, access: Access, version_id: int, reference: str) -> ListedVersion:
    """The version, whose own finding or dismissal the reference must name: a county must not reach another's."""
    version = version_in_scope(session, access, version_id)
    said = judged(session, version)
    names = {one.reference for matter in said.matters for one in matter.findings}
    names |= {one.reference for one in said.withheld}
    if reference not in names:
        raise NotFound(reference)
    return version


def _county_name(session: Session, code: str) -> str | None:
    return register.names_of_counties(session, [code]).get(code)


def _files(session: Session, version: ListedVersion) -> Iterable[KeptCapture]:
    """What hangs on the page of a version, each file once: a report may stand in its pictures."""
    known: set[str | None] = {version.sha256}
    for one in evidence_store.documents_at(session, version.portal_id, [version.address]):
        if one.capture.address != version.address and one.capture.sha256 not in known:
            known.add(one.capture.sha256)
            yield one


def _in_years(
    session: Session, access: Access, version: ListedVersion, report: Report, key: str
) -> Iterable[CellInYear]:
    """The cell in the reports that stand for the organ's years, and those of the same body under another code."""
    if version.organ_code is None:
        return
    lineage = lineage_of(session, version.organ_code)
    years = standing_years(session, same_body(access, lineage, version.organ_code))
    if version.report_year is not None:
        years[version.report_year] = version.id
    listed = {one.id: one for one in versions.listed_versions(session, ids=years.values())}
    names = {code: organ.name for code, organ in lineage.organs.items()}
    for year, version_id in sorted(years.items()):
        other = report if version_id == version.id else document(session, version_id)
        found = other.cells.get(key)
        if found is not None and not comparable(key, report.form, other.form):
            found = None
        if found is None and comparable(key, report.form, other.form):
            found = Cell(key, CellState.ABSENT)
        code = listed[version_id].organ_code or version.organ_code
        yield CellInYear(year, version_id, names.get(code, code), found)
