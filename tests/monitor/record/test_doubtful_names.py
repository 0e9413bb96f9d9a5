"""Names that are nobody's with certainty: the queue, a person's answers, and what follows without parsing."""

import os
from pathlib import Path

import pytest

from monitor.ingest import ingest
from monitor.publication import PublicationState
from monitor.registry.doubtful import AnswerError, accept, doubtful_names, forget, reject
from monitor.registry.matching import likeness
from monitor.rules.base import OrganFacts
from monitor.store import names, register
from monitor.store.tables import ReportVersion
from tests.monitor.cli.command import nianbao
from tests.monitor.record.making import TOWN, World, at, organ, shown
from tests.monitor.record.test_ingest import rows

pytestmark = pytest.mark.both_databases

WHO = {"by": "zhang", "note": "电话核实"}
RENAMED = organ("990301101", "云溪新镇", "云溪新镇人民政府")
"""How the town's report signs: a name that the register does not have."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A county whose town signs its report with another name, in a column read whole on three days."""
    world = World(tmp_path)
    _published(world, RENAMED)
    return world


def _published(world: World, signed: object) -> None:
    one = shown(signed, 2023, at(1, 20).date())  # type: ignore[arg-type]
    for day in (at(1, 20), at(2, 1), at(2, 3), at(2, 5)):
        world.crawl(day, one)
    world.ingest()


def the_name(world: World) -> str:
    """The id of the only name in the queue."""
    (one,) = doubtful_names(world.database, [world.portal])
    return one.reference


