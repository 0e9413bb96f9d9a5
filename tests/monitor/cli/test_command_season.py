"""The whole path through the command: two days after the deadline at portals on loopback, and what one gets."""

import csv
import io
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from rich.console import Console

from crawler.runner import crawl
from crawler.sandbox.sandbox import Sandbox
from tests.databases import store_section
from tests.monitor.cli.command import Said, nianbao, working_in

MAIL = """
[mail]
host = "127.0.0.1"
port = {port}
sender = "nianbao@example.org"
seconds = 5
[[notify.channels]]
name = "office"
kind = "mail"
to = ["office@example.org"]
"""

ALERT_KEYS = {
    *("id", "kind", "severity", "state", "audience", "organ_code", "organ", "county_code", "report_year", "rule"),
    *("summary", "opened_at", "acknowledged_at", "resolved_at", "muted_until"),
}


@dataclass
class Season:
    """A record that has lived through two days, and the sandbox it was made at."""

    folder: Path
    sandbox: Sandbox
    first: Said
    second: Said

    def today(self, day: str, more: str = "") -> None:
        """It is nine o'clock of that day, on the portals and here."""
        configure(self.folder, day, more)
        self.sandbox.today = date.fromisoformat(day)

    def nianbao(self, *arguments: str | Path) -> Said:
        """A command on this record."""
        return nianbao(*arguments, "--config", self.folder / "nianbao.toml")


