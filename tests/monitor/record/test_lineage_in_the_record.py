"""Merged, renamed and ended organs through crawl, ingest and assessment: nobody is accused who is no more."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from crawler.sandbox.generator import Misprint, SandboxOrgan, generate
from monitor.assess import assess
from monitor.decisions.findings import dismiss, findings
from monitor.registry.succession_file import import_successions
from monitor.store.tables import Alert, FindingRow, ReportVersion
from tests.monitor.cli.command import nianbao
from tests.monitor.record.making import HEADER, OTHER_TOWN, TOWN, World, at, column, organ, shown

pytestmark = pytest.mark.both_databases

REGISTER = (
    HEADER
    + "990301101,云溪镇,township,990301,东岭县,清沅市,模拟省,,,,\n"
    + "990301102,石桥乡,township,990301,东岭县,清沅市,模拟省,,,,\n"
    + "990301103,云石镇,township,990301,东岭县,清沅市,模拟省,,,,\n"
    + "990301001,云溪街道,subdistrict,990301,东岭县,清沅市,模拟省,,,,\n"
)
NEW_TOWN = organ("990301103", "云石镇", "云石镇人民政府")
STREET = organ("990301001", "云溪街道", "云溪街道办事处")
MERGER = (
    "990301101,990301103,2023-07-01,merged,省政府批复,\n990301102,990301103,2023-07-01,merged,省政府批复,\n"
    "990301001,,2020-01-01,abolished,县政府通知,\n"
)
CHANGE = "990301101,990301001,2023-07-01,changed_kind,省政府批复,\n990301103,,2020-01-01,abolished,县政府通知,\n"


def world_of(folder: Path, lines: str, *columns: object, years: tuple[int, ...] = (2023,)) -> World:
    """A record with these successions among the organs."""
    world = World(folder, *columns, years=years)  # type: ignore[arg-type]
    path = folder / "organs.csv"
    path.write_text("", encoding="utf-8")
    world.register(REGISTER)
    lineage(world, lines)
    return world


def lineage(world: World, lines: str) -> None:
    """Import successions."""
    path = world.folder / "lineage.csv"
    path.write_text("predecessor,successor,day,how,source,note\n" + lines, encoding="utf-8")
    assert not import_successions(world.database, path).rejected


def assessed(world: World, month: int, day: int, year: int = 2024) -> set[tuple[str, str | None]]:
    """Kind and organ of the alerts that are open after an assessment."""
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(month, day, 12, year))
    with world.database.reading() as session:
        found = session.scalars(select(Alert).where(Alert.state == "open", Alert.audience == "oversight"))
        return {(one.kind, one.organ_code) for one in found}


def wrong_total(of: SandboxOrgan) -> bytes:
    """The page of a report in which a total is wrong."""
    made = generate(of, 2023, misprint=Misprint("a wrong total", {"section_three.total_results.total": 5}))
    return f"<html><body><h1>{made.title}</h1><p>发布时间：2024-01-18</p>{made.body}</body></html>".encode()


def test_after_a_merger_only_the_new_town_is_missing(tmp_path: Path) -> None:
    world = world_of(tmp_path, MERGER)
    for day in (1, 2):
        world.crawl(at(2, day))
    assert assessed(world, 2, 2) == {("missing", NEW_TOWN.code), ("missing", "119903010000000001")}
    gone = world.standing(at(2, 3), TOWN.code)
    assert gone.state.value == "not_expected"
    assert "2023-07-01" in (gone.reason or "")
    assert "云石镇" in (gone.reason or "")


def test_the_report_of_a_town_that_merged_stays_shown_and_keeps_the_new_one_from_being_accused(
    tmp_path: Path,
) -> None:
    world = world_of(tmp_path, MERGER)
    old = shown(TOWN, 2023, date(2023, 8, 1))
    for month, day in ((1, 20), (2, 1), (2, 2)):
        world.crawl(at(month, day), old)
    assert ("missing", NEW_TOWN.code) not in assessed(world, 2, 2)
    gone = world.standing(at(2, 3), TOWN.code)
    assert (gone.state.value, gone.published_on, gone.flags) == ("not_expected", date(2023, 8, 1), ())
    new = world.standing(at(2, 3), NEW_TOWN.code)
    assert new.state.value == "unverified"
    assert "云溪镇" in (new.reason or "")
    world.crawl(at(2, 4), old, shown(NEW_TOWN, 2023, date(2024, 1, 25)))
    assessed(world, 2, 4)
    assert world.standing(at(2, 5), NEW_TOWN.code).state.value == "on_time"


def test_the_year_before_a_merger_is_owed_by_both_and_by_no_other(tmp_path: Path) -> None:
    world = world_of(tmp_path, MERGER, years=(2022, 2023))
    for day in (1, 2):
        world.crawl(at(2, day), shown(TOWN, 2022, date(2023, 1, 18)))
    world.ingest()
    assert world.standing(at(2, 3), TOWN.code, 2022).state.value == "on_time"
    assert world.standing(at(2, 3), OTHER_TOWN.code, 2022).state.value == "missing"
    with pytest.raises(StopIteration):
        world.standing(at(2, 3), NEW_TOWN.code, 2022)


def test_a_report_under_the_old_name_is_that_of_the_subdistrict(tmp_path: Path) -> None:
    world = world_of(tmp_path, CHANGE, years=(2022, 2023))
    last_year = shown(STREET, 2022, date(2023, 1, 18))
    for month, day in ((1, 20), (2, 1), (2, 2)):
        world.crawl(at(month, day), shown(TOWN, 2023, date(2024, 1, 18)), last_year)
    accused = {code for kind, code in assessed(world, 2, 2)}
    assert not accused & {TOWN.code, STREET.code}
    now = world.standing(at(2, 3), STREET.code)
    assert now.state.value == "on_time"
    assert "云溪镇" in (now.reason or "")
    assert "80%" in (now.reason or "")
    before = world.standing(at(2, 3), TOWN.code, 2022)
    assert before.state.value == "on_time", "the site prints today's name above the old report"
    assert "后来的名称" in (before.reason or "")


def test_the_old_column_of_the_town_is_no_wrong_place(tmp_path: Path) -> None:
    world = world_of(tmp_path, CHANGE, column("zhen", organ=TOWN.code), column("nb"))
    report = shown(STREET, 2023, date(2024, 1, 18), column_id="zhen")
    for month, day in ((1, 20), (2, 1), (2, 2)):
        world.crawl(at(month, day), report)
    assert ("misplaced", STREET.code) not in assessed(world, 2, 2)
    assert world.standing(at(2, 3), STREET.code).flags == ()


def test_a_succession_that_is_told_later_takes_the_accusation_back(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.register(REGISTER)
    report = shown(STREET, 2023, date(2024, 1, 18))
    for month, day in ((1, 20), (2, 1), (2, 2)):
        world.crawl(at(month, day), report)
    assert ("missing", TOWN.code) in assessed(world, 2, 2)
    lineage(world, CHANGE)
    assert ("missing", TOWN.code) not in assessed(world, 2, 3)
    with world.database.reading() as session:
        (alert,) = session.scalars(select(Alert).where(Alert.organ_code == TOWN.code, Alert.kind == "missing"))
        assert alert.state == "resolved"


def with_cells(of: SandboxOrgan, year: int, **cells: int) -> bytes:
    """The page of a report with so much more than is right in the columns of the total and of natural persons."""
    changed = {
        f"section_three.{row}.{name}": number
        for row, number in cells.items()
        for name in ("natural_person", "total")
    }
    report = generate(of, year, misprint=Misprint("other numbers", changed))
    head = f"<h1>{report.title}</h1><p>发布时间：{year + 1}-01-18</p>"
    return f"<html><body>{head}{report.body}</body></html>".encode()


def told(world: World, rule: str) -> dict[str | None, str]:
    """What a rule found in the current versions, by organ."""
    with world.database.reading() as session:
        rows = session.execute(
            select(ReportVersion.organ_code, FindingRow.evidence)
            .join(FindingRow, FindingRow.version_id == ReportVersion.id)
            .where(FindingRow.rule == rule)
        )
        return {code: evidence["message"] for code, evidence in rows}


def test_what_a_town_carried_forward_is_looked_for_with_the_subdistrict_that_it_became(tmp_path: Path) -> None:
    world = world_of(tmp_path, CHANGE, years=(2022, 2023))
    now = shown(STREET, 2023, data=with_cells(STREET, 2023, carried_over=0))
    world.crawl(at(1, 20), now, shown(TOWN, 2022, data=with_cells(TOWN, 2022, carried_forward=7)))
    assessed(world, 1, 20)
    message = told(world, "Y-01")[STREET.code]
    assert "由“云溪镇”更名或改设而来" in message
    assert "7" in message
    world.crawl(at(1, 22), now, shown(TOWN, 2022, data=with_cells(TOWN, 2022, carried_forward=0)))
    assessed(world, 1, 22)
    assert STREET.code not in told(world, "Y-01"), (
        "the town's report was corrected, so the later one is judged anew"
    )


def test_what_merged_towns_carried_forward_is_added_up_once_all_are_there(tmp_path: Path) -> None:
    world = world_of(tmp_path, MERGER, years=(2022, 2023))
    now = shown(NEW_TOWN, 2023, data=with_cells(NEW_TOWN, 2023, carried_over=9))
    one = shown(TOWN, 2022, data=with_cells(TOWN, 2022, carried_forward=2))
    world.crawl(at(1, 20), now, one)
    assessed(world, 1, 20)
    assert NEW_TOWN.code not in told(world, "Y-01"), "of one of the two nothing is known"
    world.crawl(at(1, 21), now, one, shown(OTHER_TOWN, 2022, data=with_cells(OTHER_TOWN, 2022, carried_forward=3)))
    assessed(world, 1, 21)
    message = told(world, "Y-01")[NEW_TOWN.code]
    assert all(word in message for word in ("云溪镇2", "石桥乡3", "合计5", "9"))
    assert NEW_TOWN.code not in told(world, "Y-05")


def test_diff_goes_back_to_the_former_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(tmp_path, CHANGE, years=(2022, 2023))
    world.crawl(at(1, 20), shown(STREET, 2023), shown(TOWN, 2022), shown(OTHER_TOWN, 2023))
    assessed(world, 1, 20)
    monkeypatch.setenv("NIANBAO_CONFIG", str(world.configure(at(1, 21))))
    said = nianbao("diff", STREET.code, "2023")
    assert said.status == 0
    assert "2022 年度的报告属于同一机关当时的名称：云溪镇（990301101）" in said.out
    data = nianbao("diff", STREET.code, "2023", "--format", "json").json
    assert (data["organ_code"], data["against_organ_code"]) == (STREET.code, TOWN.code)
    assert nianbao("diff", OTHER_TOWN.code, "2023").status == 1


def test_reports_that_were_read_before_go_to_the_successor_at_the_next_ingest(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.register(REGISTER)
    report = shown(TOWN, 2023, date(2024, 1, 18))
    for month, day in ((1, 20), (2, 1), (2, 2)):
        world.crawl(at(month, day), report)
    assert ("missing", STREET.code) in assessed(world, 2, 2)
    lineage(world, CHANGE)
    assert STREET.code not in {code for _, code in assessed(world, 2, 3)}
    told = world.standing(at(2, 3, 13), STREET.code)
    assert (told.state.value, told.published_on) == ("on_time", date(2024, 1, 18))


def test_a_dismissal_follows_the_report_to_the_successor(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.register(REGISTER)
    report = shown(TOWN, 2023, data=wrong_total(TOWN))
    world.crawl(at(1, 20), report)
    assert ("inconsistent", TOWN.code) in assessed(world, 1, 20)
    for one in findings(world.database):
        dismiss(world.database, one.reference, by="李四", at=at(1, 21), reason="县里已核实")
    assert ("inconsistent", TOWN.code) not in assessed(world, 1, 21)
    lineage(world, CHANGE)
    assert not {kind for kind, code in assessed(world, 1, 22) if code in (TOWN.code, STREET.code)}
    assert world.standing(at(1, 23), STREET.code).version_id is not None


def test_an_accusation_of_before_a_merger_was_told_is_taken_back_where_it_is_in_doubt(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.register(REGISTER)
    for month, day in ((1, 20), (2, 1), (2, 2)):
        world.crawl(at(month, day), shown(TOWN, 2023, date(2024, 1, 18)))
    assert {("missing", NEW_TOWN.code), ("missing", OTHER_TOWN.code)} <= assessed(world, 2, 2)
    lineage(world, MERGER)
    accused = {code for _, code in assessed(world, 2, 3)}
    assert not accused & {NEW_TOWN.code, OTHER_TOWN.code, TOWN.code}
    assert world.standing(at(2, 3, 13), NEW_TOWN.code).state.value == "unverified"
