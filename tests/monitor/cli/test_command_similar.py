"""`nianbao similar list` and `show`: groups, and two reports side by side in terminal, JSON and HTML."""

from __future__ import annotations

import json
import random
from datetime import date, datetime
from pathlib import Path

import pytest

from crawler.clock import SHANGHAI
from monitor.assess import assess
from monitor.cli import main
from monitor.settings import Settings
from tests.monitor.similarity.making import Record, town
from tests.monitor.similarity.prose import narrative

TEXT = "梅坪镇每月请村民代表核对公开栏，全年改正17处。\n" + narrative(random.Random(9), "梅坪镇")
FIRST, COPY, OTHER = f"{town(1, 0)}/2023", f"{town(2, 1)}/2023", f"{town(1, 5)}/2023"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record in which a town of another county has the text of a first one."""
    place = tmp_path_factory.mktemp("similar")
    record = Record(place)
    chance = random.Random(1)
    for county in (1, 2):
        for number in range(8):
            record.put(town(county, number), narrative(chance), published=date(2024, 1, 15))
    record.put(town(1, 0), TEXT, published=date(2024, 1, 9))
    copied = TEXT.replace("梅坪镇", "柳坪镇").replace("17处", "23处") + "另设<b>意见箱</b>三处，逐条答复。"
    record.put(town(2, 1), copied, published=date(2024, 1, 22))
    assess(record.database, record.portals, Settings(), datetime(2024, 2, 20, tzinfo=SHANGHAI), workers=1)
    (place / "nianbao.toml").write_text(
        '[store]\ndatabase = "sqlite:///nianbao.sqlite"\n[clock]\nnow = 2024-02-20T09:00:00\n', encoding="utf-8"
    )
    return place


def run(folder: Path, *arguments: str) -> int:
    """One command over the record."""
    return main(["similar", *arguments, "--config", str(folder / "nianbao.toml")])


def test_groups_are_listed_with_dates_and_how_to_look(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "list") == 0
    out = capsys.readouterr().out
    assert "第 1 组：2 份报告" in out
    assert "第1县梅坪镇2023年度报告（2024年1月9日公布，页面上写明的发布日期）" in out
    assert out.count("所标日期最早") == 1
    assert f"nianbao similar show {FIRST} {COPY}" in out


@pytest.mark.parametrize(
    ("arguments", "number"),
    [((), 1), (("--county", "990402"), 1), (("--year", "2023"), 1), (("--year", "2022"), 0)],
)
def test_groups_as_json(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], number: int
) -> None:
    assert run(folder, "list", "--format", "json", *arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found) == number
    for group in found:
        assert group["published_first"] == FIRST
        assert group["pairs"][0]["reports"] == [FIRST, COPY]
        assert group["pairs"][0]["similarity"] >= 0.95


def test_two_reports_stand_side_by_side(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "show", FIRST, COPY) == 0
    out = capsys.readouterr().out
    assert "＝" in out
    assert "改正17处" in out
    assert "改正23处" in out
    assert "意见箱" in out
    assert "相似度" in out


def test_any_two_reports_may_be_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "show", FIRST, OTHER, "--format", "json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["similarity"] < 0.8
    assert {row["mark"] for row in shown["rows"]} >= {"alike"}


def test_the_page_marks_what_is_the_same_and_runs_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "页面.html"
    assert run(folder, "show", FIRST, COPY, "--output", str(file)) == 0
    page = file.read_text(encoding="utf-8")
    assert '<tr class="same"><td class="text">梅坪镇每月请村民代表核对公开栏，全年改正17处。</td>' in page
    assert "＝" in page
    assert "&lt;b&gt;意见箱" in page
    assert "<script" not in page
    assert "src=" not in page
    assert str(file) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "x", COPY), "应写成 单位代码/年度"),
        (("show", f"{town(1, 0)}/１２", COPY), "应写成 单位代码/年度"),
        (("show", f"{town(1, 0)}/2019", COPY), "没有"),
        (("show", FIRST, FIRST), "同一份报告"),
        (("list", "--county", "110101"), "没有县区代码"),
    ],
)
def test_what_is_wrong_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert run(folder, *arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
