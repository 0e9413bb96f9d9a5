"""Assessing the record: standings, judgements, alerts, and nothing judged twice."""

from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from crawler.clock import Clock
from crawler.portals.definition import PortalError
from crawler.records import EntryKind, Outcome
from crawler.sandbox.generator import Misprint, generate
from monitor.alerts.details import details
from monitor.alerts.listing import show_alert
from monitor.alerts.wording import say
from monitor.assess import AssessResult, assess, judged_versions
from monitor.cli.frame import Situation
from monitor.cli.progress import CommandReporter
from monitor.completeness.summary import looked
from monitor.pipeline import Work, assess_stage
from monitor.publication import PublicationState
from monitor.settings import ChannelSettings, NotifySettings
from monitor.store.alerts import events_of
from monitor.store.register import obligations
from monitor.store.tables import Alert, Delivery, FindingRow, ReportVersion
from monitor.store.versions import VersionRow, current_report, current_version_id, pack, replace_version, unpack
from tests.monitor.record.making import (
    OTHER_TOWN,
    REGISTER,
    TOWN,
    Shown,
    World,
    at,
    column,
    organ,
    page,
    shown,
)

pytestmark = pytest.mark.both_databases("core")

OFFICE = "119903010000000001"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def assessed(world: World, month: int, day: int) -> AssessResult:
    """An assessment on a day."""
    return assess(world.database, [world.portal], world.settings, at(month, day, 12))


def alerts(world: World) -> set[tuple[str, str | None, str]]:
    """Kind, organ and state of all alerts."""
    with world.database.reading() as session:
        return {(one.kind, one.organ_code, one.state) for one in session.scalars(select(Alert))}


def test_without_any_definition_nothing_is_settled_or_opened(world: World) -> None:
    """The folder of the definitions is not mounted: that says nothing of anybody."""
    work = Work(world.settings, world.database, world.archive, (), Clock.showing(at(3, 1, 12)))
    assess_stage(work, CommandReporter(Situation()))  # nothing was ever crawled: nothing to lose
    for day in (5, 6):
        world.crawl(at(2, day, 9))
    world.ingest()
    assessed(world, 2, 7)
    before = alerts(world)
    assert ("missing", TOWN.code, "open") in before
    with pytest.raises(PortalError, match="一个门户定义也没有"):
        assess_stage(work, CommandReporter(Situation()))
    assert alerts(world) == before


def state(world: World, month: int, day: int, code: str = TOWN.code) -> str:
    """The state of an obligation on a day."""
    return world.standing(at(month, day, 12), code).state.value


def test_the_season_of_a_missing_report(world: World) -> None:
    there = shown(OTHER_TOWN, 2023, date(2024, 1, 18))
    expected = {
        (1, 20): ("not_due", set()),
        (1, 31): ("not_due", set()),
        (2, 1): ("unverified", set()),
        (2, 2): ("missing", {("missing", TOWN.code, "open"), ("missing", OFFICE, "open")}),
    }
    for (month, day), (wanted, opened) in expected.items():
        world.crawl(at(month, day), there)
        world.ingest()
        assessed(world, month, day)
        assert state(world, month, day) == wanted
        assert alerts(world) == opened
    world.crawl(at(2, 20), there, shown(TOWN, 2023, date(2024, 2, 19)))
    world.ingest()
    assessed(world, 2, 20)
    assert state(world, 2, 20) == "late"
    assert alerts(world) == {
        ("missing", TOWN.code, "resolved"),
        ("late", TOWN.code, "open"),
        ("missing", OFFICE, "open"),
    }


def test_the_past_is_told_as_it_was_known_then(world: World) -> None:
    for month, day in ((2, 1), (2, 2)):
        world.crawl(at(month, day))
    world.crawl(at(2, 20), shown(TOWN, 2023, date(2024, 2, 19)))
    world.crawl(at(3, 1), shown(TOWN, 2023, data=None, listed=False))
    world.ingest()
    assert [state(world, *day) for day in ((2, 1), (2, 10), (2, 25))] == ["unverified", "missing", "late"]
    assert world.standing(at(2, 25)).flags == ()
    assert world.standing(at(3, 2)).flags == (), "gone in one pass: it may be put up anew"
    world.crawl(at(3, 3))
    world.ingest()
    assert world.standing(at(3, 2)).flags == (), "the past is as it was"
    removed = world.standing(at(3, 4))
    assert removed.flags == ("removed",)
    assert (removed.last_seen_at, removed.gone_answer) == (at(2, 20) + timedelta(seconds=2), "404")
    assert removed.gone_at == at(3, 1) + timedelta(seconds=1)
    (looked,) = world.standing(at(2, 10)).looked_at
    assert (looked.portal, looked.column, looked.address) == (
        "东岭县人民政府",
        "栏目nb",
        "http://www.example.org/nb/",
    )


