"""`nianbao alerts evidence`: each kind of alert as a bundle that others can check, with its proof and its
picture."""

import hashlib
import io
import json
import re
import shutil
import subprocess
import zipfile
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from warcio.cli import main as warcio

from crawler.records import Outcome
from monitor.assess import assess
from monitor.evidence import screenshot
from monitor.evidence.screenshot import Mark
from tests.browser import CHROMIUM
from tests.monitor.cli.command import nianbao
from tests.monitor.record.making import OTHER_TOWN, TOWN, Shown, World, at, organ, page, shown

TITLE = "云溪镇人民政府2023年政府信息公开工作年度报告"
EMPTY, LISTED = (
    f"<html><body><h1>政府信息公开年报</h1><ul><li>{words}</li></ul></body></html>".encode()
    for words in ("石桥乡2023年", "云溪镇2023年</li><li>石桥乡2023年")
)
HOSTILE = "<script>document.title='ran'</script><img src=x onerror=alert(1)>"
OTHER = shown(OTHER_TOWN, 2023, date(2024, 1, 10))


@dataclass(frozen=True)
class Bundle:
    """A bundle taken apart."""

    folder: Path
    files: dict[str, bytes]

    @property
    def sheet(self) -> str:
        return self.files["sheet.html"].decode()

    @property
    def captures(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.files["captures.json"])
        return found


def misprinted(data: bytes) -> bytes:
    """The page with a number in the row of totals that no sum gives."""
    text = data.decode()
    row = re.search(r"<tr[^>]*>(?:(?!</tr>).)*（七）总计.*?</tr>", text, re.DOTALL)
    assert row is not None
    cells = re.findall(r"(<td[^>]*>(?:<[^/td][^>]*>)*)(\d+)", row[0])
    changed = row[0].replace("".join(cells[-1]), f"{cells[-1][0]}77")
    assert changed != row[0]
    return text.replace(row[0], changed).encode()


def bundle(world: World, kind: str, now: Any, folder: Path, *options: str, of: str | None = TOWN.code) -> Bundle:
    """The bundle of the one alert of a kind, after an assessment; its own digests are checked by the usual
    tool."""
    world.ingest()
    assess(world.database, [world.portal], world.settings, now, workers=1)
    world.configure(now)
    config = ("--config", world.folder / "nianbao.toml")
    found = nianbao("alerts", "list", "--kind", kind, "--format", "json", *config).json
    (alert,) = [one for one in found if one["organ_code"] == of]
    file = folder / "bundle.zip"
    said = nianbao("alerts", "evidence", str(alert["id"]), "--output", file, *options, *config)
    assert said.status == 0, said.err
    with zipfile.ZipFile(file) as made:
        assert made.testzip() is None
        names = made.namelist()
        assert all(re.fullmatch(r"(?:captures/)?[A-Za-z0-9._-]+", name) and ".." not in name for name in names)
        made.extractall(folder / "open")
        files = {name: made.read(name) for name in names}
    checked = subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS.txt"],
        cwd=folder / "open",
        capture_output=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert len(files["SHA256SUMS.txt"].splitlines()) == len(files) - 1
    with redirect_stdout(io.StringIO()), pytest.raises(SystemExit) as end:
        warcio(["check", str(folder / "open" / "captures.warc.gz")])
    assert not end.value.code
    for one in json.loads(files["captures.json"]):
        if one["file"]:
            assert hashlib.sha256(files[one["file"]]).hexdigest() == one["sha256"]
    return Bundle(folder / "open", files)


def test_a_missing_report_is_proven_by_the_lists_of_two_whole_passes(tmp_path: Path) -> None:
    world = World(tmp_path)
    for day in (1, 2):
        world.crawl(at(2, day), OTHER, lists={"nb": EMPTY})
    made = bundle(world, "missing", at(2, 5), tmp_path, "--no-picture")
    lists = [one for one in made.captures if one["role"] == "list"]
    assert [(one["fetched_at"][:10], one["lists_the_report"], one["column_read_whole"]) for one in lists] == [
        ("2024-02-01", False, True),
        ("2024-02-02", False, True),
    ]
    assert not [one for one in made.captures if one["role"] != "list"]
    for words in (
        "云溪镇",
        "990301101",
        "2023",
        "未公布",
        "2024-01-31",
        "完整查看 2 次",
        "没有见到这份报告",
        "sha256sum",
    ):
        assert words in made.sheet
    assert [name for name in made.files if name.startswith("captures/")] == [lists[0]["file"]]


