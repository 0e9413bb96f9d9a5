"""The pages of an organ, of its reports and cells, and of the captured originals, in a browser and without one."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

import pytest
from playwright.sync_api import Dialog, Page

from crawler.sandbox.generator import Misprint, generate
from monitor.access import captures, organs, reports
from monitor.access.base import Access, NotAllowed, NotFound
from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope
from monitor.assess import assess
from monitor.settings import load_settings
from monitor.store import accounts, evidence
from monitor.web.captures import frame_address
from monitor.web.cells import printed
from parsers.schema import Cell, CellState, Place
from tests.browser import chromium
from tests.monitor.record.making import COUNTY, OTHER_TOWN, TOWN, Shown, World, at, shown
from tests.monitor.web.dashboard import access_of, add_user, dashboard, record_of, visitor
from tests.monitor.web.looking import log_in

TOTAL = "section_three.total_results.total"
NOW = at(2, 10)
HOSTILE = """
<script>document.title='ran'; fetch('http://evil.example/script')</script>
<meta http-equiv="refresh" content="0;url=http://evil.example/refresh"><base href="http://evil.example/">
<link rel="stylesheet" href="http://evil.example/link.css">
<style>@import 'http://evil.example/import.css'; body{background:url(http://evil.example/style)}</style>
<p onclick="alert(1)" style="background:url(http://evil.example/inline)">词句
<a href="javascript:alert(2)">点这里</a></p>
<img src="http://evil.example/picture.png" onerror="alert(3)" alt="公章<b>">
<svg onload="alert(4)"><a xlink:href="javascript:alert(5)"><text>图形</text></a></svg>
<form action="http://evil.example/form"><input name="a" value="7">
<button formaction="//evil.example/b">交</button></form>
<iframe src="http://evil.example/frame" srcdoc="<script>alert(6)</script>"></iframe>
<object data="http://evil.example/object"></object><embed src="http://evil.example/embed">
<noscript><p title="</noscript><img src=x onerror=alert(7)>">甲</p></noscript>
<math><mtext><table><mglyph><style><img src=x onerror=alert(8)></style></mglyph></table></mtext></math>
<template><script>alert(9)</script></template><textarea></textarea><p id="cell" class="top">假的标记</p>
"""
FORBIDDEN = (
    *("script", "onclick", "onerror", "onload", "style=", "href", "src=", "evil", "class="),
    *("<svg", "<form", "<input", "<iframe", "<object", "<embed", "<meta", "<link", "<base"),
    *("<noscript", "<math", "<template", "<textarea", "<button"),
)


def page_of(total: int = 0, *, words: str = "", year: int = 2023) -> bytes:
    """The town's page: a total that is wrong by ``total``, and what else stands on it."""
    misprint = Misprint("a wrong total", {TOTAL: total}) if total else None
    made = generate(TOWN, year, misprint=misprint)
    body = made.body.replace("</body>", "")
    return (
        f"<html><body><h1>{made.title}</h1><p>发布时间：{year + 1}-01-18</p>{body}{words}</body></html>".encode()
    )


@dataclass
class Office:
    """A dashboard over a small record: the versions of the town's report, and who may see them."""

    world: World
    address: str
    first: int
    second: int
    year_before: int
    capture: int
    alert: int
    file: int

    def access(self, *places: str, role: Role = Role.ADMINISTRATOR) -> Access:
        """The record as somebody may see it."""
        record = record_of(self.world.database, lambda: NOW, self.world.folder / "portals", self.world.settings)
        return access_of(record, *places, role=role)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    world = World(folder, years=(2022, 2023))
    world.settings = load_settings(world.configure(NOW))
    before = shown(TOWN, 2022, data=page_of(year=2022))
    town = shown(TOWN, 2023, data=page_of())
    paper = Shown("/nb/附件 报告.pdf", b"%PDF-1.4 not really", "2023年政府信息公开工作年度报告（附件）")
    world.crawl(at(1, 20), before, town, shown(OTHER_TOWN, 2023, at(1, 19).date()), paper)
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(1, 20, 12))
    world.crawl(at(2, 1), before, replace(town, data=page_of(5, words=HOSTILE)), paper)
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(2, 1, 12))
    for name, role, places in (
        ("viewer", Role.VIEWER, (COUNTY,)),
        ("officer", Role.OFFICER, (COUNTY,)),
        ("elsewhere", Role.ADMINISTRATOR, ("11",)),
    ):
        add_user(world.database, name, role, *places, at=at(1, 1))
    record = record_of(world.database, lambda: NOW, folder / "portals", world.settings)
    with dashboard(record) as address:
        everything = access_of(record)
        years = {one.report_year: one for one in organs.show(everything, TOWN.code).years}
        first, second = (one.id for one in years[2023].versions)
        told = reports.show(everything, second)
        assert told.capture is not None
        with world.database.reading() as session:
            (file,) = {
                one.id
                for one in evidence.captures_in_order(session, address=paper.address, most=9)
                if one.capture.status == 200
            }
        yield Office(
            world,
            address,
            first,
            second,
            years[2022].versions[0].id,
            told.capture.id,
            next(int(str(one["id"])) for one in told.alerts if one["rule"] == "T3-01"),
            file,
        )
    world.database.close()


