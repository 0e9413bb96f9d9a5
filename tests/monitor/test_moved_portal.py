"""A county's portal moves to another host and other software: nobody is accused because of the move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.clock import SHANGHAI
from crawler.sandbox.generator import SandboxOrgan, generate, report_title
from crawler.sandbox.loopback import LoopbackServer, Page
from crawler.sandbox.sandbox import SandboxPortal, organs_as_csv
from crawler.sandbox.sites import Article, CountySite, SiteColumn, not_found
from tests.monitor.cli.command import Said, nianbao, working_in

COUNTY = "990401"
PLACE = (COUNTY, "东岭县", "清沅市", "模拟省")
TOWN = SandboxOrgan("990401101", "云溪镇", "township", *PLACE, "云溪镇人民政府", "我镇")
LATE_TOWN = SandboxOrgan("990401102", "石桥乡", "township", *PLACE, "石桥乡人民政府", "我乡")
LAST_DAY = date(2024, 2, 10)


def article(organ: SandboxOrgan, year: int, shown: date) -> Article:
    """The report of an organ as it stands in the towns' column."""
    return Article(
        key=f"{organ.code}/{year}",
        column="xz",
        listed_title=report_title(organ, year),
        shown_on=shown,
        in_address=shown,
        source=organ.title_name,
        version="1",
        changed_on=shown,
        body=lambda: generate(organ, year).body,
    )


@dataclass
class Gone(CountySite):
    """A site that may be switched off: everything then leads to 404."""

    off: bool = False

    def answer(self, path: str, headers: Any) -> Page:
        self._known.clear()
        return not_found() if self.off and path != "/robots.txt" else super().answer(path, headers)


class Move:
    """The old portal, the new one, and the working folder with their definitions."""

    def __init__(self, folder: Path, server: LoopbackServer) -> None:
        self.folder = folder
        self.server = server
        self.today = date(2023, 1, 20)
        self.on_old = [article(TOWN, 2022, date(2023, 1, 12))]
        self.on_new: list[Article] = []
        self.old = self._site("old", "trs", self.on_old)
        self.new = self._site("new", "generic", self.on_new)
        self.portals = {
            site.id: SandboxPortal(site, f"127.0.0.1:{server.serve(site)}") for site in (self.old, self.new)
        }
        (folder / "portals").mkdir()
        (folder / "organs.csv").write_text(organs_as_csv((TOWN, LATE_TOWN)), encoding="utf-8")
        self.define("old")

    def _site(self, id: str, family: str, articles: list[Article]) -> Gone:
        column = SiteColumn("xz", "乡镇年报", "/zwgk/zfxxgknb/", covers=("township",))
        return Gone(
            id, f"东岭县（{id}）", COUNTY, "东岭县", family, (column,), lambda _: articles, lambda: self.today
        )

    def define(self, id: str, **more: Any) -> None:
        """Write the definition of one of the portals, with further fields."""
        definition = {**self.portals[id].definition(0.0), **more}
        text = yaml.safe_dump(definition, allow_unicode=True)
        (self.folder / "portals" / f"{id}.yaml").write_text(text, encoding="utf-8")

    def move(self) -> None:
        """The old portal is switched off; its old reports stand on the new one under other addresses."""
        self.old.off = True
        self.on_new += self.on_old

    def run(self, day: date, *arguments: str) -> Said:
        """The main job at nine o'clock of a day."""
        self.today = day
        moment = datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI).isoformat()
        (self.folder / "nianbao.toml").write_text(
            "[crawl]\nrequest_interval = 0\nallow_private_addresses = true\n"
            f"[watch]\nyears = [2022, 2023]\n[clock]\nnow = {moment}\n",
            encoding="utf-8",
        )
        if not (self.folder / "nianbao.sqlite").exists() and day == date(2023, 1, 20):
            assert nianbao("init").status == 0
            assert nianbao("organs", "import", self.folder / "organs.csv").status == 0
        return nianbao(*(arguments or ("run",)))

    def states(self, year: int) -> dict[str, tuple[str, list[str]]]:
        """State and flags of each organ, by name."""
        (county,) = nianbao("completeness", "--year", str(year), "--format", "json").json["counties"]
        return {one["name"]: (one["state"], one["flags"]) for one in county["organs"]}

    def alerts(self) -> set[tuple[str, str | None, int | None]]:
        """Kind, organ and year of each open alert."""
        found = nianbao("alerts", "list", "--state", "open", "--format", "json").json
        return {(one["kind"], one["organ"], one["report_year"]) for one in found}


@pytest.fixture
def move(tmp_path: Path) -> Iterator[Move]:
    with LoopbackServer() as server, working_in(tmp_path):
        yield Move(tmp_path, server)


