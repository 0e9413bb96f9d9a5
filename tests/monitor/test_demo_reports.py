"""The sandbox's reports under the real rules: clean ones raise nothing, the others just what their plot says."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from crawler.sandbox import SandboxOrgan, generate, season
from crawler.sandbox.season import ORGANS, PLOT, REPORT_YEARS, SEASON, SEED, organ_named, publications
from crawler.sandbox.volume import VolumeSite
from monitor.rules.base import OrganFacts, OrganKind, Severity, Subject
from monitor.rules.catalogue import judge
from parsers.reading import parse
from parsers.schema import Report

AFTER, MONTH_LATER = date(2024, 2, 25), date(2024, 3, 5)


@cache
def _read(body: str) -> Report:
    return parse(f"<html><meta charset=utf-8><body>{body}</body></html>".encode(), media_type="text/html")


def _weighty(organ: SandboxOrgan, report: Report, previous: Report | None) -> set[tuple[str, str]]:
    """Rules and severities of the errors and warnings."""
    facts = OrganFacts(
        organ.code, organ.name, OrganKind(organ.kind), organ.county_code, organ.county, organ.aliases
    )
    names = tuple(one.name for one in ORGANS if one.county_code == organ.county_code)
    findings = judge(Subject(report, facts, previous, names)).findings
    return {(one.rule, one.severity.value) for one in findings if one.severity is not Severity.NOTICE}


def _season_report(organ: SandboxOrgan, year: int, today: date) -> Report | None:
    for publication in publications(organ.county_code):
        if (publication.organ, publication.report_year) == (organ, year) and publication.there(today):
            return _read(publication.revision(today).report().body)
    return None


@pytest.mark.parametrize("organ", ORGANS, ids=lambda organ: organ.code)
def test_season(organ: SandboxOrgan) -> None:
    """All years of every organ, each against the year before: nothing but the plot is found."""
    expected = {
        "inconsistent": {("T3-01", "error"), ("T3-02", "error"), ("N-02", "warning")},
        "corrected": {("T3-02", "error")},
        "wrong_form": {("V-01", "error")},
    }
    previous = None
    for year in REPORT_YEARS:
        report = _season_report(organ, year, AFTER)
        if report is None:
            assert year == SEASON
            continue
        plot = PLOT.get(organ.name, "") if year == SEASON else ""
        assert _weighty(organ, report, previous) == expected.get(plot, set()), year
        previous = report


def test_correction_leaves_nothing() -> None:
    """The corrected report is clean a month later, the changed one is clean before and after."""
    for name in ("茶亭镇", "澄溪县财政局"):
        organ = organ_named(name)
        report, previous = _season_report(organ, SEASON, MONTH_LATER), _season_report(organ, SEASON - 1, AFTER)
        assert report is not None
        assert _weighty(organ, report, previous) == set()


def test_inconsistent_report_is_one_matter() -> None:
    """The total printed too low breaks three rules and is one mistake with one likely cause."""
    organ = organ_named("白藤镇")
    report = _season_report(organ, SEASON, AFTER)
    assert report is not None
    facts = OrganFacts(organ.code, organ.name, OrganKind.TOWNSHIP, organ.county_code, organ.county)
    matters = [one for one in judge(Subject(report, facts)).matters if one.severity is not Severity.NOTICE]
    (matter,) = matters
    assert matter.severity is Severity.ERROR
    assert matter.likely_cause is not None


def test_other_seeds_and_the_volume_portal_are_clean() -> None:
    """Reports of other random seeds, and those of the volume portal: no error, no warning."""
    site = VolumeSite(160)
    cases = [(organ, SEED + 1) for organ in ORGANS] + [(organ, site.seed) for organ in site.organs]
    for organ, seed in cases:
        previous = None
        for year in REPORT_YEARS:
            report = _read(generate(organ, year, seed=seed).body)
            assert _weighty(organ, report, previous) == set(), (organ.code, year)
            previous = report


def test_season_is_told_apart_from_the_settled_years() -> None:
    """Only the season's year carries the plot."""
    assert max(REPORT_YEARS) == SEASON
    assert all(season.truth(organ, SEASON - 1, AFTER) is not None for organ in ORGANS)
