"""The prose of the real documents, against what was read from them by hand."""

import json
import re
import time
from typing import Any

import pytest

from parsers.narrative import read_narrative
from parsers.schema import Fact, Section
from tests.shared import SHARED, needs_shared

SEEDS = [f"seed_00{number}.json" for number in range(5)]
FLAGS = ("negated", "derived", "cumulative", "approximate", "bound")
_HEADING = re.compile(
    r"^([一二三四五六])、(?:总体情况|主动公开政府信息情况|收到和处理政府信息公开申请情况"
    r"|政府信息公开行政复议、行政诉讼情况|存在的主要问题及改进情况|其他需要报告的事项)\s*$",
    re.MULTILINE,
)


def sections_of(text: str) -> dict[int, Section]:
    """The six sections of a plain text, tables and all, cut at the official headings."""
    headings = list(_HEADING.finditer(text))
    ends = [*(match.start() for match in headings[1:]), len(text)]
    return {
        "一二三四五六".index(match[1]) + 1: Section(0, True, match[0], text[match.end() : end])
        for match, end in zip(headings, ends, strict=True)
    }


def seed(name: str) -> tuple[dict[str, Any], dict[int, Section]]:
    expected = json.loads((SHARED / "seeds" / "expected" / name).read_text(encoding="utf-8"))
    return expected, sections_of((SHARED / "seeds" / expected["file"]).read_text(encoding="utf-8"))


def summary(fact: dict[str, Any]) -> tuple[object, ...]:
    return (fact["key"], fact["value"], fact["unit"], fact["section"], *(fact.get(flag) or None for flag in FLAGS))


def without_blanks(text: str) -> str:
    return re.sub(r"\s", "", text)


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("name", SEEDS)
def test_the_seeds_say_exactly_what_was_read_by_hand(name: str) -> None:
    expected, sections = seed(name)
    facts = read_narrative(sections, expected["report_year"])
    read = sorted(str(summary(fact.to_json())) for fact in facts)
    assert read == sorted(str(summary(fact)) for fact in expected["narrative"])


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("name", SEEDS)
def test_each_fact_of_the_seeds_quotes_its_words(name: str) -> None:
    expected, sections = seed(name)
    facts = read_narrative(sections, expected["report_year"])
    for wanted in expected["narrative"]:
        (fact,) = [f for f in facts if f.key == wanted["key"] and f.value == wanted["value"]]
        assert without_blanks(wanted["evidence"]) in without_blanks(fact.quote)
        assert fact.quote in sections[fact.section].text


@needs_shared
@pytest.mark.shared
def test_five_thousand_characters_take_a_few_milliseconds_at_most() -> None:
    text = seed(SEEDS[0])[1][1].text
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