@pytest.mark.parametrize("comes_back", [True, False])
def test_who_asks_for_more_passes_takes_no_removal_back(world: World, comes_back: bool) -> None:
    """It was told that a report was taken down; that more proof is asked for does not put it up again."""
    world.crawl(at(2, 20), shown(TOWN, 2023, date(2024, 1, 18)))
    for day in (1, 3):
        world.crawl(at(3, day), shown(TOWN, 2023, data=None, listed=False))
    world.ingest()
    assessed(world, 3, 4)
    assert ("removed", TOWN.code, "open") in alerts(world)
    world.settings = world.settings.model_copy(
        update={"watch": world.settings.watch.model_copy(update={"removed_passes": 4})}
    )
    assert assessed(world, 3, 5).alerts.resolved == ()
    assert ("removed", TOWN.code, "open") in alerts(world)
    if comes_back:
        world.crawl(at(3, 6), shown(TOWN, 2023, date(2024, 1, 18)))
        world.ingest()
        assert len(assessed(world, 3, 7).alerts.resolved) == 1
        assert ("removed", TOWN.code, "resolved") in alerts(world)
    else:
        for day in (7, 8):
            world.crawl(at(3, day))
        world.ingest()
        done = assessed(world, 3, 9).alerts
        assert (done.opened, done.resolved, done.reopened) == ((), (), ())


def misprinted_page(deep: bool = False) -> bytes:
    """A report of the town with a wrong total; ``deep`` hides behind it what no second reading can take."""
    wrong = Misprint("a total too high", {"section_three.total_results.total": 5})
    report = generate(TOWN, 2023, misprint=wrong)
    behind = "<div>" * 1000 if deep else ""
    head = f"<h1>{report.title}</h1><p>发布时间：2024-01-18</p>"
    return f"<html><body>{head}{report.body}{behind}</body></html>".encode()


def test_a_broken_sum_that_two_readings_see_alike_is_for_oversight_with_what_it_should_read(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023, data=misprinted_page()))
    world.ingest()
    assessed(world, 1, 20)
    assert alerts(world) == {("inconsistent", TOWN.code, "open")}
    with world.database.reading() as session:
        (found,) = session.scalars(select(Alert))
        cause = details(found.evidence)["cause"]
        assert "很可能漏填或误填" in cause
        assert "很可能" not in details(found.evidence, "en")["cause"]
        assert [cell["suspect"] for cell in found.evidence["cells"]].count(True) == 1


def test_a_broken_sum_that_cannot_be_read_twice_is_for_operators_only(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023, data=misprinted_page(deep=True)))
    world.ingest()
    assessed(world, 1, 20)
    assert alerts(world) == {("parse_failed", None, "open")}
    with world.database.reading() as session:
        (found,) = session.scalars(select(Alert))
        assert "无法解析" not in say(found.template, found.values), "it was read"
        assert any("不能复读" in text for _, text in details(found.evidence)["facts"])
    world.crawl(at(1, 22), shown(TOWN, 2023, data=misprinted_page()))
    world.ingest()
    assessed(world, 1, 22)
    assert ("parse_failed", None, "resolved") in alerts(world)


def test_a_blocked_portal_makes_nobody_missing(world: World) -> None:
    for day in (1, 2, 3):
        world.crawl(at(2, day), outcome=Outcome.BLOCKED)
    world.ingest()
    assessed(world, 2, 3)
    assert state(world, 2, 3) == "unverified"
    assert {kind for kind, _, _ in alerts(world)} == {"portal_blocked"}