def configure(folder: Path, day: str, more: str = "") -> None:
    """The configuration of a day."""
    (folder / "nianbao.toml").write_text(
        f"{store_section(folder)}"
        "[crawl]\nrequest_interval = 0\nallow_private_addresses = true\n[watch]\nyears = [2022, 2023]\n"
        f"[clock]\nnow = {day}T09:00:00\n{more}",
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def season(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    """The record after runs on 2 and 3 February; nobody listens where mails are to go."""
    folder = tmp_path_factory.mktemp("season")
    with socket.socket() as taken, Sandbox() as sandbox, working_in(folder):
        taken.bind(("127.0.0.1", 0))
        nobody = MAIL.format(port=taken.getsockname()[1])
        said = Said(0, b"", "")
        made = Season(folder, sandbox, said, said)
        sandbox.write_portals(folder / "portals")
        (folder / "organs.csv").write_text(sandbox.organs_csv(), encoding="utf-8")
        made.today("2024-02-02", nobody)
        assert made.nianbao("init").status == 0
        assert made.nianbao("organs", "import", folder / "organs.csv").status == 0
        made.first = made.nianbao("run")
        made.today("2024-02-03", nobody)
        made.second = made.nianbao("run")
        yield made


def test_run_tells_each_run_and_each_stage_and_that_something_failed(season: Season) -> None:
    assert season.first.status == 1
    assert "（chengxi）：collected" in season.first.out
    assert "（lanqiao）：blocked" in season.first.out
    for stage in ("解析：", "检查：", "提醒：", "送达："):
        assert stage in season.first.out
    assert "（chengxi）：unchanged" in season.second.out
    assert "新版本 0" in season.second.out


def test_a_mail_server_that_refuses_is_told_and_nothing_is_lost(season: Season) -> None:
    assert "127.0.0.1" in season.first.err
    assert "Traceback" not in season.first.err + season.second.err
    assert "已发 0" in season.first.out
    said = season.nianbao("notify")
    assert "已发 0，待送 " in said.out
    assert "待送 0" not in said.out
    assert "（下次 2024-02-03 09:0" in said.out
    assert "放弃 0" in said.out


def test_given_up_messages_stay_in_sight_and_can_be_sent_again(season: Season) -> None:
    once = (season.folder / "nianbao.toml").read_text(encoding="utf-8")
    (season.folder / "nianbao.toml").write_text(
        once.replace("T09:00:00", "T23:00:00") + "[notify]\nattempts = 1\n", encoding="utf-8"
    )
    try:
        assert season.nianbao("notify").status == 1
        said = season.nianbao("notify")
        assert (said.status, said.err) == (0, "")
        assert "已发 0，待送 0，放弃 0\n　　已放弃 2 条，nianbao notify --again 可重发" in said.out
        again = season.nianbao("notify", "--again")
        assert again.status == 1
        assert "放弃 2\n" in again.out
    finally:
        (season.folder / "nianbao.toml").write_text(once, encoding="utf-8")
    assert "待送 2（下次 2024-02-03 09:01）" in season.nianbao("notify", "--again").out


def test_missing_only_with_proof_and_unverified_where_we_saw_nothing(season: Season) -> None:
    said = season.nianbao("completeness", "--year", "2023", "--format", "json")
    assert (said.status, said.err) == (0, "")
    counties = {county["code"]: county for county in said.json["counties"]}
    states = {organ["name"]: organ["state"] for county in counties.values() for organ in county["organs"]}
    assert states["沙渚镇"] == "missing"
    assert states["桐荫镇"] == "unverified"
    assert states["栗坪镇"] == "on_time"
    assert states["澄溪县人民政府"] == "not_due"
    assert counties["990103"]["columns_crawled"] == 0
    assert counties["990101"]["columns_crawled"] == 1
    for county in counties.values():
        assert county["expected"] == sum(
            county[state] for state in ("on_time", "late", "missing", "unverified", "not_due")
        )


def test_as_of_the_first_day_nothing_is_missing_yet(season: Season) -> None:
    said = season.nianbao("completeness", "--as-of", "2024-02-02T20:00", "--format", "json")
    assert said.json["as_of"] == "2024-02-02T20:00:00+08:00"
    assert sum(county["missing"] for county in said.json["counties"]) == 0
    assert season.nianbao("completeness", "--as-of", "gestern").status == 2


@pytest.mark.parametrize("year", ["3000", "1999", "-1"])
def test_a_year_that_cannot_be_is_one_line_with_the_range(season: Season, year: str) -> None:
    said = season.nianbao("completeness", "--year", year)
    assert said.status == 2
    assert "2008 至 2099" in said.problem


@pytest.mark.parametrize(
    "when",
    [
        "0001-01-01",
        "1949-10-01",
        "9999-12-31",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "99999-01-01",
    ],
)
def test_a_time_that_cannot_be_is_one_line(season: Season, when: str) -> None:
    for arguments in (("completeness", "--as-of"), ("completeness", "--since"), ("assess", "--as-of")):
        said = season.nianbao(*arguments, when)
        assert said.status == 2
        assert when in said.problem


def test_numbers_beyond_all_numbers_name_nothing(season: Season) -> None:
    large = "9" * 30
    for arguments in (
        ("alerts", "show", large),
        ("alerts", "ack", large, "--note", "x"),
        ("diff", "990101101", large),
        ("diff", "990101101", "2023", "--against", large),
        ("captures", "list", "--organ", "990101101", "--year", large),
        ("captures", "list", "--portal", "chengxi", "--most", large),
        ("match", "list", "--county", large),
        ("due", "list", "--year", large),
        ("findings", "list", "--year", large),
        ("similar", "list", "--year", large),
    ):
        said = season.nianbao(*arguments)
        assert "意外" not in said.err, arguments
        assert said.status in (1, 2) or arguments[1] == "list", arguments
    assert season.nianbao("alerts", "mute", large, "--note", "x", "--until", "9999-12-31").status == 2


def test_one_county_in_every_format(season: Season, folder: Path) -> None:
    only = ("completeness", "--year", "2023", "--county", "990101")
    assert [county["code"] for county in season.nianbao(*only, "--format", "json").json["counties"]] == ["990101"]
    table = season.nianbao(*only)
    assert "沙渚镇" in table.out
    assert "荻浦县" not in table.out
    rows = list(
        csv.DictReader(io.StringIO(season.nianbao(*only, "--format", "csv").out_bytes.decode("utf-8-sig")))
    )
    assert {row["县区代码"] for row in rows} == {"990101"}
    for name, ending in (("report.html", "html"), ("report.xlsx", "xlsx"), ("report.csv", "csv")):
        said = season.nianbao(*only, "--format", ending, "--output", folder / name)
        assert (said.status, said.out) == (0, "")
    assert "沙渚镇" in (folder / "report.html").read_text(encoding="utf-8")
    problems = openpyxl.load_workbook(folder / "report.xlsx")["问题清单"]
    lines = list(problems.iter_rows(min_row=2, values_only=True))
    assert [line for line in lines if line[:2] == ("澄溪县", "白藤镇") and "T3-01" in str(line[10])]
    mask = os.umask(0)
    os.umask(mask)
    assert (folder / "report.html").stat().st_mode & 0o777 == 0o666 & ~mask


def test_output_to_a_folder_or_nowhere_is_one_line(season: Season, folder: Path) -> None:
    for target in (folder, folder / "nowhere" / "report.html"):
        said = season.nianbao("completeness", "--format", "html", "--output", target)
        assert said.status == 1
        assert str(target) in said.problem


def assert_table_has_everything(table: str, alerts: list[dict[str, Any]]) -> None:
    """Each alert's whole summary stands in the last column, whatever its lines; its county before the organ."""
    rows: list[list[str]] = []
    for line in table.splitlines():
        cells = line.strip("│").split("│")
        if line.startswith("│") and cells[0].strip():
            rows.append([cell.strip() for cell in cells])
        elif line.startswith("│"):
            rows[-1] = [before + cell.strip() for before, cell in zip(rows[-1], cells, strict=True)]
    found = {row[0]: row for row in rows}
    for alert in alerts:
        row = found[str(alert["id"])]
        assert row[-1].replace(" ", "") == alert["summary"].replace(" ", "")
        assert row[4] in ("澄溪县", "荻浦县", "岚桥县")
        assert row[5] == (alert["organ"] or "—")


def test_a_narrow_terminal_loses_nothing(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = season.nianbao("alerts", "list", "--format", "json").json
    for columns in (60, 119, 120):
        monkeypatch.setattr("monitor.cli.frame.Situation.out", Console(highlight=False, width=columns))
        said = season.nianbao("alerts", "list").out
        if columns == 120:
            assert_table_has_everything(said, listed)
            continue
        lines = said.splitlines()
        assert [line.strip() for line in lines[1::2]] == [alert["summary"] for alert in listed]
        assert [line.split("　")[0] for line in lines[::2]] == [str(alert["id"]) for alert in listed]


def test_alerts_are_listed_filtered_and_handled(season: Season) -> None:
    listed = season.nianbao("alerts", "list", "--format", "json").json
    assert set(listed[0]) >= ALERT_KEYS
    assert_table_has_everything(season.nianbao("alerts", "list").out, listed)
    blocked = season.nianbao("alerts", "list", "--kind", "portal_blocked", "--format", "json").json
    assert [alert["county_code"] for alert in blocked] == ["990103"]
    missing = next(alert for alert in listed if alert["kind"] == "missing")
    number = str(missing["id"])
    assert missing["summary"] in season.nianbao("alerts", "show", number).out
    assert "已接手" in season.nianbao("alerts", "ack", number, "--note", "已去电").out
    shown = season.nianbao("alerts", "show", number, "--format", "json").json
    assert shown["state"] == "acknowledged"
    assert shown["history"][-1]["note"] == "已去电"
    assert season.nianbao("alerts", "mute", number, "--note", "等回复", "--until", "2024-01-01").status == 2
    for step in ("ack", "mute", "resolve"):
        empty = season.nianbao("alerts", step, number, "--note", " ")
        assert empty.status == 2
        assert "--note" in empty.problem
    assert "没有期限" in season.nianbao("alerts", "mute", number, "--note", "等回复").out
    until = season.nianbao("alerts", "mute", number, "--note", "等回复", "--until", "2024-02-20")
    assert until.status == 0
    assert "没有期限" not in until.out
    muted = season.nianbao("alerts", "list", "--state", "muted", "--format", "json").json
    assert [(alert["id"], alert["muted_until"]) for alert in muted] == [
        (missing["id"], "2024-02-20T23:59:59+08:00")
    ]
    assert season.nianbao("alerts", "resolve", number, "--note", "已补").status == 0
    assert (
        season.nianbao("alerts", "list", "--state", "resolved", "--format", "json").json[0]["id"] == missing["id"]
    )


def test_an_alert_that_does_not_exist_is_one_line(season: Season) -> None:
    for arguments in (("show", "9999"), ("ack", "9999", "--note", "x")):
        said = season.nianbao("alerts", *arguments)
        assert said.status == 2
        assert "9999" in said.problem


def test_what_is_wrong_is_said_in_the_language_of_the_settings(season: Season, folder: Path) -> None:
    settings = (season.folder / "nianbao.toml").read_text(encoding="utf-8")
    (season.folder / "english.toml").write_text(settings + '[people]\nlanguage = "en"\n', encoding="utf-8")
    listed = season.nianbao("alerts", "list", "--state", "resolved", "--format", "json").json
    for number in ("9999", *(str(alert["id"]) for alert in listed[:1])):
        said = nianbao("alerts", "ack", number, "--note", "x", "--config", season.folder / "english.toml")
        assert said.status in (1, 2)
        assert said.problem.isascii()


def test_diff_of_two_years_cell_by_cell(season: Season) -> None:
    said = season.nianbao("diff", "990101101", "2023", "--format", "json")
    assert (said.status, said.err) == (0, "")
    data = said.json
    assert (data["organ"], data["year"], data["against"], data["compared"]) == ("栗坪镇", 2023, 2022, "whole")
    truth = {year: season.sandbox.truth("990101101", year) for year in (2022, 2023)}
    now, then = truth[2023], truth[2022]
    assert now is not None
    assert then is not None
    assert {cell["key"]: (cell["before"]["value"], cell["after"]["value"]) for cell in data["cells"]} == {
        key: (then.cells[key], now.cells[key]) for key in now.cells
    }
    assert data["summary"].startswith("栗坪镇2023年度报告与2022年度报告相比：新收政府信息公开申请")
    answers = {identity["rule"]: identity["answer"] for identity in data["identities"]}
    assert answers["Y-01"] == "pass"
    assert "Y-03" not in answers
    assert [section["section"] for section in data["text"]] == [1, 2, 3, 4, 5, 6]
    shown = season.nianbao("diff", "990101101", "2023").out
    assert data["summary"] in "".join(shown.split("\n"))
    assert "【增：" in shown


def test_diff_says_which_report_is_not_there(season: Season) -> None:
    said = season.nianbao("diff", "990101102", "2023")
    assert said.status == 1
    assert "沙渚镇" in said.problem
    assert "2023" in said.problem
    assert season.nianbao("diff", "000000000", "2023").status == 2


def test_alerts_do_not_go_back_in_time(season: Season) -> None:
    before = season.nianbao("alerts", "list", "--format", "json").json
    said = season.nianbao("assess", "--as-of", "2024-02-01T09:00")
    assert said.status == 2
    assert "completeness --as-of" in said.problem
    assert season.nianbao("alerts", "list", "--format", "json").json == before


def test_stages_alone_change_nothing_the_second_time(season: Season) -> None:
    assert "新版本 0" in season.nianbao("ingest").out
    again = season.nianbao("ingest", "--reparse")
    assert again.status == 0
    assert "新版本 0" in again.out
    assessed = season.nianbao("assess")
    assert assessed.status == 0
    assert "新开 0" in assessed.out
    crawled = season.nianbao("crawl", "--county", "990101")
    assert crawled.status == 0
    assert "unchanged" in crawled.out
    assert "dipu" not in crawled.out
    assert season.nianbao("crawl", "--portal", "lanqiao").status == 1


def test_a_broken_definition_stops_nobody_else_and_makes_nobody_missing(season: Season) -> None:
    broken = season.folder / "portals" / "xin.yaml"
    broken.write_text("id: xin\nname: 澄溪县\ncounty_code: 990101\nfamily: [trs\n", encoding="utf-8")
    try:
        crawled = season.nianbao("crawl", "--portal", "dipu")
        assert crawled.status == 1
        assert "（dipu）：unchanged" in crawled.out
        assert "xin.yaml" in crawled.problem
        assert season.nianbao("ingest").status == 1
        said = season.nianbao("completeness", "--year", "2023", "--format", "json")
        assert "xin.yaml" not in season.nianbao("notify").err
    finally:
        broken.unlink()
    assert said.status == 1
    assert "xin.yaml" in said.problem
    organs = {organ["name"]: organ for county in said.json["counties"] for organ in county["organs"]}
    assert organs["沙渚镇"]["state"] == "unverified"
    assert "xin.yaml" in organs["沙渚镇"]["reason"]
    counties = {county["code"]: county["missing"] for county in said.json["counties"]}
    assert counties["990101"] == 0
    assert counties["990102"] > 0


def test_a_crawl_broken_off_keeps_what_it_has_and_the_next_run_goes_on(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(*arguments: object, **named: object) -> object:
        crawl(*arguments, **named)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr("monitor.pipeline.crawl", broken_off)
    said = season.nianbao("crawl", "--portal", "dipu", "--full")
    assert said.status == 130
    assert "再次运行即可继续" in said.problem
    monkeypatch.setattr("monitor.pipeline.crawl", crawl)
    assert season.nianbao("crawl", "--portal", "dipu").status == 0
