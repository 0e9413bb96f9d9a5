"""What was said of a report is kept when it is said otherwise, and told again of its time."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from crawler.sandbox.generator import Misprint, generate
from monitor.assess import assess
from monitor.completeness.figures import CountyCompleteness
from monitor.completeness.record import from_record
from monitor.rules.base import Severity
from monitor.store import assessments
from monitor.store.assessments import JudgedMatters
from monitor.store.tables import Assessment, PastJudgement
from tests.monitor.record.making import TOWN, World, at, shown

pytestmark = pytest.mark.both_databases


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    report = generate(TOWN, 2023, misprint=Misprint("wrong", {"section_three.total_results.total": 5}))
    data = f"<html><body><h1>{report.title}</h1><p>发布时间：2024-01-18</p>{report.body}</body></html>".encode()
    world.crawl(at(1, 20), replace(shown(TOWN, 2023, date(2024, 1, 18)), data=data))
    world.ingest()
    return world


def judge(world: World, moment: datetime) -> None:
    assess(world.database, [world.portal], world.settings, moment, workers=1)


def say_otherwise(world: World, moment: datetime, *, nothing: bool = False) -> None:
    """The rules changed: of every version only its notices are told, or what was told before."""
    with world.database.begin() as session:
        ids = list(session.scalars(select(Assessment.version_id)))
        grounds = assessments.known_grounds(session, ids)
        matters = assessments.all_matters(session, ids)
        said = [
            JudgedMatters(
                version_id,
                grounds[version_id],
                tuple(
                    matter
                    for matter in matters[version_id][0]
                    if not nothing or matter.severity is Severity.NOTICE
                ),
                matters[version_id][1],
            )
            for version_id in ids
        ]
        assessments.put_judgements(session, said, moment)


def county(world: World, moment: datetime) -> CountyCompleteness:
    (found,) = from_record(world.database, [world.portal], world.settings, moment, year=2023).counties
    return found


def kept(world: World) -> int:
    with world.database.reading() as session:
        return session.scalar(select(func.count()).select_from(PastJudgement)) or 0


def test_of_an_earlier_moment_is_told_what_was_told_then(world: World) -> None:
    judge(world, at(1, 21))
    told = county(world, at(1, 22))
    assert (told.figures.with_errors, len(told.problems)) == (1, 1)
    say_otherwise(world, at(2, 1), nothing=True)
    assert county(world, at(2, 2)).problems == ()
    assert county(world, at(2, 2)).figures.with_errors == 0
    assert (county(world, at(1, 22)).problems, county(world, at(1, 22)).figures) == (told.problems, told.figures)


def test_before_it_was_judged_at_all_what_was_told_first_stands(world: World) -> None:
    judge(world, at(1, 25))
    say_otherwise(world, at(2, 1), nothing=True)
    assert county(world, at(1, 22)).figures.with_errors == 1


def test_the_same_said_again_keeps_nothing_and_a_moment_judged_twice_replaces_itself(world: World) -> None:
    judge(world, at(1, 21))
    say_otherwise(world, at(2, 1))
    assert kept(world) == 0
    say_otherwise(world, at(2, 1), nothing=True)
    assert kept(world) == 1
    assert county(world, at(1, 30)).figures.with_errors == 1
    with world.database.begin() as session:
        session.execute(update(Assessment).values(rules_digest="older"))
    judge(world, at(2, 1))
    assert kept(world) == 1
    assert county(world, at(2, 2)).figures.with_errors == 1
