"""Every fact of a hundred sentences, its words verbatim, and nothing that they do not say."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from parsers.narrative import read_narrative
from parsers.schema import Section

GOLDEN: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("narrative_golden.yaml").read_text(encoding="utf-8")
)
YEAR = 2023


def test_there_are_enough_of_them() -> None:
    assert len(GOLDEN) >= 100
    assert sum(1 for entry in GOLDEN if not entry["facts"]) >= 25
    assert len({fact["key"] for entry in GOLDEN for fact in entry["facts"]}) >= 30


@pytest.mark.parametrize("entry", GOLDEN, ids=lambda entry: entry["text"][:24])
def test_a_sentence_states_these_facts_and_no_others(entry: dict[str, Any]) -> None:
    section = entry.get("section", 1)
    facts = read_narrative({section: Section(section, True, "一、总体情况", entry["text"])}, YEAR)
    assert all(fact.quote in entry["text"] for fact in facts)
    told = [{name: value for name, value in fact.to_json().items() if name != "section"} for fact in facts]
    for fact in told:
        if "group" in fact:
            fact["group"] = fact["group"].partition(":")[0]
    assert told == entry["facts"]
