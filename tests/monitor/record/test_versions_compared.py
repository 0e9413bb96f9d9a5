"""The versions of a report from the record: what was changed after it was published, and what that ended."""

import json
from datetime import date
from pathlib import Path

import pytest

from monitor.assess import assess
from monitor.differences.history import history
from tests.databases import address_in
from tests.monitor.cli.command import nianbao, working_in
from tests.monitor.record.making import TOWN, World, at, page, shown

pytestmark = pytest.mark.both_databases("core")

NAME = "表三 （一）予以公开 · 自然人"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def wrong_and_right() -> tuple[bytes, bytes]:
    """A report in which one cell breaks its sums, and the same as it should be."""
    right = page(TOWN, 2023, date(2024, 1, 18)).decode()
    head, granted, tail = right.partition("（一）予以公开")
    first = tail.index("<td")
    number = tail[tail.index(">", first) + 1 : tail.index("<", first + 1)]
    return (head + granted + tail.replace(f">{number}<", ">77<", 1)).encode(), right.encode()


def passed(world: World, day: int, data: bytes, *, judged: bool = True) -> None:
    """A pass on a day of January that saw this."""
    world.crawl(at(1, day), shown(TOWN, 2023, data=data))
    world.ingest()
    if judged:
        assess(world.database, [world.portal], world.settings, at(1, day, 12))


def test_a_correction_is_told_with_what_it_ended(world: World) -> None:
    wrong, right = wrong_and_right()
    passed(world, 20, wrong)
    passed(world, 25, right)
    found, (change,) = history(world.database, TOWN.code, 2023)
    assert [version.first_seen_at.day for version in found] == [20, 25]
    assert [difference.key for difference in change.cells.changed] == ["section_three.granted.natural_person"]
    assert not [section for section in change.sections if section.shown]
    assert change.ended
    assert {one.alert_state for one in change.ended} == {"resolved"}
    assert change.brought == ()


def test_what_comes_back_is_a_change_again(world: World) -> None:
    wrong, right = wrong_and_right()
    for day, data in ((20, right), (22, wrong), (25, right)):
        passed(world, day, data)
    found, changes = history(world.database, TOWN.code, 2023)
    assert len(found) == 3
    assert [(bool(one.ended), bool(one.brought)) for one in changes] == [(False, True), (True, False)]


def test_of_a_version_that_was_never_judged_nothing_is_said(world: World) -> None:
    wrong, right = wrong_and_right()
    passed(world, 20, wrong, judged=False)
    passed(world, 25, right)
    _, (change,) = history(world.database, TOWN.code, 2023)
    assert (change.ended, change.brought) == (None, None)


def test_another_address_is_no_change_of_the_page(world: World) -> None:
    wrong, right = wrong_and_right()
    world.crawl(at(1, 20), shown(TOWN, 2023, data=wrong), shown(TOWN, 2023, data=right, path="/nb/t_2.html"))
    world.ingest()
    found, changes = history(world.database, TOWN.code, 2023)
    assert (len(found), changes) == (2, [])


def test_the_command_tells_the_versions(world: World) -> None:
    wrong, right = wrong_and_right()
    passed(world, 20, wrong)
    passed(world, 25, right)
    with working_in(world.folder):
        (world.folder / "nianbao.toml").write_text(f'[store]\ndatabase = "{address_in(world.folder)}"\n')
        told = nianbao("diff", TOWN.code, "2023", "--versions")
        assert told.status == 0, told.err
        assert NAME in told.out
        assert "已了结：T3-" in told.out
        assert "（提醒 #" in told.out
        data = json.loads(nianbao("diff", TOWN.code, "2023", "--versions", "--format", "json").out)
        assert [cell["label"] for cell in data["changes"][0]["cells"]] == [NAME]
        both = nianbao("diff", TOWN.code, "2023", "--versions", "--against", "2022")
        assert (both.status, "--versions" in both.problem) == (2, True)
        assert nianbao("diff", TOWN.code, "2023", "--against", "2023").status == 2
        nothing = nianbao("diff", TOWN.code, "2022", "--versions")
        assert (nothing.status, "没有 2022 年度的报告" in nothing.problem) == (1, True)


def test_a_report_that_was_never_changed_says_so(world: World) -> None:
    passed(world, 20, wrong_and_right()[1])
    with working_in(world.folder):
        (world.folder / "nianbao.toml").write_text(f'[store]\ndatabase = "{address_in(world.folder)}"\n')
        assert "公布后没有改动" in nianbao("diff", TOWN.code, "2023", "--versions").out