def test_a_run_that_never_ended_proves_nothing(world: World) -> None:
    world.crawl(at(2, 1))
    world.crawl(at(2, 2), finish=False)
    world.archive.close_unfinished(at(2, 2, 10))
    world.ingest()
    assert state(world, 2, 3) == "unverified"


def test_captures_that_are_not_looked_into_hold_missing_back(world: World) -> None:
    from monitor.ingest import import_logs

    world.crawl(at(2, 1))
    world.crawl(at(2, 2), shown(TOWN, 2023, date(2024, 1, 30)))
    import_logs(world.database, world.archive)
    standing = world.standing(at(2, 3))
    assert standing.state is PublicationState.UNVERIFIED
    assert "nianbao ingest" in (standing.reason or "")
    world.ingest()
    assert state(world, 2, 3) == "on_time"


@pytest.mark.parametrize(
    ("doubtful", "held"),
    [
        # Its title names the organ and the year, but the file cannot be read.
        (Shown("/nb/1.html", b"\x00\x01\x02" * 50, "云溪镇2023年政府信息公开工作年度报告"), {TOWN.code}),
        # Another organ's, another year's: no doubt about this one.
        (Shown("/nb/1.html", b"\x00\x01\x02" * 50, "石桥乡2023年政府信息公开工作年度报告"), {OTHER_TOWN.code}),
        (Shown("/nb/1.html", b"\x00\x01\x02" * 50, "云溪镇2022年政府信息公开工作年度报告"), set()),
        # A report under a name that nobody bears may be of any township, but not of an office.
        (shown(organ("990301199", "枫林镇", "枫林镇人民政府"), 2023), {TOWN.code, OTHER_TOWN.code}),
        # One that is like the name of one organ is not the other's.
        (shown(organ("990301199", "云霞镇", "云霞镇人民政府"), 2023), {TOWN.code}),
        # A page with a report's title that holds no report (a picture, a link to a file).
        (
            Shown(
                "/nb/1.html",
                "<html><body><h1>云溪镇2023年政府信息公开工作年度报告</h1><p>见附件。</p></body></html>".encode(),
                "云溪镇2023年政府信息公开工作年度报告",
            ),
            {TOWN.code},
        ),
        # A row that names neither organ nor year was not fetched.
        (
            Shown("/nb/1.html", None, "政府信息公开工作年度报告", kind=EntryKind.OTHER),
            {TOWN.code, OTHER_TOWN.code, OFFICE},
        ),
        (Shown("/nb/1.html", None, "2023年法治政府建设年度报告", kind=EntryKind.OTHER), set()),
        (Shown("/nb/1.html", None, "政府信息公开工作年度报告", date(2022, 1, 8), kind=EntryKind.OTHER), set()),
    ],
)
def test_what_may_be_the_report_holds_missing_back(world: World, doubtful: Shown, held: set[str]) -> None:
    for day in (1, 2):
        world.crawl(at(2, day), doubtful)
        world.ingest()
    states = {code: state(world, 2, 3, code) for code in (TOWN.code, OTHER_TOWN.code, OFFICE)}
    assert {code for code, found in states.items() if found == "unverified"} == held
    assert {code for code, found in states.items() if found == "missing"} == set(states) - held


def test_columns_cover_organs_and_years(tmp_path: Path) -> None:
    world = World(
        tmp_path,
        column("xz", covers=("township",)),
        column("own", organ=TOWN.code),
        column("old", years=(2019,)),
    )
    for day in (1, 2):
        world.crawl(at(2, day), columns={"own": Outcome.UNREACHABLE}, outcome=Outcome.EMPTY_PROVEN)
    world.ingest()
    assert state(world, 2, 3) == "unverified"
    assert state(world, 2, 3, OTHER_TOWN.code) == "missing"
    standing = world.standing(at(2, 3), OFFICE)
    assert standing.state is PublicationState.UNVERIFIED
    assert "没有收录" in (standing.reason or "")


def test_organs_that_are_not_listed_or_no_more_there_are_not_accused(world: World) -> None:
    world.register(
        REGISTER.replace(
            "石桥乡,township,990301,东岭县,清沅市,模拟省,,",
            "石桥乡,township,990301,东岭县,清沅市,模拟省,,2023-10-01",
        ).replace("县财政局,\n", "县财政局,false\n")
    )
    for day in (1, 2):
        world.crawl(at(2, day))
    world.ingest()
    result = assessed(world, 2, 3)
    assert result.states[PublicationState.NOT_EXPECTED] == 1
    assert result.obligations == 2
    assert alerts(world) == {("missing", TOWN.code, "open")}


