"""Reports that are files on pages without text, from the portal to the alert: all that the file may become."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.clock import SHANGHAI
from crawler.sandbox.attached import as_docx
from crawler.sandbox.generator import Misprint, SandboxOrgan, generate, report_title
from crawler.sandbox.loopback import LoopbackServer, Page
from crawler.sandbox.sandbox import SandboxPortal, organs_as_csv
from crawler.sandbox.sites import Article, CountySite, SiteColumn, not_found
from tests.monitor.cli.command import Said, nianbao, working_in
from tests.parsers.test_docx import encrypted

TOWN = SandboxOrgan(
    "990401101", "云溪镇", "township", "990401", "东岭县", "清沅市", "模拟省", "云溪镇人民政府", "我镇", busy=True
)
YEAR = 2023
SHOWN = date(2024, 1, 18)
FIRST = date(2024, 1, 20)
FILE = "P020240118.docx"

EARLIER = Article(
    key=f"{TOWN.code}/{YEAR - 1}",
    column="xz",
    listed_title=report_title(TOWN, YEAR - 1),
    shown_on=date(2023, 1, 16),
    in_address=date(2023, 1, 16),
    source=TOWN.title_name,
    version="1",
    changed_on=date(2023, 1, 16),
    body=lambda: generate(TOWN, YEAR - 1).body,
)


def report_file(misprint: Misprint | None = None) -> bytes:
    """The town's report as a Word file."""
    report = generate(TOWN, YEAR, misprint=misprint)
    return as_docx(report.title, report.body)


@dataclass
class Portal:
    """A portal of one town whose page has only a file; what the file is may change, None takes it away."""

    folder: Path
    framed: bool = False
    file: bytes | None = field(default_factory=report_file)
    page: bool = True
    today: date = FIRST
    changed_on: date = SHOWN
    body: str = ""
    name: str = FILE

    def site(self) -> CountySite:
        """The site as it is served."""
        column = SiteColumn("xz", "乡镇年报", "/zwgk/zfxxgknb/", covers=("township",))
        return _Site(
            "dongling",
            "东岭县人民政府",
            TOWN.county_code,
            TOWN.county,
            "trs",
            (column,),
            lambda today: (self._article(), EARLIER) if self.page else (EARLIER,),
            lambda: self.today,
            portal=self,
        )

    def _article(self) -> Article:
        return Article(
            key=f"{TOWN.code}/{YEAR}",
            column="xz",
            listed_title=report_title(TOWN, YEAR),
            shown_on=SHOWN,
            in_address=SHOWN,
            source=TOWN.title_name,
            version=self.body,
            changed_on=self.changed_on,
            body=lambda: self.body,
            attachments=((self.name, self.file or b"-"),),
            framed=self.framed,
        )

    def replace(self, file: bytes | None, day: date) -> None:
        """From this day on the file is another."""
        self.file, self.today, self.changed_on = file, day, day

    def run(self, day: date, status: int = 0) -> Said:
        """The main job at nine o'clock of a day."""
        self.today = day
        moment = datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI).isoformat()
        (self.folder / "nianbao.toml").write_text(
            "[crawl]\nrequest_interval = 0\nallow_private_addresses = true\n"
            f"[watch]\nyears = [{YEAR}]\n[clock]\nnow = {moment}\n",
            encoding="utf-8",
        )
        if day == FIRST:
            assert nianbao("init").status == 0
            assert nianbao("organs", "import", self.folder / "organs.csv").status == 0
        said = nianbao("run")
        assert said.status == status, said.err + said.out
        return said

    def organ(self) -> dict[str, Any]:
        """How the town stands."""
        report = nianbao("completeness", "--year", str(YEAR), "--format", "json").json
        (county,) = report["counties"]
        (organ,) = county["organs"]
        return dict(organ)

    def alerts(self) -> list[tuple[str, str]]:
        """Kind and summary of each open alert."""
        found = nianbao("alerts", "list", "--state", "open", "--format", "json").json
        return [(one["kind"], one["summary"]) for one in found]


@dataclass
class _Site(CountySite):
    """A site that is never remembered from one question to the next, and answers 404 for a file taken away."""

    portal: Portal | None = None

    def answer(self, path: str, headers: Any) -> Page:
        self._known.clear()
        if self.portal and self.portal.file is None and path.endswith(self.portal.name):
            return not_found()
        return super().answer(path, headers)