def no_parsing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ingest in a world where nothing can be parsed."""

    class Pool:
        def run(self, tasks: list[object]) -> list[object]:
            assert not tasks
            return []

    ingest(world.database, world.archive, portals=[world.portal], pool=Pool())  # type: ignore[arg-type]


def test_the_queue_shows_name_reports_and_candidates_with_confidence(world: World) -> None:
    (one,) = doubtful_names(world.database, [world.portal])
    assert (one.county_code, one.county, one.name, one.given) == ("990301", "东岭县", "云溪新镇人民政府", None)
    assert [(report.report_year, report.address) for report in one.reports] == [
        (2023, "http://www.example.org/nb/990301101_2023.html")
    ]
    best = one.candidates[0]
    assert (best.organ.code, best.how) == (TOWN.code, None)
    assert 0.3 < best.confidence < 0.7
    assert doubtful_names(world.database, [world.portal], "990302") == []


def test_an_accepted_name_gives_the_report_to_the_organ_without_parsing_and_can_be_taken_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(world, ReportVersion.id)
    assert world.standing(at(2, 6)).state is PublicationState.UNVERIFIED
    reference = the_name(world)
    accept(world.database, [world.portal], reference, TOWN.code, at=at(2, 6), **WHO)
    assert doubtful_names(world.database, [world.portal]) == []
    no_parsing(world, monkeypatch)
    assert rows(world, ReportVersion.report_key, ReportVersion.organ_match) == [("990301101/2023", "accepted")]
    assert rows(world, ReportVersion.id) == before
    standing = world.standing(at(2, 6))
    assert (standing.state, standing.organ.name) == (PublicationState.ON_TIME, "云溪镇")
    assert world.ingest().unmatched == 0
    forget(world.database, reference, at=at(2, 7), **WHO)
    no_parsing(world, monkeypatch)
    assert rows(world, ReportVersion.organ_code, ReportVersion.organ_match) == [(None, None)]
    assert world.standing(at(2, 6)).state is PublicationState.UNVERIFIED
    assert the_name(world) == reference


def test_the_next_report_under_an_accepted_name_is_the_organs_at_once(world: World) -> None:
    accept(world.database, [world.portal], the_name(world), TOWN.code, at=at(2, 6), **WHO)
    world.crawl(at(3, 1), shown(RENAMED, 2022, path="/nb/next.html"))
    assert world.ingest().unmatched == 0
    keys = {row[0] for row in rows(world, ReportVersion.report_key)}
    assert keys == {"990301101/2022", "990301101/2023"}


def test_an_accepted_name_is_an_alias_to_rules_and_never_the_organs_name(world: World) -> None:
    accept(world.database, [world.portal], the_name(world), TOWN.code, at=at(2, 6), **WHO)
    facts = register.organ_facts(world.database, TOWN.code)
    assert isinstance(facts, OrganFacts)
    assert (facts.name, facts.aliases) == ("云溪镇", ("云溪新镇人民政府",))
    with world.database.reading() as session:
        town = next(one for one in register.all_organs(session) if one.code == TOWN.code)
    assert (town.name, town.aliases, town.facts) == ("云溪镇", (), facts)


def test_a_rejected_organ_is_not_proposed_again_and_nothing_of_the_name_speaks_for_it(world: World) -> None:
    reference = the_name(world)
    reject(world.database, [world.portal], reference, TOWN.code, at=at(2, 6), **WHO)
    (one,) = doubtful_names(world.database, [world.portal])
    assert TOWN.code not in [candidate.organ.code for candidate in one.candidates]
    world.ingest()
    assert world.standing(at(2, 6)).state is PublicationState.MISSING
    forget(world.database, reference, at=at(2, 7), **WHO)
    assert world.standing(at(2, 6)).state is PublicationState.UNVERIFIED


def test_a_name_of_no_organ_of_the_county_leaves_the_queue_and_every_doubt(world: World) -> None:
    reject(world.database, [world.portal], the_name(world), None, at=at(2, 6), **WHO)
    assert doubtful_names(world.database, [world.portal]) == []
    world.ingest()
    states = {code: world.standing(at(2, 6), code).state for code in ("990301101", "990301102")}
    assert set(states.values()) == {PublicationState.MISSING}


def test_a_guess_can_be_confirmed_or_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, answer in enumerate((accept, reject)):
        (tmp_path / str(number)).mkdir()
        world = World(tmp_path / str(number))
        world.register(
            "code,name,kind,county_code,county,prefecture\n990301101,大溪镇,township,990301,东岭县,清沅市\n"
        )
        _published(world, replace_name("太溪镇"))
        (one,) = doubtful_names(world.database, [world.portal])
        assert (one.given, one.candidates[0].confidence) == ("990301101", 0.85)
        answer(world.database, [world.portal], one.reference, None, at=at(2, 6), **WHO)
        no_parsing(world, monkeypatch)
        expected = ("990301101", "accepted") if answer is accept else (None, None)
        assert rows(world, ReportVersion.organ_code, ReportVersion.organ_match) == [expected]
        no_parsing(world, monkeypatch)
        left = doubtful_names(world.database, [world.portal])
        assert [(name.given, [each.organ.code for each in name.candidates]) for name in left] == (
            [] if answer is accept else [(None, [])]
        )


def replace_name(name: str) -> object:
    """The town, signing with another name."""
    return organ("990301101", name, f"{name}人民政府")


def test_a_name_that_the_register_comes_to_know_is_no_more_a_persons_matter(world: World) -> None:
    accept(world.database, [world.portal], the_name(world), TOWN.code, at=at(2, 6), **WHO)
    world.ingest()
    header = "code,name,kind,county_code,county,prefecture,province\n"
    world.register(header + "990301109,云溪新镇,township,990301,东岭县,清沅市,模拟省\n")
    world.ingest()
    assert rows(world, ReportVersion.organ_code, ReportVersion.organ_match) == [("990301109", "name")]


def test_an_answer_needs_a_name_of_the_queue_and_an_organ_of_the_county(world: World) -> None:
    with pytest.raises(AnswerError, match="00000000"):
        accept(world.database, [world.portal], "00000000", TOWN.code, at=at(2, 6), **WHO)
    with pytest.raises(AnswerError, match="999999"):
        accept(world.database, [world.portal], the_name(world), "999999999", at=at(2, 6), **WHO)
    with pytest.raises(AnswerError, match="match list"):
        accept(world.database, [world.portal], the_name(world), None, at=at(2, 6), **WHO)
    with pytest.raises(AnswerError):
        forget(world.database, "00000000", at=at(2, 6), **WHO)
    with world.database.reading() as session:
        assert names.answers(session, forgotten=True) == []


def test_the_commands_say_who_when_and_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_CONFIG", os.fspath(world.configure(at(2, 6))))
    (queued,) = nianbao("match", "list", "--format", "json").json
    assert (queued["state"], queued["name"], queued["candidates"][0]["organ"]) == (
        "open",
        "云溪新镇人民政府",
        "云溪镇",
    )
    assert "云溪新镇" in nianbao("match", "list").out
    told = nianbao("ingest", "--reparse").out
    assert "1 份报告尚不能确定" in told
    assert "nianbao match list" in told
    assert nianbao("match", "accept", queued["id"], TOWN.code, "--note", " ").status == 2
    said = nianbao("match", "accept", queued["id"], TOWN.code, "--note", "更名批复")
    assert (said.status, "云溪镇（990301101）" in said.out) == (0, True)
    assert nianbao("match", "list").out == "没有待定的署名\n"
    assert nianbao("ingest").status == 0
    assert nianbao("assess").status == 0
    alerts = nianbao("alerts", "list", "--format", "json").json
    assert [one for one in alerts if one["organ_code"] == TOWN.code and (one["rule"] or "").startswith("I-")] == []
    assert nianbao("match", "forget", queued["id"], "--note", "弄错了").status == 0
    (answer,) = nianbao("match", "list", "--answered", "--format", "json").json
    assert (answer["answer"], answer["note"], answer["forgotten_note"]) == ("accepted", "更名批复", "弄错了")
    assert answer["at"].startswith("2024-02-06T09:00:00")
    assert "弄错了" in nianbao("match", "list", "--answered").out
    said = nianbao("match", "forget", queued["id"], "--note", "又一次")
    assert (said.status, queued["id"] in said.problem) == (1, True)


def test_how_alike_names_are() -> None:
    assert likeness("云溪镇", "云溪镇") == 1
    assert likeness("太溪镇", "大溪镇") == pytest.approx(1 - 0.25 / 3)
    assert likeness("云溪镇", "石桥乡") == 0
    assert likeness("", "石桥乡") == 0