def test_a_wrong_number_is_marked_where_it_stands(tmp_path: Path) -> None:
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed on this machine")
    world = World(tmp_path)
    data = misprinted(page(TOWN, 2023, date(2024, 1, 20), around=HOSTILE))
    world.crawl(at(1, 22), OTHER, shown(TOWN, 2023, data=data), lists={"nb": LISTED})
    made = bundle(world, "inconsistent", at(1, 25), tmp_path)
    assert made.files["screenshot.png"].startswith(b"\x89PNG")
    assert re.search(r"已标出 \d+ 格", made.sheet)
    assert "没有对上" not in made.sheet
    assert ">77</td>" in made.sheet
    assert re.search(r"T3-\d\d", made.sheet)
    assert "规则依据" in made.sheet
    assert "2024年1月20日" in made.sheet
    assert "何时出现不能断定" in made.sheet
    (parse,) = [json.loads(data) for name, data in made.files.items() if name.startswith("parse-")]
    assert parse["cells"]["section_three.total_results.total"]["value"] == 77
    # The page's own markup never becomes the sheet's.
    assert "<script" not in made.sheet
    assert "onerror" not in made.sheet
    (document,) = [one for one in made.captures if one["address"].endswith("101_2023.html")]
    assert made.files[document["file"]] == data
    assert document["file"].endswith(".html.txt")
    listed = [one["lists_the_report"] for one in made.captures if one["role"] == "list"]
    assert listed == [True]


