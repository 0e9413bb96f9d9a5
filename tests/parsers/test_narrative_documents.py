"""The prose of the real documents, against what was read from them by hand."""

import json
import re
import time
from typing import Any

import pytest

from parsers.narrative import read_narrative
from parsers.reading import parse
from parsers.schema import Fact, Report, Section
from tests.shared import SHARED, needs_shared

SEEDS = [f"seed_00{number}.json" for number in range(5)]
FLAGS = ("negated", "derived", "cumulative", "approximate", "bound")
REAL = {
    "pingtan_2023.html": {
        "proactive_items_total": 13561,
        "applications_received": 81,
        "applications_answered": 81,
        "reviews": 2,
        "lawsuits": 7,
        "normative_documents_in_force": 393,
        "normative_documents_issued_total": 77,
        "info_processing_fee": 0,
    },
    "shuyang_fgj_2023.html": {
        "proactive_items_total": 249,
        "applications_received": 26,
        "info_processing_fee": 0,
    },
}
CONTRACT_KEYS = {key for facts in REAL.values() for key in facts} | {"normative_documents_published"}


def seed(name: str) -> tuple[dict[str, Any], Report]:
    """What was read by hand from a seed, and the seed as it is parsed."""
    expected = json.loads((SHARED / "seeds" / "expected" / name).read_text(encoding="utf-8"))
    return expected, parse((SHARED / "seeds" / expected["file"]).read_bytes(), name=expected["file"])


def summary(fact: dict[str, Any]) -> tuple[object, ...]:
    return (fact["key"], fact["value"], fact["unit"], fact["section"], *(fact.get(flag) or None for flag in FLAGS))


def without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text)


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("name", SEEDS)
def test_the_seeds_say_exactly_what_was_read_by_hand(name: str) -> None:
    expected, report = seed(name)
    read = sorted(str(summary(fact.to_json())) for fact in report.narrative)
    assert read == sorted(str(summary(fact)) for fact in expected["narrative"])


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("name", SEEDS)
def test_each_fact_of_the_seeds_quotes_its_words(name: str) -> None:
    expected, report = seed(name)
    for wanted in expected["narrative"]:
        (fact,) = [f for f in report.narrative if f.key == wanted["key"] and f.value == wanted["value"]]
        assert without_blanks(wanted["evidence"]) in without_blanks(fact.quote)
        assert fact.quote in report.sections[fact.section].text


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("name", sorted(REAL))
def test_reports_as_portals_show_them_say_what_was_read_by_hand(name: str) -> None:
    report = parse((SHARED / "real" / "reports" / name).read_bytes(), name=name)
    told = [fact for fact in report.narrative if fact.key in CONTRACT_KEYS]
    assert {fact.key: fact.value for fact in told} == REAL[name]
    assert len(told) == len(REAL[name])


@needs_shared
@pytest.mark.shared
def test_five_thousand_characters_take_a_few_milliseconds_at_most() -> None:
    text = seed(SEEDS[0])[1].sections[1].text
    long = {1: Section(1, True, "一、总体情况", (text * 5)[:5000])}
    read_narrative(long, 2021)
    best = min(_seconds(long) for _ in range(20))
    # Measured: about 1.2 ms; the bound leaves room for a machine that does other things too.
    assert best < 0.006


def _seconds(sections: dict[int, Section]) -> float:
    start = time.perf_counter()
    facts: tuple[Fact, ...] = read_narrative(sections, 2021)
    assert facts
    return time.perf_counter() - start
