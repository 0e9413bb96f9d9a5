"""When and why an alert was resolved: shown instead of what to do, from what the record knows."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from crawler.records import Outcome
from crawler.sandbox.generator import Misprint, generate
from monitor.access.alerts import one_alert
from monitor.alerts.digest import Links, render
from monitor.alerts.listing import resolve, show_alert
from monitor.assess import assess
from monitor.completeness.page import to_page
from monitor.completeness.record import from_record
from monitor.decisions.findings import dismiss, findings
from monitor.settings import ChannelSettings, NotifySettings
from monitor.store.tables import Alert, Delivery
from tests.monitor.record.making import REGISTER, TOWN, World, at, shown
from tests.monitor.web.dashboard import access_of, record_of

CHANNEL = ChannelSettings(name="staff", kind="mail", to=["staff@office.example"])


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    notify = NotifySettings(channels=[CHANNEL])
    made.settings = made.settings.model_copy(update={"notify": notify})
    return made


def goes_on(world: World, month: int, day: int, *pages: object) -> None:
    """A pass that saw these pages, and its assessment."""
    world.crawl(at(month, day), *pages)  # type: ignore[arg-type]
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(month, day, 12))


def ended(world: World, kind: str, language: str = "zh") -> str:
    """Why the alert of a kind on the town's report was resolved."""
    with world.database.reading() as session:
        wanted = select(Alert.id).where(Alert.kind == kind, Alert.organ_code == TOWN.code)
        told = show_alert(world.database, session.scalars(wanted).one(), language=language)
    assert told["advice"] is None, "there is nothing left to do"
    assert told["ended"]["at"].startswith("2024年" if language == "zh" else "")
    why: str = told["ended"]["why"]
    return why


def wrong_page() -> bytes:
    """A report of the town with a wrong total."""
    report = generate(TOWN, 2023, misprint=Misprint("a total", {"section_three.total_results.total": 5}))
    return f"<html><body><h1>{report.title}</h1><p>发布时间：2024-01-18</p>{report.body}</body></html>".encode()


def test_what_was_missing_was_found_there_and_then(world: World) -> None:
    for day in (1, 2):
        goes_on(world, 2, day)
    page = shown(TOWN, 2023, date(2024, 2, 19))
    goes_on(world, 2, 20, page)
    said = f"已见到这份报告，2024年2月20日 09:00首次见到：{page.address}"
    assert ended(world, "missing") == said
    assert "first seen" in ended(world, "missing", "en")
    with world.database.reading() as session:
        mail = list(session.scalars(select(Delivery).order_by(Delivery.created_at)))[-1]
    _, html, text = render(mail.payload, CHANNEL)
    assert f"何时、因何解决：2024年2月20日 12:00，{said}" in text
    assert f'href="{page.address}"' in html
    assert "何时、因何解决" in html


def test_a_mistake_is_over_by_another_version_or_by_the_words_of_staff(world: World) -> None:
    goes_on(world, 1, 20, shown(TOWN, 2023, data=wrong_page()))
    goes_on(world, 1, 25, shown(TOWN, 2023, date(2024, 1, 18)))
    assert ended(world, "inconsistent") == "2024年1月25日 09:00首次见到改动后的报告，其中已没有这个问题"


def test_a_dismissed_finding_is_over_because_it_was_dismissed(world: World) -> None:
    goes_on(world, 1, 20, shown(TOWN, 2023, data=wrong_page()))
    for one in findings(world.database):
        dismiss(world.database, one.reference, at=at(1, 21), by="张三", reason="原件如此")
    assess(world.database, [world.portal], world.settings, at(1, 22))
    assert ended(world, "inconsistent") == "经核实排除（张三，2024-01-21）：原件如此"


def test_what_staff_resolved_says_who_and_why(world: World) -> None:
    goes_on(world, 1, 20, shown(TOWN, 2023, data=wrong_page()))
    with world.database.reading() as session:
        number = session.scalars(select(Alert.id).where(Alert.kind == "inconsistent")).one()
    resolve(world.database, number, note="已电话核实", by="张三", at=at(1, 21))
    assert ended(world, "inconsistent") == "张三 了结（已电话核实）"


def test_what_was_taken_down_is_there_again(world: World) -> None:
    page = shown(TOWN, 2023, date(2024, 1, 18))
    goes_on(world, 1, 20, page)
    for day in (1, 2):
        goes_on(world, 3, day, shown(TOWN, 2023, data=None, listed=False))
    goes_on(world, 3, 5, page)
    assert ended(world, "removed") == f"报告又能看到了：{page.address}"