Serve = Callable[..., Portal]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Makes a portal, serves it, and has a record for it in the working folder."""
    with LoopbackServer() as server, working_in(tmp_path):

        def make(**given: Any) -> Portal:
            portal = Portal(tmp_path, **given)
            site = portal.site()
            served = SandboxPortal(site, f"127.0.0.1:{server.serve(site)}")
            (tmp_path / "portals").mkdir()
            definition = yaml.safe_dump(served.definition(0.0), allow_unicode=True)
            (tmp_path / "portals" / "dongling.yaml").write_text(definition, encoding="utf-8")
            (tmp_path / "organs.csv").write_text(organs_as_csv((TOWN,)), encoding="utf-8")
            return portal

        yield make


@pytest.mark.parametrize("framed", [False, True], ids=["linked", "framed"])
def test_a_report_that_is_a_file_is_in_time_by_the_date_of_its_page(serve: Serve, framed: bool) -> None:
    portal = serve(framed=framed)
    for day in (FIRST, date(2024, 2, 2), date(2024, 2, 3)):
        portal.run(day)
        organ = portal.organ()
        assert (organ["state"], organ["published_on"], organ["errors"]) == ("on_time", "2024-01-18", 0)
        assert organ["flags"] == []
        assert portal.alerts() == []


def test_a_file_replaced_by_one_with_a_wrong_total_is_told_once(serve: Serve) -> None:
    portal = serve()
    portal.run(FIRST)
    keys = ("natural_person", "total")
    wrong = Misprint("too low", {f"section_three.total_results.{key}": -1 for key in keys})
    portal.replace(report_file(wrong), date(2024, 1, 22))
    for day in (date(2024, 1, 22), date(2024, 2, 3)):
        portal.run(day)
        organ = portal.organ()
        assert (organ["state"], organ["published_on"], organ["flags"]) == ("on_time", "2024-01-18", ["changed"])
        told = dict(portal.alerts())
        assert len(told) == len(portal.alerts())
        assert set(told) == {"inconsistent", "changed"}
        assert "（七）总计" in told["inconsistent"]
        assert "表三" in told["changed"]


def test_a_file_that_is_taken_away_while_its_page_stays_is_told_as_such(serve: Serve) -> None:
    portal = serve()
    portal.run(FIRST)
    portal.replace(None, date(2024, 1, 22))
    portal.run(date(2024, 1, 22))
    assert (portal.organ()["flags"], portal.alerts()) == ([], []), "one answer may be a mishap"
    for day in (date(2024, 1, 23), date(2024, 2, 2), date(2024, 2, 3)):
        portal.run(day)
        organ = portal.organ()
        assert (organ["state"], organ["published_on"], organ["flags"]) == ("on_time", "2024-01-18", ["removed"])
        ((kind, summary),) = portal.alerts()
        assert kind == "removed"
        assert "报告是网页的附件，最后一次打开是2024年1月20日；2024年1月22日起附件的网址已打不开（404）" in summary
    portal.replace(report_file(), date(2024, 2, 5))
    portal.run(date(2024, 2, 5))
    assert portal.organ()["flags"] == []
    assert portal.alerts() == []


def test_a_file_whose_page_is_taken_away_is_gone_with_it(serve: Serve) -> None:
    portal = serve()
    portal.run(FIRST)
    portal.page = False
    portal.run(date(2024, 2, 2))
    assert (portal.organ()["flags"], portal.alerts()) == ([], [])
    for day in (date(2024, 2, 3), date(2024, 2, 4)):
        portal.run(day)
        assert (portal.organ()["state"], portal.organ()["flags"]) == ("on_time", ["removed"])
        ((kind, summary),) = portal.alerts()
        assert kind == "removed"
        assert "2024年2月2日起原网址已打不开（404），完整查看其栏目也未见到" in summary


def test_a_file_that_never_was_there_leaves_no_organ_missing(serve: Serve) -> None:
    portal = serve(file=None)
    for day in (FIRST, date(2024, 2, 2), date(2024, 2, 3), date(2024, 2, 4)):
        portal.run(day)
    organ = portal.organ()
    assert organ["state"] == "unverified"
    assert "没有读出报告内容的页面" in organ["reason"]
    assert portal.alerts() == []


def test_a_file_under_a_password_is_a_matter_for_operators(serve: Serve) -> None:
    portal = serve(file=encrypted())
    for day in (FIRST, date(2024, 2, 2), date(2024, 2, 3)):
        portal.run(day)
    organ = portal.organ()
    assert organ["state"] == "unverified"
    assert "有文件读不了" in organ["reason"]
    ((kind, summary),) = portal.alerts()
    assert kind == "parse_failed"
    assert "密码" in summary


def test_what_stood_there_unread_is_not_backdated_once_it_can_be_read(serve: Serve) -> None:
    portal = serve(file=encrypted())
    for day in (FIRST, date(2024, 2, 2), date(2024, 2, 3)):
        portal.run(day)
    portal.replace(report_file(), date(2024, 2, 5))
    portal.run(date(2024, 2, 5))
    organ = portal.organ()
    assert (organ["state"], organ["published_on"], organ["flags"]) == ("on_time", "2024-01-18", [])
    assert portal.alerts() == []


def test_a_page_that_came_late_with_an_early_date_is_backdated_as_before(serve: Serve) -> None:
    portal = serve()
    portal.page = False
    for day in (FIRST, date(2024, 2, 2), date(2024, 2, 3)):
        portal.run(day)
    assert dict(portal.alerts()).keys() == {"missing"}
    portal.page = True
    portal.run(date(2024, 2, 20))
    assert portal.organ()["flags"] == ["backdated"]
    assert dict(portal.alerts()).keys() == {"backdated"}


def test_a_file_that_can_no_longer_be_read_stays_in_time(serve: Serve) -> None:
    portal = serve()
    portal.run(FIRST)
    portal.replace(encrypted(), date(2024, 1, 22))
    for day in (date(2024, 1, 22), date(2024, 2, 2), date(2024, 2, 3)):
        portal.run(day)
        assert (portal.organ()["state"], portal.organ()["published_on"]) == ("on_time", "2024-01-18")
        assert dict(portal.alerts()).keys() == {"parse_failed"}