def test_the_organ_shows_every_year_with_dates_versions_alerts_and_numbers(office: Office) -> None:
    text = visitor(office.address, "viewer").get(f"/organs/{TOWN.code}").text
    assert "按时公布" in text
    assert "2024年1月18日" in text
    assert "页面上写明的发布日期" in text
    for version in (office.first, office.second, office.year_before):
        assert f'href="/reports/{version}"' in text
    assert f'href="/alerts/{office.alert}"' in text
    assert text.count("<svg") == 6
    assert "新收政府信息公开申请" in text


def test_the_report_shows_what_is_printed_and_what_it_should_read(office: Office) -> None:
    told = reports.show(office.access(), office.second)
    mark = told.judged.marks[TOTAL]
    value = told.report.cells[TOTAL].value
    assert mark.should_read == value - 5  # type: ignore[operator]
    text = visitor(office.address, "viewer").get(f"/reports/{office.second}").text
    cell = re.search(
        rf'<td class="([^"]*)"[^>]*>\s*<a href="/reports/{office.second}/cells/{TOTAL}".*?</td>', text, re.DOTALL
    )
    assert cell
    assert "suspect" in cell[1]
    assert f"应为 {mark.should_read}" in cell[0]
    assert "T3-01" in cell[0]
    assert "不是现行版本" in visitor(office.address, "viewer").get(f"/reports/{office.first}").text


def test_blank_absent_and_unreadable_cells_are_told_as_such_and_never_as_0() -> None:
    place = Place(1, 1, 1)
    assert printed(Cell("k", CellState.BLANK, None, "/", place), "zh") == "/（空白）"
    assert printed(Cell("k", CellState.BLANK, None, "", place), "zh") == "空白"
    assert printed(Cell("k", CellState.ABSENT), "en") == "absent"
    assert printed(Cell("k", CellState.UNREADABLE, None, "１O", place), "zh") == "１O（无法辨认）"
    assert printed(Cell("k", CellState.REPORTED, 0, " 0 ", place), "zh") == "0"


def test_a_cell_leads_to_its_place_and_to_the_same_cell_in_other_years(office: Office) -> None:
    reader = visitor(office.address, "viewer")
    text = reader.get(f"/reports/{office.second}/cells/{TOTAL}").text
    assert f'src="{frame_address(office.capture, office.second, TOTAL).replace("&", "&amp;")}"' in text
    assert 'sandbox=""' in text
    assert f'href="/reports/{office.year_before}/cells/{TOTAL}"' in text
    told = reports.cell(office.access(), office.second, TOTAL)
    assert {one.report_year: one.cell.raw for one in told.years if one.cell} == {
        2022: str(reports.show(office.access(), office.year_before).report.cells[TOTAL].value),
        2023: told.cell.raw,
    }
    frame = reader.get(frame_address(office.capture, office.second, TOTAL).partition("#")[0]).text
    marked = re.search(r'<td[^>]*id="cell"[^>]*>(.*?)</td>', frame, re.DOTALL)
    assert marked
    assert re.sub(r"<[^>]*>|\s", "", marked[1]) == told.cell.raw.strip()
    assert frame.count('id="cell"') == 1
    assert reader.get(f"/reports/{office.second}/cells/section_three.nothing.total").status_code == 404


def test_nothing_of_a_hostile_page_is_left_in_what_is_shown(office: Office) -> None:
    answer = visitor(office.address, "viewer").get(f"/captured/{office.capture}?version={office.second}")
    body = answer.text.partition("<body>")[2].lower()
    for word in FORBIDDEN:
        assert word not in body, word
    assert "词句" in body
    assert "〔公章&lt;b&gt;〕" in body
    assert "〔7〕" in body
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("sandbox")
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