def test_obligations_are_recorded_with_their_rule(world: World) -> None:
    assessed(world, 2, 1)
    with world.database.reading() as session:
        found = {row.organ_code: (row.due_on, row.severity) for row in obligations(session)}
    assert found == {
        TOWN.code: (date(2024, 1, 31), "warning"),
        OTHER_TOWN.code: (date(2024, 1, 31), "warning"),
        OFFICE: (date(2024, 1, 31), "error"),
    }


def test_nothing_is_judged_twice_until_something_changed(world: World) -> None:
    for year in (2022, 2023):
        world.crawl(at(1, 20, hour=year - 2015), shown(TOWN, year, date(year + 1, 1, 18)))
    world.ingest()
    assert assessed(world, 1, 21).judged == 2
    again = assessed(world, 1, 22)
    assert (again.judged, again.unchanged) == (0, 2)
    assert (again.alerts.opened, again.alerts.updated) == ((), ())
    # Last year's report changed: it and this year's, which is compared with it.
    changed = shown(TOWN, 2022, date(2023, 1, 18), data=page(TOWN, 2022, date(2023, 1, 18), seed=2))
    world.crawl(at(1, 23), changed)
    world.ingest()
    assert assessed(world, 1, 23).judged == 2
    # A register that knows more: rules may say something else.
    world.register(REGISTER + "990301103,枫林镇,township,990301,东岭县,清沅市,模拟省,,,,\n")
    assert assessed(world, 1, 24).judged == 2


def told_by(world: World, rule: str) -> list[str]:
    """The messages of a rule about the version of TOWN's report that stands now."""
    standing = world.standing(at(1, 25))
    (judged,) = judged_versions(world.database, [standing.version_id or 0])
    return [found.message() for matter in judged.matters for found in matter.findings if found.rule == rule]


def test_a_second_report_of_the_year_is_told_while_both_stand(world: World) -> None:
    first = shown(TOWN, 2023, date(2024, 1, 18))
    world.crawl(at(1, 20), first)
    world.ingest()
    assert assessed(world, 1, 20).judged == 1
    assert told_by(world, "I-10") == []
    # The same under another address is a copy; other numbers are another report.
    copy = shown(TOWN, 2023, date(2024, 1, 18), path="/nb/copy.html")
    second = shown(TOWN, 2023, date(2024, 1, 18), path="/nb/b.html", data=page(TOWN, 2023, seed=2))
    world.crawl(at(1, 21), first, copy)
    world.ingest()
    assert assessed(world, 1, 21).judged == 0
    world.crawl(at(1, 22), first, copy, second)
    world.ingest()
    assert assessed(world, 1, 22).judged == 1
    (message,) = told_by(world, "I-10")
    assert "另有一份报告在网" in message
    assert assessed(world, 1, 22).judged == 0
    # One of the two is taken down: the other stands alone, as it was judged before.
    world.crawl(at(1, 23), first, copy, replace(second, data=None, listed=False))
    world.ingest()
    assessed(world, 1, 23)
    assert told_by(world, "I-10") == []


def test_the_corrected_page_stands_whichever_was_fetched_first(world: World) -> None:
    # The list shows the newest page first, and in that order they are fetched.
    corrected = shown(
        TOWN, 2023, date(2024, 1, 18), path="/nb/b.html", data=page(TOWN, 2023, date(2024, 1, 18), seed=2)
    )
    world.crawl(at(1, 20), corrected, shown(TOWN, 2023, date(2024, 1, 15)))
    world.ingest()
    assert assessed(world, 1, 20).judged == 1
    standing = world.standing(at(1, 25))
    assert standing.address == corrected.address
    assert standing.published_on == date(2024, 1, 15)
    assert told_by(world, "I-10")
    with world.database.reading() as session:
        assert current_version_id(session, TOWN.code, 2023) == standing.version_id


