"""One report that a portal lists by many addresses: one report, one version, and nobody is told of a change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml

from crawler.clock import SHANGHAI
from crawler.sandbox.generator import SandboxOrgan, generate, report_title
from crawler.sandbox.loopback import LoopbackServer, Page
from crawler.sandbox.sandbox import organs_as_csv
from crawler.sandbox.sites import not_found
from tests.crawler.website import trs_list
from tests.monitor.cli.command import nianbao, working_in

PLACE = ("990401", "东岭县", "清沅市", "模拟省")
TOWNS = [
    SandboxOrgan("990401101", "云溪镇", "township", *PLACE, "云溪镇人民政府", "我镇"),
    SandboxOrgan("990401102", "石桥乡", "township", *PLACE, "石桥乡人民政府", "我乡"),
]
YEAR = 2023
PLAIN = "/nb/202401/t20240118_1.html"
TWINS = [PLAIN, PLAIN + ";jsessionid=5A.node1", PLAIN + "?from=timeline", "/xzfd/nb/202401/t20240118_1.html"]
"""The last one is the same article in another module of the site: only its content tells that it is the same."""


@dataclass
class TwinSite:
    """A column that lists the first town's report by several addresses, and the other's by one."""

    listed: list[str] = field(default_factory=lambda: list(TWINS))
    dead: set[str] = field(default_factory=set)
    corrected: bool = False
    id: str = "dongling"

    def answer(self, path: str, headers: Mapping[str, str]) -> Page:
        """The list, the reports, 404 for the rest."""
        if path == "/nb/":
            rows = [(one, report_title(TOWNS[0], YEAR), "2024-01-18") for one in self.listed]
            rows.append(("/nb/202401/t20240118_2.html", report_title(TOWNS[1], YEAR), "2024-01-18"))
            return Page(lambda: trs_list(rows).encode())
        if path in TWINS and path not in self.dead:
            return self._report(TOWNS[0], seed=2 if self.corrected else 1)
        return self._report(TOWNS[1]) if path.endswith("_2.html") else not_found()

    def _report(self, organ: SandboxOrgan, seed: int = 1) -> Page:
        body, title = generate(organ, YEAR, seed=seed).body, report_title(organ, YEAR)
        html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>发布日期：2024-01-18</p>{body}"
        return Page((html + "</body></html>").encode)


@dataclass
class Watched:
    """The site, and the working folder of who watches it."""

    folder: Path
    site: TwinSite
    server: LoopbackServer

    def run(self, day: date) -> list[str]:
        """The main job at nine o'clock of a day; gives what was asked of the site."""
        moment = datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI).isoformat()
        (self.folder / "nianbao.toml").write_text(
            "[crawl]\nrequest_interval = 0\nallow_private_addresses = true\n"
            f"[watch]\nyears = [{YEAR}]\n[clock]\nnow = {moment}\n",
            encoding="utf-8",
        )
        if not (self.folder / "var").exists():
            assert nianbao("init").status == 0
            assert nianbao("organs", "import", self.folder / "organs.csv").status == 0
        before = len(self.server.requests)
        said = nianbao("run")
        assert said.status == 0, said.err + said.out
        return [seen.path for seen in self.server.requests[before:] if seen.path != "/robots.txt"]

    def versions(self) -> list[str]:
        """The organs of all report versions."""
        with sqlite3.connect(self.folder / "var" / "nianbao.sqlite") as database:
            return [row[0] for row in database.execute("select organ_code from report_version order by 1")]

    def kinds(self) -> set[str]:
        """Kinds of the open alerts."""
        return {one["kind"] for one in nianbao("alerts", "list", "--state", "open", "--format", "json").json}

    def state(self) -> tuple[str, list[str]]:
        """How the first town stands."""
        (county,) = nianbao("completeness", "--year", str(YEAR), "--format", "json").json["counties"]
        (organ,) = [one for one in county["organs"] if one["code"] == TOWNS[0].code]
        return organ["state"], organ["flags"]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    site = TwinSite()
    with LoopbackServer() as server, working_in(tmp_path):
        host = f"127.0.0.1:{server.serve(site)}"
        column = {"id": "xz", "name": "乡镇年报", "address": f"http://{host}/nb/", "covers": ["township"]}
        definition = {
            "id": "dongling",
            "name": "东岭县人民政府",
            "county_code": "990401",
            "family": "trs",
            "hosts": [host],
            "columns": [column],
        }
        (tmp_path / "portals").mkdir()
        (tmp_path / "portals" / "dongling.yaml").write_text(yaml.safe_dump(definition), encoding="utf-8")
        (tmp_path / "organs.csv").write_text(organs_as_csv(TOWNS), encoding="utf-8")
        yield Watched(tmp_path, site, server)


def test_four_addresses_are_one_report_and_one_version(watched: Watched) -> None:
    asked = watched.run(date(2024, 1, 20))
    assert len([path for path in asked if path in TWINS[:3]]) == 1
    assert watched.versions() == [town.code for town in TOWNS]
    assert watched.kinds() == set()
    # Other rows first, then fewer rows, then one of the addresses dead, then only a twin listed.
    site = watched.site
    site.listed.reverse()
    watched.run(date(2024, 1, 21))
    site.listed = TWINS[1:3]
    watched.run(date(2024, 1, 22))
    site.dead = {PLAIN}
    watched.run(date(2024, 1, 23))
    site.listed = TWINS[2:]
    watched.run(date(2024, 1, 24))
    watched.run(date(2024, 2, 5))
    assert watched.versions() == [town.code for town in TOWNS]
    assert watched.kinds() == set()
    assert watched.state() == ("on_time", [])


def test_a_change_of_it_is_told_once(watched: Watched) -> None:
    watched.run(date(2024, 1, 20))
    watched.site.listed.reverse()
    watched.site.corrected = True
    watched.run(date(2024, 1, 21))
    assert watched.versions() == [TOWNS[0].code, TOWNS[0].code, TOWNS[1].code]
    assert watched.kinds() == {"changed"}
    assert watched.state() == ("on_time", ["changed"])


def test_its_removal_is_told(watched: Watched) -> None:
    watched.run(date(2024, 1, 20))
    watched.site.dead = set(TWINS)
    watched.site.listed = []
    watched.run(date(2024, 2, 2))
    watched.run(date(2024, 2, 3))
    assert "removed" in watched.kinds()