def test_originals_are_handed_out_as_files_that_no_browser_opens(office: Office) -> None:
    reader = visitor(office.address, "viewer")
    page = reader.get(f"/captures/{office.file}").text
    assert "<iframe" not in page
    answer = reader.get(f"/captures/{office.file}/original")
    assert answer.content == b"%PDF-1.4 not really"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    named = r"attachment; filename=\"[\w.-]+\"; filename\*=UTF-8''[\w.%-]+"
    assert re.fullmatch(named, answer.headers["content-disposition"], re.ASCII)
    assert reader.get(f"/captured/{office.file}").status_code == 404
    html = reader.get(f"/captures/{office.capture}/original?version={office.second}")
    assert html.headers["content-type"] == "application/octet-stream"
    assert b"evil.example" in html.content


def test_the_evidence_of_an_alert_is_one_file(office: Office) -> None:
    answer = visitor(office.address, "viewer").get(f"/evidence/{office.alert}?pictures=no")
    assert answer.headers["content-disposition"] == f'attachment; filename="alert-{office.alert}.zip"'
    with zipfile.ZipFile(BytesIO(answer.content)) as file:
        assert {"sheet.html", "alert.json", "SHA256SUMS.txt"} <= set(file.namelist())


def test_what_lies_outside_of_the_scope_is_not_found(office: Office) -> None:
    stranger = visitor(office.address, "elsewhere")
    for path in (
        f"/organs/{TOWN.code}",
        f"/reports/{office.second}",
        f"/reports/{office.second}/cells/{TOTAL}",
        f"/captures/{office.capture}",
        f"/captures/{office.capture}?version={office.second}",
        f"/captures/{office.capture}/original",
        f"/captures/{office.capture}/original?version={office.second}",
        f"/captured/{office.capture}",
        f"/captured/{office.capture}?version={office.second}&cell={TOTAL}",
        f"/evidence/{office.alert}",
    ):
        assert stranger.get(path).status_code == 404, path
    for action in ("dismiss", "restore"):
        path = f"/reports/{office.second}/findings/{office.second}-abcdef/{action}"
        assert stranger.post(path, reason="不该成").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/organs/0",
        "/organs/%3Cscript%3E",
        "/reports/0",
        "/reports/99999999999999999999",
        "/captures/99999999999999999999",
        "/captured/0",
        "/captures/1?version=x",
        "/captures/1?version=99999",
        "/evidence/99999",
    ],
)
def test_what_is_not_there_is_not_found(office: Office, path: str) -> None:
    assert visitor(office.address, "viewer").get(path).status_code == 404


def test_a_capture_is_not_opened_by_a_version_that_was_not_read_from_it(office: Office) -> None:
    with pytest.raises(NotFound):
        captures.show(office.access(), office.file, office.second)


def test_a_finding_is_dismissed_with_a_reason_and_taken_back(office: Office) -> None:
    officer = visitor(office.address, "officer")
    page = f"/reports/{office.second}"
    told = reports.show(office.access(), office.second)
    reference = next(
        one.reference for matter in told.judged.matters for one in matter.findings if one.finding.rule == "T3-01"
    )
    path = f"{page}/findings/{reference}"
    viewer = visitor(office.address, "viewer")
    assert "经核实不算问题" not in viewer.get(page).text
    assert viewer.post(f"{path}/dismiss", reason="不许").status_code == 403
    empty = officer.post(f"{path}/dismiss", page=page, reason="  ")
    assert (empty.status_code, "请写明理由" in empty.text) == (400, True)
    long = officer.post(f"{path}/dismiss", page=page, reason="已与县里核实。" * 200)
    assert (long.status_code, "最多 1000 个字，现在有 1400 个" in long.text) == (400, True)
    assert long.text.count("已与县里核实。" * 200) == 1, "what was written is lost"
    done = officer.post(f"{path}/dismiss", page=page, reason="<b>县里已核实</b>")
    assert (done.status_code, done.headers["location"]) == (303, f"{page}?done=1#findings")
    text = officer.get(f"{page}?done=1").text
    assert "经核实排除（officer，2024-02-10）：&lt;b&gt;县里已核实&lt;/b&gt;" in text
    again = officer.post(f"{path}/dismiss", page=page, reason="再来一次")
    assert (again.status_code, "已经排除了" in again.text) == (400, True)
    with pytest.raises(NotAllowed):
        reports.restore(office.access(COUNTY, role=Role.VIEWER), office.second, reference, "不许")
    assert officer.post(f"{path}/restore", page=page, reason="弄错了").status_code == 303
    left = reports.show(office.access(), office.second).judged
    assert reference in {one.reference for matter in left.matters for one in matter.findings}
    assert officer.post(f"{page}/findings/{office.first}-aaaaaa/dismiss", page=page, reason="x").status_code == 404
    with office.world.database.reading() as session:
        log = [(one.what, one.who, one.subject) for one in accounts.audit_entries(session, Scope())]
    assert ("finding.dismissed", "officer", reference) in log
    assert ("finding.restored", "officer", reference) in log