def test_a_late_report_with_its_interval(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.crawl(at(2, 1), OTHER, lists={"nb": EMPTY})
    town = shown(TOWN, 2023, date(2024, 2, 3), path="/nb/202402/t20240204_5.html")
    world.crawl(at(2, 5), OTHER, town, lists={"nb": LISTED})
    made = bundle(world, "late", at(2, 6), tmp_path, "--no-picture")
    lists = [(one["fetched_at"][:10], one["lists_the_report"]) for one in made.captures if one["role"] == "list"]
    assert lists == [("2024-02-01", False), ("2024-02-05", True)]
    for words in ("2024年2月3日", "2024-02-04", "96 小时"):
        assert words in made.sheet
    # Logs of visits from other machines may lie there: what nobody here knows is not said.
    for log in world.archive.log_files():
        log.unlink()
    made = bundle(world, "late", at(2, 6), tmp_path, "--no-picture")
    assert [one["lists_the_report"] for one in made.captures if one["role"] == "list"] == [None, None]
    assert "不知道（采集记录不在这里）" in made.sheet
    assert "没有取到" not in made.sheet


def test_a_back_dated_report_with_the_passes_that_were_without_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    for day in (1, 10):
        world.crawl(at(2, day), OTHER, lists={"nb": EMPTY})
    world.crawl(at(2, 20), OTHER, shown(TOWN, 2023, date(2024, 1, 25)), lists={"nb": LISTED})
    made = bundle(world, "backdated", at(2, 21), tmp_path, "--no-picture")
    assert "D-05" in made.sheet
    assert [one["lists_the_report"] for one in made.captures if one["role"] == "list"] == [False, False, True]


def test_a_changed_report_with_both_versions(tmp_path: Path) -> None:
    world = World(tmp_path)
    for day, seed in ((20, 1), (28, 3)):
        data = page(TOWN, 2023, date(2024, 1, 19), seed=seed)
        world.crawl(at(1, day), OTHER, shown(TOWN, 2023, data=data), lists={"nb": LISTED})
    made = bundle(world, "changed", at(1, 30), tmp_path, "--no-picture")
    assert sum(name.startswith("parse-") for name in made.files) == 2
    documents = {
        one["sha256"] for one in made.captures if one["role"] == "document" and "101_2023" in one["address"]
    }
    assert len(documents) == 2
    assert "D-07" in made.sheet


def test_a_removed_report_with_what_it_was_and_what_the_site_answers_now(tmp_path: Path) -> None:
    world = World(tmp_path)
    town = shown(TOWN, 2023, date(2024, 1, 19))
    world.crawl(at(1, 20), OTHER, town, lists={"nb": LISTED})
    gone = shown(TOWN, 2023, data=None, listed=False)
    world.crawl(at(2, 20), OTHER, gone, lists={"nb": EMPTY})
    world.crawl(at(2, 21), OTHER, lists={"nb": EMPTY})
    made = bundle(world, "removed", at(2, 22), tmp_path, "--no-picture")
    answers = [(one["status"], one["file"] is not None) for one in made.captures if "101_2023" in one["address"]]
    assert answers == [(200, True), (404, False)]
    assert "D-06" in made.sheet
    assert [one["lists_the_report"] for one in made.captures if one["role"] == "list"] == [True, False, False]


def test_a_file_that_cannot_be_read_goes_along_as_it_is(tmp_path: Path) -> None:
    world = World(tmp_path)
    broken = b"PK\x03\x04 broken"
    path = "/nb/1.docx"
    world.crawl(at(1, 20), OTHER, Shown(path, broken, TITLE), lists={"nb": LISTED})
    made = bundle(world, "parse_failed", at(1, 21), tmp_path, of=None)
    (one,) = made.captures
    assert made.files[one["file"]] == broken
    assert "没有可截图的网页" in made.sheet
    assert one["sha256"] in made.sheet


def test_a_portal_that_refuses_is_shown_by_its_latest_answers(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.crawl(at(1, 20), OTHER, lists={"nb": LISTED})
    world.crawl(at(1, 21), outcome=Outcome.BLOCKED)
    made = bundle(world, "portal_blocked", at(1, 22), tmp_path, of=None)
    assert [one["role"] for one in made.captures] == ["list", "document"]
    assert "门户拒绝采集" in made.sheet


def test_a_report_of_nobody_yet(tmp_path: Path) -> None:
    world = World(tmp_path)
    new = organ("990301103", "枫林镇", "枫林镇人民政府")
    data = misprinted(page(new, 2023, date(2024, 1, 20)))
    world.crawl(at(1, 22), OTHER, shown(new, 2023, data=data), lists={"nb": LISTED})
    world.ingest()
    assess(world.database, [world.portal], world.settings, at(1, 23), workers=1)
    world.configure(at(1, 23))
    config = ("--config", tmp_path / "nianbao.toml")
    found = nianbao("alerts", "list", "--kind", "inconsistent", "--format", "json", *config).json
    number = next(one["id"] for one in found if one["organ_code"] is None)
    file = tmp_path / "b.zip"
    said = nianbao("alerts", "evidence", str(number), "--no-picture", "--output", file, *config)
    assert said.status == 0, said.err
    with zipfile.ZipFile(file) as made:
        captures = json.loads(made.read("captures.json"))
        assert "枫林镇" in made.read("sheet.html").decode()
    assert {one["role"] for one in captures} == {"list", "document"}


def test_without_a_browser_the_bundle_says_that_it_has_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screenshot, "BROWSERS", ("no-such-browser",))
    world = World(tmp_path)
    world.crawl(at(2, 5), OTHER, shown(TOWN, 2023, date(2024, 2, 3)), lists={"nb": LISTED})
    made = bundle(world, "late", at(2, 6), tmp_path)
    assert "screenshot.png" not in made.files
    assert "没有截图：本机没有浏览器" in made.sheet


def test_what_portals_write_is_text_and_nothing_else(tmp_path: Path) -> None:
    world = World(tmp_path)
    evil = Shown("/nb/<b>&.html", page(TOWN, 2023, date(2024, 2, 3)), f"{TITLE}{HOSTILE}")
    world.crawl(at(2, 5), OTHER, evil, lists={"nb": LISTED})
    made = bundle(world, "late", at(2, 6), tmp_path, "--no-picture")
    assert "&lt;b&gt;" in made.sheet
    assert "<b>" not in made.sheet
    assert "<script" not in made.sheet


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed on this machine")
def test_a_page_whose_parts_bear_the_names_of_the_documents_own_is_drawn_all_the_same() -> None:
    names = "".join(
        f"<form name={name}><input name=scrollHeight><input name=style></form>"
        for name in ("body", "documentElement", "querySelector")
    )
    shot = screenshot.take(f"<html><body>{names}<p>总计</p></body></html>", [Mark("k", "p", "总计")])
    assert shot.reason is None
    assert shot.png is not None


def test_no_such_alert(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.configure(at(2, 5))
    said = nianbao(
        "alerts", "evidence", "99", "--output", tmp_path / "x.zip", "--config", tmp_path / "nianbao.toml"
    )
    assert said.status == 2
    assert "99" in said.problem
    assert not (tmp_path / "x.zip").exists()
