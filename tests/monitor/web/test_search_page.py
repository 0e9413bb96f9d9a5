"""Search: by any part of the tree, by pinyin, code and number, in the words of reports; within the scope alone."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from monitor.access import search
from monitor.accounts.roles import Role
from monitor.alerts.engine import reconcile
from monitor.registry.organs import import_organs
from monitor.rules.base import OrganKind
from monitor.settings import Settings
from monitor.store import packing, register
from monitor.store.database import Database
from monitor.store.tables import ReportVersion, StandingRow
from tests.databases import opened_in
from tests.monitor.alerts.support import MORNING, condition
from tests.monitor.web.dashboard import Visitor, access_of, add_user, dashboard, record_of, visitor

pytestmark = pytest.mark.both_databases
HOSTILE = "<script>alert(1)</script>"
ORGANS = """code,name,kind,county_code,county,prefecture,province,valid_from,valid_to,aliases,listed_by_county
410526111,焦虎镇,township,410526,滑县,安阳市,河南省,,,焦虎乡,true
410526112,王庄镇,township,410526,滑县,安阳市,河南省,,2020-06-30,,true
11410526MB001,滑县发展和改革委员会,department,410526,滑县,安阳市,河南省,,,发改委,true
500101101,王庄镇,township,500101,万州区,市辖区,重庆市,,,,true
500101,万州区人民政府,county,500101,万州区,市辖区,重庆市,,,,true
500101102,<script>alert(1)</script>镇,township,500101,万州区,市辖区,重庆市,,,,true
"""


class Office:
    """A dashboard over a register of two counties in two provinces, with some reports and one alert."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.record = record_of(database, lambda: MORNING, folder / "portals", Settings())
        self.address = ""
        self._visitors: dict[str, Visitor] = {}

    def by(self, name: str) -> Visitor:
        """Somebody who is logged in, once for all tests."""
        if name not in self._visitors:
            self._visitors[name] = visitor(self.address, name)
        return self._visitors[name]

    def organs(self, text: str, *places: str) -> list[str]:
        """The codes of the organs that a search finds, in its order."""
        return [hit.code for hit in search.search(access_of(self.record, *places), text).organs]

    def places(self, text: str, *places: str) -> list[str]:
        """The same for places."""
        return [hit.code for hit in search.search(access_of(self.record, *places), text).places]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("search")
    database = opened_in(folder)
    (folder / "organs.csv").write_text(ORGANS, encoding="utf-8")
    assert import_organs(database, folder / "organs.csv").added == 6
    with database.begin() as session:
        reconcile(session, [condition(1, organ_code="410526111", county_code="410526")], MORNING)
        for number, (code, year, words) in enumerate(
            [
                ("410526111", 2022, "本年度收到申请\n 0 件，主动公开信息 12 条。"),
                ("410526111", 2023, f"本年度收到申请 3 件。{HOSTILE}"),
                ("500101101", 2023, "本年度收到申请 9 件。"),
            ],
            1,
        ):
            add_report(session, number, code, year, words)
    one = Office(database, folder)
    add_user(database, "viewer", Role.VIEWER, at=MORNING)
    add_user(database, "local", Role.VIEWER, "41", at=MORNING)
    with dashboard(one.record) as one.address:
        yield one
    database.close()


def add_report(session: Session, number: int, code: str, year: int, words: str) -> None:
    """A report with these words in its first section."""
    document = packing.pack({"preface": "", "sections": {"1": {"text": words}, "5": {"text": ""}}})
    version = ReportVersion(
        id=number,
        report_key=f"{code}/{year}",
        content_digest="0" * 64,
        organ_code=code,
        report_year=year,
        county_code=code[:6],
        portal_id="p",
        address="http://portal.example/",
        sha256="0" * 64,
        parser="1",
        document=document,
        first_seen_at=MORNING,
    )
    standing = StandingRow(
        organ_code=code,
        report_year=year,
        county_code=code[:6],
        state="on_time",
        due_on=date(year + 1, 1, 31),
        due_rule="",
        version_id=number,
        errors=0,
        warnings=0,
        flags=[],
    )
    session.add_all([version, standing])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("焦虎", ["410526111"]),
        ("焦虎乡", ["410526111"]),
        ("jhz", ["410526111"]),
        ("JIAOHU", ["410526111"]),
        ("fgw", ["11410526MB001"]),
        ("发改委", ["11410526MB001"]),
        ("hxfzhgg", ["11410526MB001"]),
        ("11410526mb", ["11410526MB001"]),
        ("410526111", ["410526111"]),
        ("王庄镇", ["410526112", "500101101"]),
        ("滑县 王庄", ["410526112"]),
        ("滑县王庄镇", ["410526112"]),
        ("河南省安阳市滑县王庄镇人民政府", ["410526112"]),
        ("重庆 王庄", ["500101101"]),
        ("cq wzz", ["500101101"]),
        ("王庄 滑县", ["410526112"]),
        ("焦虎%", ["410526111"]),
        ("王_镇", []),
        ("%", []),
        ("|", []),
        ("没有这个镇", []),
        ("\x00", []),
    ],
)
def test_organs_are_found_by_any_part_of_the_tree(office: Office, text: str, found: list[str]) -> None:
    assert office.organs(text) == found


