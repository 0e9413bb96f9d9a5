"""The rules on the prose over the real documents: what they must find there, and nothing else."""

import json
from pathlib import Path

import pytest

from monitor.rules.base import Fail, Finding, Severity, Subject
from monitor.rules.narrative import NARRATIVE_RULES
from parsers.reading import parse
from tests.shared import SHARED, needs_shared


def found(path: Path) -> list[Finding]:
    subject = Subject(parse(path.read_bytes(), name=path.name))
    results = [rule.evaluate(subject) for rule in NARRATIVE_RULES]
    return [finding for result in results if isinstance(result, Fail) for finding in result.findings]


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("number", range(5))
def test_the_seeds_break_exactly_the_rules_that_were_found_broken_by_hand(number: int) -> None:
    expected = json.loads((SHARED / "seeds" / "expected" / f"seed_00{number}.json").read_text(encoding="utf-8"))
    wanted = [
        (finding["rule"], finding["severity"])
        for finding in expected["findings"]
        if finding["rule"].startswith("N-")
    ]
    findings = found(SHARED / "seeds" / expected["file"])
    assert sorted((finding.rule, finding.severity.value) for finding in findings) == sorted(wanted)


@needs_shared
@pytest.mark.shared
def test_the_numbers_of_the_seeds_findings() -> None:
    seeds = sorted((SHARED / "seeds").glob("*.txt"))
    (documents,) = found(seeds[0])
    assert {
        name: documents.values[name] for name in ("narrative_published", "narrative_issued", "table_in_force")
    } == {
        "narrative_published": 32,
        "narrative_issued": 455,
        "table_in_force": 455,
    }
    sums = next(finding for finding in found(seeds[1]) if finding.rule == "N-06")
    assert (sums.values["whole"], sorted(sums.values["parts"]), sums.values["sum"]) == (65, [2, 3, 63], 68)
    answered = next(finding for finding in found(seeds[4]) if finding.rule == "N-02")
    assert (answered.values["narrative"], answered.values["table"]) == (1, 0)


@needs_shared
@pytest.mark.shared
def test_reports_as_portals_show_them() -> None:
    (documents,) = found(SHARED / "real" / "reports" / "pingtan_2023.html")
    assert (documents.rule, documents.severity) == ("N-05", Severity.WARNING)
    assert (documents.values["narrative"], documents.values["table"], documents.values["gap"]) == (393, 470, 77)
    assert found(SHARED / "real" / "reports" / "shuyang_fgj_2023.html") == []
