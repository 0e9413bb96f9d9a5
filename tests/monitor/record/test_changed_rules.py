"""A changed rule is asked again, and no other: what comes out is what judging everything anew would say."""

import random
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.assess import assess
from monitor.language import N_
from monitor.rules import catalogue
from monitor.rules.base import Fail, Finding, NotAssessable, Pass, Result, Rule, Severity, Subject
from monitor.rules.revisions import Revisions
from tests.monitor.record.test_assessed_by_county import HAPPENINGS, Season, contents, same
from tests.monitor.rules.test_rule_examples import EXAMPLES


@pytest.fixture(autouse=True)
def rules() -> Iterator[None]:
    """The rules as they are, before and after."""
    before = catalogue.RULES
    yield
    put(before)


def put(rules: tuple[Rule, ...]) -> None:
    """Other rules from now on."""
    catalogue.RULES = rules
    catalogue.rule_versions.cache_clear()


def silent(subject: Subject) -> Result:
    """Says nothing."""
    return Pass()


def nothing(subject: Subject) -> Result:
    """Cannot say anything."""
    return NotAssessable("…")


def telling(id: str, severity: Severity) -> Callable[[Subject], Result]:
    """Finds something in every report."""

    def found(subject: Subject) -> Result:
        cell = "section_three.total_results.total"
        return Fail((Finding(id, severity, N_("{number}"), {"number": 1}, (cell,)),))

    return found


def changed(rules: tuple[Rule, ...], chance: random.Random) -> tuple[Rule, ...]:
    """Some rules are other ones, one is gone, one is new, one is of other years."""
    found = []
    for rule in rules:
        what = chance.random()
        if what < 0.03:
            continue
        if what < 0.15:
            severity = chance.choice(tuple(Severity))
            evaluate = chance.choice((silent, nothing, telling(rule.id, severity)))
            rule = replace(rule, evaluate=evaluate)
        elif what < 0.2:
            rule = replace(rule, years=chance.choice((None, range(2022, 2023), range(2023, 2024))))
        found.append(rule)
    new = f"T9-{chance.randrange(3)}"
    if all(rule.id != new for rule in found):
        found.append(replace(rules[0], id=new, evaluate=telling(new, Severity.WARNING), years=range(2023, 2030)))
    return tuple(found)


@pytest.mark.parametrize("seed", range(2))
def test_changed_rules_come_to_what_judging_all_anew_says(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    season = Season(tmp_path, chance)
    for _ in range(12):
        chance.choice(HAPPENINGS)(season)
    season.crawl_all()
    season.ingest()
    original = catalogue.RULES
    for step in range(6):
        one, full, other = season.assessed(season.now)
        assert contents(season.database) == contents(other), f"step {step}"
        same(one, full)
        other.close()
        put(changed(original, chance))
        if chance.random() < 0.3:
            chance.choice(HAPPENINGS)(season)
            season.ingest()


def test_only_the_changed_rule_is_asked_and_only_where_it_applies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    season = Season(tmp_path, random.Random(1))
    for _ in range(8):
        season.publish()
    season.crawl_all()
    season.ingest()
    portals = list(season.portals.values())
    assert assess(season.database, portals, season.settings, season.now, workers=1).judged > 4
    asked: list[tuple[str, int | None]] = []
    answers = catalogue.answers

    def noting(subject: Subject, rules: Collection[str]) -> dict[str, Result]:
        asked.extend((id, subject.report.report_year) for id in rules)
        return answers(subject, rules)

    def not_all(subject: Subject) -> catalogue.Judgement:
        raise AssertionError("judged by all rules")

    monkeypatch.setattr(catalogue, "answers", noting)
    monkeypatch.setattr(catalogue, "judge", not_all)
    first, *others = catalogue.RULES
    put((replace(first, evaluate=telling(first.id, Severity.ERROR), years=range(2022, 2023)), *others))
    found = assess(season.database, portals, season.settings, season.now, workers=1)
    assert found.problems == ()
    assert found.judged == len(asked) > 0
    assert set(asked) == {(first.id, 2022)}
    # Taken back, it is asked again of those alone that it may concern; then there is nothing left to ask.
    put((first, *others))
    assert assess(season.database, portals, season.settings, season.now, workers=1).judged > 0
    asked.clear()
    assert assess(season.database, portals, season.settings, season.now, workers=1).judged == 0
    assert not asked


def test_versions_are_of_what_a_rule_runs_and_of_nothing_that_it_keeps_while_it_runs() -> None:
    before = dict(catalogue.rule_versions())
    assert len(set(before.values())) == len(before)
    for examples in EXAMPLES.values():
        for subject in (examples.passing, examples.failing):
            catalogue.judge(subject)
    assert {rule.id: Revisions().of_rule(rule, *_more(rule)) for rule in catalogue.RULES} == {
        id: version for id, version in before.items() if id != catalogue.GROUPING
    }


def _more(rule: Rule) -> tuple[object, ...]:
    return (Revisions().of_function(catalogue._answer), rule.id in catalogue.OFF_BY_DEFAULT)


def test_a_changed_threshold_changes_the_rules_that_use_it_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from monitor.rules import thresholds as module

    read = module.thresholds()
    before = dict(catalogue.rule_versions())
    name = "localisation"
    monkeypatch.setitem(read, name, {**read[name], "most_candidate_cells": 99})
    catalogue.rule_versions.cache_clear()
    after = catalogue.rule_versions()
    assert {id for id in before if before[id] != after[id]} >= {catalogue.GROUPING}
    assert sum(before[id] != after[id] for id in before) < len(before) / 2
