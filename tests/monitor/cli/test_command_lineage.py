"""`nianbao organs lineage`: what was kept, which dates were filled in, what was refused and why."""

import json
from pathlib import Path

import pytest

from tests.monitor.cli.command import Said, nianbao

ORGANS = (
    "code,name,kind,county_code,county,prefecture,valid_from,valid_to\n"
    "990301101,云溪镇,township,990301,东岭县,清沅市,,\n"
    "990301102,石桥乡,township,990301,东岭县,清沅市,,\n"
    "990301103,云石镇,township,990301,东岭县,清沅市,,\n"
    "990301001,云溪街道,subdistrict,990301,东岭县,清沅市,,\n"
    "990301104,旧镇,township,990301,东岭县,清沅市,2019-01-01,2021-12-31\n"
)
HEADER = "predecessor,successor,day,how,source,note\n"
MERGER = (
    "990301101,990301103,2023-07-01,merged,省政府批复,\n"
    "990301102,990301103,2023-07-01,合并,省政府批复,两乡镇合并\n"
)


@pytest.fixture(autouse=True)
def record(folder: Path) -> None:
    """A fresh record with organs in the working folder."""
    assert nianbao("init").status == 0
    register(folder)


def register(folder: Path, text: str = ORGANS) -> Said:
    """The organs imported."""
    (folder / "organs.csv").write_text(text, encoding="utf-8")
    return nianbao("organs", "import", folder / "organs.csv")


def imported(folder: Path, lines: str, header: str = HEADER) -> Said:
    """The command over a file with these lines."""
    (folder / "lineage.csv").write_text(header + lines, encoding="utf-8")
    return nianbao("organs", "lineage", "import", folder / "lineage.csv")


def test_a_merger_ends_two_towns_and_begins_one(folder: Path) -> None:
    said = imported(folder, MERGER)
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "云溪镇（990301101）：名录中补记有效到 2023-06-30",
        "云石镇（990301103）：名录中补记自 2023-07-01 起有效",
        "石桥乡（990301102）：名录中补记有效到 2023-06-30",
        "沿革：新增 2，变更 0，未变 0，未登记 0",
    ]
    assert imported(folder, MERGER).out == "沿革：新增 0，变更 0，未变 2，未登记 0\n"
    corrected = imported(folder, MERGER.replace("两乡镇合并", "两乡镇合并设镇"))
    assert corrected.out == "沿革：新增 0，变更 1，未变 1，未登记 0\n"
    assert register(folder).out == "新增 0，变更 0，未变 5，未登记 0\n", "empty dates of the file take none away"


def test_what_is_listed(folder: Path) -> None:
    imported(folder, MERGER + "990301104,,2022-01-01,撤销,县政府通知,\n")
    (gone, first, second) = json.loads(nianbao("organs", "lineage", "list", "--format", "json").out)
    assert (gone["predecessor_name"], gone["successor"], gone["how"]) == ("旧镇", None, "abolished")
    assert (first["successor_name"], first["day"], first["how"]) == ("云石镇", "2023-07-01", "merged")
    assert second["note"] == "两乡镇合并"
    shown = nianbao("organs", "lineage", "list", "--county", "990301")
    assert all(word in shown.out for word in ("云溪镇（990301101）", "合并", "撤销", "省政府批复"))
    assert nianbao("organs", "lineage", "list", "--county", "990399").status == 2


@pytest.mark.parametrize(
    ("lines", "number", "words"),
    [
        ("990301199,990301103,2023-07-01,merged,x,\n", 2, "没有代码为 990301199 的单位"),
        ("990301101,990301198,2023-07-01,merged,x,\n", 2, "没有代码为 990301198 的单位"),
        ("990301101,990301101,2023-07-01,renamed,x,\n", 2, "不能承接它自己"),
        ("990301101,990301001,2023-13-01,renamed,x,\n", 2, "不是日期"),
        ("990301101,990301001,2023-07-01,moved,x,\n", 2, "moved"),
        ("990301101,990301001,2023-07-01,renamed,,\n", 2, "缺少 source"),
        ("990301101,,2023-07-01,merged,x,\n", 2, "缺少 successor"),
        ("990301101,990301103,2023-07-01,abolished,x,\n", 2, "撤销没有承接单位"),
        ("990301101,990301001,2023-07-01,renamed,x,,多\n", 2, "多出 1 列"),
        (MERGER + "990301101,990301103,2023-07-01,merged,x,\n", 4, "重复"),
        (MERGER + "990301101,990301001,2023-08-01,renamed,x,\n", 4, "只能结束一次"),
        (MERGER + "990301103,990301101,2024-07-01,renamed,x,\n", 4, "循环"),
        ("990301104,990301103,2023-07-01,merged,x,\n", 2, "有效到 2021-12-31"),
        ("990301104,990301103,2018-07-01,merged,x,\n", 2, "有效到 2021-12-31"),
        ("990301101,990301104,2022-01-01,absorbed,x,\n", 2, "并不一直有效"),
        ("990301101,990301104,2020-01-01,renamed,x,\n", 2, "早已存在的单位承接请写 absorbed"),
        (
            "990301101,990301001,2023-07-01,changed_kind,x,\n990301102,990301001,2023-07-01,renamed,x,\n",
            3,
            "另一单位更名或改设而来",
        ),
    ],
)
def test_lines_that_cannot_be(folder: Path, lines: str, number: int, words: str) -> None:
    said = imported(folder, lines)
    assert said.status == 1
    (complaint,) = said.err.splitlines()
    assert f"第 {number} 行" in complaint
    assert words in complaint
    assert said.out.splitlines()[-1].endswith("未登记 1")


def test_a_rejected_line_leaves_the_dates_alone(folder: Path) -> None:
    imported(folder, "990301101,990301104,2020-01-01,renamed,x,\n")
    assert register(folder).out == "新增 0，变更 0，未变 5，未登记 0\n"


@pytest.mark.parametrize("header", ["predecessor,day,how,source\n", HEADER.replace("note", "noten"), "a\n"])
def test_a_wrong_header_is_said_and_nothing_kept(folder: Path, header: str) -> None:
    said = imported(folder, MERGER, header)
    assert said.status == 1
    assert "没有登记任何沿革" in said.err
    assert nianbao("organs", "lineage", "list").out == "没有登记沿革\n"


def test_a_register_that_contradicts_the_lineage_is_rejected_by_line(folder: Path) -> None:
    imported(folder, MERGER)
    said = register(
        folder,
        ORGANS.replace(
            "云溪镇,township,990301,东岭县,清沅市,,", "云溪镇,township,990301,东岭县,清沅市,,2022-01-01"
        ),
    )
    assert said.status == 1
    assert "第 2 行" in said.err
    assert "2022-01-01" in said.err


def test_a_wrong_line_is_taken_away(folder: Path) -> None:
    imported(folder, MERGER)
    said = nianbao("organs", "lineage", "remove", "990301101", "990301103")
    assert said.status == 0
    assert "已删去" in said.out
    assert register(folder).out == "新增 0，变更 1，未变 4，未登记 0\n", "its last day goes with it"
    assert nianbao("organs", "lineage", "remove", "990301101").status == 2
    assert len(json.loads(nianbao("organs", "lineage", "list", "--format", "json").out)) == 1


def test_a_file_that_is_not_there(folder: Path) -> None:
    assert nianbao("organs", "lineage", "import", folder / "none.csv").status == 2
    assert nianbao("organs", "lineage", "import", folder).status == 2