def test_a_judgement_rests_on_all_earlier_years(world: World) -> None:
    for year, seed in ((2021, 1), (2022, 2), (2023, 3)):
        world.crawl(at(1, 20, hour=year - 2015), shown(TOWN, year, data=page(TOWN, year, seed=seed)))
    world.ingest()
    assert assessed(world, 1, 21).judged == 3
    # The oldest report changes: it, the next one, and the one whose history it belongs to are judged anew.
    world.crawl(at(1, 22), shown(TOWN, 2021, data=page(TOWN, 2021, seed=9)))
    world.ingest()
    assert assessed(world, 1, 22).judged == 3


def test_a_judgement_rests_on_what_other_years_are_read_as(world: World) -> None:
    for year, seed in ((2021, 1), (2022, 2), (2023, 3)):
        world.crawl(at(1, 20, hour=year - 2015), shown(TOWN, year, data=page(TOWN, year, seed=seed)))
    world.ingest()
    assert assessed(world, 1, 21).judged == 3
    # The same bytes are read otherwise: the version keeps its id, and what was judged by it is judged anew.
    read_otherwise(world, 2022, at(1, 21, 13))
    assert assessed(world, 1, 22).judged == 2
    read_otherwise(world, 2021, at(1, 22, 13))
    assert assessed(world, 1, 23).judged == 3
    assert assessed(world, 1, 24).judged == 0


def read_otherwise(world: World, report_year: int, when: datetime) -> None:
    """A better parser has read the version of a year."""
    with world.database.begin() as session:
        version = session.scalars(select(ReportVersion).where(ReportVersion.report_year == report_year)).one()
        values = {each.name: getattr(version, each.name) for each in fields(VersionRow)}
        row = VersionRow(**values | {"parser": "better", "first_seen_at": when})
        replace_version(session, version.id, row, pack(unpack(version.document)))


def test_judgements_keep_the_cells_as_printed(world: World) -> None:
    printed = page(TOWN, 2023, date(2024, 1, 18)).decode()
    wrong = shown(TOWN, 2023, data=printed.replace("2023年1月1日", "2022年1月1日").encode())
    world.crawl(at(1, 20), wrong)
    world.ingest()
    assessed(world, 1, 21)
    standing = world.standing(at(1, 22))
    with world.database.reading() as session:
        rows = list(session.scalars(select(FindingRow)))
    assert rows
    assert all(row.evidence["message"] for row in rows)
    judged = judged_versions(world.database, [standing.version_id or 0])
    assert [one.version_id for one in judged] == [standing.version_id]
    assert standing.errors + standing.warnings == len(judged[0].matters)


def test_a_report_that_cannot_be_judged_keeps_no_other_from_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.rules import catalogue

    world.crawl(at(1, 20), shown(TOWN, 2023), shown(OTHER_TOWN, 2023))
    world.ingest()
    real = catalogue.judge

    def fail(subject: object) -> object:
        if getattr(getattr(subject, "organ", None), "code", "") == TOWN.code:
            raise RuntimeError("a rule broke")
        return real(subject)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(catalogue, "judge", fail)
        result = assessed(world, 1, 21)
    assert result.judged == 1
    assert len(result.problems) == 1
    assert "a rule broke" in result.problems[0]
    assert assessed(world, 1, 22).judged == 1


def test_a_change_is_told_with_what_was_changed_and_when(world: World) -> None:
    world.crawl(at(1, 20), shown(TOWN, 2023, date(2024, 1, 18)))
    world.ingest()
    assessed(world, 1, 20)
    report = current_report(world.database, TOWN.code, 2023)
    assert report is not None
    cell = report.cells["section_three.granted.natural_person"]
    data = page(TOWN, 2023, date(2024, 1, 18)).decode()
    head, granted, tail = data.partition("（一）予以公开")
    wrong = (head + granted + tail.replace(f">{cell.raw}<", ">77<", 1)).encode()
    world.crawl(at(1, 25), shown(TOWN, 2023, data=wrong))
    world.ingest()
    assessed(world, 1, 25)
    with world.database.reading() as session:
        (told,) = [
            say(one.template, one.values)
            for one in session.scalars(select(Alert))
            if (one.kind, one.state) == ("changed", "open")
        ]
    assert f"表三 （一）予以公开 · 自然人由{cell.raw}改为77" in told
    assert "原来的版本2024年1月20日首次见到，改动后的2024年1月25日首次见到" in told
    # Putting it right is no new offence: what is told is that the matter is over, and the first change stays.
    world.crawl(at(1, 28), shown(TOWN, 2023, date(2024, 1, 18)))
    world.ingest()
    assert assessed(world, 1, 28).alerts.opened == ()
    with world.database.reading() as session:
        again = [say(one.template, one.values) for one in session.scalars(select(Alert)) if one.kind == "changed"]
    assert again == [told]