def test_nothing_of_a_hostile_original_is_run_in_a_browser(office: Office) -> None:
    said: list[str] = []
    asked: list[str] = []
    with chromium() as browser:
        page = browser.new_page()
        listen(page, said, asked)
        log_in(page, office.address, "officer")
        page.goto(f"{office.address}/captures/{office.capture}?version={office.second}&cell={TOTAL}")
        frame = page.frames[1]
        assert frame.locator("#cell").bounding_box() is not None
        assert frame.title() == "原文"
        # An A4 sheet is 718 px wide between its margins and cannot be scrolled.
        page.set_viewport_size({"width": 718, "height": 1000})
        page.emulate_media(media="print")
        for path in (f"reports/{office.second}", f"compare?first={office.first}&second={office.second}&all=1"):
            page.goto(f"{office.address}/{path}")
            assert (
                page.evaluate(
                    "[document.documentElement, ...document.querySelectorAll('.scroll')]"
                    ".filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.className)"
                )
                == []
            )
    assert not said
    assert {url for url in asked if not url.startswith(office.address)} == set()


def listen(page: Page, said: list[str], asked: list[str]) -> None:
    """Notes what a page writes to the console or asks its reader, and what it fetches."""

    def refuse(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", refuse)
    page.on("request", lambda request: asked.append(request.url))


# --- side by side ------------------------------------------------------------------------------------------


def test_two_versions_stand_side_by_side_with_what_became_of_the_findings(office: Office) -> None:
    text = visitor(office.address, "viewer").get(f"/compare?first={office.first}&second={office.second}").text
    assert "可比 200 格，不同 1 格" in text
    assert f'href="/reports/{office.second}/cells/{TOTAL}"' in text
    assert "+5" in text
    assert "T3-01" in text.partition("只在右边的版本")[2].partition("</ul>")[0]
    assert "<ins>" in text or "只在右边" in text


def test_two_years_are_told_in_a_paragraph_and_checked_across(office: Office) -> None:
    path = f"/compare?first_organ={TOWN.code}&first_year=2022&second_year=2023"
    text = visitor(office.address, "viewer").get(path).text
    assert f"{TOWN.name}2023年度报告与2022年度报告相比" in text
    assert "Y-01" in text
    assert text.count("<tr") < visitor(office.address, "viewer").get(f"{path}&all=1").text.count("<tr")
    english = visitor(office.address, "viewer", "en").get(path).text
    assert "Cell by cell" in english


def test_two_organs_are_named_by_code_or_by_name(office: Office) -> None:
    reader = visitor(office.address, "viewer")
    path = f"/compare?first_organ={TOWN.name}&first_year=2023&second_organ={OTHER_TOWN.code}&second_year=2023"
    text = reader.get(path).text
    assert f"{TOWN.name} 2023 年度" in text
    assert f"{OTHER_TOWN.name} 2023 年度" in text
    assert "相比" not in text
    several = reader.get("/compare?first_organ=县&first_year=2023").text
    assert "没有找到单位“县”" not in several
    assert "没有找到单位“&lt;b&gt;”" in reader.get("/compare?first_organ=<b>&first_year=2023").text
    assert f"{TOWN.name}没有 1999 年度的报告；有报告的年度：2022、2023" in (
        reader.get(f"/compare?first_organ={TOWN.code}&first_year=1999").text
    )


def test_what_lies_outside_of_the_scope_is_not_compared(office: Office) -> None:
    stranger = visitor(office.address, "elsewhere")
    assert stranger.get(f"/compare?first={office.first}&second={office.second}").status_code == 404
    for named in (TOWN.code, TOWN.name):
        text = stranger.get(f"/compare?first_organ={named}&first_year=2023").text
        assert f"没有找到单位“{named}”" in text
    assert stranger.get("/compare?first=x").status_code == 404