def test_what_was_taken_down_is_offered_as_it_is_kept(world: World) -> None:
    page = shown(TOWN, 2023, data=wrong_page())
    goes_on(world, 1, 20, page)
    for day in (1, 2):
        goes_on(world, 3, day, shown(TOWN, 2023, data=None, listed=False))
    with world.database.reading() as session:
        mail = list(session.scalars(select(Delivery).order_by(Delivery.created_at)))[-1]
        numbers = dict(session.execute(select(Alert.kind, Alert.id).where(Alert.organ_code == TOWN.code)).all())
    (item,) = [one for one in mail.payload["items"] if one["alert"]["kind"] == "removed"]
    version_id = item["details"]["kept"]
    web = "https://nianbao.example.org"
    links = Links(None, lambda number: f"{web}/alerts/{number}", lambda number: f"{web}/reports/{number}")
    _, html, text = render(mail.payload, CHANNEL, links)
    assert f'href="{web}/reports/{version_id}"' in html
    assert f"打开存档（须登录）：{web}/reports/{version_id}" in text
    for said in (html, text):
        assert "原网址（已撤下）" in said
        assert "打开原文</a>" not in said
    whole = from_record(world.database, [world.portal], world.settings, at(3, 3), year=2023)
    report = to_page(whole, web=web)
    assert report.count(f'<a href="{web}/reports/{version_id}">存档（须登录）</a>') >= 2
    assert f'<a href="{page.address}">云溪镇</a>' not in report
    record = record_of(world.database, lambda: at(3, 3), world.folder / "portals", world.settings)
    for kind in ("removed", "inconsistent"):
        assert one_alert(access_of(record), numbers[kind]).kept is not None, kind


def test_where_it_was_found_is_where_it_stood_then(world: World) -> None:
    for day in (1, 2):
        goes_on(world, 2, day)
    first = shown(TOWN, 2023, date(2024, 2, 19))
    goes_on(world, 2, 20, first)
    moved = shown(TOWN, 2023, date(2024, 2, 19), path="/nb/moved.html")
    goes_on(world, 3, 10, shown(TOWN, 2023, data=None, listed=False), moved)
    assert ended(world, "missing") == f"已见到这份报告，2024年2月20日 09:00首次见到：{first.address}"


def test_what_was_found_was_found_though_nobody_owes_it_any_more(world: World) -> None:
    for day in (1, 2):
        goes_on(world, 2, day)
    page = shown(TOWN, 2023, date(2024, 2, 19))
    goes_on(world, 2, 20, page)
    world.register(REGISTER.replace("清沅市,模拟省,,,,\n990301102", "清沅市,模拟省,,,,false\n990301102"))
    goes_on(world, 3, 10, page)
    assert world.standing(at(3, 10, 13)).state == "not_expected"
    assert ended(world, "missing") == f"已见到这份报告，2024年2月20日 09:00首次见到：{page.address}"


def of_portal(world: World, kind: str) -> str:
    """Why the alert of a kind on the portal was resolved."""
    with world.database.reading() as session:
        number = session.scalars(
            select(Alert.id).where(Alert.kind == kind, Alert.portal_id == world.portal.id)
        ).one()
    why: str = show_alert(world.database, number)["ended"]["why"]
    return why


def test_a_portal_that_answers_again_is_over_by_the_run_that_read_it(world: World) -> None:
    world.crawl(at(3, 1), outcome=Outcome.UNREACHABLE)
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(3, 1, 12))
    goes_on(world, 3, 2)
    assert of_portal(world, "portal_unreachable") == "2024年3月2日 09:05采集这个门户的结果：有新内容，已收齐"


def test_a_portal_out_of_use_is_not_over_by_the_run_that_failed(world: World) -> None:
    world.crawl(at(3, 1), outcome=Outcome.UNREACHABLE)
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(3, 1, 12))
    ended_portal = world.portal.model_copy(update={"valid_to": date(2024, 3, 1)})
    assess(world.database, [ended_portal], world.settings, at(3, 3))
    assert of_portal(world, "portal_unreachable") == "最近一次检查时，这个问题已不存在"


def test_what_was_stale_is_over_by_the_whole_run_and_not_by_a_later_one(world: World) -> None:
    goes_on(world, 3, 1)
    assess(world.database, [world.portal], world.settings, at(3, 20))
    world.crawl(at(3, 21))
    world.crawl(at(3, 22), outcome=Outcome.PARTIAL)
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(3, 22, 12))
    assert of_portal(world, "stale") == "2024年3月21日 09:05采集这个门户的结果：有新内容，已收齐"