def test_a_change_that_only_repairs_what_was_told_makes_no_alert(world: World) -> None:
    right = page(TOWN, 2023, date(2024, 1, 18)).decode()
    head, granted, tail = right.partition("（一）予以公开")
    first = tail.index("<td")
    number = tail[tail.index(">", first) + 1 : tail.index("<", first + 1)]
    wrong = (head + granted + tail.replace(f">{number}<", ">77<", 1)).encode()
    world.crawl(at(1, 20), shown(TOWN, 2023, data=wrong))
    world.ingest()
    assessed(world, 1, 20)
    assert ("inconsistent", TOWN.code, "open") in alerts(world)
    world.crawl(at(1, 25), shown(TOWN, 2023, date(2024, 1, 18)))
    world.ingest()
    assessed(world, 1, 25)
    assert "changed" in world.standing(at(1, 26)).flags
    assert ("inconsistent", TOWN.code, "resolved") in alerts(world)
    assert not {kind for kind, _, _ in alerts(world)} & {"changed"}


def test_backdated_and_moved_sites(world: World) -> None:
    for day in (1, 2):
        world.crawl(at(2, day))
    late = shown(TOWN, 2023, date(2024, 1, 25))
    world.crawl(at(2, 20), late)
    world.ingest()
    standing = world.standing(at(2, 21))
    assert (standing.state.value, standing.flags) == ("on_time", ("backdated",))
    assert standing.first_seen_at == at(2, 20) + timedelta(seconds=2)


def test_many_old_pages_at_once_are_a_moved_site(world: World) -> None:
    for day in (1, 2):
        world.crawl(at(2, day))
    old = [shown(TOWN, year, date(year + 1, 1, 18)) for year in (2019, 2020, 2021, 2022)]
    world.crawl(at(2, 20), *old, shown(TOWN, 2023, date(2024, 1, 25)))
    world.ingest()
    assert world.standing(at(2, 21)).flags == ()


def test_a_missing_report_names_the_passes_that_proved_it_and_the_latest(world: World) -> None:
    """A pass a day is no change of the alert: the latest is looked up when it is shown, or told as a reminder."""
    channel = ChannelSettings(name="staff", kind="mail", to=["staff@office.example"])
    world.settings = world.settings.model_copy(update={"notify": NotifySettings(channels=[channel])})
    for month, day in ((2, 1), (2, 2), (2, 3), (2, 9), (2, 20)):
        world.crawl(at(month, day))
        world.ingest()
        assessed(world, month, day)
    world.crawl(at(2, 21))
    world.ingest()
    with world.database.reading() as session:
        alert = session.scalars(select(Alert).where(Alert.organ_code == TOWN.code)).one()
        mails = list(session.scalars(select(Delivery).order_by(Delivery.created_at)))
        assert [event.what for event in events_of(session, alert.id)] == ["opened", "reminded"]
        assert alert.updated_at == at(2, 9, 12)
    proven = "2024年2月1日 09:00；2024年2月2日 09:00"
    told = [
        item["details"]["looked_at"][0]["times"]
        for mail in mails
        for item in mail.payload["items"]
        if item["alert"]["id"] == alert.id
    ]
    assert told == [proven, f"{proven}；最近一次：2024年2月9日 09:00"]
    lines = show_alert(world.database, alert.id)["details"]
    assert any(f"{proven}；最近一次：2024年2月20日 09:00" in line for line in lines), "the next is not weighed yet"
    assert looked(world.standing(at(2, 21, 12)))[0].endswith("；最近一次：2024年2月21日 09:00")
    world.crawl(at(2, 22), shown(TOWN, 2023, data=b"<html><body>?</body></html>"))
    world.ingest()
    assessed(world, 2, 22)
    assert state(world, 2, 22) == "unverified"
    assert not any("最近一次" in line for line in show_alert(world.database, alert.id)["details"])
