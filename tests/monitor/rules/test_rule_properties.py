"""Whatever stands in the cells: no rule breaks, nothing is invented, every finding can be told and kept."""

import json
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.rules.base import Finding, Subject
from monitor.rules.catalogue import judge, rules_digest
from monitor.rules.localisation import localise
from monitor.rules.tables import compare_flow, compare_results, compare_rows
from parsers.forms import load_form
from parsers.schema import DocumentKind, Report
from tests.monitor.rules.building import ABSENT, BLANK, UNREADABLE, Changes, Value, build_report, subject

VALUES: st.SearchStrategy[Value] = st.one_of(
    st.integers(0, 3),
    st.sampled_from([BLANK, ABSENT, UNREADABLE]),
    st.sampled_from([-2, 455, 12000]),
    st.sampled_from([Decimal("1.5"), Decimal("0.123456")]),
)
NAMES = {form: (*load_form(form).cells, *load_form(form).foreign_cells) for form in ("2019", "2021")}


@st.composite
def described_reports(draw: st.DrawFn) -> tuple[str, Changes, tuple[int, ...]]:
    """What to make a report of: its form, some cells changed to anything, some sections absent."""
    form = draw(st.sampled_from(["2019", "2021"]))
    changes = draw(st.dictionaries(st.sampled_from(NAMES[form]), VALUES, max_size=12))
    absent = draw(st.sets(st.integers(1, 6), max_size=3))
    return form, changes, tuple(sorted(absent))


@settings(max_examples=150, deadline=None)
@given(described_reports(), described_reports())
def test_any_report_can_be_judged_and_every_finding_told_and_kept(
    now: tuple[str, Changes, tuple[int, ...]], then: tuple[str, Changes, tuple[int, ...]]
) -> None:
    report = build_report(now[0], changes=now[1], absent_sections=now[2])
    before = build_report(then[0], changes=then[1], absent_sections=then[2])
    printed = report.to_json()
    year = report.report_year or 0
    judgement = judge(Subject(report, previous=replace(before, report_year=year - 1)))
    for finding in judgement.findings:
        assert "{" not in finding.message()
        assert Finding.from_json(json.loads(json.dumps(finding.to_json()))).message() == finding.message()
        assert all(name in report.cells for name in finding.cells)
    grouped = [id(finding) for matter in judgement.matters for finding in matter.findings]
    assert sorted(grouped) == sorted(map(id, judgement.findings))
    assert len({matter.key for matter in judgement.matters}) == len(judgement.matters)
    assert report.to_json() == printed


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 30), st.sampled_from(["2019", "2021"]), st.integers(0, 6), st.integers(0, 9))
def test_every_candidate_repairs_every_sum(row: int, form: str, column: int, value: int) -> None:
    rows = [name.split(".")[1] for name in load_form(form).cells if name.endswith("natural_person")]
    columns = [name.split(".")[2] for name in load_form(form).cells if ".granted." in name]
    name = f"section_three.{rows[row % len(rows)]}.{columns[column]}"
    report = build_report(form, changes={name: value})
    found = localise(form, report.cells)
    assert bool(found) == bool(value)
    for candidate in (each for part in found for each in part.candidates):
        cells = dict(report.cells)
        for change in candidate.changes:
            cells[change.key] = cells[change.key]._replace(value=change.value, raw=str(change.value))
        for compare in (compare_results, compare_flow, compare_rows):
            assert all(comparison.agrees for comparison in compare(cells).values())


def test_documents_without_tables_or_sections_are_judged_without_an_accusation_on_numbers() -> None:
    bare = Report(
        kind=DocumentKind.REPORT,
        media_type="text/html",
        title="柳溪镇2017年政府信息公开工作年度报告",
        organ="柳溪镇",
        report_year=2017,
        report_year_from="title",
        form="legacy",
    )
    for report in (bare, replace(bare, form=None, report_year=None), replace(bare, form=None, report_year=2023)):
        assert all(not finding.cells for finding in judge(subject(report)).findings)


def test_the_digest_of_the_rules_is_stable() -> None:
    assert rules_digest() == rules_digest()
    assert len(rules_digest()) == 32