def test_the_move_makes_nobody_missing_and_no_report_removed(move: Move) -> None:
    for day in (date(2023, 1, 20), date(2023, 2, 2), date(2023, 2, 3)):
        assert move.run(day).status == 0
    assert move.states(2022) == {"云溪镇": ("on_time", []), "石桥乡": ("missing", [])}
    before = move.alerts()
    assert {kind for kind, _, _ in before} == {"missing"}

    # The portal moves, and for some days nobody tells us.
    move.on_old.append(article(TOWN, 2023, date(2024, 1, 15)))
    assert move.run(date(2024, 1, 20)).status == 0
    move.move()
    assert move.run(date(2024, 2, 12)).status == 1
    assert "portal_changed" in {kind for kind, _, _ in move.alerts()}

    # Somebody tells us: from then on the old one is left alone, and the new one is what counts.
    move.define("old", valid_to=LAST_DAY, successor="new")
    move.define("new", valid_from=date(2024, 2, 11))
    asked = len(move.server.requests)
    said = move.run(date(2024, 2, 13))
    assert said.status == 0, said.err
    assert "东岭县（old）（old）：不采集，已于 2024-02-10 停用，由 new 接替" in said.out
    assert {seen.site for seen in move.server.requests[asked:]} == {"new"}
    assert "portal_changed" not in {kind for kind, _, _ in move.alerts()}
    assert move.states(2022)["云溪镇"] == ("on_time", [])
    assert move.states(2023)["云溪镇"] == ("on_time", [])
    # The report that was due on 31 January was looked for on the old one once only: nothing is proven.
    assert move.states(2023)["石桥乡"][0] == "unverified"
    move.run(date(2024, 2, 14))
    assert before <= move.alerts()
    assert {kind for kind, _, _ in move.alerts()} <= {"missing", "stale"}
    assert "removed" not in str(move.states(2022)) + str(move.states(2023))


def test_what_falls_due_after_the_end_is_looked_for_in_the_successor_alone(move: Move) -> None:
    move.run(date(2023, 1, 20))
    move.run(date(2023, 6, 30))
    move.move()
    move.define("old", valid_to=date(2023, 7, 1), successor="new")
    move.define("new")
    move.run(date(2024, 2, 2))
    assert move.states(2023) == {"云溪镇": ("unverified", []), "石桥乡": ("unverified", [])}
    move.run(date(2024, 2, 3))
    assert move.states(2023) == {"云溪镇": ("missing", []), "石桥乡": ("missing", [])}
    move.on_new.append(article(LATE_TOWN, 2023, date(2024, 2, 4)))
    move.run(date(2024, 2, 5))
    assert move.states(2023)["石桥乡"][0] == "late"
    assert move.states(2022)["云溪镇"] == ("on_time", [])


def test_a_portal_left_unwatched_while_reports_came_in_accuses_nobody(move: Move) -> None:
    """What stood there between our last pass and its end nobody saw."""
    move.run(date(2023, 1, 20))
    move.run(date(2023, 12, 20))
    move.move()
    move.define("old", valid_to=date(2024, 1, 20), successor="new")
    move.define("new")
    move.run(date(2024, 2, 2))
    move.run(date(2024, 2, 3))
    assert move.states(2023) == {"云溪镇": ("unverified", []), "石桥乡": ("unverified", [])}


def test_answers_of_an_old_portal_after_its_end_remove_no_report(move: Move) -> None:
    """Its column goes on answering and its reports are gone: seen by a pass of before its end was told."""
    move.on_old.append(article(TOWN, 2021, date(2022, 1, 12)))
    move.run(date(2023, 1, 20))
    del move.on_old[0]
    move.run(date(2023, 3, 1))
    assert move.states(2022)["云溪镇"] == ("on_time", [])
    move.run(date(2023, 3, 2))
    assert move.states(2022)["云溪镇"] == ("on_time", ["removed"])
    move.define("old", valid_to=date(2023, 2, 20))
    move.run(date(2023, 3, 3), "assess")
    assert move.states(2022)["云溪镇"] == ("on_time", [])


def test_list_and_crawl_say_how_long_a_definition_holds(move: Move) -> None:
    move.run(date(2023, 1, 20))
    move.define("old", valid_to=date(2023, 2, 20), successor="atlantis")
    move.define("new", valid_from=date(2024, 1, 1), verified=date(2023, 1, 5))
    listed = move.run(date(2023, 3, 2), "portals", "list")
    assert listed.status == 0
    assert "2024-01-01 起启用" in listed.out
    assert "2023-01-05" in listed.out
    assert "未与网站核对" in listed.out
    asked = len(move.server.requests)
    said = move.run(date(2023, 3, 2), "crawl")
    assert said.status == 0
    assert "后继门户 atlantis 没有定义" in said.out
    said = move.run(date(2023, 3, 2), "crawl", "--portal", "old")
    assert said.status == 2
    assert len(move.server.requests) == asked
