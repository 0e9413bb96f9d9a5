"""`nianbao parse`: real reports, look-alikes, and everything that is no readable file."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from crawler.sandbox import season
from crawler.sandbox.generator import generate
from monitor.cli.files import FileTask, read_file
from monitor.workers import Limits
from tests.monitor.cli.command import Said, nianbao
from tests.shared import SHARED, needs_shared


@pytest.fixture
def report(folder: Path) -> Path:
    """A clean report of the sandbox as a page."""
    made = generate(season.ORGANS[1], 2023)
    path = folder / "report.html"
    page = f"<html><head><meta charset=utf-8><title>{made.title}</title></head><body>{made.body}</body></html>"
    path.write_text(page, encoding="utf-8")
    return path


def test_a_saved_page_whose_pictures_lie_beside_it_may_take_what_a_scan_takes(folder: Path) -> None:
    (folder / "report.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"not much of a picture")
    page = folder / "page.html"
    title = "云溪镇2023年政府信息公开工作年度报告"
    page.write_text(f"<html><h1>{title}</h1><p><img src='report.png'></p></html>", encoding="utf-8")
    allowed: list[bool] = []
    read_file((0, FileTask(page, False, "zh")), allowed.append)
    assert allowed == [False, True]


def json_lines(said: Said) -> list[dict[str, Any]]:
    """Standard output as JSON Lines."""
    return [json.loads(line) for line in said.out.splitlines()]


@needs_shared
@pytest.mark.shared
def test_a_seed_comes_in_the_shape_of_the_contract() -> None:
    file = next((SHARED / "seeds").glob("004_*.txt"))
    said = nianbao("parse", file, "--format", "json")
    assert (said.status, said.err) == (0, "")
    (entry,) = json_lines(said)
    expected = json.loads((SHARED / "seeds" / "expected" / "seed_004.json").read_text(encoding="utf-8"))
    assert entry["file"] == str(file)
    assert entry["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (entry["kind"], entry["form"], entry["media_type"]) == ("report", "2019", "text/plain")
    assert list(entry)[-2:] == ["findings", "warnings"]
    fired = {finding["rule"] for finding in entry["findings"] if finding["severity"] == "error"}
    assert "T3-01" in fired
    assert entry["organ"] == expected["organ_as_printed"]
    for finding in entry["findings"]:
        assert {"rule", "severity", "cells", "message", "values"} <= set(finding)


@needs_shared
@pytest.mark.shared
def test_the_readable_summary_says_whose_report_it_is_and_what_is_wrong() -> None:
    said = nianbao("parse", next((SHARED / "seeds").glob("004_*.txt")))
    assert (said.status, said.err) == (0, "")
    assert "【错误】" in said.out
    assert "T3-01" in said.out
    assert "可能原因" in said.out


def test_a_clean_report_has_nothing_wrong_and_every_cell(report: Path) -> None:
    said = nianbao("parse", report, "--format", "json")
    assert (said.status, said.err) == (0, "")
    (entry,) = json_lines(said)
    assert (entry["kind"], entry["media_type"], entry["report_year"]) == ("report", "text/html", 2023)
    assert len(entry["cells"]) == 200
    assert all({"value", "raw", "state", "at"} <= set(cell) for cell in entry["cells"].values())
    assert not [finding for finding in entry["findings"] if finding["severity"] != "notice"]
    assert nianbao("parse", report).out.splitlines()[0] == str(report)


def test_what_cannot_be_read_is_told_and_the_others_still_come(folder: Path, report: Path) -> None:
    (folder / "empty.txt").write_bytes(b"")
    (folder / "noise.bin").write_bytes(bytes(range(256)) * 40)
    (folder / "a folder").mkdir()
    files = [folder / "missing.html", folder / "empty.txt", folder / "a folder", folder / "noise.bin"]
    said = nianbao("parse", *files, report, "--format", "json")
    assert said.status == 1
    entries = json_lines(said)
    assert [entry["kind"] for entry in entries] == ["unreadable"] * 4 + ["report"]
    for file, entry in zip(files, entries, strict=False):
        assert set(entry) == {"file", "kind", "error"}
        assert entry["file"] == str(file)
        assert "\n" not in entry["error"]
    assert len(said.err.splitlines()) == 4
    assert "Traceback" not in said.err


def test_a_file_that_is_no_report_is_other_and_no_failure(folder: Path) -> None:
    (folder / "notice.txt").write_text(
        "关于召开全县防汛工作会议的通知\n各乡镇人民政府：\n会议定于周五召开。\n", encoding="utf-8"
    )
    said = nianbao("parse", folder / "notice.txt", "--format", "json")
    assert (said.status, said.err) == (0, "")
    (entry,) = json_lines(said)
    assert (entry["kind"], entry["findings"], entry["cells"]) == ("other", [], {})
    assert "不是年度报告" in nianbao("parse", folder / "notice.txt").out


def test_a_file_that_may_not_be_read_is_named(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    said = nianbao("parse", report)
    assert said.status == 1
    assert "没有读取权限" in said.problem


def test_a_file_larger_than_any_report_is_refused(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.cli.files.LARGEST", 1000)
    said = nianbao("parse", report)
    assert said.status == 1
    assert "MB" in said.problem


def test_neither_database_nor_configuration_is_touched(folder: Path, report: Path) -> None:
    (folder / "nianbao.toml").write_text("[broken", encoding="utf-8")
    assert nianbao("parse", report).status == 0
    assert sorted(path.name for path in folder.iterdir()) == ["nianbao.toml", "report.html"]


def test_a_folder_is_read_whole_in_order_and_counted(folder: Path, report: Path) -> None:
    inside = folder / "in"
    (inside / "deep").mkdir(parents=True)
    (inside / ".hidden").write_text("x", encoding="utf-8")
    for name in ("b.html", "deep/c.html", "a.html"):
        (inside / name).write_bytes(report.read_bytes())
    (inside / "d.bin").write_bytes(bytes(range(256)) * 40)
    said = nianbao("parse", inside, "--format", "json")
    assert said.status == 1
    assert [Path(entry["file"]).name for entry in json_lines(said)] == ["a.html", "b.html", "d.bin", "c.html"]
    assert "共 4 个文件：年度报告 3，其他文件 0，读不了 1" in said.err.splitlines()[-1]


def test_a_file_that_takes_too_long_is_given_up(
    report: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.cli.files.LIMITS", Limits(seconds=0.02))
    slow = folder / "slow.html"
    slow.write_bytes(
        report.read_bytes().replace(b"<body>", b"<body>" + b"<table><tr><td>1</td></tr></table>" * 20_000)
    )
    said = nianbao("parse", slow)
    assert said.status == 1
    assert "0.02 秒" in said.problem


def test_nothing_in_a_folder_is_passed_over_in_silence(
    folder: Path, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = folder / "in"
    (inside / "closed").mkdir(parents=True)
    (inside / "again").symlink_to(inside)
    (inside / "lost.html").symlink_to(inside / "gone.html")
    (inside / "round.html").symlink_to(inside / "round.html")
    (inside / "linked.html").symlink_to(report)
    os.mkfifo(inside / "pipe.html")
    scan = os.scandir

    def refuse(path: Any) -> Any:
        # Whoever runs the tests may be allowed everything.
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(os, "listdir", refuse)
    said = nianbao("parse", inside)
    assert said.status == 1
    assert said.err.splitlines() == [
        f"{inside / 'closed'}：没有读取权限；请检查权限",
        f"{inside / 'lost.html'}：找不到这个文件：它是一个失效的链接；请检查链接",
        f"{inside / 'pipe.html'}：不是普通文件，无法读取；请先另存为文件",
        f"{inside / 'round.html'}：链接指向它自己；请检查链接",
        "共 5 个文件：年度报告 1，其他文件 0，读不了 4",
    ]


def test_a_name_that_leads_nowhere_keeps_no_other_from_being_read(folder: Path, report: Path) -> None:
    (folder / "lost.html").symlink_to(folder / "gone.html")
    said = nianbao("parse", folder / "lost.html", folder / ("长" * 200), report / "inside", report)
    assert said.status == 1
    assert [line.rpartition("：")[2] for line in said.err.splitlines()] == [
        "它是一个失效的链接；请检查链接",
        "文件名太长；请检查路径",
        "找不到这个文件；请检查路径",
    ]
    assert str(report) in said.out


def test_breaking_off_says_that_nothing_is_kept(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_off(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("monitor.cli.files._entries", broken_off)
    said = nianbao("parse", report)
    assert said.status == 130
    assert said.problem == "已中断；未读完的文件没有结果"


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"", "文件为空，没有可读的内容；请重新下载"),
        (b"PK\x03\x04" + bytes(40), "压缩格式的文件已损坏或不完整；请重新下载"),
        (bytes(range(256)) * 40, "请确认文件完整，是网页、Word、WPS、PDF、OFD、Excel、图片或文本"),
    ],
)
def test_what_cannot_be_read_comes_with_a_remedy(folder: Path, content: bytes, remedy: str) -> None:
    (folder / "broken").write_bytes(content)
    assert nianbao("parse", folder / "broken").problem.endswith(remedy)