def test_places_are_found_with_what_they_lie_in(office: Office) -> None:
    assert office.places("滑县") == ["410526"]
    assert office.places("河南") == ["41"]
    assert office.places("ay") == ["4105"]
    assert office.places("河南 滑县") == ["410526"]
    (hit,) = search.search(access_of(office.record), "滑县").places
    assert (hit.places, hit.is_county) == (("河南省", "安阳市"), True)


def test_only_what_lies_within_the_scope_is_found(office: Office) -> None:
    assert office.organs("王庄镇", "50") == ["500101101"]
    assert office.places("滑县", "50") == []
    assert office.places("河南", "410526") == ["41"], "where one's own county lies is no secret"
    assert office.places("重庆", "410526") == []
    stranger, own = access_of(office.record, "50"), access_of(office.record, "4105")
    assert search.search(own, "1").alert is not None
    assert search.search(stranger, "1").alert is None
    for place in ("410526", "滑县", "410526111", "焦虎镇"):
        assert search.passages(own, "收到申请", place).looked_at == 2
        assert search.passages(stranger, "收到申请", place).problem


def test_what_is_imported_or_renamed_is_found_at_once(office: Office) -> None:
    with office.database.begin() as session:
        (organ,) = register.organs_by_code(session, ["500101101"])
        register.put_organs(session, (), [replace(organ, name="新庄镇", kind=OrganKind.TOWNSHIP)])
    assert office.organs("xzz") == ["500101101"]
    assert office.organs("王庄") == ["410526112"]
    with office.database.begin() as session:
        register.put_organs(session, (), [organ])
    assert office.organs("xzz") == []


def test_words_in_reports_of_one_county_or_organ(office: Office) -> None:
    reader = access_of(office.record)
    found = search.passages(reader, "申请 0 件", "滑县")
    (hit,) = found.passages
    assert (hit.organ, hit.year, hit.section, hit.version_id) == ("焦虎镇", 2022, 1, 1)
    assert (hit.before, hit.found, hit.after) == ("本年度收到", "申请0件", "，主动公开信息12条。")
    assert found.looked_at == 2
    assert [one.year for one in search.passages(reader, "收到申请", "焦虎镇").passages] == [2023, 2022]
    assert [one.year for one in search.passages(reader, "收到申请", "410526", 2022).passages] == [2022]
    many = search.passages(reader, "收到申请", "王庄镇")
    assert "不止一处" in many.problem
    assert len(many.choices) == 2
    assert "没有找到“乌有县”" in search.passages(reader, "收到申请", "乌有县").problem
    assert "至少写 2 个字" in search.passages(reader, "申", "滑县").problem


def test_a_county_is_meant_by_its_name_and_by_the_code_that_its_government_bears_too(office: Office) -> None:
    reader = access_of(office.record)
    for place in ("万州区", "500101", "万州"):
        found = search.passages(reader, "收到申请", place)
        assert (found.problem, found.place, len(found.passages)) == ("", "万州区", 1)
    assert search.passages(reader, "收到申请", "万州区人民政府").place == "万州区人民政府"


def test_a_place_that_is_chosen_is_searched_for_the_same_words(office: Office) -> None:
    shown = office.by("viewer").get("/search?text=收到申请&in=王庄镇&year=2023").text
    found = re.search(r'href="(/search\?[^"]*in=500101101[^"]*)"', shown)
    assert found, "the places to choose from lead on"
    assert "<mark>收到申请</mark>" in office.by("viewer").get(html.unescape(found[1])).text


def test_the_page_shows_it_and_hostile_text_stays_text(office: Office) -> None:
    reader = office.by("viewer")
    shown = reader.get("/search?q=jhz").text
    assert '<a href="/organs/410526111">焦虎镇</a>' in shown
    assert "河南省 › 安阳市 › 滑县" in shown
    for number in ("%231", "提醒1", "编号 1"):
        assert '<a href="/alerts/1">' in reader.get(f"/search?q={number}").text
    for query in ("q=script", "text=申请&in=滑县", "q=%22%3E%3Cscript%3Ealert", "text=%00x&in=%00", "year=%00"):
        answer = reader.get(f"/search?{query}")
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
    assert "<mark>申请</mark>" in reader.get("/search?text=申请&in=滑县").text
    assert "焦虎" not in office.by("local").get("/search?q=wzz").text
