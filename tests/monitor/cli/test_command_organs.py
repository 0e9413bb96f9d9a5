"""`nianbao organs import`: what was registered, what was not and why."""

from pathlib import Path

import pytest

from tests.monitor.cli.command import Said, nianbao

HEADER = "code,name,kind,county_code,county,prefecture,province,valid_from,valid_to,aliases,listed_by_county\n"
TOWN = "410526111,焦虎镇,township,410526,滑县,安阳市,河南省,,,,\n"
OTHER = "410526112,四间房镇,township,410526,滑县,安阳市,河南省,,,四间房乡,true\n"


@pytest.fixture(autouse=True)
def record(folder: Path) -> None:
    """A fresh record in the working folder."""
    assert nianbao("init").status == 0


def imported(folder: Path, content: str | bytes) -> Said:
    """The command over a file with this content."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    (folder / "organs.csv").write_bytes(data)
    return nianbao("organs", "import", folder / "organs.csv")


def test_added_then_unchanged_then_changed(folder: Path) -> None:
    said = imported(folder, HEADER + TOWN + OTHER)
    assert (said.status, said.err, said.out) == (0, "", "新增 2，变更 0，未变 0，未登记 0\n")
    assert imported(folder, HEADER + TOWN + OTHER).out == "新增 0，变更 0，未变 2，未登记 0\n"
    said = imported(folder, HEADER + TOWN.replace("焦虎镇", "焦虎新镇") + OTHER)
    assert said.out == "新增 0，变更 1，未变 1，未登记 0\n"


def test_a_doubled_code_rejects_its_lines_by_number_and_keeps_the_rest(folder: Path) -> None:
    said = imported(folder, HEADER + TOWN + OTHER + TOWN)
    assert said.status == 1
    assert said.out == "新增 1，变更 0，未变 0，未登记 2\n"
    lines = said.err.splitlines()
    assert len(lines) == 2
    assert all("410526111" in line for line in lines)
    assert ["第 2 行" in lines[0], "第 4 行" in lines[1]] == [True, True]


def test_a_division_code_of_another_county_is_rejected_and_other_codes_are_not(folder: Path) -> None:
    astray = "410527111,外县镇,township,410526,滑县,安阳市,河南省,,,,\n"
    village = "410527111001,外县村,township,410526,滑县,安阳市,河南省,,,,\n"
    office = "11410527005678901X,财政局,department,410526,滑县,安阳市,河南省,,,,\n"
    said = imported(folder, HEADER + TOWN + astray + village + office)
    assert (said.status, said.out) == (1, "新增 2，变更 0，未变 0，未登记 2\n")
    assert ["410527111 不在县区 410526 之内" in said.err.splitlines()[0], "第 4 行" in said.err] == [True, True]


@pytest.mark.parametrize(
    "content",
    [
        "编码,名称\n1,2\n",
        "",
        b"\x00\x01\x02",
        HEADER.replace("kind", "sort") + TOWN,
    ],
    ids=["wrong header", "empty", "binary", "renamed column"],
)
def test_a_file_that_cannot_be_used_is_one_line_and_registers_nothing(folder: Path, content: str | bytes) -> None:
    said = imported(folder, content)
    assert said.status == 1
    assert "organs.csv" in said.problem
    assert said.out == ""
    assert imported(folder, HEADER + TOWN).out.startswith("新增 1")


def test_a_file_that_is_not_there_and_a_folder_are_wrong_usage(folder: Path) -> None:
    for path in (folder / "none.csv", folder):
        said = nianbao("organs", "import", path)
        assert said.status == 2
        assert str(path) in said.problem


def test_an_unknown_county_is_one_line_with_those_that_are_known(folder: Path) -> None:
    imported(folder, HEADER + TOWN)
    for arguments in (("completeness",), ("alerts", "list")):
        said = nianbao(*arguments, "--county", "999999")
        assert said.status == 2
        assert "999999" in said.problem
        assert "410526" in said.problem


def test_an_unknown_organ_is_one_line(folder: Path) -> None:
    said = nianbao("diff", "410526999", "2023")
    assert said.status == 2
    assert "410526999" in said.problem
